import Foundation
import Spreadsheet
import Testing

@Suite("what the command prints")
struct OutputCommandTests {
  @Test("tables align by display width: a Han character takes two places")
  func alignment() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
      let run = try await home("student", "list")
      let lines = run.output.split(separator: "\n").map(String.init)
      try #require(lines.count == 5)
      // The last column begins where its title does, whatever stands before it.
      let starts = lines.filter { !$0.hasPrefix("─") }.map { line in
        displayWidth(
          String(
            line[..<(line.range(of: "  ", options: .backwards)?.upperBound ?? line.startIndex)]))
      }
      #expect(Set(starts).count == 1, "\(run.output)")
      #expect(run.output.contains("样丙丁"))
    }
  }

  @Test("money is grouped and right-aligned in tables, plain in CSV, in fen in JSON")
  func money() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let recorded = try await home(
        "donation", "record", "1,234.5", "--donor", "师甲", "--kind", "教师", "--school",
        TestHome.school, "--date", "2026-09-10", "--format", "json")
      #expect(try recorded.json()["amount_fen"].number == 123_450)
      let table = try await home("fund", "show", "--lang", "en")
      #expect(table.output.contains("  ¥1,234.50  "))
      #expect(table.output.contains("teacher ¥1,234.50"))
      let csv = try await home("fund", "show", "--format", "csv")
      #expect(csv.output.contains(",1234.50,"))
      #expect(!csv.output.hasPrefix("\u{FEFF}"))
      let json = try await home("donation", "list", "--format", "json")
      #expect(try json.json()[0]["amount"]["fen"].number == 123_450)
    }
  }

  @Test("the same key records one donation, and says so the second time")
  func idempotency() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      var ids: Set<String?> = []
      for replayed in [false, true] {
        let run = try await home(
          "donation", "record", "500", "--donor", "捐甲", "--school", TestHome.school, "--date",
          "2026-09-10", "--idempotency-key", "k1", "--format", "json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.json()["replayed"] == .flag(replayed))
        ids.insert(try run.json()["id"].text)
      }
      #expect(ids.count == 1)
      let other = try await home(
        "donation", "record", "600", "--donor", "捐甲", "--school", TestHome.school, "--date",
        "2026-09-10", "--idempotency-key", "k1")
      #expect(other.status == 65)
      let id = try #require(ids.first ?? nil)
      let reversed = try await home(
        "donation", "reverse", id, "--reason", "重复登记", "--date", "2026-09-12")
      #expect(reversed.status == 0, "\(reversed.errors)")
      let list = try await home("donation", "list", "--format", "json")
      #expect(try list.json().count == 1)
      #expect(try list.json()[0]["reversed"] == .flag(true))
    }
  }

  @Test("--quiet leaves the errors and the data, and nothing else")
  func quiet() async throws {
    try await TestHome.use { home in
      let made = try await home("--quiet", "district", "add", "990000", "测试区")
      #expect(made.status == 0)
      #expect(made.output.isEmpty && made.errors.isEmpty)
      let list = try await home("district", "list", "--quiet")
      #expect(list.output.contains("测试区"))
      #expect(list.errors.isEmpty)
      let wrong = try await home("school", "add", "1", "甲", "--quiet")
      #expect(wrong.errors.hasPrefix("错误："))
    }
  }

  @Test("a reader that has seen enough ends the command quietly")
  func readerGone() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      let process = Command.process(["--home", home.path, "district", "list"])
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try output.fileHandleForReading.close()
      let status = try await Command.end(of: process) { try process.run() }
      #expect(status == 74)
      #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
      let state = try await home("db", "status", "--format", "json").json()["state"].text
      #expect(state == "stopped")
    }
  }

  @Test("a report goes to the screen, or to a file by its ending")
  func reports() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
      _ = try await home.importDonations(home.sheet("donations.csv", Sheets.donations))
      for kind in ["hardship", "donations", "fund", "pairings", "activities"] {
        let shown = try await home("report", kind, "--school", TestHome.school)
        #expect(shown.status == 0, "\(kind): \(shown.errors)")
        #expect(shown.output.hasPrefix("第一小学"))
        let json = try await home("report", kind, "--format", "json")
        #expect(try json.json()["report"].text == kind)
        let path = "\(home.path)/\(kind).xlsx"
        #expect(try await home("report", kind, "-o", path).status == 0)
        #expect(try TableFile.open(path: path).sheets.count == 1)
      }
      let masked = try await home("report", "hardship", "--school", TestHome.school)
      #expect(!masked.output.contains("样甲"))
      let revealed = try await home(
        "report", "hardship", "--school", TestHome.school, "--reveal", "家访核对")
      #expect(revealed.output.contains("样甲"))
      let trail = try await home("audit", "list", "--format", "json", "--limit", "1")
      #expect(try trail.json()[0]["action"].text == "identity.reveal")
      let wrong = try await home("report", "fund", "-o", "\(home.path)/fund.pdf")
      #expect(wrong.status == 64)
    }
  }

  @Test("completion scripts are made for each shell", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) async throws {
    let run = try await Command.run(["--generate-completion-script", shell])
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    for word in ["student", "skip-refused", "idempotency-key"] {
      #expect(run.output.contains(word), "\(word)")
    }
    guard shell == "bash" else { return }
    let script = "/tmp/yibang-command.\(UUID()).bash"
    try Data(run.output.utf8).write(to: URL(filePath: script))
    defer { try? FileManager.default.removeItem(atPath: script) }
    let bash = Process()
    bash.executableURL = URL(filePath: "/bin/bash")
    bash.arguments = ["-n", script]
    #expect(try await Command.end(of: bash) { try bash.run() } == 0)
  }

  @Test("help stands in both languages for every subcommand and goes to the standard output")
  func help() async throws {
    let root = try await Command.run(["--help"])
    #expect(root.status == 0)
    let families = [
      "demo", "serve", "db", "district", "school", "semester", "student", "donor", "donation",
      "fund", "offer", "match", "pairing", "commitment", "instalment", "activity", "report",
      "user", "audit",
    ]
    for family in families {
      #expect(root.output.contains("\n  \(family) "), "\(family)")
      let help = try await Command.run([family, "--help"])
      #expect(help.status == 0 && help.errors.isEmpty)
      #expect(help.output.split(separator: "\n")[0].contains(" · "), "\(family)")
    }
    let version = try await Command.run(["--version"])
    #expect(version.output.split(separator: ".").count == 3)
  }
}
