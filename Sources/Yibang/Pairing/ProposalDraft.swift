import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// A proposal in the making: matches what was read, and stores the result.
struct ProposalDraft {
  /// Where a proposal comes from, if not from nothing.
  struct Origin {
    /// The proposal in whose place it comes, and the pairs that were open in it.
    var replaces: UUID?
    var earlier: [Matching.Chosen] = []
    /// The proposal whose declined and expired pairs it makes good.
    var follows: UUID?
  }

  let id: UUID
  let origin: Origin
  private let semester: Semester
  private let seed: String
  private var pairs: [Matching.Pair] = []
  private var left: [Left] = []
  private var paired = 0
  private var score: Int64 = 0

  /// A pupil or an offer that is left over.
  private struct Left {
    var school: UUID?
    var student: UUID?
    var offer: UUID?
    var places: Int32?
    let reason: MatchReason
  }

  /// - Throws: `MatchingError`.
  init(id: UUID, _ input: MatchInput, origin: Origin) throws {
    self.id = id
    self.origin = origin
    semester = input.semester
    seed = input.seed
    for pupil in input.pupils {
      guard let obstacle = pupil.obstacle else { continue }
      if obstacle == .alreadyPaired {
        paired += 1
        continue
      }
      left.append(
        Left(
          school: pupil.need.school, student: pupil.need.student,
          reason: obstacle.reason(semester.schoolYear)))
    }
    for offer in input.offers {
      guard let (places, reason) = input.leftOut(offer) else { continue }
      left.append(
        Left(offer: offer.offer.id, places: Int32(places), reason: reason))
    }
    add(try input.assign())
  }

  private mutating func add(_ outcome: Matching.Outcome) {
    pairs = outcome.pairs
    score = outcome.score
    left += outcome.leftNeeds.map {
      Left(
        school: $0.need.school, student: $0.need.student, reason: $0.reason)
    }
    left += outcome.leftOffers.map {
      Left(offer: $0.offer, places: Int32($0.places), reason: $0.reason)
    }
  }

  private var state: Proposals.State { pairs.isEmpty ? .withdrawn : .proposed }

  /// How many of the earlier pairs stayed.
  private var kept: Int {
    let offers = Dictionary(uniqueKeysWithValues: pairs.map { ($0.need.student, $0.offer) })
    return origin.earlier.count { offers[$0.student] == $0.offer }
  }

  /// How many pupils have a place who had none.
  private var added: Int {
    let before = Set(origin.earlier.map(\.student))
    return pairs.count { !before.contains($0.need.student) }
  }

  // $1 district, $2 id, $3 semester, $4 state, $5 proposer, $6 seed, $7 already paired, $8 replaces,
  // $9 kept, $10 changed, $11 follows, $12 score, $13 added
  private static let insert: SQL = """
    insert into proposal (
      district_id, id, semester, state, proposed_by, seed, already_paired, replaces, kept, changed,
      follows, score, added
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    """
  // $1 district, $2 proposal, then arrays: $3 ids, $4 ranks, $5 schools, $6 pupils, $7 offers,
  // $8 places, $9 reasons
  private static let insertPairs: SQL = """
    insert into proposal_pair (
      district_id, proposal_id, id, rank, school_id, student_id, offer_id, place, state, reason
    )
    select $1, $2, r.id, r.rank, r.school, r.student, r.offer, r.place, 'proposed', r.reason::jsonb
    from unnest($3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::text[])
      as r (id, rank, school, student, offer, place, reason)
    """
  // $1 district, $2 proposal, then arrays: $3 ids, $4 schools, $5 pupils, $6 offers, $7 places,
  // $8 reasons
  private static let insertLeft: SQL = """
    insert into proposal_left (
      district_id, proposal_id, id, school_id, student_id, offer_id, places, reason
    )
    select $1, $2, r.id, r.school, r.student, r.offer, r.places, r.reason::jsonb
    from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::text[])
      as r (id, school, student, offer, places, reason)
    """

  func store(_ session: borrowing Session, _ actor: Actor) throws {
    let district = actor.districtID
    let kept = origin.replaces.map { _ in Int32(self.kept) }
    _ = try session.batch([
      Bound(
        Self.insert, district, id, semester.ordinal, state.rawValue, actor.userID, seed, paired,
        origin.replaces, kept, kept.map { Int32(origin.earlier.count) - $0 }, origin.follows,
        score, origin.replaces.map { _ in Int32(added) }),
      Bound(
        Self.insertPairs, district, id, pairs.map { _ in UUID.v7() },
        pairs.map { Int32($0.rank) }, pairs.map(\.need.school), pairs.map(\.need.student),
        pairs.map(\.offer), pairs.map { Int32($0.place) }, try texts(pairs.map(\.reason))),
      Bound(
        Self.insertLeft, district, id, left.map { _ in UUID.v7() }, left.map(\.school),
        left.map(\.student), left.map(\.offer), left.map(\.places), try texts(left.map(\.reason))),
      Audit.statement(
        actor, "match.propose", subject: "proposal", id: id,
        after: [
          "semester": "\(semester)", "seed": seed, "pairs": "\(pairs.count)",
          "state": state.rawValue,
          "replaces": origin.replaces?.lowercase, "follows": origin.follows?.lowercase,
        ]),
    ])
  }

  private func texts(_ reasons: [MatchReason]) throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try reasons.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
  }
}
