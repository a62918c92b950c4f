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

  var numbers: DonorNumbers {
    DonorNumbers(residentID: residentID, creditCode: creditCode, mobile: mobile)
  }

  var identity: String? { numbers.identity }

  var donor: IdentifiedDonor {
    IdentifiedDonor(
      DonorDetails(kind: kind, name: name, anonymous: anonymous), numbers, employer: employer)
  }
}

/// The donors who are sponsors.
package enum Sponsors {
  // $1 district, $2 kind, $3 name, $4 employer
  private static let byName: SQL = """
    select id, name, anonymous, identity_hash, phone_hash, private_sealed from donor
    where district_id = $1 and school_id is null and kind = $2 and name = $3
      and employer is not distinct from $4 and identity_hash is null and phone_hash is null
    for no key update
    """

  /// The donor that these details mean, or a new one; in the caller's transaction.
  ///
  /// Found by identity number; else by phone and name; else, where neither is known, by kind, name
  /// and employer. What was not known before is added; nothing known is replaced.
  /// - Throws: `PairingError.sponsorOtherName` if the identity number belongs to another name.
  static func donor(
    _ details: SponsorDetails, _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> UUID {
    do {
      if let known = try find(details, session, vault, actor) {
        return try Donors.complete(known, with: details.donor, session, vault, actor)
      }
      return try Donors.insert(details.donor, school: nil, session, vault, actor).id
    } catch DonorError.otherName {
      throw PairingError.sponsorOtherName
    }
  }

  private static func find(
    _ details: SponsorDetails, _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> Donors.Known? {
    guard details.numbers.identity == nil, details.mobile == nil else {
      return try Donors.known(details.donor, school: nil, session, vault, actor)
    }
    guard !DonorDetails.unnamed.contains(details.name) else { return nil }
    let rows = try session.query(
      byName, actor.districtID, details.kind.rawValue, details.name, details.employer)
    return try Donors.oldest(rows)
  }
}
