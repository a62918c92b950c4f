import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("donations over HTTP")
struct DonationRouteTests {
  private static func gift(_ name: String, _ fen: Int64, _ more: [JSONValue.Member] = [])
    -> JSONValue
  {
    .object(
      [
        .init("donor", ["name": .string(name), "kind": "teacher"]), .init("amount", .fen(fen)),
        .init("school", "2199000001"), .init("date", "2026-09-10"), .init("method", "transfer"),
      ] + more)
  }

  @Test("a donation is recorded by the donor's name, once by its key")
  func record() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let first = try await api.post("/donations", Self.gift("甲老师", 10_000), key: "gift")
    first.expect(201)
    #expect(first.json["semester"] == "2026-2027-1")
    let again = try await api.post("/donations", Self.gift("甲老师", 10_000), key: "gift")
    #expect(again.status == 201 && again.id == first.id && again.bytes == first.bytes)
    try await api.post("/donations", Self.gift("甲老师", 20_000), key: "gift")
      .expect(422, "idempotency.other_request")
    let unnamed = Self.gift("匿名", 500, [.init("designation", "购买图书")])
    try await api.post("/donations", unnamed, as: "officer").expect(201)
    let listed = try await api.get("/donations").items
    #expect(listed.count == 2)
    #expect(listed.contains { $0["fund"] == "购买图书" && $0["donor"] == "匿名" })
  }

  @Test("a wrong donation is refused: no amount, another school, a day to come, no such campaign")
  func refused() async throws {
    let district = try await TestDistrict.make()
    let auditor = try await PaymentBatchTests.user("aud", .auditor, district)
    let api = try await TestAPI(district, others: [auditor])
    try await api.post("/donations", Self.gift("甲", 0)).expect(422, "giving.amount_not_positive")
    try await api.post("/donations", Self.gift("甲", 1), as: "aud").expect(403, "access.forbidden")
    let other = try await api.post("/donations", Self.gift("甲", 1), as: "other-officer")
    #expect([403, 404].contains(other.status), "\(other.text)")
    let campaign = Self.gift("甲", 1, [.init("campaign", .id(.unknown))])
    try await api.post("/donations", campaign).expect(404, "campaign.unknown")
    let future: JSONValue = [
      "donor": ["name": "甲"], "amount": .fen(1), "date": "2027-01-01",
    ]
    let answer = try await api.post("/donations", future).expect(422, "input.value")
    #expect(answer.json["field"] == "date")
    let nested: JSONValue = ["donor": ["nmae": "甲"], "amount": .fen(1)]
    #expect(try await api.post("/donations", nested).json["field"] == "donor.name")
    #expect(try await Giving.list(in: district.admin).isEmpty)
  }

  @Test("a donation is taken back, reinstated, redirected and traced")
  func changes() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let gift = try await district.give(10_000).lowercase
    let back = try await api.post(
      "/donations/\(gift)/reverse",
      ["amount": .fen(4_000), "kind": "refund", "reason": "捐赠人要求"], key: "back")
    back.expect(200)
    #expect(back.at("net", "fen") == 6_000)
    let again = try await api.post(
      "/donations/\(gift)/reverse",
      ["amount": .fen(4_000), "kind": "refund", "reason": "捐赠人要求"], key: "back")
    #expect(again.bytes == back.bytes && again.headers[.idempotencyReplayed] == "true")
    try await api.post("/donations/\(gift)/reverse", ["amount": .fen(7_000), "reason": "误"])
      .expect(409, "fund.more_than_left")
    let reinstated = try await api.post(
      "/donations/\(gift)/reinstate", ["amount": .fen(1_000), "reason": "退款未成功"])
    #expect(reinstated.expect(200).at("net", "fen") == 7_000)

    let fund = try await api.post(
      "/funds",
      ["name": "图书专项", "purposes": ["study"], "designated": true, "school": "2199000001"]
    ).expect(201).id
    let change: JSONValue = [
      "fund": .string(fund), "amount": .fen(2_000), "consent_on": "2026-10-01",
      "document": "同意书1号，档案室", "reason": "捐赠人同意",
    ]
    try await api.post("/donations/\(gift)/redirect", change, as: "officer")
      .expect(403, "access.forbidden")
    try await api.post("/donations/\(gift)/redirect", change).expect(201)
    try await api.post("/funds/\(fund)/payments", Self.payment(500)).expect(201)
    let trace = try await api.get("/donations/\(gift)/trace").expect(200)
    #expect(trace.at("unspent", "fen") == 6_500)
    #expect(trace.json["uses"]?.items?.first?["amount"]?["fen"] == 500)
    try await api.get("/donations/\(UUID.unknown.lowercase)/trace")
      .expect(404, "giving.unknown_donation")
    try await api.get("/donations/\(gift)/trace", as: "other-officer")
      .expect(404, "giving.unknown_donation")
  }

  private static func payment(_ fen: Int64) -> JSONValue {
    ["amount": .fen(fen), "purpose": "study", "note": "书"]
  }
}
