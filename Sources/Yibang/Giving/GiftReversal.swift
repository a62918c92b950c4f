package import Foundation
import Postgres
package import SchoolCalendar

extension Giving {
  /// Why a gift, or a part of it, is taken back.
  package enum TakingBack: String, Sendable, CaseIterable, Codable {
    /// It was wrong: recorded twice, a wrong amount.
    case reversal
    /// The money went back to the donor.
    case refund

    var kind: Ledger.Kind { self == .reversal ? .reversal : .refund }
  }

  /// What was done to a gift, and what it is now.
  package struct Adjustment: Sendable, Codable {
    /// The transfers that did it; several where the gift stood in several funds.
    package let transfers: [UUID]
    package let amount: Money
    /// What is left of the gift.
    package let net: Money
  }

  /// A part of a gift in the fund where it stands: the gift's own transfer, or the one by which it
  /// came after a change of use.
  struct Leg {
    let transfer: UUID
    let fund: UUID
    let source: UUID
    let balance: UUID
    let amount: Money
    let reversed: Money
    let moved: Money
    let school: UUID?

    /// - Throws: `MoneyError`.
    var left: Money { get throws { try amount - reversed - moved } }
  }

  // Newest first. change_of_use has few rows for a gift, mostly none.
  private static let legs: SQL = """
    select t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
      coalesce(r.reversed_fen, 0), coalesce(r.moved_fen, 0), g.school_id
    from donation g
    join transfer t on t.district_id = g.district_id and (
      t.id = g.transfer_id
      or t.id in (
        select c.in_transfer from change_of_use c
        where c.district_id = g.district_id and c.donation_id = g.id
      )
    )
    left join transfer_reversed r on r.district_id = t.district_id and r.transfer_id = t.id
    where g.district_id = $1 and g.id = $2
    order by t.id desc
    """

  /// - Throws: `GivingError.unknownDonation`.
  static func legs(
    of donation: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> [Leg] {
    let legs = try session.query(legs, actor.districtID, donation).map { row in
      Leg(
        transfer: try row.get(0), fund: try row.get(1), source: try row.get(2),
        balance: try row.get(3), amount: Money(fen: try row.get(4)),
        reversed: Money(fen: try row.get(5)), moved: Money(fen: try row.get(6)),
        school: try row.optional(7))
    }
    if legs.isEmpty { throw GivingError.unknownDonation(donation) }
    return legs
  }

  /// Takes a gift back, or a part of it, by counter-transfers; the gift itself stays, shown as what it
  /// is. May be repeated until nothing is left.
  /// - Parameters:
  ///   - amount: nil takes back all that is left.
  ///   - date: the day of the reversal, in an open semester.
  ///   - reason: kept with the transfers.
  /// - Throws: `GivingError.unknownDonation`, `FundError.reversedBefore` if nothing is left,
  ///   `.moreThanLeft`, `.insufficient` if the money was spent or promised.
  package static func reverse(
    _ donation: UUID, amount: Money? = nil, as taking: TakingBack = .reversal,
    on date: CalendarDate, semester: Semester, reason: String, key: String? = nil,
    in context: Context
  ) async throws -> Adjustment {
    try await adjust(
      Request(
        donation: donation, amount: amount, kind: taking.kind, date: date, semester: semester,
        reason: reason),
      key: key, in: context)
  }

  /// Takes a reversal or refund back, in part or whole: the gift counts again.
  /// - Parameter amount: nil reinstates all that was taken back.
  /// - Throws: `GivingError.unknownDonation`, `FundError.moreThanLeft`.
  package static func reinstate(
    _ donation: UUID, amount: Money? = nil, on date: CalendarDate, semester: Semester,
    reason: String, key: String? = nil, in context: Context
  ) async throws -> Adjustment {
    try await adjust(
      Request(
        donation: donation, amount: amount, kind: .reinstatement, date: date, semester: semester,
        reason: reason),
      key: key, in: context)
  }

  private struct Request {
    let donation: UUID
    let amount: Money?
    let kind: Ledger.Kind
    let date: CalendarDate
    let semester: Semester
    let reason: String

    var digestParts: [String?] {
      [
        donation.uuidString, amount.map { "\($0.fen)" }, kind.rawValue, "\(date)", "\(semester)",
        reason,
      ]
    }
  }

  private static let ofSource: SQL = """
    select id, amount_fen from transfer
    where district_id = $1 and reverses = any ($2) and source_id = $3
    order by id
    """

  private static func adjust(
    _ request: Request, key: String?, in context: Context
  ) async throws -> Adjustment {
    let actor = context.actor
    try actor.require(.recordDonations)
    if let amount = request.amount, amount <= .zero { throw FundError.amountNotPositive }
    let claim = IdempotencyKey(
      key, operation: "donation.\(request.kind.rawValue)", request: request.digestParts)
    return try await context.write { session in
      // The source of its transfers, by which a repetition finds them.
      let id = UUID.v7()
      let earlier = try claim?.claim(session, district: actor.districtID, result: id)
      let legs = try legs(of: request.donation, session, actor)
      let before = try net(legs)
      if let earlier {
        let rows = try session.query(ofSource, actor.districtID, legs.map(\.transfer), earlier)
        return Adjustment(
          transfers: try rows.map { try $0.get(0) },
          amount: try rows.map { Money(fen: try $0.get(1)) }.total(), net: before)
      }
      let parts = try parts(request, legs)
      let amount = try parts.map(\.amount).total()
      var transfers: [UUID] = []
      if parts.count > 1 { try Ledger.lock(parts.map(\.0.fund), session) }
      for (leg, amount) in parts {
        let back = request.kind != .reinstatement
        let movement = Ledger.Movement(
          from: back ? leg.balance : leg.source, to: back ? leg.source : leg.balance,
          amount: amount, date: request.date, source: id)
        try Ledger.post(
          session, [movement], kind: request.kind, semester: request.semester,
          reverses: leg.transfer, note: request.reason, actor: actor)
        transfers.append(movement.transfer)
      }
      let net = try request.kind == .reinstatement ? before + amount : before - amount
      _ = try session.batch([
        Audit.statement(
          actor, "donation.\(request.kind.rawValue)", subject: "donation", id: request.donation,
          school: legs[0].school, before: ["net_fen": "\(before.fen)"],
          after: ["net_fen": "\(net.fen)", "reason": request.reason])
      ])
      return Adjustment(transfers: transfers, amount: amount, net: net)
    }
  }

  private static func net(_ legs: [Leg]) throws -> Money {
    // The first leg to have been given is the gift itself.
    guard let gift = legs.last else { return .zero }
    return try gift.amount - legs.map(\.reversed).total()
  }

  /// Which amount is taken of which leg: where the gift went last, first.
  private static func parts(
    _ request: Request, _ legs: [Leg]
  ) throws -> [(leg: Leg, amount: Money)] {
    let isReinstating = request.kind == .reinstatement
    var open = try legs.map { (leg: $0, amount: isReinstating ? $0.reversed : try $0.left) }
    if isReinstating { open.reverse() }
    let available = try open.map(\.amount).total()
    guard available > .zero else {
      throw isReinstating ? FundError.moreThanLeft : FundError.reversedBefore
    }
    var rest = request.amount ?? available
    guard rest <= available else { throw FundError.moreThanLeft }
    var parts: [(leg: Leg, amount: Money)] = []
    for (leg, amount) in open where rest > .zero && amount > .zero {
      let part = min(rest, amount)
      parts.append((leg, part))
      rest = try rest - part
    }
    return parts
  }
}
