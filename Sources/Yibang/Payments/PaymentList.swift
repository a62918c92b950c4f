package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

extension PaymentBatches {
  // A page of batches first, then the money of these alone.
  private static let list: SQL = """
    with page as (
      select * from payment_batch b
      where b.district_id = $1 and ($2::uuid is null or b.school_id = $2)
        and ($3::int is null or b.semester = $3) and ($4::text is null or b.state = $4)
        and ($5::uuid is null or b.id < $5) and ($6::uuid is null or b.id = $6)
      order by b.id desc
      limit $7
    ), money as (
      select m.batch_id, sum(m.due_fen)::bigint as due,
        sum(m.sent_fen - m.returned_fen)::bigint as paid, sum(m.confirmed_fen)::bigint as confirmed,
        sum(m.recovered_fen)::bigint as recovered
      from payment_money(array(select p.id from page p)) as m
      group by m.batch_id
    ), lines as (
      select l.batch_id, count(*) as lines,
        count(*) filter (
          where l.transfer_id is not null and not payment_line_settled(l)
        ) as unsettled
      from payment_line l
      where l.district_id = $1 and l.batch_id = any (array(select p.id from page p))
      group by l.batch_id
    )
    select p.id, p.title, s.name, f.name, p.purpose, p.semester, p.state, coalesce(l.lines, 0),
      coalesce(l.unsettled, 0), coalesce(m.due, 0), coalesce(m.paid, 0), coalesce(m.confirmed, 0),
      coalesce(m.recovered, 0), p.paid_on, p.follows
    from page p
    join school s on s.district_id = p.district_id and s.id = p.school_id
    left join fund f on f.district_id = p.district_id and f.id = p.fund_id
    left join money m on m.batch_id = p.id
    left join lines l on l.batch_id = p.id
    order by p.id desc
    """

  /// Batches, newest first.
  /// - Parameters:
  ///   - after: the last batch of the page before.
  ///   - limit: rows of a page.
  package static func list(
    school: UUID? = nil, semester: Semester? = nil, state: PaymentState? = nil, after: UUID? = nil,
    limit: Int = 50, in context: Context
  ) async throws -> [PaymentBatch] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try session.query(
        list, actor.districtID, school, semester?.ordinal, state?.rawValue, after, nil as UUID?,
        limit
      ).map(batch)
    }
  }

  /// One batch, in the caller's transaction.
  /// - Throws: `PaymentError.unknownBatch`.
  static func batch(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> PaymentBatch {
    let rows = try session.query(
      list, actor.districtID, nil as UUID?, nil as Int?, nil as String?, nil as UUID?, id, 1)
    guard let row = rows.first else { throw PaymentError.unknownBatch }
    return try batch(row)
  }

  private static func batch(_ row: Row) throws -> PaymentBatch {
    PaymentBatch(
      id: try row.get(0), title: try row.get(1), school: try row.get(2), fund: try row.optional(3),
      purpose: Purpose(rawValue: try row.get(4)), semester: try row.semester(5),
      state: PaymentState(rawValue: try row.get(6)) ?? .draft, lines: Int(try row.get(7) as Int64),
      unsettled: Int(try row.get(8) as Int64),
      figures: PaymentFigures(
        due: Money(fen: try row.get(9)), paid: Money(fen: try row.get(10)),
        confirmed: Money(fen: try row.get(11)), recovered: Money(fen: try row.get(12))),
      paidOn: try row.optional(13), follows: try row.optional(14))
  }

  /// Somebody's approval. Those of an earlier round do not count.
  package struct Approval: Sendable, Codable {
    package let login: String
    package let round: Int
    package let counts: Bool
    package let at: String
  }

  /// A line on which less was paid than was due (足额发放), and what became of it.
  package struct Difference: Sendable, Codable {
    package let number: Int
    package let missing: Money
    /// Why; nil where nobody said.
    package let explanation: String?
    /// The batch in which it is paid again.
    package let followedBy: UUID?

    package var isExplained: Bool { explanation != nil || followedBy != nil }

    enum CodingKeys: String, CodingKey {
      case number, missing, explanation
      case followedBy = "followed_by"
    }
  }

  /// All of a batch but its lines.
  package struct Detail: Sendable, Codable {
    package let batch: PaymentBatch
    package let maker: String
    package let approvalsNeeded: Int?
    package let approvals: [Approval]
    package let differences: [Difference]

    enum CodingKeys: String, CodingKey {
      case batch, maker
      case approvalsNeeded = "approvals_needed"
      case approvals, differences
    }

    /// Due = paid + explained differences.
    package var isPaidInFull: Bool { differences.allSatisfy(\.isExplained) }
  }

  private static let people: SQL = """
    select coalesce(m.login, '?'), b.approvals_needed from payment_batch b
    left join app_user m on m.district_id = b.district_id and m.id = b.maker_id
    where b.district_id = $1 and b.id = $2
    """
  private static let approvals: SQL = """
    select coalesce(u.login, '?'), a.round,
      a.round = b.round and b.state not in ('draft', 'cancelled'),
      to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
    from payment_approval a
    join payment_batch b on b.district_id = a.district_id and b.id = a.batch_id
    left join app_user u on u.district_id = a.district_id and u.id = a.person_id
    where a.district_id = $1 and a.batch_id = $2
    order by a.id
    """
  private static let differences: SQL = """
    select l.number, m.due_fen - m.sent_fen + m.returned_fen, l.explanation, n.batch_id
    from payment_money(array[$2::uuid]) as m
    join payment_line l on l.district_id = $1 and l.id = m.line_id
    left join payment_line n
      on n.district_id = l.district_id and n.replaces = l.id and n.state <> 'cancelled'
    where l.transfer_id is not null and m.sent_fen - m.returned_fen <> m.due_fen
    order by l.number
    """

  /// A batch with its approvals and its differences.
  /// - Throws: `PaymentError.unknownBatch`.
  package static func show(_ id: UUID, in context: Context) async throws -> Detail {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let batch = try batch(id, session, actor)
      guard let people = try session.query(people, actor.districtID, id).first else {
        throw PaymentError.unknownBatch
      }
      let needed: Int32? = try people.optional(1)
      return Detail(
        batch: batch, maker: try people.get(0), approvalsNeeded: needed.map(Int.init),
        approvals: try session.query(approvals, actor.districtID, id).map { row in
          Approval(
            login: try row.get(0), round: Int(try row.get(1) as Int32), counts: try row.get(2),
            at: try row.get(3))
        },
        differences: try session.query(differences, actor.districtID, id).map { row in
          Difference(
            number: Int(try row.get(0) as Int32), missing: Money(fen: try row.get(1)),
            explanation: try row.optional(2), followedBy: try row.optional(3))
        })
    }
  }
}
