package import Foundation
import Postgres

extension MatchChoices {
  package struct Choice: Sendable, Codable {
    package let id: UUID
    package let kind: Kind
    package let origin: Origin
    package let student: UUID
    /// Masked.
    package let pupil: String
    package let school: String
    package let offer: UUID
    package let sponsor: String
    package let reason: String?
    /// A login.
    package let madeBy: String
    /// Whether proposals obey it: it was not taken back, and a pin's pairing has not come to be.
    package let isInForce: Bool

    enum CodingKeys: String, CodingKey {
      case id, kind, origin, student, pupil, school, offer, sponsor, reason
      case madeBy = "made_by"
      case isInForce = "in_force"
    }
  }

  // $1 district, $2 those in force only
  private static let list: SQL = """
    select c.id, c.kind, c.origin, c.student_id, s.name, h.name, c.offer_id,
      donor_shown(d.anonymous, d.name, d.merged_into), donor_text(c.reason, d.anonymous, d.id),
      u.login, c.ended_at is null and not (c.kind = 'pinned' and p.found)
    from match_choice c
    join student s on s.district_id = c.district_id and s.id = c.student_id
    join school h on h.district_id = s.district_id and h.id = s.school_id
    join offer o on o.district_id = c.district_id and o.id = c.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    join app_user u on u.district_id = c.district_id and u.id = c.made_by
    cross join lateral (
      select exists (
        select from pairing p
        where p.district_id = c.district_id and p.student_id = c.student_id
          and p.offer_id = c.offer_id
      ) as found
    ) as p
    where c.district_id = $1
      and (not $2 or (c.ended_at is null and not (c.kind = 'pinned' and p.found)))
    order by c.id
    """

  /// What was decided of pairs, the newest last.
  /// - Parameter all: also what was taken back or is done with.
  package static func list(all: Bool = false, in context: Context) async throws -> [Choice] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(list, context.actor.districtID, !all).map { row in
        Choice(
          id: try row.get(0), kind: Kind(rawValue: try row.get(1)) ?? .forbidden,
          origin: Origin(rawValue: try row.get(2)) ?? .person, student: try row.get(3),
          pupil: maskedName(try row.get(4)), school: try row.get(5), offer: try row.get(6),
          sponsor: try row.get(7), reason: try row.optional(8), madeBy: try row.get(9),
          isInForce: try row.get(10))
      }
    }
  }
}
