import Foundation
import Testing

@Suite("recognition, comparison, notice and objection commands")
struct RecognitionCommandTests {
  static let roster = """
    贫困生情况登记表
    序号,年级,班级,姓名,性别,家长姓名,身份证号
    1,三年级,1班,样小一,男,样父一,990000201503010017
    2,三年级,2班,样小二,女,样父二,990000201609150026
    """
  static let list = """
    某县民政局农村低保名单
    姓名,身份证号
    样小二,990000201609150026
    样外人,99000020170520002X
    """

  /// Runs a command as a user on a day; it must succeed.
  private func step(
    _ home: TestHome, _ user: String, _ day: String, _ words: String...
  ) async throws -> CommandRun {
    let run = try await Command.run(
      ["--home", home.path, "--as", user, "--today", day] + words + ["--format", "json"])
    #expect(run.status == 0, "\(words): \(run.errors)")
    return run
  }

  private func setUp(_ home: TestHome) async throws {
    try await home.setUp()
    let imported = try await home.importRoster(try home.sheet("roster.csv", Self.roster))
    #expect(imported.status == 0, "\(imported.errors)")
    let users = [
      ("officer", "school_officer"), ("a1", "assessor"), ("a2", "assessor"), ("m1", "principal"),
      ("m2", "assessor"), ("m3", "assessor"), ("reviewer", "principal"),
    ]
    for (login, role) in users {
      let added = try await home(
        "user", "add", login, "--role", role, "--school", TestHome.school)
      #expect(added.status == 0, "\(added.errors)")
    }
    _ = try await step(
      home, "officer", "2026-09-02", "recognition", "open", "--school", TestHome.school, "--reach",
      "家长会签到表")
    for member in ["m1", "m2", "m3"] {
      _ = try await step(
        home, "officer", "2026-09-02", "recognition", "group", "add", member, "--school",
        TestHome.school)
    }
  }

  /// Two pupils, one proven by a list, the other by what the school decides.
  private func decide(_ home: TestHome) async throws {
    let sheet = try home.sheet("list.csv", Self.list)
    let imported = try await home(
      "comparison", "import", sheet, "--semester", TestHome.semester, "--name", "低保名单",
      "--category", "低保", "--department", "民政部门", "--as-of", "2026-08-31")
    #expect(imported.status == 0, "\(imported.errors)")
    let pupils = try await step(home, "officer", "2026-09-03", "student", "list").json()
    for (index, (guardian, claim)) in [("样父一", "因病"), ("样父二", "低保")].enumerated() {
      _ = try await step(
        home, "officer", "2026-09-03", "recognition", "apply", pupils[index]["id"].text ?? "",
        "--guardian", guardian, "--claim", claim, "--signed")
    }
    _ = try await step(home, "officer", "2026-09-04", "recognition", "nominate", "--all")
    _ = try await step(
      home, "officer", "2026-09-04", "recognition", "panel", "--all", "--assessors", "a1,a2")
    let cases = try await step(home, "officer", "2026-09-04", "recognition", "list").json()
    let ids = [cases[0]["id"].text ?? "", cases[1]["id"].text ?? ""]
    for id in ids {
      for assessor in ["a1", "a2"] {
        _ = try await step(
          home, assessor, "2026-09-05", "recognition", "assess", id, "--method", "家访",
          "--hardship", "--found", "家中无固定收入")
      }
    }
    let undecided = try await home(
      "--as", "officer", "--today", "2026-09-06", "recognition", "propose", ids[0])
    #expect(undecided.status != 0)
    #expect(undecided.errors.contains("--reject"))
    _ = try await step(
      home, "officer", "2026-09-06", "recognition", "propose", ids[0], "--tier", "一般困难",
      "--because", "家人长期患病")
    let ruled = try await step(
      home, "officer", "2026-09-06", "recognition", "propose", ids[1])
    #expect(try ruled.json()["tier"].text == "difficult")
    let proofs = try await step(
      home, "officer", "2026-09-06", "recognition", "proofs", ids[1]
    ).json()
    #expect(proofs.count == 1)
    #expect(proofs[0]["list"].text == "低保名单")
    for member in ["m1", "m2"] {
      _ = try await step(home, member, "2026-09-07", "recognition", "vote", "--all")
    }
  }

  @Test("from the announcement to the filing, with a list, an objection and its review")
  func wholeWay() async throws {
    try await TestHome.use { home in
      try await setUp(home)
      try await decide(home)
      let posted = try await step(
        home, "officer", "2026-09-18", "notice", "post", "--school", TestHome.school)
      let notice = try #require(try posted.json()["id"].text)
      let shown = try await step(home, "a1", "2026-09-19", "notice", "show")
      for hidden in ["样小一", "低保", "因病", "990000"] { #expect(!shown.output.contains(hidden)) }
      #expect(shown.output.contains("样*一"))

      let objection = try await step(
        home, "officer", "2026-09-21", "objection", "file", notice, "--line", "1", "--words",
        "家中有车")
      let number = try #require(try objection.json()["number"].text)
      let filing = try await home(
        "--as", "officer", "--today", "2026-09-25", "recognition", "file", "--all")
      #expect(filing.status != 0)
      _ = try await step(
        home, "reviewer", "2026-09-25", "objection", "answer", number, "--no-upheld", "--words",
        "车为单位所有，已核实")
      _ = try await step(home, "officer", "2026-09-25", "recognition", "file", "--all")
      let cases = try await step(home, "officer", "2026-09-25", "recognition", "list").json()
      #expect(cases[0]["state"].text == "filed" && cases[1]["state"].text == "filed")
      let ended = try await step(home, "a1", "2026-09-25", "notice", "show")
      #expect(!ended.output.contains("样*一"))
    }
  }

  @Test("a list shows which pupils did not apply, and nothing of anybody else")
  func check() async throws {
    try await TestHome.use { home in
      try await setUp(home)
      let sheet = try home.sheet("list.csv", Self.list)
      let imported = try await home(
        "comparison", "import", sheet, "--semester", TestHome.semester, "--name", "低保名单",
        "--category", "低保", "--department", "民政部门", "--as-of", "2026-08-31")
      #expect(imported.status == 0, "\(imported.errors)")
      let found = try await step(
        home, "officer", "2026-09-03", "comparison", "check", "--not-applied")
      #expect(found.output.contains("样小二"))
      #expect(!found.output.contains("样外人"))
      #expect(try found.json().count == 1)
      let unknown = try await home(
        "comparison", "import", sheet, "--semester", TestHome.semester, "--name", "名单",
        "--category", "富裕", "--department", "民政部门", "--as-of", "2026-08-31")
      #expect(unknown.errors.contains("富裕"))
      #expect(unknown.status != 0)
    }
  }
}
