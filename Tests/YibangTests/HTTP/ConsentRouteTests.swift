import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("consents over HTTP")
struct ConsentRouteTests {
  private func pupil(_ district: TestDistrict, _ name: String = "样小例") async throws -> String {
    var pupil = TestPupil()
    pupil.name = name
    pupil.consents = false
    pupil.guardian = "样家长"
    return try await district.pupil(pupil).lowercase
  }

  private func consent(
    _ student: String, _ scope: String, proof: JSONValue = ["paper": "档案柜三"]
  ) -> JSONValue {
    [
      "student": .string(student), "scope": .string(scope), "giver": "guardian",
      "guardian": "样家长", "date": "2026-09-05", "proof": proof,
    ]
  }

  @Test("a consent is given, shown, used and withdrawn, and what was shared is taken down")
  func life() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let student = try await pupil(district)
    let given = try await api.post("/consents", consent(student, "story"), as: "officer").expect(
      201)
    #expect(given.at("added") == true)
    let again = try await api.post("/consents", consent(student, "story"), as: "officer").expect(
      201)
    #expect(again.at("added") == false && again.id == given.id)
    let scan: JSONValue = [
      "file": ["name": "同意书.pdf", "sha256": .string(String(repeating: "aB", count: 32))]
    ]
    let photo = try await api.post(
      "/consents", consent(student, "photo", proof: scan), as: "officer"
    )
    .expect(201)
    let shown = try await api.get("/consents/\(photo.id)", as: "officer").expect(200)
    #expect(shown.at("sha256") == .string(String(repeating: "ab", count: 32)))
    let use = try await api.post(
      "/consent-uses", ["student": .string(student), "scope": "story", "what": "校刊第九期"],
      as: "officer"
    ).expect(201)
    let ended = try await api.post(
      "/consents/withdraw",
      [
        "student": .string(student), "scope": "story", "giver": "guardian", "guardian": "样家长",
        "how": "书面",
      ], as: "officer"
    ).expect(200)
    #expect(ended.at("consents")?.items?.count == 1)
    try await api.post(
      "/consent-uses", ["student": .string(student), "scope": "story", "what": "又一期"],
      as: "officer"
    ).expect(409, "consent.needed")
    let tasks = try await api.get("/consent-tasks", as: "officer").expect(200)
    #expect(tasks.items.compactMap { $0["kind"]?.text } == ["take_down"])
    try await api.post("/consent-uses/\(use.id)/take-down", as: "officer").expect(204)
    #expect(try await api.get("/consent-tasks", as: "officer").items.isEmpty)
    try await api.post("/consent-uses/\(use.id)/take-down", as: "officer").expect(
      404, "consent.unknown_use")
    try await api.get("/consents/\(UUID.unknown.lowercase)").expect(404, "consent.unknown")
  }

  @Test("who consents, and by what proof, is told in one way each")
  func wrong() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let student = try await pupil(district)
    func send(_ changes: [(String, JSONValue?)]) async throws -> TestAPI.Answer {
      guard case .object(var members) = consent(student, "photo") else { fatalError() }
      for (name, value) in changes {
        members.removeAll { $0.name == name }
        if let value { members.append(.init(name, value)) }
      }
      return try await api.post("/consents", .object(members), as: "officer")
    }
    try await send([("guardian", nil)]).expect(422, "input.value")
    try await send([("giver", "pupil")]).expect(422, "input.value")
    try await send([("proof", [:])]).expect(422, "input.value")
    try await send([("proof", ["paper": "x", "witness": "y"])]).expect(422, "input.value")
    try await send([("date", "2026-12-01")]).expect(422, "input.value")
    try await send([("guardian", "别人")]).expect(422, "consent.not_guardian")
    try await send([("giver", "pupil"), ("guardian", nil)]).expect(422, "consent.pupil_too_young")
    try await send([("student", .id(.unknown))]).expect(404, "student.unknown")
    try await api.post("/consents", consent(student, "photo"), as: "other-officer").expect(
      404, "student.unknown")
  }

  @Test("consents are listed a page at a time, and the sheets to sign are a file")
  func list() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for name in ["样小一", "样小二", "样小三"] {
      let student = try await pupil(district, name)
      for scope in ["pairing", "photo"] {
        try await api.post("/consents", consent(student, scope), as: "officer").expect(201)
      }
    }
    let whole = try await api.get("/consents", as: "officer").expect(200).items
    #expect(whole.count == 6)
    #expect(try await api.all("/consents", as: "officer") == whole)
    #expect(try await api.all("/consents?scope=photo&running=true").count == 3)
    #expect(try await api.get("/consents", as: "other-officer").items.isEmpty)
    let file = try await api.get(
      "/consent-forms?school=2199000001&scope=photo&scope=story", as: "officer"
    ).expect(200)
    #expect(file.bytes.starts(with: Array("PK".utf8)))
    #expect(file.headers[.contentDisposition]?.contains("xlsx") == true)
    try await api.get("/consent-forms?school=2199000001&class=9班", as: "officer").expect(
      404, "student.none_found")
    try await api.get("/consent-forms?school=2199000001", as: "other-officer").expect(404)
  }
}
