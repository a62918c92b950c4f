package import Foundation
import Postgres

/// The numbers by which a donor is known. They are stored sealed, and looked up by keyed hashes.
package struct DonorNumbers: Sendable, Hashable {
  package var residentID: ResidentID?
  package var creditCode: CreditCode?
  package var mobile: Mobile?

  package init(
    residentID: ResidentID? = nil, creditCode: CreditCode? = nil, mobile: Mobile? = nil
  ) {
    self.residentID = residentID
    self.creditCode = creditCode
    self.mobile = mobile
  }

  /// The resident ID or, of a company or organisation, the credit code.
  var identity: String? { residentID?.text ?? creditCode?.text }

  /// The organisation code within the credit code: it stays when the registering office changes.
  var entity: String? { creditCode.map { String($0.text.dropFirst(8).prefix(9)) } }

  var fields: SealedFields {
    SealedFields([
      "resident": residentID?.text ?? "", "credit": creditCode?.text ?? "",
      "phone": mobile?.text ?? "",
    ])
  }
}

/// A donor with what is known beside the name.
package struct IdentifiedDonor: Sendable, Hashable {
  package var details: DonorDetails
  package var numbers: DonorNumbers
  package var employer: String?

  package init(_ details: DonorDetails, _ numbers: DonorNumbers, employer: String? = nil) {
    self.details = details
    self.details.name = normalizeName(details.name)
    self.numbers = numbers
    self.employer = employer
  }
}

extension Donors {
  /// A donor found by its numbers, locked.
  struct Known {
    let id: UUID
    let name: String
    let anonymous: Bool
    let identityHash: [UInt8]?
    let phoneHash: [UInt8]?
    let sealed: [UInt8]?

    init(_ row: Row) throws {
      id = try row.get(0)
      name = try row.get(1)
      anonymous = try row.get(2)
      identityHash = try row.optional(3)
      phoneHash = try row.optional(4)
      sealed = try row.optional(5)
    }
  }

  private static let acquaint: SQL = "select donor_acquaint($1, $2::uuid)"
  private static let byIdentity: SQL = """
    select id, name, anonymous, identity_hash, phone_hash, private_sealed from donor
    where district_id = $1 and identity_hash = $2
    for no key update
    """
  // $1 district, $2 phone hash, $3 name, $4 whether an identity number was given
  private static let byPhone: SQL = """
    select d.id, d.name, d.anonymous, d.identity_hash, d.phone_hash, d.private_sealed from donor d
    where d.district_id = $1 and d.phone_hash = $2 and d.name = $3
      and (
        not $4 or not exists (
          select from donor r
          where r.district_id = d.district_id and r.identity_hash is not null
            and (
              r.id = case when d.merged_into is null then d.id else d.merged_into end
              or r.merged_into = case when d.merged_into is null then d.id else d.merged_into end
            )
        )
      )
    for no key update of d
    """
  // $1 district, $2 id, $3 school, $4 kind, $5 name, $6 anonymous, $7 class, $8 employer, $9 sealed,
  // $10 identity hash, $11 phone hash, $12 entity hash
  private static let insertIdentified: SQL = """
    insert into donor (
      district_id, id, school_id, kind, name, anonymous, class_name, employer, private_sealed,
      identity_hash, phone_hash, entity_hash
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict on constraint donor_identity do nothing
    """
  // $1 district, $2 id, $3 employer, $4 sealed, $5 identity hash, $6 phone hash, $7 entity hash
  private static let completeIdentified: SQL = """
    update donor
    set employer = coalesce(employer, $3), private_sealed = $4,
      identity_hash = coalesce(identity_hash, $5), phone_hash = coalesce(phone_hash, $6),
      entity_hash = coalesce(entity_hash, $7)
    where district_id = $1 and id = $2
      and (
        (employer is null and $3::text is not null)
        or (identity_hash is null and $5::bytea is not null)
        or (phone_hash is null and $6::bytea is not null)
        or (entity_hash is null and $7::bytea is not null)
      )
    """

  /// Adds a donor, or finds the one that is on record with these numbers: by identity, whatever
  /// school keeps it; else by phone and name; else, where no number is given, by school, kind, name
  /// and class. A name alone never joins what a number tells apart.
  /// - Returns: the donor, and false if it was on record; what was not known of it is added.
  /// - Throws: `DonorError.otherName` if the identity belongs to another name,
  ///   `.identityOfOtherKind`, `.noName`; `AccessError`.
  package static func add(
    _ donor: IdentifiedDonor, school: UUID?, in context: Context
  ) async throws -> (id: UUID, added: Bool) {
    let actor = context.actor
    try actor.require(.recordDonations)
    if let school { try actor.require(school: school) }
    try check(donor)
    let vault = context.platform.vault
    return try await context.write { session in
      if donor.numbers == DonorNumbers() {
        return try recorded(donor.details, school: school, session, actor)
      }
      if let known = try known(donor, school: school, session, vault, actor) {
        return (try complete(known, with: donor, session, vault, actor), false)
      }
      return try insert(donor, school: school, session, vault, actor)
    }
  }

