import Foundation
import HTTPTypes
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("donors over HTTP")
struct DonorRouteTests {
  private static let number = "530103201503010016"

  @Test("a donor is added once by its number, found masked, and revealed with a reason")
  func identity() async throws {
    let district = try await TestDistrict.make()
    let finance = try await PaymentBatchTests.user("fin", .finance, district)
    let api = try await TestAPI(district, others: [finance])
    let donor: JSONValue = [
      "name": "试捐人", "resident_id": .string(Self.number), "phone": "13800138000",
      "school": "2199000001",
    ]
    let added = try await api.post("/donors", donor).expect(201)
    #expect(added.json["added"] == true)
    #expect(try await api.post("/donors", donor).expect(201).json["added"] == false)
    var other = donor
    if case .object(var members) = other {
      members[0].value = "另一人"
      other = .object(members)
    }
    try await api.post("/donors", other).expect(409, "donor.other_name")
    try await api.post("/donors", ["name": "甲", "resident_id": "53010320150301001"])
      .expect(422, "input.value")

    let found = try await api.post(
      "/donors/find", ["resident_id": .string(Self.number)], key: nil
    ).expect(200)
    let first = try #require(found.json["items"]?.items?.first)
    #expect(first["id"]?.text == added.id && first["name"] != "试捐人")
    #expect(!found.text.contains(Self.number))
    try await api.post("/donors/find", [:], key: nil).expect(422, "donor.no_number")

    let path = "/donors/\(added.id)/reveal"
    let revealed = try await api.post(path, ["reason": "核对身份"], key: nil).expect(200)
    #expect(revealed.json["records"]?.items?.first?["resident_id"]?.text == Self.number)
    try await api.post(path, ["reason": ""], key: nil).expect(422, "donor.reason_missing")
    try await api.post(path, ["reason": "核对"], key: nil, as: "fin").expect(403, "access.forbidden")
    let trail = try await api.get("/audit?subject=\(added.id)").items
    #expect(trail.filter { $0["action"] == "identity.reveal" }.count == 1)
    // Nothing of it is kept for a repetition, whatever key is sent along.
    try await api.post(path, ["reason": "核对身份"], key: "reveal").expect(200)
    let code = district.code
    let kept: Int64 = try await TestPlatform.asOwner { session in
      try session.query(
        "select count(*) from api_request where district_id = $1 and operation = 'donor.reveal'",
        code)[0].get(0)
    }
    #expect(kept == 0)
  }

