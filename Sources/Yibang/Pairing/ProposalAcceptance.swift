package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// What exists of a proposal, or of one pair of it, after accepting.
  package struct Acceptance: Sendable, Codable {
    package let proposal: UUID
    /// The proposal's state now: accepted once no pair is open.
    package let state: State
    /// In the order of need.
    package let pairings: [UUID]
    /// Of these, how many this acceptance made; the others were there before.
    package let added: Int
    /// All instalments of these pairings, promised and not yet received.
    package let promised: Money
  }

  /// Accepts an approved proposal, or one pair of it: the pairing, its commitment and the six
  /// instalments exist from then on, all or none.
  ///
  /// Every pair is checked again: pupil still recognised, consented to and without a sponsor, offer
  /// still open, no conflict of interest. If one pair fails, nothing is paired and the error names
  /// it, so that it can be declined and the rest accepted.
  /// - Parameters:
  ///   - id: the proposal, or one pair.
  ///   - date: the day on which the pairings start, not after the proposal's semester.
  ///   - key: makes a repetition safe.
  /// - Throws: `PairingError`, `SchoolError`, `AccessError`, `IdempotencyError`.
  package static func accept(
    _ id: UUID, on date: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> Acceptance {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.accept", request: [id.uuidString, "\(date)"])
    do {
      return try await context.write { session in
        if try claim?.claim(session, district: actor.districtID, result: id) != nil {
          return try acceptance(id, added: nil, on: date, session, actor)
        }
        let proposal = try lock(id, session, actor)
        let opened = try openPairs(id, of: proposal, session, actor)
        try lockEligibility(opened, proposal.semester, session, actor)
        let drafts = try check(opened, proposal, on: date, session, actor)
        try PairingDraft.store(drafts, on: date, session, actor)
        try settle(proposal.id, session, actor)
        return try acceptance(id, added: drafts.count, on: date, session, actor)
      }
    } catch PostgresError.unique(let detail) where isTaken(detail.constraint) {
      throw try await taken(id, on: date, detail.constraint, in: context)
    }
  }

  private static func isTaken(_ constraint: String?) -> Bool {
    constraint == "pairing_one_running_per_pupil" || constraint == "pairing_one_running_per_place"
  }

  /// Which pupil or place another transaction took a moment ago.
  private static func taken(
    _ id: UUID, on date: CalendarDate, _ constraint: String?, in context: Context
  ) async throws -> PairingError {
    let actor = context.actor
    let found: PairingError? = try await context.readTraced { session in
      do {
        let proposal = try lock(id, session, actor)
        let opened = try openPairs(id, of: proposal, session, actor)
        _ = try check(opened, proposal, on: date, session, actor)
        return nil
      } catch let error as PairingError {
        return error
      }
    }
    if let found { return found }
    return constraint == "pairing_one_running_per_pupil"
      ? .pupilAlreadyPaired(pair: nil, pupil: nil) : .placeTaken(pair: nil, pupil: nil)
  }

  // Of one pair, or of all pairs of a proposal.
  private static let accepted: SQL = """
    select p.id, p.state, g.id, k.total_fen, g.started_on
    from proposal p
    join proposal_pair r on r.district_id = p.district_id and r.proposal_id = p.id
    join pairing g on g.district_id = r.district_id and g.proposal_pair_id = r.id
    join commitment k on k.district_id = g.district_id and k.pairing_id = g.id
    where p.district_id = $1 and (p.id = $2 or r.id = $2)
    order by r.rank
    """

  // Added, of a repetition: those of its day.
  private static func acceptance(
    _ id: UUID, added: Int?, on date: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> Acceptance {
    let rows = try session.query(accepted, actor.districtID, id)
    guard let first = rows.first else { throw PairingError.unknownProposal(id) }
    return Acceptance(
      proposal: try first.get(0), state: State(rawValue: try first.get(1)) ?? .accepted,
      pairings: try rows.map { try $0.get(2) },
      added: try added ?? rows.count { try $0.get(4) == date },
      promised: try rows.map { Money(fen: try $0.get(3)) }.total())
  }
}
