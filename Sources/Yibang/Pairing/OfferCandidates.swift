import Foundation
import Postgres
import SchoolCalendar

/// An offer with its free places, and what keeps the others from being proposed.
struct OfferCandidate {
  let offer: Matching.Offer
  let isOpen: Bool
  let firstSemester: Semester
  /// For each pupil and semester.
  let amount: Money
  let donor: UUID
  /// Places with a running pairing.
  let taken: Set<Int32>
  /// Places that stand in another live proposal.
  let held: Int

  /// Why places of this offer are not proposed for a semester; nil if all that are free can be.
  func leftOut(in semester: Semester) -> (places: Int, reason: MatchReason)? {
    if firstSemester > semester {
      let reason = MatchReason(
        "starts_later", "该资助意向从 \(firstSemester) 开始。",
        "The offer starts in \(firstSemester).")
      return offer.places.isEmpty ? nil : (offer.places.count, reason)
    }
    guard held > 0 else { return nil }
    let reason = MatchReason(
      "in_another_proposal", "名额已在另一份尚未完成的结对方案中。",
      "The places stand in another proposal that is still open.")
    return (held, reason)
  }
}

/// Reads offers with their sponsors and places; see `PupilCandidates` for why each statement reads
/// one table.
struct OfferCandidates {
  private struct Place: Hashable {
    let offer: UUID
    let number: Int32

    init(_ row: Row) throws {
      offer = try row.get(0)
      number = try row.get(1)
    }
  }

  private struct Places {
    var free: [Int] = []
    var taken: Set<Int32> = []
    var held = 0
  }

  private var places: [UUID: Places] = [:]
  private var otherSchools: [UUID: Set<UUID>] = [:]
  private var keysOfDonor: [UUID: Set<ConflictKey>] = [:]

  // $1 district, $2 offers (null: all), $3 proposals that do not count
  private static let heldPlaces: SQL = """
    select r.offer_id, r.place from proposal_pair r
    join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
    where r.district_id = $1 and r.state = 'proposed' and p.state in ('proposed', 'approved')
      and ($2::uuid[] is null or r.offer_id = any ($2)) and p.id <> all ($3)
    """
  private static let takenPlaces: SQL = """
    select offer_id, place from pairing
    where district_id = $1 and state = 'running' and ($2::uuid[] is null or offer_id = any ($2))
    """
  private static let allPlaces: SQL = """
    select offer_id, place from offer_place
    where district_id = $1 and ($2::uuid[] is null or offer_id = any ($2))
    """
  // $1 district, $2 offers (null: all that are open)
  private static let offers: SQL = """
    select id, state = 'open', first_semester, amount_fen, wish_school, wish_grade, wish_gender,
      donor_id, wish_region, limits, weights, named_student
    from offer
    where district_id = $1
      and (($2::uuid[] is null and state = 'open') or id = any ($2))
    order by recorded_at, id
    """
  private static let offerSchools: SQL = """
    select offer_id, school_id from offer_school
    where district_id = $1 and ($2::uuid[] is null or offer_id = any ($2))
    """
  private static let schools: SQL = "select id, name from school where district_id = $1"
  // All that is known of the donor, in whatever record of it. Row-level security keeps a condition
  // with a function or coalesce() from the index; `case` is allowed.
  private static let donors: SQL = """
    select o.id, r.name, r.kind, r.school_id, r.employer, r.identity_hash, r.phone_hash
    from donor o
    cross join lateral (
      select s.* from donor s
      where s.district_id = o.district_id
        and s.id = case when o.merged_into is null then o.id else o.merged_into end
      union all
      select m.* from donor m
      where m.district_id = o.district_id
        and m.merged_into = case when o.merged_into is null then o.id else o.merged_into end
    ) as r
    where o.district_id = $1 and o.id = any ($2)
    """

