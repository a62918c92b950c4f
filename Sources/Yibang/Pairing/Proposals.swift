package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// Match proposals: who could support whom, reviewed and approved by a second person, then accepted
/// by the sponsors. Only then pairings and commitments exist.
package enum Proposals {
  package enum State: String, Sendable, CaseIterable, Codable {
    case proposed, approved, accepted, withdrawn

    package var name: Text {
      switch self {
      case .proposed: Text("待批准", "proposed")
      case .approved: Text("已批准", "approved")
      case .accepted: Text("已接受", "accepted")
      case .withdrawn: Text("已撤回", "withdrawn")
      }
    }

    /// Whether its open pairs keep pupils and places from other proposals.
    var isLive: Bool { self == .proposed || self == .approved }
  }

  package enum PairState: String, Sendable, CaseIterable, Codable {
    case proposed
    /// Open too, and kept for its sponsor until a day.
    case held
    case accepted, declined, lapsed
    /// Its sponsor did not answer in time.
    case expired

    package var name: Text {
      switch self {
      case .proposed: Text("待接受", "proposed")
      case .held: Text("待资助人答复", "held for its sponsor")
      case .accepted: Text("已接受", "accepted")
      case .declined: Text("已否决", "declined")
      case .lapsed: Text("已失效", "lapsed")
      case .expired: Text("逾期未答复", "expired")
      }
    }
  }

  // Operators are few and proposals rare: one at a time in a district.
  private static let advisoryLock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.proposals ' || $1, 0))
    """

  // Offers and consents may have come in one by one a moment ago, before any statistics.
  private static let analyze: SQL = "select analyze_small_tables()"

  /// Waits until no other transaction makes proposals or withdraws offers in the district.
  static func serialise(_ session: borrowing Session, _ actor: Actor) throws {
    _ = try session.query(advisoryLock, actor.districtID)
  }

  /// The lot is the district's and the semester's: proposing again cannot draw another.
  static func seed(_ semester: Semester, district: String) -> String { "\(district) \(semester)" }

  /// Assigns the pupils who wait to the places that are free, and stores the proposal with a reason
  /// for each pair and for whatever is left over.
  ///
  /// A proposal without any pair is stored for its reasons and counts as withdrawn.
  /// - Parameters:
  ///   - replacing: withdraws a proposal for the semester that waits for approval, and changes as few
  ///     of its pairs as it can. An approved one is never replaced.
  ///   - key: makes a repetition safe: it gives the same proposal.
  /// - Throws: `PairingError.proposalLive`, `.semesterClosed`, `ChoiceError.impossible`,
  ///   `SchoolError.unknownSemester`, `AccessError`, `IdempotencyError`.
  package static func propose(
    _ semester: Semester, replacing: Bool = false, key: String? = nil, in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.propose", request: ["\(semester)", "\(replacing)"])
    return try await context.write { session in
      try serialise(session, actor)
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return try summary(earlier, session, actor)
      }
      return try propose(id, semester, replacing: replacing, session, actor)
    }
  }

  /// Assigns anew whoever a proposal's declined and expired pairs set free, and whoever else waits. Its
  /// accepted and its open pairs stay as they are.
  /// - Parameters:
  ///   - replacing: withdraws another follow-up that waits for approval.
  ///   - key: makes a repetition safe: it gives the same proposal.
  /// - Throws: `PairingError.unknownProposal`, `.notApproved`, and what `propose` throws.
  package static func next(
    after id: UUID, replacing: Bool = false, key: String? = nil, in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.next", request: [id.uuidString, "\(replacing)"])
    return try await context.write { session in
      try serialise(session, actor)
      let follower = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: follower) {
        return try summary(earlier, session, actor)
      }
      let before = try lock(id, session, actor)
      guard before.id == id else { throw PairingError.unknownProposal(id) }
      guard before.approver != nil else { throw PairingError.notApproved(id) }
      return try propose(
        follower, before.semester, after: id, replacing: replacing, session, actor)
    }
  }

  private static func propose(
    _ id: UUID, _ semester: Semester, after: UUID? = nil, replacing: Bool,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> Summary {
    guard try Semesters.record(semester, session, actor.districtID).isOpen else {
      throw PairingError.semesterClosed(semester)
    }
    var origin = ProposalDraft.Origin(follows: after)
    try replace(semester, allowed: replacing, &origin, session, actor)
    _ = try session.query(analyze)
    let input = try MatchInput.load(
      semester, district: actor.districtID, earlier: origin.earlier, session)
    try ProposalDraft(id: id, input, origin: origin).store(session, actor)
    return try summary(id, session, actor)
  }

  private static let live: SQL = """
    select id, state from proposal
    where district_id = $1 and semester = $2 and state in ('proposed', 'approved')
    order by id
    for update
    """

  /// Withdraws the semester's proposal that waits for approval, if that is allowed.
  private static func replace(
    _ semester: Semester, allowed: Bool, _ origin: inout ProposalDraft.Origin,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    for row in try session.query(live, actor.districtID, semester.ordinal) {
      let id: UUID = try row.get(0)
      let approved = try row.get(1) == "approved"
      if approved, origin.follows != nil { continue }
      guard allowed, !approved else {
        throw PairingError.proposalLive(id, semester, approved: approved)
      }
      origin.replaces = id
      origin.earlier = try openPairs(of: [id], session, actor)
    }
    if let replaced = origin.replaces {
      try close(replaced, session, actor, reason: "replaced")
    }
  }

  private static let open: SQL = """
    select student_id, offer_id, place from proposal_pair
    where district_id = $1 and proposal_id = any ($2) and state = 'proposed'
    order by id
    """

  static func openPairs(
    of proposals: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws -> [Matching.Chosen] {
    try session.query(open, actor.districtID, proposals).map {
      Matching.Chosen(
        student: try $0.get(0), offer: try $0.get(1), place: Int(try $0.get(2) as Int32))
    }
  }
}
