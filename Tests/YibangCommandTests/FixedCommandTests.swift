import Foundation
import Testing

@Suite("the command lines that scripts rely on")
struct FixedCommandTests {
  @Test("from an empty home to a pairing with six instalments, word for word")
  func wholeJob() async throws {
    try await TestHome.use { home in
      let first = try await home("district", "add", "990000", "测试区")
      #expect(first.status == 0)
      #expect(first.errors.contains("首次使用"))
      let school = try await home("school", "add", "2199000001", "第一小学", "--district", "990000")
      #expect(school.status == 0)
      let open = try await home("semester", "open", "2026-2027-1", "--district", "990000")
      #expect(open.status == 0)
      let stopped = try await home("db", "status", "--format", "json")
      #expect(try stopped.json()["state"].text == "stopped")
      _ = try await home("db", "start")

      let roster = try await home.importRoster(
        home.sheet("roster.csv", Sheets.roster), "--format", "json")
      #expect(roster.status == 0)
      #expect(try roster.json()["accepted"].number == 3)
      let donations = try await home.importDonations(
        home.sheet("donations.csv", Sheets.donations), "--format", "json")
      #expect(try donations.json()["total_fen"].number == 150_050)
      let offers = try await home(
        "offer", "import", home.sheet("offers.csv", Sheets.offers), "--district", "990000",
        "--semester", "2026-2027-1", "--format", "json")
      #expect(try offers.json()["accepted"].number == 2, "\(offers.errors)")

      let proposal = try await home(
        "match", "propose", "--semester", "2026-2027-1", "--as", "A", "--format", "json")
      #expect(try proposal.json()["pairs"].number == 2)
      let id = try #require(try proposal.json()["id"].text)
      #expect(try await home("match", "approve", id, "--as", "A").status == 77)
      #expect(
        try await home("--today", "2026-11-20", "match", "approve", id, "--as", "B").status == 0)
      let accepted = try await home("--today", "2026-11-20", "match", "accept", id, "--as", "A")
      #expect(accepted.status == 0, "\(accepted.errors)")
      try await lists(home)
    }
  }

  private func lists(_ home: TestHome) async throws {
    let students = try await home("student", "list", "--school", "2199000001", "--format", "json")
    #expect(try students.json().count == 3)
    let donations = try await home(
      "donation", "list", "--school", "2199000001", "--format", "json")
    #expect(try donations.json().count == 2)
    let fund = try await home("fund", "show", "--school", "2199000001", "--format", "json")
    #expect(try fund.json().count == 4)
    let activities = try await home(
      "activity", "list", "--school", "2199000001", "--format", "json")
    #expect(try activities.json().count == 0)
    let pairings = try await home("pairing", "list", "--school", "2199000001", "--format", "json")
    #expect(try pairings.json().count == 2)
    let pairing = try #require(try pairings.json()[0]["id"].text)
    #expect(try pairings.json()[0]["pupil"].text?.contains("*") == true)
    let commitment = try await home("commitment", "show", pairing, "--format", "json")
    #expect(try commitment.json()["instalments"].count == 6)
    let received = try await home(
      "instalment", "receive", pairing, "400", "--number", "1", "--date", "2026-11-21",
      "--format", "json")
    #expect(try received.json()["amount_fen"].number == 40_000, "\(received.errors)")
    let story = try await home("pairing", "show", pairing, "--today", "2026-11-22")
    #expect(story.output.contains("部分到账"))
    let list = try await home("match", "list", "--format", "csv")
    #expect(list.output.split(separator: "\r\n").count == 2)
  }

  @Test("global options stand before or after the subcommand, also as --option=value")
  func optionOrder() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let orders = [
        ["--home", home.path, "--format", "json", "school", "list"],
        ["school", "--home=\(home.path)", "list", "--format=json"],
        ["school", "list", "--format", "json", "--home", home.path],
      ]
      var outputs: Set<String> = []
      for order in orders {
        let run = try await Command.run(order)
        #expect(run.status == 0, "\(order): \(run.errors)")
        outputs.insert(run.output)
      }
      #expect(outputs.count == 1)
      let named = try await Command.run(
        ["school", "list", "--format", "json"], environment: ["YIBANG_HOME": home.path])
      #expect(outputs == [named.output])
    }
  }
}
