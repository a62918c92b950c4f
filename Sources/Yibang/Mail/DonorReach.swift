package import Foundation
import Postgres

/// How a donor wants to be told things.
package enum DonorReach: Sendable, Hashable {
  case mail(MailAddress)
  /// On paper, to this postal address where one is given.
  case letter(address: String?)
  case nothing

  package enum Way: String, Sendable, Codable, CaseIterable {
    case mail, letter
    case nothing = "none"

    package var name: Text {
      switch self {
      case .mail: Text("邮件", "mail")
      case .letter: Text("信函", "letter")
      case .nothing: Text("不联系", "nothing")
      }
    }
  }

  package var way: Way {
    switch self {
    case .mail: .mail
    case .letter: .letter
    case .nothing: .nothing
    }
  }

  var address: String? {
    switch self {
    case .mail(let address): address.text
    case .letter(let address): address.map(normalizeText).flatMap { $0.isEmpty ? nil : $0 }
    case .nothing: nil
    }
  }

  private static let reach: SQL = "select donor_reach($1, $2, $3, $4, $5)"
  private static let known: SQL = "select true from donor where district_id = $1 and id = $2"

  /// Records the wish. What waits for the donor goes that way from now on; after `nothing` nothing does.
  /// - Throws: `MailError.unknownDonor`, `AccessError`, `VaultError`.
  package static func set(
    _ reach: DonorReach, language: Language, of donor: UUID, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.manageDonors)
    let sealed = try reach.sealed(for: donor, context.platform.vault)
    try await context.write { session in
      guard try !session.query(known, actor.districtID, donor).isEmpty else {
        throw MailError.unknownDonor(donor)
      }
      try store(reach, sealed: sealed, language: language, of: donor, session, actor)
    }
  }

  /// The address as it is kept.
  func sealed(for donor: UUID, _ vault: Vault) throws -> [UInt8]? {
    try address.map { try vault.seal(Array($0.utf8), at: Self.place(donor)) }
  }

  /// Records the wish of a donor on record, in the caller's transaction.
  static func store(
    _ reach: DonorReach, sealed: [UInt8]?, language: Language, of donor: UUID,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.batch([
      Bound(Self.reach, donor, reach.way.rawValue, language.rawValue, sealed, actor.userID),
      Audit.statement(
        actor, "donor.reach", subject: "donor", id: donor,
        after: ["way": reach.way.rawValue, "language": language.rawValue]),
    ])
  }

  static func place(_ donor: UUID) -> SealedPlace {
    SealedPlace("donor_contact", donor, "address")
  }

  private static let find: SQL = """
    select way, address_of, address_sealed, language from donor_reached($1)
    """

  /// What is on record for a donor, in the caller's transaction; nil: nothing, so by letter.
  static func find(
    _ donor: UUID, _ session: borrowing Session, _ vault: Vault
  ) throws -> DonorReach? {
    try found(donor, session, vault)?.reach
  }

  /// The same, with the language of messages.
  static func found(
    _ donor: UUID, _ session: borrowing Session, _ vault: Vault
  ) throws -> (reach: DonorReach, language: Language)? {
    guard let row = try session.query(find, donor).first else { return nil }
    let sealed: [UInt8]? = try row.optional(2)
    let address = try sealed.map {
      String(decoding: try vault.open($0, at: place(try row.get(1))), as: UTF8.self)
    }
    let language = Language(rawValue: try row.get(3)) ?? .zh
    switch Way(rawValue: try row.get(0)) {
    case .mail: return (.mail(try MailAddress(address ?? "")), language)
    case .letter: return (.letter(address: address), language)
    default: return (.nothing, language)
    }
  }

  /// How a donor is reached, as lists show it: the mail address with stars, a postal one not at all.
  /// - Throws: `MailError.unknownDonor`, `AccessError`.
  package static func shown(
    _ donor: UUID, in context: Context
  ) async throws -> (way: Way, address: String?) {
    let actor = context.actor
    try actor.require(.manageDonors)
    let vault = context.platform.vault
    return try await context.read { session in
      guard try !session.query(known, actor.districtID, donor).isEmpty else {
        throw MailError.unknownDonor(donor)
      }
      switch try find(donor, session, vault) {
      case .mail(let address): return (.mail, address.masked)
      case .letter(let address): return (.letter, address.map { _ in "***" })
      case .nothing: return (.nothing, nil)
      case nil: return (.letter, nil)
      }
    }
  }
}
