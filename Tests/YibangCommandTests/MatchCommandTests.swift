import Foundation
import Testing

@Suite("proposal, offer and hold commands")
struct MatchCommandTests {
  private static let offers = """
    帮扶意向表
    序号,帮扶人/单位,类别,联系电话,每学期金额,名额,只限性别,意愿年级,年级权重,指定学生
    1,助甲,个人,19911110001,1000,1,,一年级,3,G990000201609150026
    2,助乙公司,企业,19911110002,1500,1,,,,
    """

  private func propose(_ home: TestHome, _ more: String...) async throws -> JSONValue {
    let run = try await Command.run(
      [
        "--home", home.path, "match", "propose", "--semester", TestHome.semester, "--as", "A",
        "--format", "json",
      ] + more)
    #expect(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  /// Pupils and offers; the ids of both in their order.
  private func prepare(
    _ home: TestHome, offers: String = offers
  ) async throws -> (pupils: [String], offers: [String]) {
    try await home.setUp()
    _ = try await home.importRoster(try home.sheet("roster.csv", Sheets.roster))
    let imported = try await home(
      "offer", "import", home.sheet("offers.csv", offers), "--semester", TestHome.semester)
    #expect(imported.status == 0, "\(imported.output)\(imported.errors)")
    let pupils = try await home("student", "list", "--format", "json").json()
    let listed = try await home("offer", "list", "--format", "json").json()
    return (
      (0..<(pupils.count ?? 0)).compactMap { pupils[$0]["id"].text },
      (0..<(listed.count ?? 0)).compactMap { listed[$0]["id"].text }
    )
  }

  @Test("limits, weights and a named pupil are imported, recorded and shown")
  func offers() async throws {
    try await TestHome.use { home in
      let (_, offers) = try await prepare(home)
      let list = try await home("offer", "list")
      for words in ["一年级×3", "样*", "限定", "指定学生"] { #expect(list.output.contains(words)) }
      let recorded = try await home(
        "offer", "record", "助丙", "--amount", "900", "--semester", TestHome.semester,
        "--only-school", TestHome.school, "--only-gender", "女", "--wish-grade", "一年级", "--weight",
        "grade=7", "--student", "G990000201609150026", "--format", "json")
      #expect(recorded.status == 0, "\(recorded.errors)")
      let id = try #require(try recorded.json()["id"].text)
      let shown = try await home("offer", "show", id, "--format", "json").json()
      #expect(shown["limits"].count == 2 && shown["weights"][2].number == 7)
      #expect(shown["wish_school"].text == "第一小学" && shown["named"].text == "样*")
      _ = try await home("school", "add", "2199000002", "第二小学")
      let both = try await home(
        "offer", "record", "助戊", "--amount", "900", "--semester", TestHome.semester,
        "--only-school", TestHome.school, "--only-school", "2199000002")
      #expect(both.status == 0, "\(both.errors)")
      #expect(try await home("offer", "list").output.contains("第一小学、第二小学"))
      let csv = try await home("offer", "show", id, "--format", "csv", "--lang", "en")
      #expect(csv.output.contains("limited to") && csv.output.contains("第一小学 girl"))
      let wrong = [
        (["--weight", "height=2"], 64, "--weight 不能是"),
        (["--weight", "grade"], 64, "--weight 不能是"),
        (["--wish-grade", "一年级", "--weight", "grade=500"], 65, "应为 1 至 100"),
        (["--only-region", "12"], 65, "地区代码 12"), (["--only-gender", "x"], 64, "--only-gender"),
        (["--wish-grade", "一年级", "--only-grade", "一年级"], 64, "只能用其一"),
        (["--student", "7"], 65, "学籍号"),
        (["--student", "G990000201503010017", "--only-grade", "九年级"], 65, "限定条件（年级）"),
      ]
      for (words, status, text) in wrong {
        let run = try await Command.run(
          [
            "--home", home.path, "offer", "record", "助丁", "--amount", "900", "--semester",
            TestHome.semester,
          ] + words)
        #expect(Int(run.status) == status && run.errors.contains(text), "\(words): \(run.errors)")
      }
      #expect(try await home("offer", "list", "--format", "json").json().count == 4)
      #expect(offers.count == 2)
      let unknown = try await home("offer", "show", "01990000-0000-7000-8000-000000000000")
      #expect(unknown.status == 65 && unknown.errors.contains("没有资助意向"))
    }
  }

  @Test("what a school asks for, where it lies, and how long pupils are kept")
  func settings() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let minimum = try await home("school", "minimum", TestHome.school, "1,200", "--lang", "en")
      #expect(minimum.output.contains("¥1,200.00 for a pupil and semester"), "\(minimum.errors)")
      _ = try await home("school", "region", TestHome.school, "990000100")
      let list = try await home("school", "list", "--format", "json").json()
      #expect(list[0]["minimum"]["fen"].number == 120_000)
      #expect(list[0]["region"].text == "990000100")
      #expect(try await home("school", "minimum", TestHome.school, "--none").status == 0)
      #expect(try await home("school", "minimum", TestHome.school).status == 64)
      #expect(try await home("school", "minimum", TestHome.school, "0").status == 65)
      let region = try await home("school", "region", TestHome.school, "99")
      #expect(region.status == 65 && region.errors.contains("6 位（县区）或 9 位"))
      let days = try await home("district", "hold-days", "21", "--format", "json")
      #expect(try days.json()["hold_days"].number == 21)
      #expect(try await home("district", "hold-days").output.contains("21 天"))
      #expect(try await home("district", "hold-days", "0").status == 65)
    }
  }

