import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("offers over HTTP")
struct OfferRouteTests {
  private static let offer: JSONValue = [
    "sponsor": "试好人", "mobile": "13800000001", "amount": ["fen": 100_000], "places": 2,
    "wish": [
      "schools": ["2199000001", "3199000001"], "grade": "三年级", "gender": "female",
      "region": "530102", "limits": ["gender"], "weights": ["grade": 5],
    ],
    "note": "每年开学",
  ]

  @Test("an offer is recorded with its wishes, shown without its number, and withdrawn once")
  func life() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let made = try await api.post("/offers", Self.offer).expect(201)
    let shown = try await api.get("/offers/\(made.id)").expect(200)
    #expect(shown.at("wish_school") == "第一小学" && shown.at("other_schools") == ["第一中学"])
    #expect(shown.at("limits") == ["gender"] && shown.at("weights") == [1, 1, 5, 1])
    #expect(shown.at("first_semester") == "2026-2027-1" && shown.at("open") == true)
    #expect(!shown.text.contains("13800000001"))
    let tag = try #require(shown.headers[.eTag])
    let taken = try await api.post("/offers/\(made.id)/withdraw", headers: ["If-Match": tag])
      .expect(200)
    #expect(taken.at("withdrawn") == true && taken.at("lapsed_pairs") == 0)
    try await api.post("/offers/\(made.id)/withdraw", headers: ["If-Match": tag]).expect(
      412, "version.changed")
    #expect(
      try await api.post("/offers/\(made.id)/withdraw").expect(200).at("withdrawn") == false)
    try await api.get("/offers/\(UUID.unknown.lowercase)").expect(404, "offer.unknown")
  }

  @Test("an offer that makes no sense is refused by field or by code")
  func wrong() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    func send(_ changes: [JSONValue.Member], as login: String = "admin") async throws
      -> TestAPI.Answer
    {
      guard case .object(let members) = Self.offer else { fatalError() }
      let kept = members.filter { member in !changes.contains { $0.name == member.name } }
      return try await api.post("/offers", .object(kept + changes), as: login)
    }
    try await send([.init("places", 0)]).expect(422, "offer.places")
    try await send([.init("amount", .fen(0))]).expect(422, "offer.amount")
    try await send([.init("mobile", "12")]).expect(422, "input.value")
    try await send([.init("wish", ["weights": ["grade": 5]])]).expect(
      422, "offer.weight_without_wish")
    try await send([.init("wish", ["limits": ["school"]])]).expect(422, "offer.limit_without_wish")
    try await send([.init("wish", ["schools": ["2199000099"]])]).expect(404, "school.unknown")
    try await send([.init("student", "G990000201503010017")]).expect(404)
    try await send([], as: "officer").expect(403, "access.forbidden")
  }

  @Test("a sheet of offers is read in, and listed a page at a time")
  func list() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let sheet = """
      帮扶人,类别,每学期金额,名额
      样甲,个人,1000,1
      样乙,个人,1200,2
      样企有限公司,企业,800,5
      """
    let report = try await api.upload("/offers/import?semester=2026-2027-1", sheet).expect(200)
    #expect(report.at("accepted") == 3, "\(report.text)")
    let whole = try await api.get("/offers").expect(200).items
    #expect(whole.count == 3)
    #expect(try await api.all("/offers") == whole)
    let first = try #require(whole.first?["id"]?.text)
    try await api.post("/offers/\(first)/withdraw").expect(200)
    #expect(try await api.all("/offers?open=true").count == 2)
    try await api.upload("/offers/import?semester=2026-2027-1", sheet, as: "officer").expect(
      403, "access.forbidden")
  }

  @Test("a sponsor goes on with its pupil, once")
  func renew() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let pairing = try await district.pairing().lowercase
    let renewed = try await api.post("/pairings/\(pairing)/renew", ["amount": .fen(120_000)])
      .expect(201)
    let offer = try await api.get("/offers/\(renewed.id)")
    #expect(offer.at("renews") == .string(pairing) && offer.at("amount", "fen") == 120_000)
    try await api.post("/pairings/\(pairing)/renew").expect(409, "offer.renewed_before")
    try await api.post("/pairings/\(pairing)/renew", ["first": "2026-2027-1"]).expect(
      422, "offer.renewal_too_early")
    try await api.post("/pairings/\(UUID.unknown.lowercase)/renew").expect(
      404, "offer.unknown_pairing")
  }
}
