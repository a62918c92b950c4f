package import Foundation
import Postgres
package import SchoolCalendar

/// The log of who saw whose private data, when and why. A principal sees it of the own school alone.
package enum AccessLog {
  /// A person whose data somebody saw.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    /// In China.
    package let at: String
    /// The login and the role, as they were.
    package let by: String
    package let role: Role
    package let way: Reveals.Way
    package let student: UUID?
    package let donor: UUID?
    /// Masked where the reader has no right to identities; nil for a donor, who may want to stay unnamed.
    package let name: String?
    package let school: String?
    package let what: [Reveals.Detail]
    package let reason: String
    /// Persons that were shown at once.
    package let records: Int
    /// The entry of the audit trail, the same for all who were shown at once.
    package let act: UUID
  }

  /// Which entries are asked for; nil: whatever it is.
  package struct Filter: Sendable {
    /// A pupil or a donor.
    package var person: UUID?
    /// A login.
    package var by: String?
    /// The first and the last day, in China.
    package var from: CalendarDate?
    package var to: CalendarDate?

    package init(
      person: UUID? = nil, by: String? = nil, from: CalendarDate? = nil, to: CalendarDate? = nil
    ) {
      self.person = person
      self.by = by
      self.from = from
      self.to = to
    }
  }

  // $1 district, $2 person, $3 after this one, $4 limit, $5 login, $6 first day, $7 last day, $8 school
  static let list: SQL = """
    select r.id, to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), r.login,
      r.role, r.way, r.subject, r.subject_id, s.name, h.name, r.what, r.reason, r.records,
      r.audit_id
    from reveal r
    left join student s
      on r.subject = 'student' and s.district_id = r.district_id and s.id = r.subject_id
    left join school h on h.district_id = r.district_id and h.id = r.school_id
    where r.district_id = $1 and ($2::uuid is null or r.subject_id = $2)
      and (
        $3::uuid is null
        or (r.at, r.id) < (
          (select b.at from reveal b where b.district_id = $1 and b.id = $3::uuid), $3::uuid
        )
      )
      and ($5::text is null or r.login = $5)
      and ($6::date is null or r.at >= $6::date::timestamp at time zone 'Asia/Shanghai')
      and ($7::date is null or r.at < ($7::date + 1)::timestamp at time zone 'Asia/Shanghai')
      and ($8::uuid is null or r.school_id = $8)
    order by r.at desc, r.id desc
    limit $4
    """
  private static let find: SQL = "select from reveal where district_id = $1 and id = $2"

  /// The newest first, as far as the filter lets them through.
  /// - Parameter after: the last entry of the page before.
  /// - Throws: `AccessError.forbidden`; `CursorError` where `after` is no entry.
  package static func list(
    _ filter: Filter = Filter(), after: UUID? = nil, limit: Int = 100, in context: Context
  ) async throws -> [Entry] {
    let actor = context.actor
    try actor.require(.readAudit)
    let named = actor.may(.readIdentities)
    return try await context.readFiltered { session in
      try PageRequest.require(after, find, session, actor)
      return try session.query(
        list, actor.districtID, filter.person, after, limit, filter.by, filter.from, filter.to,
        actor.schoolID
      ).map { try entry($0, named: named) }
    }
  }

  private static func entry(_ row: Row, named: Bool) throws -> Entry {
    let isStudent = try row.get(5) == Reveals.Subject.student.rawValue
    let person: UUID = try row.get(6)
    let name: String? = try row.optional(7)
    return Entry(
      id: try row.get(0), at: try row.get(1), by: try row.get(2), role: try role(row, 3),
      way: try way(row, 4), student: isStudent ? person : nil, donor: isStudent ? nil : person,
      name: named ? name : name.map { maskedName($0) }, school: try row.optional(8),
      what: try what(row, 9), reason: try row.get(10), records: Int(try row.get(11) as Int32),
      act: try row.get(12))
  }

  static func role(_ row: Row, _ column: Int) throws -> Role {
    guard let role = Role(rawValue: try row.get(column)) else {
      throw PostgresError.decoding("role")
    }
    return role
  }

  static func way(_ row: Row, _ column: Int) throws -> Reveals.Way {
    guard let way = Reveals.Way(rawValue: try row.get(column)) else {
      throw PostgresError.decoding("way")
    }
    return way
  }

  static func what(_ row: Row, _ column: Int) throws -> [Reveals.Detail] {
    (try row.get(column) as [String]).compactMap(Reveals.Detail.init(rawValue:))
  }
}