  @Test("pinned, excluded, compared, tried out: proposals obey and say what moved")
  func choices() async throws {
    try await TestHome.use { home in
      let (pupils, offers) = try await prepare(home)
      let first = try #require(try await propose(home)["id"].text)
      let pinned = try await home("match", "pin", pupils[0], offers[0], "--format", "json")
      #expect(pinned.status == 0, "\(pinned.errors)")
      let pin = try #require(try pinned.json()["id"].text)
      #expect(try await home("match", "pin", pupils[0], offers[0]).output.contains("早已指定"))
      let second = try await propose(home, "--replace")
      #expect(second["kept"].number == 0 && second["changed"].number == 2)
      let id = try #require(second["id"].text)
      let compared = try await home("match", "compare", first, id)
      #expect(compared.status == 0, "\(compared.errors)")
      for words in ["相同 0 对", "换了资助人", "助甲", "助乙公司", "意愿得分"] {
        #expect(compared.output.contains(words), "\(compared.output)")
      }
      let json = try await home("match", "compare", first, id, "--format", "json").json()
      #expect(json["differences"].count == 2 && json["first"]["summary"]["score"].number != nil)
      let forbidden = try await home(
        "match", "forbid", pupils[1], offers[1], "--reason", "另有安排")
      #expect(forbidden.status == 0 && forbidden.output.contains("已排除"), "\(forbidden.errors)")
      let list = try await home("match", "choices")
      for words in ["指定", "排除", "另有安排", "人工"] { #expect(list.output.contains(words)) }
      #expect(try await home("match", "unchoose", pin).status == 0)
      let again = try await home("match", "unchoose", pin)
      #expect(again.status == 65 && again.errors.contains("没有有效的决定"))
      let table = try await home(
        "match", "propose", "--semester", TestHome.semester, "--replace", "--as", "A", "--lang",
        "en")
      #expect(table.output.contains("stay and"), "\(table.output)")
      #expect(table.output.contains("are new"), "\(table.output)")
      let listed = try await home("match", "list", "--format", "json").json()
      let now = try #require(listed[2]["id"].text)
      let filtered = try await home(
        "match", "show", now, "--school", TestHome.school, "--tier", "特别困难", "--state",
        "proposed", "--format", "csv")
      #expect(filtered.output.split(separator: "\r\n").count == 2, "\(filtered.output)")
      let shown = try await home("match", "show", now, "--ids", "--format", "csv")
      #expect(pupils.contains { shown.output.lowercased().contains($0.lowercased()) })
      #expect(offers.contains { shown.output.lowercased().contains($0.lowercased()) })
      let left = try await home("match", "show", now, "--left", "--format", "json").json()
      #expect(left["pairs"].count == 0 && left["left_places"].count == 0)
      let wrong = try await home("match", "show", now, "--state", "lost")
      #expect(wrong.status == 64 && wrong.errors.contains("--state 不能是"))
    }
  }

  @Test("one offer or pupil more, or one fewer, is tried out and nothing is stored")
  func whatIf() async throws {
    try await TestHome.use { home in
      let (pupils, offers) = try await prepare(home)
      func run(_ words: String...) async throws -> CommandRun {
        try await Command.run(
          ["--home", home.path, "match", "what-if", TestHome.semester] + words)
      }
      let fewer = try await run("--without-offer", offers[0])
      #expect(fewer.output.contains("配对由 2 对变为 1 对"), "\(fewer.output)\(fewer.errors)")
      #expect(fewer.output.contains("没有登记任何内容"))
      let need = try await run(
        "--pupil-at", TestHome.school, "--tier", "特别困难", "--waiting", "2020-09-01", "--lang", "en")
      #expect(need.output.contains("(added)"), "\(need.output)\(need.errors)")
      let offer = try await run("--offer", "1000", "--places", "2", "--format", "json")
      #expect(try offer.json()["lines"].count == 0)
      #expect(try await run("--without-pupil", pupils[0]).status == 0)
      #expect(try await run().status == 64)
      #expect(try await run("--offer", "1", "--without-offer", offers[0]).status == 64)
      #expect(try await run("--without-offer", pupils[0]).status == 65)
      #expect(try await home("match", "list", "--format", "json").json().count == 0)
    }
  }

  @Test("sent to sponsors, told by letter, extended, expired, declined, and the next best")
  func holds() async throws {
    try await TestHome.use { home in
      let (_, _) = try await prepare(home, offers: Sheets.offers)
      let id = try #require(try await propose(home)["id"].text)
      let early = try await home("match", "send", id, "--date", "2026-09-20")
      #expect(early.status == 65 && early.errors.contains("尚未批准"))
      let today = "--today=2026-09-20"
      #expect(try await home(today, "match", "approve", id, "--as", "B").status == 0)
      let before = try await home("match", "send", id, "--date", "2026-09-19")
      #expect(before.status == 65 && before.errors.contains("尚未批准，不能告知"), "\(before.errors)")
      let sent = try await home(
        "match", "send", id, "--date", "2026-09-20", "--until", "2026-10-10", "--format", "json")
      #expect(try sent.json()["held"].number == 2, "\(sent.errors)")
      let letter = try await home("match", "letter", id)
      #expect(letter.output.contains("样*") && letter.output.contains("2026年10月10日"))
      #expect(!letter.output.contains("样甲") && !letter.output.contains("困难"))
      let holds = try await home("--today", "2026-10-09", "match", "hold-list", "--format", "json")
        .json()
      #expect(holds.count == 2 && holds[0]["days_left"].number == 2)
      let pairs = try (0..<2).map { try #require(holds[$0]["pair"].text) }
      let extended = try await home("match", "extend", pairs[0], "--date", "2026-10-09")
      #expect(extended.output.contains("2026-10-24"), "\(extended.errors)")
      _ = try await home("match", "extend", pairs[0], "--date", "2026-10-09")
      let third = try await home("match", "extend", pairs[0], "--date", "2026-10-09")
      #expect(third.status == 65 && third.errors.contains("已延长两次"))
      let future = try await home(today, "match", "expire", "--on", "2026-10-11")
      #expect(future.status == 65 && future.errors.contains("还没有到"), "\(future.errors)")
      let expired = try await home("match", "expire", "--on", "2026-10-11", "--format", "json")
      #expect(try expired.json()["expired"].number == 1)
      let late = try await home("match", "accept", pairs[1], "--date", "2026-10-11")
      #expect(late.status == 65 && late.errors.contains("逾期未答复"), "\(late.errors)")
      let declined = try await home("match", "decline", pairs[0], "--reason", "想帮高年级")
      #expect(declined.status == 0, "\(declined.errors)")
      let choices = try await home("match", "choices", "--lang", "en")
      #expect(choices.output.contains("the sponsor declined"))
      let next = try await home("match", "next", id, "--as", "A", "--format", "json")
      #expect(try next.json()["pairs"].number == 2, "\(next.errors)\(next.output)")
      let follower = try #require(try next.json()["id"].text)
      #expect(try next.json()["follows"].text?.lowercased() == id.lowercased())
      #expect(try await home("match", "approve", follower, "--as", "A").status == 77)
      #expect(try await home(today, "match", "approve", follower, "--as", "B").status == 0)
      let accepted = try await home("match", "accept", follower, "--date", "2026-10-12")
      #expect(accepted.status == 0, "\(accepted.errors)")
      let pairings = try await home("pairing", "list", "--format", "json").json()
      let pairing = try #require(pairings[0]["id"].text)
      let renewed = try await home("offer", "renew", pairing, "--amount", "1200")
      #expect(renewed.status == 0 && renewed.output.contains("原学生优先"), "\(renewed.errors)")
      let again = try await home("offer", "renew", pairing)
      #expect(again.status == 65 && again.errors.contains("已有续助意向"))
      let early2 = try await home("offer", "renew", pairing, "--first", "2026-2027-2")
      #expect(early2.status == 65 && early2.errors.contains("2029-2030-1"))
    }
  }

  @Test("the measurement of matching gives its five figures and the problem for the peers")
  func bench() async throws {
    let file = "/tmp/yibang-command-tests.\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    for kind in ["random", "tied", "wide", "clustered"] {
      let run = try await Command.run(["bench", "matching", kind, "60", "--write", file])
      let figures = run.output.split(whereSeparator: \.isWhitespace)
      #expect(run.status == 0 && figures.count == 5, "\(run.errors)")
      #expect(try #require(Int(figures[0])) > 0)
      #expect(figures[4] == (kind == "clustered" ? figures[4] : "60"))
      let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
      #expect(try #require(size) > 32 + 60 * 12)
      let again = try await Command.run(["bench", "matching", kind, "60"])
      #expect(again.output.split(separator: " ").first == run.output.split(separator: " ").first)
    }
    #expect(try await Command.run(["bench", "matching", "odd", "60"]).status == 64)
  }
}
