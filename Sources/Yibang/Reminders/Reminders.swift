package import Foundation
import Postgres
package import SchoolCalendar

/// Who is reminded, thanked and reported to, and when. An event makes one message, however often and
/// from wherever this runs.
package enum Reminders {
  /// Days before an instalment is due on which its reminder is made.
  static let daysAhead = 14
  /// Days that an overdue instalment is waited for before the first reminder, then from one to the
  /// next; after the last of them a person takes over.
  static let intervals = [7, 14, 28, 14]

  /// How many messages were made.
  package struct Made: Sendable, Codable, Equatable {
    package var due = 0
    package var overdue = 0
  }

  // $1 day, $2 days ahead, $3 actor
  private static let due: SQL = """
    select message_queue(
      a.pairing_id, 'instalment_due', a.instalment_id, a.semester, 'due ' || a.instalment_id, $1, $3
    )
    from instalments_awaited($1 + $2::integer) a
    where a.due_on >= $1
    order by a.due_on, a.instalment_id
    """
  // $1 day, $2 actor, $3 intervals, $4 district. made: reminders so far.
  private static let overdue: SQL = """
    select message_queue(
      a.pairing_id, 'instalment_overdue', a.instalment_id, a.semester,
      'overdue ' || a.instalment_id || ' ' || m.made + 1, $1, $2
    )
    from instalments_awaited($1 - ($3::int8[])[1]::integer) a
    cross join lateral (
      select count(*) as made, max(m.on_day) as last from message m
      where m.district_id = $4 and m.subject_id = a.instalment_id and m.kind = 'instalment_overdue'
    ) as m
    where m.made < cardinality($3::int8[]) - 1
      and (m.made = 0 or m.last + ($3::int8[])[m.made + 1]::integer <= $1)
    order by a.due_on, a.instalment_id
    """

  /// Makes the reminders of a day: instalments that fall due soon, and those whose grace is over.
  /// - Throws: `AccessError`.
  package static func run(on day: CalendarDate, in context: Context) async throws -> Made {
    let actor = context.actor
    try actor.require(.remind)
    return try await context.write { session in
      func count(_ rows: Rows) throws -> Int {
        try rows.count { try $0.get(0) }
      }
      let made = Made(
        due: try count(session.query(due, day, daysAhead, actor.userID)),
        overdue: try count(
          session.query(overdue, day, actor.userID, intervals, actor.districtID)))
      if made != Made() {
        try session.batch([
          Audit.statement(
            actor, "reminder.run", subject: "message", id: nil,
            after: ["day": "\(day)", "due": "\(made.due)", "overdue": "\(made.overdue)"])
        ])
      }
      return made
    }
  }

  private static let thank: SQL = """
    select message_queue($1, 'thank_you', $2, i.semester, 'thanks ' || $2::text, $3, $4)
    from instalment i
    where i.district_id = $5 and i.id = $6
    """

  /// Thanks whoever paid for what came in of an instalment, in the caller's transaction.
  static func thank(
    receipt: UUID, of instalment: UUID, pairing: UUID, on day: CalendarDate,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.query(
      thank, pairing, receipt, day, actor.userID, actor.districtID, instalment)
  }

  // $1 district, $2 semester, $3 school (null: all), $4 pairing (null: all), $5 day, $6 actor
  private static let reports: SQL = """
    select message_queue(
      p.id, 'semester_report', p.id, $2, 'report ' || p.id || ' ' || $2::text, $5, $6
    )
    from pairing p
    join consents_covering('progress_report', p.donor_id, array[p.student_id], $5, $5) c
      on c.student_id = p.student_id
    where p.district_id = $1 and ($3::uuid is null or p.school_id = $3)
      and ($4::uuid is null or p.id = $4) and p.state = 'running' and p.first_semester <= $2
      and sponsor_sees(p.student_id, p.donor_id, $5) <> 'nothing'
    order by p.id
    """

  /// Makes the semester's reports of running pairings whose pupils consent to it, once each.
  /// - Returns: how many were made now.
  /// - Throws: `AccessError`.
  package static func queueReports(
    _ semester: Semester, school: UUID? = nil, pairing: UUID? = nil, on day: CalendarDate,
    in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.remind)
    if let school { try actor.require(school: school) }
    return try await context.write { session in
      let rows = try session.query(
        reports, actor.districtID, Int32(semester.ordinal), school, pairing, day, actor.userID)
      let made = try rows.count { try $0.get(0) }
      if made > 0 {
        try session.batch([
          Audit.statement(
            actor, "reminder.reports", subject: "message", id: pairing, school: school,
            after: ["semester": "\(semester)", "made": "\(made)"])
        ])
      }
      return made
    }
  }
}

package enum ReminderError: YibangError {
  case unknownPairing(UUID)
  case noConsent

  package var code: String {
    switch self {
    case .unknownPairing: "reminder.unknown_pairing"
    case .noConsent: "reminder.no_consent"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownPairing: .notFound
    case .noConsent: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownPairing(let id):
      Text(
        "没有结对 \(id.lowercase)。可用 yibang pairing list 查看。",
        "There is no pairing \(id.lowercase). See yibang pairing list.")
    case .noConsent:
      Text(
        "没有可用的同意（progress_report），不能向资助人报告这名学生的情况。登记同意：yibang consent give。",
        "No consent (progress_report) covers a report on this pupil to its sponsor. "
          + "Record one: yibang consent give.")
    }
  }
}
