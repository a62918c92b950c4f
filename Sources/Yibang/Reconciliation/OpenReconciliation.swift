package import Foundation
package import Postgres
package import SchoolCalendar

extension Reconciliation {
  /// What keeps a semester from being reconciled.
  package struct OpenItem: Sendable, Codable {
    package enum Kind: String, CaseIterable, Sendable, Codable {
      /// A bank line without a match or an explanation.
      case line
      /// A transfer other than cash, within the days of an imported statement, without one.
      case transfer
      /// A match whose transfers no longer make up its line: one was reversed afterwards.
      case changed
    }

    package let kind: Kind
    /// Of the bank line, the transfer, or the match.
    package let id: UUID
    /// Nil: the district's own.
    package let school: String?
    package let day: CalendarDate
    package let amount: Money
  }

  // $1 district, $2 semesters, $3 first day, $4 last day, $5 school (null: all), $6 limit
  private static let openItems: SQL = """
    with entry as materialized (
      select * from bank_entries($2, $5, $5::uuid is null)
    )
    select o.kind, o.id, s.name, o.day, o.amount_fen
    from (
      select 'line' as kind, l.id, a.school_id, l.booked_on as day, l.amount_fen
      from bank_account a
      join bank_line l on l.district_id = a.district_id and l.account_id = a.id
      left join reconciliation r
        on r.district_id = l.district_id and r.line_id = l.id and r.state = 'standing'
      where a.district_id = $1 and ($5::uuid is null or a.school_id = $5)
        and l.booked_on between $3 and $4 and r.id is null
      union all
      select 'transfer', e.transfer_id, e.school_id, e.occurred_on, e.amount_fen
      from entry e
      where e.cleared is null and e.amount_fen <> 0 and e.method is distinct from 'cash'
        and exists (
          select from bank_account a
          join bank_statement b on b.district_id = a.district_id and b.account_id = a.id
          where a.district_id = $1 and a.school_id is not distinct from e.school_id
            and e.occurred_on between b.first_on and b.last_on
        )
      union all
      select 'changed', e.cleared_by, e.school_id, e.occurred_on, e.amount_fen - e.cleared_fen
      from entry e
      where e.cleared = 'match' and e.amount_fen <> e.cleared_fen
    ) as o
    left join school s on s.district_id = $1 and s.id = o.school_id
    order by s.code nulls first, o.day, o.kind, o.id
    limit $6
    """

  /// What is still to be matched or explained before a semester can be closed, by school and day; in
  /// the caller's transaction.
  /// - Throws: `SchoolError.unknownSemester`.
  package static func open(
    _ semester: Semester, school: UUID? = nil, limit: Int = 1_000, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [OpenItem] {
    let dates = try Semesters.record(semester, session, actor.districtID).dates
    let rows = try session.query(
      openItems, actor.districtID, [Int32(semester.ordinal)], dates.lowerBound, dates.upperBound,
      school,
      limit)
    return try rows.map { row in
      OpenItem(
        kind: OpenItem.Kind(rawValue: try row.get(0)) ?? .line, id: try row.get(1),
        school: try row.optional(2), day: try row.get(3), amount: Money(fen: try row.get(4)))
    }
  }

  /// - Throws: `SchoolError.unknownSemester`, `AccessError`.
  package static func open(
    _ semester: Semester, school: UUID? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [OpenItem] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      try open(semester, school: school, limit: limit, session, context.actor)
    }
  }
}
