package import Foundation
import Postgres

extension Donors {
  /// Why two records may be one donor. A person decides; nothing is merged by itself.
  package enum Likeness: String, Sendable, CaseIterable, Codable {
    /// The same phone and the same name.
    case phoneAndName = "phone_and_name"
    /// Credit codes with the same organisation code, which stays when the registering office changes.
    case sameEntity = "same_entity"
    /// The same company name but for width, spaces, brackets or the words for its legal form.
    case companyName = "company_name"

    package var name: Text {
      switch self {
      case .phoneAndName: Text("手机号和姓名相同", "same phone and name")
      case .sameEntity: Text("信用代码中的主体标识码相同", "same organisation code")
      case .companyName: Text("单位名称相近", "alike company names")
      }
    }
  }

  /// Two records that may be one donor.
  package struct Candidate: Sendable, Codable {
    package let one: UUID
    package let other: UUID
    /// As lists show them: “匿名” for an unnamed donor.
    package let names: [String]
    package let kinds: [DonorKind]
    package let likeness: Likeness
    /// False where their identity numbers differ: they cannot be merged.
    package let mergeable: Bool
  }

  private static let candidates: SQL = """
    with pair as (
      select a.id as one, b.id as other, 'phone_and_name' as likeness from donor a
      join donor b
        on b.district_id = a.district_id and b.phone_hash = a.phone_hash
        and b.name_key = a.name_key and b.id > a.id
      where a.district_id = $1 and a.phone_hash is not null
      union all
      select a.id, b.id, 'same_entity' from donor a
      join donor b
        on b.district_id = a.district_id and b.entity_hash = a.entity_hash and b.id > a.id
      where a.district_id = $1 and a.entity_hash is not null
      union all
      select a.id, b.id, 'company_name' from donor a
      join donor b
        on b.district_id = a.district_id and b.name_key = a.name_key and b.id > a.id
        and b.kind in ('company', 'organisation')
      where a.district_id = $1 and a.kind in ('company', 'organisation')
        and a.name_key not in ('', '匿名')
    )
    select p.one, p.other, donor_shown(a.anonymous, a.name, a.merged_into),
      donor_shown(b.anonymous, b.name, b.merged_into), a.kind, b.kind, p.likeness,
      not coalesce(a.identity_hash <> b.identity_hash, false)
        or coalesce(a.entity_hash = b.entity_hash, false)
    from pair p
    join donor a on a.district_id = $1 and a.id = p.one
    join donor b on b.district_id = $1 and b.id = p.other
    where coalesce(a.merged_into, a.id) <> coalesce(b.merged_into, b.id)
    order by p.likeness, p.one, p.other
    limit $2
    """

  /// Records that may be one donor and are not merged, with the reason. Equal names of persons alone
  /// are none: two people share a name.
  package static func duplicates(
    limit: Int = 1_000, in context: Context
  ) async throws -> [Candidate] {
    try context.actor.require(.manageDonors)
    return try await context.read { session in
      try session.query(candidates, context.actor.districtID, limit).map { row in
        guard let likeness = Likeness(rawValue: try row.get(6)) else {
          throw PostgresError.decoding("likeness")
        }
        return Candidate(
          one: try row.get(0), other: try row.get(1), names: [try row.get(2), try row.get(3)],
          kinds: try [4, 5].map { DonorKind(rawValue: try row.get($0)) ?? .individual },
          likeness: likeness, mergeable: try row.get(7))
      }
    }
  }
}
