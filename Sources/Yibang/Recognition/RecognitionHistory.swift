package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

/// What was recognised of pupils, by date.
package enum Recognitions {
  package enum State: String, CaseIterable, Sendable, Codable {
    case filed, revoked, replaced

    package var name: Text {
      switch self {
      case .filed: Text("有效", "holds")
      case .revoked: Text("已撤销", "revoked")
      case .replaced: Text("已被更正", "replaced")
      }
    }
  }

  /// A recognition with the days on which it holds, both included.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let student: UUID
    /// Masked where the actor has no right to identities.
    package let name: String
    /// Where the pupil was on the first day, or on the day that is asked for.
    package private(set) var school: String
    package let tier: Tier
    /// Nil unless it was asked for with a reason.
    package let category: String?
    package let state: State
    package let from: CalendarDate
    package let until: CalendarDate
    package let ruleSet: String
    package let ruleVersion: Int
    package let filedOn: CalendarDate
    /// The case that it was decided in; nil where a sheet says so.
    package let recognitionCase: UUID?

    enum CodingKeys: String, CodingKey {
      case id, student, name, school, tier, category, state, from, until
      case ruleSet = "rule_set"
      case ruleVersion = "rule_version"
      case filedOn = "filed_on"
      case recognitionCase = "case"
    }

    /// With the school of a day: where the last move before it leads, else where the first one began.
    fileprivate func at(_ moves: [StudentMoves.Move], on day: CalendarDate) -> Entry {
      var entry = self
      entry.school = moves.last { $0.on <= day }?.to ?? moves.first?.from ?? school
      return entry
    }
  }

  // A page goes on after a recognition, told by its id alone: who sees names masked gets none in a cursor.
  // $1 district, $2 pupil or all, $3 school, $4 day or all, $5 whether replaced ones too, $6 after this
  // one, $7 limit
  private static let find: SQL = """
    select r.id, r.student_id, s.name, r.tier, r.category, r.state, r.valid_from, r.valid_until,
      r.rule_set, r.rule_version, r.filed_on, r.case_id, h.name
    from recognition r
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school h on h.district_id = s.district_id and h.id = s.school_id
    where r.district_id = $1 and ($2::uuid is null or r.student_id = $2)
      and ($3::uuid is null or r.school_id = $3)
      and ($4::date is null or $4 between r.valid_from and r.valid_until)
      and ($5 or r.state <> 'replaced')
      and (
        $6::uuid is null
        or h.code >= (
          select f.code from recognition a
          join student b on b.district_id = a.district_id and b.id = a.student_id
          join school f on f.district_id = b.district_id and f.id = b.school_id
          where a.district_id = $1 and a.id = $6
        )
        and (h.code, s.name collate "zh-x-icu", s.id, r.valid_from, r.id) > (
          select f.code, b.name, b.id, a.valid_from, a.id from recognition a
          join student b on b.district_id = a.district_id and b.id = a.student_id
          join school f on f.district_id = b.district_id and f.id = b.school_id
          where a.district_id = $1 and a.id = $6
        )
      )
    order by h.code, s.name collate "zh-x-icu", s.id, r.valid_from, r.id
    limit $7
    """
  private static let known: SQL = "select from recognition where district_id = $1 and id = $2"

  /// All that was ever recognised of a pupil, by date.
  /// - Parameters:
  ///   - withReplaced: also what was corrected before it came to hold, or later.
  ///   - reveal: why the categories are asked for, which is recorded; nil leaves them out.
  /// - Throws: `StudentError.unknown`, `ReportError.reasonMissing`, `.reasonIdentifies`.
  package static func history(
    of student: UUID, withReplaced: Bool = false, reveal: String? = nil, in context: Context
  ) async throws -> [Entry] {
    try await entries(
      student, school: nil, on: nil, withReplaced: withReplaced, reveal: reveal, in: context)
  }

  /// What held on a day, by school and name.
  /// - Parameters:
  ///   - student: one pupil only.
  ///   - reveal: as for ``history(of:withReplaced:reveal:in:)``.
  /// - Throws: `StudentError.unknown`, `ReportError.reasonMissing`, `.reasonIdentifies`.
  package static func on(
    _ day: CalendarDate, student: UUID? = nil, school: UUID? = nil, reveal: String? = nil,
    in context: Context
  ) async throws -> [Entry] {
    if let school { try context.actor.require(school: school) }
    return try await entries(
      student, school: school, on: day, withReplaced: false, reveal: reveal, in: context)
  }

  /// A page of what held on a day. With a reason each page is recorded.
  /// - Throws: `CursorError`, and as ``on(_:student:school:reveal:in:)``.
  package static func page(
    _ page: PageRequest, on day: CalendarDate, student: UUID? = nil, school: UUID? = nil,
    reveal: String? = nil, in context: Context
  ) async throws -> Page<Entry> {
    if let school { try context.actor.require(school: school) }
    let found = try await entries(
      student, school: school, on: day, withReplaced: false, reveal: reveal, after: page.item,
      limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func entries(
    _ student: UUID?, school: UUID?, on day: CalendarDate?, withReplaced: Bool, reveal: String?,
    after: UUID? = nil, limit: Int = 1_000_000, in context: Context
  ) async throws -> [Entry] {
    try await RefusedLooks.noting(
      reveal == nil ? nil : .recognition, of: student.map { .student($0) }, in: context
    ) {
      try await found(
        student, school: school, on: day, withReplaced: withReplaced, reveal: reveal, after: after,
        limit: limit, in: context)
    }
  }

  private static func found(
    _ student: UUID?, school: UUID?, on day: CalendarDate?, withReplaced: Bool, reveal: String?,
    after: UUID?, limit: Int, in context: Context
  ) async throws -> [Entry] {
    let actor = context.actor
    try actor.require(.read)
    let why = try reveal.map { try Reveals.reason($0, actor) }
    let named = actor.may(.readIdentities)
    let body: @Sendable (borrowing Session) throws -> [Entry] = { session in
      if let student, try session.query(Cases.schoolOf, actor.districtID, student).isEmpty {
        throw StudentError.unknown(student)
      }
      try PageRequest.require(after, known, session, actor)
      let moves = try StudentMoves.list(of: student, openOnly: false, session)
        .filter { $0.state == .done }
      let movesOfPupil = Dictionary(grouping: moves, by: \.student)
      let rows = try session.query(
        find, actor.districtID, student, school, day, withReplaced, after, limit)
      let found = try rows.map { row -> Entry in
        let found = try entry(row, named: named, revealed: why != nil)
        return found.at(movesOfPupil[found.student] ?? [], on: day ?? found.from)
      }
      if let why {
        try Reveals.record(
          Reveals.Act(
            way: .recognition, what: [.hardship], reason: why, action: "recognition.reveal",
            record: (student == nil ? "recognition" : "student", student), school: school),
          of: Array(Set(found.map(\.student))), .student, session, actor)
      }
      return found
    }
    return why == nil ? try await context.read(body) : try await context.readTraced(body)
  }

  private static func entry(_ row: Row, named: Bool, revealed: Bool) throws -> Entry {
    let name: String = try row.get(2)
    guard let tier = Tier(rawValue: try row.get(3)), let state = State(rawValue: try row.get(5))
    else { throw PostgresError.decoding("recognition") }
    return Entry(
      id: try row.get(0), student: try row.get(1), name: named ? name : maskedName(name),
      school: try row.get(12), tier: tier,
      category: revealed ? try row.optional(4) : nil, state: state, from: try row.get(6),
      until: try row.get(7), ruleSet: try row.get(8), ruleVersion: Int(try row.get(9) as Int32),
      filedOn: try row.get(10), recognitionCase: try row.optional(11))
  }
}
