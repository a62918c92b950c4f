import Foundation
import Postgres

/// A donor who takes on pupils: what an offer says about the person or company.
package struct SponsorDetails: Sendable, Hashable {
  package var kind: DonorKind
  package var name: String
  package var anonymous: Bool
  package var residentID: ResidentID?
  package var creditCode: CreditCode?
  package var mobile: Mobile?
  /// Where the sponsor works: tells whether a teacher is the class teacher of a pupil.
  package var employer: String?

  package init(
    kind: DonorKind, name: String, anonymous: Bool = false, residentID: ResidentID? = nil,
    creditCode: CreditCode? = nil, mobile: Mobile? = nil, employer: String? = nil
  ) {
    self.kind = kind
    self.name = normalizeName(name)
    self.anonymous = anonymous
    self.residentID = residentID
    self.creditCode = creditCode
    self.mobile = mobile
    self.employer = employer.map(normalizeText).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The resident ID or, of a company or organisation, the credit code.
  var identity: String? { residentID?.text ?? creditCode?.text }
}

/// The donor rows of sponsors. Identity and phone are sealed, and looked up by their keyed hashes.
package enum Sponsors {
  private struct Known {
    let id: UUID
    let name: String
    let identityHash: [UInt8]?
    let phoneHash: [UInt8]?
    let sealed: [UInt8]?

    init(_ row: Row) throws {
      id = try row.get(0)
      name = try row.get(1)
      identityHash = try row.optional(2)
      phoneHash = try row.optional(3)
      sealed = try row.optional(4)
    }
  }

  private static let byIdentity: SQL = """
    select id, name, identity_hash, phone_hash, private_sealed from donor
    where district_id = $1 and identity_hash = $2
    for no key update
    """
  // $1 district, $2 phone hash, $3 name, $4 whether the sponsor gave an identity number
  private static let byPhone: SQL = """
    select id, name, identity_hash, phone_hash, private_sealed from donor
    where district_id = $1 and phone_hash = $2 and name = $3
      and (not $4 or identity_hash is null)
    for no key update
    """
  // $1 district, $2 kind, $3 name, $4 employer
  private static let byName: SQL = """
    select id, name, identity_hash, phone_hash, private_sealed from donor
    where district_id = $1 and school_id is null and kind = $2 and name = $3
      and employer is not distinct from $4 and identity_hash is null and phone_hash is null
    for no key update
    """
  // $1 district, $2 id, $3 kind, $4 name, $5 anonymous, $6 employer, $7 sealed, $8 identity hash,
  // $9 phone hash
  private static let insert: SQL = """
    insert into donor (
      district_id, id, kind, name, anonymous, employer, private_sealed, identity_hash, phone_hash
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict on constraint donor_identity do nothing
    """
  // $1 district, $2 id, $3 anonymous, $4 employer, $5 sealed, $6 identity hash, $7 phone hash
  private static let complete: SQL = """
    update donor
    set anonymous = anonymous or $3, employer = coalesce(employer, $4), private_sealed = $5,
      identity_hash = coalesce(identity_hash, $6), phone_hash = coalesce(phone_hash, $7)
    where district_id = $1 and id = $2
      and (
        (not anonymous and $3) or (employer is null and $4::text is not null)
        or (identity_hash is null and $6::bytea is not null)
        or (phone_hash is null and $7::bytea is not null)
      )
    """

  /// The donor that these details mean, or a new one; in the caller's transaction.
  ///
  /// Found by identity number; else by phone and name; else, where neither is known, by kind, name
  /// and employer. What was not known before is added; nothing known is replaced.
  /// - Throws: `PairingError.sponsorOtherName` if the identity number belongs to another name.
  static func donor(
    _ details: SponsorDetails, _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> UUID {
    let identity = details.identity.map { vault.hash($0, domain: "identity") }
    let phone = details.mobile.map { vault.hash($0.text, domain: "phone") }
    if let known = try find(details, identity, phone, session, actor) {
      return try add(details, identity, phone, to: known, session, vault, actor)
    }
    let id = UUID.v7()
    let sealed = try seal(fields(details), id, vault)
    let added = try session.execute(
      insert, actor.districtID, id, details.kind.rawValue, details.name, details.anonymous,
      details.employer, sealed, identity, phone)
    guard added == 1 else {
      // Another transaction recorded this identity a moment ago.
      guard let known = try find(details, identity, phone, session, actor) else {
        throw PairingError.sponsorOtherName
      }
      return known.id
    }
    _ = try session.batch([
      Audit.statement(
        actor, "donor.add", subject: "donor", id: id, after: ["kind": details.kind.rawValue])
    ])
    return id
  }

  private static func find(
    _ details: SponsorDetails, _ identity: [UInt8]?, _ phone: [UInt8]?,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> Known? {
    if let identity, let row = try session.query(byIdentity, actor.districtID, identity).first {
      let known = try Known(row)
      guard known.name == details.name else { throw PairingError.sponsorOtherName }
      return known
    }
    if let phone {
      let rows = try session.query(
        byPhone, actor.districtID, phone, details.name, identity != nil)
      return try oldest(rows)
    }
    guard identity == nil, !DonorDetails.unnamed.contains(details.name) else { return nil }
    let rows = try session.query(
      byName, actor.districtID, details.kind.rawValue, details.name, details.employer)
    return try oldest(rows)
  }

  /// Ordered here: in SQL it tempts the planner to walk all donors in order of id.
  private static func oldest(_ rows: Rows) throws -> Known? {
    try rows.map { try Known($0) }.min { $0.id.uuidString < $1.id.uuidString }
  }

  private static func add(
    _ details: SponsorDetails, _ identity: [UInt8]?, _ phone: [UInt8]?, to known: Known,
    _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> UUID {
    var merged = fields(details)
    if let sealed = known.sealed {
      let place = SealedPlace("donor", known.id, "private")
      let earlier = SealedFields(bytes: try vault.open(sealed, at: place))
      for (name, value) in earlier.values { merged[name] = value }
    }
    let changed = try session.execute(
      complete, actor.districtID, known.id, details.anonymous, details.employer,
      try seal(merged, known.id, vault), identity, phone)
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

  private static func fields(_ details: SponsorDetails) -> SealedFields {
    SealedFields([
      "resident": details.residentID?.text ?? "", "credit": details.creditCode?.text ?? "",
      "phone": details.mobile?.text ?? "",
    ])
  }

  private static func seal(_ fields: SealedFields, _ id: UUID, _ vault: Vault) throws -> [UInt8]? {
    guard !fields.isEmpty else { return nil }
    return try vault.seal(fields.bytes, at: SealedPlace("donor", id, "private"))
  }
}
