import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("the bank over HTTP")
struct BankRouteTests {
  @Test("a statement is read in, matched by program and by hand, explained and undone")
  func whole() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let account: JSONValue = [
      "name": "基本户", "number": "6222000000001003", "school": "2199000001",
    ]
    try await api.post("/bank-accounts", account, as: "officer").expect(403, "access.forbidden")
    let made = try await api.post("/bank-accounts", account).expect(201)
    try await api.post("/bank-accounts", account).expect(409, "bank.account_exists")
    let accounts = try await api.get("/bank-accounts", as: "officer").expect(200)
    #expect(accounts.items.map { $0["last_four"] } == ["1003"])
    #expect(!accounts.text.contains("622200000000"))

    let gift = try await district.gift("试甲", 12_300, on: "2026-09-10")
    let paid = try await district.pay(500)
    let lines = """
      \(TestDistrict.bankHeader)
      2026-09-10,捐款,123.00,,试甲,S1
      2026-09-21,货款,,5.00,试店,S2
      2026-09-22,手续费,,1.00,,S3

      """
    let query = "/bank-accounts/\(made.id)/import?semester=2026-2027-1"
    let report = try await api.upload(query, lines, key: "st").expect(200)
    #expect(report.json["accepted"] == 3)
    #expect(try await api.upload(query, lines, key: "st").bytes == report.bytes)
    let dry = try await api.post(
      "/bank-lines/match", ["school": "2199000001", "days": 3, "dry_run": true]
    ).expect(200)
    #expect(dry.json["dry_run"] == true)
    try await api.post("/bank-lines/match", ["days": 61]).expect(422, "input.value")
    let outcome = try await api.post(
      "/bank-lines/match", ["school": "2199000001", "semester": "2026-2027-1"])
    #expect(outcome.expect(200).json["matched"]?.items?.isEmpty == false)

    let all = try await api.all("/bank-lines?semester=2026-2027-1")
    #expect(all.count == 3)
    let ids = all.compactMap { $0["id"]?.text }
    let first = try await api.get("/bank-lines?state=matched").items.first
    let matched = try #require(first?["id"]?.text)
    try await api.post("/reconciliations/\(matched)/undo", ["reason": "误配"]).expect(200)
    let entry = matched == ids[0] ? gift : paid
    try await api.post(
      "/bank-lines/\(matched)/match", ["entries": [.id(entry)], "reason": "核对无误"]
    ).expect(201)
    try await api.post(
      "/bank-lines/\(ids[2])/match", ["entries": [.id(gift)], "reason": "试"]
    ).expect(409)
    try await api.post("/bank-lines/\(ids[2])/explain", ["reason": "fee", "note": "转账费"])
      .expect(201)
    try await api.post("/bank-lines/\(ids[2])/explain", ["reason": "batch", "note": "转账费"])
      .expect(422)
    let cash = try await district.gift("试乙", 700, method: .transfer)
    try await api.post(
      "/transfers/\(cash.lowercase)/explain", ["reason": "in_transit", "note": "次日到账"]
    ).expect(201)
    let status = try await api.get("/bank-status?school=2199000001&semester=2026-2027-1")
    #expect(status.expect(200).json["accounts"]?.items?.count == 1)
    try await api.get("/bank-status/open?semester=2026-2027-1").expect(200)
  }

  @Test("who may not read the bank sees amounts and no counterparty; another school nothing")
  func masked() async throws {
    let district = try await TestDistrict.make()
    let matcher = try await PaymentBatchTests.user("mat", .matcher, district)
    let api = try await TestAPI(district, others: [matcher])
    _ = try await district.statement("2026-09-10,捐款,123.00,,试甲,S1")
    let lines = try await api.get("/bank-lines?semester=2026-2027-1", as: "mat").expect(200)
    #expect(lines.items.count == 1 && !lines.text.contains("试甲"))
    #expect(
      try await api.get("/bank-lines?semester=2026-2027-1", as: "other-officer").items.isEmpty)
    let unknown = UUID.unknown.lowercase
    try await api.post("/bank-lines/\(unknown)/explain", ["reason": "fee", "note": "费"])
      .expect(404, "bank.unknown_line")
    try await api.upload("/bank-accounts/\(unknown)/import?semester=2026-2027-1", "日期\n")
      .expect(404, "bank.unknown_account")
  }
}
