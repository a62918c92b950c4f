package import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// Batches of payments to pupils: made, approved by others, paid, confirmed.
package enum PaymentBatches {
  private static let insert: SQL = """
    insert into payment_batch (
      district_id, id, school_id, fund_id, purpose, semester, title, needs_recognition, follows,
      maker_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    """
  private static let fundFor: SQL = """
    select from fund
    where district_id = $1 and id = $2 and (school_id is null or school_id = $3)
    """

  /// Makes a draft of all recognised pupils of a school, with what each is due by a rule.
  /// - Returns: the batch.
  /// - Throws: `PaymentError`, `FundError`, `SchoolError`, `AccessError`, `IdempotencyError`.
  package static func make(
    _ batch: NewPaymentBatch, rule: PayeeRule, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.preparePayments)
    try actor.require(school: batch.school.id)
    guard rule.amounts.allSatisfy({ $0 > .zero }) else { throw FundError.amountNotPositive }
    let vault = context.platform.vault
    let claim = IdempotencyKey(
      key, operation: "payment.batch",
      request: [
        batch.school.code, batch.fund.uuidString, batch.purpose.rawValue, "\(batch.semester)",
        batch.title, rule.request,
      ])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      try open(batch, id: id, session, actor)
      var due: [Payee] = []
      var paidBefore = 0
      for candidate in try Payees.candidates(
        batch, recognisedOnly: true, session, actor, vault)
      {
        guard let tier = candidate.tier, let amount = rule.amount(for: tier) else { continue }
        if candidate.isPaid {
          paidBefore += 1
          continue
        }
        var payee = candidate.payee
        payee.amount = amount
        payee.rule = rule.rule
        due.append(payee)
      }
      if paidBefore > 0, !batch.leavesOutPaid { throw PaymentError.alreadyPaid(paidBefore) }
      guard !due.isEmpty else { throw PaymentError.noPayee }
      let ordered = Reports.inClassOrder(due) { ("", $0.grade, $0.className) }
      try Payees.add(ordered, to: id, session, actor, vault)
      try note(id, batch, lines: ordered.count, session, actor)
      return id
    }
  }

  /// Writes the batch itself, without lines.
  static func open(
    _ batch: NewPaymentBatch, id: UUID, follows: UUID? = nil, _ session: borrowing Session,
    _ actor: Actor
  ) throws {
    _ = try Semesters.record(batch.semester, session, actor.districtID)
    let title = try PaymentError.checked(batch.title)
    let fund = try session.query(fundFor, actor.districtID, batch.fund, batch.school.id)
    guard !fund.isEmpty else { throw FundError.unknownFund(batch.fund.uuidString.lowercased()) }
    do {
      try Payments.run(
        session,
        Bound(
          insert, actor.districtID, id, batch.school.id, batch.fund, batch.purpose.rawValue,
          batch.semester.ordinal, title, batch.purpose.needsRecognition, follows, actor.userID))
    } catch FundError.purposeNotAllowed {
      throw FundError.purposeNotAllowed(batch.purpose)
    }
  }

  static func note(
    _ id: UUID, _ batch: NewPaymentBatch, lines: Int, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.batch([
      Audit.statement(
        actor, "payment.batch", subject: "payment_batch", id: id, school: batch.school.id,
        after: [
          "purpose": batch.purpose.rawValue, "semester": "\(batch.semester)", "lines": "\(lines)",
        ])
    ])
  }

  private static let amend: SQL = "select payment_line_amend($1, $2::int, $3::bigint, $4)"
  private static let submit: SQL = """
    select total_fen, approvals_needed from payment_batch_submit($1, $2)
    """
  private static let withdraw: SQL = "select payment_batch_withdraw($1)"
  private static let cancel: SQL = "select payment_batch_cancel($1, $2)"
  private static let close: SQL = "select payment_batch_close($1)"

  /// Changes the amount of one line of a draft, or takes the line out where the amount is nil.
  /// - Throws: `PaymentError.state` once it is submitted, `.onlyMaker`, `.unknownLine`.
  package static func amend(
    _ batch: UUID, line number: Int, amount: Money?, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    if let amount, amount <= .zero { throw FundError.amountNotPositive }
    try await context.write { session in
      _ = try Payments.run(
        session, Bound(amend, batch, number, amount?.fen, actor.userID),
        Audit.statement(
          actor, "payment.amend", subject: "payment_batch", id: batch,
          after: ["line": "\(number)", "amount_fen": amount.map { "\($0.fen)" } ?? "removed"]))
    }
  }

  /// What submitting a batch means.
  package struct Submission: Sendable, Codable {
    package let total: Money
    package let approvalsNeeded: Int
  }

  /// Submits a draft; from now on its lines stay as they are.
  /// - Throws: `PaymentError.onlyMaker`, `.empty`, `.notRecognised`, `FundError.semesterClosed`.
  package static func submit(_ batch: UUID, in context: Context) async throws -> Submission {
    let actor = context.actor
    try actor.require(.preparePayments)
    return try await context.write { session in
      let rows = try Payments.run(session, Bound(submit, batch, actor.userID))
      guard let row = rows[0].first else { throw PaymentError.unknownBatch }
      let submission = Submission(
        total: Money(fen: try row.get(0)), approvalsNeeded: Int(try row.get(1) as Int32))
      _ = try session.batch([
        Audit.statement(
          actor, "payment.submit", subject: "payment_batch", id: batch,
          after: ["total_fen": "\(submission.total.fen)"])
      ])
      return submission
    }
  }

  /// Makes a submitted or approved batch a draft again. Its approvals no longer count, and what was
  /// set aside for it is free.
  /// - Throws: `PaymentError.state`.
  package static func withdraw(_ batch: UUID, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    try await context.write { session in
      _ = try Payments.run(
        session, Bound(withdraw, batch),
        Audit.statement(actor, "payment.withdraw", subject: "payment_batch", id: batch))
    }
  }

  /// Cancels a batch that is not paid; its pupils can be in another one.
  /// - Throws: `PaymentError.state`, `.noteMissing`.
  package static func cancel(_ batch: UUID, reason: String, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    let reason = try PaymentError.checked(reason)
    try await context.write { session in
      _ = try Payments.run(
        session, Bound(cancel, batch, reason),
        Audit.statement(
          actor, "payment.cancel", subject: "payment_batch", id: batch, after: ["reason": reason]))
    }
  }

  /// Closes a paid batch of which every line is settled; nothing of it changes any more.
  /// - Throws: `PaymentError.unsettled`, `.state`.
  package static func close(_ batch: UUID, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.preparePayments)
    try await context.write { session in
      _ = try Payments.run(
        session, Bound(close, batch),
        Audit.statement(actor, "payment.close", subject: "payment_batch", id: batch))
    }
  }
}
