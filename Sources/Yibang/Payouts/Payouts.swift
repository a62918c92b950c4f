package import Foundation
import Postgres
package import SchoolCalendar

/// The child's side of a pairing: what it is assured for a semester, planned, approved, paid and
/// confirmed through the fund's batches, whatever the sponsor's money does.
package enum Payouts {
  package enum State: String, Sendable, CaseIterable, Codable {
    case planned, approved, paid, confirmed, suspended, cancelled
    /// The child had it before these books began.
    case carried

    package var name: Text {
      switch self {
      case .planned: Text("待发放", "planned")
      case .approved: Text("已审批", "approved")
      case .paid: Text("已支付", "paid")
      case .confirmed: Text("已签收", "confirmed")
      case .suspended: Text("暂停", "suspended")
      case .cancelled: Text("已取消", "cancelled")
      case .carried: Text("此前已发", "paid before")
      }
    }
  }

  package struct Payout: Sendable, Codable {
    package let id: UUID
    package let pairing: UUID
    package let student: UUID
    package let school: String
    /// Masked, except to the pupil's own school.
    package let pupil: String
    package let semester: Semester
    package let amount: Money
    /// Of sponsors, for this semester.
    package let received: Money
    /// Of a general fund, and not repaid.
    package let covered: Money
    package let dueOn: CalendarDate
    package let state: State
    package let paidOn: CalendarDate?
    package let batch: UUID?
    package let reason: String?

    enum CodingKeys: String, CodingKey {
      case id, pairing, student, school, pupil, semester, amount, received, covered
      case dueOn = "due_on"
      case state
      case paidOn = "paid_on"
      case batch, reason
    }

    /// Whether the money is there.
    package var isFunded: Bool { received.fen + covered.fen >= amount.fen }
  }

  // $1 district, $2 semester, $3 school, $4 pupils; null: all
  private static let list: SQL = """
    select o.id, o.pairing_id, o.student_id, c.name, s.name, o.semester, o.amount_fen,
      o.received_fen, o.cover_fen, o.due_on, o.state, o.paid_on, o.batch_id, o.reason
    from payouts($2::int, $3, $4) o
    join student s on s.district_id = $1 and s.id = o.student_id
    join school c on c.district_id = $1 and c.id = o.school_id
    order by c.code, o.due_on, s.grade, s.class_name, s.name collate "zh-x-icu", o.id
    """

  /// Payouts of a semester by school and class.
  package static func list(
    _ semester: Semester?, school: UUID? = nil, pupil: UUID? = nil, state: State? = nil,
    in context: Context
  ) async throws -> [Payout] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try all(semester, school: school, pupils: pupil.map { [$0] }, session, actor)
        .filter { state == nil || $0.state == state }
    }
  }

  // $1 district, $2 semester, $3 school, $4 state; null: all; $5 limit, $6 and $7 after this day and id
  private static let pages: SQL = """
    select o.id, o.pairing_id, o.student_id, c.name, s.name, o.semester, o.amount_fen,
      o.received_fen, o.cover_fen, o.due_on, o.state, o.paid_on, o.batch_id, o.reason
    from payouts($2::int, $3, null) o
    join student s on s.district_id = $1 and s.id = o.student_id
    join school c on c.district_id = $1 and c.id = o.school_id
    where ($4::text is null or o.state = $4) and (o.due_on, o.id) > ($6, $7)
    order by o.due_on, o.id
    limit $5
    """

  /// A page of payouts of a semester, by the day they are due.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ semester: Semester, school: UUID? = nil, state: State? = nil,
    in context: Context
  ) async throws -> Page<Payout> {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let after = try page.position(CalendarDate.self, UUID.self)
    let found = try await context.read { session in
      try session.query(
        pages, actor.districtID, semester.ordinal, school, state?.rawValue, page.limit + 1, after.0,
        after.1
      ).map { try payout($0, actor) }
    }
    return Page(found, page) { Cursor("\($0.dueOn)", $0.id.uuidString) }
  }

  static func all(
    _ semester: Semester?, school: UUID?, pupils: [UUID]?, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [Payout] {
    try session.query(list, actor.districtID, semester?.ordinal, school, pupils)
      .map { try payout($0, actor) }
  }

  private static func payout(_ row: Row, _ actor: Actor) throws -> Payout {
    Payout(
      id: try row.get(0), pairing: try row.get(1), student: try row.get(2),
      school: try row.get(3), pupil: actor.shown(pupil: try row.get(4)),
      semester: try row.semester(5), amount: Money(fen: try row.get(6)),
      received: Money(fen: try row.get(7)), covered: Money(fen: try row.get(8)),
      dueOn: try row.get(9), state: State(rawValue: try row.get(10)) ?? .planned,
      paidOn: try row.optional(11), batch: try row.optional(12), reason: try row.optional(13))
  }

  private static let mark: SQL = "select payout_mark($1, $2, $3::text, $4, $5)"

  /// Suspends, resumes or cancels a payout that is in no batch. Cover of a cancelled one goes back to
  /// its fund.
  /// - Parameter reason: for a suspended or cancelled one; no personal data.
  /// - Throws: `LifecycleError.unknownPayout`, `.payoutState`, `.payoutInBatch`, `.reasonMissing`.
  package static func mark(
    _ payout: UUID, _ state: State, reason: String? = nil, on day: CalendarDate,
    in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    precondition([.planned, .suspended, .cancelled].contains(state), "people set only these")
    let reason = reason.map { normalizeText($0) } ?? ""
    if state != .planned, reason.isEmpty { throw LifecycleError.reasonMissing }
    try await context.write { session in
      let rows = try LifecycleError.run(
        session,
        Bound(
          mark, payout, state.rawValue, state == .planned ? nil : reason, day, actor.userID))
      _ = try session.batch([
        Audit.statement(
          actor, "payout.\(state.rawValue)", subject: "payout", id: payout,
          school: try rows[0][0].get(0), after: ["reason": reason.isEmpty ? nil : reason])
      ])
    }
  }
}

extension Payouts {
  private static let unpaid: SQL = """
    select c.name, count(*) from payouts($2::int, null, null) o
    join school c on c.district_id = $1 and c.id = o.school_id
    where o.state = 'planned' and o.batch_id is null
    group by c.code, c.name
    order by c.code
    """

  /// Children who are assured something for a semester and are in no batch: it is not closed over them.
  static func open(
    _ semester: Semester, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenItem] {
    try session.query(unpaid, actor.districtID, semester.ordinal).map { row in
      let school: String = try row.get(0)
      let count: Int64 = try row.get(1)
      return OpenItem(
        .payout,
        Text(
          "\(school)有 \(count) 名学生的一帮一资助尚未发放：pairing cover、payout batch；确不发放的请写明原因：payout cancel。",
          "\(count) children of \(school) are not paid: pairing cover, payout batch; or payout cancel "
            + "with its reason."))
    }
  }
}
