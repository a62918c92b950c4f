package import Foundation
import Postgres
package import SchoolCalendar

extension Reconciliation {
  /// A number of lines or transfers, and what came in and went out by them.
  package struct Tally: Sendable, Codable {
    package var count = 0
    package var moneyIn = Money.zero
    package var moneyOut = Money.zero

    enum CodingKeys: String, CodingKey {
      case count
      case moneyIn = "in"
      case moneyOut = "out"
    }

    static func + (left: Tally, right: Tally) throws -> Tally {
      Tally(
        count: left.count + right.count, moneyIn: try left.moneyIn + right.moneyIn,
        moneyOut: try left.moneyOut + right.moneyOut)
    }
  }

  /// How far one side is reconciled: lines of a bank account, or transfers of a school's books.
  package struct Standing: Sendable, Codable {
    /// Nil for the books.
    package let account: UUID?
    package let accountName: String?
    package let lastFour: String?
    /// Nil: the district's own.
    package let school: String?
    /// What imported statements cover.
    package let coveredFrom: CalendarDate?
    package let coveredTo: CalendarDate?
    package fileprivate(set) var all = Tally()
    package fileprivate(set) var matched = Tally()
    package fileprivate(set) var explained = Tally()
    /// Cash gifts that no bank line stands for; the bank does not see them.
    package fileprivate(set) var cash = Tally()
    package fileprivate(set) var unmatched = Tally()

    enum CodingKeys: String, CodingKey {
      case account
      case accountName = "account_name"
      case lastFour = "last_four"
      case school
      case coveredFrom = "covered_from"
      case coveredTo = "covered_to"
      case all, matched, explained, cash, unmatched
    }

    fileprivate mutating func add(_ state: String, _ tally: Tally) throws {
      all = try all + tally
      switch state {
      case "match": matched = try matched + tally
      case "explanation": explained = try explained + tally
      case "cash": cash = try cash + tally
      default: unmatched = try unmatched + tally
      }
    }
  }

  package struct Status: Sendable, Codable {
    package let semester: Semester
    package let accounts: [Standing]
    package let books: [Standing]
  }

  // $1 district, $2 school (null: all), $3 first day, $4 last day
  private static let accounts: SQL = """
    select a.id, a.name, a.last_four, s.name, c.first_on, c.last_on, l.state, l.lines, l.fen_in,
      l.fen_out
    from bank_account a
    left join school s on s.district_id = a.district_id and s.id = a.school_id
    left join lateral (
      select min(b.first_on) as first_on, max(b.last_on) as last_on from bank_statement b
      where b.district_id = a.district_id and b.account_id = a.id and b.first_on <= $4
        and b.last_on >= $3
    ) as c on true
    left join lateral (
      select coalesce(r.kind, 'unmatched') as state, count(*) as lines,
        coalesce(sum(l.amount_fen) filter (where l.amount_fen > 0), 0)::int8 as fen_in,
        coalesce(-sum(l.amount_fen) filter (where l.amount_fen < 0), 0)::int8 as fen_out
      from bank_line l
      left join reconciliation r
        on r.district_id = l.district_id and r.line_id = l.id and r.state = 'standing'
      where l.district_id = a.district_id and l.account_id = a.id
        and l.booked_on between $3 and $4
      group by 1
    ) as l on true
    where a.district_id = $1 and ($2::uuid is null or a.school_id = $2)
    order by s.code nulls first, a.name, a.id
    """
  // $1 district, $2 school (null: all), $3 semesters
  private static let books: SQL = """
    select s.name,
      coalesce(e.cleared, case when e.method = 'cash' then 'cash' else 'unmatched' end) as state,
      count(*) as entries,
      coalesce(sum(e.amount_fen) filter (where e.amount_fen > 0), 0)::int8 as fen_in,
      coalesce(-sum(e.amount_fen) filter (where e.amount_fen < 0), 0)::int8 as fen_out
    from bank_entries($3, $2, $2::uuid is null) as e
    left join school s on s.district_id = $1 and s.id = e.school_id
    where e.amount_fen <> 0
    group by s.code, s.name, state
    order by s.code nulls first, s.name
    """

  /// How far the accounts and the books of a semester are reconciled.
  /// - Throws: `SchoolError.unknownSemester`, `AccessError`.
  package static func status(
    _ semester: Semester, school: UUID? = nil, in context: Context
  ) async throws -> Status {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      let dates = try Semesters.record(semester, session, actor.districtID).dates
      return Status(
        semester: semester,
        accounts: try foldAccounts(
          try session.query(
            accounts, actor.districtID, school, dates.lowerBound, dates.upperBound)),
        books: try foldBooks(
          try session.query(books, actor.districtID, school, [Int32(semester.ordinal)])))
    }
  }

  private static func foldAccounts(_ rows: Rows) throws -> [Standing] {
    var standings: [Standing] = []
    for row in rows {
      let account: UUID = try row.get(0)
      if standings.last?.account != account {
        standings.append(
          Standing(
            account: account, accountName: try row.get(1), lastFour: try row.get(2),
            school: try row.optional(3), coveredFrom: try row.optional(4),
            coveredTo: try row.optional(5)))
      }
      if let state: String = try row.optional(6) {
        try standings[standings.count - 1].add(state, tally(row, 7))
      }
    }
    return standings
  }

  private static func foldBooks(_ rows: Rows) throws -> [Standing] {
    var standings: [Standing] = []
    for row in rows {
      let school: String? = try row.optional(0)
      if standings.isEmpty || standings.last?.school != school {
        standings.append(
          Standing(
            account: nil, accountName: nil, lastFour: nil, school: school, coveredFrom: nil,
            coveredTo: nil))
      }
      try standings[standings.count - 1].add(try row.get(1), tally(row, 2))
    }
    return standings
  }

  private static func tally(_ row: Row, _ column: Int) throws -> Tally {
    Tally(
      count: try row.get(column), moneyIn: Money(fen: try row.get(column + 1)),
      moneyOut: Money(fen: try row.get(column + 2)))
  }
}
