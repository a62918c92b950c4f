import Foundation
import Testing

extension JSONValue {
  fileprivate var isTrue: Bool { if case .flag(true) = self { true } else { false } }
}

@Suite("adjustment, transfer and revocation commands")
struct RevocationCommandTests {
  private func step(
    _ home: TestHome, _ user: String, _ day: String, _ words: String..., status: Int32 = 0
  ) async throws -> CommandRun {
    let run = try await Command.run(
      ["--home", home.path, "--as", user, "--today", day] + words + ["--format", "json"])
    #expect(run.status == status, "\(words): \(run.errors)")
    return run
  }

  private func setUp(_ home: TestHome) async throws -> [String] {
    try await home.setUp()
    let imported = try await home.importRoster(try home.sheet("roster.csv", Sheets.roster))
    #expect(imported.status == 0, "\(imported.errors)")
    _ = try await home("school", "add", "3199000001", "第一中学")
    _ = try await home(
      "semester", "open", "2026-2027-2", "--from", "2027-03-01", "--to", "2027-08-31")
    for (login, role) in [
      ("officer", "school_officer"), ("pri", "principal"), ("pri2", "principal"),
    ] {
      let added = try await home("user", "add", login, "--role", role, "--school", TestHome.school)
      #expect(added.status == 0, "\(added.errors)")
    }
    let there = try await home(
      "user", "add", "there", "--role", "school_officer", "--school", "3199000001")
    #expect(there.status == 0, "\(there.errors)")
    let pupils = try await step(home, "officer", "2026-11-20", "student", "list").json()
    return (0..<(pupils.count ?? 0)).map { pupils[$0]["id"].text ?? "" }
  }

  @Test("proposed, heard, decided by another, the letter tells nothing, and undone by two")
  func revocation() async throws {
    try await TestHome.use { home in
      let pupils = try await setUp(home)
      let proposed = try await step(
        home, "officer", "2026-11-20", "recognition", "revoke", "propose", pupils[0], "--since",
        "2026-09-25", "--because", "隐瞒房产", "--evidence", "柜七")
      let id = try #require(try proposed.json()["id"].text)
      let early = try await step(
        home, "pri", "2026-11-20", "recognition", "revoke", "decide", id, status: 65)
      #expect(early.errors.contains("revoke hear"))
      _ = try await step(
        home, "officer", "2026-11-20", "recognition", "revoke", "hear", id, "--answer", "属实")
      let decided = try await step(home, "pri", "2026-11-20", "recognition", "revoke", "decide", id)
      #expect(try decided.json()["clawbacks"].number == 0)
      let on = try await step(
        home, "pri", "2026-11-20", "recognition", "on", "2026-11-20", "--student", pupils[0])
      #expect(try on.json()[0]["state"].text == "revoked")
      let shown = try await step(home, "pri", "2026-11-20", "recognition", "revoke", "show", id)
      #expect(!shown.output.contains("隐瞒房产"))
      let words = try await step(home, "pri", "2026-11-20", "recognition", "revoke", "words", id)
      #expect(words.output.contains("隐瞒房产"))
      let letter = try await home("recognition", "revoke", "letter", id)
      #expect(letter.status != 0 && letter.errors.contains("结对"))
      let listed = try await step(home, "pri", "2026-11-20", "recognition", "revoke", "list")
      #expect(try listed.json().count == 1)
      _ = try await step(
        home, "pri2", "2026-11-21", "recognition", "revoke", "reverse", id, "--because", "查错人")
      _ = try await step(
        home, "pri2", "2026-11-21", "recognition", "revoke", "reverse", id, "--confirm", status: 77)
      let history = try await step(
        home, "officer", "2026-11-21", "recognition", "history", pupils[0], "--reveal", "家长查询")
      #expect(try history.json()[0]["category"].text == "orphan")
      let neither = try await home("recognition", "revoke", "reverse", id)
      #expect(neither.status == 64)
      let bad = try await home(
        "recognition", "revoke", "propose", pupils[0], "--since", "昨天", "--because", "x",
        "--evidence",
        "y")
      #expect(bad.status == 64 && bad.errors.contains("--since"))
    }
  }

  @Test("a transfer waits for the new school; an adjustment needs its round")
  func transferAndAdjustment() async throws {
    try await TestHome.use { home in
      let pupils = try await setUp(home)
      let closed = try await step(
        home, "officer", "2026-11-20", "recognition", "adjust", pupils[0], "--changed", "父亲重病",
        status: 65)
      #expect(closed.errors.contains("--adjustment"))
      _ = try await step(
        home, "officer", "2026-11-02", "recognition", "open", "--adjustment", "--school",
        TestHome.school, "--reach", "家长群")
      let adjusted = try await step(
        home, "officer", "2026-11-04", "recognition", "adjust", pupils[0], "--changed", "父亲重病")
      let id = try #require(try adjusted.json()["id"].text)
      let change = try await step(home, "officer", "2026-11-04", "recognition", "change", id)
      #expect(try change.json()["changed"].text == "父亲重病")
      let cases = try await step(home, "officer", "2026-11-04", "recognition", "list")
      #expect(try cases.json()[0]["adjusts"].text == "2026-2027-1")

      let proposed = try await step(
        home, "officer", "2026-11-20", "student", "transfer", pupils[0], "--to", "3199000001",
        "--on", "2026-11-09")
      let move = try #require(try proposed.json()["transfer"].text)
      #expect(try proposed.json()["state"].text == "proposed")
      let open = try await step(home, "there", "2026-11-20", "student", "transfers", "--open")
      #expect(try open.json()[0]["name"].text == "样*")
      let received = try await step(home, "there", "2026-11-20", "student", "receive", move)
      #expect(try received.json()["case_ended"].isTrue)
      let stays = try await step(home, "there", "2026-11-20", "student", "show", pupils[0])
      #expect(try stays.json()[0]["school"].text == "第一小学")
      let late = try await step(home, "there", "2026-11-20", "student", "keep", move, status: 65)
      #expect(late.errors.contains("转学"))
    }
  }
}
