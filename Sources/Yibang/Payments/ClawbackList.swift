package import Foundation
import Postgres
package import SchoolCalendar

extension Clawbacks {
  // $3 the case alone; $4 only those with something left; $5 the last case of the page before
  private static let list: SQL = """
    select c.id, s.name, c.transfer_id, c.reason, c.note, c.opened_on, coalesce(u.login, '?'),
      m.due_fen, m.recovered_fen, m.waived_fen, m.left_fen
    from clawback c
    cross join lateral clawback_money(array[c.id]) as m
    left join school s on s.district_id = c.district_id and s.id = c.school_id
    left join app_user u on u.district_id = c.district_id and u.id = c.opened_by
    where c.district_id = $1 and ($2::uuid is null or c.school_id = $2)
      and ($3::uuid is null or c.id = $3) and (not $4 or m.left_fen > 0)
      and ($5::uuid is null or c.id < $5)
    order by c.id desc
    limit $6
    """

  /// Cases, newest first.
  package static func list(
    school: UUID? = nil, openOnly: Bool = false, after: UUID? = nil, limit: Int = 100,
    in context: Context
  ) async throws -> [Clawback] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try session.query(
        list, actor.districtID, school, nil as UUID?, openOnly, after, limit
      ).map(clawback)
    }
  }

  private static func clawback(_ row: Row) throws -> Clawback {
    Clawback(
      id: try row.get(0), school: try row.optional(1), payment: try row.get(2),
      reason: ClawbackReason(rawValue: try row.get(3)) ?? .other, note: try row.optional(4),
      openedOn: try row.get(5), openedBy: try row.get(6), due: Money(fen: try row.get(7)),
      recovered: Money(fen: try row.get(8)), waived: Money(fen: try row.get(9)),
      left: Money(fen: try row.get(10)))
  }

  /// What was done in a case: a recovery, what undoes one, or a waiver, which moves no money.
  package struct Step: Sendable, Codable {
    package enum Kind: String, CaseIterable, Sendable, Codable {
      case recovery, undo, waiver

      package var name: Text {
        switch self {
        case .recovery: Text("追回", "recovery")
        case .undo: Text("撤销追回", "undo")
        case .waiver: Text("免除", "waiver")
        }
      }
    }

    package let kind: Kind
    package let transfer: UUID?
    package let amount: Money
    package let occurredOn: CalendarDate
    /// The recovery that it undoes.
    package let undoes: UUID?
    package let note: String?
    package let by: String

    enum CodingKeys: String, CodingKey {
      case kind, transfer, amount
      case occurredOn = "occurred_on"
      case undoes, note, by
    }
  }

  package struct Detail: Sendable, Codable {
    package let clawback: Clawback
    package let steps: [Step]
  }

  private static let steps: SQL = """
    select case when e.undoes is null then 'recovery' else 'undo' end as kind, t.id as transfer,
      t.amount_fen, t.occurred_on, e.undoes, t.note, coalesce(u.login, '?'), t.recorded_at as at
    from clawback_entry e
    join transfer t on t.district_id = e.district_id and t.id = e.transfer_id
    left join app_user u on u.district_id = t.district_id and u.id = t.actor_id
    where e.district_id = $1 and e.clawback_id = $2
    union all
    select 'waiver', null, w.amount_fen, (w.at at time zone 'Asia/Shanghai')::date, null, w.reason,
      coalesce(u.login, '?'), w.at
    from clawback_waiver w
    left join app_user u on u.district_id = w.district_id and u.id = w.waived_by
    where w.district_id = $1 and w.clawback_id = $2
    order by at
    """

  /// A case with every transfer that makes its figures.
  /// - Throws: `ClawbackError.unknown`.
  package static func show(_ id: UUID, in context: Context) async throws -> Detail {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let rows = try session.query(
        list, actor.districtID, nil as UUID?, id, false, nil as UUID?, 1)
      guard let row = rows.first else { throw ClawbackError.unknown }
      return Detail(
        clawback: try clawback(row),
        steps: try session.query(steps, actor.districtID, id).map { row in
          Step(
            kind: Step.Kind(rawValue: try row.get(0)) ?? .recovery, transfer: try row.optional(1),
            amount: Money(fen: try row.get(2)), occurredOn: try row.get(3),
            undoes: try row.optional(4), note: try row.optional(5), by: try row.get(6))
        })
    }
  }
}
