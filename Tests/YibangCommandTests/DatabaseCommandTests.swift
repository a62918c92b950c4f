import Foundation
import Testing

@Suite("db: the database by command")
struct DatabaseCommandTests {
  @Test("the database is absent, made by start, kept until stop, and stopped by the last command")
  func life() async throws {
    try await TestHome.use { home in
      #expect(try await state(home) == "absent")
      #expect(try await home("db", "start").status == 0)
      #expect(try await state(home) == "running")
      #expect(try await home("district", "add", "990000", "测试区").status == 0)
      #expect(try await state(home) == "running")
      let status = try await home("db", "status", "--format", "json").json()
      #expect(status["pid"].number != nil)
      #expect(status["version"].text != nil)
      #expect(status["migrations"][0]["applied"] == .flag(true))
      let table = try await home("db", "status", "--lang", "en")
      #expect(table.output.contains("migrations pending"))
      #expect(try await home("db", "stop").status == 0)
      #expect(try await state(home) == "stopped")
      #expect(try await home("district", "list").output.contains("测试区"))
      #expect(try await state(home) == "stopped")
      let again = try await home("db", "migrate", "--format", "json")
      #expect(try again.json()["applied"].number == 0)
    }
  }

  private func state(_ home: TestHome) async throws -> String? {
    try await home("db", "status", "--format", "json").json()["state"].text
  }

  @Test("commands at once share the database, and the last one out stops it")
  func atOnce() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      try await withThrowingTaskGroup { group in
        for _ in 1...4 {
          group.addTask { try await home("district", "list", "--format", "json") }
        }
        for try await run in group {
          #expect(run.status == 0, "\(run.errors)")
          #expect(try run.json().count == 1)
        }
      }
      #expect(try await state(home) == "stopped")
    }
  }

  @Test("psql gets its arguments, and its exit status is passed on")
  func psql() async throws {
    try await TestHome.use { home in
      let answer = try await home("db", "psql", "-XAtc", "select current_user")
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(answer.output == "yibang_owner\n")
      let failed = try await home("db", "psql", "-Xc", "select 1/0")
      #expect(failed.status == 1)
    }
  }

  @Test("a fresh private directory, as mktemp makes one, can be a home")
  func freshDirectory() async throws {
    try await TestHome.use { home in
      try FileManager.default.createDirectory(
        atPath: home.path, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
      let run = try await home("district", "add", "990000", "测试区")
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test("the key and the data are private")
  func privacy() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      let key = try FileManager.default.attributesOfItem(atPath: "\(home.path)/key")
      #expect(key[.posixPermissions] as? Int == 0o600)
      let folder = try FileManager.default.attributesOfItem(atPath: home.path)
      let mode = try #require(folder[.posixPermissions] as? Int)
      #expect(mode & 0o066 == 0)
    }
  }
}
