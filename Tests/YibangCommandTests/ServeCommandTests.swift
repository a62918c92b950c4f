import Foundation
import FoundationNetworking
import Glibc
import Testing

@Suite("serve")
struct ServeCommandTests {
  @Test("answers while it runs, drains on SIGTERM and gives the database back")
  func life() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      let process = Command.process(["--home", home.path, "serve", "--port", "0"])
      let pipe = Pipe()
      process.standardError = pipe
      process.standardOutput = FileHandle.nullDevice
      let status = try await Command.end(of: process) {
        try process.run()
        Thread.detachNewThread {
          let port = Self.port(pipe.fileHandleForReading)
          Task {
            await Self.check(port)
            // Also ends a server that did not answer.
            process.terminate()
          }
          while !pipe.fileHandleForReading.availableData.isEmpty {}
        }
      }
      #expect(status == 0)
      let state = try await home("db", "status", "--format", "json").json()["state"].text
      #expect(state == "stopped")
    }
  }

  /// The port that the server says it listens on; nil if it ended before.
  private static func port(_ errors: FileHandle) -> Int? {
    var text = ""
    while true {
      let data = errors.availableData
      if data.isEmpty { return nil }
      text += String(decoding: data, as: UTF8.self)
      if let match = text.firstMatch(of: #/http://127\.0\.0\.1:(\d+)\s/#) { return Int(match.1) }
    }
  }

  private static func check(_ port: Int?) async {
    guard let port else {
      Issue.record("the server did not listen")
      return
    }
    for (path, word) in [("healthz", "ok"), ("readyz", "ready")] {
      guard let url = URL(string: "http://127.0.0.1:\(port)/\(path)") else { continue }
      do {
        let (body, response) = try await URLSession.shared.data(from: url)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
        #expect(String(decoding: body, as: UTF8.self) == "{\"status\":\"\(word)\"}\n")
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test("a port that is taken is a clear error")
  func portTaken() async throws {
    try await TestHome.use { home in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0
            && getsockname(descriptor, $0, &size) == 0
        }
      }
      try #require(isBound)
      let port = UInt16(bigEndian: address.sin_port)
      let run = try await home("serve", "--port", "\(port)", "--quiet")
      #expect(run.status == 69)
      #expect(run.errors.contains("端口可能已被占用"))
    }
  }
}
