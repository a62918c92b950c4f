import Foundation
import MailSink
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A pairing whose sponsor is written to, and a server that takes the mail.
struct MailFixture {
  static let address = "sponsor@example.cn"

  let district: TestDistrict
  let pairing: UUID
  let student: UUID
  let donor: UUID

  /// - Parameter reach: nil: nothing is on record.
  static func make(
    reach: DonorReach? = .mail(try! MailAddress(MailFixture.address)),
    sponsor: SponsorDetails = SponsorDetails(kind: .individual, name: "助小例")
  ) async throws -> MailFixture {
    let district = try await TestDistrict.make()
    let student = try await district.pupil()
    _ = try await district.offer(sponsor)
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    let donor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let fixture = MailFixture(
      district: district, pairing: pairing, student: student, donor: donor)
    if let reach { try await fixture.reach(reach) }
    return fixture
  }

  func reach(_ reach: DonorReach, language: Language = .zh) async throws {
    try await DonorReach.set(reach, language: language, of: donor, in: district.admin)
  }

  func consent(_ scope: String) async throws {
    try await district.change(
      """
      insert into consent (
        district_id, id, school_id, student_id, scope, given_by, given_on, proof, actor_id
      )
      values ($1, $2, $3, $4, $5, '样家长', '2026-09-01', 'test', $6)
      """, UUID.v7(), district.school.id, student, scope, district.admin.actor.userID)
  }

  func withdraw(_ scope: String) async throws {
    try await district.change(
      """
      select consent_withdraw($2, $3, null, 'guardian', null, '书面', '2026-11-20', $4)
      from district where district_id = $1
      """, student, scope, district.admin.actor.userID)
  }

  func run(_ day: String) async throws -> Reminders.Made {
    try await Reminders.run(on: try #require(CalendarDate(day)), in: district.admin)
  }

  /// Money for the first instalment, which is thanked for.
  func receive(_ fen: Int64 = 40_000) async throws {
    _ = try await Instalments.receive(
      .number(1, ofPairing: pairing), amount: Money(fen: fen), on: TestDistrict.today,
      in: district.admin)
  }

  func worker(_ sink: MailSink?, timeoutMilliseconds: Int = 5_000) throws -> JobWorker {
    let smtp = try sink.map { sink in
      try SMTP(
        url: sink.url, from: try MailAddress("aid@example.cn"),
        timeoutMilliseconds: timeoutMilliseconds)
    }
    return JobWorker(platform: district.platform, smtp: smtp, district: district.code) {
      TestDistrict.today
    }
  }

  func messages() async throws -> [Mail.Entry] {
    try await Mail.list(in: district.admin)
  }

  /// Lets the waits of jobs pass.
  func passTime() async throws {
    let code = district.code
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update job set run_at = clock_timestamp() where district_id = $1 and state = 'queued'",
        code)
    }
  }
}
