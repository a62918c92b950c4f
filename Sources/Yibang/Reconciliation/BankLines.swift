package import Foundation
import Postgres
package import SchoolCalendar

/// Bank lines as they are listed, with what became of them.
package enum BankLines {
  package enum State: String, Sendable, Codable, CaseIterable {
    case matched, explained, unmatched

    package var name: Text {
      switch self {
      case .matched: Text("已对账", "reconciled")
      case .explained: Text("已说明", "explained")
      case .unmatched: Text("未对账", "open")
      }
    }
  }

  package struct Line: Sendable, Codable {
    package let id: UUID
    package let account: String
    package let lastFour: String
    package let day: CalendarDate
    /// Positive came in, negative went out.
    package let amount: Money
    package let balance: Money?
    /// Nil for those who may not read it; “匿名” where it is matched with an anonymous gift.
    package let counterparty: String?
    package let counterAccountLastFour: String?
    package let text: String?
    package let serial: String?
    package let state: State
    package let reason: String?
    package let note: String?
    package let transfers: [UUID]

    enum CodingKeys: String, CodingKey {
      case id, account
      case lastFour = "last_four"
      case day, amount, balance, counterparty
      case counterAccountLastFour = "counter_account_last_four"
      case text, serial, state, reason, note, transfers
    }
  }

  // $1 district, $2 account (null: all), $3 school (null: all), $4 first day, $5 last day,
  // $6 state (null: all), $7 and $8 day and id of the line before the first (null: none), $9 limit
  private static let list: SQL = """
    with page as (
      select l.district_id, l.id, a.name, a.last_four, l.booked_on, l.amount_fen, l.balance_fen,
        l.private_sealed, l.serial, r.id as reconciliation_id, r.kind, r.reason ->> 'zh' as reason,
        r.note
      from bank_account a
      join bank_line l on l.district_id = a.district_id and l.account_id = a.id
      left join reconciliation r
        on r.district_id = l.district_id and r.line_id = l.id and r.state = 'standing'
      where a.district_id = $1 and ($2::uuid is null or a.id = $2)
        and ($3::uuid is null or a.school_id = $3)
        and l.booked_on between $4 and $5
        and ($6::text is null
          or $6 = case r.kind when 'match' then 'matched' when 'explanation' then 'explained'
            else 'unmatched' end)
        and ($7::date is null or (l.booked_on, l.id) > ($7, $8::uuid))
      order by l.booked_on, l.id
      limit $9
    )
    select p.id, p.name, p.last_four, p.booked_on, p.amount_fen, p.balance_fen, p.private_sealed,
      p.serial, p.kind, p.reason, p.note, x.transfers, x.unnamed
    from page p
    left join lateral (
      select array_agg(t.transfer_id order by t.transfer_id) as transfers,
        array_agg(coalesce(d.name, o.name)) filter (where coalesce(d.anonymous, o.anonymous))
          as unnamed
      from reconciliation_transfer t
      join transfer f on f.district_id = t.district_id and f.id = t.transfer_id
      left join donation g on g.district_id = f.district_id and g.id = f.source_id
      left join donor d on d.district_id = g.district_id and d.id = g.donor_id
      left join instalment_receipt i on i.district_id = f.district_id and i.id = f.source_id
      left join instalment n on n.district_id = i.district_id and n.id = i.instalment_id
      left join commitment k on k.district_id = n.district_id and k.id = n.commitment_id
      left join pairing q on q.district_id = k.district_id and q.id = k.pairing_id
      left join donor o on o.district_id = q.district_id and o.id = coalesce(i.payer_id, q.donor_id)
      where t.district_id = p.district_id and t.reconciliation_id = p.reconciliation_id
    ) as x on p.reconciliation_id is not null
    order by p.booked_on, p.id
    """
  private static let dayOfLine: SQL = """
    select booked_on from bank_line where district_id = $1 and id = $2
    """

  /// The lines of a semester by day, a page at a time.
  /// - Parameter after: the last line of the page before.
  /// - Throws: `SchoolError.unknownSemester`, `ReconciliationError.unknownLine`, `AccessError`.
  package static func list(
    _ semester: Semester, account: UUID? = nil, school: UUID? = nil, state: State? = nil,
    after: UUID? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [Line] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let vault = context.platform.vault
    let mayReadNames = actor.may(.readBank)
    return try await context.read { session in
      let dates = try Semesters.record(semester, session, actor.districtID).dates
      var day: CalendarDate?
      if let after {
        guard let row = try session.query(dayOfLine, actor.districtID, after).first else {
          throw ReconciliationError.unknownLine(after)
        }
        day = try row.get(0)
      }
      let rows = try session.query(
        list, actor.districtID, account, school, dates.lowerBound, dates.upperBound,
        state?.rawValue, day, after, limit)
      return try rows.map { try line($0, vault, mayReadNames: mayReadNames) }
    }
  }

  private static func line(_ row: Row, _ vault: Vault, mayReadNames: Bool) throws -> Line {
    let id: UUID = try row.get(0)
    let unnamed: [String] = try row.optional(12) ?? []
    var known: BankPrivate?
    if mayReadNames, unnamed.isEmpty {
      known = try BankPrivate(try row.optional(6), line: id, vault)
    }
    var note: String? = try row.optional(10)
    for name in unnamed { note = note?.replacing(name, with: "匿名") }
    let kind: String? = try row.optional(8)
    let balance: Int64? = try row.optional(5)
    return Line(
      id: id, account: try row.get(1), lastFour: try row.get(2), day: try row.get(3),
      amount: Money(fen: try row.get(4)), balance: balance.map { Money(fen: $0) },
      counterparty: unnamed.isEmpty ? known?.counterparty : "匿名",
      counterAccountLastFour: known?.account.map { String($0.suffix(4)) },
      text: known?.text.nonEmpty, serial: try row.optional(7),
      state: kind == "match" ? .matched : kind == "explanation" ? .explained : .unmatched,
      reason: try row.optional(9), note: mayReadNames ? note : nil,
      transfers: try row.optional(11) ?? [])
  }
}
