package import Foundation
import Postgres
package import SchoolCalendar

/// Cover: a general fund bridges what a sponsor's money has not come for, so that the child's payout is
/// never late. The claim on the sponsor stays, and late money repays the fund.
package enum Covers {
  package struct Run: Sendable, Codable {
    /// A payout that no general fund could bridge.
    package struct Short: Sendable, Codable {
      package let payout: UUID
      package let pairing: UUID
      package let missing: Money
    }

    package let on: CalendarDate
    package let covered: Int
    package let amount: Money
    package let short: [Short]
    /// Pairings for which another sponsor is looked for from now on.
    package let rematched: Int
  }

  /// What is to be bridged, the most needy first.
  struct Need {
    let payout: UUID
    let school: UUID
    let pairing: UUID
    let instalment: UUID?
    let missing: Money
  }

  /// What a general fund can still give: a school's own (or, without a school, the district's).
  struct Source {
    let fund: UUID
    let school: UUID?
    var free: Money
  }

  /// Each need is bridged whole, from the school's own fund or else the district's, in the order of
  /// need; a need that neither can bridge leaves its funds to the next one.
  static func allot(
    _ needs: [Need], from sources: [Source]
  ) throws -> (given: [(need: Need, fund: UUID)], short: [Need]) {
    var sources = sources
    var given: [(need: Need, fund: UUID)] = []
    var short: [Need] = []
    let places = Dictionary(
      sources.indices.map { (sources[$0].school, $0) }, uniquingKeysWith: { first, _ in first })
    for need in needs {
      let candidates = [places[need.school], places[nil]].compactMap { $0 }
      if let place = candidates.first(where: { sources[$0].free >= need.missing }) {
        sources[place].free = try sources[place].free - need.missing
        given.append((need, sources[place].fund))
      } else {
        short.append(need)
      }
    }
    return (given, short)
  }

  private static let needed: SQL = """
    select payout_id, school_id, pairing_id, instalment_id, missing_fen from cover_needed($1, $2)
    """
  private static let funds: SQL = """
    select fund_id, school_id, free_fen from cover_funds($1::int, $2)
    """
  // ids, payouts, instalments, fund, sponsorship funds, amounts, transfers out and in, day, semester,
  // actor
  private static let post: SQL = """
    select cover_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::int, $11)
    """
  private static let rematch: SQL = "select pairing_mark_rematch($1, $2)"

  /// Bridges every payout that is due on a day and not funded: the sponsor's grace is over, or the
  /// child should have it within a week. Running it again covers nothing twice.
  /// - Throws: `FundError`, `LifecycleError.noSemester`, `AccessError`.
  package static func run(
    on day: CalendarDate, school: UUID? = nil, in context: Context
  ) async throws -> Run {
    let actor = context.actor
    try actor.require(.manageFunds)
    if let school { try actor.require(school: school) }
    return try await context.write { session in
      guard let semester = try Semesters.containing(day, session, actor) else {
        throw LifecycleError.noSemester(day)
      }
      let needs = try session.query(needed, day, school).map { row in
        Need(
          payout: try row.get(0), school: try row.get(1), pairing: try row.get(2),
          instalment: try row.optional(3), missing: Money(fen: try row.get(4)))
      }
      let schools = Array(Set(needs.map(\.school)))
      let sources = try session.query(funds, semester.ordinal, schools).map { row in
        Source(fund: try row.get(0), school: try row.optional(1), free: Money(fen: try row.get(2)))
      }
      let (given, short) = try allot(needs, from: sources)
      try book(given, on: day, semester, session, actor)
      let pairings = Array(Set(given.map(\.need.pairing)))
      let rematched: Int64 = try session.query(rematch, pairings, day)[0].get(0)
      let amount = try given.map(\.need.missing).total()
      _ = try session.batch([
        Audit.statement(
          actor, "cover.run", subject: "semester", id: nil, school: school,
          after: [
            "on": "\(day)", "covered": "\(given.count)", "amount_fen": "\(amount.fen)",
            "short": "\(short.count)", "rematch": "\(rematched)",
          ])
      ])
      return Run(
        on: day, covered: given.count, amount: amount,
        short: short.map { .init(payout: $0.payout, pairing: $0.pairing, missing: $0.missing) },
        rematched: Int(rematched))
    }
  }

  private static func book(
    _ given: [(need: Need, fund: UUID)], on day: CalendarDate, _ semester: Semester,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    var targets: [UUID: UUID] = [:]
    for school in Set(given.map(\.need.school)) {
      targets[school] = try Funds.fund(
        for: FundKind.sponsorship.name.zh, school: school, session, actor)
    }
    let byFund = Dictionary(grouping: given, by: \.fund)
    try Ledger.lock(Array(byFund.keys) + targets.values, session)
    for (fund, parts) in byFund {
      _ = try LifecycleError.run(
        session,
        Bound(
          post, parts.map { _ in UUID.v7() }, parts.map(\.need.payout),
          parts.map(\.need.instalment), fund, parts.compactMap { targets[$0.need.school] },
          parts.map(\.need.missing.fen), parts.map { _ in UUID.v7() }, parts.map { _ in UUID.v7() },
          day, semester.ordinal, actor.userID))
    }
  }

  package struct Cover: Sendable, Codable {
    package let id: UUID
    package let pairing: UUID
    package let school: String
    /// Masked, except to the pupil's own school.
    package let pupil: String
    package let semester: Semester
    package let fund: String
    package let coveredOn: CalendarDate
    package let amount: Money
    package let repaid: Money
    package let transfers: [UUID]

    enum CodingKeys: String, CodingKey {
      case id, pairing, school, pupil, semester, fund
      case coveredOn = "covered_on"
      case amount, repaid, transfers
    }
  }

  // $1 district, $2 semester, $3 school; null: all; $4 limit, $5 and $6 after this day and id
  private static let list: SQL = """
    select v.id, o.pairing_id, c.name, s.name, o.semester, fund_shown(f.id, f.kind, f.name),
      v.covered_on, v.amount_fen, v.repaid_fen,
      array[v.out_transfer, v.in_transfer] || array(
        select unnest(array[y.out_transfer, y.in_transfer]) from cover_repayment y
        where y.district_id = v.district_id and y.cover_id = v.id
        order by y.repaid_on, y.id
      )
    from cover v
    join payout o on o.district_id = v.district_id and o.id = v.payout_id
    join student s on s.district_id = o.district_id and s.id = o.student_id
    join school c on c.district_id = v.district_id and c.id = v.school_id
    join fund f on f.district_id = v.district_id and f.id = v.from_fund
    where v.district_id = $1 and ($2::int is null or o.semester = $2)
      and ($3::uuid is null or v.school_id = $3) and (v.covered_on, v.id) > ($5, $6)
    order by v.covered_on, v.id
    limit $4
    """

  /// Cover given, with what was repaid and the transfers of both.
  package static func list(
    _ semester: Semester? = nil, school: UUID? = nil, limit: Int = 100_000, in context: Context
  ) async throws -> [Cover] {
    try await list(
      semester, school: school, after: (.beforeAll, .beforeAll), limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ semester: Semester? = nil, school: UUID? = nil, in context: Context
  ) async throws -> Page<Cover> {
    let found = try await list(
      semester, school: school, after: page.position(CalendarDate.self, UUID.self),
      limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor("\($0.coveredOn)", $0.id.uuidString) }
  }

  private static func list(
    _ semester: Semester?, school: UUID?, after: (CalendarDate, UUID), limit: Int,
    in context: Context
  ) async throws -> [Cover] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try session.query(
        list, actor.districtID, semester?.ordinal, school, limit, after.0, after.1
      ).map { row in
        Cover(
          id: try row.get(0), pairing: try row.get(1), school: try row.get(2),
          pupil: actor.shown(pupil: try row.get(3)), semester: try row.semester(4),
          fund: try row.get(5), coveredOn: try row.get(6), amount: Money(fen: try row.get(7)),
          repaid: Money(fen: try row.get(8)), transfers: try row.get(9))
      }
    }
  }
}
