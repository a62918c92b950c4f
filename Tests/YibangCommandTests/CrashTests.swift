import Foundation
import Glibc
import Testing

@Suite("A crash in the middle")
struct CrashTests {
  @Test(
    "killed with SIGKILL while donations stream in: each answered one is there once, none twice")
  func killedWhileRecording() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let lines = (1...240).map { number in
        """
        {"key":"k\(number)","amount":"\(number).01","donor":"试教师\(number % 7)","kind":"teacher",\
        "date":"2026-09-10"}
        """
      }
      var answered: [String: String] = [:]
      for killAfter in [1, 23, 40, 61, 80] {
        let answers = try await stream(lines, to: home, killAfter: killAfter)
        for (key, id) in answers {
          #expect(answered[key] == nil || answered[key] == id, "\(key) was answered differently")
          answered[key] = id
        }
      }
      #expect(answered.count >= 80)
      let rest = try await stream(lines, to: home, killAfter: nil)
      #expect(rest.count == 240)
      for (key, id) in answered { #expect(rest[key] == id) }
      let listed = try await home(
        "donation", "list", "--school", TestHome.school, "--format", "json"
      ).json()
      #expect(listed.count == 240)
      let fund = try await home(
        "fund", "show", "--school", TestHome.school, "--semester", TestHome.semester, "--format",
        "json"
      ).json()
      let expected = (1...240).reduce(0) { $0 + $1 * 100 + 1 }
      let closing = (0..<(fund.count ?? 0)).compactMap { fund[$0]["closing"]["fen"].number }
      #expect(closing.reduce(0, +) == expected)
    }
  }

  /// Feeds the lines to `donation stream`, and kills it once so many are answered.
  /// - Returns: the answered ids by key.
  private func stream(
    _ lines: [String], to home: TestHome, killAfter: Int?
  ) async throws -> [String: String] {
    let process = Command.process([
      "--home", home.path, "donation", "stream", "--school", TestHome.school,
    ])
    let input = "\(home.path)/stream.jsonl"
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: input))
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let text = try await reading(output, of: process, killAfter: killAfter)
    var ids: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let answer = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)),
        let key = answer["key"].text, let id = answer["id"].text
      else { continue }
      #expect(ids[key] == nil, "\(key) was answered twice")
      ids[key] = id
    }
    return ids
  }

  private func reading(
    _ output: Pipe, of process: Process, killAfter: Int?
  ) async throws -> String {
    try process.run()
    let pid = process.processIdentifier
    let text = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var bytes = Data()
        while true {
          let chunk = output.fileHandleForReading.availableData
          if chunk.isEmpty { break }
          bytes.append(chunk)
          let answers = bytes.count { $0 == UInt8(ascii: "\n") }
          if let killAfter, answers >= killAfter { kill(pid, SIGKILL) }
        }
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
    process.waitUntilExit()
    return text
  }
}
