package import Foundation
import Postgres
package import SchoolCalendar

extension Donors {
  /// Which lines of a statement.
  package struct StatementRequest: Sendable {
    package var donor: UUID
    /// Days on which the money came; nil: without end.
    package var from: CalendarDate?
    package var to: CalendarDate?
    /// The last line of the page before.
    package var after: UUID?
    package var limit: Int
    package var withTotals: Bool

    package init(
      _ donor: UUID, from: CalendarDate? = nil, to: CalendarDate? = nil, after: UUID? = nil,
      limit: Int = 100, withTotals: Bool = false
    ) {
      self.donor = donor
      self.from = from
      self.to = to
      self.after = after
      self.limit = limit
      self.withTotals = withTotals
    }
  }

  /// The donor of a statement, with the records that belong to it.
  struct Giver {
    let id: UUID
    let records: [UUID]
    let kind: DonorKind
    let name: String
    let anonymous: Bool
  }

  private static let giver: SQL = """
    select coalesce(d.merged_into, d.id), donor_records(d.id), d.kind,
      donor_shown(false, d.name, d.merged_into), d.anonymous
    from donor d
    where d.district_id = $1 and d.id = $2
    """

  static func giver(
    _ donor: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Giver {
    guard let row = try session.query(giver, actor.districtID, donor).first else {
      throw DonorError.unknownDonor(donor)
    }
    return Giver(
      id: try row.get(0), records: try row.get(1),
      kind: DonorKind(rawValue: try row.get(2)) ?? .individual, name: try row.get(3),
      anonymous: try row.get(4))
  }

  /// A page of what a donor gave, all its records together. An unnamed donor is named to who may read
  /// identities, which stays in the trail.
  /// - Throws: `DonorError.unknownDonor`, `.unknownLine`, `AccessError`.
  package static func statement(
    _ request: StatementRequest, in context: Context
  ) async throws -> DonorStatement {
    let actor = context.actor
    try actor.require(.read)
    let giver = try await context.read { try Donors.giver(request.donor, $0, actor) }
    guard giver.anonymous, actor.may(.readIdentities) else {
      return try await context.read {
        try statement(request, giver, showsName: !giver.anonymous, $0, actor)
      }
    }
    return try await context.readTraced { session in
      _ = try session.batch([
        Audit.statement(actor, "donor.statement_named", subject: "donor", id: giver.id)
      ])
      return try statement(request, giver, showsName: true, session, actor)
    }
  }

  private static let place: SQL = """
    select received_on from donation
    where district_id = $1 and id = $3 and donor_id = any ($2)
    union all
    select i.received_on from instalment_receipt i
    join instalment n on n.district_id = i.district_id and n.id = i.instalment_id
    join commitment k on k.district_id = n.district_id and k.id = n.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    where i.district_id = $1 and i.id = $3 and coalesce(i.payer_id, p.donor_id) = any ($2)
    union all
    select i.received_on from sponsor_paid_for_others($2) o
    join instalment_receipt i on i.district_id = $1 and i.id = o.receipt_id
    where i.id = $3
    """
  // Most donors give seldom, so the planner would fetch all gifts of one and sort them.
  static let inOrder: SQL = "set local enable_bitmapscan = off"
  private static let inAnyOrder: SQL = "set local enable_bitmapscan = on"
  // $1 district, $2 records, $3 from, $4 to, $5 and $6 the line before, $7 limit, $8 whether names
  // are taken out. Of each record's gifts only a page is read, in order of the index. A sponsor that looks
  // itself is told neither pupil nor school of what it paid in another's place.
  static let page: SQL = """
    with gift as (
      select p.* from unnest($2::uuid[]) as m (donor_id)
      cross join lateral (
        select g.received_on, g.id, 'gift' as kind, g.transfer_id, g.amount_fen, g.fund_id,
          g.school_id, g.method, g.designation, g.receipt_number, g.note,
          null::uuid as student_id, null::uuid as sponsor_id, null::int as for_semester
        from donation g
        where g.district_id = $1 and g.donor_id = m.donor_id
          and g.received_on between $3 and $4 and (g.received_on, g.id) < ($5, $6)
        order by g.received_on desc, g.id desc
        limit $7
      ) as p
    ), paid as (
      select i.* from pairing p
      join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
      join instalment n on n.district_id = k.district_id and n.commitment_id = k.id
      join instalment_receipt i on i.district_id = n.district_id and i.instalment_id = n.id
      where p.district_id = $1 and p.donor_id = any ($2) and i.payer_id is null
      union all
      select i.* from instalment_receipt i where i.district_id = $1 and i.payer_id = any ($2)
    ), receipt as (
      select i.received_on, i.id,
        case when p.donor_id = any ($2) then 'instalment' else 'paid_for_another' end as kind,
        i.transfer_id, i.amount_fen, t.fund_id, i.school_id, i.method, null as designation,
        null as receipt_number, null as note,
        case when p.donor_id = any ($2) then p.student_id end as student_id,
        p.donor_id as sponsor_id, n.semester as for_semester
      from paid i
      join instalment n on n.district_id = i.district_id and n.id = i.instalment_id
      join commitment k on k.district_id = n.district_id and k.id = n.commitment_id
      join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
      join transfer t on t.district_id = i.district_id and t.id = i.transfer_id
      where i.received_on between $3 and $4 and (i.received_on, i.id) < ($5, $6)
      order by i.received_on desc, i.id desc
      limit $7
    ), for_other as (
      select i.received_on, i.id, 'paid_for_another' as kind, i.transfer_id, i.amount_fen,
        t.fund_id, null::uuid as school_id, i.method, null as designation,
        null as receipt_number, null as note, null::uuid as student_id, null::uuid as sponsor_id,
        o.semester as for_semester
      from sponsor_paid_for_others($2) o
      join instalment_receipt i on i.district_id = $1 and i.id = o.receipt_id
      join transfer t on t.district_id = $1 and t.id = i.transfer_id
      where i.received_on between $3 and $4 and (i.received_on, i.id) < ($5, $6)
      order by i.received_on desc, i.id desc
      limit $7
    ), page as (
      select * from (
        select * from gift union all select * from receipt union all select * from for_other
      ) as l
      order by received_on desc, id desc
      limit $7
    )
    select l.id, l.kind, l.received_on, l.amount_fen,
      l.amount_fen - gift_reversed($1, l.id, l.transfer_id), l.transfer_id,
      case when l.kind = 'paid_for_another' and l.school_id is null then '一帮一'
        else fund_shown(f.id, f.kind, f.name) end, c.name, l.method,
      donors_text(
        donor_text(l.designation, $8, ($2::uuid[])[1]),
        case when f.kind in ('designated', 'other') then fund_hides(f.id, f.name) end
      ), l.receipt_number,
      donor_text(l.note, $8, ($2::uuid[])[1]), s.name, exists (
        select from pairing_balance m where m.district_id = $1 and m.in_transfer = l.transfer_id
      ), l.for_semester
    from page l
    join fund f on f.district_id = $1 and f.id = l.fund_id
    left join school c on c.district_id = $1 and c.id = l.school_id
    left join student s
      on s.district_id = $1 and s.id = l.student_id
      and sponsor_sees(l.student_id, l.sponsor_id, null) <> 'nothing'
    order by l.received_on desc, l.id desc
    """
  // Where a gift went on in another fund, it is taken back from there.
  private static let adjustments: SQL = """
    with leg as (
      select l.id, l.transfer_id from unnest($2::uuid[], $3::uuid[]) as l (id, transfer_id)
      union all
      select c.donation_id, c.in_transfer from change_of_use c
      where c.district_id = $1 and c.donation_id = any ($2)
    )
    select l.id, r.kind, r.occurred_on,
      case r.kind when 'reinstatement' then r.amount_fen else -r.amount_fen end, r.id, exists (
        select from pairing_balance m
        where m.district_id = $1 and m.out_transfer = r.id and m.in_transfer is not null
      )
    from leg l
    join transfer r on r.district_id = $1 and r.reverses = l.transfer_id
    where r.kind in ('reversal', 'refund', 'reinstatement')
    order by r.occurred_on, r.id
    """
  // What a pairing's end or a pupil's move brought from one line to another is no gift of its own, and
  // was not taken back. $1 district, $2 records, $3 from, $4 to
  private static let totals: SQL = """
    with gift as (
      select g.id, g.transfer_id, g.amount_fen, exists (
          select from pairing_balance m
          where m.district_id = $1 and m.in_transfer = g.transfer_id
        ) as moved
      from donation g
      where g.district_id = $1 and g.donor_id = any ($2) and g.received_on between $3 and $4
    ), of_own as (
      select i.id, i.transfer_id, i.amount_fen, i.received_on, i.payer_id
      from pairing p
      join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
      join instalment n on n.district_id = k.district_id and n.commitment_id = k.id
      join instalment_receipt i on i.district_id = n.district_id and i.instalment_id = n.id
      where p.district_id = $1 and p.donor_id = any ($2) and i.received_on between $3 and $4
    ), receipt as (
      select i.id, i.transfer_id, i.amount_fen, exists (
          select from pairing_balance m
          where m.district_id = $1 and m.in_transfer = i.transfer_id
        ) as moved
      from (
        select id, transfer_id, amount_fen from of_own where payer_id is null
        union all
        select id, transfer_id, amount_fen from instalment_receipt
        where district_id = $1 and payer_id = any ($2) and received_on between $3 and $4
      ) as i
    ), leg as (
      select transfer_id from gift
      union all
      select transfer_id from receipt
      union all
      select c.in_transfer from gift g
      join change_of_use c on c.district_id = $1 and c.donation_id = g.id
    )
    select g.count, g.given, r.count, r.received, b.back - o.gone, g.moved + r.moved - o.gone, h.paid
    from (
      select count(*) filter (where not moved),
        coalesce(sum(amount_fen) filter (where not moved), 0)::int8 as given,
        coalesce(sum(amount_fen) filter (where moved), 0)::int8 as moved
      from gift
    ) as g, (
      select count(*) filter (where not moved),
        coalesce(sum(amount_fen) filter (where not moved), 0)::int8 as received,
        coalesce(sum(amount_fen) filter (where moved), 0)::int8 as moved
      from receipt
    ) as r, (
      select coalesce(sum(x.reversed_fen), 0)::int8 as back from leg l
      join transfer_reversed x on x.district_id = $1 and x.transfer_id = l.transfer_id
    ) as b, (
      select coalesce(sum(m.amount_fen), 0)::int8 as gone from receipt i
      join pairing_balance m
        on m.district_id = $1 and m.receipt_id = i.id and m.in_transfer is not null
    ) as o, (
      select coalesce(sum(i.amount_fen - coalesce(x.reversed_fen, 0)), 0)::int8 as paid
      from of_own i
      left join transfer_reversed x on x.district_id = $1 and x.transfer_id = i.transfer_id
      where i.payer_id <> all ($2)
    ) as h
    """

  private static let firstDay = CalendarDate(year: 1900, month: 1, day: 1)
  private static let lastDay = CalendarDate(year: 2199, month: 12, day: 31)
  private static let lastID = UUID(uuidString: "ffffffff-ffff-ffff-ffff-ffffffffffff")

  static func statement(
    _ request: StatementRequest, _ giver: Giver, showsName: Bool, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> DonorStatement {
    let district = actor.districtID
    let (from, to) = (request.from ?? firstDay, request.to ?? lastDay)
    var before: (date: CalendarDate?, id: UUID?) = (lastDay, lastID)
    if let after = request.after {
      guard let row = try session.query(place, district, giver.records, after).first else {
        throw DonorError.unknownLine(after)
      }
      let date: CalendarDate = try row.get(0)
      before = (date, after)
    }
    _ = try session.execute(inOrder)
    // One more than asked for tells whether there is a next page.
    let rows = try session.query(
      page, district, giver.records, from, to, before.date, before.id, request.limit + 1,
      !showsName)
    _ = try session.execute(inAnyOrder)
    let shown = rows.prefix(request.limit)
    let ids: [UUID] = try shown.map { try $0.get(0) }
    let transfers: [UUID] = try shown.map { try $0.get(5) }
    var adjusted: [UUID: [DonorStatement.Adjustment]] = [:]
    for row in try session.query(adjustments, district, ids, transfers) {
      guard let kind = Ledger.Kind(rawValue: try row.get(1)) else {
        throw PostgresError.decoding("transfer.kind")
      }
      adjusted[try row.get(0), default: []].append(
        DonorStatement.Adjustment(
          kind: kind, date: try row.get(2), amount: Money(fen: try row.get(3)),
          transfer: try row.get(4), isMoved: try row.get(5)))
    }
    let lines = try shown.map { row in
      try line(row, adjusted[try row.get(0)] ?? [])
    }
    return DonorStatement(
      donor: giver.id, name: showsName ? giver.name : "匿名", kind: giver.kind, lines: lines,
      next: rows.count > request.limit ? lines.last?.id : nil,
      totals: request.withTotals ? try totals(giver, from, to, session, actor) : nil)
  }

  private static func line(
    _ row: Row, _ adjustments: [DonorStatement.Adjustment]
  ) throws -> DonorStatement.Line {
    let isOfSemester = try row.optional(14) as Int32? != nil
    return DonorStatement.Line(
      id: try row.get(0), kind: DonorStatement.Line.Kind(rawValue: try row.get(1)) ?? .gift,
      date: try row.get(2), amount: Money(fen: try row.get(3)), net: Money(fen: try row.get(4)),
      transfer: try row.get(5), fund: try row.get(6), school: try row.optional(7),
      method: Giving.Method(rawValue: try row.get(8)) ?? .unknown,
      designation: try row.optional(9), receiptNumber: try row.optional(10),
      note: try row.optional(11), pupil: try row.optional(12).map { maskedName($0) },
      semester: isOfSemester ? try row.semester(14) : nil, isMoved: try row.get(13),
      adjustments: adjustments)
  }

  private static func totals(
    _ giver: Giver, _ from: CalendarDate?, _ to: CalendarDate?, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> DonorStatement.Totals {
    let row = try session.query(totals, actor.districtID, giver.records, from, to)[0]
    let (given, received) = (Money(fen: try row.get(1)), Money(fen: try row.get(3)))
    let (back, moved) = (Money(fen: try row.get(4)), Money(fen: try row.get(5)))
    return DonorStatement.Totals(
      gifts: try row.get(0), given: given, receipts: try row.get(2), received: received,
      takenBack: back, moved: moved, net: try given + received - back + moved,
      paidByOthers: Money(fen: try row.get(6)))
  }
}
