package import Foundation
import Postgres
package import SchoolCalendar

extension Offers {
  /// An offer as it is listed. An anonymous sponsor has no name here.
  package struct Offer: Sendable, Codable {
    package let id: UUID
    package let sponsor: String
    package let sponsorKind: DonorKind
    package let firstSemester: Semester
    /// For each pupil and semester.
    package let amount: Money
    package let places: Int
    /// Places with a running pairing, of those that the actor may see.
    package let taken: Int
    package let wishSchool: String?
    /// Further schools that do as well.
    package let otherSchools: [String]
    package let wishGrade: String?
    package let wishGender: ResidentID.Gender?
    package let wishRegion: String?
    /// Which of the wishes the sponsor insists on.
    package let limits: [Wish.Item]
    /// What the wishes weigh, in the order of `Wish.Item`; nil: 1 each.
    package let weights: [Int]?
    /// The pupil whom the sponsor names, masked.
    package let named: String?
    /// The pairing that it carries on.
    package let renews: UUID?
    package let isOpen: Bool
    package let note: String?

    enum CodingKeys: String, CodingKey {
      case id, sponsor
      case sponsorKind = "sponsor_kind"
      case firstSemester = "first_semester"
      case amount, places, taken
      case wishSchool = "wish_school"
      case otherSchools = "other_schools"
      case wishGrade = "wish_grade"
      case wishGender = "wish_gender"
      case wishRegion = "wish_region"
      case limits, weights, named, renews
      case isOpen = "open"
      case note
    }
  }

  // $1 district, $2 open ones only, $3 limit, $4 offer (null: all), $5 after this one
  private static let list: SQL = """
    select o.id, donor_shown(d.anonymous, d.name, d.merged_into), d.kind, o.first_semester,
      o.amount_fen, o.places,
      (
        select count(*) from pairing p
        where p.district_id = o.district_id and p.offer_id = o.id and p.state = 'running'
      ),
      s.name, o.wish_grade, o.wish_gender, o.state = 'open',
      donor_text(o.note, d.anonymous, d.id), o.wish_region, o.limits, o.weights, n.name, o.renews,
      array(
        select h.name from offer_school f
        join school h on h.district_id = f.district_id and h.id = f.school_id
        where f.district_id = o.district_id and f.offer_id = o.id
        order by h.code
      )
    from offer o
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    left join school s on s.district_id = o.district_id and s.id = o.wish_school
    left join student n on n.district_id = o.district_id and n.id = o.named_student
    where o.district_id = $1 and (not $2 or o.state = 'open') and ($4::uuid is null or o.id = $4)
      and o.id > $5
    order by o.id
    limit $3
    """

  /// Offers in the order they were made. A school sees those that its own pairings rest on.
  package static func list(
    openOnly: Bool = false, limit: Int = 100_000, in context: Context
  ) async throws -> [Offer] {
    try await list(openOnly: openOnly, after: .beforeAll, limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, openOnly: Bool = false, in context: Context
  ) async throws -> Page<Offer> {
    let found = try await list(
      openOnly: openOnly, after: page.position(UUID.self), limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    openOnly: Bool, after: UUID, limit: Int, in context: Context
  ) async throws -> [Offer] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(list, context.actor.districtID, openOnly, limit, nil as UUID?, after)
        .map(offer)
    }
  }

  /// - Throws: `PairingError.unknownOffer`.
  package static func show(_ id: UUID, in context: Context) async throws -> Offer {
    try context.actor.require(.read)
    return try await context.read { session in
      let rows = try session.query(
        list, context.actor.districtID, false, 1, id, UUID.beforeAll)
      guard let row = rows.first else { throw PairingError.unknownOffer(id) }
      return try offer(row)
    }
  }

  private static func offer(_ row: Row) throws -> Offer {
    let gender: String? = try row.optional(9)
    let weights: [Int32]? = try row.optional(14)
    let named: String? = try row.optional(15)
    return Offer(
      id: try row.get(0), sponsor: try row.get(1),
      sponsorKind: DonorKind(rawValue: try row.get(2)) ?? .individual,
      firstSemester: try row.semester(3), amount: Money(fen: try row.get(4)),
      places: try row.get(5), taken: try row.get(6), wishSchool: try row.optional(7),
      otherSchools: try row.get(17), wishGrade: try row.optional(8),
      wishGender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
      wishRegion: try row.optional(12),
      limits: (try row.get(13) as [String]).compactMap(Wish.Item.init(rawValue:)),
      weights: weights.map { $0.map { Int($0) } }, named: named.map { maskedName($0) },
      renews: try row.optional(16), isOpen: try row.get(10), note: try row.optional(11))
  }
}

extension Row {
  /// A semester, stored as its ordinal.
  func semester(_ column: Int) throws -> Semester {
    guard let semester = Semester(ordinal: try get(column)) else {
      throw PostgresError.decoding("semester")
    }
    return semester
  }
}
