import Foundation
import HardshipRecognition
import Testing

@Suite("rules, targeting and calendar commands")
struct RulesCommandTests {
  private func rules(_ change: (String, String)) -> String {
    String(decoding: RuleSet.yunnan.json, as: UTF8.self).replacing(change.0, with: change.1)
  }

  @Test("rule sets are listed, checked, imported, chosen, and compared")
  func ruleSets() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let imported = try await home.importRoster(
        try home.sheet(
          "roster.csv",
          "序号,年级,班级,姓名,性别,困难类别,等级\n1,三年级,1班,样小一,男,孤儿,特别困难\n2,三年级,1班,样小二,女,低保,困难\n"))
      #expect(imported.status == 0, "\(imported.errors)")

      let bad = try home.sheet("bad.json", rules((#""version":1"#, #""version":"x""#)))
      let checked = try await home("rules", "check", bad)
      #expect(checked.status == 65)
      #expect(checked.errors.contains("$.version：应为整数"))
      let unsound = try home.sheet(
        "unsound.json", rules((#""department":"veterans""#, #""department":"nobody""#)))
      #expect(try await home("rules", "check", unsound).status == 65)
      #expect(try await home("rules", "import", unsound).status == 65)

      // Version 2 has the minimum allowance in the hardest tier.
      let turned = rules((#""version":1"#, #""version":2"#)).replacing(
        #""code":"minimum-living","defaultTier":"difficult""#,
        with: #""code":"minimum-living","defaultTier":"special""#)
      let second = try home.sheet("second.json", turned)
      let added = try await home("rules", "import", second, "--format", "json")
      #expect(added.status == 0, "\(added.errors)")
      let used = try await home("rules", "use", "yunnan", "--semester", TestHome.semester)
      #expect(used.output.contains("yunnan 第 2 版"))
      let listed = try await home("rules", "list", "--format", "json").json()
      #expect(listed.count == RuleSet.shipped.count + 1)
      let shown = try await home("--lang", "en", "rules", "show", "national-2024")
      #expect(shown.output.contains("civil-affairs"))
      #expect(try await home("rules", "show", "none").status != 0)

      let compared = try await home(
        "rules", "compare", "yunnan", "--semester", TestHome.semester, "--format", "csv")
      #expect(compared.status == 0, "\(compared.errors)")
      #expect(compared.output.split(whereSeparator: \.isNewline).count == 2)
      #expect(compared.errors.contains("提高 1 人，降低 0 人"))
    }
  }

  @Test("small counts stay hidden, and whom no aid reached is listed")
  func targeting() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let imported = try await home.importRoster(
        try home.sheet("roster.csv", "序号,年级,班级,姓名,性别,困难类别,等级\n1,三年级,1班,样小一,男,孤儿,特别困难\n"))
      #expect(imported.status == 0, "\(imported.errors)")
      let counts = try await home("--today", "2026-11-20", "targeting", "counts")
      #expect(counts.status == 0, "\(counts.errors)")
      #expect(counts.output.contains("…"))
      let without = try await home(
        "--today", "2026-11-20", "targeting", "without-aid", "--format", "json")
      #expect(try without.json().count == 1)
      #expect(try await home("targeting", "counts", "--semesters", "0").status == 64)
    }
  }

  @Test("a year that is not published is asked for, and counted once it is imported")
  func calendar() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let unknown = try await home("calendar", "deadline", "2026-12-29", "5")
      #expect(unknown.status != 0)
      #expect(unknown.errors.contains("2027年的放假调休安排"))
      let days = (1...7).map { "2027-01-0\($0),holiday,假日" }.joined(separator: "\n")
      let file = try home.sheet("2027.csv", "date,kind,name\n\(days)\n")
      let imported = try await home("calendar", "import", file)
      #expect(imported.status == 0, "\(imported.errors)")
      let deadline = try await home(
        "calendar", "deadline", "2026-12-29", "3", "--format", "json")
      #expect(try deadline.json()["deadline"].text == "2027-01-08")
      let closed = try await home(
        "calendar", "close", "2026-09-21", "--school", TestHome.school, "--name", "校庆")
      #expect(closed.status == 0, "\(closed.errors)")
    }
  }
}
