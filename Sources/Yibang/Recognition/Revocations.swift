package import Foundation
import Postgres
package import SchoolCalendar

/// Recognition that rested on false statements: proposed with its evidence, the family heard, decided
/// by a second person, and undone by two where it was wrong.
package enum Revocations {
  package enum State: String, Sendable, CaseIterable, Codable {
    case proposed, decided, dismissed, reversed

    package var name: Text {
      switch self {
      case .proposed: Text("待决定", "proposed")
      case .decided: Text("已撤销认定", "revoked")
      case .dismissed: Text("不予撤销", "dismissed")
      case .reversed: Text("已改正", "reversed")
      }
    }
  }

  private static let propose: SQL = "select revocation_propose($1, $2, $3, $4, $5, $6)"
  private static let hear: SQL = "select revocation_hear($1, $2, $3, $4)"
  private static let dismiss: SQL = "select revocation_dismiss($1, $2, $3)"

  /// Proposes to revoke a pupil's recognition.
  /// - Parameters:
  ///   - since: the first day on which it was undue: what was received from then on is claimed back.
  ///   - because: what was false, and how it came out; kept sealed.
  ///   - evidence: where the proof lies; kept sealed.
  /// - Returns: the revocation.
  /// - Throws: `RevocationError`, `AccessError`, `IdempotencyError`.
  package static func propose(
    _ student: UUID, since: CalendarDate, because: String, evidence: String, on day: CalendarDate,
    key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recognise)
    let (because, evidence) = (try words(because), try words(evidence))
    let claim = IdempotencyKey(
      key, operation: "revocation.propose",
      request: [student.uuidString, "\(since)", because, evidence, "\(day)"])
    let vault = context.platform.vault
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      let fields = SealedFields(["because": because, "evidence": evidence])
      let sealed = try vault.seal(fields.bytes, at: SealedPlace("revocation", id, "private"))
      let rows = try run(session, [Bound(propose, id, student, since, sealed, day, actor.userID)])
      _ = try session.batch([
        audit(
          actor, "revocation.propose", id, school: try rows[0].first?.get(0),
          ["student": student.lowercase, "since": "\(since)", "proposed_on": "\(day)"])
      ])
      return (id, false)
    }
  }

  /// Records what the family answers, before anything is decided.
  /// - Parameter answer: its words, or that it could not be reached and how that was tried; sealed.
  /// - Throws: `RevocationError.heardBefore`, `.state`, `.dates`, `.noWords`, `.unknown`.
  package static func hear(
    _ id: UUID, answer: String, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.recognise)
    let sealed = try context.platform.vault.seal(
      [UInt8](try words(answer).utf8), at: SealedPlace("revocation", id, "heard"))
    try await context.write { session in
      _ = try run(
        session,
        [
          Bound(hear, id, sealed, day, actor.userID),
          audit(actor, "revocation.hear", id, ["heard_on": "\(day)"]),
        ])
    }
  }

  /// Decides, by a second person, not to revoke.
  /// - Throws: `RevocationError.secondPerson`, `.state`, `.dates`, `.unknown`.
  package static func dismiss(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.decideRevocations)
    try await context.write { session in
      _ = try run(
        session,
        [
          Bound(dismiss, id, day, actor.userID),
          audit(actor, "revocation.dismiss", id, ["decided_on": "\(day)"]),
        ])
    }
  }

  /// What a decision stopped, and what it claims back.
  package struct Outcome: Sendable, Codable {
    package let cases: Int
    /// Lines taken out of batches that were not paid.
    package let linesTakenOut: Int
    /// The pairing that ended.
    package let pairing: UUID?
    package let clawbacks: Int
    package let claimed: Money
  }

  private static let decide: SQL = """
    select cases, taken_out, pairing_id from revocation_decide($1, $2, $3)
    """
  private static let undue: SQL = """
    select transfer_id from revocation_received($1) where due_fen > 0
    """
  private static let clawBack: SQL = "select revocation_claw_back($1, $2, $3, $4)"

  /// Revokes, by a person who did not propose it, after the family was heard. In one transaction the
  /// recognition ends, unpaid lines leave their batches and what was set aside for them is released,
  /// proposed pairs lapse, the running pairing ends, and what was paid since is claimed back, a case
  /// for each payment. A payment made at the same moment comes either before and is claimed back, or
  /// after and is refused.
  /// - Throws: `RevocationError.secondPerson`, `.notHeard`, `.state`, `.dates`, `.nothing`.
  package static func decide(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.decideRevocations)
    return try await context.write { session in
      let rows = try run(session, [Bound(decide, id, day, actor.userID)])
      guard let row = rows[0].first else { throw RevocationError.unknown }
      let (cases, lines): (Int64, Int64) = (try row.get(0), try row.get(1))
      let pairing: UUID? = try row.optional(2)
      var claims: [Money] = []
      for payment in try session.query(undue, id) {
        let clawback = UUID.v7()
        let opened = try run(
          session, [Bound(clawBack, id, clawback, try payment.get(0) as UUID, actor.userID)])
        let amount = Money(fen: try opened[0].first?.get(0) ?? 0)
        claims.append(amount)
        _ = try session.batch([
          Audit.statement(
            actor, "clawback.open", subject: "clawback", id: clawback,
            after: ["amount_fen": "\(amount.fen)", "revocation": id.lowercase])
        ])
      }
      let claimed = try claims.total()
      var trail = [
        audit(
          actor, "revocation.decide", id,
          [
            "decided_on": "\(day)", "cases": "\(cases)", "lines_taken_out": "\(lines)",
            "clawbacks": "\(claims.count)", "claimed_fen": "\(claimed.fen)",
          ])
      ]
      if let pairing {
        trail.append(
          Audit.statement(
            actor, "pairing.end", subject: "pairing", id: pairing,
            before: ["state": "running"], after: ["state": "ended"]))
      }
      _ = try session.batch(trail)
      return Outcome(
        cases: Int(cases), linesTakenOut: Int(lines), pairing: pairing, clawbacks: claims.count,
        claimed: claimed)
    }
  }

  /// Words that people wrote, and that only who may know them reads.
  static func words(_ text: String) throws -> String {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !text.isEmpty else { throw RevocationError.noWords }
    return text
  }

  static func run(_ session: borrowing Session, _ statements: [Bound]) throws -> [Rows] {
    do throws(PostgresError) {
      return try session.batch(statements)
    } catch {
      throw RevocationError.refusal(error)
    }
  }

  static func audit(
    _ actor: Actor, _ action: String, _ id: UUID, school: UUID? = nil, _ after: [String: String?]
  ) -> Bound {
    Audit.statement(actor, action, subject: "revocation", id: id, school: school, after: after)
  }
}
