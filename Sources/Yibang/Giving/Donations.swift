package import Foundation
import Postgres
package import SchoolCalendar

extension Giving {
  /// A donation as it is listed. An anonymous donor has no name here, nor a class.
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
    /// What is left of it.
    package let net: Money
    /// Nothing is left of it.
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
      case handler, note, net, reversed, reconciled, campaign
      case voucherNumber = "voucher_number"
    }
  }

  /// Whether a gift was found on a bank statement: received (到账) is not reconciled (已对账).
  package enum Reconciled: String, CaseIterable, Sendable, Codable {
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

  // The names of designated funds are read once a fund. An unnamed donor is not told by class, or by
  // what people wrote.
  private static let list: SQL = """
    with shown_fund as materialized (
      select id, fund_shown(id, kind, name) as name from fund where district_id = $1
    )
    select g.id, s.name, g.semester, g.received_on,
      donor_shown(d.anonymous, d.name, d.merged_into), d.kind,
      case when not d.anonymous then g.class_name end, g.amount_fen,
      g.method, f.name, g.receipt_number, donor_text(g.handler, d.anonymous, d.id),
      donor_text(g.note, d.anonymous, d.id),
      (g.amount_fen - coalesce(r.reversed_fen, 0) - coalesce(
        (
          select sum(m.reversed_fen) from change_of_use u
          join transfer_reversed m
            on m.district_id = u.district_id and m.transfer_id = u.in_transfer
          where u.district_id = g.district_id and u.donation_id = g.id
        ), 0
      ))::int8,
      case x.kind when 'match' then 'yes' when 'explanation' then 'explained'
        else case g.method when 'cash' then 'cash' else 'no' end end,
      c.name, c.voucher_number
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    join shown_fund f on f.id = g.fund_id
    left join school s on s.district_id = g.district_id and s.id = g.school_id
    left join transfer_reversed r
      on r.district_id = g.district_id and r.transfer_id = g.transfer_id
    left join campaign c on c.district_id = g.district_id and c.id = g.campaign_id
    left join reconciliation_transfer x
      on x.district_id = g.district_id and x.transfer_id = g.transfer_id and x.state = 'standing'
    where g.district_id = $1 and ($2::uuid is null or g.school_id = $2)
      and ($3::int is null or g.semester = $3)
      and (g.semester, g.received_on, g.id) > ($5, $6, $7)
    order by g.semester, g.received_on, g.id
    limit $4
    """

  /// Donations by date, of one school or of the district.
  package static func list(
    school: UUID? = nil, semester: Semester? = nil, limit: Int = 100_000, in context: Context
  ) async throws -> [Donation] {
    try await list(
      school: school, semester: semester, after: (.beforeAll, .beforeAll, .beforeAll),
      limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, semester: Semester? = nil, in context: Context
  ) async throws -> Page<Donation> {
    let found = try await list(
      school: school, semester: semester,
      after: page.position(Int32.self, CalendarDate.self, UUID.self), limit: page.limit + 1,
      in: context)
    return Page(found, page) {
      Cursor("\($0.semester.ordinal)", "\($0.receivedOn)", $0.id.uuidString)
    }
  }

  private static func list(
    school: UUID?, semester: Semester?, after: (Int32, CalendarDate, UUID), limit: Int,
    in context: Context
  ) async throws -> [Donation] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      let rows = try session.query(
        list, context.actor.districtID, school, semester?.ordinal, limit, after.0, after.1, after.2)
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
          note: try row.optional(12), net: Money(fen: try row.get(13)),
          reversed: try row.get(13) as Int64 == 0,
          reconciled: Reconciled(rawValue: try row.get(14)) ?? .no, campaign: try row.optional(15),
          voucherNumber: try row.optional(16))
      }
    }
  }
}
