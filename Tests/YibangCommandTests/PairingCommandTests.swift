import Foundation
import Testing

@Suite("commands of a pairing's life")
struct PairingCommandTests {
  private func step(
    _ home: TestHome, _ user: String, _ day: String, _ words: String..., status: Int32 = 0
  ) async throws -> CommandRun {
    let run = try await Command.run(
      ["--home", home.path, "--as", user, "--today", day] + words + ["--format", "json"])
    #expect(run.status == status, "\(words): \(run.errors)")
    return run
  }

  /// Three pupils, two of them paired at 1,000 yuan and more, and money in the general fund.
  private func setUp(_ home: TestHome) async throws -> [String] {
    try await home.setUp()
    _ = try await home.importRoster(try home.sheet("roster.csv", Sheets.roster))
    _ = try await home.importDonations(try home.sheet("donations.csv", Sheets.donations))
    let offers = try await home(
      "offer", "import", home.sheet("offers.csv", Sheets.offers), "--semester", "2026-2027-1")
    #expect(offers.status == 0, "\(offers.errors)")
    let proposal = try await step(
      home, "A", "2026-11-01", "match", "propose", "--semester", "2026-2027-1")
    let id = try #require(try proposal.json()["id"].text)
    _ = try await step(home, "B", "2026-11-01", "match", "approve", id)
    _ = try await step(home, "A", "2026-11-01", "match", "accept", id)
    let listed = try await step(home, "A", "2026-11-01", "pairing", "list").json()
    return (0..<(listed.count ?? 0)).map { listed[$0]["id"].text ?? "" }
  }

