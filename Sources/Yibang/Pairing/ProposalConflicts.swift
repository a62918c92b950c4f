package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// An open pair that lapsed: its sponsor and pupil are in conflict of interest, which came to light
  /// after it was proposed.
  package struct Lapse: Sendable, Codable {
    package let pair: UUID
    /// Masked.
    package let pupil: String
    package let why: Text
  }

  struct Conflict {
    let pair: UUID
    /// Masked.
    let pupil: String
    let kind: ConflictKind
  }

  private struct Open {
    let id: UUID
    let student: UUID
    let offer: UUID
  }

  private static let openOnes: SQL = """
    select id, student_id, offer_id from proposal_pair
    where district_id = $1 and state = 'proposed' and (id = $2 or proposal_id = $2)
    order by student_id
    """
  // Of these pairs, those whose sponsor, under whatever record, had the pupil until a conflict of
  // interest was found. $1 district, $2 pairs
  private static let ended: SQL = """
    select r.id from proposal_pair r
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where r.district_id = $1 and r.id = any ($2) and exists (
      select from match_choice c
      join offer f on f.district_id = c.district_id and f.id = c.offer_id
      join donor e on e.district_id = f.district_id and e.id = f.donor_id
      where c.district_id = r.district_id and c.student_id = r.student_id
        and c.kind = 'forbidden' and c.origin = 'conflict' and c.ended_at is null
        and coalesce(e.merged_into, e.id) = coalesce(d.merged_into, d.id)
    )
    """

  /// Of these pairs, those whose sponsor has had the pupil until a conflict of interest was found.
  static func endedForConflict(
    _ pairs: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws -> Set<UUID> {
    Set(try session.query(ended, actor.districtID, pairs).map { try $0.get(0) })
  }

  /// What a pupil and a sponsor in conflict have in common; nil if they are not.
  static func conflict(
    _ pupil: PupilCandidate, _ offer: OfferCandidate, endedBefore: Bool
  ) -> ConflictKind? {
    let shared = pupil.need.conflictKeys.intersection(offer.offer.conflictKeys)
    return shared.map(\.kind).min() ?? (endedBefore ? .endedBefore : nil)
  }

  /// The open pairs in conflict of interest as everything is on record now: of a proposal, or one pair.
  static func conflicts(
    of id: UUID, _ semester: Semester, on day: CalendarDate, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [Conflict] {
    let pairs = try session.query(openOnes, actor.districtID, id).map {
      Open(id: try $0.get(0), student: try $0.get(1), offer: try $0.get(2))
    }
    guard !pairs.isEmpty else { return [] }
    let pupils = try PupilCandidates.load(
      session, district: actor.districtID, semester: semester, day: day,
      students: pairs.map(\.student))
    let offers = try OfferCandidates.load(
      session, district: actor.districtID, offers: Array(Set(pairs.map(\.offer))))
    let pupilByID = Dictionary(uniqueKeysWithValues: pupils.map { ($0.need.student, $0) })
    let offerByID = Dictionary(uniqueKeysWithValues: offers.map { ($0.offer.id, $0) })
    let ended = try endedForConflict(pairs.map(\.id), session, actor)
    return pairs.compactMap { pair in
      guard let pupil = pupilByID[pair.student], let offer = offerByID[pair.offer],
        let kind = conflict(pupil, offer, endedBefore: ended.contains(pair.id))
      else { return nil }
      return Conflict(pair: pair.id, pupil: maskedName(pupil.name), kind: kind)
    }
  }

  private static let lapsePairs: SQL = """
    update proposal_pair set state = 'lapsed'
    where district_id = $1 and id = any ($2) and state = 'proposed'
    """

  /// Ends the open pairs of a locked proposal that are in conflict of interest by now, with the reason
  /// in the trail; a proposal that has none left is settled.
  static func lapseConflicts(
    of proposal: Locked, on day: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> [Lapse] {
    let found = try conflicts(of: proposal.id, proposal.semester, on: day, session, actor)
    guard !found.isEmpty else { return [] }
    _ = try session.batch([Bound(lapsePairs, actor.districtID, found.map(\.pair))])
    try noteLapsed(found.map { ($0.pair, $0.kind) }, session, actor)
    try settle(proposal.id, session, actor)
    return found.map { Lapse(pair: $0.pair, pupil: $0.pupil, why: $0.kind.name) }
  }

  static func noteLapsed(
    _ pairs: [(id: UUID, kind: ConflictKind)], _ session: borrowing Session, _ actor: Actor
  ) throws {
    let trail = pairs.map {
      Audit.statement(
        actor, "match.lapse", subject: "proposal_pair", id: $0.id,
        after: [
          "state": PairState.lapsed.rawValue, "reason": "conflict", "conflict": $0.kind.rawValue,
        ])
    }
    _ = try session.batch(trail)
  }

  private static let live: SQL = """
    select id from proposal where district_id = $1 and state in ('proposed', 'approved') order by id
    """

  /// Ends all open pairs that are in conflict of interest by now. For a daily job, as `expireHolds`.
  /// - Returns: how many.
  /// - Throws: `AccessError`.
  package static func lapseConflicts(
    on day: CalendarDate, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.match)
    let proposals: [UUID] = try await context.read { session in
      try session.query(live, actor.districtID).map { try $0.get(0) }
    }
    var lapsed = 0
    for id in proposals {
      lapsed += try await context.write { session in
        try serialise(session, actor)
        return try lapseConflicts(of: try lock(id, session, actor), on: day, session, actor).count
      }
    }
    return lapsed
  }

  // The open pairs of a pairing's pupil with an offer of the same sponsor, under whatever record.
  private static let ofPairing: SQL = """
    select r.id from pairing g
    join donor e on e.district_id = g.district_id and e.id = g.donor_id
    join proposal_pair r
      on r.district_id = g.district_id and r.student_id = g.student_id and r.state = 'proposed'
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where g.district_id = $1 and g.id = $2
      and coalesce(d.merged_into, d.id) = coalesce(e.merged_into, e.id)
    """

  /// The pairs that lapse if this pairing ends for a conflict of interest.
  static func openPairs(
    withSponsorOf pairing: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> [UUID] {
    try session.query(ofPairing, actor.districtID, pairing).map { try $0.get(0) }
  }
}
