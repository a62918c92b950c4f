package import Foundation
import Postgres
import SchoolCalendar

/// Pairs that are to be made, or not to be made, in every proposal from now on.
package enum MatchChoices {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case pinned, forbidden

    package var name: Text {
      switch self {
      case .pinned: Text("指定", "pinned")
      case .forbidden: Text("排除", "excluded")
      }
    }
  }

  package enum Origin: String, Sendable, CaseIterable, Codable {
    case person, declined, renewal, conflict

    package var name: Text {
      switch self {
      case .person: Text("人工", "by hand")
      case .declined: Text("资助人未接受", "the sponsor declined")
      case .renewal: Text("续助", "renewal")
      case .conflict: Text("利害关系", "conflict of interest")
      }
    }
  }

  // A pin whose pairing came to be is done with. $1 district, $2 pupil, $3 actor
  private static let endDone: SQL = """
    update match_choice c set ended_by = $3, ended_at = clock_timestamp()
    where c.district_id = $1 and c.student_id = $2 and c.kind = 'pinned' and c.ended_at is null
      and exists (
        select from pairing p
        where p.district_id = c.district_id and p.student_id = c.student_id
          and p.offer_id = c.offer_id
      )
    """
  private static let standing: SQL = """
    select id, kind, offer_id from match_choice
    where district_id = $1 and student_id = $2 and ended_at is null
      and (offer_id = $3 or kind = 'pinned')
    order by offer_id = $3 desc
    """
  // $1 district, $2 id, $3 kind, $4 origin, $5 pupil, $6 offer, $7 proposed pair, $8 reason, $9 actor
  private static let insert: SQL = """
    insert into match_choice (
      district_id, id, kind, origin, student_id, offer_id, proposal_pair_id, reason, made_by
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (district_id, student_id, offer_id) where ended_at is null do nothing
    """

  /// Pins a pupil to an offer: every proposal makes the pair, or says why it cannot.
  /// - Returns: the decision, and false if it stood before.
  /// - Throws: `ChoiceError`, `PairingError.unknownOffer`, `StudentError.unknown`, `AccessError`.
  package static func pin(
    student: UUID, offer: UUID, in context: Context
  ) async throws -> (id: UUID, added: Bool) {
    let actor = context.actor
    try actor.require(.match)
    return try await context.write { session in
      try Proposals.serialise(session, actor)
      let made = try choose(.pinned, .person, student, offer, nil, session, actor)
      if made.added { try requireNoObstacle(student, offer, session, actor) }
      return made
    }
  }

  /// Pins a pupil to the offer that renews its pairing, in the caller's transaction.
  static func pinRenewal(
    student: UUID, offer: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try choose(.pinned, .renewal, student, offer, nil, session, actor)
  }

  /// Excludes a pair from every proposal. Where it stands open in one, it lapses.
  /// - Parameter reason: no personal data.
  /// - Throws: `ChoiceError`, `PairingError.unknownOffer`, `StudentError.unknown`, `AccessError`.
  package static func forbid(
    student: UUID, offer: UUID, reason: String, in context: Context
  ) async throws -> (id: UUID, added: Bool) {
    let actor = context.actor
    try actor.require(.match)
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw ChoiceError.reasonMissing }
    return try await context.write { session in
      try Proposals.serialise(session, actor)
      let made = try choose(.forbidden, .person, student, offer, reason, session, actor)
      if made.added { try Proposals.lapse(student: student, offer: offer, session, actor) }
      return made
    }
  }

  private static func choose(
    _ kind: Kind, _ origin: Origin, _ student: UUID, _ offer: UUID, _ reason: String?,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> (id: UUID, added: Bool) {
    let district = actor.districtID
    let results = try session.batch([
      Bound(endDone, district, student, actor.userID), Bound(standing, district, student, offer),
    ])
    if let row = try results[1].first(where: { try $0.get(2) == offer }) {
      let id: UUID = try row.get(0)
      guard try row.get(1) == kind.rawValue else { throw ChoiceError.otherChoice(id) }
      return (id, false)
    }
    if kind == .pinned, let row = results[1].first {
      throw ChoiceError.pinnedElsewhere(student: student, choice: try row.get(0))
    }
    let id = UUID.v7()
    do throws(PostgresError) {
      _ = try session.batch([
        Bound(
          insert, district, id, kind.rawValue, origin.rawValue, student, offer, nil as UUID?,
          reason, actor.userID),
        Audit.statement(
          actor, kind == .pinned ? "match.pin" : "match.forbid", subject: "match_choice", id: id,
          after: [
            "student": student.lowercase, "offer": offer.lowercase, "origin": origin.rawValue,
            "reason": reason,
          ]),
      ])
    } catch {
      switch error.detail?.constraint {
      case "match_choice_district_id_student_id_fkey": throw StudentError.unknown(student)
      case "match_choice_district_id_offer_id_fkey": throw PairingError.unknownOffer(offer)
      default: throw error
      }
    }
    return (id, true)
  }

  private static func requireNoObstacle(
    _ student: UUID, _ offer: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    let district = actor.districtID
    let offers = try OfferCandidates.load(session, district: district, offers: [offer])
    guard let candidate = offers.first else { throw PairingError.unknownOffer(offer) }
    let semester = candidate.firstSemester
    let pupils = try PupilCandidates.load(
      session, district: district, semester: semester, day: semester.defaultDates.lowerBound,
      students: [student])
    guard let pupil = pupils.first else { throw StudentError.unknown(student) }
    let rules = try ChoiceRules.load(session, district)
    if let why = rules.obstacle(pupil.need, candidate) {
      throw ChoiceError.impossible(student: student, offer: offer, why: why)
    }
  }

  private static let endPin: SQL = """
    update match_choice set ended_by = $4, ended_at = clock_timestamp()
    where district_id = $1 and student_id = $2 and offer_id = $3 and kind = 'pinned'
      and ended_at is null
    """

  /// What follows from a sponsor's word, in the caller's transaction: none of its offers is proposed
  /// for the pupil again, and a pin of the pair is over.
  static func declined(
    pair: UUID, student: UUID, offer: UUID, reason: String?, _ session: borrowing Session,
    _ actor: Actor
  ) throws {
    let id = UUID.v7()
    let added = try session.batch([
      Bound(endPin, actor.districtID, student, offer, actor.userID),
      Bound(
        insert, actor.districtID, id, Kind.forbidden.rawValue, Origin.declined.rawValue, student,
        offer, pair, reason.map(normalizeText).flatMap { $0.isEmpty ? nil : $0 }, actor.userID),
    ])[1].affected
    guard added == 1 else { return }
    _ = try session.batch([
      Audit.statement(
        actor, "match.forbid", subject: "match_choice", id: id,
        after: [
          "student": student.lowercase, "offer": offer.lowercase,
          "origin": Origin.declined.rawValue, "proposal_pair": pair.lowercase,
        ])
    ])
  }

  private static let byConflict: SQL = """
    select c.id, c.student_id, c.offer_id from match_choice c
    join pairing p
      on p.district_id = c.district_id and p.student_id = c.student_id and p.offer_id = c.offer_id
    where p.district_id = $1 and p.id = $2 and c.origin = 'conflict' and c.ended_at is null
    """

  /// The trail of what the end of a pairing decided of its sponsor and pupil, in the caller's
  /// transaction.
  static func trail(ofEnded pairing: UUID, _ session: borrowing Session, _ actor: Actor) throws {
    let trail = try session.query(byConflict, actor.districtID, pairing).map { row in
      Audit.statement(
        actor, "match.forbid", subject: "match_choice", id: try row.get(0),
        after: [
          "student": (try row.get(1) as UUID).lowercase,
          "offer": (try row.get(2) as UUID).lowercase,
          "origin": Origin.conflict.rawValue, "pairing": pairing.lowercase,
        ])
    }
    _ = try session.batch(trail)
  }

  private static let endPins: SQL = """
    update match_choice set ended_by = $3, ended_at = clock_timestamp()
    where district_id = $1 and offer_id = $2 and kind = 'pinned' and ended_at is null
    """

  /// No pin outlives its offer.
  static func withdrawn(offer: UUID, _ actor: Actor) -> Bound {
    Bound(endPins, actor.districtID, offer, actor.userID)
  }

  private static let end: SQL = """
    update match_choice set ended_by = $3, ended_at = clock_timestamp()
    where district_id = $1 and id = $2 and ended_at is null
    returning kind, student_id, offer_id
    """

  /// Takes a decision back.
  /// - Throws: `ChoiceError.unknown`, `AccessError`.
  package static func unchoose(_ id: UUID, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.match)
    try await context.write { session in
      try Proposals.serialise(session, actor)
      guard let row = try session.query(end, actor.districtID, id, actor.userID).first else {
        throw ChoiceError.unknown(id)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "match.unchoose", subject: "match_choice", id: id,
          before: [
            "kind": try row.get(0), "student": (try row.get(1) as UUID).lowercase,
            "offer": (try row.get(2) as UUID).lowercase,
          ])
      ])
    }
  }
}
