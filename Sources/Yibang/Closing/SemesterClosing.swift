package import Foundation
import Postgres
package import SchoolCalendar

/// Closing a semester: what stands in the way, the balances it fixes, and reopening by two people.
package enum SemesterClosing {
  private static let close: SQL = "select semester_close($1::int, $2, $3)"
  private static let lock: SQL = "select semester_lock($1::int)"

  /// What has to be done before a semester can be closed; empty if nothing.
  /// - Throws: `SchoolError.unknownSemester`.
  package static func openItems(
    _ semester: Semester, today: CalendarDate, in context: Context
  ) async throws -> [OpenItem] {
    try context.actor.require(.read)
    return try await context.read { try openItems(semester, today: today, $0, context.actor) }
  }

  private static let earlier: SQL = """
    select semester from semester
    where district_id = $1 and semester < $2 and state = 'open'
    order by semester
    """
  private static let committed: SQL = """
    select fund_shown(f.id, f.kind, f.name), b.committed_fen from budget b
    join fund f on f.district_id = b.district_id and f.id = b.fund_id
    where b.district_id = $1 and b.semester = $2 and b.committed_fen > 0
    order by f.name, f.id
    """

  private static func openItems(
    _ semester: Semester, today: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenItem] {
    let record = try Semesters.record(semester, session, actor.districtID)
    var items: [OpenItem] = []
    for row in try session.query(earlier, actor.districtID, semester.ordinal) {
      let earlier: Semester = try row.semester(0)
      items.append(
        OpenItem(
          .earlierSemester,
          Text("请先结清\(earlier.zh)（\(earlier)）。", "Close the \(earlier.en) (\(earlier)) first.")))
    }
    if today < record.endsOn {
      items.append(
        OpenItem(
          .notOver,
          Text("学期到 \(record.endsOn) 才结束。", "The semester ends on \(record.endsOn).")))
    }
    items += try Payments.open(semester, session, actor)
    items += try Payouts.open(semester, session, actor)
    for row in try session.query(committed, actor.districtID, semester.ordinal) {
      let fund: String = try row.get(0)
      let amount = Money(fen: try row.get(1))
      items.append(
        OpenItem(
          .committed,
          Text(
            "基金“\(fund)”有 \(amount) 已批准未支付，请支付或撤销。",
            "\(amount) of the fund “\(fund)” is approved and unpaid: pay or cancel it.")))
    }
    return items + (try unreconciled(semester, session, actor))
      + (try goods(semester, session, actor))
  }

  private static func unreconciled(
    _ semester: Semester, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenItem] {
    try Reconciliation.open(semester, session, actor).map { item in
      let what = "\(item.day) \(item.amount) \(item.id.uuidString.lowercased())"
      let school = item.school.map { "\($0) " } ?? ""
      return switch item.kind {
      case .line:
        OpenItem(
          .bankLine,
          Text(
            "\(school)银行流水 \(what) 未对账，请匹配或说明（bank match、bank explain）。",
            "The bank line \(school)\(what) is unmatched: match or explain it."))
      case .transfer:
        OpenItem(
          .unreconciled,
          Text(
            "\(school)账面收支 \(what) 在银行流水中没有对应，请匹配或说明。",
            "The transfer \(school)\(what) is on no bank line: match or explain it."))
      case .changed:
        OpenItem(
          .unreconciled,
          Text(
            "\(school)对账 \(what) 的款项之后被冲回，请重新对账。",
            "The match \(school)\(what) no longer adds up: something was reversed since."))
      }
    }
  }

  private static let negativeStock: SQL = """
    select i.name, s.quantity from stock s
    join goods_lot l on l.district_id = s.district_id and l.id = s.lot_id
    join goods_item i on i.district_id = l.district_id and i.id = l.item_id
    where s.district_id = $1 and s.quantity < 0
    """

  private static func goods(
    _ semester: Semester, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenItem] {
    let unsigned = try Goods.open(semester, session, actor).map { handed in
      OpenItem(
        .handOut,
        Text(
          "\(handed.date) 发放的 \(handed.item) 未签收（goods open、goods sign）。",
          "\(handed.item) handed out on \(handed.date) is not signed for (goods open, goods sign).")
      )
    }
    let negative = try session.query(negativeStock, actor.districtID).map { row in
      let item: String = try row.get(0)
      let quantity: Int64 = try row.get(1)
      return OpenItem(
        .stock,
        Text("“\(item)”的库存为 \(quantity)，请盘点。", "The stock of \(item) is \(quantity): count it."))
    }
    return unsigned + negative
  }

  /// Closes a semester: fixes the balance of every account, and nothing posts to it any more. What is
  /// about to post waits for the outcome.
  /// - Returns: the closing; nil if the semester was closed before.
  /// - Throws: `ClosingError.openItems` with everything that stands in the way, `.unknownSemester`.
  package static func close(
    _ semester: Semester, today: CalendarDate, in context: Context
  ) async throws -> UUID? {
    let actor = context.actor
    try actor.require(.closeSemesters)
    return try await context.write { session in
      _ = try Semesters.record(semester, session, actor.districtID)
      let state: String? = try session.query(lock, semester.ordinal).first?.get(0)
      guard state == "open" else { return nil }
      let items = try openItems(semester, today: today, session, actor)
      guard items.isEmpty else { throw ClosingError.openItems(semester, items) }
      let id = UUID.v7()
      _ = try session.batch([
        Bound(close, semester.ordinal, id, actor.userID),
        Audit.statement(
          actor, "semester.close", subject: "semester", id: id,
          after: ["semester": "\(semester)"]),
      ])
      return id
    }
  }

  private static let inForce: SQL = """
    select id from semester_closing where district_id = $1 and semester = $2 and in_force
    """
  private static let request: SQL = """
    insert into semester_reopening (district_id, id, closing_id, reason, requested_by)
    values ($1, $2, $3, $4, $5)
    on conflict (district_id, closing_id) do nothing
    """
  private static let pending: SQL = """
    select r.id, r.requested_by from semester_reopening r
    join semester_closing c on c.district_id = r.district_id and c.id = r.closing_id
    where r.district_id = $1 and c.semester = $2 and c.in_force and r.approved_by is null
    """
  private static let reopen: SQL = "select semester_reopen($1, $2)"

  /// Asks for a closed semester to be reopened; a second person has to approve.
  /// - Throws: `ClosingError.notClosed`, `.requestedBefore`.
  package static func requestReopening(
    _ semester: Semester, reason: String, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.closeSemesters)
    return try await context.write { session in
      _ = try Semesters.record(semester, session, actor.districtID)
      guard let row = try session.query(inForce, actor.districtID, semester.ordinal).first else {
        throw ClosingError.notClosed(semester)
      }
      let closing: UUID = try row.get(0)
      let id = UUID.v7()
      let added = try session.execute(
        request, actor.districtID, id, closing, reason, actor.userID)
      guard added == 1 else { throw ClosingError.requestedBefore(semester) }
      _ = try session.batch([
        Audit.statement(
          actor, "semester.request_reopening", subject: "semester", id: closing,
          after: ["semester": "\(semester)", "reason": reason])
      ])
      return id
    }
  }

  /// Reopens a semester whose reopening somebody else asked for. Its closing stays on record.
  /// - Throws: `ClosingError.notRequested`, `.samePerson`, `.laterClosed`.
  package static func approveReopening(_ semester: Semester, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.closeSemesters)
    try await context.write { session in
      _ = try Semesters.record(semester, session, actor.districtID)
      guard let row = try session.query(pending, actor.districtID, semester.ordinal).first else {
        throw ClosingError.notRequested(semester)
      }
      let id: UUID = try row.get(0)
      let requester: UUID = try row.get(1)
      guard requester != actor.userID else { throw ClosingError.samePerson }
      let statements = [
        Bound(reopen, id, actor.userID),
        Audit.statement(
          actor, "semester.reopen", subject: "semester", id: id, before: ["state": "closed"],
          after: ["state": "open", "semester": "\(semester)"]),
      ]
      do throws(PostgresError) {
        _ = try session.batch(statements)
      } catch {
        guard case .check(let detail) = error else { throw error }
        switch detail.constraint {
        case "semester_in_order": throw ClosingError.laterClosed(semester)
        case "reopening_second_person": throw ClosingError.samePerson
        case "reopening_open": throw ClosingError.notRequested(semester)
        default: throw error
        }
      }
    }
  }
}
