package import Foundation
import Postgres
import SchoolCalendar

extension Proposals {
  /// Who does not want a pair.
  package enum Decliner: String, CaseIterable, Sendable, Codable {
    /// It is not offered this pupil again.
    case sponsor
    case reviewer
  }

  private static let pairState: SQL = """
    select state, school_id, student_id, offer_id, held_until is not null from proposal_pair
    where district_id = $1 and id = $2
    """
  private static let setDeclined: SQL = """
    update proposal_pair set state = 'declined' where district_id = $1 and id = $2
    """

  /// Declines one pair, on behalf of the sponsor or in review: pupil and place are free again.
  /// - Parameters:
  ///   - decliner: nil: the sponsor if the pair is held for it, else a reviewer.
  ///   - reason: why, kept in the trail; no personal data.
  /// - Throws: `PairingError.unknownPair`, `.pairDecided`.
  package static func decline(
    pair: UUID, by decliner: Decliner? = nil, reason: String? = nil, key: String? = nil,
    in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.decline",
      request: [pair.uuidString, reason] + (decliner.map { [$0.rawValue] } ?? []))
    return try await context.write { session in
      if try claim?.claim(session, district: actor.districtID, result: pair) != nil {
        let proposal = try lock(pair, session, actor)
        return try summary(proposal.id, session, actor)
      }
      guard try !session.query(pairState, actor.districtID, pair).isEmpty else {
        throw PairingError.unknownPair(pair)
      }
      // Decisions of pairs are written one at a time.
      try serialise(session, actor)
      let proposal = try lock(pair, session, actor)
      guard let row = try session.query(pairState, actor.districtID, pair).first else {
        throw PairingError.unknownPair(pair)
      }
      let state = PairState(rawValue: try row.get(0)) ?? .lapsed
      guard state == .proposed else { throw PairingError.pairDecided(pair, state) }
      let decliner = try decliner ?? (row.get(4) ? .sponsor : .reviewer)
      _ = try session.batch([
        Bound(setDeclined, actor.districtID, pair),
        Audit.statement(
          actor, "match.decline", subject: "proposal_pair", id: pair, school: try row.get(1),
          before: ["state": state.rawValue],
          after: [
            "state": PairState.declined.rawValue, "by": decliner.rawValue, "reason": reason,
          ]),
      ])
      if decliner == .sponsor {
        try MatchChoices.declined(
          pair: pair, student: try row.get(2), offer: try row.get(3), reason: reason, session,
          actor)
      }
      try settle(proposal.id, session, actor)
      return try summary(proposal.id, session, actor)
    }
  }

  // $1 district, $2 pupil, $3 offer
  private static let lockWithPair: SQL = """
    select p.id from proposal p
    where p.district_id = $1 and p.state in ('proposed', 'approved')
      and exists (
        select from proposal_pair r
        where r.district_id = p.district_id and r.proposal_id = p.id and r.student_id = $2
          and r.offer_id = $3 and r.state = 'proposed'
      )
    order by p.id
    for update
    """
  private static let lapsePair: SQL = """
    update proposal_pair set state = 'lapsed'
    where district_id = $1 and student_id = $2 and offer_id = $3 and state = 'proposed'
    returning id, proposal_id
    """

  /// Ends a pair where it stands open, in the caller's transaction.
  static func lapse(
    student: UUID, offer: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.query(lockWithPair, actor.districtID, student, offer)
    for row in try session.query(lapsePair, actor.districtID, student, offer) {
      _ = try session.batch([
        Audit.statement(
          actor, "match.lapse", subject: "proposal_pair", id: try row.get(0),
          after: ["state": PairState.lapsed.rawValue, "reason": "excluded"])
      ])
      try settle(try row.get(1), session, actor)
    }
  }
}
