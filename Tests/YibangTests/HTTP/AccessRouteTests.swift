import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("identities and their log over HTTP")
struct AccessRouteTests {
  private func school() async throws -> (TestDistrict, TestAPI, UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    let others = [
      try await district.person("principal", .principal, school: district.school.id),
      try await district.person("auditor", .auditor),
    ]
    return (
      district, try await TestAPI(district, others: others), try await district.student(named: "试甲")
    )
  }

  @Test("a pupil is shown for a reason, the principal reads of it, and the guardian is told")
  func story() async throws {
    let (_, api, student) = try await school()
    let path = "/students/\(student.lowercase)"
    let shown = try await api.post("\(path)/reveal", ["reason": "银行退汇"], key: nil, as: "officer")
      .expect(200)
    #expect(shown.at("resident_id") == "990000201503010017")
    #expect(shown.at("guardians")?.items?.first?["phone"] == "19900000001")
    try await api.post("\(path)/reveal", ["reason": "核对"], key: nil, as: "auditor")
      .expect(403, "access.forbidden")
    try await api.post("\(path)/reveal", ["reason": "核对"], key: nil, as: "other-officer")
      .expect(404, "student.unknown")
    let log = try await api.get("/accesses?person=\(student.lowercase)&by=officer", as: "principal")
      .expect(200)
    #expect(log.items.count == 1 && log.items[0]["reason"] == "银行退汇")
    #expect(try await api.all("/accesses", as: "auditor").count == 1)
    let refused = try await api.get("/accesses/refused", as: "auditor").expect(200)
    #expect(refused.items.map { $0["by"] } == ["other-officer", "auditor"])
    #expect(refused.items.map { $0["refusal"] } == ["student.unknown", "access.forbidden"])
    #expect(refused.items.allSatisfy { $0["student"] == .id(student) })
    try await api.get("/accesses", as: "officer").expect(403, "access.forbidden")
    let told = try await api.post(
      "\(path)/accesses", ["asked_by": "母亲"], key: nil, as: "principal"
    ).expect(200)
    #expect(told.at("lines")?.items?.first?["role"] == "school_officer")
    #expect(!told.text.contains("\"officer\""))
    let flags = try await api.get("/accesses/flags?from=2026-01-01&to=2026-12-31", as: "auditor")
    flags.expect(200)
    try await api.get("/accesses/flags?to=0001-01-02", as: "auditor").expect(200)
    try await api.get("/accesses/flags?from=2026-02-01&to=2026-01-31", as: "auditor")
      .expect(422, "access.period_reversed")
  }

  @Test("who looks up too many is told to wait, and how long")
  func tooMany() async throws {
    let (district, api, student) = try await school()
    try await district.earlier(30, by: district.officer, of: student, ago: "50 minutes")
    let answer = try await api.post(
      "/students/\(student.lowercase)/reveal", ["reason": "核对"], key: nil, as: "officer"
    ).expect(429, "reveal.too_many")
    let wait = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
    #expect((500...600).contains(wait))
  }

  @Test("the trail is verified and filtered; a school's user cannot verify a part of it")
  func trail() async throws {
    let (_, api, _) = try await school()
    try await api.post("/seals", ["date": "2026-11-20"]).expect(200)
    let result = try await api.get("/audit/verification", as: "auditor").expect(200)
    #expect(result.at("findings")?.items == [] && result.at("seals") == 1)
    #expect(result.at("entries") != 0)
    try await api.get("/audit/verification", as: "principal").expect(
      403, "seal.whole_district_only")
    let imports = try await api.get("/audit?by=admin&action=student.import", as: "auditor")
    #expect(imports.expect(200).items.count == 1)
    #expect(try await api.get("/audit?to=2020-01-01", as: "auditor").items.isEmpty)
  }
}
