import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("pairings, instalments and payouts over HTTP")
struct PairingRouteTests {
  @Test("a pairing is listed, shown, amended on its version, ended with its money decided")
  func pairing() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let pairing = try await district.pairing()
    let path = "/pairings/\(pairing.lowercase)"
    let listed = try await api.get("/pairings?state=running&semester=2027-2028-1", as: "officer")
      .expect(200)
    #expect(listed.items.first?["pupil"] == "样小例")
    #expect(try await api.get("/pairings").items.first?["pupil"] == "样*例")
    #expect(try await api.get("/pairings", as: "other-officer").items.isEmpty)
    let shown = try await api.get(path).expect(200)
    #expect(shown.at("instalments")?.items?.count == 6 && shown.at("pupil") == "样*例")
    #expect(try await api.get(path + "/commitment").expect(200).json == shown.json)
    let tag = try #require(shown.headers[.eTag])
    let amendment: JSONValue = [
      "amount": .fen(120_000), "from": "2026-2027-2", "reason": "自愿增加",
    ]
    let changed = try await api.post(path + "/amend", amendment, headers: ["If-Match": tag])
      .expect(200)
    #expect(changed.at("before", "fen") == 100_000 && changed.at("after", "fen") == 120_000)
    try await api.post(
      path + "/amend", ["amount": .fen(120_000), "from": "2035-2036-1", "reason": "自愿"]
    ).expect(422, "commitment.not_its_semester")
    #expect(try await api.get(path + "/changes").expect(200).items.count == 1)
    _ = try await district.pay(pairing, 100_000)
    try await api.post(path + "/end", ["reason": "left_school"]).expect(
      409, "pairing.balance_to_decide")
    try await api.post(path + "/end", ["reason": "recognition_ended"]).expect(
      422, "pairing.unknown_reason")
    let general: JSONValue = ["use": "general"]
    try await api.post(path + "/end", ["reason": "left_school", "balance": general]).expect(
      422, "pairing.consent_missing")
    try await api.post(path + "/end", ["reason": "left_school"], as: "officer").expect(
      403, "access.forbidden")
    let ended = try await api.post(
      path + "/end",
      [
        "reason": "left_school",
        "balance": ["use": "general", "consent": "微信回复", "consent_on": "2026-11-19"],
      ]
    ).expect(200)
    #expect(ended.at("unspent", "fen") == 100_000 && ended.at("balance") == "general")
    try await api.post(path + "/end", ["reason": "left_school"]).expect(409, "pairing.ended")
    let pupil = try #require(listed.items.first?["student"]?.text)
    let chapters = try await api.get("/students/\(pupil)/pairings", as: "officer").expect(200)
    #expect(chapters.items.first?["reason"]?["code"] == "left_school")
    try await api.get("/pairings/\(UUID.unknown.lowercase)").expect(
      404, "commitment.unknown_pairing")
  }

  @Test("pairings are read in, and listed a page at a time in one order")
  func pages() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for name in ["样甲", "样乙", "样丙", "样丁"] {
      var pupil = TestPupil()
      pupil.name = name
      pupil.grade = name == "样丁" ? "四年级" : "三年级"
      _ = try await district.pupil(pupil)
    }
    let sheet = """
      学生姓名,资助人,类别,每学期金额,起始学期
      样甲,张样,教师,1000,2026-2027-1
      样乙,李样,个人,800,2026-2027-1
      样丙,王样,个人,800,2026-2027-1
      样丁,样企有限公司,企业,800,2026-2027-1
      """
    let report = try await api.upload(
      "/pairings/import?school=2199000001&semester=2026-2027-1", sheet
    ).expect(200)
    #expect(report.at("accepted") == 4, "\(report.text)")
    let whole = try await api.get("/pairings").expect(200).items
    #expect(whole.count == 4)
    #expect(try await api.all("/pairings") == whole)
    #expect(try await api.all("/pairings", as: "officer").count == 4)
    let instalments = try await api.get("/instalments").expect(200).items
    #expect(instalments.count == 4)
    #expect(try await api.all("/instalments") == instalments)
    #expect(try await api.all("/instalments?state=received").isEmpty)
    #expect(try await api.all("/payouts").count == 4)
    try await api.upload(
      "/pairings/import?school=2199000001&semester=2026-2027-1", sheet, as: "officer"
    ).expect(403, "access.forbidden")
  }

  @Test("money comes in by instalment, by number and in one sum, and goes back")
  func money() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let pairing = try await district.pairing().lowercase
    let first = try #require(
      try await api.get("/pairings/\(pairing)").at("instalments")?.items?.first?["id"]?.text)
    let part = try await api.post(
      "/instalments/\(first)/receive", ["amount": .fen(40_000), "method": "wechat"]
    ).expect(201)
    try await api.post("/instalments/\(first)/receive", ["amount": .fen(70_000)]).expect(
      409, "instalment.more_than_outstanding")
    try await api.post(
      "/pairings/\(pairing)/instalments/7/receive", ["amount": .fen(1)]
    ).expect(422, "instalment.no_such_number")
    try await api.post(
      "/pairings/\(pairing)/instalments/2/receive", ["amount": .fen(10_000)]
    ).expect(201)
    let payment = try await api.post("/pairings/\(pairing)/payments", ["amount": .fen(150_000)])
      .expect(201)
    #expect(payment.at("parts")?.items?.compactMap { $0["number"] } == [1, 2])
    try await api.post("/pairings/\(pairing)/payments", ["amount": .fen(600_000)]).expect(
      409, "instalment.surplus")
    let receipts = try await api.get("/instalments/\(first)/receipts").expect(200)
    #expect(receipts.items.count == 2)
    try await api.post(
      "/instalment-receipts/\(part.id)/reverse",
      ["amount": .fen(10_000), "reason": "多记", "refund": true]
    ).expect(200)
    try await api.post("/instalment-receipts/\(part.id)/reverse", ["reason": "记错"]).expect(200)
    try await api.post("/instalment-receipts/\(part.id)/reverse", ["reason": "再来"]).expect(409)
    let excused = try await api.post("/instalments/\(first)/excuse", ["reason": "经济困难"]).expect(
      200)
    #expect(excused.at("excused", "fen") == 40_000)
    try await api.post("/instalments/\(first)/excuse", ["reason": "再来"]).expect(
      409, "instalment.nothing_open")
    try await api.post("/instalments/\(first)/receive", ["amount": .fen(1)], as: "other-officer")
      .expect(404, "instalment.unknown")
    #expect(try await api.all("/instalments?state=excused").isEmpty == false)
  }

  @Test("what a sponsor does not pay in time is bridged, paid out and told by semester")
  func cover() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.give(300_000)
    let pairing = try await district.pairing().lowercase
    #expect(try await api.get("/pairing-settings").expect(200).at("grace_days") == 30)
    let settings: JSONValue = ["grace_days": 20, "payout_days": 45, "cover_limit": 3]
    try await api.write(.put, "/pairing-settings", settings).expect(204)
    #expect(try await api.get("/pairing-settings").at("cover_limit") == 3)
    try await api.write(
      .put, "/pairing-settings", ["grace_days": 20, "payout_days": 45, "cover_limit": 9]
    ).expect(422, "pairing.setting")
    try await api.write(.put, "/pairing-settings", settings, as: "officer").expect(
      403, "access.forbidden")
    let run = try await api.post("/pairing-covers/run").expect(200)
    #expect(run.at("covered") == 1 && run.at("amount", "fen") == 100_000)
    #expect(try await api.post("/pairing-covers/run").expect(200).at("covered") == 0)
    try await api.post("/pairing-covers/run", as: "officer").expect(403, "access.forbidden")
    let covers = try await api.get("/pairing-covers?semester=2026-2027-1").expect(200)
    #expect(covers.items.first?["pairing"] == .string(pairing))
    #expect(try await api.all("/pairing-covers").count == 1)
    let coverage = try await api.get("/pairing-coverage", as: "officer").expect(200)
    #expect(coverage.items.first?["children"] == 1)
    #expect(coverage.items.first?["gaps"]?.items?.first?["pupil"] == "样小例")
    let payout = try #require(try await api.get("/payouts?state=planned").items.first?["id"]?.text)
    try await api.post("/payouts/\(payout)/suspend", ["reason": "学生请假"]).expect(204)
    try await api.post("/payouts/batch", ["school": "2199000001", "title": "一帮一"]).expect(
      409, "payout.not_funded")
    try await api.post("/payouts/\(payout)/resume").expect(204)
    let batch = try await api.post(
      "/payouts/batch", ["school": "2199000001", "title": "一帮一"], as: "officer"
    ).expect(201)
    #expect(batch.at("lines") == 1 && batch.at("total", "fen") == 100_000)
    try await api.post("/payouts/\(payout)/cancel", ["reason": "不再发"]).expect(
      409, "payout.in_batch")
    try await api.post("/payouts/\(UUID.unknown.lowercase)/resume").expect(404, "payout.unknown")
    #expect(try await api.post("/pairings/complete").expect(200).at("completed") == 0)
    let reasons = try await api.get("/pairing-end-reasons", as: "officer").expect(200)
    #expect(reasons.items.contains { $0["code"] == "moved_away" })
  }
}
