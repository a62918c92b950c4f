package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// What became of sending a proposal to its sponsors.
  package struct Sending: Sendable, Codable {
    package let proposal: UUID
    package let until: CalendarDate
    /// Pairs of whom their sponsors are told on the day.
    package let held: Int
    /// Open pairs of whose pupil no sponsor may be told, for want of a consent that holds.
    package let withheld: Int
    /// Open pairs that were held before, until another day, which stays.
    package let earlier: Int
    /// The last of these days.
    package let earlierUntil: CalendarDate?
    /// Pairs that lapsed now, of sponsors in conflict of interest; a repetition does not tell them again.
    package let lapsed: [Lapse]

    enum CodingKeys: String, CodingKey {
      case proposal, until, held, withheld, earlier
      case earlierUntil = "earlier_until"
      case lapsed
    }
  }

  private static let begin: SQL = "select hold_begin($1, $2, $3)"
  private static let sent: SQL = """
    select count(*) filter (where sent_on = $3 and (held_until = $4 or state <> 'proposed')),
      count(*) filter (where state = 'proposed' and held_until is null),
      count(*) filter (where state = 'proposed' and (sent_on <> $3 or held_until <> $4)),
      max(held_until) filter (where state = 'proposed' and (sent_on <> $3 or held_until <> $4))
    from proposal_pair
    where district_id = $1 and proposal_id = $2
    """

  /// Sends an approved proposal to its sponsors: each pair that is open and not held yet is kept for
  /// its sponsor until a day. What each may be told: `HoldNotices`. A pair whose sponsor is in conflict
  /// of interest with the pupil by now lapses instead.
  /// - Parameters:
  ///   - until: nil: as many days as the district keeps a pupil.
  ///   - key: makes a repetition safe.
  /// - Throws: `PairingError.unknownProposal`, `.notApproved`, `HoldError.untilTooFar`,
  ///   `.beforeApproval`, `AccessError`, `IdempotencyError`.
  package static func send(
    _ id: UUID, on day: CalendarDate, until: CalendarDate? = nil, key: String? = nil,
    in context: Context
  ) async throws -> Sending {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.send", request: [id.uuidString, "\(day)", until.map { "\($0)" }])
    return try await context.write { session in
      try serialise(session, actor)
      let until = try until ?? day.adding(days: Districts.holdDays(session, actor))
      var lapsed: [Lapse] = []
      if try claim?.claim(session, district: actor.districtID, result: id) == nil {
        let proposal = try lock(id, session, actor)
        if proposal.id == id, proposal.state == .approved {
          lapsed = try lapseConflicts(of: proposal, on: day, session, actor)
        }
        // Nothing is left to hold where all of it lapsed.
        let isOver = try !lapsed.isEmpty && lock(id, session, actor).state != .approved
        let pairs = try isOver ? nil : hold(Bound(begin, id, day, until), id, until, session)
        let trail = try (pairs.map { try $0.map { try $0.get(0) as UUID } } ?? []).map {
          Audit.statement(
            actor, "match.send", subject: "proposal_pair", id: $0,
            after: ["proposal": id.lowercase, "sent_on": "\(day)", "held_until": "\(until)"])
        }
        _ = try session.batch(trail)
      }
      let row = try session.query(sent, actor.districtID, id, day, until)[0]
      return Sending(
        proposal: id, until: until, held: try row.get(0), withheld: try row.get(1),
        earlier: try row.get(2), earlierUntil: try row.optional(3), lapsed: lapsed)
    }
  }

  private static let extend: SQL = "select hold_extend($1, $2, $3)"
  private static let heldUntil: SQL = """
    select held_until from proposal_pair where district_id = $1 and id = $2
    """

  /// Holds a pair longer; twice at most, which the database refuses to pass.
  /// - Parameter until: nil: as many days more as the district keeps a pupil.
  /// - Returns: the last day.
  /// - Throws: `HoldError`, `PairingError.unknownPair`, `.notApproved`, `.conflict`, `AccessError`,
  ///   `IdempotencyError`.
  package static func extend(
    pair: UUID, on day: CalendarDate, until: CalendarDate? = nil, key: String? = nil,
    in context: Context
  ) async throws -> CalendarDate {
    let actor = context.actor
    try actor.require(.match)
    let claim = IdempotencyKey(
      key, operation: "match.extend",
      request: [pair.uuidString, "\(day)", until.map { "\($0)" }])
    return try await context.write { session in
      try serialise(session, actor)
      guard let row = try session.query(heldUntil, actor.districtID, pair).first else {
        throw PairingError.unknownPair(pair)
      }
      guard let before: CalendarDate = try row.optional(0) else { throw HoldError.notHeld(pair) }
      if try claim?.claim(session, district: actor.districtID, result: pair) != nil {
        return before
      }
      let semester = try lock(pair, session, actor).semester
      if let found = try conflicts(of: pair, semester, on: day, session, actor).first {
        throw PairingError.conflict(pair: pair, pupil: found.pupil, kind: found.kind)
      }
      let until = try until ?? before.adding(days: Districts.holdDays(session, actor))
      _ = try hold(Bound(extend, pair, day, until), pair, until, session)
      _ = try session.batch([
        Audit.statement(
          actor, "match.extend", subject: "proposal_pair", id: pair,
          before: ["held_until": "\(before)"], after: ["held_until": "\(until)"])
      ])
      return until
    }
  }

  private static func hold(
    _ statement: Bound, _ id: UUID, _ until: CalendarDate, _ session: borrowing Session
  ) throws -> Rows {
    do throws(PostgresError) {
      return try session.batch([statement])[0]
    } catch {
      throw HoldError.refusal(error, id, until: until)
    }
  }

  private static let withExpired: SQL = """
    select distinct proposal_id from proposal_pair
    where district_id = $1 and state = 'proposed' and held_until < $2
    order by 1
    """
  private static let setExpired: SQL = """
    update proposal_pair set state = 'expired'
    where district_id = $1 and proposal_id = $2 and state = 'proposed' and held_until < $3
    returning id
    """

  /// Ends the holds whose last day is before a day: pupils and places are free again. For a daily job:
  /// a transaction a proposal, so that it may be stopped, run again, and run twice at once.
  /// - Returns: how many holds ended.
  /// - Throws: `HoldError.dayToCome`, `AccessError`.
  package static func expireHolds(
    on day: CalendarDate, today: CalendarDate, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.match)
    guard day <= today else { throw HoldError.dayToCome(day) }
    let proposals: [UUID] = try await context.read { session in
      try session.query(withExpired, actor.districtID, day).map { try $0.get(0) }
    }
    var ended = 0
    for proposal in proposals {
      ended += try await context.write { session in
        try serialise(session, actor)
        _ = try lock(proposal, session, actor)
        let pairs = try session.query(setExpired, actor.districtID, proposal, day)
        let trail = try pairs.map {
          Audit.statement(
            actor, "match.expire", subject: "proposal_pair", id: try $0.get(0),
            after: ["state": PairState.expired.rawValue, "on": "\(day)"])
        }
        _ = try session.batch(trail)
        try settle(proposal, session, actor)
        return pairs.count
      }
    }
    return ended
  }
}
