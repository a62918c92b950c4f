package import Foundation
import Postgres
package import SchoolCalendar

/// A gift, or a part of it, goes on in another fund: only with its donor's recorded consent
/// (慈善法 56). Boarding and nutrition money takes no part in it.
package enum ChangesOfUse {
  /// The donor's consent and the document that shows it.
  package struct Consent: Sendable {
    package let givenOn: CalendarDate
    /// Where the signed paper or message is kept: a file's name and its place in the archive.
    package let document: String

    package init(givenOn: CalendarDate, document: String) {
      self.givenOn = givenOn
      self.document = document
    }
  }

  // $1 district, $2 id, $3 donation, $4 from, $5 to, $6 amount, $7 consent's day, $8 its document,
  // $9 reason, $10 transfer out, $11 transfer in, $12 actor
  private static let insert: SQL = """
    insert into change_of_use (
      district_id, id, donation_id, from_fund, from_kind, to_fund, to_kind, amount_fen, consent_on,
      consent_document, reason, out_transfer, in_transfer, actor_id
    )
    select $1, $2, $3, $4, a.kind, $5, b.kind, $6, $7, $8, $9, $10, $11, $12
    from fund a, fund b
    where a.district_id = $1 and a.id = $4 and b.district_id = $1 and b.id = $5
    """
  private static let donorKind: SQL = """
    select d.kind from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    where g.district_id = $1 and g.id = $2
    """
  private static let fundExists: SQL = "select kind from fund where district_id = $1 and id = $2"

  /// Moves what is left of a gift, or `amount` of it, to another fund.
  /// - Returns: the change.
  /// - Throws: `FundError.restrictedFund`, `.sameFund`, `.moreThanLeft`, `.insufficient`,
  ///   `.noConsent`, `GivingError.unknownDonation`.
  package static func change(
    _ donation: UUID, to fund: UUID, amount: Money? = nil, consent: Consent, on date: CalendarDate,
    semester: Semester, reason: String, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.manageFunds)
    if let amount, amount <= .zero { throw FundError.amountNotPositive }
    guard !consent.document.isEmpty, consent.givenOn <= date else { throw FundError.noConsent }
    let claim = IdempotencyKey(
      key, operation: "fund.change_of_use",
      request: [
        donation.uuidString, fund.uuidString, amount.map { "\($0.fen)" }, consent.document,
        "\(consent.givenOn)", "\(date)", "\(semester)", reason,
      ])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      let leg = try leg(of: donation, to: fund, amount, session, actor)
      let moved = try amount ?? leg.left
      guard let kind = try session.query(donorKind, actor.districtID, donation).first,
        let donor = DonorKind(rawValue: try kind.get(0))
      else { throw GivingError.unknownDonation(donation) }
      try Ledger.lock([leg.fund, fund], session)
      let out = Ledger.Movement(
        from: leg.balance, to: leg.source, amount: moved, date: date, source: id)
      let onward = Ledger.Movement(
        from: try Ledger.account(session, fund: fund, .source(donor)),
        to: try Ledger.account(session, fund: fund, .balance), amount: moved, date: date, source: id
      )
      try Ledger.post(
        session, [out], kind: .changeOfUse, semester: semester, reverses: leg.transfer,
        note: reason, actor: actor)
      try Ledger.post(
        session, [onward], kind: .changeOfUse, semester: semester, note: reason, actor: actor)
      let statements = [
        Bound(
          insert, actor.districtID, id, donation, leg.fund, fund, moved.fen, consent.givenOn,
          consent.document, reason, out.transfer, onward.transfer, actor.userID),
        Audit.statement(
          actor, "fund.change_of_use", subject: "donation", id: donation, school: leg.school,
          before: ["fund": leg.fund.uuidString.lowercased()],
          after: [
            "fund": fund.uuidString.lowercased(), "amount_fen": "\(moved.fen)", "reason": reason,
          ]),
      ]
      do throws(PostgresError) {
        _ = try session.batch(statements)
      } catch {
        throw Ledger.refusal(error)
      }
      return id
    }
  }

  /// The part of the gift that is moved: the newest one outside the fund that has enough left.
  private static func leg(
    of donation: UUID, to fund: UUID, _ amount: Money?, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> Giving.Leg {
    guard try session.query(fundExists, actor.districtID, fund).first != nil else {
      throw FundError.unknownFund(fund.uuidString.lowercased())
    }
    let legs = try Giving.legs(of: donation, session, actor)
    let elsewhere = legs.filter { $0.fund != fund }
    guard !elsewhere.isEmpty else { throw FundError.sameFund }
    guard
      let leg = try elsewhere.first(where: { try $0.left > .zero && $0.left >= amount ?? .zero })
    else { throw FundError.moreThanLeft }
    return leg
  }
}
