import Foundation
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
    case proposed, accepted, declined, lapsed

    package var name: Text {
      switch self {
      case .proposed: Text("待接受", "proposed")
      case .accepted: Text("已接受", "accepted")
      case .declined: Text("已否决", "declined")
      case .lapsed: Text("已失效", "lapsed")
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
  ///   - replacing: withdraws a proposal for the semester that waits for approval. An approved one is
  ///     never replaced.
  ///   - key: makes a repetition safe: it gives the same proposal.
  /// - Throws: `PairingError.proposalLive`, `.semesterClosed`, `SchoolError.unknownSemester`,
  ///   `AccessError`, `IdempotencyError`.
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
      guard try Semesters.record(semester, session, actor.districtID).isOpen else {
        throw PairingError.semesterClosed(semester)
      }
      let replaced = try replace(semester, allowed: replacing, session, actor)
      var draft = ProposalDraft(
        id: id, semester: semester, district: actor.districtID,
        seed: seed(semester, district: actor.districtID))
      _ = try session.query(analyze)
      try draft.load(session)
      try draft.store(session, actor, replacing: replaced)
      return try summary(id, session, actor)
    }
  }

  private static let live: SQL = """
    select id, state from proposal
    where district_id = $1 and semester = $2 and state in ('proposed', 'approved')
    order by id
    for update
    """

  private static func replace(
    _ semester: Semester, allowed: Bool, _ session: borrowing Session, _ actor: Actor
  ) throws -> [UUID] {
    var replaced: [UUID] = []
    for row in try session.query(live, actor.districtID, semester.ordinal) {
      let id: UUID = try row.get(0)
      let approved = try row.get(1) == "approved"
      guard allowed, !approved else {
        throw PairingError.proposalLive(id, semester, approved: approved)
      }
      replaced.append(id)
    }
    for id in replaced { try close(id, session, actor, reason: "replaced") }
    return replaced
  }
}
