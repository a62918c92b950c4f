package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// A proposal whose row the transaction has locked: everything that changes it, or its pairs,
  /// waits its turn.
  struct Locked {
    let id: UUID
    let semester: Semester
    let state: State
    let proposedBy: UUID
    let proposer: String
    let approver: String?
    let approvedOn: CalendarDate?
  }

  // The proposal with this id, or the one that has the pair with this id.
  private static let lockProposal: SQL = """
    select p.id, p.semester, p.state, p.proposed_by, p.approved_on from proposal p
    where p.district_id = $1
      and p.id in (
        select $2::uuid
        union all
        select r.proposal_id from proposal_pair r where r.district_id = $1 and r.id = $2
      )
    for update
    """
  private static let people: SQL = """
    select a.login, b.login from proposal p
    left join app_user a on a.district_id = p.district_id and a.id = p.proposed_by
    left join app_user b on b.district_id = p.district_id and b.id = p.approved_by
    where p.district_id = $1 and p.id = $2
    """

  /// Locks a proposal, named by its own id or by that of one of its pairs.
  /// - Throws: `PairingError.unknownProposal`.
  static func lock(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Locked {
    guard let row = try session.query(lockProposal, actor.districtID, id).first else {
      throw PairingError.unknownProposal(id)
    }
    let proposal: UUID = try row.get(0)
    let logins = try session.query(people, actor.districtID, proposal).first
    return Locked(
      id: proposal, semester: try row.semester(1),
      state: State(rawValue: try row.get(2)) ?? .withdrawn, proposedBy: try row.get(3),
      proposer: try logins?.optional(0) ?? "?", approver: try logins?.optional(1),
      approvedOn: try row.optional(4))
  }

  private static let setApproved: SQL = """
    update proposal
    set state = 'approved', approved_by = $3, approved_on = $4, approved_at = now()
    where district_id = $1 and id = $2
    """

  /// Approves a proposal; whoever made it cannot. Pairs whose sponsor is in conflict of interest with
  /// the pupil by now lapse; where none is left, nothing is approved and the proposal is withdrawn.
  /// - Parameters:
  ///   - day: before which nobody is told of it, and none of its pairings starts.
  ///   - key: makes a repetition safe.
  /// - Throws: `PairingError.samePerson`, `.alreadyApproved`, `.alreadyAccepted`,
  ///   `.alreadyWithdrawn`, `.unknownProposal`; `AccessError`, `IdempotencyError`.
  package static func approve(
    _ id: UUID, on day: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(key, operation: "match.approve", request: [id.uuidString])
    return try await context.write { session in
      if try claim?.claim(session, district: actor.districtID, result: id) != nil {
        return try summary(id, session, actor)
      }
      let proposal = try lock(id, session, actor)
      guard proposal.id == id else { throw PairingError.unknownProposal(id) }
      switch proposal.state {
      case .approved: throw PairingError.alreadyApproved(id, by: proposal.approver ?? "?")
      case .accepted: throw PairingError.alreadyAccepted(id)
      case .withdrawn: throw PairingError.alreadyWithdrawn(id)
      case .proposed: break
      }
      guard proposal.proposedBy != actor.userID else {
        throw PairingError.samePerson(login: actor.login)
      }
      let lapsed = try lapseConflicts(of: proposal, on: day, session, actor)
      if try !lapsed.isEmpty && lock(id, session, actor).state != .proposed {
        return try summary(id, session, actor)
      }
      _ = try session.batch([
        Bound(setApproved, actor.districtID, proposal.id, actor.userID, day),
        Audit.statement(
          actor, "match.approve", subject: "proposal", id: proposal.id,
          before: ["state": State.proposed.rawValue],
          after: ["state": State.approved.rawValue, "on": "\(day)"]),
      ])
      return try summary(proposal.id, session, actor)
    }
  }

  /// Withdraws a proposal: pairs that were not decided lapse, accepted ones stay.
  /// - Throws: `PairingError.alreadyAccepted`, `.alreadyWithdrawn`, `.unknownProposal`.
  package static func withdraw(
    _ id: UUID, key: String? = nil, in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(key, operation: "match.withdraw", request: [id.uuidString])
    return try await context.write { session in
      if try claim?.claim(session, district: actor.districtID, result: id) != nil {
        return try summary(id, session, actor)
      }
      let proposal = try lock(id, session, actor)
      guard proposal.id == id else { throw PairingError.unknownProposal(id) }
      if proposal.state == .accepted { throw PairingError.alreadyAccepted(proposal.id) }
      if proposal.state == .withdrawn { throw PairingError.alreadyWithdrawn(proposal.id) }
      try close(proposal.id, session, actor, reason: "withdrawn")
      return try summary(proposal.id, session, actor)
    }
  }

  private static let lapse: SQL = """
    update proposal_pair set state = 'lapsed'
    where district_id = $1 and proposal_id = $2 and state = 'proposed'
    """

  /// Ends a locked proposal: its open pairs lapse.
  static func close(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor, reason: String
  ) throws {
    _ = try session.batch([
      Bound(lapse, actor.districtID, id),
      Audit.statement(
        actor, "match.withdraw", subject: "proposal", id: id, after: ["reason": reason]),
    ])
    try settle(id, session, actor)
  }

  private static let settled: SQL = """
    update proposal p
    set state = case when exists (
      select from proposal_pair r
      where r.district_id = p.district_id and r.proposal_id = p.id and r.state = 'accepted'
    ) then 'accepted' else 'withdrawn' end
    where p.district_id = $1 and p.id = $2 and p.state in ('proposed', 'approved')
      and not exists (
        select from proposal_pair r
        where r.district_id = p.district_id and r.proposal_id = p.id and r.state = 'proposed'
      )
    returning p.state
    """

  /// Gives a locked proposal without undecided pairs its last state: accepted if any pair was.
  static func settle(_ id: UUID, _ session: borrowing Session, _ actor: Actor) throws {
    guard let row = try session.query(settled, actor.districtID, id).first else { return }
    _ = try session.batch([
      Audit.statement(
        actor, "match.settle", subject: "proposal", id: id, after: ["state": try row.get(0)])
    ])
  }
}
