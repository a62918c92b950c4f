import Foundation
import Testing

@Suite("payments through the command")
struct PaymentCommandTests {
  @Test(
    "from a batch to signed receipts, a follow-up and a clawback, each figure down to transfers")
  func wholeWay() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let roster = try home.sheet("roster.csv", Sheets.roster)
      try #require(try await home.importRoster(roster).status == 0)
      _ = try await home(
        "donation", "record", "10000", "--donor", "师甲", "--kind", "teacher", "--school",
        TestHome.school, "--date", "2026-09-10")
      let direct = try await home(
        "fund", "pay", "1000.01", "--purpose", "education", "--school", TestHome.school, "--note",
        "主题班会", "--date", "2026-10-08")
      #expect(direct.status == 65)
      #expect(direct.errors.contains("payment batch"))

      let made = try await home(
        "payment", "batch", "十月补助", "--school", TestHome.school, "--purpose", "living", "--tier",
        "special=750,difficult=500", "--semester", TestHome.semester, "--format", "json")
      #expect(made.status == 0, "\(made.errors)")
      #expect(try made.json()["due_fen"].number == 125_000)
      let batch = try #require(try made.json()["id"].text)
      #expect(try await home("payment", "submit", batch).status == 0)
      let own = try await home("payment", "approve", batch, "--today", "2026-10-08")
      #expect(own.status == 77)
      let approved = try await home(
        "payment", "approve", batch, "--today", "2026-10-08", "--as", "second")
      #expect(approved.status == 0, "\(approved.errors)")
      for isNew in [true, false] {
        let paid = try await home(
          "payment", "pay", batch, "--date", "2026-10-08", "--format", "json")
        #expect(try paid.json()["paid_now"] == .flag(isNew))
      }

      let sheet = "\(home.path)/发放表.csv"
      #expect(try await home("payment", "sheet", batch, "-o", sheet).status == 0)
      var lines = try String(contentsOfFile: sheet, encoding: .utf8)
        .split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
      for (index, line) in lines.enumerated() where line.hasPrefix("1,") {
        var cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        cells[12] = "样甲"
        lines[index] = cells.joined(separator: ",")
      }
      let signed = try home.sheet("signed.csv", lines.joined(separator: "\r\n"))
      let report = try await home(
        "payment", "import", batch, signed, "--today", "2026-10-12", "--format", "json")
      #expect(report.status == 0, "\(report.errors) \(report.output)")
      #expect(try report.json()["accepted"].number == 1)
      let missing = try await home(
        "payment", "confirm", batch, "--line", "2", "--not-received", "--note", "卡已注销", "--date",
        "2026-10-12")
      #expect(missing.status == 0, "\(missing.errors)")

      let show = try await home("payment", "show", batch, "--lines", "--format", "json").json()
      #expect(show["batch"]["figures"]["due"]["fen"].number == 125_000)
      #expect(show["batch"]["figures"]["paid"]["fen"].number == 75_000)
      #expect(show["batch"]["figures"]["confirmed"]["fen"].number == 75_000)
      #expect(show["paid_in_full"] == .flag(false))
      #expect(show["lines"][1]["transfers"].count == 2)
      let story = try await home("payment", "show", batch, "--lines", "--lang", "en")
      #expect(story.output.contains("NOT in full"))
      let next = try await home("payment", "follow-up", batch, "--format", "json")
      #expect(try next.json()["due_fen"].number == 50_000)
      let full = try await home("payment", "show", batch)
      #expect(full.output.contains("足额：应发"))
      #expect(full.output.contains("转入补发批次"))

      let payment = try #require(show["lines"][0]["transfers"][0].text)
      let opened = try await home(
        "clawback", "open", payment, "750", "--reason", "虚假信息", "--date", "2026-10-20", "--format",
        "json")
      let clawback = try #require(try opened.json()["id"].text)
      let recovered = try await home(
        "clawback", "recover", clawback, "300", "--date", "2026-10-21", "--semester",
        TestHome.semester)
      #expect(recovered.status == 0, "\(recovered.errors)")
      let detail = try await home("clawback", "show", clawback, "--format", "json").json()
      #expect(detail["clawback"]["left"]["fen"].number == 45_000)
      #expect(detail["steps"][0]["transfer"].text != nil)
      let same = try await home("clawback", "waive", clawback, "--reason", "家庭困难")
      #expect(same.status == 77)
      let waived = try await home(
        "clawback", "waive", clawback, "--reason", "家庭困难", "--as", "second")
      #expect(waived.output.contains("¥450.00"))
      #expect(try await home("doctor").status == 0)
      #expect(try await home("payment", "list").output.contains("十月补助（补发）"))
    }
  }

  @Test("limits are data: shown, set, and obeyed")
  func limits() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let usual = try await home("payment", "limits", "--format", "json").json()
      #expect(usual["third_above_fen"].number == 5_000_000)
      #expect(usual["direct_fen"].number == 100_000)
      let set = try await home(
        "payment", "limits", "--third-above", "20000", "--school", TestHome.school)
      #expect(set.output.contains("¥20,000.00"))
      let other = try await home("payment", "limits", "--format", "json").json()
      #expect(other["third_above_fen"].number == 5_000_000)
    }
  }
}
