package import Foundation
import Postgres
package import SchoolCalendar

/// One sponsor, one pupil, for three years.
package enum Pairings {
  package enum State: String, Sendable, CaseIterable, Codable {
    case running, ended

    package var name: Text {
      switch self {
      case .running: Text("进行中", "running")
      case .ended: Text("已结束", "ended")
      }
    }
  }

  /// A pairing as it is listed. Promised and received are two things.
  package struct Pairing: Sendable, Codable {
    package let id: UUID
    package let student: UUID
    /// Masked, except to the pupil's own school.
    package let pupil: String
    package let school: String
    package let grade: String?
    package let className: String?
    /// “匿名” where the sponsor asked to stay unnamed.
    package let sponsor: String
    package let sponsorKind: DonorKind
    package let firstSemester: Semester
    package let lastSemester: Semester
    package let startedOn: CalendarDate
    package let state: State
    /// Another sponsor is looked for, since this one's instalments were covered too often.
    package let seeksAnother: Bool
    /// All six instalments.
    package let promised: Money
    /// What has come in of them, also before these books began.
    package let received: Money

    enum CodingKeys: String, CodingKey {
      case id, student, pupil, school, grade
      case className = "class"
      case sponsor
      case sponsorKind = "sponsor_kind"
      case firstSemester = "first_semester"
      case lastSemester = "last_semester"
      case startedOn = "started_on"
      case state
      case seeksAnother = "seeks_another"
      case promised, received
    }
  }

  // A page goes on after a pairing, told by its id alone: who sees names masked gets none in a cursor.
  // $1 district, $2 school, $3 semester within the commitment, $4 state, $5 limit, $6 after this one;
  // null: all
  private static let list: SQL = """
    select p.id, p.student_id, s.name, c.name, s.grade, s.class_name,
      donor_shown(d.anonymous, d.name, d.merged_into), d.kind, k.first_semester, k.last_semester,
      p.started_on, p.state, k.total_fen,
      (
        select coalesce(sum(i.received_fen + i.carried_fen), 0)::int8 from instalment i
        where i.district_id = k.district_id and i.commitment_id = k.id
      ), p.rematch_since is not null
    from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where p.district_id = $1 and ($2::uuid is null or p.school_id = $2)
      and ($3::int is null or $3 between k.first_semester and k.last_semester)
      and ($4::text is null or p.state = $4)
      and (
        $6::uuid is null
        or c.code >= (
          select f.code from pairing a
          join school f on f.district_id = a.district_id and f.id = a.school_id
          where a.district_id = $1 and a.id = $6
        )
        and (
          c.code, coalesce(s.grade, ''), coalesce(s.class_name, ''), s.name collate "zh-x-icu", p.id
        ) > (
          select f.code, coalesce(b.grade, ''), coalesce(b.class_name, ''), b.name, a.id
          from pairing a
          join student b on b.district_id = a.district_id and b.id = a.student_id
          join school f on f.district_id = a.district_id and f.id = a.school_id
          where a.district_id = $1 and a.id = $6
        )
      )
    order by c.code, coalesce(s.grade, ''), coalesce(s.class_name, ''), s.name collate "zh-x-icu",
      p.id
    limit $5
    """
  private static let find: SQL = "select from pairing where district_id = $1 and id = $2"

  /// Pairings by school and class.
  /// - Parameter semester: one of the six that the pairing covers.
  package static func list(
    school: UUID? = nil, semester: Semester? = nil, state: State? = nil, limit: Int = 100_000,
    in context: Context
  ) async throws -> [Pairing] {
    try await list(
      school: school, semester: semester, state: state, after: nil, limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, semester: Semester? = nil, state: State? = nil,
    in context: Context
  ) async throws -> Page<Pairing> {
    let found = try await list(
      school: school, semester: semester, state: state, after: page.item, limit: page.limit + 1,
      in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    school: UUID?, semester: Semester?, state: State?, after: UUID?, limit: Int,
    in context: Context
  ) async throws -> [Pairing] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try PageRequest.require(after, find, session, actor)
      let rows = try session.query(
        list, actor.districtID, school, semester?.ordinal, state?.rawValue, limit, after)
      return try rows.map { try pairing($0, actor) }
    }
  }

  private static func pairing(_ row: Row, _ actor: Actor) throws -> Pairing {
    Pairing(
      id: try row.get(0), student: try row.get(1), pupil: actor.shown(pupil: try row.get(2)),
      school: try row.get(3), grade: try row.optional(4), className: try row.optional(5),
      sponsor: try row.get(6), sponsorKind: DonorKind(rawValue: try row.get(7)) ?? .individual,
      firstSemester: try row.semester(8), lastSemester: try row.semester(9),
      startedOn: try row.get(10), state: State(rawValue: try row.get(11)) ?? .ended,
      seeksAnother: try row.get(14),
      promised: Money(fen: try row.get(12)), received: Money(fen: try row.get(13)))
  }
}

extension Actor {
  /// A paired pupil's name: masked to everyone but its own school (facts §6).
  func shown(pupil name: String) -> String {
    let isOwnSchool = schoolID != nil && may(.readIdentities)
    return isOwnSchool ? name : maskedName(name)
  }
}
