package import Foundation
import Postgres
package import SchoolCalendar

/// What became of a payment at its payee.
package enum PaymentOutcome: Sendable, Hashable {
  case received
  /// Nothing arrived; the money came back.
  case notReceived(note: String)
  /// Something is wrong with it. With an amount: that much was received, and the rest came back.
  case issue(received: Money?, note: String)

  var state: PaymentLineState {
    switch self {
    case .received: .received
    case .notReceived: .notReceived
    case .issue: .issue
    }
  }

  func received(of due: Money) -> Money? {
    switch self {
    case .received: due
    case .notReceived: .zero
    case .issue(let received, _): received
    }
  }

  var note: String? {
    switch self {
    case .received: nil
    case .notReceived(let note), .issue(_, let note): note
    }
  }
}

extension PaymentBatches {
  // batch, lines, states, received, notes, dates, ids of reversals, person
  private static let confirmLines: SQL = """
    select payment_lines_confirm($1, $2, $3, $4, $5, $6, $7, $8)
    """
  private static let find: SQL = """
    select id, number, amount_fen from payment_line
    where district_id = $1 and batch_id = $2 and ($3::int[] is null or number = any ($3))
      and ($3 is not null or state = 'waiting')
    """
  private static let explain: SQL = "select payment_line_explain($1, $2::int, $3)"

  /// One line's outcome, on its way to the database.
  struct Confirmation {
    let line: UUID
    let due: Money
    let outcome: PaymentOutcome
    let note: String?
    let date: CalendarDate
  }

  /// Records what became of lines of a paid batch. What was not received comes back to the fund; a
  /// later correction moves it again.
  /// - Parameter numbers: nil: all lines that wait for it.
  /// - Returns: how many lines.
  /// - Throws: `PaymentError.unknownLine`, `.superseded` if a line is paid again in another batch,
  ///   `.tooMuchReceived`, `FundError.semesterClosed`, `.dateOutsideSemester`, `.beforeOriginal`.
  package static func confirm(
    _ batch: UUID, lines numbers: [Int]?, as outcome: PaymentOutcome, on date: CalendarDate,
    in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.preparePayments)
    let note = try outcome.note.map(PaymentError.checked)
    return try await context.write { session in
      let rows = try session.query(find, actor.districtID, batch, numbers)
      if let numbers, rows.count != Set(numbers).count { throw PaymentError.unknownLine }
      let confirmations = try rows.map { row in
        Confirmation(
          line: try row.get(0), due: Money(fen: try row.get(2)), outcome: outcome, note: note,
          date: date)
      }
      try record(confirmations, of: batch, session, actor)
      return confirmations.count
    }
  }

  static func record(
    _ confirmations: [Confirmation], of batch: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    let received = confirmations.map { $0.outcome.received(of: $0.due) }
    for (confirmation, received) in zip(confirmations, received) {
      guard let received else { continue }
      guard received >= .zero, received <= confirmation.due else {
        throw PaymentError.tooMuchReceived
      }
    }
    try Payments.run(
      session,
      Bound(
        confirmLines, batch, confirmations.map(\.line), confirmations.map(\.outcome.state.rawValue),
        received.map { $0?.fen }, confirmations.map(\.note), confirmations.map(\.date),
        confirmations.map { _ in UUID.v7() }, actor.userID),
      Audit.statement(
        actor, "payment.confirm", subject: "payment_batch", id: batch,
        after: [
          "received": "\(confirmations.count { $0.outcome.state == .received })",
          "not_received": "\(confirmations.count { $0.outcome.state == .notReceived })",
          "issue": "\(confirmations.count { $0.outcome.state == .issue })",
        ]))
  }

  /// Says why less was paid on a line than was due (足额发放).
  /// - Throws: `PaymentError.noDifference`, `.noteMissing`, `.noteIdentifies`.
  package static func explain(
    _ batch: UUID, line number: Int, reason: String, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    let reason = try PaymentError.checked(reason)
    try await context.write { session in
      _ = try Payments.run(
        session, Bound(explain, batch, number, reason),
        Audit.statement(
          actor, "payment.explain", subject: "payment_batch", id: batch,
          after: ["line": "\(number)"]))
    }
  }
}
