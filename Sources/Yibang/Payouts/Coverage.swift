package import Foundation
import Postgres
package import SchoolCalendar

/// Whether every child had its support in time: the school's assurance, semester by semester.
package enum Coverage {
  /// A child whose payout was late, or is overdue.
  package struct Gap: Sendable, Codable {
    package let payout: UUID
    package let pairing: UUID
    package let school: String
    /// Masked, except to the pupil's own school.
    package let pupil: String
    package let amount: Money
    package let dueOn: CalendarDate
    /// Nil: not paid yet.
    package let paidOn: CalendarDate?
    /// What stands in the way.
    package let why: Text

    enum CodingKeys: String, CodingKey {
      case payout, pairing, school, pupil, amount
      case dueOn = "due_on"
      case paidOn = "paid_on"
      case why
    }
  }

  package struct Line: Sendable, Codable {
    package let semester: Semester
    /// Children whose payout is due by the day, or was paid before it was.
    package var children = 0
    package var bySponsor = 0
    package var byCover = 0
    package var late = 0
    package var notPaid = 0
    /// Planned, and not due yet.
    package var later = 0
    package var suspended = 0
    package var amount = Money.zero
    package var gaps: [Gap] = []

    init(semester: Semester) { self.semester = semester }

    /// Of a thousand children due, those who were paid in time.
    package var onTimePerThousand: Int {
      children == 0 ? 1_000 : (bySponsor + byCover) * 1_000 / children
    }

    enum CodingKeys: String, CodingKey {
      case semester, children
      case bySponsor = "by_sponsor"
      case byCover = "by_cover"
      case late
      case notPaid = "not_paid"
      case later, suspended, amount, gaps
    }
  }

  // $1 district, $2 semester, $3 school; null: all
  private static let list: SQL = """
    select o.semester, o.id, o.pairing_id, c.name, s.name, o.amount_fen, o.due_on, o.state, o.paid_on,
      o.received_fen + o.cover_fen >= o.amount_fen, o.bridged, o.line_state,
      o.batch_id is not null, exists (
        select from recognition r
        where r.district_id = $1 and r.student_id = o.student_id and r.state = 'filed'
          and recognition_day(o.semester) between r.valid_from and r.valid_until
      )
    from payouts($2::int, $3, null) o
    join student s on s.district_id = $1 and s.id = o.student_id
    join school c on c.district_id = $1 and c.id = o.school_id
    where o.state not in ('cancelled', 'carried')
    order by o.semester, c.code, o.due_on, o.id
    """

  /// For every semester: children due, paid in time by the sponsor or by cover, late, not paid; the
  /// last two by name.
  /// - Parameter today: what is due after it counts as later, unless it is paid.
  package static func list(
    _ semester: Semester? = nil, school: UUID? = nil, today: CalendarDate, in context: Context
  ) async throws -> [Line] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      var lines: [Line] = []
      for row in try session.query(list, actor.districtID, semester?.ordinal, school) {
        let semester = try row.semester(0)
        if lines.last?.semester != semester { lines.append(Line(semester: semester)) }
        try count(row, today: today, actor, in: &lines[lines.count - 1])
      }
      return lines
    }
  }

  private static func count(
    _ row: Row, today: CalendarDate, _ actor: Actor, in line: inout Line
  ) throws {
    let state = Payouts.State(rawValue: try row.get(7)) ?? .planned
    let dueOn: CalendarDate = try row.get(6)
    let paidOn: CalendarDate? = try row.optional(8)
    if state == .suspended {
      line.suspended += 1
      return
    }
    guard paidOn != nil || dueOn < today else {
      line.later += 1
      return
    }
    line.children += 1
    let amount = Money(fen: try row.get(5))
    line.amount = try line.amount + amount
    if let paidOn, paidOn <= dueOn {
      if try row.get(10) { line.byCover += 1 } else { line.bySponsor += 1 }
      return
    }
    if paidOn == nil { line.notPaid += 1 } else { line.late += 1 }
    line.gaps.append(
      Gap(
        payout: try row.get(1), pairing: try row.get(2), school: try row.get(3),
        pupil: actor.shown(pupil: try row.get(4)), amount: amount, dueOn: dueOn, paidOn: paidOn,
        why: why(
          isFunded: try row.get(9), isInBatch: try row.get(12), isPaid: paidOn != nil,
          isRecognised: try row.get(13))))
  }

  private static func why(
    isFunded: Bool, isInBatch: Bool, isPaid: Bool, isRecognised: Bool
  ) -> Text {
    if isPaid { return Text("发放晚于期限", "paid after its day") }
    if isInBatch { return Text("批次尚未支付", "its batch is not paid") }
    if !isRecognised {
      return Text("本学年未认定", "not recognised for the school year")
    }
    if isFunded { return Text("款已到位，尚未列入批次", "funded, in no batch") }
    return Text("款未到位，爱心基金未能兜底", "not funded, and not covered")
  }
}
