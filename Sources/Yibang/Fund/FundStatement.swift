package import Foundation
import Postgres
package import SchoolCalendar

/// A fund in a semester: opening, income by kind of donor, spending by purpose, closing.
package struct FundStatement: Sendable, Codable {
  package struct Line: Sendable, Codable {
    /// A `DonorKind`, `treasury` for public money, `cover`, or a `Purpose`, by its code.
    package let code: String
    package let name: Text
    package let amount: Money
  }

  package let fundID: UUID
  package let kind: FundKind
  package let name: String
  /// Nil: the district's own fund.
  package let schoolCode: String?
  package let schoolName: String?
  package let opening: Money
  package let income: [Line]
  package let spending: [Line]
  package let closing: Money

  enum CodingKeys: String, CodingKey {
    case fundID = "fund_id"
    case kind, name
    case schoolCode = "school_code"
    case schoolName = "school_name"
    case opening, income, spending, closing
  }
}

extension Funds {
  // An account has one row a semester, so the cost does not grow with the transfers.
  // A name is read once a fund, not once an account.
  private static let statement: SQL = """
    with shown_fund as materialized (
      select district_id, id, school_id, kind, fund_shown(id, kind, name) as name from fund
      where district_id = $1 and ($2::uuid is null or school_id = $2)
    )
    select f.id, f.kind, f.name, s.code, s.name, a.kind, a.label,
      coalesce(sum(m.credits - m.debits) filter (where m.semester < $3), 0)::int8 as before,
      coalesce(sum(m.credits - m.debits) filter (where m.semester = $3), 0)::int8 as during,
      p.name_zh, p.name_en
    from shown_fund f
    left join school s on s.district_id = f.district_id and s.id = f.school_id
    left join account a on a.district_id = f.district_id and a.fund_id = f.id
    left join purpose p
      on a.kind = 'use' and p.district_id = a.district_id and p.code = a.label
    left join account_semester m
      on m.district_id = a.district_id and m.account_id = a.id and m.semester <= $3
    group by f.id, f.kind, f.name, s.code, s.name, a.kind, a.label, p.name_zh, p.name_en
    order by s.code nulls first, f.kind, f.name, f.id, a.kind, a.label
    """

  /// The funds of a school, or of the district and all its schools, in one semester.
  package static func statements(
    _ semester: Semester, school: UUID? = nil, in context: Context
  ) async throws -> [FundStatement] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    let district = context.actor.districtID
    return try await context.read([
      Semesters.reading(semester, district),
      Bound(statement, district, school, semester.ordinal),
    ]) { results in
      _ = try Semesters.record(semester, results[0], district)
      return try fold(results[1])
    }
  }

  private static func fold(_ rows: Rows) throws -> [FundStatement] {
    var statements: [FundStatement] = []
    var draft: Draft?
    for row in rows {
      let fundID: UUID = try row.get(0)
      if draft?.fundID != fundID {
        if let draft { statements.append(try draft.statement()) }
        draft = try Draft(row)
      }
      try draft?.add(row)
    }
    if let draft { statements.append(try draft.statement()) }
    return statements
  }

  private struct Draft {
    let fundID: UUID
    let kind: FundKind
    let name: String
    let schoolCode: String?
    let schoolName: String?
    var opening = Money.zero
    var net = Money.zero
    var income: [FundStatement.Line] = []
    var spending: [FundStatement.Line] = []

    init(_ row: Row) throws {
      fundID = try row.get(0)
      kind = FundKind(rawValue: try row.get(1)) ?? .general
      name = try row.get(2)
      schoolCode = try row.optional(3)
      schoolName = try row.optional(4)
    }

    mutating func add(_ row: Row) throws {
      guard let account: String = try row.optional(5) else { return }
      let label: String = try row.get(6)
      let before = Money(fen: try row.get(7))
      let during = Money(fen: try row.get(8))
      switch account {
      case "balance":
        opening = before
        net = during
      case "source":
        if during != .zero {
          let name =
            DonorKind(rawValue: label)?.name
            ?? (label == Purpose.cover.rawValue
              ? Purpose.cover.name : Text("财政拨款", "public money"))
          income.append(.init(code: label, name: name, amount: try -during))
        }
      default:
        if during != .zero {
          let name = Text(try row.optional(9) ?? label, try row.optional(10) ?? label)
          spending.append(.init(code: label, name: name, amount: during))
        }
      }
    }

    func statement() throws -> FundStatement {
      FundStatement(
        fundID: fundID, kind: kind, name: name, schoolCode: schoolCode, schoolName: schoolName,
        opening: opening, income: income, spending: spending, closing: try opening + net)
    }
  }
}
