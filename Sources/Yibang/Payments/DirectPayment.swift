package import Foundation
import Postgres
package import SchoolCalendar

/// Money that leaves a fund: batches for pupils (`PaymentBatches`), and small spending by one person
/// that goes to no pupil.
package enum Payments {
  package struct Payment: Sendable {
    package let fund: UUID
    package let purpose: Purpose
    package let amount: Money
    package let date: CalendarDate
    package let semester: Semester
    package let note: String

    package init(
      fund: UUID, purpose: Purpose, amount: Money, date: CalendarDate, semester: Semester,
      note: String
    ) {
      self.fund = fund
      self.purpose = purpose
      self.amount = amount
      self.date = date
      self.semester = semester
      self.note = note
    }
  }

  private static let limitOfFund: SQL = """
    select l.direct_fen from fund f, approval_limits(f.school_id) l
    where f.district_id = $1 and f.id = $2
    """

  /// Pays out of a fund, by one person alone and so within a limit. The transfer is the payment's
  /// record.
  /// - Returns: the transfer.
  /// - Throws: `PaymentError.aboveDirectLimit`, `FundError`, `AccessError`, `IdempotencyError`.
  package static func pay(
    _ payment: Payment, key: String? = nil, in context: Context
  ) async throws -> UUID {
    try context.actor.require(.payOut)
    let actor = context.actor
    let claim = IdempotencyKey(
      key, operation: "fund.pay",
      request: [
        payment.fund.uuidString, payment.purpose.rawValue, "\(payment.amount.fen)",
        "\(payment.date)", "\(payment.semester)", payment.note,
      ])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      guard let row = try session.query(limitOfFund, actor.districtID, payment.fund).first else {
        throw FundError.unknownFund(payment.fund.uuidString.lowercased())
      }
      let limit = Money(fen: try row.get(0))
      guard payment.amount <= limit else { throw PaymentError.aboveDirectLimit(limit) }
      let movement = Ledger.Movement(
        transfer: id, from: try Ledger.account(session, fund: payment.fund, .balance),
        to: try Ledger.account(session, fund: payment.fund, .use(payment.purpose)),
        amount: payment.amount, date: payment.date, source: id)
      try Ledger.post(
        session, [movement], kind: .payment, semester: payment.semester, purpose: payment.purpose,
        note: payment.note, actor: actor)
      _ = try session.batch([
        Audit.statement(
          actor, "fund.pay", subject: "transfer", id: id,
          after: [
            "purpose": payment.purpose.rawValue, "amount_fen": "\(payment.amount.fen)",
          ])
      ])
      return id
    }
  }
}
