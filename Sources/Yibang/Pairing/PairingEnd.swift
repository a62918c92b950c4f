package import Foundation
import Postgres
package import SchoolCalendar

extension Pairings {
  /// What ending a pairing did.
  package struct Ending: Sendable, Codable {
    package let pairing: UUID
    package let reason: PairingEndReason
    package let endedOn: CalendarDate
    /// What was still open of the instalments: awaited no more.
    package let excused: Money
    /// The child's payouts that were planned and are no longer.
    package let payoutsCancelled: Int
    /// Of the sponsor's money, what was not spent on the child.
    package let unspent: Money
    /// Where that went.
    package let balance: BalanceUse?

    enum CodingKeys: String, CodingKey {
      case pairing, reason
      case endedOn = "ended_on"
      case excused
      case payoutsCancelled = "payouts_cancelled"
      case unspent, balance
    }
  }

  private static let end: SQL = """
    select school_id, excused_fen, cancelled from pairing_end($1, $2, $3, $4)
    """
  private static let ended: SQL = """
    select p.ended_on, p.end_reason,
      (
        select coalesce(sum(i.excused_fen), 0)::int8 from instalment i
        join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
        where k.district_id = p.district_id and k.pairing_id = p.id
      ),
      (
        select count(*) from payout o
        where o.district_id = p.district_id and o.pairing_id = p.id and o.state = 'cancelled'
      ),
      coalesce(sum(b.amount_fen), 0)::int8, min(b.use)
    from pairing p
    left join pairing_balance b
      on b.district_id = p.district_id and b.pairing_id = p.id and b.use <> 'followed'
    where p.district_id = $1 and p.id = $2
    group by p.district_id, p.id, p.ended_on, p.end_reason
    """

  /// Ends a pairing in one step: open instalments are excused, the child's payouts go on or stop as
  /// the reason says, and the sponsor's unspent money goes where `balance` says.
  /// - Parameters:
  ///   - day: in an open semester, if money moves.
  ///   - balance: nil is refused where money is unspent. Money for a semester that the child is still
  ///     paid for stays with the child.
  ///   - key: makes a repetition safe.
  /// - Throws: `LifecycleError`, `FundError`, `AccessError`, `IdempotencyError`.
  package static func end(
    _ pairing: UUID, reason: PairingEndReason, on day: CalendarDate,
    balance: BalanceDecision? = nil, key: String? = nil, in context: Context
  ) async throws -> Ending {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "pairing.end",
      request: [pairing.uuidString, reason.code, "\(day)"] + (balance?.digestParts ?? []))
    return try await context.write { session in
      if try claim?.claim(session, district: actor.districtID, result: pairing) != nil {
        return try ending(pairing, session, actor)
      }
      var lapsing: [UUID] = []
      if reason.code == PairingEndReason.conflictOfInterest {
        try Proposals.serialise(session, actor)
        lapsing = try Proposals.openPairs(withSponsorOf: pairing, session, actor)
      }
      let rows = try LifecycleError.run(
        session, Bound(end, pairing, reason.code, day, actor.userID))
      guard let row = rows[0].first else { throw LifecycleError.unknownPairing }
      let school: UUID = try row.get(0)
      let semester = try Semesters.containing(day, session, actor)
      let unspent = try unspent(pairing, upTo: semester, session)
      let amount = try unspent.map(\.amount).total()
      if amount > .zero {
        try actor.require(.recordDonations)
        guard let balance else { throw LifecycleError.balanceToDecide(amount) }
        guard let semester else { throw LifecycleError.noSemester(day) }
        try settle(
          unspent, of: pairing, school, balance, on: day, semester, reason: reason.code, session,
          actor)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "pairing.end", subject: "pairing", id: pairing, school: school,
          before: ["state": State.running.rawValue],
          after: [
            "state": State.ended.rawValue, "reason": reason.code, "on": "\(day)",
            "excused_fen": "\(try row.get(1) as Int64)", "unspent_fen": "\(amount.fen)",
            "payouts_cancelled": "\(try row.get(2) as Int64)",
            "balance": amount > .zero ? balance?.use.rawValue : nil,
          ])
      ])
      if reason.code == PairingEndReason.conflictOfInterest {
        try MatchChoices.trail(ofEnded: pairing, session, actor)
        try Proposals.noteLapsed(lapsing.map { ($0, .endedBefore) }, session, actor)
      }
      return try ending(pairing, session, actor)
    }
  }

  private static func ending(
    _ pairing: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Ending {
    guard let row = try session.query(ended, actor.districtID, pairing).first,
      let endedOn: CalendarDate = try row.optional(0),
      let reason = PairingEndReason(word: try row.get(1))
    else { throw LifecycleError.unknownPairing }
    let use: String? = try row.optional(5)
    return Ending(
      pairing: pairing, reason: reason, endedOn: endedOn, excused: Money(fen: try row.get(2)),
      payoutsCancelled: Int(try row.get(3) as Int64), unspent: Money(fen: try row.get(4)),
      balance: use.flatMap(BalanceUse.init(rawValue:)))
  }
}
