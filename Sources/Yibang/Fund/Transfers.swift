package import Foundation
import Postgres
package import SchoolCalendar

/// One movement of a fund, as it is listed: what a number can be opened down to.
package struct Transfer: Sendable, Codable {
  package let id: UUID
  package let kind: Ledger.Kind
  package let occurredOn: CalendarDate
  package let semester: Semester
  /// Into the fund, or out of it where negative.
  package let amount: Money
  package let purpose: String?
  /// The donation, receipt, payment line or change that it stands for.
  package let source: UUID
  /// The transfer that it takes back, in part or whole.
  package let reverses: UUID?

  enum CodingKeys: String, CodingKey {
    case id, kind
    case occurredOn = "occurred_on"
    case semester, amount, purpose, source, reverses
  }
}

extension Funds {
  // A fund's transfers all touch its balance, from one side or the other; each side is an index in
  // order of id, of which only a page is read.
  private static let transfers: SQL = """
    with balance as materialized (
      select id from account where district_id = $1 and fund_id = $2 and kind = 'balance'
    ), page as (
      (
        select t.*, t.amount_fen as change from transfer t
        where t.district_id = $1 and t.credit_account = (select id from balance)
          and t.semester = $3
          and t.id < coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by t.id desc
        limit $5
      )
      union all
      (
        select t.*, -t.amount_fen from transfer t
        where t.district_id = $1 and t.debit_account = (select id from balance)
          and t.semester = $3
          and t.id < coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by t.id desc
        limit $5
      )
    )
    select p.id, p.kind, p.occurred_on, p.change, p.purpose, p.source_id, p.reverses
    from page p
    order by p.id desc
    limit $5
    """

  /// The transfers of a fund in a semester, newest first.
  /// - Parameters:
  ///   - after: the last transfer of the page before.
  ///   - limit: rows of a page.
  package static func transfers(
    fund: UUID, _ semester: Semester, after: UUID? = nil, limit: Int = 100, in context: Context
  ) async throws -> [Transfer] {
    try context.actor.require(.read)
    return try await context.read { session in
      let rows = try session.query(
        transfers, context.actor.districtID, fund, semester.ordinal, after, limit)
      return try rows.map { row in
        guard let kind = Ledger.Kind(rawValue: try row.get(1)) else {
          throw PostgresError.decoding("transfer.kind")
        }
        return Transfer(
          id: try row.get(0), kind: kind, occurredOn: try row.get(2), semester: semester,
          amount: Money(fen: try row.get(3)), purpose: try row.optional(4),
          source: try row.get(5), reverses: try row.optional(6))
      }
    }
  }

  /// Books public money that a fund is given, as boarding and nutrition funds are.
  /// - Parameter document: the paper that grants it.
  /// - Returns: the transfer.
  package static func allocate(
    fund: UUID, amount: Money, on date: CalendarDate, semester: Semester, document: String,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.manageFunds)
    let claim = IdempotencyKey(
      key, operation: "fund.allocate",
      request: [fund.uuidString, "\(amount.fen)", "\(date)", "\(semester)", document])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      let movement = Ledger.Movement(
        transfer: id, from: try Ledger.account(session, fund: fund, .treasury),
        to: try Ledger.account(session, fund: fund, .balance), amount: amount, date: date,
        source: id)
      try Ledger.post(
        session, [movement], kind: .allocation, semester: semester, note: document, actor: actor)
      _ = try session.batch([
        Audit.statement(
          actor, "fund.allocate", subject: "fund", id: fund, after: ["amount_fen": "\(amount.fen)"])
      ])
      return id
    }
  }
}
