import Foundation
import HTTPTypes
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("activities and reports over HTTP")
struct ActivityRouteTests {
  @Test("activities are logged, read in, linked, listed a page at a time and summed up")
  func activities() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let pairing = try await district.pairing().lowercase
    let activity: JSONValue = [
      "school": "2199000001", "theme": "感恩的心", "kind": "gratitude", "date": "2026-11-10",
      "participants": 30,
    ]
    let made = try await api.post("/activities", activity, as: "officer").expect(201)
    try await api.post(
      "/activities",
      ["school": "2199000001", "theme": "电话 13800000001", "kind": "essay"], as: "officer"
    ).expect(422, "activity.identifies")
    try await api.post("/activities", activity, as: "other-officer").expect(404)
    try await api.post(
      "/activities", ["school": "2199000001", "theme": "春游", "kind": "picnic"], as: "officer"
    ).expect(400, "input.type")
    let sheet = "日期,活动类型,主题\n2026-09-11,征文,甲\n2026-09-12,班会,乙\n2026-09-13,家访,丙\n"
    let report = try await api.upload(
      "/activities/import?school=2199000001&semester=2026-2027-1", sheet, as: "officer"
    ).expect(200)
    #expect(report.at("accepted") == 3, "\(report.text)")
    let links: JSONValue = ["pairings": [.string(pairing)]]
    #expect(
      try await api.post("/activities/\(made.id)/link", links, as: "officer").expect(200)
        .at("added") == 1)
    #expect(
      try await api.post("/activities/\(made.id)/link", links, as: "officer").at("added") == 0)
    try await api.post("/activities/\(made.id)/link", ["donors": [.id(.unknown)]], as: "officer")
      .expect(404, "activity.unknown_donor")
    let whole = try await api.get("/activities").expect(200).items
    #expect(whole.count == 4 && whole.last?["pairings"] == [.string(pairing)])
    #expect(try await api.all("/activities") == whole)
    #expect(try await api.all("/activities?kind=essay&school=2199000001").count == 1)
    let summary = try await api.get("/activities/summary", as: "officer").expect(200)
    #expect(summary.at("activities") == 4 && summary.at("linked_pairings") == 1)
  }

  @Test("the school's sheets mask pupils unless a reason is given")
  func reports() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.importRoster("年级,班级,姓名,等级\n三年级,1班,样小明,困难\n")
    for kind in ["hardship", "summary", "donations", "fund", "pairings", "activities"] {
      let sheet = try await api.get("/reports/\(kind)/xlsx", as: "officer").expect(200)
      #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    }
    let csv = try await api.get("/reports/hardship/csv?school=2199000001").expect(200)
    #expect(csv.text.contains("样*明") && !csv.text.contains("样小明"))
    let json = try await api.get("/reports/hardship/json?with_numbers=true", as: "officer").expect(
      200)
    #expect(json.at("masked") == true && json.at("rows")?.items?.count == 1)
    let revealed = try await api.post(
      "/reports/hardship/csv/reveal", ["reveal": "上报教育局"], key: nil, as: "officer"
    ).expect(200)
    #expect(revealed.text.contains("样小明"))
    for format in ["xlsx", "json"] {
      try await api.post(
        "/reports/summary/\(format)/reveal", ["reveal": "上报教育局"], key: nil, as: "officer"
      ).expect(200)
    }
    try await api.post(
      "/reports/fund/xlsx/reveal", ["reveal": "上报教育局"], key: nil, as: "officer"
    ).expect(422, "report.nothing_to_reveal")
    try await api.get("/reports/nothing/xlsx").expect(400, "input.type")
    try await api.get("/reports/hardship/csv?school=2199000001", as: "other-officer").expect(404)
  }

  @Test("a sponsor's report needs consent, and is on record as shared")
  func sponsor() async throws {
    let fixture = try await MailFixture.make()
    let district = fixture.district
    let api = try await TestAPI(district)
    let path = "/pairings/\(fixture.pairing.lowercase)/report"
    let body: JSONValue = ["semester": "2026-2027-1"]
    try await api.post(path, body).expect(409, "reminder.no_consent")
    try await fixture.consent("progress_report")
    let report = try await api.post(path, body, key: nil).expect(200)
    #expect(report.at("instalments")?.items?.isEmpty == false)
    #expect(report.at("head")?.items?.first?["value"] == "样*例")
    let shared = try await district.count(
      "select count(*) from consent_use where district_id = $1 and scope = 'progress_report'")
    #expect(shared == 1)
  }
}
