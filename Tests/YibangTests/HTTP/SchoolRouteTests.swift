import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("districts, schools, semesters and working days over HTTP")
struct SchoolRouteTests {
  @Test("how long a pupil is kept is read by anybody of the district and set by its admin")
  func holdDays() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    #expect(try await api.get("/district/hold-days", as: "officer").expect(200).at("days") == 14)
    try await api.write(.put, "/district/hold-days", ["days": 21]).expect(204)
    #expect(try await api.get("/district/hold-days").at("days") == 21)
    try await api.write(.put, "/district/hold-days", ["days": 91]).expect(
      422, "district.hold_days")
    try await api.write(.put, "/district/hold-days", ["days": 9], as: "officer").expect(
      403, "access.forbidden")
  }

  @Test("a school's minimum and region are set on the version that was read")
  func school() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let path = "/schools/\(district.school.id.lowercase)"
    let read = try await api.get(path).expect(200)
    let tag = try #require(read.headers[.eTag])
    #expect(read.at("code") == "2199000001" && read.at("minimum") == nil)
    try await api.write(
      .put, path + "/minimum", ["amount": .fen(80_000)], headers: ["If-Match": tag]
    )
    .expect(204)
    try await api.write(
      .put, path + "/region", ["region": "530102"], headers: ["If-Match": tag]
    ).expect(412, "version.changed")
    try await api.write(.put, path + "/region", ["region": "530102"]).expect(204)
    let after = try await api.get(path)
    #expect(after.at("minimum", "fen") == 80_000 && after.at("region") == "530102")
    try await api.write(.delete, path + "/minimum").expect(204)
    #expect(try await api.get(path).at("minimum") == nil)
    try await api.write(.put, path + "/minimum", ["amount": .fen(0)]).expect(422, "school.minimum")
    try await api.write(.put, path + "/region", ["region": "12"]).expect(400, "input.type")
    try await api.write(.delete, path + "/minimum", as: "officer").expect(403, "access.forbidden")
    try await api.get("/schools/\(UUID.unknown.lowercase)").expect(404, "school.unknown")
  }

  @Test("a semester is opened once, with its own or the calendar's dates")
  func semesters() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    #expect(
      try await api.post("/semesters", ["semester": "2026-2027-2"]).expect(201).at("opened")
        == true)
    let again = try await api.post("/semesters", ["semester": "2026-2027-2"]).expect(201)
    #expect(again.at("opened") == false)
    try await api.post("/semesters", ["semester": "2026-2027-2", "from": "2027-02-10"]).expect(
      409, "semester.other_dates")
    try await api.post(
      "/semesters", ["semester": "2027-2028-1", "from": "2027-08-01", "to": "2028-01-31"]
    ).expect(409, "semester.overlap")
    try await api.post("/semesters", ["semester": "2027-2028-1"], as: "officer").expect(
      403, "access.forbidden")
    let list = try await api.get("/semesters", as: "officer").expect(200)
    #expect(
      list.items.compactMap { $0["semester"]?.text } == [
        "2025-2026-2", "2026-2027-1", "2026-2027-2",
      ])
    #expect(list.items.allSatisfy { $0["open"] == true })
  }

  @Test("a closure moves a school's deadline, and no other's")
  func calendar() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    func deadline(_ query: String, as login: String = "admin") async throws -> String? {
      try await api.get("/calendar/deadline?from=2026-09-18&working_days=3\(query)", as: login)
        .expect(200).at("deadline")?.text
    }
    let usual = try await deadline("")
    let closed = try await api.post(
      "/calendar/closures",
      ["school": "2199000001", "from": "2026-09-21", "until": "2026-09-22", "name": "校庆"],
      as: "officer"
    ).expect(200)
    #expect(closed.at("changed") == 2)
    #expect(try await deadline("") == usual)
    #expect(try await deadline("&school=2199000001") != usual)
    #expect(try await deadline("", as: "officer") == deadline("&school=2199000001"))
    #expect(try await deadline("", as: "other-officer") == usual)
    try await api.post(
      "/calendar/closures",
      ["school": "2199000001", "from": "2026-09-22", "until": "2026-09-21", "name": "校庆"]
    ).expect(422, "calendar.order")
    try await api.post(
      "/calendar/closures", ["school": "2199000001", "from": "2026-09-22", "name": "校庆"],
      as: "other-officer"
    ).expect(404)
    try await api.get("/calendar/deadline?from=2026-09-18&working_days=251").expect(
      422, "calendar.working_days")
  }

  @Test("a year's holidays are taken whole or not at all")
  func holidays() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let days: [JSONValue] = (1...8).map {
      ["date": .string("2031-10-0\($0)"), "kind": "holiday", "name": "国庆节"]
    }
    try await api.post("/calendar/holidays", ["days": .array(Array(days.prefix(3)))]).expect(
      422, "calendar.incomplete")
    let taken = try await api.post("/calendar/holidays", ["days": .array(days)]).expect(200)
    #expect(taken.at("years") == [2031] && taken.at("changed") == 8)
    #expect(
      try await api.get("/calendar/deadline?from=2031-09-30&working_days=1").at("deadline")
        == "2031-10-09")
    try await api.post("/calendar/holidays", ["days": .array(days)], as: "officer").expect(
      403, "access.forbidden")
    try await api.post(
      "/calendar/holidays", ["days": [["date": "2031-10-01", "kind": "feast", "name": "x"]]]
    ).expect(400, "input.type")
  }
}
