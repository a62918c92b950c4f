package import Foundation
import Postgres
package import SchoolCalendar

extension Letters {
  /// A letter as its school's list shows it: nothing of what it says.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let pupil: String
    package let className: String?
    /// “匿名” for one who stays unnamed.
    package let sponsor: String
    package let form: String
    package let state: State
    package let version: Int
    package let writtenOn: CalendarDate
    /// What was found in this version.
    package let issues: [LetterFinding.Kind]
    /// Released, but no consent covers it any more: it is not handed over.
    package let isStopped: Bool

    enum CodingKeys: String, CodingKey {
      case id, pupil
      case className = "class"
      case sponsor, form, state, version
      case writtenOn = "written_on"
      case issues
      case isStopped = "stopped"
    }
  }

  // $1 district, $2 state, $3 pupil, $4 letter (null: all), $5 day, $6 and $7 the letter before,
  // $8 limit
  private static let list: SQL = """
    select l.id, s.name, s.class_name, donor_shown(d.anonymous, d.name, d.merged_into), l.form,
      l.state, l.version, l.written_on,
      array(
        select distinct i.kind from letter_issue i
        where i.district_id = l.district_id and i.letter_id = l.id and i.version = l.version
        order by i.kind
      ),
      l.state in ('released', 'delivered')
        and not letter_covered(l.student_id, l.donor_id, $5)
    from letter l
    join student s on s.district_id = l.district_id and s.id = l.student_id
    join donor d on d.district_id = l.district_id and d.id = l.donor_id
    where l.district_id = $1 and ($2::text is null or l.state = $2)
      and ($3::uuid is null or l.student_id = $3) and ($4::uuid is null or l.id = $4)
      and (l.written_on, l.id) < ($6, $7)
    order by l.written_on desc, l.id desc
    limit $8
    """

  /// The letters of the actor's own school, the newest first.
  /// - Throws: `LetterError.schoolOnly`, `AccessError`.
  package static func list(
    state: State? = nil, student: UUID? = nil, on day: CalendarDate, in context: Context
  ) async throws -> [Entry] {
    try await list(state: state, student: student, on: day, limit: 1_000_000, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`; as `list`.
  package static func page(
    _ page: PageRequest, state: State? = nil, student: UUID? = nil, on day: CalendarDate,
    in context: Context
  ) async throws -> Page<Entry> {
    let found = try await list(
      state: state, student: student, on: day, after: page.place(CalendarDate.self, UUID.self),
      limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor("\($0.writtenOn)", $0.id.uuidString) }
  }

  /// One letter, without what it says.
  /// - Throws: `LetterError.unknown`; as `list`.
  package static func show(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Entry {
    guard let entry = try await list(id, on: day, limit: 1, in: context).first else {
      throw LetterError.unknown(id)
    }
    return entry
  }

  private static func list(
    _ id: UUID? = nil, state: State? = nil, student: UUID? = nil, on day: CalendarDate,
    after: (CalendarDate, UUID)? = nil, limit: Int, in context: Context
  ) async throws -> [Entry] {
    let actor = try reviewer(context)
    return try await context.readInOrder { session in
      let rows = try session.query(
        list, actor.districtID, state?.rawValue, student, id, day, after?.0 ?? .afterAll,
        after?.1 ?? .afterAll, limit)
      return try rows.map { row in
        let kinds: [String] = try row.get(8)
        guard let state = State(rawValue: try row.get(5)) else {
          throw PostgresError.decoding("letter")
        }
        return Entry(
          id: try row.get(0), pupil: try row.get(1), className: try row.optional(2),
          sponsor: try row.get(3), form: try row.get(4), state: state,
          version: Int(try row.get(6) as Int32), writtenOn: try row.get(7),
          issues: kinds.compactMap { LetterFinding.Kind(rawValue: $0) },
          isStopped: try row.get(9))
      }
    }
  }
}
