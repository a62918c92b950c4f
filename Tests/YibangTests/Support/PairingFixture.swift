import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A pupil for a pairing test: recognised and consented to, unless said otherwise.
struct TestPupil: Sendable {
  var name = "样小例"
  var grade = "三年级"
  var gender = ResidentID.Gender.female
  var tier: Tier? = .difficult
  var filedOn = "2026-09-10"
  var schoolYear = 2026
  var state = "filed"
  var consents = true
  var headTeacher: String?
  var residentID: String?
  var guardian: String?
  var guardianPhone: String?
  var guardianResidentID: String?
}

extension TestDistrict {
  private static let insertStudent: SQL = """
    insert into student (
      district_id, id, school_id, name, gender, grade, class_name, head_teacher, resident_hash
    )
    values ($1, $2, $3, $4, $5, $6, '1班', $7, $8)
    """
  private static let insertRecognition: SQL = """
    select recognition_import(
      $1, $2, 'test', 1, $3, 'test', $4, array[$5::uuid], array[$6::uuid], array[$7::text],
      array[null::text], array['[]'::jsonb]
    )
    """
  private static let insertGuardian: SQL = """
    insert into guardian (
      district_id, id, school_id, student_id, name, phone_hash, resident_hash
    )
    values ($1, $2, $3, $4, $5, $6, $7)
    """
  private static let insertConsent: SQL = """
    insert into consent (
      district_id, id, school_id, student_id, scope, given_by, given_on, proof, actor_id
    )
    values ($1, $2, $3, $4, 'pairing', 'guardian', '2026-09-01', 'test', $5)
    """

  func pupil(_ pupil: TestPupil = TestPupil(), school: UUID? = nil) async throws -> UUID {
    let id = UUID.v7()
    let home = school ?? self.school.id
    let actor = admin.actor.userID
    let vault = platform.vault
    let code = self.code
    let filedOn = try #require(CalendarDate(pupil.filedOn))
    func hash(_ value: String?, _ domain: StaticString) -> [UInt8]? {
      value.map { vault.hash($0, domain: domain) }
    }
    var statements = [
      Bound(
        Self.insertStudent, code, id, home, pupil.name, pupil.gender.rawValue, pupil.grade,
        pupil.headTeacher, hash(pupil.residentID, "identity"))
    ]
    if let tier = pupil.tier {
      statements.append(
        Bound(
          Self.insertRecognition, home, Int32(pupil.schoolYear * 2), filedOn, actor, UUID.v7(), id,
          tier.rawValue))
    }
    if pupil.guardian != nil || pupil.guardianPhone != nil || pupil.guardianResidentID != nil {
      statements.append(
        Bound(
          Self.insertGuardian, code, UUID.v7(), home, id, pupil.guardian ?? "样家长",
          hash(pupil.guardianPhone, "phone"), hash(pupil.guardianResidentID, "identity")))
    }
    if pupil.consents {
      statements.append(Bound(Self.insertConsent, code, UUID.v7(), home, id, actor))
    }
    let bound = statements
    _ = try await admin.write { try $0.batch(bound).count }
    if pupil.state != "filed" { try await setRecognition(of: id, pupil.state) }
    return id
  }

  /// Changes a state as no operation may.
  func setRecognition(of student: UUID, _ state: String) async throws {
    let code = self.code
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update recognition set state = $3 where district_id = $1 and student_id = $2", code,
        student, state)
    }
  }

  func offer(
    _ sponsor: SponsorDetails = SponsorDetails(kind: .company, name: "测试有限公司"),
    amount: Int64 = 100_000, places: Int = 1, first: Semester = TestDistrict.autumn,
    wish: Wish = Wish()
  ) async throws -> UUID {
    try await Offers.record(
      Offers.NewOffer(
        sponsor: sponsor, firstSemester: first, amount: Money(fen: amount), places: places,
        wish: wish),
      in: admin)
  }

  func propose(replacing: Bool = false) async throws -> Proposals.Summary {
    try await Proposals.propose(TestDistrict.autumn, replacing: replacing, in: admin)
  }

  /// A proposal of the admin's, approved by the second person.
  func approved() async throws -> UUID {
    let id = try await propose().id
    _ = try await Proposals.approve(id, on: TestDistrict.approval, in: second)
    return id
  }

  func accept(_ id: UUID, on date: String = "2026-09-20") async throws -> Proposals.Acceptance {
    try await Proposals.accept(id, on: try #require(CalendarDate(date)), in: admin)
  }

  /// A pupil of a school with a sponsor: the pairing.
  func pairing(
    school: UUID? = nil, amount: Int64 = 100_000, on date: String = "2026-09-20"
  ) async throws -> UUID {
    _ = try await pupil(school: school)
    _ = try await offer(amount: amount)
    let acceptance = try await accept(try await approved(), on: date)
    return try #require(acceptance.pairings.first)
  }

  func change(_ sql: SQL, _ parameters: any PostgresValue...) async throws {
    let bound = Bound(sql, parameters: [code] + parameters)
    _ = try await admin.write { try $0.batch([bound]).count }
  }

  func count(_ sql: SQL) async throws -> Int {
    let code = self.code
    return try await admin.read { try $0.query(sql, code)[0].get(0) }
  }
}

/// The stable code of the error that an operation ends with; nil if it succeeds.
func refusal<T>(_ body: () async throws -> T) async -> String? {
  guard let error = await failure(body) else { return nil }
  return (error as? any YibangError)?.code ?? "\(error)"
}

/// Runs both at once: how many succeeded, and the codes of the others' errors.
func race<T: Sendable>(
  _ first: @escaping @Sendable () async throws -> T,
  _ second: @escaping @Sendable () async throws -> T
) async -> (won: Int, codes: [String]) {
  async let one = refusal(first)
  async let two = refusal(second)
  let codes = await [one, two].compactMap { $0 }
  return (2 - codes.count, codes)
}