  @Test("paid, changed, excused, bridged, paid out, suspended, and ended with its balance")
  func life() async throws {
    try await TestHome.use { home in
      let pairings = try await setUp(home)
      let pairing = try #require(pairings.first)
      let day = "2026-11-05"
      let settings = try await step(home, "A", day, "pairing", "settings", "--grace", "10")
      #expect(try settings.json()["grace_days"].number == 10)
      let paid = try await step(
        home, "A", day, "instalment", "pay", pairing, "100", "--method", "转账")
      #expect(try paid.json()["parts"].count == 1)
      _ = try await step(
        home, "A", day, "pairing", "amend", pairing, "2000", "--from", "2027-2028-1", "--reason",
        "来函")
      let changes = try await step(home, "A", day, "pairing", "changes", pairing)
      #expect(try changes.json()[0]["after"]["fen"].number == 200_000)
      let commitment = try await step(home, "A", day, "pairing", "show", pairing).json()
      let second = try #require(commitment["instalments"][1]["id"].text)
      _ = try await step(home, "A", day, "instalment", "excuse", second, "--reason", "失业")
      let again = try await step(
        home, "A", day, "instalment", "excuse", second, "--reason", "失业", status: 65)
      #expect(again.errors.contains("没有未到账"))

      let covered = try await step(home, "A", "2026-12-20", "pairing", "cover")
      #expect(try covered.json()["covered"].number == 1)
      #expect(try covered.json()["short"].count == 1)
      let covers = try await step(home, "A", "2026-12-20", "pairing", "covers")
      #expect(try covers.json().count == 1)
      let planned = try await step(home, "A", "2026-12-20", "payout", "list").json()
      let payout = try #require(planned[0]["id"].text)
      _ = try await step(
        home, "A", "2026-12-20", "payout", "suspend", payout, "--reason", "核实")
      _ = try await step(home, "A", "2026-12-20", "payout", "resume", payout)
      let made = try await step(
        home, "A", "2026-12-21", "payout", "batch", "十二月", "--school", TestHome.school)
      #expect(try made.json()["lines"].number == 1 && made.json()["unfunded"].number == 1)
      let batch = try #require(try made.json()["batch"].text)
      _ = try await step(home, "A", "2026-12-21", "payment", "submit", batch)
      _ = try await step(home, "B", "2026-12-21", "payment", "approve", batch)
      _ = try await step(home, "A", "2026-12-21", "payment", "pay", batch)
      let coverage = try await step(home, "A", "2027-01-31", "pairing", "coverage").json()
      #expect(coverage[0]["children"].number == 2)
      #expect(coverage[0]["gaps"].count == 1 && coverage[0]["not_paid"].number == 1)
      let shown = try await home(
        "pairing", "coverage", "--today", "2027-01-31", "--lang", "en", "--quiet")
      #expect(shown.output.contains("not funded, and not covered"), "\(shown.output)")

      let reasons = try await step(home, "A", day, "pairing", "reasons")
      #expect(try reasons.json().count == 17)
      let unknown = try await step(
        home, "A", day, "pairing", "end", pairing, "--reason", "不想", status: 65)
      #expect(unknown.errors.contains("pairing reasons"))
      for pairing in pairings {
        let ended = try await step(
          home, "A", "2026-12-22", "pairing", "end", pairing, "--reason", "资助人申请终止",
          "--balance", "return")
        #expect(try ended.json()["reason"]["code"].text == "sponsor_request")
      }
      #expect(
        try await step(home, "A", day, "pairing", "list", "--state", "running").json().count == 0)
      _ = try await step(
        home, "A", "2026-12-22", "payout", "cancel", try #require(planned[1]["id"].text),
        "--reason", "自愿")
      let completed = try await step(home, "A", "2030-01-01", "pairing", "complete")
      #expect(try completed.json()["completed"].number == 0)
      let student = try #require(planned[0]["student"].text)
      let history = try await step(home, "A", "2030-01-01", "pairing", "history", student)
      #expect(try history.json()[0]["covered"]["fen"].number ?? 0 > 0)
      #expect(try await home("doctor").status == 0)
    }
  }

  @Test("a sheet of running pairings, with its errors by cell")
  func imported() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(try home.sheet("roster.csv", Sheets.roster))
      let students = try await home("student", "list", "--format", "json")
      let name = try #require(try students.json()[0]["name"].text)
      let sheet = "学生姓名,资助人,每学期金额,起始学期,已到账期数\n\(name),张样,1000,2025-2026-1,3\n"
      let path = try home.sheet("pairings.csv", sheet)
      let dry = try await home(
        "pairing", "import", path, "--school", TestHome.school, "--semester", "2026-2027-1",
        "--dry-run", "--format", "json")
      #expect(try dry.json()["accepted"].number == 1, "\(dry.errors)")
      let done = try await home(
        "pairing", "import", path, "--school", TestHome.school, "--semester", "2026-2027-1",
        "--today", "2026-10-01")
      #expect(done.status == 0, "\(done.errors)")
      let wrong = try home.sheet(
        "wrong.csv", "学生姓名,资助人,每学期金额,起始学期\n\(name),李样,1000,去年\n")
      let refused = try await home(
        "pairing", "import", wrong, "--school", TestHome.school, "--semester", "2026-2027-1")
      #expect(refused.status == 65)
      #expect(refused.output.contains("起始学期  去年  不是学期"))
      #expect(try await home("doctor").status == 0)
    }
  }

  @Test("the measurements of pairings run: six semesters by chance, and a race of processes")
  func measured() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990004", "三年区")
      let lived = try await home(
        "bench", "lifecycle", "--pairings", "30", "--today", "2026-10-01", "--seed", "7")
      #expect(lived.status == 0, "\(lived.errors)")
      #expect(lived.output.split(separator: "\n").count == 8)
      _ = try await home("district", "add", "990005", "竞争区")
      let prepared = try await home(
        "--district", "990005", "bench", "race", "--prepare", "20", "--today", "2026-11-10")
      #expect(prepared.status == 0, "\(prepared.errors)")
      let runs = try await withThrowingTaskGroup(of: CommandRun.self) { group in
        for seed in 1...4 {
          group.addTask {
            try await home(
              "--district", "990005", "bench", "race", "--seconds", "3", "--seed", "\(seed)",
              "--today", "2026-11-10")
          }
        }
        return try await group.reduce(into: [CommandRun]()) { $0.append($1) }
      }
      for run in runs { #expect(run.status == 0, "\(run.errors)") }
      #expect(try await home("--district", "990005", "doctor").status == 0)
    }
  }
}
