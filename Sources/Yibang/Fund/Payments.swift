package import Foundation
import Postgres
package import SchoolCalendar

/// Spending of a fund for one of its purposes.
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

  /// Pays out of a fund. The transfer is the payment's record.
  /// - Returns: the transfer.
  /// - Throws: `FundError`, `AccessError`, `IdempotencyError`.
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
