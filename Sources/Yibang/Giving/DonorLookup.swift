package import Foundation
import Postgres

extension Donors {
  /// A donor as a search answers it: masked.
  package struct Found: Sendable, Codable {
    package let id: UUID
    package let kind: DonorKind
    /// With stars; “匿名” for an unnamed donor; an organisation's name stays.
    package let name: String
    package let anonymous: Bool
    package let school: String?
    package let hasIdentity: Bool
    package let hasPhone: Bool
    /// The donor that this record belongs to; nil for a donor of its own.
    package let mergedInto: UUID?

    enum CodingKeys: String, CodingKey {
      case id, kind, name, anonymous, school
      case hasIdentity = "has_identity"
      case hasPhone = "has_phone"
      case mergedInto = "merged_into"
    }
  }

  // $1 district, $2 identity hash, $3 phone hash; null: not asked for. One branch runs.
  private static let search: SQL = """
    with found as (
      select id from donor where district_id = $1 and identity_hash = $2
      union
      select id from donor where district_id = $1 and phone_hash = $3
    )
    select d.id, d.kind, d.name, d.anonymous, s.name, d.identity_hash is not null,
      d.phone_hash is not null, d.merged_into
    from found f
    join donor d on d.district_id = $1 and d.id = f.id
    left join school s on s.district_id = d.district_id and s.id = d.school_id
    order by d.id
    """

  /// Finds donors by identity number or phone. The numbers themselves are not read.
  /// - Throws: `DonorError.noNumber`, `AccessError`.
  package static func find(_ numbers: DonorNumbers, in context: Context) async throws -> [Found] {
    let actor = context.actor
    try actor.require(.read)
    guard numbers != DonorNumbers() else { throw DonorError.noNumber }
    let vault = context.platform.vault
    let identity = numbers.identity.map { vault.hash($0, domain: "identity") }
    let phone = numbers.mobile.map { vault.hash($0.text, domain: "phone") }
    return try await context.read { session in
      try session.query(search, actor.districtID, identity, phone).map { row in
        let kind = DonorKind(rawValue: try row.get(1)) ?? .individual
        let anonymous: Bool = try row.get(3)
        let name = maskedName(try row.get(2), isOrganisation: kind.isOrganisation)
        return Found(
          id: try row.get(0), kind: kind, name: anonymous ? "匿名" : name, anonymous: anonymous,
          school: try row.optional(4), hasIdentity: try row.get(5), hasPhone: try row.get(6),
          mergedInto: try row.optional(7))
      }
    }
  }

  /// A record of a donor with its numbers in full.
  package struct Identity: Sendable, Codable {
    package let id: UUID
    package let kind: DonorKind
    package let name: String
    package let residentID: String?
    package let creditCode: String?
    package let mobile: String?
    package let employer: String?

    enum CodingKeys: String, CodingKey {
      case id, kind, name
      case residentID = "resident_id"
      case creditCode = "credit_code"
      case mobile, employer
    }
  }

  private static let sealed: SQL = """
    select id, kind, name, private_sealed, employer from donor
    where district_id = $1 and id = any ((select donor_records($2))::uuid[])
    order by id <> $2, id
    """

  /// The full identity of a donor, of each of its records; who asked and why stays in the trail.
  /// - Throws: `DonorError.unknownDonor`, `.reasonMissing`, `.reasonIdentifies`, `.reasonNames`;
  ///   `RevealError.tooMany`, `AccessError`, `VaultError`.
  package static func reveal(
    _ donor: UUID, reason: String, in context: Context
  ) async throws -> [Identity] {
    try await RefusedLooks.noting(.donor, of: .donor(donor), in: context) {
      try await shown(donor, reason: reason, in: context)
    }
  }

  private static func shown(
    _ donor: UUID, reason: String, in context: Context
  ) async throws -> [Identity] {
    let actor = context.actor
    try actor.require(.read)
    try actor.require(.readIdentities)
    let reason = try DonorError.reason(reason)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      let identities = try identities(of: donor, session, vault, actor)
      guard identities.allSatisfy({ !normalizeName(reason).contains($0.name) }) else {
        throw DonorError.reasonNames
      }
      try Reveals.record(
        Reveals.Act(
          way: .donor, what: [.residentID, .creditCode, .phone], reason: reason,
          record: ("donor", donor), facts: ["own_records": "\(identities.count)"]),
        of: [donor], .donor, session, actor)
      return identities
    }
  }

  /// The caller records who asked and why.
  static func identities(
    of donor: UUID, _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> [Identity] {
    let rows = try session.query(sealed, actor.districtID, donor)
    let identities = try rows.map { row in
      let id: UUID = try row.get(0)
      var fields = SealedFields()
      if let sealed: [UInt8] = try row.optional(3) {
        fields = SealedFields(
          bytes: try vault.open(sealed, at: SealedPlace("donor", id, "private")))
      }
      return Identity(
        id: id, kind: DonorKind(rawValue: try row.get(1)) ?? .individual, name: try row.get(2),
        residentID: fields["resident"], creditCode: fields["credit"], mobile: fields["phone"],
        employer: try row.optional(4))
    }
    guard identities.first?.id == donor else { throw DonorError.unknownDonor(donor) }
    return identities
  }
}
