import Foundation
import Testing

@Suite("backup and restore on the command line")
struct BackupCommandTests {
  private static let passphrase = "correct horse battery\n"

  private func withFile<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = "/tmp/yibang-backup.\(UUID().uuidString)"
    defer {
      for name in [path, "\(path).part"] { try? FileManager.default.removeItem(atPath: name) }
    }
    return try await body(path)
  }

  private func command(
    _ home: String, _ arguments: String..., input: String = passphrase
  ) async throws -> CommandRun {
    try await Command.run(["--home", home, "--lang", "en"] + arguments, input: input)
  }

  @Test("taken while gifts are booked, proved, and restored elsewhere with keys and seals")
  func whole() async throws {
    try await TestHome.use { home in
      _ = try await home("demo")
      _ = try await home("seal", "make", "--today", "2026-11-20")
      try await withFile { file in
        async let gifts = (1...5).concurrentlyMap { number in
          try await home(
            "donation", "record", "\(number)", "--donor", "试甲", "--school", "2199000001",
            "--date", "2026-11-20", "--semester", "2026-2027-1")
        }
        let made = try await command(home.path, "backup", file, "--format", "json")
        #expect(made.status == 0, "\(made.errors)")
        let report = try made.json()
        #expect(report["disagreeing"].number == 0)
        #expect((report["districts"].number ?? 0) > 0)
        for gift in try await gifts { #expect(gift.status == 0, "\(gift.errors)") }
        // Of its owner alone, and nothing of anybody can be read in it.
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.range(of: Data("PGDMP".utf8)) == nil)

        try await TestHome.use { other in
          let restored = try await command(other.path, "restore", file)
          #expect(restored.status == 0, "\(restored.errors)")
          #expect(try await other("doctor").status == 0)
          #expect(try await other("audit", "verify").status == 0)
          let (before, after) = (
            try await home("student", "list", "--format", "csv").output,
            try await other("student", "list", "--format", "csv").output
          )
          #expect(before == after && before.count > 100)
          // What was sealed opens with the key that came along, and work goes on.
          #expect(try await other("district", "add", "990099", "另一区").status == 0)
          let again = try await command(other.path, "restore", file)
          #expect(again.status != 0)
        }
      }
    }
  }

  @Test("altered, cut short, or with another passphrase, it is refused and nothing is restored")
  func damaged() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      try await withFile { file in
        #expect(try await command(home.path, "backup", file, "--unproved").status == 0)
        let exists = try await command(home.path, "backup", file)
        #expect(exists.status != 0 && exists.errors.contains("exists"))
        let short = try await command(home.path, "backup", "\(file).2", input: "kurz\n")
        #expect(short.status == 64)
        let good = try Data(contentsOf: URL(filePath: file))
        var altered = good
        altered[good.count / 2] ^= 1
        let damages: [(Data, String, String)] = [
          (good, "another one entirely\n", "passphrase"),
          (altered, Self.passphrase, "altered"),
          (good.dropLast(40), Self.passphrase, "not whole"),
          (good + Data([0]), Self.passphrase, "not whole"),
          (Data("PGDMP\n".utf8), Self.passphrase, "no backup"),
        ]
        for (bytes, passphrase, word) in damages {
          try bytes.write(to: URL(filePath: file))
          let run = try await command(home.path, "restore", "--check", file, input: passphrase)
          #expect(run.status != 0 && run.errors.contains(word), "\(word): \(run.errors)")
          try await TestHome.use { other in
            let run = try await command(other.path, "restore", file, input: passphrase)
            #expect(run.status != 0)
            #expect(try await other("district", "list", "--format", "json").json().count == 0)
          }
        }
      }
    }
  }
}

extension ClosedRange<Int> {
  fileprivate func concurrentlyMap<T: Sendable>(
    _ body: @escaping @Sendable (Int) async throws -> T
  ) async throws -> [T] {
    try await withThrowingTaskGroup(of: T.self) { group in
      for number in self { group.addTask { try await body(number) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}
