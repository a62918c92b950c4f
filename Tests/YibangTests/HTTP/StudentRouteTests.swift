import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("pupils over HTTP")
struct StudentRouteTests {
  private static let roster = """
    年级,班级,姓名,性别,等级
    三年级,1班,样小一,男,困难
    三年级,1班,样小二,女,
    三年级,2班,样小三,女,特别困难
    四年级,,样小四,男,
    ,,样小五,女,
    """

  private func school() async throws -> (TestDistrict, TestAPI) {
    let district = try await TestDistrict.make()
    _ = try await Users.add(
      login: "matcher", name: "m", role: .matcher, school: nil, in: district.admin)
    let api = try await TestAPI(district, others: [try await district.asUser("matcher")])
    let report = try await api.upload(
      "/students/import?school=2199000001&semester=2026-2027-1", Self.roster, as: "officer"
    ).expect(200)
    #expect(report.at("accepted") == 5 && report.at("written") == true)
    return (district, api)
  }

  @Test("a roster is read in, and listed a page at a time in one order")
  func list() async throws {
    let (_, api) = try await school()
    let whole = try await api.get("/students", as: "officer").expect(200).items
    #expect(whole.count == 5)
    #expect(try await api.all("/students", as: "officer") == whole)
    #expect(try await api.all("/students?school=2199000001") == whole)
    let recognised = try await api.get("/students?recognised=true&semester=2026-2027-1")
    #expect(recognised.items.count == 2)
    #expect(try await api.get("/students", as: "other-officer").items.isEmpty)
    try await api.get("/students?school=2199000001", as: "other-officer").expect(404)
    try await api.upload(
      "/students/import?school=2199000001&semester=2026-2027-1", Self.roster, as: "matcher"
    ).expect(403, "access.forbidden")
  }

  @Test("who sees names masked finds none in the place where the next page begins")
  func masked() async throws {
    let (district, api) = try await school()
    let page = try await api.get("/students?limit=2", as: "matcher").expect(200)
    #expect(page.items.allSatisfy { $0["name"]?.text?.contains("*") == true })
    let cursor = try #require(page.json["next"]?.text)
    let values = try #require(Cursor(cursor)).values
    #expect(values.count == 1 && UUID(uuidString: values[0]) != nil)
    #expect(try await api.all("/students", as: "matcher").count == 5)
    // A place that is gone is told, so that the list does not seem to end.
    let gone: Cursor = Cursor(UUID.unknown.uuidString)
    try await api.get("/students?after=\(gone)").expect(422, "page.cursor")
    #expect(district.school.code == "2199000001")
  }

  @Test("a pupil goes to another school that takes it, or stays")
  func transfer() async throws {
    let (_, api) = try await school()
    let pupil = try #require(
      try await api.get("/students", as: "officer").items.first?["id"]?.text)
    let body: JSONValue = ["to": "3199000001", "on": "2026-11-09"]
    let proposed = try await api.post("/students/\(pupil)/transfer", body, as: "officer").expect(
      200)
    #expect(proposed.at("state") == "proposed")
    try await api.post("/students/\(pupil)/transfer", body, as: "officer").expect(
      409, "move.proposed_before")
    let move = try #require(proposed.at("move")?.text)
    try await api.post("/student-transfers/\(move)/receive", as: "officer").expect(
      403, "move.other_side")
    try await api.post("/student-transfers/\(move)/keep", as: "officer").expect(204)
    let second = try await api.post("/students/\(pupil)/transfer", body, as: "officer").expect(200)
    let open = try await api.get("/student-transfers?open=true", as: "other-officer").expect(200)
    #expect(open.items.first?["incoming"] == true)
    #expect(open.items.first?["name"]?.text?.contains("*") == true)
    let id = try #require(second.at("move")?.text)
    let done = try await api.post("/student-transfers/\(id)/receive", as: "other-officer").expect(
      200)
    #expect(done.at("state") == "done")
    let stays = try await api.get("/students/\(pupil)/stays", as: "other-officer").expect(200)
    #expect(stays.items.compactMap { $0["school"]?.text } == ["第一小学", "第一中学"])
    try await api.get("/students/\(UUID.unknown.lowercase)/stays").expect(404, "student.unknown")
    try await api.post("/student-transfers/\(id)/keep", as: "officer").expect(409, "move.state")
  }
}
