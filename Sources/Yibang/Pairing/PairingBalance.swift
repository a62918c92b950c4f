package import Foundation
import Postgres
package import SchoolCalendar

extension Pairings {
  /// Where a sponsor's unspent money goes.
  package enum BalanceUse: String, Sendable, CaseIterable, Codable {
    /// Back to the sponsor: without consent to anything else.
    case returned
    /// Given to the general fund (爱心基金) of the pupil's school.
    case general
    /// To another pupil of the sponsor's.
    case pupil

    package var name: Text {
      switch self {
      case .returned: Text("退还资助人", "returned to the sponsor")
      case .general: Text("转入爱心基金", "given to the general fund")
      case .pupil: Text("转给另一名学生", "to another pupil")
      }
    }
  }

  package struct BalanceDecision: Sendable {
    package let use: BalanceUse
    /// Of the sponsor's consent, for another use than returning it.
    package let consentOn: CalendarDate?
    package let consent: String?
    /// The other pairing.
    package let target: UUID?

    package init(
      _ use: BalanceUse, consentOn: CalendarDate? = nil, consent: String? = nil,
      target: UUID? = nil
    ) {
      self.use = use
      self.consentOn = consentOn
      self.consent = consent
      self.target = target
    }

    var digestParts: [String?] {
      [use.rawValue, consentOn.map { "\($0)" }, consent, target?.uuidString]
    }

    func checked(on day: CalendarDate) throws(LifecycleError) {
      guard use != .returned else { return }
      guard let consentOn, consentOn <= day, let consent, !normalizeText(consent).isEmpty else {
        throw .consentMissing
      }
    }
  }

  /// A receipt, and what of it is not spent.
  struct Unspent {
    let receipt: UUID
    let instalment: UUID
    let transfer: UUID
    let source: UUID
    let balance: UUID
    let method: String
    let payer: UUID?
    let amount: Money
  }

  private static let unspent: SQL = """
    select receipt_id, instalment_id, transfer_id, debit_account, credit_account, method, payer_id,
      unspent_fen
    from pairing_unspent($1, $2::int)
    """

  /// - Parameter semester: what the child is still to have for semesters up to it stays with the child.
  static func unspent(
    _ pairing: UUID, upTo semester: Semester?, _ session: borrowing Session
  ) throws -> [Unspent] {
    try session.query(unspent, pairing, semester?.ordinal).map { row in
      Unspent(
        receipt: try row.get(0), instalment: try row.get(1), transfer: try row.get(2),
        source: try row.get(3), balance: try row.get(4), method: try row.get(5),
        payer: try row.optional(6), amount: Money(fen: try row.get(7)))
    }
  }

  // $1 district, $2 instalment, $3 amount, $4 reason, $5 day
  private static let takeBack: SQL = """
    update instalment
    set received_fen = received_fen - $3, excused_fen = excused_fen + $3,
      excused_reason = coalesce(excused_reason, $4), excused_on = coalesce(excused_on, $5)
    where district_id = $1 and id = $2
    """
  // $1 district, $2 id, $3 school, $4 pairing, $5 receipt, $6 amount, $7 use, $8 day, $9 consent on,
  // $10 document, $11 and $12 transfers, $13 new receipt, $14 actor
  private static let insert: SQL = """
    insert into pairing_balance (
      district_id, id, school_id, pairing_id, receipt_id, amount_fen, use, decided_on, consent_on,
      consent_document, out_transfer, in_transfer, new_receipt_id, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    """
  private static let donor: SQL = """
    select p.donor_id, d.kind, p.school_id from pairing p
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where p.district_id = $1 and p.id = $2
    """

  /// Moves unspent money of a pairing that has just ended, in the caller's transaction.
  static func settle(
    _ unspent: [Unspent], of pairing: UUID, _ school: UUID, _ decision: BalanceDecision,
    on day: CalendarDate, _ semester: Semester, reason: String, _ session: borrowing Session,
    _ actor: Actor
  ) throws {
    try decision.checked(on: day)
    guard let row = try session.query(donor, actor.districtID, pairing).first else {
      throw LifecycleError.unknownPairing
    }
    let sponsor: UUID = try row.get(0)
    var target =
      try decision.use == .pupil
      ? Instalments.open(of: decision.target, sponsor: sponsor, session, actor) : []
    try Instalments.lock(
      target, moneyOf: [pairing] + target.prefix(1).map(\.pairing),
      surplusAt: decision.use == .general ? school : nil, session, actor)
    for item in unspent {
      let out = Ledger.Movement(
        from: item.balance, to: item.source, amount: item.amount, date: day, source: item.receipt)
      try Ledger.post(
        session, [out], kind: decision.use == .returned ? .refund : .reversal, semester: semester,
        reverses: item.transfer, note: reason, actor: actor)
      _ = try session.batch([
        Bound(takeBack, actor.districtID, item.instalment, item.amount.fen, reason, day)
      ])
      func note(_ amount: Money, in transfer: UUID?, receipt: UUID?) -> Bound {
        Bound(
          insert, actor.districtID, UUID.v7(), school, pairing, item.receipt, amount.fen,
          decision.use.rawValue, day, decision.consentOn,
          decision.consent.map { normalizeText($0) }, out.transfer, transfer, receipt, actor.userID)
      }
      switch decision.use {
      case .returned: _ = try session.batch([note(item.amount, in: nil, receipt: nil)])
      case .general:
        let gift = try Giving.give(
          from: item.payer ?? sponsor, amount: item.amount, on: day, semester, school: school,
          method: item.method, note: decision.consent, session, actor)
        _ = try session.batch([note(item.amount, in: gift.transfer, receipt: nil)])
      case .pupil:
        let (parts, rest) = try Instalments.spread(item.amount, upTo: &target)
        guard rest == .zero else { throw LifecycleError.noTarget }
        for part in parts {
          let booked = try Instalments.book(
            part.amount, to: part.item, on: day, semester, method: item.method, payer: item.payer,
            session, actor)
          _ = try session.batch([
            note(part.amount, in: booked.transfer, receipt: booked.receipt)
          ])
        }
      }
    }
  }
}