  @Test("donors are listed by pages; one is shown with its version, which a change depends on")
  func versions() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for name in ["丙", "甲", "乙", "丁"] {
      try await api.post("/donors", ["name": .string(name), "school": "2199000001"]).expect(201)
    }
    try await api.post("/donors", ["name": "公司", "kind": "company"]).expect(201)
    let names = try await api.all("/donors").compactMap { $0["name"]?.text }
    #expect(names.count == 5 && names[0] == "公司")
    #expect(names == (try await Donors.list(in: district.admin)).map(\.name))
    #expect(try await api.all("/donors", as: "officer").count == 4)
    let id = try #require(try await api.get("/donors?limit=2").items.last?["id"]?.text)
    let shown = try await api.get("/donors/\(id)").expect(200)
    let tag = try #require(shown.headers[.eTag])
    #expect(
      try await api.get("/donors/\(id)", headers: ["If-None-Match": tag]).status == 304)
    let wish: JSONValue = ["anonymous": true]
    try await api.write(
      .put, "/donors/\(id)/anonymity", wish, headers: ["If-Match": "\"0\""]
    ).expect(412, "version.changed")
    try await api.write(.put, "/donors/\(id)/anonymity", wish, headers: ["If-Match": tag])
      .expect(204)
    #expect(try await api.get("/donors/\(id)").json["name"] == "匿名")
    try await api.write(.put, "/donors/\(id)/anonymity", ["anonymous": false])
      .expect(422, "donor.no_consent")
    try await api.get("/donors/\(UUID.unknown.lowercase)").expect(404, "donor.unknown")
    try await api.get("/donors/\(id)", as: "other-officer").expect(404, "donor.unknown")
  }

  @Test("how a donor is told things is recorded and shown masked")
  func contact() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let id = try await api.post("/donors", ["name": "试捐人"]).id
    #expect(try await api.get("/donors/\(id)/contact").expect(200).json["way"] == "letter")
    let path = "/donors/\(id)/contact"
    try await api.write(.put, path, ["way": "mail", "mail": "zhang@example.cn", "language": "en"])
      .expect(204)
    let shown = try await api.get(path)
    #expect(shown.json["way"] == "mail" && shown.json["address"] == "z***@example.cn")
    try await api.write(.put, path, ["way": "mail"]).expect(422, "input.value")
    let wrong = try await api.write(.put, path, ["way": "mail", "mail": "zhang"])
    #expect([400, 422].contains(wrong.status) && wrong.code == "mail.address")
    try await api.write(.put, path, ["way": "none"]).expect(204)
    try await api.get("/donors/\(UUID.unknown.lowercase)/contact").expect(404)
  }

  @Test("a statement is read by pages and as a sheet, and a copy leaves its request on record")
  func papers() async throws {
    let district = try await TestDistrict.make()
    let finance = try await PaymentBatchTests.user("fin", .finance, district)
    let api = try await TestAPI(district, others: [finance])
    for fen in [100, 200, 300] { _ = try await district.give(Int64(fen)) }
    let id = try #require(try await api.get("/donors").items.first?["id"]?.text)
    let page = try await api.get("/donors/\(id)/statement?limit=2&totals=true").expect(200)
    #expect(page.json["lines"]?.items?.count == 2 && page.at("totals", "net", "fen") == 600)
    let next = try #require(page.json["next"]?.text)
    let rest = try await api.get("/donors/\(id)/statement?after=\(next)")
    #expect(rest.json["lines"]?.items?.count == 1 && rest.json["next"] == nil)
    let sheet = try await api.get("/donors/\(id)/statement-sheet").expect(200)
    #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    #expect(sheet.headers[.contentDisposition]?.hasPrefix("attachment") == true)

    let copy = try await api.post(
      "/donors/\(id)/copy", ["reason": "捐赠人来函"], key: nil
    ).expect(200)
    #expect(copy.bytes.starts(with: Array("PK".utf8)))
    try await api.post("/donors/\(id)/copy", ["reason": "捐赠人来函"], key: nil, as: "fin")
      .expect(403, "access.forbidden")
    let requests = try await api.all("/donor-requests?donor=\(id)")
    #expect(requests.count == 1 && requests[0]["gifts"] == 3)
    try await api.get("/donors/\(UUID.unknown.lowercase)/statement").expect(404, "donor.unknown")
  }

  @Test("two records are told as alike, merged and taken apart again")
  func merges() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let one = try await api.post(
      "/donors", ["name": "试甲教育有限公司", "kind": "company", "school": "2199000001"]
    ).id
    let other = try await api.post(
      "/donors", ["name": "试甲教育公司", "kind": "company", "school": "3199000001"]
    ).id
    let alike = try await api.get("/donors/duplicates").expect(200).items
    #expect(alike.count == 1 && alike[0]["likeness"] == "company_name")
    let merge: JSONValue = ["from": .string(other), "into": .string(one), "reason": "同一单位"]
    try await api.post("/donor-merges", merge, as: "officer").expect(403, "access.forbidden")
    let made = try await api.post("/donor-merges", merge).expect(201)
    try await api.post("/donor-merges", merge).expect(409, "donor.merged_before")
    #expect(try await api.all("/donor-merges").map { $0["id"]?.text } == [made.id])
    #expect(try await api.get("/donor-merges?donor=\(one)").items.count == 1)
    #expect(try await api.get("/donors/\(other)").json["merged_into"]?.text == one)
    try await api.post("/donor-merges/\(made.id)/undo", ["reason": "误并了"]).expect(204)
    try await api.post("/donor-merges/\(made.id)/undo", ["reason": "误并了"])
      .expect(409, "donor.undone_before")
    try await api.post(
      "/donor-merges", ["from": .string(one), "into": .string(one), "reason": "同一人"]
    ).expect(422, "donor.same")
  }
}
