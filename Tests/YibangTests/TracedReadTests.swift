import Foundation
import HardshipRecognition
import Postgres
import Testing

@testable import Yibang
@testable import YibangHTTP

/// What is private is read anew for a repeated request: nothing of it is kept under the request's key.
@Suite("reading what is private")
struct TracedReadTests {
  private typealias Fixture = RecognitionFixture

  /// Does it for a request that may be repeated, twice.
  private func twice(
    _ context: Context, _ body: (Context) async throws -> Bool
  ) async throws {
    for _ in 1...2 {
      var repeated = context
      repeated.repetition = Repetition(key: "read", operation: "test", request: Array("same".utf8))
      #expect(try await body(repeated))
    }
  }

  private func expectNothingKept(_ district: TestDistrict, reads: Int) async throws {
    #expect(
      try await district.count("select count(*) from api_request where district_id = $1") == 0)
    #expect(
      try await district.count(
        """
        select count(*) from audit where district_id = $1 and (
            action like '%.read' or action like '%.read\\_%' or action like '%.reveal'
            or action = 'recognition.preview'
          )
        """) == reads)
  }

  @Test("what assessors and objectors wrote, what proves a claim, what the rules say")
  func cases() async throws {
    let fixture = try await Fixture.make()
    let (officer, reviewer) = (fixture.officer, fixture.reviewer)
    let weighed = try await fixture.recognise("样小丙", to: .nominated)
    try await fixture.assess(weighed)
    let id = try await fixture.recognise(to: .onNotice)
    let notice = try #require(try await Notices.running(on: Fixture.posted, in: officer).first).id
    let number = try await Objections.file(
      notice: notice, line: nil, words: "家有货车", contact: "13800000000", on: Fixture.posted,
      in: officer
    ).number
    try await twice(reviewer) {
      try await Objections.read(number, in: $0) == ("家有货车", "13800000000")
    }
    try await twice(fixture.assessors[0]) {
      try await Cases.findings(id, in: $0).allSatisfy { $0.words == "家中无固定收入" }
    }
    try await twice(officer) { try await Cases.proofs(id, in: $0).map(\.category) == ["orphan"] }
    try await twice(officer) {
      try await Cases.preview(weighed, proofs: Fixture.orphanProof, in: $0).category == "orphan"
    }
    try await twice(officer) { try await Cases.change(of: id, in: $0) == nil }
    try await twice(officer) {
      _ = try await ComparisonLists.findings(school: nil, year: Fixture.year, in: $0)
      return true
    }
    try await expectNothingKept(fixture.district, reads: 12)
  }

  @Test(
    "a proposal that is repeated is made once and answered again, and its reasons are kept nowhere")
  func proposal() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .nominated)
    try await fixture.assess(id)
    let api = try await RecognitionRouteTests.api(fixture)
    let body: JSONValue = [
      "proofs": ["civil-affairs"], "date": "2026-09-10",
    ]
    let path = "/recognition-cases/\(id.lowercase)/propose"
    let first = try await api.post(path, body, key: "once", as: "officer").expect(200)
    let second = try await api.post(path, body, key: "once", as: "officer").expect(200)
    #expect(first.at("category") == "orphan" && first.text == second.text)
    let steps = try await Cases.steps(id, in: fixture.officer)
    #expect(steps.filter { $0.state == .assessed }.count == 1)
    #expect(
      try await fixture.district.count(
        """
        select count(*) from api_request
        where district_id = $1 and (answer is not null or results::text ~ 'orphan|孤儿')
        """) == 0)
    #expect(
      try await fixture.district.count("select count(*) from api_request where district_id = $1")
        == 1)
  }

  @Test("why a recognition was revoked, of what kind it was, whom no aid reached")
  func recognised() async throws {
    let fixture = try await RevocationFixture.make()
    let (district, officer) = (fixture.district, fixture.district.officer)
    let pupil = try await district.pupil()
    let revocation = try await fixture.heard(pupil)
    try await twice(officer) {
      try await Revocations.read(revocation, in: $0).evidence == RevocationFixture.evidence
    }
    try await twice(officer) {
      try await Recognitions.history(of: pupil, reveal: "家长询问", in: $0).count == 1
    }
    try await twice(officer) {
      try await !Targeting.withoutAid(school: nil, on: RevocationFixture.day, in: $0).isEmpty
    }
    try await expectNothingKept(district, reads: 6)
  }
}
