import Foundation
import Testing

@testable import Yibang

/// That what is published holds nothing else is for the compiler to say, so it is asked.
@Suite("What may be published")
struct PublishableTests {
  /// - Returns: the compiler's errors over the published types and this line.
  private static func errors(_ line: String) throws -> [String] {
    let folder = HouseTests.root.appending(path: "Sources/Yibang")
    let snippet = FileManager.default.temporaryDirectory.appending(
      path: "publishable-\(UUID().uuidString).swift")
    try line.write(to: snippet, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: snippet) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["swiftc", "-typecheck", "-swift-version", "6", "-package-name", "yibang"]
      + [
        "Notices/Publishable.swift", "Values/Name.swift", "Values/NormalizedText.swift",
      ].map { folder.appending(path: $0).path(percentEncoded: false) }
      + [snippet.path(percentEncoded: false)]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { $0.contains(/:\d+:\d+: error:/) }
  }

  @Test("a notice's line of what it holds compiles")
  func control() throws {
    let line = "typealias Line = Published<MaskedName, SchoolName, GradeName, ClassName, TierName>"
    #expect(try Self.errors(line) == [])
  }

  @Test(
    "a line with anything else does not",
    arguments: ["Category", "String", "String?", "[MaskedName]"])
  func sensitive(field: String) throws {
    let line =
      "struct Category: Sendable {}\n"
      + "typealias Line = Published<MaskedName, SchoolName, GradeName, ClassName, TierName, \(field)>"
    let errors = try Self.errors(line)
    #expect(errors.count == 1)
    #expect(errors.first?.contains("'Publishable'") == true)
  }

  @Test("nothing outside its file is made publishable")
  func conformances() throws {
    let folder = HouseTests.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    for case let file as URL in files?.allObjects ?? []
    where file.pathExtension == "swift" && file.lastPathComponent != "Publishable.swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains(/[:,]\s*Publishable\b/), "\(file.lastPathComponent)")
    }
  }
}
