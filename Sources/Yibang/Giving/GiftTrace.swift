package import Foundation
import Postgres
package import SchoolCalendar

/// Where a gift went: money is spent in the order in which it came into a fund, first in, first out.
/// Names no pupil.
package struct GiftTrace: Sendable, Codable {
  package struct Use: Sendable, Codable {
    package let fund: String
    package let purpose: Text
    package let semester: Semester
    package let amount: Money
    /// The payments that it was a part of.
    package let transfers: [UUID]
  }

  package let donation: UUID
  package let amount: Money
  /// What was taken back of it.
  package let reversed: Money
  package let uses: [Use]
  /// What is still in the funds.
  package let unspent: Money
}

extension Giving {
  // A payment's net amounts laid end to end, in order, against the incomes' laid end to end: the gift
  // lies from `start` on. Costs as much as the fund has transfers up to the gift, and payments.
  private static let uses: SQL = """
    with leg as materialized (
      select id, fund_id, credit_account, $3::int8 as left_fen from transfer
      where district_id = $1 and id = $2
    ), place as materialized (
      select coalesce(sum(t.amount_fen - coalesce(r.reversed_fen + r.moved_fen, 0)), 0) as start
      from transfer t
      left join transfer_reversed r on r.district_id = t.district_id and r.transfer_id = t.id
      where t.district_id = $1 and t.credit_account = (select credit_account from leg)
        and t.kind in ('donation', 'instalment', 'allocation', 'change_of_use')
        and t.id < (select id from leg)
    ), spent as (
      select t.id, t.purpose, t.semester, t.amount_fen - coalesce(r.reversed_fen, 0) as net,
        sum(t.amount_fen - coalesce(r.reversed_fen, 0)) over (order by t.id) as upto
      from transfer t
      left join transfer_reversed r on r.district_id = t.district_id and r.transfer_id = t.id
      where t.district_id = $1 and t.debit_account = (select credit_account from leg)
        and t.kind = 'payment'
    )
    select f.name, p.name_zh, p.name_en, s.semester,
      sum(least(s.upto, o.start + l.left_fen) - greatest(s.upto - s.net, o.start))::int8,
      array_agg(s.id order by s.id)
    from spent s
    cross join place o
    cross join leg l
    join fund f on f.district_id = $1 and f.id = l.fund_id
    join purpose p on p.district_id = $1 and p.code = s.purpose
    where s.net > 0 and s.upto > o.start and s.upto - s.net < o.start + l.left_fen
    group by f.name, p.code, p.name_zh, p.name_en, s.semester
    order by s.semester, p.code
    """

  /// Follows a gift to what it was spent on, in whatever funds it stood.
  /// - Throws: `GivingError.unknownDonation`.
  package static func trace(_ donation: UUID, in context: Context) async throws -> GiftTrace {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let legs = try legs(of: donation, session, actor)
      var uses: [GiftTrace.Use] = []
      for leg in legs.reversed() where try leg.left > .zero {
        let rows = try session.query(self.uses, actor.districtID, leg.transfer, try leg.left.fen)
        uses += try rows.map { row in
          GiftTrace.Use(
            fund: try row.get(0), purpose: Text(try row.get(1), try row.get(2)),
            semester: try row.semester(3), amount: Money(fen: try row.get(4)),
            transfers: try row.get(5))
        }
      }
      let amount = legs.last?.amount ?? .zero
      let reversed = try legs.map(\.reversed).total()
      let spent = try uses.map(\.amount).total()
      return GiftTrace(
        donation: donation, amount: amount, reversed: reversed, uses: uses,
        unspent: try amount - reversed - spent)
    }
  }
}
