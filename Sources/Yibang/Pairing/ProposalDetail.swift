package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Proposals {
  /// A pair as it is shown to a reviewer: the pupil masked, the sponsor by its display name.
  package struct Pair: Sendable, Codable {
    package let id: UUID
    package let rank: Int
    package let student: UUID
    package let pupil: String
    package let school: String
    package let grade: String?
    package let className: String?
    package let tier: Tier?
    package let offer: UUID
    package let place: Int
    package let sponsor: String
    package let sponsorKind: DonorKind
    /// For each semester.
    package let amount: Money
    package let state: PairState
    /// The last day on which it is kept for its sponsor.
    package let heldUntil: CalendarDate?
    package let extensions: Int
    package let reason: MatchReason

    enum CodingKeys: String, CodingKey {
      case id, rank, student, pupil, school, grade
      case className = "class"
      case tier, offer, place, sponsor
      case sponsorKind = "sponsor_kind"
      case amount, state
      case heldUntil = "held_until"
      case extensions, reason
    }
  }

  package struct LeftPupil: Sendable, Codable {
    package let student: UUID
    package let pupil: String
    package let school: String
    package let grade: String?
    package let className: String?
    package let tier: Tier?
    package let reason: MatchReason

    enum CodingKeys: String, CodingKey {
      case student, pupil, school, grade
      case className = "class"
      case tier, reason
    }
  }

  package struct LeftPlaces: Sendable, Codable {
    package let offer: UUID
    package let sponsor: String
    package let places: Int
    package let reason: MatchReason
  }

  package struct Detail: Sendable, Codable {
    package let summary: Summary
    /// In the order of need.
    package let pairs: [Pair]
    package let leftPupils: [LeftPupil]
    package let leftPlaces: [LeftPlaces]

    enum CodingKeys: String, CodingKey {
      case summary, pairs
      case leftPupils = "left_pupils"
      case leftPlaces = "left_places"
    }
  }

  /// Which pairs and pupils are shown; nil: all.
  package struct Filter: Sendable {
    package var school: UUID?
    package var tier: Tier?
    package var state: PairState?
    /// The reason's code.
    package var reason: String?
    /// No pairs, only whom and what they leave over.
    package var leftOnly: Bool

    package init(
      school: UUID? = nil, tier: Tier? = nil, state: PairState? = nil, reason: String? = nil,
      leftOnly: Bool = false
    ) {
      self.school = school
      self.tier = tier
      self.state = state
      self.reason = reason
      self.leftOnly = leftOnly
    }

    /// Pupils left over have no state, and places no school and tier.
    var showsPupils: Bool { state == nil }
    var showsPlaces: Bool { state == nil && school == nil && tier == nil }
  }

  // $1 district, $2 proposal, $3 semester, $4 school, $5 tier, $6 reason, $7 state; null: all
  private static let pairs: SQL = """
    select r.id, r.rank, s.id, s.name, c.name, s.grade, s.class_name, t.tier, r.offer_id, r.place,
      donor_shown(d.anonymous, d.name, d.merged_into), d.kind, o.amount_fen, h.state, r.reason,
      r.held_until, r.extensions
    from proposal_pair r
    cross join lateral (
      select case when r.state = 'proposed' and r.held_until is not null then 'held'
        else r.state end as state
    ) as h
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school c on c.district_id = s.district_id and c.id = s.school_id
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    left join recognition t
      on t.district_id = r.district_id and t.student_id = r.student_id and t.state <> 'replaced'
        and (select recognition_day($3::int)) between t.valid_from and t.valid_until
    where r.district_id = $1 and r.proposal_id = $2 and ($4::uuid is null or s.school_id = $4)
      and ($5::text is null or t.tier = $5) and ($6::text is null or r.reason ->> 'code' = $6)
      and ($7::text is null or h.state = $7)
    order by r.rank
    """
  // $1 district, $2 proposal, $3 semester, $4 school, $5 tier, $6 reason; null: all
  private static let leftPupils: SQL = """
    select s.id, s.name, c.name, s.grade, s.class_name, t.tier, l.reason
    from proposal_left l
    join student s on s.district_id = l.district_id and s.id = l.student_id
    join school c on c.district_id = s.district_id and c.id = s.school_id
    left join recognition t
      on t.district_id = l.district_id and t.student_id = l.student_id and t.state <> 'replaced'
        and (select recognition_day($3::int)) between t.valid_from and t.valid_until
    where l.district_id = $1 and l.proposal_id = $2 and ($4::uuid is null or s.school_id = $4)
      and ($5::text is null or t.tier = $5) and ($6::text is null or l.reason ->> 'code' = $6)
    order by l.id
    """
  // $1 district, $2 proposal, $3 reason (null: all)
  private static let leftPlaces: SQL = """
    select l.offer_id, donor_shown(d.anonymous, d.name, d.merged_into), l.places, l.reason
    from proposal_left l
    join offer o on o.district_id = l.district_id and o.id = l.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where l.district_id = $1 and l.proposal_id = $2
      and ($3::text is null or l.reason ->> 'code' = $3)
    order by l.id
    """

  /// A proposal with its pairs, and who and what is left over, each with its reason. Proposals are
  /// the district's: an actor confined to a school sees none.
  /// - Throws: `PairingError.unknownProposal`.
  package static func show(
    _ id: UUID, _ filter: Filter = Filter(), in context: Context
  ) async throws -> Detail {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let summary = try summary(id, session, actor)
      let semester = summary.semester.ordinal
      let (school, tier, reason) = (filter.school, filter.tier?.rawValue, filter.reason)
      let results = try session.batch([
        Bound(
          pairs, actor.districtID, id, semester, school, tier, reason, filter.state?.rawValue),
        Bound(leftPupils, actor.districtID, id, semester, school, tier, reason),
        Bound(leftPlaces, actor.districtID, id, reason),
      ])
      return Detail(
        summary: summary, pairs: filter.leftOnly ? [] : try results[0].map(pair),
        leftPupils: filter.showsPupils ? try results[1].map(leftPupil) : [],
        leftPlaces: filter.showsPlaces ? try results[2].map(leftPlaces) : [])
    }
  }

  private static func leftPlaces(_ row: Row) throws -> LeftPlaces {
    LeftPlaces(
      offer: try row.get(0), sponsor: try row.get(1), places: try row.get(2),
      reason: try MatchReason(row.get(3)))
  }

  private static func pair(_ row: Row) throws -> Pair {
    let tier: String? = try row.optional(7)
    return Pair(
      id: try row.get(0), rank: try row.get(1), student: try row.get(2),
      pupil: maskedName(try row.get(3)), school: try row.get(4), grade: try row.optional(5),
      className: try row.optional(6), tier: tier.flatMap(Tier.init(rawValue:)),
      offer: try row.get(8), place: try row.get(9), sponsor: try row.get(10),
      sponsorKind: DonorKind(rawValue: try row.get(11)) ?? .individual,
      amount: Money(fen: try row.get(12)), state: PairState(rawValue: try row.get(13)) ?? .lapsed,
      heldUntil: try row.optional(15), extensions: Int(try row.get(16) as Int32),
      reason: try MatchReason(row.get(14)))
  }

  private static func leftPupil(_ row: Row) throws -> LeftPupil {
    let tier: String? = try row.optional(5)
    return LeftPupil(
      student: try row.get(0), pupil: maskedName(try row.get(1)), school: try row.get(2),
      grade: try row.optional(3), className: try row.optional(4),
      tier: tier.flatMap(Tier.init(rawValue:)), reason: try MatchReason(row.get(6)))
  }
}
