package import Foundation
import Postgres
package import SchoolCalendar

extension Offers {
  // The sponsor under the record into which it was merged, if it was.
  private static let renewed: SQL = """
    select p.student_id, case when d.merged_into is null then d.id else d.merged_into end,
      p.state = 'running', k.last_semester, k.total_fen / 6,
      p.end_reason
    from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where p.district_id = $1 and p.id = $2
    """

  /// Records that a sponsor goes on with its pupil: an offer of one place that names the pupil, and the
  /// pair is pinned, so that it comes before everybody else's (previous sponsors have priority).
  /// - Parameters:
  ///   - amount: for each semester; nil: as before.
  ///   - first: nil: the semester after the pairing's last.
  /// - Throws: `OfferError`, `PairingError.offerAmount`, `ChoiceError`, `AccessError`,
  ///   `IdempotencyError`.
  package static func renew(
    _ pairing: UUID, amount: Money? = nil, first: Semester? = nil, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.recordOffers)
    let claim = IdempotencyKey(
      key, operation: "offer.renew",
      request: [pairing.uuidString, amount.map { "\($0.fen)" }, first.map { "\($0)" }])
    do {
      return try await context.write { session in
        let id = UUID.v7()
        if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
          return earlier
        }
        try Proposals.serialise(session, actor)
        guard let row = try session.query(renewed, actor.districtID, pairing).first else {
          throw OfferError.unknownPairing(pairing)
        }
        if try row.optional(5) == PairingEndReason.conflictOfInterest {
          throw OfferError.endedForConflict(pairing)
        }
        let next = try row.semester(3).successor
        let first = first ?? next
        if try row.get(2), first < next {
          throw OfferError.renewalTooEarly(pairing, from: next)
        }
        let amount = try amount ?? Money(fen: row.get(4))
        try check(amount: amount)
        let student: UUID = try row.get(0)
        let draft = OfferDraft(
          id: id, donor: try row.get(1), firstSemester: first, amount: amount, student: student,
          renews: pairing)
        try draft.store(session, actor)
        try draft.requireNoObstacle(session, actor)
        try MatchChoices.pinRenewal(student: student, offer: id, session, actor)
        return id
      }
    } catch PostgresError.unique(let detail) where detail.constraint == "offer_one_renewal" {
      throw OfferError.renewedBefore(pairing)
    }
  }
}
