package import Foundation
import Postgres
package import SchoolCalendar

/// The erasure of one child's data (PIPL 47): asked for by the guardian, by the pupil of fourteen or
/// more, or proposed once the time for keeping them is over; decided by a second person.
///
/// What others rest on stays as bare references: amounts, days, transfers, tiers, and the pupil's id.
/// Who it was, what its family lives in and what it wrote is gone, with the hashes it was found by.
package enum Erasures {
  package enum Asker: String, Sendable, CaseIterable, Codable {
    case guardian, pupil
    /// The time for keeping is over.
    case retention

    package var name: Text {
      switch self {
      case .guardian: Text("监护人", "guardian")
      case .pupil: Text("学生本人", "the pupil")
      case .retention: Text("保存期满", "time is over")
      }
    }
  }

  package enum State: String, Sendable, CaseIterable, Codable {
    case proposed, done, refused

    package var name: Text {
      switch self {
      case .proposed: Text("待决定", "proposed")
      case .done: Text("已删除", "erased")
      case .refused: Text("不予删除", "declined")
      }
    }
  }

  private static let propose: SQL = "select erasure_propose($1, $2, $3, $4, $5, $6)"

  /// Asks for a pupil's data to be erased.
  /// - Parameter reason: in free words; kept until it is decided.
  /// - Returns: the request.
  /// - Throws: `ErasureError` if a pairing runs, money is owed, a case or the books are open, or the
  ///   pupil is under fourteen; `AccessError`.
  package static func propose(
    _ student: UUID, reason: String, askedBy asker: Asker, on day: CalendarDate,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.importStudents)
    try actor.require(.readIdentities)
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw ErasureError.noReason }
    return try await context.write { session in
      let id = UUID.v7()
      let rows = try run(
        session, Bound(propose, id, student, asker.rawValue, reason, day, actor.userID))
      _ = try session.batch([
        audit(
          actor, "student.erase_ask", student, school: try rows.first?.get(0),
          ["erasure": id.lowercase, "asked_by": asker.rawValue])
      ])
      return id
    }
  }

  private static let find: SQL = """
    select state, student_id, school_id from erasure where district_id = $1 and id = $2
    """
  private static let decide: SQL = "select erasure_decide($1, $2, $3)"
  private static let decline: SQL = "select erasure_decline($1, $2, $3)"

  /// Erases, by a person who did not ask for it. Once it is done, asking again changes nothing.
  /// - Returns: whether it was done now.
  /// - Throws: `ErasureError.secondPerson`, `.declined`, `.dates`, `.unknown`, and as `propose`.
  package static func decide(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Bool {
    try await settle(id, decide, "student.erase", to: .done, on: day, in: context)
  }

  /// Declines what was asked for.
  /// - Throws: `ErasureError.done`, `.dates`, `.unknown`.
  package static func decline(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Bool {
    try await settle(id, decline, "student.erase_decline", to: .refused, on: day, in: context)
  }

  private static func settle(
    _ id: UUID, _ statement: SQL, _ action: String, to state: State, on day: CalendarDate,
    in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.decideErasures)
    return try await context.write { session in
      guard let row = try session.query(find, actor.districtID, id).first else {
        throw ErasureError.unknown
      }
      if try row.get(0) == state.rawValue { return false }
      _ = try run(session, Bound(statement, id, day, actor.userID))
      _ = try session.batch([
        audit(
          actor, action, try row.get(1), school: try row.get(2), ["erasure": id.lowercase])
      ])
      return true
    }
  }

  private static func run(_ session: borrowing Session, _ statement: Bound) throws -> Rows {
    do throws(PostgresError) {
      return try session.batch([statement])[0]
    } catch {
      throw ErasureError.refusal(error)
    }
  }

  private static func audit(
    _ actor: Actor, _ action: String, _ student: UUID, school: UUID?, _ after: [String: String?]
  ) -> Bound {
    Audit.statement(actor, action, subject: "student", id: student, school: school, after: after)
  }

  /// A request, as those who decide see it.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let student: UUID
    package let name: MaskedName
    package let school: String
    package let askedBy: Asker
    package let state: State
    package let reason: String?
    package let proposedOn: CalendarDate
    package let decidedOn: CalendarDate?

    enum CodingKeys: String, CodingKey {
      case id, student, name, school
      case askedBy = "asked_by"
      case state, reason
      case proposedOn = "proposed_on"
      case decidedOn = "decided_on"
    }
  }

  private static let list: SQL = """
    select e.id, e.student_id, s.name, h.name, e.asked_by, e.state, e.reason, e.proposed_on,
      e.decided_on
    from erasure e
    join student s on s.district_id = e.district_id and s.id = e.student_id
    join school h on h.district_id = e.district_id and h.id = e.school_id
    where e.district_id = $1 and (not $2 or e.state = 'proposed')
      and (e.proposed_on, e.id) < ($3, $4)
    order by e.proposed_on desc, e.id desc
    limit $5
    """

  /// Requests, newest first.
  /// - Parameter openOnly: only those that wait to be decided.
  package static func list(
    openOnly: Bool = false, limit: Int = 10_000, in context: Context
  ) async throws -> [Entry] {
    try await list(openOnly: openOnly, after: nil, limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, openOnly: Bool = false, in context: Context
  ) async throws -> Page<Entry> {
    let found = try await list(
      openOnly: openOnly, after: page.place(CalendarDate.self, UUID.self), limit: page.limit + 1,
      in: context)
    return Page(found, page) { Cursor("\($0.proposedOn)", $0.id.uuidString) }
  }

  private static func list(
    openOnly: Bool, after: (CalendarDate, UUID)?, limit: Int, in context: Context
  ) async throws -> [Entry] {
    let actor = context.actor
    try actor.require(.importStudents, or: .decideErasures)
    try actor.require(.readIdentities)
    return try await context.readInOrder { session in
      let rows = try session.query(
        list, actor.districtID, openOnly, after?.0 ?? .afterAll, after?.1 ?? .afterAll, limit)
      return try rows.map { row in
        guard let asker = Asker(rawValue: try row.get(4)),
          let state = State(rawValue: try row.get(5))
        else { throw PostgresError.decoding("erasure") }
        return Entry(
          id: try row.get(0), student: try row.get(1), name: MaskedName(masking: try row.get(2)),
          school: try row.get(3), askedBy: asker, state: state, reason: try row.optional(6),
          proposedOn: try row.get(7), decidedOn: try row.optional(8))
      }
    }
  }
}
