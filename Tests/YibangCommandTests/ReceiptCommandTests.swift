import Foundation
import Testing

@Suite("Receipts on the command line")
struct ReceiptCommandTests {
  @Test("issue, refund, reissue, official number, void, waive, list, show and a voucher list")
  func wholeJob() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let sheet = try home.sheet("donations.csv", Sheets.donations)
      #expect(try await home.importDonations(sheet).status == 0)
      let listed = try await home("donation", "list", "--format", "json")
      let gifts = try (0..<2).map { try #require(try listed.json()[$0]["id"].text) }
      let day = "2026-11-20"

      let issued = try await home(
        "receipt", "issue", gifts[0], "--today", day, "--handler", "经办甲", "--format", "json")
      #expect(issued.status == 0, "\(issued.errors)")
      let first = try #require(try issued.json()["number"].text)
      #expect(first == "2199000001-2026-000001")
      let again = try await home("receipt", "issue", gifts[0], "--today", day)
      #expect(again.status == 65)
      #expect(again.errors.contains("receipt reissue"))

      let refund = try await home(
        "donation", "reverse", gifts[0], "--amount", "400", "--refund", "--reason", "退", "--date",
        day)
      #expect(refund.status == 0, "\(refund.errors)")
      let marked = try await home(
        "receipt", "list", "--state", "to-be-replaced", "--format", "json")
      #expect(try marked.json()[0]["number"].text == first)
      let reissued = try await home(
        "receipt", "reissue", first, "--reason", "部分退款", "--today", day, "--idempotency-key", "k",
        "--format", "json")
      #expect(try reissued.json()["amount_fen"].number == 60_000, "\(reissued.errors)")
      #expect(try reissued.json()["replaces"].text == first)

      let second = "2199000001-2026-000002"
      let official = try await home("receipt", "official", second, "5301012026000001")
      #expect(official.status == 0, "\(official.errors)")
      let shown = try await home("receipt", "show", second)
      for part in ["捐赠收据", second, "¥600.00（人民币陆佰元整）", "5301012026000001", "师甲", "经办甲"] {
        #expect(shown.output.contains(part), "\(part) in \(shown.output)")
      }
      let english = try await home("receipt", "show", second, "--lang", "en")
      #expect(english.output.contains("Receipt of a gift"))

      let waived = try await home("receipt", "waive", gifts[1], "--today", day)
      #expect(waived.status == 0, "\(waived.errors)")
      let waivers = try await home("receipt", "waivers", "--format", "json")
      #expect(try waivers.json()[0]["donation"].text?.lowercased() == gifts[1].lowercased())
      #expect(try await home("receipt", "issue", gifts[1], "--today", day).status == 65)
      let void = try await home("receipt", "void", second, "--reason", "写错", "--today", day)
      #expect(void.status == 0, "\(void.errors)")
      let file = "\(home.path)/receipts.csv"
      let written = try await home(
        "receipt", "list", "--school", TestHome.school, "--year", "2026", "-o", file, "--today", day
      )
      #expect(written.status == 0, "\(written.errors)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("第一小学2026年捐赠收据登记表"))
      #expect(text.contains("共 2 张，其中作废 2 张"))
      #expect(try await home("receipt", "show", "2199000001-2026-000009").status == 65)
      #expect(try await home("doctor").status == 0)
    }
  }
}
