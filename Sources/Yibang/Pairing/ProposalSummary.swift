package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// How many pupils or places are left over for one reason.
  package struct Count: Sendable, Codable, Hashable {
    package let reason: MatchReason
    package let count: Int
  }

  package struct Summary: Sendable, Codable {
    package let id: UUID
    package let semester: Semester
    package let state: State
    /// With it anybody can draw the lots again; see `Matching.order`.
    package let seed: String
    /// Logins.
    package let proposedBy: String
    package let approvedBy: String?
    /// All pairs, and those of them that were accepted or wait to be.
    package let pairs: Int
    package let accepted: Int
    package let open: Int
    /// Of those that wait, the ones that are kept for their sponsor.
    package let held: Int
    /// The proposal in whose place it came, how many of its pairs stayed and did not, and how many
    /// pupils are paired who were not in it.
    package let replaces: UUID?
    package let kept: Int?
    package let changed: Int?
    package let added: Int?
    /// The proposal whose declined and expired pairs it makes good.
    package let follows: UUID?
    /// What the sponsors' wishes come to; nil for a proposal from before it was kept.
    package let score: Int?
    /// Eligible pupils for whom there is no place.
    package let unserved: [Count]
    /// Pupils who are recognised or consented to, but cannot be proposed.
    package let ineligible: [Count]
    /// Places left over.
    package let freePlaces: [Count]

    enum CodingKeys: String, CodingKey {
      case id, semester, state, seed
      case proposedBy = "proposed_by"
      case approvedBy = "approved_by"
      case pairs, accepted, open, held, replaces, kept, changed, added, follows, score, unserved,
        ineligible
      case freePlaces = "free_places"
    }
  }

  // $1 district, $2 proposal (null: all), $3 semester (null: all)
  private static let proposals: SQL = """
    select p.id, p.semester, p.state, p.seed, a.login, b.login, p.already_paired,
      count(r.id), count(*) filter (where r.state = 'accepted'),
      count(*) filter (where r.state = 'proposed'),
      count(*) filter (where r.state = 'proposed' and r.held_until is not null), p.replaces, p.kept,
      p.changed, p.follows, p.score, p.added
    from proposal p
    left join app_user a on a.district_id = p.district_id and a.id = p.proposed_by
    left join app_user b on b.district_id = p.district_id and b.id = p.approved_by
    left join proposal_pair r on r.district_id = p.district_id and r.proposal_id = p.id
    where p.district_id = $1 and ($2::uuid is null or p.id = $2)
      and ($3::int is null or p.semester = $3)
    group by p.district_id, p.id, a.login, b.login
    order by p.id
    """
  private static let left: SQL = """
    select l.proposal_id, l.reason, l.offer_id is not null, sum(coalesce(l.places, 1))::int8
    from proposal_left l
    join proposal p on p.district_id = l.district_id and p.id = l.proposal_id
    where l.district_id = $1 and ($2::uuid is null or l.proposal_id = $2)
      and ($3::int is null or p.semester = $3)
    group by l.proposal_id, l.reason, l.offer_id is not null
    order by 4 desc, l.reason
    """

  private struct Left {
    var unserved: [Count] = []
    var ineligible: [Count] = []
    var freePlaces: [Count] = []
  }

  /// - Throws: `PairingError.unknownProposal`.
  static func summary(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Summary {
    guard let summary = try summaries(id, nil, session, actor).first else {
      throw PairingError.unknownProposal(id)
    }
    return summary
  }

  /// Proposals, the newest last.
  package static func list(
    semester: Semester? = nil, in context: Context
  ) async throws -> [Summary] {
    try context.actor.require(.read)
    return try await context.read { try summaries(nil, semester, $0, context.actor) }
  }

  private static func summaries(
    _ id: UUID?, _ semester: Semester?, _ session: borrowing Session, _ actor: Actor
  ) throws -> [Summary] {
    let district = actor.districtID
    let results = try session.batch([
      Bound(left, district, id, semester?.ordinal),
      Bound(proposals, district, id, semester?.ordinal),
    ])
    var lefts: [UUID: Left] = [:]
    for row in results[0] {
      let count = Count(reason: try MatchReason(row.get(1) as JSON), count: try row.get(3))
      let isPlace: Bool = try row.get(2)
      let proposal: UUID = try row.get(0)
      if isPlace {
        lefts[proposal, default: Left()].freePlaces.append(count)
      } else if Ineligibility(rawValue: count.reason.code) != nil {
        lefts[proposal, default: Left()].ineligible.append(count)
      } else {
        lefts[proposal, default: Left()].unserved.append(count)
      }
    }
    return try results[1].map { try summary($0, lefts) }
  }

  private static func summary(_ row: Row, _ lefts: [UUID: Left]) throws -> Summary {
    let id: UUID = try row.get(0)
    let semester = try row.semester(1)
    let paired: Int = try row.get(6)
    var left = lefts[id] ?? Left()
    if paired > 0 {
      let reason = Ineligibility.alreadyPaired.reason(semester.schoolYear)
      left.ineligible.append(Count(reason: reason, count: paired))
    }
    return Summary(
      id: id, semester: semester, state: State(rawValue: try row.get(2)) ?? .withdrawn,
      seed: try row.get(3), proposedBy: try row.optional(4) ?? "?", approvedBy: try row.optional(5),
      pairs: try row.get(7), accepted: try row.get(8), open: try row.get(9), held: try row.get(10),
      replaces: try row.optional(11), kept: try row.optional(12), changed: try row.optional(13),
      added: try row.optional(16),
      follows: try row.optional(14), score: try row.optional(15), unserved: left.unserved,
      ineligible: left.ineligible, freePlaces: left.freePlaces)
  }
}

extension MatchReason {
  /// A reason as it is stored.
  init(_ stored: JSON) throws {
    self = try JSONDecoder().decode(MatchReason.self, from: Data(stored.text.utf8))
  }
}
