package import Foundation
import Postgres
package import SchoolCalendar

extension Consents {
  /// A consent as it was given, and how it ended.
  package struct Consent: Sendable, Codable {
    package enum State: String, CaseIterable, Sendable, Codable {
      case running, ended, withdrawn

      package var name: Text {
        switch self {
        case .running: Text("有效", "running")
        case .ended: Text("已到期", "ended")
        case .withdrawn: Text("已撤回", "withdrawn")
        }
      }
    }

    package let id: UUID
    package let student: UUID
    /// Masked where the actor has no right to identities, as the giver's name is.
    package let pupil: String
    package let className: String?
    package let scope: ConsentScope
    package let recipient: Text
    /// The one sponsor that it is for.
    package let donor: UUID?
    /// `guardian` or `pupil`.
    package let giver: String
    package let givenBy: String
    package let relation: String?
    package let from: CalendarDate
    package let until: CalendarDate?
    package let proofKind: Text
    package let proof: String
    /// Of the file, in hexadecimal digits.
    package let sha256: String?
    package let textVersion: Int?
    package let state: State
    package let withdrawnOn: CalendarDate?
    package let withdrawnBy: String?
    package let withdrawnHow: String?

    enum CodingKeys: String, CodingKey {
      case id, student, pupil
      case className = "class"
      case scope, recipient, donor, giver
      case givenBy = "given_by"
      case relation, from, until
      case proofKind = "proof_kind"
      case proof, sha256
      case textVersion = "text_version"
      case state
      case withdrawnOn = "withdrawn_on"
      case withdrawnBy = "withdrawn_by"
      case withdrawnHow = "withdrawn_how"
    }
  }

  package struct Filter: Sendable {
    package var school: UUID?
    package var student: UUID?
    package var scope: ConsentScope?
    /// Only those that are neither withdrawn nor at their end.
    package var runningOnly = false

    package init(school: UUID? = nil, student: UUID? = nil) {
      self.school = school
      self.student = student
    }
  }

  // A page goes on after a consent, told by its id alone: who sees names masked gets none in a cursor.
  // $1 district, $2 school, $3 pupil, $4 scope, $5 day for running ones, $6 id, $7 after this one;
  // null: all; $8 limit
  private static let list: SQL = """
    select c.id, c.student_id, s.name, s.class_name, c.scope, c.donor_id, c.giver, c.given_by,
      c.relation, c.given_on, c.valid_until, c.proof_kind, c.proof,
      encode(c.proof_sha256, 'hex'), c.text_version, c.withdrawn_on, g.name, c.withdrawn_how
    from consent c
    join student s on s.district_id = c.district_id and s.id = c.student_id
    left join guardian g on g.district_id = c.district_id and g.id = c.withdrawn_guardian
    where c.district_id = $1 and ($2::uuid is null or c.school_id = $2)
      and ($3::uuid is null or c.student_id = $3) and ($4::text is null or c.scope = $4)
      and (
        $5::date is null
        or c.withdrawn_on is null and (c.valid_until is null or c.valid_until >= $5)
      )
      and ($6::uuid is null or c.id = $6)
      and (
        $7::uuid is null
        or s.school_id >= (
          select a.school_id from consent a where a.district_id = $1 and a.id = $7
        )
        and (
          s.school_id, coalesce(s.grade, ''), coalesce(s.class_name, ''),
          s.name collate "zh-x-icu", s.id, c.scope, c.recorded_at, c.id
        ) > (
          select b.school_id, coalesce(b.grade, ''), coalesce(b.class_name, ''), b.name, b.id,
            a.scope, a.recorded_at, a.id
          from consent a
          join student b on b.district_id = a.district_id and b.id = a.student_id
          where a.district_id = $1 and a.id = $7
        )
      )
    order by s.school_id, coalesce(s.grade, ''), coalesce(s.class_name, ''),
      s.name collate "zh-x-icu", s.id, c.scope, c.recorded_at, c.id
    limit $8
    """
  private static let find: SQL = "select from consent where district_id = $1 and id = $2"

  /// Consents, the running and the past ones, by class, pupil and scope.
  package static func list(
    _ filter: Filter, on day: CalendarDate, in context: Context
  ) async throws -> [Consent] {
    try await list(filter, on: day, after: nil, limit: 200_000, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ filter: Filter, on day: CalendarDate, in context: Context
  ) async throws -> Page<Consent> {
    let found = try await list(
      filter, on: day, after: page.item, limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    _ filter: Filter, on day: CalendarDate, after: UUID?, limit: Int, in context: Context
  ) async throws -> [Consent] {
    let actor = context.actor
    try actor.require(.read)
    if let school = filter.school { try actor.require(school: school) }
    return try await context.read { session in
      try PageRequest.require(after, find, session, actor)
      return try session.query(
        list, actor.districtID, filter.school, filter.student, filter.scope?.rawValue,
        filter.runningOnly ? day : nil, nil as UUID?, after, limit
      ).map { try consent($0, on: day, actor) }
    }
  }

  /// One consent.
  /// - Throws: `ConsentError.unknown`.
  package static func show(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Consent {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let rows = try session.query(
        list, actor.districtID, nil as UUID?, nil as UUID?, nil as String?,
        nil as CalendarDate?, id, nil as UUID?, 1)
      guard let row = rows.first else { throw ConsentError.unknown(id) }
      return try consent(row, on: day, actor)
    }
  }

  private static func consent(_ row: Row, on day: CalendarDate, _ actor: Actor) throws -> Consent {
    let named = actor.may(.readIdentities)
    func shown(_ name: String?) -> String? { named ? name : name.map { maskedName($0) } }
    guard let scope = ConsentScope(rawValue: try row.get(4)) else {
      throw PostgresError.decoding("consent.scope")
    }
    let until: CalendarDate? = try row.optional(10)
    let withdrawn: CalendarDate? = try row.optional(15)
    let version: Int32? = try row.optional(14)
    let isOver = until.map { $0 < day } ?? false
    return Consent(
      id: try row.get(0), student: try row.get(1), pupil: shown(try row.get(2)) ?? "",
      className: try row.optional(3), scope: scope, recipient: scope.words.recipient,
      donor: try row.optional(5), giver: try row.get(6), givenBy: shown(try row.get(7)) ?? "",
      relation: try row.optional(8), from: try row.get(9), until: until,
      proofKind: ConsentProof.name(try row.get(11)), proof: try row.get(12),
      sha256: try row.optional(13), textVersion: version.map(Int.init),
      state: withdrawn != nil ? .withdrawn : isOver ? .ended : .running, withdrawnOn: withdrawn,
      withdrawnBy: shown(try row.optional(16)), withdrawnHow: try row.optional(17))
  }
}
