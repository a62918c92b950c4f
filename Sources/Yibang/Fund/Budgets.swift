package import Foundation
import Postgres
package import SchoolCalendar

/// A fund's budget in a semester (校内资助资金预算). The database keeps approved plus spent within what
/// was planned, and approved within what the fund has.
package struct Budget: Sendable, Codable {
  package let fundID: UUID
  package let kind: FundKind
  package let name: String
  package let schoolName: String?
  /// Nil: nothing was planned, and the fund's balance alone limits it.
  package let planned: Money?
  /// Approved, not yet paid.
  package let committed: Money
  /// Paid in this semester, less what came back.
  package let spent: Money
  /// What can still be approved: what the plan leaves, and no more than the fund has unpromised.
  package let free: Money

  enum CodingKeys: String, CodingKey {
    case fundID = "fund_id"
    case kind, name
    case schoolName = "school_name"
    case planned, committed, spent, free
  }
}

package enum Budgets {
  private static let plan: SQL = """
    insert into budget as b (district_id, fund_id, semester, planned_fen) values ($1, $2, $3, $4)
    on conflict (district_id, fund_id, semester) do update set planned_fen = excluded.planned_fen
    """
  private static let planned: SQL = """
    select planned_fen from budget where district_id = $1 and fund_id = $2 and semester = $3
    """
  private static let isOpen: SQL = "select semester_is_open($1::int)"

  /// Plans what a fund may spend in a semester; nil lifts the plan.
  /// - Throws: `FundError.overBudget` if more was approved and spent already, `.unknownFund`,
  ///   `.semesterClosed`, `.amountNotPositive` for a negative amount.
  package static func plan(
    fund: UUID, _ semester: Semester, amount: Money?, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.manageFunds)
    if let amount, amount < .zero { throw FundError.amountNotPositive }
    try await context.write { session in
      _ = try Semesters.record(semester, session, actor.districtID)
      guard try session.query(isOpen, semester.ordinal).first?.get(0) == true
      else { throw FundError.semesterClosed }
      let before: Int64? = try session.query(
        planned, actor.districtID, fund, semester.ordinal
      ).first?.optional(0)
      let statements = [
        Bound(plan, actor.districtID, fund, semester.ordinal, amount?.fen),
        Audit.statement(
          actor, "budget.plan", subject: "fund", id: fund,
          before: ["planned_fen": before.map { "\($0)" }, "semester": "\(semester)"],
          after: ["planned_fen": amount.map { "\($0.fen)" }, "semester": "\(semester)"]),
      ]
      do throws(PostgresError) {
        _ = try session.batch(statements)
      } catch .foreignKey {
        throw FundError.unknownFund(fund.uuidString.lowercased())
      } catch {
        throw Ledger.refusal(error)
      }
    }
  }

  private static let list: SQL = """
    select f.id, f.kind, fund_shown(f.id, f.kind, f.name), s.name, b.planned_fen, coalesce(b.committed_fen, 0),
      coalesce(b.spent_fen, 0),
      greatest(
        least(
          b.planned_fen - b.committed_fen - greatest(b.spent_fen, 0),
          coalesce(a.credits - a.debits - a.held, 0)
        ), 0
      )
    from fund f
    left join school s on s.district_id = f.district_id and s.id = f.school_id
    left join budget b
      on b.district_id = f.district_id and b.fund_id = f.id and b.semester = $3
    left join account a
      on a.district_id = f.district_id and a.fund_id = f.id and a.kind = 'balance'
    where f.district_id = $1 and ($2::uuid is null or f.school_id = $2)
    order by s.code nulls first, f.kind, f.name, f.id
    """

  /// Planned, committed, spent and free of each fund of a school, or of the district and its schools.
  package static func list(
    _ semester: Semester, school: UUID? = nil, in context: Context
  ) async throws -> [Budget] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      _ = try Semesters.record(semester, session, context.actor.districtID)
      let rows = try session.query(list, context.actor.districtID, school, semester.ordinal)
      return try rows.map { row in
        let planned: Int64? = try row.optional(4)
        return Budget(
          fundID: try row.get(0), kind: FundKind(rawValue: try row.get(1)) ?? .other,
          name: try row.get(2), schoolName: try row.optional(3),
          planned: planned.map(Money.init(fen:)), committed: Money(fen: try row.get(5)),
          spent: Money(fen: try row.get(6)), free: Money(fen: try row.get(7)))
      }
    }
  }
}
