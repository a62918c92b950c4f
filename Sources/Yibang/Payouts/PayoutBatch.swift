package import Foundation
import Postgres
package import SchoolCalendar

extension Payouts {
  /// A draft of the pupils whose money is there, and who was left out.
  package struct Batch: Sendable, Codable {
    package let batch: UUID
    package let lines: Int
    package let total: Money
    /// Payouts without the money: `yibang pairing cover`.
    package let unfunded: Int
    /// Pupils who are not recognised for the semester.
    package let notRecognised: Int

    enum CodingKeys: String, CodingKey {
      case batch, lines, total, unfunded
      case notRecognised = "not_recognised"
    }
  }

  private static let hold: SQL = "select payouts_hold($1::int, $2, null)"
  private static let made: SQL = """
    select count(*), coalesce(sum(amount_fen), 0)::int8 from payment_line
    where district_id = $1 and batch_id = $2
    """

  /// Makes a payment batch of a school's planned payouts for a semester, out of its 一帮一 fund. It is
  /// submitted, approved by others, paid and confirmed like any other.
  /// - Parameter key: makes a repetition safe.
  /// - Throws: `LifecycleError.notFunded` where nobody can be paid; `FundError`, `AccessError`.
  package static func makeBatch(
    _ semester: Semester, school: Schools.School, title: String, key: String? = nil,
    in context: Context
  ) async throws -> Batch {
    let actor = context.actor
    try actor.require(.preparePayments)
    try actor.require(school: school.id)
    let vault = context.platform.vault
    let claim = IdempotencyKey(
      key, operation: "payout.batch", request: [school.code, "\(semester)", title])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        let row = try session.query(made, actor.districtID, earlier)[0]
        return Batch(
          batch: earlier, lines: Int(try row.get(0) as Int64), total: Money(fen: try row.get(1)),
          unfunded: 0, notRecognised: 0)
      }
      _ = try session.query(hold, semester.ordinal, school.id)
      let planned = try all(semester, school: school.id, pupils: nil, session, actor)
        .filter { $0.state == .planned && $0.batch == nil }
      let funded = Dictionary(
        planned.filter(\.isFunded).map { ($0.student, $0.amount) }, uniquingKeysWith: { $1 })
      let fund = try Funds.fund(
        for: FundKind.sponsorship.name.zh, school: school.id, session, actor)
      let new = NewPaymentBatch(
        school: school, fund: fund, purpose: .sponsorship, semester: semester, title: title)
      try PaymentBatches.open(new, id: id, session, actor)
      let payees = try Payees.candidates(
        new, students: Array(funded.keys), recognisedOnly: true, session, actor, vault
      ).compactMap { candidate -> Payee? in
        guard !candidate.isPaid, let amount = funded[candidate.payee.student] else { return nil }
        var payee = candidate.payee
        payee.amount = amount
        payee.rule = .payout
        return payee
      }
      guard !payees.isEmpty else {
        throw LifecycleError.notFunded(
          unfunded: planned.count - funded.count, notRecognised: funded.count)
      }
      try Payees.add(
        Reports.inClassOrder(payees) { ("", $0.grade, $0.className) }, to: id, session, actor,
        vault)
      try PaymentBatches.note(id, new, lines: payees.count, session, actor)
      return Batch(
        batch: id, lines: payees.count, total: try payees.map(\.amount).total(),
        unfunded: planned.count - funded.count, notRecognised: funded.count - payees.count)
    }
  }
}
