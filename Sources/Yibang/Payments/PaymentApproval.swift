package import Foundation
import Postgres
package import SchoolCalendar

extension PaymentBatches {
  // batch, id of the approval, person, today
  private static let approve: SQL = "select payment_batch_approve($1, $2, $3, $4)"
  private static let pay: SQL = "select payment_batch_pay($1, $2, $3, $4)"
  private static let countLines: SQL = """
    select count(*) from payment_line where district_id = $1 and batch_id = $2
    """

  private static let approvedOn: SQL = """
    select approved_on from payment_batch where district_id = $1 and id = $2 and state = 'approved'
    """

  /// One person's approval of a submitted batch. The last one that is needed sets the money aside,
  /// which is refused where the fund or the budget has not enough.
  /// - Parameter today: no batch is approved before its semester has begun, nor paid before this day.
  /// - Returns: `.approved`, or `.submitted` as long as another person has to approve.
  /// - Throws: `PaymentError.makerApproves`, `.approvedBefore`, `.notBegun`, `.notRecognised`,
  ///   `.state`, `FundError.insufficient`, `.overBudget`, `.semesterClosed`.
  package static func approve(
    _ batch: UUID, today: CalendarDate, in context: Context
  ) async throws -> PaymentState {
    let actor = context.actor
    try actor.require(.approvePayments)
    return try await context.write { session in
      let rows = try Payments.run(session, Bound(approve, batch, UUID.v7(), actor.userID, today))
      let word: String? = try rows[0].first?.get(0)
      guard let state = word.flatMap(PaymentState.init(rawValue:)) else {
        throw PostgresError.decoding("payment_batch.state")
      }
      _ = try session.batch([
        Audit.statement(
          actor, "payment.approve", subject: "payment_batch", id: batch,
          after: ["state": state.rawValue])
      ])
      return state
    }
  }

  /// Pays an approved batch in one step: a transfer for each line, and what was set aside is no longer.
  /// - Parameter date: the day of the payment. One after the semester, whose books are still open, is
  ///   booked on the semester's last day.
  /// - Returns: false if it was paid before; nothing happens then.
  /// - Throws: `PaymentError.state` if it is not approved, `.beforeApproval`, `.notRecognised` for a
  ///   pupil whose recognition was revoked since, `FundError.semesterClosed`, `.dateOutsideSemester`.
  package static func pay(
    _ batch: UUID, on date: CalendarDate, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.payOut)
    return try await context.write { session in
      if let row = try session.query(approvedOn, actor.districtID, batch).first {
        let approved: CalendarDate = try row.get(0)
        guard date >= approved else { throw PaymentError.beforeApproval(approved) }
      }
      // An approved batch has the lines it was approved with, or fewer after a revocation.
      let approved = try lineCount(batch, session, actor)
      let transfers = (0..<approved).map { _ in UUID.v7() }
      let rows = try Payments.run(session, Bound(pay, batch, transfers, date, actor.userID))
      guard try rows[0].first?.get(0) == true else { return false }
      let paid = try lineCount(batch, session, actor)
      _ = try session.batch([
        Audit.statement(
          actor, "payment.pay", subject: "payment_batch", id: batch,
          after: ["paid_on": "\(date)", "lines": "\(paid)"])
      ])
      return true
    }
  }

  private static func lineCount(
    _ batch: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Int64 {
    try session.query(countLines, actor.districtID, batch).first?.get(0) ?? 0
  }
}
