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

enum OfferCandidates {
  // $1 district, $2 offers (null: all that are open)
  private static let candidates: SQL = """
    select o.id, o.state = 'open', o.first_semester, o.amount_fen, o.wish_school, o.wish_grade,
      o.wish_gender, row_number() over (order by o.recorded_at, o.id) as turn, o.donor_id, d.name,
      d.kind, d.school_id, d.employer, d.identity_hash, d.phone_hash, f.free, f.held,
      f.taken
    from offer o
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    join (
      select k.offer_id,
        array_agg(k.place order by k.place)
          filter (where p.id is null and h.id is null) as free,
        count(h.id) as held, array_agg(k.place) filter (where p.id is not null) as taken
      from offer_place k
      left join pairing p
        on p.district_id = k.district_id and p.offer_id = k.offer_id and p.place = k.place
        and p.state = 'running'
      left join (
        select pp.id, pp.offer_id, pp.place from proposal_pair pp
        join proposal pr on pr.district_id = pp.district_id and pr.id = pp.proposal_id
        where pp.district_id = $1 and pp.state = 'proposed'
          and pr.state in ('proposed', 'approved')
      ) h on h.offer_id = k.offer_id and h.place = k.place
      where k.district_id = $1 and ($2::uuid[] is null or k.offer_id = any ($2))
      group by k.offer_id
    ) f on f.offer_id = o.id
    where o.district_id = $1 and (o.state = 'open' or $2::uuid[] is not null)
    """
  private static let schools: SQL = "select id, name from school where district_id = $1"

  /// - Parameter offers: only these, open or not.
  static func load(
    _ session: borrowing Session, district: String, offers: [UUID]? = nil
  ) throws -> [OfferCandidate] {
    let results = try session.batch([
      Bound(schools, district), Bound(candidates, district, offers),
    ])
    let schools = try results[0].map { row in
      Workplace(school: try row.get(0), name: try row.get(1))
    }
    return try results[1].map { try candidate($0, schools) }
  }

  fileprivate struct Workplace {
    let school: UUID
    let name: String
  }

  private static func candidate(_ row: Row, _ schools: [Workplace]) throws -> OfferCandidate {
    let gender: String? = try row.optional(6)
    let places: [Int32] = try row.optional(15) ?? []
    let taken: [Int32] = try row.optional(17) ?? []
    let wish = Wish(
      school: try row.optional(4), grade: try row.optional(5),
      gender: gender.flatMap(ResidentID.Gender.init(rawValue:)))
    let offer = Matching.Offer(
      id: try row.get(0), places: places.map { Int($0) }, wish: wish, turn: try row.get(7),
      conflictKeys: try conflictKeys(row, schools))
    return OfferCandidate(
      offer: offer, isOpen: try row.get(1), firstSemester: try row.semester(2),
      amount: Money(fen: try row.get(3)), donor: try row.get(8),
      taken: Set(taken), held: try row.get(16))
  }

  private static func conflictKeys(_ row: Row, _ schools: [Workplace]) throws -> Set<ConflictKey> {
    var keys: Set<ConflictKey> = []
    if let identity: [UInt8] = try row.optional(13) { keys.insert(.identity(identity)) }
    if let phone: [UInt8] = try row.optional(14) { keys.insert(.phone(phone)) }
    let kind = DonorKind(rawValue: try row.get(10)) ?? .individual
    guard kind != .company, kind != .organisation else { return keys }
    let name = normalizeName(try row.get(9))
    keys.insert(.name(name))
    let employer: String? = try row.optional(12)
    var workplaces = schools.filter { $0.employs(employer) }.map(\.school)
    if let school: UUID = try row.optional(11) { workplaces.append(school) }
    keys.formUnion(workplaces.map { .teacher(name, school: $0) })
    // A teacher whose school is not known may be the class teacher of any namesake's pupils.
    if workplaces.isEmpty, kind == .teacher || (kind == .partyMember && employer == nil) {
      keys.insert(.teacher(name, school: nil))
    }
    return keys
  }
}

extension OfferCandidates.Workplace {
  /// Whether an employer as people write it means this school: with or without the district's name.
  fileprivate func employs(_ employer: String?) -> Bool {
    guard let employer, employer.count >= 2 else { return false }
    return employer == name || employer.contains(name) || name.contains(employer)
  }
}
