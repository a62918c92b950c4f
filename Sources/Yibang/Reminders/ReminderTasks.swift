package import Foundation
import Postgres
package import SchoolCalendar

extension Reminders {
  /// Something that a person has to see to.
  package struct Task: Sendable, Codable {
    package enum Kind: String, CaseIterable, Sendable, Codable {
      /// Reminded as often as is proper, or not to be written to: speak with the sponsor.
      case overdue
      /// The mail server will not take it.
      case failed
      /// It may have been sent.
      case uncertain
      /// Something in a pupil's letter; told to its own school alone.
      case letterHeld = "letter_held"

      package var name: Text {
        switch self {
        case .overdue: Text("逾期，请与资助人联系", "overdue: speak with the sponsor")
        case .failed: Text("邮件未能发出", "mail not sent")
        case .uncertain: Text("邮件是否发出不明", "unknown whether mail was sent")
        case .letterHeld: Text("学生信件暂扣，请校长查看", "a letter on hold, for the principal")
        }
      }
    }

    package let kind: Kind
    /// The instalment, message or letter.
    package let subject: UUID
    package let pairing: UUID
    /// “匿名” for one who stays unnamed.
    package let donor: String
    package let dueOn: CalendarDate?
    package let outstanding: Money?
    package let reminders: Int

    enum CodingKeys: String, CodingKey {
      case kind, subject, pairing, donor
      case dueOn = "due_on"
      case outstanding, reminders
    }
  }

  // $1 district, $2 day, $3 intervals
  private static let tasks: SQL = """
    select 'overdue', a.instalment_id, a.pairing_id,
      donor_shown(d.anonymous, d.name, d.merged_into), a.due_on, a.outstanding_fen, m.made
    from instalments_awaited($2 - ($3::int8[])[1]::integer) a
    join donor d on d.district_id = $1 and d.id = a.donor_id
    left join lateral donor_reached(a.donor_id) as r on true
    cross join lateral (
      select count(*) as made, max(m.on_day) as last from message m
      where m.district_id = $1 and m.subject_id = a.instalment_id and m.kind = 'instalment_overdue'
    ) as m
    where r.way = 'none'
      or (
        m.made >= cardinality($3::int8[]) - 1
        and m.last + ($3::int8[])[cardinality($3::int8[])]::integer <= $2
      )
    union all
    select m.state, m.id, m.pairing_id, donor_shown(d.anonymous, d.name, d.merged_into), null, null,
      m.attempts
    from message m
    join donor d on d.district_id = m.district_id and d.id = m.donor_id
    where m.district_id = $1 and m.state in ('failed', 'uncertain')
    union all
    select 'letter_held', l.id, l.pairing_id, donor_shown(d.anonymous, d.name, d.merged_into), null,
      null, 0
    from letter l
    join donor d on d.district_id = l.district_id and d.id = l.donor_id
    where l.district_id = $1 and l.state = 'held'
    order by 1, 5, 2
    """

  /// What reminders alone do not settle.
  package static func tasks(on day: CalendarDate, in context: Context) async throws -> [Task] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      try session.query(tasks, actor.districtID, day, intervals).map { row in
        guard let kind = Task.Kind(rawValue: try row.get(0)) else {
          throw PostgresError.decoding("message")
        }
        return Task(
          kind: kind, subject: try row.get(1), pairing: try row.get(2), donor: try row.get(3),
          dueOn: try row.optional(4), outstanding: (try row.optional(5)).map { Money(fen: $0) },
          reminders: try row.get(6))
      }
    }
  }
}