  private static func check(_ donor: IdentifiedDonor) throws(DonorError) {
    guard !donor.details.name.isEmpty else { throw .noName }
    guard !DonorDetails.unnamed.contains(donor.details.name) || donor.numbers == DonorNumbers()
    else { throw .noName }
    let isOrganisation = donor.details.kind.isOrganisation
    if donor.numbers.residentID != nil && isOrganisation
      || donor.numbers.creditCode != nil && !isOrganisation
    {
      throw .identityOfOtherKind(donor.details.kind)
    }
  }

  /// The donor with these numbers: by identity, else by phone and name.
  /// - Parameter school: knows the donor from now on, if it exists.
  /// - Throws: `DonorError.otherName`.
  static func known(
    _ donor: IdentifiedDonor, school: UUID?, _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> Known? {
    let identity = donor.numbers.identity.map { vault.hash($0, domain: "identity") }
    if let identity {
      _ = try session.query(acquaint, identity, school ?? actor.schoolID)
      if let row = try session.query(byIdentity, actor.districtID, identity).first {
        let known = try Known(row)
        guard known.name == donor.details.name else { throw DonorError.otherName }
        return known
      }
    }
    guard let phone = donor.numbers.mobile.map({ vault.hash($0.text, domain: "phone") }) else {
      return nil
    }
    let rows = try session.query(
      byPhone, actor.districtID, phone, donor.details.name, identity != nil)
    return try oldest(rows)
  }

  /// Ordered here: in SQL it tempts the planner to walk all donors in order of id.
  static func oldest(_ rows: Rows) throws -> Known? {
    try rows.map { try Known($0) }.min { $0.id.uuidString < $1.id.uuidString }
  }

  /// - Returns: the new donor; or, where another transaction recorded this identity a moment ago,
  ///   that one and false.
  static func insert(
    _ donor: IdentifiedDonor, school: UUID?, _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> (id: UUID, added: Bool) {
    let id = UUID.v7()
    let (details, numbers) = (donor.details, donor.numbers)
    let added = try session.execute(
      insertIdentified, actor.districtID, id, school, details.kind.rawValue, details.name,
      details.anonymous, details.className, donor.employer, try seal(numbers.fields, id, vault),
      numbers.identity.map { vault.hash($0, domain: "identity") },
      numbers.mobile.map { vault.hash($0.text, domain: "phone") },
      numbers.entity.map { vault.hash($0, domain: "entity") })
    guard added == 1 else {
      guard let known = try known(donor, school: school, session, vault, actor) else {
        throw DonorError.otherName
      }
      return (known.id, false)
    }
    _ = try session.batch([
      Audit.statement(
        actor, "donor.add", subject: "donor", id: id, school: school,
        after: ["kind": details.kind.rawValue])
    ])
    return (id, true)
  }

  /// Adds to a known donor what was not known before; nothing known is replaced.
  static func complete(
    _ known: Known, with donor: IdentifiedDonor, _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> UUID {
    var fields = donor.numbers.fields
    if let sealed = known.sealed {
      let place = SealedPlace("donor", known.id, "private")
      let earlier = SealedFields(bytes: try vault.open(sealed, at: place))
      for (name, value) in earlier.values { fields[name] = value }
    }
    let identity = donor.numbers.identity.map { vault.hash($0, domain: "identity") }
    let phone = donor.numbers.mobile.map { vault.hash($0.text, domain: "phone") }
    let changed = try session.execute(
      completeIdentified, actor.districtID, known.id, donor.employer,
      try seal(fields, known.id, vault), identity, phone,
      donor.numbers.entity.map { vault.hash($0, domain: "entity") })
    if donor.details.anonymous && !known.anonymous {
      try decide(known.id, anonymous: true, consent: nil, session, actor)
    }
    guard changed == 1 else { return known.id }
    _ = try session.batch([
      Audit.statement(
        actor, "donor.complete", subject: "donor", id: known.id,
        before: [
          "identity": "\(known.identityHash != nil)", "phone": "\(known.phoneHash != nil)",
        ],
        after: [
          "identity": "\((known.identityHash ?? identity) != nil)",
          "phone": "\((known.phoneHash ?? phone) != nil)",
        ])
    ])
    return known.id
  }

  private static func seal(_ fields: SealedFields, _ id: UUID, _ vault: Vault) throws -> [UInt8]? {
    guard !fields.isEmpty else { return nil }
    return try vault.seal(fields.bytes, at: SealedPlace("donor", id, "private"))
  }
}

extension DonorKind {
  /// Known by a credit code, not by a resident ID.
  package var isOrganisation: Bool { self == .company || self == .organisation }
}
