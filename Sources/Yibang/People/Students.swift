package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// The pupils of a district's schools.
package enum Students {
  /// A pupil as it is listed: no identity number, phone, address or category.
  package struct Student: Sendable, Codable {
    package let id: UUID
    package let school: String
    /// Masked where the actor has no right to identities.
    package let name: String
    package let gender: String?
    package let grade: String?
    package let className: String?
    package let boarding: Bool?
    package let tier: String?
    package let consent: Bool
    package let paired: Bool

    enum CodingKeys: String, CodingKey {
      case id, school, name, gender, grade
      case className = "class"
      case boarding, tier, consent, paired
    }
  }

  private static let list: SQL = """
    select s.id, c.name, s.name, s.gender, s.grade, s.class_name, s.boarding, r.tier,
      exists (
        select from consent k
        where k.district_id = s.district_id and k.student_id = s.id and k.scope = 'pairing'
          and k.withdrawn_on is null
      ),
      exists (
        select from pairing p
        where p.district_id = s.district_id and p.student_id = s.id and p.state = 'running'
      )
    from student s
    join school c on c.district_id = s.district_id and c.id = s.school_id
    left join recognition r
      on r.district_id = s.district_id and r.student_id = s.id and r.state = 'filed'
      and coalesce($6::date, (select recognition_ends($3::int))) between r.valid_from and r.valid_until
    where s.district_id = $1 and ($2::uuid is null or s.school_id = $2)
      and (not $4 or r.tier is not null)
    order by c.code, s.grade, s.class_name, s.name collate "zh-x-icu", s.id
    limit $5
    """

  /// Pupils by school and class.
  /// - Parameters:
  ///   - year: the school year whose recognition is shown.
  ///   - day: as of that day; nil: at the end of the year.
  ///   - recognisedOnly: leaves out pupils without a filed recognition.
  package static func list(
    school: UUID? = nil, year: SchoolYear, on day: CalendarDate? = nil, recognisedOnly: Bool = false, limit: Int = 200_000,
    in context: Context
  ) async throws -> [Student] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let named = Permission.readIdentities.isGranted(to: actor.role)
    return try await context.read { session in
      let rows = try session.query(
        list, actor.districtID, school, year.firstYear, recognisedOnly, limit, day)
      return try rows.map { row in
        let name: String = try row.get(2)
        return Student(
          id: try row.get(0), school: try row.get(1), name: named ? name : maskedName(name),
          gender: try row.optional(3), grade: try row.optional(4), className: try row.optional(5),
          boarding: try row.optional(6), tier: try row.optional(7), consent: try row.get(8),
          paired: try row.get(9))
      }
    }
  }

  private static let giveConsent: SQL = """
    insert into consent (
      district_id, id, school_id, student_id, scope, given_by, given_on, proof, actor_id
    )
    select $1, $2, school_id, id, 'pairing', $4, $5, $6, $7 from student
    where district_id = $1 and id = $3
    on conflict do nothing
    returning school_id
    """
  private static let exists: SQL = "select from student where district_id = $1 and id = $2"

  /// Records a guardian's consent to pairing.
  /// - Parameter proof: where the signed paper lies.
  /// - Returns: false if a consent is running already.
  /// - Throws: `StudentError.unknown`.
  package static func consent(
    student: UUID, givenBy: String, on date: CalendarDate, proof: String, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.importStudents)
    return try await context.write { session in
      guard !(try session.query(exists, actor.districtID, student).isEmpty) else {
        throw StudentError.unknown(student)
      }
      let rows = try session.query(
        giveConsent, actor.districtID, UUID.v7(), student, normalizeName(givenBy), date, proof,
        actor.userID)
      guard let row = rows.first else { return false }
      _ = try session.batch([
        Audit.statement(
          actor, "consent.give", subject: "student", id: student, school: try row.get(0),
          after: ["scope": "pairing", "given_on": "\(date)"])
      ])
      return true
    }
  }

  private static let withdrawConsent: SQL = """
    update consent set withdrawn_on = greatest($3, given_on)
    where district_id = $1 and student_id = $2 and scope = 'pairing' and withdrawn_on is null
    """

  /// Withdraws a guardian's consent; the pupil is no longer proposed.
  /// - Returns: false if none was running.
  package static func withdrawConsent(
    student: UUID, on date: CalendarDate, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.importStudents)
    return try await context.write { session in
      let changed = try session.execute(withdrawConsent, actor.districtID, student, date)
      guard changed > 0 else { return false }
      _ = try session.batch([
        Audit.statement(
          actor, "consent.withdraw", subject: "student", id: student,
          after: ["withdrawn_on": "\(date)"])
      ])
      return true
    }
  }
}

package enum StudentError: YibangError {
  case unknown(UUID)

  package var code: String { "student.unknown" }
  package var category: ErrorCategory { .notFound }
  package var text: Text {
    switch self {
    case .unknown(let id):
      Text(
        "没有学生 \(id)。可用 yibang student list 查看。",
        "There is no pupil \(id). See yibang student list.")
    }
  }
}
