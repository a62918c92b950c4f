package import Foundation
import Postgres
package import SchoolCalendar

extension Commitments {
  /// A change of what a sponsor promises.
  package struct Change: Sendable, Codable {
    package let from: Semester
    package let before: Money
    package let after: Money
    package let changedOn: CalendarDate
    package let reason: String

    enum CodingKeys: String, CodingKey {
      case from, before, after
      case changedOn = "changed_on"
      case reason
    }
  }

  private static let amend: SQL = """
    select school_id, before_fen, instalments, payouts
    from commitment_amend($1, $2, $3::int, $4, $5, $6, $7, $8)
    """
  private static let changes: SQL = """
    select c.from_semester, c.before_fen, c.after_fen, c.changed_on, c.reason
    from commitment_change c
    join commitment k on k.district_id = c.district_id and k.id = c.commitment_id
    where c.district_id = $1 and k.pairing_id = $2
    order by c.at, c.id
    """

  /// Changes the amount of each semester from one on. What is raised, the child gets; where it is
  /// lowered, the child is assured as before and a general fund bridges the difference, unless
  /// `lowersChild`.
  /// - Parameter reason: kept; no personal data.
  /// - Throws: `LifecycleError.ended`, `.notItsSemester`, `.paidAlready`, `.reasonMissing`,
  ///   `FundError.amountNotPositive`, `AccessError`.
  package static func amend(
    pairing: UUID, amount: Money, from semester: Semester, lowersChild: Bool = false,
    reason: String, on day: CalendarDate, in context: Context
  ) async throws -> Change {
    let actor = context.actor
    try actor.require(.match)
    let reason = normalizeText(reason)
    guard amount > .zero else { throw FundError.amountNotPositive }
    guard !reason.isEmpty else { throw LifecycleError.reasonMissing }
    return try await context.write { session in
      let id = UUID.v7()
      let statement = Bound(
        amend, id, pairing, semester.ordinal, amount.fen, lowersChild, day, reason, actor.userID)
      let rows: [Rows]
      do throws(PostgresError) {
        rows = try session.batch([statement])
      } catch  where error.detail?.constraint == "commitment_semester" {
        throw LifecycleError.notItsSemester(semester)
      } catch {
        throw LifecycleError.refusal(error)
      }
      let before = Money(fen: try rows[0][0].get(1))
      _ = try session.batch([
        Audit.statement(
          actor, "commitment.amend", subject: "pairing", id: pairing,
          school: try rows[0][0].get(0),
          before: ["amount_fen": "\(before.fen)"],
          after: [
            "amount_fen": "\(amount.fen)", "from": "\(semester)", "reason": reason,
            "payouts": "\(try rows[0][0].get(3) as Int64)",
          ])
      ])
      return Change(from: semester, before: before, after: amount, changedOn: day, reason: reason)
    }
  }

  /// How the promise of a pairing was changed, in order.
  package static func changes(pairing: UUID, in context: Context) async throws -> [Change] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(changes, context.actor.districtID, pairing).map { row in
        Change(
          from: try row.semester(0), before: Money(fen: try row.get(1)),
          after: Money(fen: try row.get(2)), changedOn: try row.get(3), reason: try row.get(4))
      }
    }
  }

  private static let excuse: SQL = """
    select excused_fen, school_id from instalment_excuse($1, $2, $3)
    """

  /// Lets go what is open of an instalment: the sponsor's finances, say. The child's payout stays.
  /// - Returns: how much.
  /// - Throws: `LifecycleError.unknownInstalment`, `.nothingOpen`, `.ended`, `.reasonMissing`.
  package static func excuse(
    instalment: UUID, reason: String, on day: CalendarDate, in context: Context
  ) async throws -> Money {
    let actor = context.actor
    try actor.require(.match)
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw LifecycleError.reasonMissing }
    return try await context.write { session in
      let rows = try LifecycleError.run(session, Bound(excuse, instalment, reason, day))
      let amount = Money(fen: try rows[0][0].get(0))
      _ = try session.batch([
        Audit.statement(
          actor, "instalment.excuse", subject: "instalment", id: instalment,
          school: try rows[0][0].get(1),
          after: ["excused_fen": "\(amount.fen)", "reason": reason])
      ])
      return amount
    }
  }
}
