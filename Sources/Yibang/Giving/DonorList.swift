package import Foundation
import Postgres

extension Donors {
  // $1 district, $2 donor (null: all), $3 school (null: all), $4 to $6 the donor before, $7 limit.
  // Sorted by what is shown: the place of an unnamed donor among names would tell.
  private static let list: SQL = """
    select d.id, d.kind, donor_shown(d.anonymous, d.name, d.merged_into), d.anonymous,
      case when not d.anonymous then d.class_name end, d.merged_into,
      case when d.anonymous then '匿名' else d.name end
    from donor d
    where d.district_id = $1 and ($2::uuid is null or d.id = $2)
      and ($3::uuid is null or d.school_id = $3)
      and (
        d.kind, (case when d.anonymous then '匿名' else d.name end) collate "zh-x-icu", d.id
      ) > ($4::text, $5::text, $6::uuid)
    order by d.kind, (case when d.anonymous then '匿名' else d.name end) collate "zh-x-icu", d.id
    limit $7
    """

  /// The donors of a school, or of the district, by kind and name.
  package static func list(
    school: UUID? = nil, limit: Int = 1_000_000, in context: Context
  ) async throws -> [Donor] {
    try await list(
      school: school, after: (.beforeAll, .beforeAll, .beforeAll), limit: limit, in: context
    ).map(\.donor)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, in context: Context
  ) async throws -> Page<Donor> {
    let found = try await list(
      school: school, after: page.position(String.self, String.self, UUID.self),
      limit: page.limit + 1, in: context)
    let places = Page(found, page) {
      Cursor($0.donor.kind.rawValue, $0.sortedBy, $0.donor.id.uuidString)
    }
    return Page(places, \.donor)
  }

  /// - Throws: `DonorError.unknownDonor`, `AccessError`.
  package static func show(_ id: UUID, in context: Context) async throws -> Donor {
    let found = try await list(
      id, after: (.beforeAll, .beforeAll, .beforeAll), limit: 1, in: context)
    guard let donor = found.first?.donor else { throw DonorError.unknownDonor(id) }
    return donor
  }

  private static func list(
    _ id: UUID? = nil, school: UUID? = nil, after: (String, String, UUID), limit: Int,
    in context: Context
  ) async throws -> [(donor: Donor, sortedBy: String)] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.readInOrder { session in
      let rows = try session.query(
        list, context.actor.districtID, id, school, after.0, after.1, after.2, limit)
      return try rows.map { row in
        let donor = Donor(
          id: try row.get(0), kind: DonorKind(rawValue: try row.get(1)) ?? .individual,
          name: try row.get(2), anonymous: try row.get(3), className: try row.optional(4),
          mergedInto: try row.optional(5))
        return (donor, try row.get(6))
      }
    }
  }
}
