package import Foundation
package import Postgres
package import SchoolCalendar

/// Sponsors' offers: an amount a semester for three years, for one or more pupils.
package enum Offers {
  package struct NewOffer: Sendable, Hashable {
    package var sponsor: SponsorDetails
    /// The first semester that the sponsor is ready to support.
    package var firstSemester: Semester
    /// For each pupil and semester.
    package var amount: Money
    /// How many pupils: 1 to 1000.
    package var places: Int
    package var wish: Wish
    /// The pupil whom the sponsor would like to support.
    package var named: StudentCode?
    package var note: String?
    /// Digest of the sheet's line, so that it is recorded once.
    package var lineHash: [UInt8]?
    package var importID: UUID?

    package init(
      sponsor: SponsorDetails, firstSemester: Semester, amount: Money, places: Int = 1,
      wish: Wish = Wish(), named: StudentCode? = nil, note: String? = nil,
      lineHash: [UInt8]? = nil, importID: UUID? = nil
    ) {
      self.sponsor = sponsor
      self.firstSemester = firstSemester
      self.amount = amount
      self.places = places
      self.wish = wish
      self.wish.normalise()
      self.named = named
      self.note = note
      self.lineHash = lineHash
      self.importID = importID
    }

    var requestParts: [String?] {
      [
        sponsor.kind.rawValue, sponsor.name, "\(sponsor.anonymous)", sponsor.identity,
        sponsor.mobile?.text, sponsor.employer, "\(firstSemester)", "\(amount.fen)", "\(places)",
        wish.school?.uuidString, wish.grade, wish.gender?.rawValue, note,
      ] + furtherParts
    }

    /// What else it asks for; nothing for an offer of plain wishes.
    var furtherParts: [String] {
      var parts: [String] = []
      if let region = wish.region { parts.append("region \(region)") }
      parts += wish.otherSchools.map(\.uuidString).sorted()
      for item in Wish.Item.allCases where wish.hard.contains(item) {
        parts.append("only \(item.rawValue)")
      }
      for item in Wish.Item.allCases {
        if let weight = wish.weights[item] { parts.append("\(item.rawValue) \(weight)") }
      }
      if let named { parts.append("named \(named.text)") }
      return parts
    }
  }

  private static let byLine: SQL = """
    select id from offer where district_id = $1 and line_hash = $2
    """
  private static let schools: SQL = """
    select from school where district_id = $1 and id = any ($2)
    """

  /// Records an offer, its places and, where needed, its sponsor.
  /// - Parameter key: makes a repetition safe.
  /// - Throws: `PairingError.offerName`, `.offerAmount`, `.offerPlaces`, `.unknownWishSchool`,
  ///   `.sponsorOtherName`; `OfferError`, `StudentError`, `AccessError`, `IdempotencyError`.
  package static func record(
    _ offer: NewOffer, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let claim = IdempotencyKey(key, operation: "offer.record", request: offer.requestParts)
    return try await context.write { session in
      let id = UUID.v7()
      let district = context.actor.districtID
      if let earlier = try claim?.claim(session, district: district, result: id) { return earlier }
      return try record(offer, id: id, session, context.platform.vault, context.actor).id
    }
  }

  /// Records an offer in the caller's transaction.
  ///
  /// Where it throws nothing is written, so the caller may go on with other offers.
  /// - Returns: the offer, and false if a line with this hash was recorded before (nothing changes).
  package static func record(
    _ offer: NewOffer, id: UUID = UUID.v7(), _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> (id: UUID, added: Bool) {
    try actor.require(.recordOffers)
    guard !offer.sponsor.name.isEmpty else { throw PairingError.offerName }
    try check(amount: offer.amount)
    guard (1...1000).contains(offer.places) else { throw PairingError.offerPlaces(offer.places) }
    try check(offer.wish)
    let district = actor.districtID
    if let hash = offer.lineHash, let row = try session.query(byLine, district, hash).first {
      return (try row.get(0), false)
    }
    if let school = offer.wish.school {
      let wished = Array(offer.wish.otherSchools.union([school]))
      guard try session.query(schools, district, wished).count == wished.count else {
        throw PairingError.unknownWishSchool
      }
    }
    guard let code = offer.named else {
      let donor = try Sponsors.donor(offer.sponsor, session, vault, actor)
      try OfferDraft(id: id, donor: donor, offer).store(session, actor)
      return (id, true)
    }
    let student = try Students.find(code, session, vault)
    try session.savepoint { session in
      let donor = try Sponsors.donor(offer.sponsor, session, vault, actor)
      let draft = OfferDraft(id: id, donor: donor, offer, student: student)
      try draft.store(session, actor)
      try draft.requireNoObstacle(session, actor)
    }
    return (id, true)
  }

  static func check(amount: Money) throws(PairingError) {
    guard amount.fen > 0, (try? amount * Int64(InstalmentPlan.semesters)) != nil else {
      throw .offerAmount
    }
  }

  private static func check(_ wish: Wish) throws {
    if let region = wish.region { _ = try RegionCode(region) }
    for weight in wish.weights.values where !Wish.weights.contains(weight) {
      throw OfferError.weight(weight)
    }
    let known: [Wish.Item: Bool] = [
      .region: wish.region != nil, .school: wish.school != nil, .grade: wish.grade != nil,
      .gender: wish.gender != nil,
    ]
    for item in Wish.Item.allCases where wish.hard.contains(item) && known[item] != true {
      throw OfferError.limitWithoutWish(item)
    }
    for item in Wish.Item.allCases where wish.weights[item] != nil && known[item] != true {
      throw OfferError.weightWithoutWish(item)
    }
  }

  // Proposals before offers: the order in which accepting locks them.
  private static let lockProposals: SQL = """
    select from proposal p
    where p.district_id = $1 and p.state in ('proposed', 'approved')
      and exists (
        select from proposal_pair r
        where r.district_id = p.district_id and r.proposal_id = p.id and r.offer_id = $2
          and r.state = 'proposed'
      )
    order by p.id
    for update
    """
  private static let lock: SQL = """
    select state from offer where district_id = $1 and id = $2 for update
    """
  private static let setWithdrawn: SQL = """
    update offer set state = 'withdrawn' where district_id = $1 and id = $2
    """
  private static let lapsePairs: SQL = """
    update proposal_pair set state = 'lapsed'
    where district_id = $1 and offer_id = $2 and state = 'proposed'
    returning proposal_id
    """

  /// Takes an offer back. Its pairs in live proposals lapse; running pairings go on.
  /// - Returns: how many proposed pairs lapsed; nil if the offer was withdrawn before.
  /// - Throws: `PairingError.unknownOffer`.
  package static func withdraw(_ id: UUID, in context: Context) async throws -> Int? {
    let actor = context.actor
    try actor.require(.recordOffers)
    return try await context.write { session in
      try Proposals.serialise(session, actor)
      _ = try session.query(lockProposals, actor.districtID, id)
      guard let row = try session.query(lock, actor.districtID, id).first else {
        throw PairingError.unknownOffer(id)
      }
      guard try row.get(0) == "open" else { return nil }
      let lapsed = try session.query(lapsePairs, actor.districtID, id)
      for proposal in Set(try lapsed.map { try $0.get(0) as UUID }) {
        try Proposals.settle(proposal, session, actor)
      }
      _ = try session.batch([
        Bound(setWithdrawn, actor.districtID, id), MatchChoices.withdrawn(offer: id, actor),
        Audit.statement(
          actor, "offer.withdraw", subject: "offer", id: id, before: ["state": "open"],
          after: ["state": "withdrawn", "lapsed_pairs": "\(lapsed.count)"]),
      ])
      return lapsed.count
    }
  }
}
