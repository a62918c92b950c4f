import Foundation
import HTTPTypes
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("copies, erasures and retention over HTTP")
struct PrivacyRouteTests {
  @Test("a copy is read with who asked and why; an erasure is asked for and decided by two people")
  func life() async throws {
    let fixture = try await PrivacyFixture.make()
    let api = try await TestAPI(fixture.district, others: [fixture.principal])
    let path = "/students/\(fixture.student.lowercase)"
    let asked: JSONValue = ["reason": "监护人要求", "asked_by": "guardian"]
    let data = try await api.post(path + "/data", asked, key: nil, as: "officer").expect(200)
    #expect(data.text.contains(PrivacyFixture.residentID))
    try await api.post(path + "/data", asked, key: nil, as: "other-officer").expect(
      404, "student.unknown")
    try await api.post(path + "/erasures", asked, as: "officer").expect(409, "erasure.pairing")
    try await fixture.end()

    let id = try await api.post(path + "/erasures", asked, as: "officer").expect(201).id
    #expect(try await api.all("/erasures?open=true", as: "officer").count == 1)
    try await api.post("/erasures/\(id)/approve", as: "officer").expect(403, "access.forbidden")
    let done = try await api.post("/erasures/\(id)/approve", as: "principal").expect(200)
    #expect(done.at("changed") == true)
    #expect(
      try await api.post("/erasures/\(id)/approve", as: "principal").expect(200).at("changed")
        == false)
    let after = try await api.post(path + "/data", asked, key: nil, as: "officer")
    #expect(after.code == "erasure.erased_before")
    #expect(try await fixture.tablesWithValues() == [])
  }

  @Test("a request whose kept answer named the child is not done again, and says so")
  func erasedAnswer() async throws {
    let fixture = try await PrivacyFixture.make()
    let api = try await TestAPI(fixture.district)
    try await fixture.end()
    let path = "/students/\(fixture.student.lowercase)/erasures"
    let asked: JSONValue = ["reason": "监护人要求", "asked_by": "guardian"]
    let id = try await api.post(path, asked, key: "kept", as: "officer").expect(201).id
    // As if the answer had told more of the child.
    try await fixture.district.change(
      "update api_request set answer = convert_to($2, 'UTF8') where district_id = $1 and key = 'kept'",
      fixture.student.lowercase)
    try await api.post("/erasures/\(id)/approve").expect(200)
    try await api.post(path, asked, key: "kept", as: "officer").expect(
      422, "idempotency.answer_erased")
  }

  @Test("the periods of keeping are read by all who read, and set by the admin")
  func retention() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    #expect(try await api.get("/retention", as: "officer").expect(200).at("years_after_aid") == 3)
    try await api.write(.put, "/retention", ["years_after_aid": 6], key: UUID().uuidString).expect(
      204)
    #expect(try await api.get("/retention").at("years_after_aid") == 6)
    try await api.write(.put, "/retention", ["request_days": 1], key: UUID().uuidString).expect(
      422, "retention.out_of_range")
  }
}
