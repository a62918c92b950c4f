package import Foundation
import Postgres

extension Donors {
  private static let decide: SQL = "select donor_decide($1, $2, $3, $4::text, $5)"
  private static let find: SQL = """
    select coalesce(merged_into, id), anonymous, name, school_id from donor
    where district_id = $1 and id = $2
    """

  /// Whether the donor is named from now on: unnamed, no list, export or page names it, in whatever
  /// record it stands (慈善法 82). It holds for all records of the donor.
  /// - Parameters:
  ///   - anonymous: false needs the donor's recorded consent.
  ///   - consent: where the signed paper or message is kept.
  /// - Returns: the donor, and whether anything changed.
  /// - Throws: `DonorError.unknownDonor`, `.noConsent`, `.noOneDonor` for the unnamed givers that a
  ///   sheet calls 匿名, `.reasonIdentifies`; `AccessError`, `IdempotencyError`.
  package static func setAnonymous(
    _ donor: UUID, _ anonymous: Bool, consent: String?, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, changed: Bool) {
    let actor = context.actor
    try actor.require(.manageDonors)
    let consent = consent.map(normalizeText).flatMap { $0.isEmpty ? nil : $0 }
    guard anonymous || consent != nil else { throw DonorError.noConsent }
    if let trace = consent.flatMap({ IdentityTrace.first(in: $0) }) {
      throw DonorError.reasonIdentifies(trace)
    }
    let claim = IdempotencyKey(
      key, operation: "donor.anonymous", request: [donor.uuidString, "\(anonymous)", consent])
    return try await context.write { session in
      if let earlier = try claim?.claim(session, district: actor.districtID, result: donor) {
        return (earlier, false)
      }
      guard let row = try session.query(find, actor.districtID, donor).first else {
        throw DonorError.unknownDonor(donor)
      }
      guard try !DonorDetails.unnamed.contains(row.get(2)) else { throw DonorError.noOneDonor }
      let before: Bool = try row.get(1)
      try decide(donor, anonymous: anonymous, consent: consent, session, actor, before: before)
      return (try row.get(0), before != anonymous)
    }
  }

  /// Records what the donor wishes, in the caller's transaction.
  static func decide(
    _ donor: UUID, anonymous: Bool, consent: String?, _ session: borrowing Session, _ actor: Actor,
    before: Bool = false
  ) throws {
    _ = try session.batch([
      Bound(decide, UUID.v7(), donor, anonymous, consent, actor.userID),
      Audit.statement(
        actor, "donor.anonymous", subject: "donor", id: donor,
        before: ["anonymous": "\(before)"],
        after: ["anonymous": "\(anonymous)", "consent": consent.map { _ in "on record" }]),
    ])
  }
}
