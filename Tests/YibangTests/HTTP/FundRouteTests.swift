import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("campaigns, funds, budgets and closing over HTTP")
struct FundRouteTests {
  @Test("a campaign is opened, filled, summed up and closed")
  func campaign() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let new: JSONValue = [
      "name": "金秋助学", "school": "2199000001", "from": "2026-09-05", "voucher_number": "V-1",
      "designation": "购书",
    ]
    let made = try await api.post("/campaigns", new).expect(201)
    #expect(made.json["ends_on"] == "2026-09-05" && made.json["state"] == "open")
    try await api.post("/campaigns", new).expect(409, "campaign.exists")
    try await api.post("/campaigns", ["name": "倒", "from": "2026-09-05", "to": "2026-09-01"])
      .expect(422, "campaign.dates")
    #expect(try await api.get("/campaigns?school=2199000001").items.count == 1)
    let shown = try await api.get("/campaigns/\(made.id)").expect(200)
    let tag = try #require(shown.headers[.eTag])

    let report = try await api.upload(
      "/campaigns/\(made.id)/import?school=2199000001&semester=2026-2027-1",
      "捐款人,类别,班级,金额\n试甲,学生,一年级1班,10\n试乙,教师,,20\n"
    ).expect(200)
    #expect(report.json["accepted"] == 2)
    let summary = try await api.get("/campaigns/\(made.id)/summary").expect(200)
    #expect(summary.at("received", "fen") == 3_000 && summary.json["count"] == 2)
    #expect(try await api.get("/campaigns/\(made.id)/lines").expect(200).items.count == 2)
    let closed = try await api.post(
      "/campaigns/\(made.id)/close", headers: ["If-Match": tag]
    ).expect(200)
    #expect(closed.json["state"] == "closed")
    let late: JSONValue = [
      "donor": ["name": "试丙"], "amount": .fen(1), "school": "2199000001", "date": "2026-09-05",
      "campaign": .string(made.id),
    ]
    try await api.post("/donations", late).expect(409, "campaign.closed")
    try await api.get("/campaigns/\(made.id)", as: "other-officer").expect(404, "campaign.unknown")
  }

  @Test("a fund is opened, allowed for purposes, given money, and pays within a plan")
  func fund() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    try await api.post("/purposes", ["code": "eyesight", "name": "视力保护", "english": "eyesight"])
      .expect(204)
    try await api.post("/purposes", ["code": "eyesight", "name": "视力保护"])
      .expect(409, "fund.purpose_exists")
    #expect(
      try await api.get("/purposes").expect(200).items.contains { $0["code"] == "eyesight" })
    let new: JSONValue = ["name": "爱眼", "purposes": ["eyesight"], "school": "2199000001"]
    try await api.post("/funds", new, as: "officer").expect(403, "access.forbidden")
    let id = try await api.post("/funds", new).expect(201).id
    try await api.post("/funds/\(id)/purposes", ["purpose": "study"]).expect(204)
    try await api.post("/funds/\(UUID.unknown.lowercase)/purposes", ["purpose": "study"])
      .expect(404, "fund.unknown")
    try await api.post(
      "/funds/\(id)/allocations", ["amount": .fen(9_000), "document": "财〔2026〕1号"]
    ).expect(201)
    func pay(_ fen: Int64) async throws -> TestAPI.Answer {
      try await api.post(
        "/funds/\(id)/payments", ["amount": .fen(fen), "purpose": "eyesight", "note": "眼镜"])
    }
    try await pay(1_000).expect(201)
    try await pay(100_000).expect(409)
    let statements = try await api.get("/funds?school=2199000001&semester=2026-2027-1").expect(200)
    let mine = try #require(statements.items.first { $0["fund_id"]?.text == id })
    #expect(mine["closing"]?["fen"] == 8_000)
    let transfers = try await api.all("/funds/\(id)/transfers?semester=2026-2027-1")
    #expect(transfers.compactMap { $0["kind"]?.text } == ["payment", "allocation"])

    let plan = "/funds/\(id)/budgets/2026-2027-1"
    try await api.write(.put, plan, ["amount": .fen(3_000)]).expect(204)
    try await api.write(.put, plan, ["amount": .fen(-1)]).expect(422, "fund.amount_not_positive")
    let budgets = try await api.get("/budgets?semester=2026-2027-1").expect(200).items
    #expect(budgets.first { $0["fund_id"]?.text == id }?["planned"]?["fen"] == 3_000)
    try await api.write(.delete, plan).expect(204)
    let lifted = try await api.get("/budgets?semester=2026-2027-1").items
    #expect(lifted.first { $0["fund_id"]?.text == id }?["planned"] == nil)
  }

  @Test("a semester is checked, closed, and opened again by two people")
  func closing() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let path = "/semesters/2025-2026-2"
    #expect(try await api.get("\(path)/open-items").expect(200).items.isEmpty)
    let later = try await api.get("/semesters/2026-2027-1/open-items").items
    #expect(later.contains { $0["kind"] == "earlier_semester" })
    try await api.post("/semesters/2026-2027-1/close").expect(409, "closing.open_items")
    try await api.post("\(path)/close", as: "officer").expect(403, "access.forbidden")
    #expect(try await api.post("\(path)/close").expect(200).json["closing"] != nil)
    #expect(try await api.post("\(path)/close").expect(200).json["closing"] == nil)
    try await api.post("\(path)/reopening/approve").expect(404, "closing.not_requested")
    try await api.post("\(path)/reopening", ["reason": "漏记一笔"]).expect(201)
    try await api.post("\(path)/reopening", ["reason": "漏记一笔"])
      .expect(409, "closing.requested_before")
    try await api.post("\(path)/reopening/approve").expect(403, "closing.same_person")
    try await api.post("\(path)/reopening/approve", as: "second").expect(204)
    try await api.get("/semesters/2030-2031-1/open-items").expect(404)
  }
}
