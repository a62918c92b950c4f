package import Foundation
import Postgres
package import SchoolCalendar

extension Revocations {
  private static let proposeReversal: SQL = "select revocation_propose_reversal($1, $2, $3, $4)"
  private static let reverse: SQL = "select revocation_reverse($1, $2, $3)"
  private static let open: SQL = """
    select clawback_id from revocation_clawbacks($1) where left_fen > 0
    """
  private static let waive: SQL = "select revocation_waive($1, $2, $3, $4, $5)"

  /// Proposes to undo a revocation that was wrong; a second person confirms it.
  /// - Parameter because: why; kept sealed.
  /// - Throws: `RevocationError.reversalBefore`, `.state`, `.dates`, `.noWords`, `.unknown`.
  package static func proposeReversal(
    _ id: UUID, because: String, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.decideRevocations)
    let sealed = try context.platform.vault.seal(
      [UInt8](try words(because).utf8), at: SealedPlace("revocation", id, "reversal"))
    try await context.write { session in
      _ = try run(
        session,
        [
          Bound(proposeReversal, id, sealed, day, actor.userID),
          audit(actor, "revocation.propose_reversal", id, ["reversal_on": "\(day)"]),
        ])
    }
  }

  /// Undoes a revocation, by a person who neither proposed that nor decided on it. The recognition
  /// holds again from its day on, and what is not recovered yet is given up. The pairing stays ended:
  /// the pupil waits for a sponsor since when it did before. What was recovered already is paid back
  /// by hand (`clawback undo`), when the money really goes.
  /// - Returns: how much was given up.
  /// - Throws: `RevocationError.reversalPerson`, `.noReversal`, `.state`, `.dates`, `.unknown`.
  package static func reverse(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Money {
    let actor = context.actor
    try actor.require(.decideRevocations)
    return try await context.write { session in
      _ = try run(session, [Bound(reverse, id, day, actor.userID)])
      var given: [Money] = []
      for row in try session.query(open, id) {
        let clawback: UUID = try row.get(0)
        let waived = try run(
          session, [Bound(waive, id, clawback, UUID.v7(), "撤销已改正", actor.userID)])
        let amount = Money(fen: try waived[0].first?.get(0) ?? 0)
        given.append(amount)
        _ = try session.batch([
          Audit.statement(
            actor, "clawback.waive", subject: "clawback", id: clawback,
            after: ["amount_fen": "\(amount.fen)", "revocation": id.lowercase])
        ])
      }
      let total = try given.total()
      _ = try session.batch([
        audit(
          actor, "revocation.reverse", id,
          ["reversed_on": "\(day)", "waived_fen": "\(total.fen)"])
      ])
      return total
    }
  }
}
