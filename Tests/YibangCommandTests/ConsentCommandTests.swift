import Foundation
import Spreadsheet
import Testing

@Suite("consent and form commands")
struct ConsentCommandTests {
  @Test("a consent given, shown, used, withdrawn: what is left to do is listed")
  func consent() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let imported = try await home.importRoster(
        try home.sheet("roster.csv", RecognitionCommandTests.roster))
      #expect(imported.status == 0, "\(imported.errors)")
      let pupils = try await home("student", "list", "--format", "json").json()
      let pupil = try #require(pupils[0]["id"].text)
      let scan = try home.sheet("scan.txt", "同意书")
      let given = try await home(
        "consent", "give", pupil, "--scope", "公开发表事迹", "--by", "样父一", "--file", scan,
        "--format", "json")
      #expect(given.status == 0, "\(given.errors)")
      let id = try #require(try given.json()["id"].text)
      let shown = try await home("consent", "show", id)
      for words in ["样父一", "公众", "scan.txt", "有效"] { #expect(shown.output.contains(words)) }
      let shared = try await home(
        "consent", "share", pupil, "--scope", "story", "--what", "校刊第三期")
      #expect(shared.status == 0, "\(shared.errors)")
      let withdrawn = try await home(
        "consent", "withdraw", pupil, "--scope", "story", "--by", "样父一", "--how", "书面")
      #expect(withdrawn.status == 0, "\(withdrawn.errors)")
      let tasks = try await home("consent", "tasks", "--format", "json").json()
      #expect(tasks[0]["kind"].text == "take_down")
      let use = try #require(tasks[0]["subject"].text)
      #expect(try await home("consent", "take-down", use).status == 0)
      let again = try await home("consent", "share", pupil, "--scope", "story", "--what", "再次")
      #expect(again.status == 65 && again.errors.contains("consent give"))
      let list = try await home("consent", "list", "--student", pupil, "--lang", "en")
      #expect(list.output.contains("withdrawn"))
    }
  }

  @Test("the old command goes on; wrong words are told with what is right")
  func oldCommand() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(try home.sheet("roster.csv", RecognitionCommandTests.roster))
      let pupils = try await home("student", "list", "--format", "json").json()
      let pupil = try #require(pupils[0]["id"].text)
      let given = try await home(
        "student", "consent", pupil, "--by", "样父一", "--proof", "档案柜三")
      #expect(given.status == 0 && given.output.contains("已登记"), "\(given.errors)")
      let ended = try await home("student", "consent", pupil, "--withdraw")
      #expect(ended.output.contains("已撤回"), "\(ended.errors)")
      #expect(try await home("student", "consent", pupil, "--withdraw").output.contains("没有"))
      let stranger = try await home(
        "consent", "give", pupil, "--scope", "letter", "--by", "生人", "--paper", "柜")
      #expect(stranger.status == 65 && stranger.errors.contains("花名册"))
      let scope = try await home(
        "consent", "give", pupil, "--scope", "everything", "--by", "样父一", "--paper", "柜")
      #expect(scope.status == 64 && scope.errors.contains("pairing"))
      let form = try await home(
        "consent", "form", "--school", TestHome.school, "-o", "\(home.path)/form.xlsx")
      #expect(form.status == 0 && form.output.contains("2 份"), "\(form.errors)")
    }
  }

  @Test("forms are printed, filled applications imported, the summary and national sheet written")
  func forms() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(try home.sheet("roster.csv", RecognitionCommandTests.roster))
      let opened = try await home(
        "--today", "2026-09-02", "recognition", "open", "--school", TestHome.school, "--reach",
        "家长会")
      #expect(opened.status == 0, "\(opened.errors)")
      let form = try await home(
        "recognition", "form", "application", "--school", TestHome.school, "--semester",
        TestHome.semester, "--all", "--reveal", "打印申请表", "-o", "\(home.path)/forms.xlsx")
      #expect(form.status == 0, "\(form.errors)")
      #expect(try TableFile.open(path: "\(home.path)/forms.xlsx").sheets.count == 2)
      let unsigned = try await home(
        "recognition", "import-applications", "\(home.path)/forms.xlsx", "--school",
        TestHome.school, "--semester", TestHome.semester)
      #expect(unsigned.status == 65 && unsigned.output.contains("没有签名"))
      let sheet = try home.sheet(
        "apply.csv", "姓名,班级,监护人,签名,申请日期,困难类别\n样小一,1班,样父一,√,2026-09-05,☑孤儿\n")
      for (word, count) in [("accepted", 1), ("unchanged", 1)] {
        let taken = try await home(
          "recognition", "import-applications", sheet, "--school", TestHome.school, "--semester",
          TestHome.semester, "--format", "json")
        #expect(try taken.json()[word].number == count, "\(taken.errors)")
      }
      let summary = try await home(
        "recognition", "form", "summary", "--school", TestHome.school, "--semester",
        TestHome.semester, "--reveal", "上报", "-o", "\(home.path)/summary.xlsx")
      #expect(summary.status == 0, "\(summary.errors)")
      let columns = try await home(
        "recognition", "export-national", "--print-columns", "-o", "\(home.path)/columns.csv")
      #expect(columns.status == 0, "\(columns.errors)")
      let none = try await home(
        "recognition", "export-national", "--school", TestHome.school, "--semester",
        TestHome.semester, "--columns", "\(home.path)/columns.csv", "--reveal", "上报", "-o",
        "\(home.path)/national.xlsx")
      // Nobody is recognised yet.
      #expect(
        none.status == 65 && !FileManager.default.fileExists(atPath: "\(home.path)/national.xlsx"))
    }
  }
}
