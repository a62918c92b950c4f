import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("payments and clawbacks over HTTP")
struct PaymentRouteTests {
  /// Three recognised pupils, and money for them.
  private static func district() async throws -> (TestDistrict, fund: String) {
    let district = try await TestDistrict.make()
    _ = try await district.give(9_000)
    try await district.pupils(3)
    return (district, try await district.general().fundID.lowercase)
  }

  private static func batch(_ fund: String, _ more: [JSONValue.Member]) -> JSONValue {
    .object(
      [
        .init("title", "十月补助"), .init("school", "2199000001"), .init("fund", .string(fund)),
        .init("purpose", "study"), .init("semester", "2026-2027-1"),
      ] + more)
  }

  @Test("a batch is made, submitted, approved by another, paid, confirmed line by line and closed")
  func whole() async throws {
    let (district, fund) = try await Self.district()
    let api = try await TestAPI(district)
    let amount = JSONValue.Member("amount", .fen(1_000))
    let made = try await api.post("/payment-batches", Self.batch(fund, [amount]), key: "batch")
    #expect(made.expect(201).json["lines"] == 3 && made.at("figures", "due", "fen") == 3_000)
    let again = try await api.post("/payment-batches", Self.batch(fund, [amount]), key: "batch")
    #expect(again.bytes == made.bytes)
    let path = "/payment-batches/\(made.id)"
    let shown = try await api.get(path).expect(200)
    let tag = try #require(shown.headers[.eTag])
    try await api.write(.delete, "\(path)/lines/3").expect(204)
    try await api.write(.put, "\(path)/lines/2", ["amount": .fen(1_200)]).expect(204)
    try await api.write(.put, "\(path)/lines/9", ["amount": .fen(1)])
      .expect(404, "payment.unknown_line")
    let lines = try await api.all("\(path)/lines", as: "officer")
    #expect(lines.compactMap { $0["figures"]?["due"]?["fen"] } == [1_000, 1_200])
    let submitted = try await api.post("\(path)/submit", headers: ["If-Match": tag]).expect(200)
    #expect(submitted.at("total", "fen") == 2_200)
    try await api.post("\(path)/approve", as: "second", headers: ["If-Match": tag])
      .expect(412, "version.changed")
    try await api.post("\(path)/approve").expect(403, "payment.maker_approves")
    try await api.post("\(path)/pay").expect(409)
    let approved = try await api.post("\(path)/approve", as: "second").expect(200)
    #expect(approved.json["state"] == "approved")
    let paid = try await api.post("\(path)/pay", ["date": "2026-11-20"]).expect(200)
    #expect(paid.json["paid_now"] == true && paid.at("figures", "paid", "fen") == 2_200)
    #expect(try await api.post("\(path)/pay", ["date": "2026-11-20"]).json["paid_now"] == false)

    let received: JSONValue = ["lines": [1], "date": "2026-11-20"]
    let confirmed = try await api.post("\(path)/confirm", received, as: "officer").expect(200)
    #expect(confirmed.json["lines"] == 1 && confirmed.at("figures", "confirmed", "fen") == 1_000)
    try await api.post("\(path)/confirm", ["lines": [1], "all": true]).expect(422, "input.value")
    try await api.post("\(path)/close").expect(409, "payment.unsettled")
    let missing: JSONValue = ["lines": [2], "outcome": "not_received", "note": "卡号有误"]
    try await api.post("\(path)/confirm", ["lines": [2], "outcome": "not_received"])
      .expect(422, "payment.note_missing")
    try await api.post("\(path)/confirm", missing).expect(200)
    #expect(try await api.get(path).json["paid_in_full"] == false)
    let next = try await api.post("\(path)/follow-up", ["title": "补发"]).expect(201)
    #expect(next.json["follows"]?.text == made.id && next.json["lines"] == 1)
    try await api.post("/payment-batches/\(next.id)/cancel", ["reason": "改发现金"]).expect(204)
    try await api.post("\(path)/lines/1/explain", ["reason": "足额"])
      .expect(409, "payment.no_difference")
    try await api.post("\(path)/lines/2/explain", ["reason": "改发现金"]).expect(204)
    try await api.post("\(path)/follow-up").expect(409, "payment.nothing_failed")
    try await api.post("\(path)/close").expect(204)
    let states = try await api.all("/payment-batches").compactMap { $0["state"]?.text }
    #expect(states == ["cancelled", "closed"])
    #expect(try await api.get("/payment-batches?state=closed").items.count == 1)
    try await api.get(path, as: "other-officer").expect(404, "payment.unknown_batch")
  }

