import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A school with an officer who proposes, a principal who decides and another who confirms.
struct RevocationFixture {
  static let since = CalendarDate("2026-09-25")!
  static let day = TestDistrict.today
  static let because = "隐瞒县城房产两套"
  static let evidence = "不动产查询单，柜七"
  static let answer = "家长承认属实"

  let district: TestDistrict
  let principal: Context
  let other: Context

  static func make() async throws -> RevocationFixture {
    let district = try await TestDistrict.make()
    return RevocationFixture(
      district: district,
      principal: try await PaymentBatchTests.user("pri", .principal, district),
      other: try await PaymentBatchTests.user("pri2", .principal, district))
  }

  func propose(
    _ student: UUID, since: CalendarDate = since, on day: CalendarDate = day, key: String? = nil,
    in context: Context? = nil
  ) async throws -> UUID {
    try await Revocations.propose(
      student, since: since, because: Self.because, evidence: Self.evidence, on: day, key: key,
      in: context ?? district.officer
    ).id
  }

  /// Proposed, and the family heard.
  func heard(_ student: UUID, since: CalendarDate = since) async throws -> UUID {
    let id = try await propose(student, since: since)
    try await Revocations.hear(id, answer: Self.answer, on: Self.day, in: district.officer)
    return id
  }

  func decide(_ id: UUID, in context: Context? = nil) async throws -> Revocations.Outcome {
    try await Revocations.decide(id, on: Self.day, in: context ?? principal)
  }

  func isRecognised(_ student: UUID) async throws -> Bool {
    try await Recognitions.on(Self.day, student: student, in: district.admin)
      .contains { $0.state == .filed }
  }

  /// What the ledger set aside of the school's general fund.
  func held() async throws -> Int {
    try await district.count(
      "select coalesce(sum(held), 0)::int8 from account where district_id = $1")
  }
}