  /// - Parameters:
  ///   - wanted: only these offers, open or not; nil for all that are open.
  ///   - proposals: whose pairs do not count as another proposal's.
  static func load(
    _ session: borrowing Session, district: String, offers wanted: [UUID]? = nil,
    ignoring proposals: [UUID] = []
  ) throws -> [OfferCandidate] {
    // Open pairs before pairings, as for pupils.
    let results = try session.batch([
      Bound(heldPlaces, district, wanted, proposals), Bound(takenPlaces, district, wanted),
      Bound(allPlaces, district, wanted), Bound(offers, district, wanted),
      Bound(schools, district), Bound(offerSchools, district, wanted),
    ])
    var candidates = OfferCandidates()
    try candidates.sort(held: results[0], taken: results[1], all: results[2])
    for row in results[5] {
      candidates.otherSchools[try row.get(0), default: []].insert(try row.get(1))
    }
    let donors = Set(try results[3].map { try $0.get(7) as UUID })
    let schools = try results[4].map { Workplace(school: try $0.get(0), name: try $0.get(1)) }
    for row in try session.query(Self.donors, district, Array(donors)) {
      candidates.keysOfDonor[try row.get(0), default: []].formUnion(
        try conflictKeys(row, schools))
    }
    return try results[3].enumerated().map { try candidates.candidate($1, turn: $0) }
  }

  private mutating func sort(held: Rows, taken: Rows, all: Rows) throws {
    let held = Set(try held.map { try Place($0) })
    let taken = Set(try taken.map { try Place($0) })
    for row in all {
      let place = try Place(row)
      if taken.contains(place) {
        places[place.offer, default: Places()].taken.insert(place.number)
      } else if held.contains(place) {
        places[place.offer, default: Places()].held += 1
      } else {
        places[place.offer, default: Places()].free.append(Int(place.number))
      }
    }
  }

  private func candidate(_ row: Row, turn: Int) throws -> OfferCandidate {
    let (id, donor): (UUID, UUID) = (try row.get(0), try row.get(7))
    let places = places[id] ?? Places()
    let amount = Money(fen: try row.get(3))
    var wish = try Self.wish(row)
    wish.otherSchools = otherSchools[id] ?? []
    let offer = Matching.Offer(
      id: id, places: places.free, wish: wish, turn: turn,
      conflictKeys: keysOfDonor[donor] ?? [], amount: amount)
    return OfferCandidate(
      offer: offer, isOpen: try row.get(1), firstSemester: try row.semester(2),
      amount: amount, donor: donor, taken: places.taken, held: places.held)
  }

  private static func wish(_ row: Row) throws -> Wish {
    let gender: String? = try row.optional(6)
    let limits: [String] = try row.get(9)
    let weights: [Int32]? = try row.optional(10)
    let named: UUID? = try row.optional(11)
    return Wish(
      region: try row.optional(8), school: try row.optional(4), grade: try row.optional(5),
      gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
      hard: Set(limits.compactMap(Wish.Item.init(rawValue:))),
      weights: Dictionary(
        uniqueKeysWithValues: zip(Wish.Item.allCases, (weights ?? []).map { Int($0) })),
      pupils: named.map { [$0: Wish.namedWeight] } ?? [:])
  }

  private static func conflictKeys(_ row: Row, _ schools: [Workplace]) throws -> Set<ConflictKey> {
    var keys: Set<ConflictKey> = []
    if let identity: [UInt8] = try row.optional(5) { keys.insert(.identity(identity)) }
    if let phone: [UInt8] = try row.optional(6) { keys.insert(.phone(phone)) }
    let kind = DonorKind(rawValue: try row.get(2)) ?? .individual
    guard kind != .company, kind != .organisation else { return keys }
    let name = normalizeName(try row.get(1))
    keys.insert(.name(name))
    let employer: String? = try row.optional(4)
    var workplaces = schools.filter { $0.employs(employer) }.map(\.school)
    if let school: UUID = try row.optional(3) { workplaces.append(school) }
    keys.formUnion(workplaces.map { .teacher(name, school: $0) })
    // A teacher whose school is not known may be the class teacher of any namesake's pupils.
    if workplaces.isEmpty, kind == .teacher || (kind == .partyMember && employer == nil) {
      keys.insert(.teacher(name, school: nil))
    }
    return keys
  }

  private struct Workplace {
    let school: UUID
    let name: String

    /// Whether an employer as people write it means this school: with or without the district's
    /// name.
    func employs(_ employer: String?) -> Bool {
      guard let employer, employer.count >= 2 else { return false }
      return employer == name || employer.contains(name) || name.contains(employer)
    }
  }
}
