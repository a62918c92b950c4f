package import Foundation
import Postgres
package import SchoolCalendar

/// Why money is to be had back.
package enum ClawbackReason: String, Sendable, CaseIterable, Codable {
  case falseInformation = "false_information"
  case doublePayment = "double_payment"
  case leftSchool = "left_school"
  case wrongAmount = "wrong_amount"
  case other

  package var name: Text {
    switch self {
    case .falseInformation: Text("虚假信息", "false information")
    case .doublePayment: Text("重复发放", "paid twice")
    case .leftSchool: Text("已离校", "left the school")
    case .wrongAmount: Text("金额有误", "wrong amount")
    case .other: Text("其他", "other")
    }
  }
}

/// Money to be had back from a payee. What is left is computed from transfers, never kept.
package struct Clawback: Sendable, Codable {
  package let id: UUID
  package let school: String?
  /// The payment's transfer.
  package let payment: UUID
  package let reason: ClawbackReason
  package let note: String?
  package let openedOn: CalendarDate
  package let openedBy: String
  package let due: Money
  package let recovered: Money
  package let waived: Money
  package let left: Money

  enum CodingKeys: String, CodingKey {
    case id, school, payment, reason, note
    case openedOn = "opened_on"
    case openedBy = "opened_by"
    case due, recovered, waived, left
  }
}

package enum Clawbacks {
  private static let open: SQL = "select clawback_open($1, $2, $3, $4, $5, $6, $7)"
  private static let recover: SQL = "select clawback_recover($1, $2, $3, $4, $5::int, $6, $7)"
  private static let undo: SQL = "select clawback_undo($1, $2, $3::bigint, $4, $5::int, $6, $7)"
  private static let waive: SQL = "select clawback_waive($1, $2, $3, $4)"

  /// Opens a case on a payment. All cases of a payment together claim no more than was paid.
  /// - Parameter payment: the payment's transfer, as `payment show --lines` gives it.
  /// - Throws: `ClawbackError.notAPayment`, `.moreThanPaid`, `PaymentError.otherPlace`.
  package static func open(
    payment: UUID, amount: Money, reason: ClawbackReason, note: String?, on date: CalendarDate,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.payOut)
    let note = try note.map(PaymentError.checked)
    let claim = IdempotencyKey(
      key, operation: "clawback.open",
      request: [payment.uuidString, "\(amount.fen)", reason.rawValue, note, "\(date)"])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      try Payments.run(
        session,
        Bound(open, id, payment, amount.fen, reason.rawValue, note, date, actor.userID),
        Audit.statement(
          actor, "clawback.open", subject: "clawback", id: id,
          after: ["amount_fen": "\(amount.fen)", "reason": reason.rawValue]))
      return id
    }
  }

  /// Books money that came back from the payee, in part or whole.
  /// - Returns: the transfer.
  /// - Throws: `ClawbackError.unknown`, `.moreThanLeft`, `FundError`.
  package static func recover(
    _ id: UUID, amount: Money, on date: CalendarDate, semester: Semester, note: String? = nil,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.payOut)
    guard amount > .zero else { throw FundError.amountNotPositive }
    let note = try note.map(PaymentError.checked)
    let claim = IdempotencyKey(
      key, operation: "clawback.recover",
      request: [id.uuidString, "\(amount.fen)", "\(date)", "\(semester)", note])
    return try await context.write { session in
      let transfer = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: transfer) {
        return earlier
      }
      try Payments.run(
        session,
        Bound(recover, id, transfer, amount.fen, date, semester.ordinal, note, actor.userID),
        Audit.statement(
          actor, "clawback.recover", subject: "clawback", id: id,
          after: ["amount_fen": "\(amount.fen)"]))
      return transfer
    }
  }

  /// Undoes a recovery that was wrong, or a part of it.
  /// - Parameters:
  ///   - recovery: its transfer.
  ///   - amount: nil: all that is left of it.
  /// - Returns: the transfer and its amount.
  /// - Throws: `ClawbackError.unknown`, `.moreThanRecovered`, `FundError`.
  package static func undo(
    recovery: UUID, amount: Money? = nil, on date: CalendarDate, semester: Semester,
    note: String? = nil, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.payOut)
    if let amount, amount <= .zero { throw FundError.amountNotPositive }
    let note = try note.map(PaymentError.checked)
    let claim = IdempotencyKey(
      key, operation: "clawback.undo",
      request: [
        recovery.uuidString, amount.map { "\($0.fen)" }, "\(date)", "\(semester)", note,
      ])
    return try await context.write { session in
      let transfer = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: transfer) {
        return earlier
      }
      let rows = try Payments.run(
        session,
        Bound(
          undo, recovery, transfer, amount?.fen, date, semester.ordinal, note, actor.userID))
      let undone: Int64? = try rows[0].first?.get(0)
      _ = try session.batch([
        Audit.statement(
          actor, "clawback.undo", subject: "transfer", id: recovery,
          after: ["amount_fen": undone.map { "\($0)" }])
      ])
      return transfer
    }
  }

  /// Gives up what is left of a case. Not by the person who opened it.
  /// - Returns: the amount.
  /// - Throws: `ClawbackError.samePerson`, `.moreThanLeft` if nothing is left, `.unknown`.
  package static func waive(_ id: UUID, reason: String, in context: Context) async throws -> Money {
    let actor = context.actor
    try actor.require(.approvePayments)
    let reason = try PaymentError.checked(reason)
    return try await context.write { session in
      let rows = try Payments.run(session, Bound(waive, id, UUID.v7(), reason, actor.userID))
      let amount = Money(fen: try rows[0].first?.get(0) ?? 0)
      _ = try session.batch([
        Audit.statement(
          actor, "clawback.waive", subject: "clawback", id: id,
          after: ["amount_fen": "\(amount.fen)", "reason": reason])
      ])
      return amount
    }
  }
}

package enum ClawbackError: YibangError {
  case unknown
  case notAPayment
  case moreThanPaid
  case moreThanLeft
  case moreThanRecovered
  case samePerson

  package var code: String {
    switch self {
    case .unknown: "clawback.unknown"
    case .notAPayment: "clawback.not_a_payment"
    case .moreThanPaid: "clawback.more_than_paid"
    case .moreThanLeft: "clawback.more_than_left"
    case .moreThanRecovered: "clawback.more_than_recovered"
    case .samePerson: "clawback.same_person"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .notAPayment: .notFound
    case .samePerson: .forbidden
    case .moreThanPaid, .moreThanLeft, .moreThanRecovered: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown:
      Text(
        "没有这个追回事项。可用 yibang clawback list 查看。", "There is no such case. See yibang clawback list.")
    case .notAPayment:
      Text(
        "这不是一笔支出。请用 payment show --lines 或 fund transfers 查看支出编号。",
        "That is no payment. See payment show --lines or fund transfers for its id.")
    case .moreThanPaid:
      Text(
        "应追回金额超过该笔支出的净额（含其他追回事项）。",
        "More than was paid, with what other cases of the payment claim.")
    case .moreThanLeft:
      Text("超过尚未追回的金额，或已无可追回。", "More than is left to recover, or nothing is left.")
    case .moreThanRecovered:
      Text("撤销金额超过该笔追回的余额。", "More than is left of that recovery.")
    case .samePerson:
      Text("免除须由立案人以外的第二人办理。", "A second person has to waive, not the one who opened the case.")
    }
  }
}
