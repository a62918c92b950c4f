import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet

extension Activities {
  /// Imports a 德育活动登记表: every line becomes an activity of the school, changes nothing because it
  /// is recorded, or is refused with its reason.
  ///
  /// A line is known again by its whole content and its place among equal lines. A line that differs
  /// from a recorded activity of the same day, kind and theme is taken as another one, and reported.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`.
  package static func importSheet(
    _ request: ImportRequest, school: Schools.School, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.logActivities)
    try actor.require(school: school.id)
    return try await Import.run(request, kind: "activity", in: context) {
      file, importID, session, report in
      let term = try Semesters.record(request.semester, session, actor.districtID)
      try takeTurn(school: school.id, session, actor)
      var lines = ActivityImport(
        reader: ActivityReader(
          semester: request.semester, dates: term.dates, schoolName: school.name),
        school: school.id, actor: actor, vault: context.platform.vault, importID: importID)
      try SheetScan<ActivityColumn>.scan(file, progress: request.progress) { event in
        try lines.take(event, session, &report)
      }
      try lines.write(session, &report)
    }
  }
}

/// The lines of one register on their way into the database, in chunks.
struct ActivityImport {
  static let chunkRows = 1_000

  let reader: ActivityReader
  let school: UUID
  let actor: Actor
  let vault: Vault
  let importID: UUID

  private var chunk: [Line] = []
  /// How often an equal line was read.
  private var occurrences: [[String]: Int] = [:]

  private struct Line {
    let sheet: String
    let number: Int
    let content: ActivityContent
    let hash: [UInt8]
  }

  init(
    reader: ActivityReader, school: UUID, actor: Actor, vault: Vault, importID: UUID
  ) {
    self.reader = reader
    self.school = school
    self.actor = actor
    self.vault = vault
    self.importID = importID
  }

  private static let recorded: SQL = """
    select line_hash from activity where district_id = $1 and line_hash = any ($2)
    """
  private static let sameDays: SQL = """
    select held_on, kind, theme, line_hash from activity
    where district_id = $1 and school_id = $2 and semester = $3 and held_on = any ($4)
    """
  // Two characters are too often a word: 文明, 安全.
  private static let naming: SQL = """
    select distinct t.line from unnest($3::text[]) with ordinality as t (words, line)
    join student s on strpos(t.words, s.name) > 0
    where s.district_id = $1 and s.school_id = $2 and length(s.name) >= 3
    order by t.line
    """
  private static let insert: SQL = """
    insert into activity (
      district_id, school_id, semester, import_id, actor_id, id, held_on, kind, theme, host,
      participants, place, outcome, note, line_hash
    )
    select $1, $2, $3, $4, $5, u.*
    from unnest(
      $6::uuid[], $7::date[], $8::text[], $9::text[], $10::text[], $11::int[], $12::text[],
      $13::text[], $14::text[], $15::bytea[]
    ) as u
    """

  mutating func take(
    _ event: SheetEvent<ActivityColumn>, _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    switch event {
    case .row(let data):
      let (content, refusals) = reader.read(data)
      report.refuse(refusals)
      guard let content else { return }
      let occurrence = occurrences[content.parts, default: 0]
      occurrences[content.parts] = occurrence + 1
      let hash = content.lineHash(
        school: school, semester: reader.semester, occurrence: occurrence, vault: vault)
      chunk.append(Line(sheet: data.sheet, number: data.number, content: content, hash: hash))
      if chunk.count >= Self.chunkRows { try write(session, &report) }
    case .total, .skipped, .endOfSheet: report.passOver(event)
    }
  }

  /// Writes the lines collected so far.
  mutating func write(_ session: borrowing Session, _ report: inout ImportReport) throws {
    guard !chunk.isEmpty else { return }
    let lines = chunk
    chunk.removeAll(keepingCapacity: true)
    let recorded = Set(
      try session.query(Self.recorded, actor.districtID, lines.map(\.hash)).map {
        try $0.get(0) as [UInt8]
      })
    let fresh = lines.filter { !recorded.contains($0.hash) }
    report.unchanged += lines.count - fresh.count
    report.accepted += fresh.count
    guard !fresh.isEmpty else { return }
    try warnOfLikely(fresh, among: lines, session, &report)
    try warnOfNames(fresh, session, &report)
    let contents = fresh.map(\.content)
    try session.execute(
      Self.insert, actor.districtID, school, reader.semester.ordinal, importID, actor.userID,
      fresh.map { _ in UUID.v7() }, contents.map(\.heldOn), contents.map(\.kind.rawValue),
      contents.map(\.theme), contents.map(\.host), contents.map { $0.participants.map(Int32.init) },
      contents.map(\.place), contents.map(\.outcome), contents.map(\.note), fresh.map(\.hash))
  }

  private struct Event: Hashable {
    let date: CalendarDate
    let kind: String
    let theme: String
  }

  /// Reports new lines that may be a recorded activity with something corrected.
  private func warnOfLikely(
    _ fresh: [Line], among lines: [Line], _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    let inFile = Set(lines.map(\.hash))
    let days = Array(Set(fresh.map(\.content.heldOn)))
    var known: Set<Event> = []
    let rows = try session.query(
      Self.sameDays, actor.districtID, school, reader.semester.ordinal, days)
    for row in rows {
      if let hash: [UInt8] = try row.optional(3), inFile.contains(hash) { continue }
      known.insert(
        Event(
          date: try row.get(0), kind: try row.get(1), theme: normalizeText(try row.get(2))))
    }
    for line in fresh {
      let content = line.content
      let event = Event(
        date: content.heldOn, kind: content.kind.rawValue, theme: normalizeText(content.theme))
      guard known.contains(event) else { continue }
      report.warn(
        ImportWarning(
          .likelyDuplicate, sheet: line.sheet, row: line.number,
          Text(
            "同一天已登记过同类型、同主题的活动，其他内容不同：可能是同一次活动，请核对（已作为另一次登记）",
            "an activity of this day, kind and theme is on record with other details: perhaps the "
              + "same one, please check (recorded as another)")))
    }
  }

  /// Reports new lines in whose text a pupil of the school seems to be named; the host may be a
  /// namesake.
  private func warnOfNames(
    _ fresh: [Line], _ session: borrowing Session, _ report: inout ImportReport
  ) throws {
    let words = fresh.map { line in
      [line.content.theme, line.content.outcome, line.content.note].compactMap { $0 }
        .joined(separator: "\n")
    }
    for row in try session.query(Self.naming, actor.districtID, school, words) {
      let line = fresh[try row.get(0) - 1]
      report.warn(
        ImportWarning(
          .unverified, sheet: line.sheet, row: line.number,
          Text(
            "主题、效果或备注中出现了本校学生的姓名：活动记录不写学生身份，请核对",
            "the theme, outcome or note has the name of a pupil of the school: an activity identifies "
              + "no pupil, please check")))
    }
  }
}
