import Foundation
import Testing

@Suite("imports through the command")
struct ImportCommandTests {
  @Test("a refusal writes nothing and exits 65, --skip-refused writes the rest, once")
  func refusals() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let file = try home.sheet("roster.csv", Sheets.rosterWithError)
      let refused = try await home.importRoster(file, "--format", "json")
      #expect(refused.status == 65)
      let report = try refused.json()
      #expect(report["refused"].count == 1)
      let row = report["refused"][0]
      #expect(
        row.keys.isSuperset(of: ["sheet", "row", "column", "value", "problem", "advice"]))
      #expect(row["row"].number == 6)
      #expect(row["column"].text == "身份证号")
      #expect(row["value"].text == "990000201503010018")
      #expect(try await count(home) == 0)

      let dry = try await home.importRoster(file, "--dry-run", "--skip-refused")
      #expect(dry.output.contains("没有写入任何内容"))
      #expect(try await count(home) == 0)

      let skipped = try await home.importRoster(file, "--skip-refused", "--format", "json")
      #expect(skipped.status == 0)
      #expect(try skipped.json()["accepted"].number == 3)
      #expect(try await count(home) == 3)

      let again = try await home.importRoster(
        home.sheet("good.csv", Sheets.roster), "--lang", "en")
      #expect(again.status == 0)
      #expect(again.output.contains("This file changes nothing: all 3 rows are recorded already."))
      let json = try await home.importRoster("\(home.path)/good.csv", "--format", "json")
      #expect(try json.json()["unchanged"].number == 3)
      #expect(try json.json()["accepted"].number == 0)
    }
  }

  private func count(_ home: TestHome) async throws -> Int? {
    try await home("student", "list", "--format", "json").json().count
  }

  @Test("the story names sheet, row, column, problem and what to do, in the chosen language")
  func story() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let file = try home.sheet("roster.csv", Sheets.rosterWithError)
      let zh = try await home.importRoster(file, "--dry-run")
      #expect(zh.status == 65)
      for word in ["接收 3 行", "拒绝 1 行", "怎么办", "校验位不符", "试读"] {
        #expect(zh.output.contains(word), "\(word)")
      }
      let en = try await home.importRoster(file, "--lang", "en")
      for word in ["3 accepted", "1 refused", "what to do", "Nothing was written"] {
        #expect(en.output.contains(word), "\(word)")
      }
      let csv = try await home.importRoster(file, "--format", "csv", "--lang", "en")
      let lines = csv.output.split(separator: "\r\n")
      #expect(lines.count == 2)
      #expect(lines[0] == "sheet,row,column,value,problem,what to do")
    }
  }

  @Test("a terminal sees a progress bar on the standard error; a file and --quiet do not")
  func progress() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let file = try home.sheet("roster.csv", Sheets.roster)
      let plain = try await home.importRoster(file, "--dry-run")
      #expect(!plain.errors.contains("%"))
      let words =
        "\(Command.path) --home \(home.path) student import \(file) --school \(TestHome.school) "
        + "--semester \(TestHome.semester) --dry-run"
      for (options, isShown) in [("", true), (" --quiet", false)] {
        let log = "\(home.path)/terminal.log"
        let terminal = Process()
        terminal.executableURL = URL(filePath: "/usr/bin/script")
        terminal.arguments = ["-qec", words + options, log]
        terminal.environment = Command.environment()
        terminal.standardInput = FileHandle.nullDevice
        terminal.standardOutput = FileHandle.nullDevice
        #expect(try await Command.end(of: terminal) { try terminal.run() } == 0)
        let seen = try String(contentsOfFile: log, encoding: .utf8)
        #expect(seen.contains("读取 ") == isShown, "\(seen)")
      }
    }
  }

  @Test("files that are no table say so and exit 65; a missing one exits 66")
  func unreadable() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let empty = try await home.importRoster(home.sheet("empty.csv", ""))
      #expect(empty.status == 65)
      let binary = "\(home.path)/old.xls"
      let oldWorkbook: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
      try Data(oldWorkbook + [UInt8](repeating: 0, count: 600)).write(to: URL(filePath: binary))
      let old = try await home.importRoster(binary)
      #expect(old.status == 65)
      let missing = try await home.importRoster("\(home.path)/none.xlsx")
      #expect(missing.status == 66)
      for run in [empty, old, missing] {
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("错误："))
        #expect(run.errors.split(separator: "\n").count == 1)
      }
      let other = try await home.importRoster(home.sheet("other.csv", "甲,乙\n1,2\n"))
      #expect(other.status == 65)
      #expect(other.errors.contains("没有找到表头"))
    }
  }
}
