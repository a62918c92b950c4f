package import Foundation
import Postgres
package import SchoolCalendar

extension Instalments {
  /// A receipt of an instalment: money that came in, and what of it was taken back.
  package struct Receipt: Sendable, Codable {
    package let id: UUID
    package let receivedOn: CalendarDate
    package let amount: Money
    package let net: Money
    /// Who paid, where it was not the sponsor; “匿名” where that donor stays unnamed.
    package let payer: String?
    package let transfer: UUID

    enum CodingKeys: String, CodingKey {
      case id
      case receivedOn = "received_on"
      case amount, net, payer, transfer
    }
  }

  private static let receipts: SQL = """
    select c.id, c.received_on, c.amount_fen, c.amount_fen - coalesce(r.reversed_fen, 0),
      c.transfer_id, donor_shown(d.anonymous, d.name, d.merged_into)
    from instalment_receipt c
    left join transfer_reversed r
      on r.district_id = c.district_id and r.transfer_id = c.transfer_id
    left join donor d on d.district_id = c.district_id and d.id = c.payer_id
    where c.district_id = $1 and c.instalment_id = $2
    order by c.received_on, c.id
    """

  /// What came in for an instalment, by date.
  package static func receipts(of instalment: UUID, in context: Context) async throws -> [Receipt] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(receipts, context.actor.districtID, instalment).map { row in
        Receipt(
          id: try row.get(0), receivedOn: try row.get(1), amount: Money(fen: try row.get(2)),
          net: Money(fen: try row.get(3)), payer: try row.optional(5), transfer: try row.get(4))
      }
    }
  }

  // The instalment is locked, so that its sum and its receipts change together.
  private static let lockReceipt: SQL = """
    select i.id, i.school_id, i.received_fen, c.transfer_id, t.debit_account, t.credit_account,
      c.amount_fen, coalesce(r.reversed_fen, 0), k.pairing_id
    from instalment_receipt c
    join instalment i on i.district_id = c.district_id and i.id = c.instalment_id
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join transfer t on t.district_id = c.district_id and t.id = c.transfer_id
    left join transfer_reversed r
      on r.district_id = c.district_id and r.transfer_id = c.transfer_id
    where c.district_id = $1 and c.id = $2
    for no key update of i
    """
  // Of an ended pairing nothing is due again.
  private static let subtract: SQL = """
    update instalment i
    set received_fen = i.received_fen - $3,
      excused_fen = i.excused_fen + case when p.state = 'ended' then $3 else 0 end,
      excused_reason = case when p.state = 'ended' then coalesce(i.excused_reason, p.end_reason)
        else i.excused_reason end,
      excused_on = case when p.state = 'ended' then coalesce(i.excused_on, p.ended_on)
        else i.excused_on end
    from commitment k
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    where i.district_id = $1 and i.id = $2 and k.district_id = i.district_id
      and k.id = i.commitment_id
    """
  private static let unspent: SQL = """
    select coalesce(sum(unspent_fen), 0)::int8 from pairing_unspent($1, null)
    where instalment_id = $2
    """
  private static let unrepay: SQL = "select cover_unrepay($1, $2, $3, $4::int, $5)"

  /// Takes back money that came in for an instalment, or a part of it: it was booked by mistake, or
  /// went back to the sponsor. The instalment is due again by that much; what it had repaid of cover
  /// is covered again.
  ///
  /// Money that the child has had is not returned to the sponsor; a booking by mistake is reversed.
  /// - Parameter amount: nil takes back all that is left of the receipt.
  /// - Returns: the transfer.
  /// - Throws: `CommitmentError.unknownReceipt`, `FundError.reversedBefore`, `.moreThanLeft`,
  ///   `LifecycleError.spentOnChild`,
  ///   `.insufficient` if the money was spent or promised, `.semesterClosed`.
  package static func reverse(
    receipt: UUID, amount: Money? = nil, as taking: Giving.TakingBack = .reversal,
    on date: CalendarDate, semester: Semester, reason: String, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.recordDonations)
    if let amount, amount <= .zero { throw FundError.amountNotPositive }
    let claim = IdempotencyKey(
      key, operation: "instalment.\(taking.rawValue)",
      request: [
        receipt.uuidString, amount.map { "\($0.fen)" }, "\(date)", "\(semester)", reason,
      ])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      guard let row = try session.query(lockReceipt, actor.districtID, receipt).first else {
        throw CommitmentError.unknownReceipt(receipt)
      }
      let instalment: UUID = try row.get(0)
      let before = Money(fen: try row.get(2))
      let left = try Money(fen: try row.get(6)) - Money(fen: try row.get(7))
      guard left > .zero else { throw FundError.reversedBefore }
      let amount = amount ?? left
      guard amount <= left else { throw FundError.moreThanLeft }
      try Ledger.lock(moneyOf: [try row.get(8)], and: [], session)
      if taking == .refund {
        let rows = try session.query(unspent, try row.get(8) as UUID, instalment)
        let unspent = Money(fen: try rows[0].get(0))
        guard amount <= unspent else { throw LifecycleError.spentOnChild(left: unspent) }
      }
      _ = try LifecycleError.run(
        session, Bound(unrepay, receipt, amount.fen, date, semester.ordinal, actor.userID))
      let movement = Ledger.Movement(
        transfer: id, from: try row.get(5), to: try row.get(4), amount: amount, date: date,
        source: receipt)
      try Ledger.post(
        session, [movement], kind: taking.kind, semester: semester, reverses: try row.get(3),
        note: reason, actor: actor)
      _ = try session.batch([
        Bound(subtract, actor.districtID, instalment, amount.fen),
        Audit.statement(
          actor, "instalment.\(taking.rawValue)", subject: "instalment", id: instalment,
          school: try row.get(1), before: ["received_fen": "\(before.fen)"],
          after: ["received_fen": "\(try (before - amount).fen)", "reason": reason]),
      ])
      return id
    }
  }
}
