package import Foundation
import Postgres
package import SchoolCalendar

extension Giving {
  /// A donation as it is listed. An anonymous donor has no name here.
  package struct Donation: Sendable, Codable {
    package let id: UUID
    package let school: String?
    package let semester: Semester
    package let receivedOn: CalendarDate
    package let donor: String
    package let donorKind: DonorKind
    package let className: String?
    package let amount: Money
    package let method: Method
    package let fund: String
    package let receiptNumber: String?
    package let handler: String?
    package let note: String?
    package let reversed: Bool
    package let reconciled: Reconciled
    package let campaign: String?
    /// The campaign's, which all its lines share.
    package let voucherNumber: String?

    enum CodingKeys: String, CodingKey {
      case id, school, semester
      case receivedOn = "received_on"
      case donor
      case donorKind = "donor_kind"
      case className = "class"
      case amount, method, fund
      case receiptNumber = "receipt_number"
      case handler, note, reversed, reconciled, campaign
      case voucherNumber = "voucher_number"
    }
  }

  /// Whether a gift was found on a bank statement: received (到账) is not reconciled (已对账).
  package enum Reconciled: String, Sendable, Codable {
    case yes, no, explained
    /// The bank does not see it.
    case cash

    package var name: Text {
      switch self {
      case .yes: Text("是", "yes")
      case .no: Text("否", "no")
      case .explained: Text("已说明", "explained")
      case .cash: Text("—", "—")
      }
    }
  }

  private static let list: SQL = """
    select g.id, s.name, g.semester, g.received_on,
      case when d.anonymous then '匿名' else d.name end, d.kind, g.class_name, g.amount_fen,
      g.method, f.name, g.receipt_number, g.handler, g.note,
      exists (
        select from transfer r where r.district_id = g.district_id and r.reverses = g.transfer_id
      ),
      case x.kind when 'match' then 'yes' when 'explanation' then 'explained'
        else case g.method when 'cash' then 'cash' else 'no' end end,
      c.name, c.voucher_number
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    join fund f on f.district_id = g.district_id and f.id = g.fund_id
    left join school s on s.district_id = g.district_id and s.id = g.school_id
    left join campaign c on c.district_id = g.district_id and c.id = g.campaign_id
    left join reconciliation_transfer x
      on x.district_id = g.district_id and x.transfer_id = g.transfer_id and x.state = 'standing'
    where g.district_id = $1 and ($2::uuid is null or g.school_id = $2)
      and ($3::int is null or g.semester = $3)
    order by g.semester, g.received_on, g.id
    limit $4
    """

  /// Donations by date, of one school or of the district.
  package static func list(
    school: UUID? = nil, semester: Semester? = nil, limit: Int = 100_000, in context: Context
  ) async throws -> [Donation] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      let rows = try session.query(
        list, context.actor.districtID, school, semester?.ordinal, limit)
      return try rows.map { row in
        guard let semester = Semester(ordinal: try row.get(2)) else {
          throw PostgresError.decoding("semester")
        }
        return Donation(
          id: try row.get(0), school: try row.optional(1), semester: semester,
          receivedOn: try row.get(3), donor: try row.get(4),
          donorKind: DonorKind(rawValue: try row.get(5)) ?? .individual,
          className: try row.optional(6), amount: Money(fen: try row.get(7)),
          method: Method(rawValue: try row.get(8)) ?? .unknown, fund: try row.get(9),
          receiptNumber: try row.optional(10), handler: try row.optional(11),
          note: try row.optional(12), reversed: try row.get(13),
          reconciled: Reconciled(rawValue: try row.get(14)) ?? .no, campaign: try row.optional(15),
          voucherNumber: try row.optional(16))
      }
    }
  }

  private static let find: SQL = """
    select t.id, t.debit_account, t.credit_account, t.amount_fen, g.school_id
    from donation g
    join transfer t on t.district_id = g.district_id and t.id = g.transfer_id
    where g.district_id = $1 and g.id = $2
    """

  /// Takes a donation back by a counter-transfer; the donation itself stays, shown as reversed.
  /// - Parameters:
  ///   - date: the day of the reversal, in an open semester.
  ///   - reason: kept with the transfer.
  /// - Returns: the reversing transfer.
  /// - Throws: `GivingError.unknownDonation`, `FundError.reversedBefore`,
  ///   `FundError.insufficient` if the money was spent.
  package static func reverse(
    _ donation: UUID, on date: CalendarDate, semester: Semester, reason: String,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.recordDonations)
    let claim = IdempotencyKey(
      key, operation: "donation.reverse",
      request: [donation.uuidString, "\(date)", "\(semester)", reason])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      guard let row = try session.query(find, actor.districtID, donation).first else {
        throw GivingError.unknownDonation(donation)
      }
      let original: UUID = try row.get(0)
      let school: UUID? = try row.optional(4)
      let amount = Money(fen: try row.get(3))
      let movement = Ledger.Movement(
        transfer: id, from: try row.get(2), to: try row.get(1), amount: amount, date: date,
        source: donation)
      try Ledger.post(
        session, [movement], kind: .reversal, semester: semester, reverses: original, note: reason,
        actor: actor)
      _ = try session.batch([
        Audit.statement(
          actor, "donation.reverse", subject: "donation", id: donation, school: school,
          before: ["amount_fen": "\(amount.fen)"], after: ["amount_fen": "0", "reason": reason])
      ])
      return id
    }
  }
}
