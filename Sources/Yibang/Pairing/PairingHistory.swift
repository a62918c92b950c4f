package import Foundation
import Postgres
package import SchoolCalendar

extension Pairings {
  /// A pairing of a pupil's lineage: who supported the child from when to when, and how it ended.
  package struct Chapter: Sendable, Codable {
    package let pairing: UUID
    package let lineage: UUID
    package let school: String
    /// “匿名” where the sponsor asked to stay unnamed.
    package let sponsor: String
    package let startedOn: CalendarDate
    package let endedOn: CalendarDate?
    package let reason: PairingEndReason?
    package let received: Money
    /// Of general funds, and not repaid.
    package let covered: Money

    enum CodingKeys: String, CodingKey {
      case pairing, lineage, school, sponsor
      case startedOn = "started_on"
      case endedOn = "ended_on"
      case reason, received, covered
    }
  }

  private static let chapters: SQL = """
    select p.id, p.lineage, c.name, donor_shown(d.anonymous, d.name, d.merged_into), p.started_on,
      p.ended_on, p.end_reason,
      (
        select coalesce(sum(i.received_fen + i.carried_fen), 0)::int8 from commitment k
        join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
        where k.district_id = p.district_id and k.pairing_id = p.id
      ),
      (
        select coalesce(sum(v.amount_fen - v.repaid_fen), 0)::int8 from payout o
        join cover v on v.district_id = o.district_id and v.payout_id = o.id
        where o.district_id = p.district_id and o.pairing_id = p.id
      )
    from pairing p
    join school c on c.district_id = p.district_id and c.id = p.school_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where p.district_id = $1 and p.student_id = $2
    order by p.started_on, p.id
    """

  /// Everybody who supported a pupil, in order.
  package static func history(of student: UUID, in context: Context) async throws -> [Chapter] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      try session.query(chapters, actor.districtID, student).map { row in
        let reason: String? = try row.optional(6)
        return Chapter(
          pairing: try row.get(0), lineage: try row.get(1), school: try row.get(2),
          sponsor: try row.get(3), startedOn: try row.get(4), endedOn: try row.optional(5),
          reason: reason.flatMap(PairingEndReason.init(word:)),
          received: Money(fen: try row.get(7)),
          covered: Money(fen: try row.get(8)))
      }
    }
  }

  private static let complete: SQL = "select pairing_id from pairing_complete($1, $2)"

  /// Completes pairings whose six semesters are over, paid and paid out. Those with something open go
  /// on until it is settled. Running it again changes nothing.
  /// - Returns: how many.
  package static func complete(on day: CalendarDate, in context: Context) async throws -> Int {
    let actor = context.actor
    try actor.require(.match)
    return try await context.write { session in
      let ended = try LifecycleError.run(session, Bound(complete, day, actor.userID))[0]
      _ = try session.batch(
        ended.map { row in
          Audit.statement(
            actor, "pairing.end", subject: "pairing", id: try row.get(0),
            after: ["reason": "completed", "on": "\(day)"])
        })
      return ended.count
    }
  }
}