  @Test("a batch by tier, or of a sheet of payees; one amount and tiers do not go together")
  func rules() async throws {
    let (district, fund) = try await Self.district()
    let api = try await TestAPI(district)
    let tiers = JSONValue.Member("tiers", ["difficult": .fen(500)])
    let made = try await api.post("/payment-batches", Self.batch(fund, [tiers])).expect(201)
    #expect(made.at("figures", "due", "fen") == 1_500)
    try await api.post("/payment-batches/\(made.id)/submit").expect(200)
    try await api.post("/payment-batches/\(made.id)/withdraw").expect(204)
    let both = Self.batch(fund, [tiers, .init("amount", .fen(1))])
    try await api.post("/payment-batches", both).expect(422, "input.value")
    try await api.post("/payment-batches", Self.batch(fund, [.init("amount", .fen(1))]))
      .expect(409, "payment.already_paid")
    try await api.post(
      "/payment-batches", Self.batch(fund, [.init("amount", .fen(1))]), as: "other-officer"
    )
    .expect(404)

    let query =
      "school=2199000001&semester=2026-2027-1&purpose=living&title=list&fund=\(fund)"
    let sheet = "姓名,班级,金额\n样1,1班,10\n样2,1班,20\n"
    let dry = try await api.upload("/payment-batches/from-sheet?dry_run=true&\(query)", sheet)
    #expect(dry.expect(200).json["batch"] == nil && dry.at("report", "accepted") == 2)
    let real = try await api.upload("/payment-batches/from-sheet?\(query)", sheet).expect(200)
    let batch = try #require(real.json["batch"]?.text)
    let lines = try await api.get("/payment-batches/\(batch)/lines").items
    #expect(lines.compactMap { $0["figures"]?["due"]?["fen"] } == [1_000, 2_000])
  }

  @Test("the sheet to be signed masks numbers, unless a reason is given, and is read in again")
  func sheets() async throws {
    let district = try await TestDistrict.make()
    let finance = try await PaymentBatchTests.user("fin", .finance, district)
    let api = try await TestAPI(district, others: [finance])
    _ = try await district.give(9_000)
    try await district.pupils(2)
    let batch = try await district.paidBatch(.study, 1_000).lowercase
    let path = "/payment-batches/\(batch)"
    let sheet = try await api.get("\(path)/sheet").expect(200)
    #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    try await api.post("\(path)/sheet/reveal", ["reason": "银行代发"], key: nil, as: "fin")
      .expect(403, "access.forbidden")
    let revealed = try await api.post(
      "\(path)/sheet/reveal", ["reason": "银行代发"], key: nil)
    #expect(revealed.expect(200).bytes.starts(with: Array("PK".utf8)))
    let trail = try await api.get("/audit?subject=\(batch)").items
    #expect(trail.contains { $0["action"] == "identity.reveal" })
    // As it was given, nobody signed.
    let unsigned = try await api.send(
      .post, "/api/v1\(path)/import?dry_run=true",
      headers: ["Content-Type": SheetType.xlsx.mediaType, "Idempotency-Key": "signed"],
      bytes: sheet.bytes)
    unsigned.expect(200)
    #expect(unsigned.json["written"] == false)
    let other = try await api.upload("\(path)/import", "序号,姓名\n1,样1\n")
    #expect(other.status == 422, "\(other.text)")
  }

  @Test("limits are shown and set by the admin")
  func limits() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let before = try await api.get("/payment-limits?school=2199000001").expect(200)
    #expect(before.at("direct", "fen") != nil)
    let new: JSONValue = ["school": "2199000001", "direct": .fen(12_300)]
    try await api.write(.put, "/payment-limits", new, as: "officer").expect(403)
    try await api.write(.put, "/payment-limits", new).expect(204)
    let after = try await api.get("/payment-limits", as: "officer")
    #expect(after.at("direct", "fen") == 12_300)
    #expect(after.at("third_above") == before.at("third_above"))
  }

  @Test("money is claimed back in parts, a recovery undone, and the rest waived by another")
  func clawback() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.give(1_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 1_000)
    let payment = try await PaymentBatches.lines(batch, in: district.admin)[0].transfers[0]
    func new(_ fen: Int64) -> JSONValue {
      ["payment": .id(payment), "amount": .fen(fen), "reason": "left_school", "note": "转学"]
    }
    try await api.post("/clawbacks", new(2_000)).expect(409, "clawback.more_than_paid")
    try await api.post("/clawbacks", new(800), as: "officer").expect(403, "access.forbidden")
    let made = try await api.post("/clawbacks", new(800)).expect(201)
    #expect(made.at("left", "fen") == 800)
    let path = "/clawbacks/\(made.id)"
    let recovered = try await api.post("\(path)/recoveries", ["amount": .fen(300)], key: "r")
    #expect(recovered.expect(201).at("left", "fen") == 500)
    #expect(
      try await api.post("\(path)/recoveries", ["amount": .fen(300)], key: "r").bytes
        == recovered.bytes)
    try await api.post("\(path)/recoveries", ["amount": .fen(501)])
      .expect(409, "clawback.more_than_left")
    let transfer = try #require(recovered.json["transfer"]?.text)
    try await api.post("/recoveries/\(transfer)/undo", ["amount": .fen(100)]).expect(201)
    try await api.post("\(path)/waive", ["reason": "家庭困难"])
      .expect(403, "clawback.same_person")
    let waived = try await api.post("\(path)/waive", ["reason": "家庭困难"], as: "second")
    #expect(waived.expect(200).at("amount", "fen") == 600)
    let shown = try await api.get(path).expect(200)
    #expect(
      shown.json["steps"]?.items?.compactMap { $0["kind"]?.text }
        == ["recovery", "undo", "waiver"])
    #expect(try await api.all("/clawbacks").count == 1)
    #expect(try await api.get("/clawbacks?open=true").items.isEmpty)
    try await api.get(path, as: "other-officer").expect(404, "clawback.unknown")
  }
}
