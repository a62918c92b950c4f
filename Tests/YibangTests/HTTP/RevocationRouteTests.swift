import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("revocations over HTTP")
struct RevocationRouteTests {
  typealias Fixture = RevocationFixture

  @Test("proposed, heard, decided by another, told to the sponsor, undone by two")
  func life() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let api = try await TestAPI(district, others: [fixture.principal, fixture.other])
    _ = try await district.pairing()
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    let proposal: JSONValue = [
      "student": .id(student), "since": "2026-09-25", "because": .string(Fixture.because),
      "evidence": .string(Fixture.evidence),
    ]
    let made = try await api.post("/revocations", proposal, as: "officer").expect(201)
    try await api.post("/revocations", proposal, as: "officer").expect(
      409, "revocation.proposed_before")
    let path = "/revocations/\(made.id)"
    try await api.post(path + "/decide", as: "pri").expect(409, "revocation.not_heard")
    try await api.post(path + "/hear", ["answer": .string(Fixture.answer)], as: "officer").expect(
      204)
    try await api.post(path + "/decide", as: "officer").expect(403, "access.forbidden")
    let decided = try await api.post(path + "/decide", as: "pri").expect(200)
    #expect(decided.at("pairing") != nil && decided.at("clawbacks") == 0)
    let letter = try await api.get(path + "/letter", as: "officer").expect(200)
    #expect(!letter.text.contains(Fixture.because) && !letter.text.contains("样小例"))
    let shown = try await api.get(path, as: "officer").expect(200)
    #expect(shown.at("revocation", "state") == "decided")
    #expect(!shown.text.contains(Fixture.because))
    let words = try await api.post(path + "/words", key: nil, as: "officer").expect(200)
    #expect(words.at("because") == .string(Fixture.because))
    let because: JSONValue = ["because": "房产已出售"]
    try await api.post(path + "/propose-reversal", because, as: "pri").expect(204)
    try await api.post(path + "/reverse", as: "pri").expect(403, "revocation.reversal_person")
    #expect(
      try await api.post(path + "/reverse", as: "pri2").expect(200).at("waived", "fen") == 0)
    try await api.get("/revocations/\(UUID.unknown.lowercase)").expect(404, "revocation.unknown")
  }

  @Test("what is dismissed changes nothing, and revocations are listed newest first")
  func list() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let api = try await TestAPI(district, others: [fixture.principal, fixture.other])
    for name in ["样小一", "样小二", "样小三"] {
      var pupil = TestPupil()
      pupil.name = name
      _ = try await fixture.propose(try await district.pupil(pupil))
    }
    let whole = try await api.get("/revocations", as: "officer").expect(200).items
    #expect(whole.compactMap { $0["name"]?.text } == ["样小三", "样小二", "样小一"])
    #expect(try await api.all("/revocations", as: "officer") == whole)
    let first = try #require(whole.first?["id"]?.text)
    try await api.post("/revocations/\(first)/hear", ["answer": "家长不认"], as: "officer").expect(
      204)
    try await api.post("/revocations/\(first)/dismiss", as: "pri").expect(204)
    #expect(try await api.all("/revocations?state=proposed").count == 2)
    #expect(try await api.get("/revocations", as: "other-officer").items.isEmpty)
    try await api.post("/revocations/\(first)/dismiss", as: "pri").expect(409, "revocation.state")
  }
}
