import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet

extension Students {
  /// Imports a roster: every row becomes a new pupil, a change of a known one, nothing new, or a
  /// refusal that says where and what to do.
  ///
  /// A pupil is known by resident ID or 学籍号, and without either by name and class. An empty cell
  /// changes nothing. A tier is recorded as a filed recognition of the school year with the sheet as
  /// its source, a guardian's “同意” as consent to pairing.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`.
  package static func importRoster(
    _ request: ImportRequest, school: Schools.School, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.importStudents)
    try actor.require(school: school.id)
    return try await Import.run(request, kind: "student", in: context) {
      file, importID, session, report in
      var roster = RosterImport(
        request: request, school: school, actor: actor, vault: context.platform.vault,
        importID: importID)
      try SheetScan<StudentColumn>.scan(file, progress: request.progress) { event in
        try roster.take(event, session, &report)
      }
      try roster.finish(session, &report)
    }
  }
}

/// One roster on its way into the database, in chunks, so that memory does not grow with the file.
struct RosterImport {
  static let chunkRows = 1_000

  private let store: RosterStore
  private var reader: RosterReader
  private var writer: RosterWriter
  private var chunk: [RosterRow] = []
  private var chunksWritten = 0
  /// Row numbers by a short digest of the pupil's identity: duplicates within the file.
  private var rowsByIdentity: [Int: Place] = [:]
  private var rowsByClass: [Int: [ClassEntry]] = [:]

  private struct Place {
    let sheet: String
    let row: Int
  }

  private struct ClassEntry {
    let place: Place
    /// The first 17 digits of the resident ID.
    let digits: Int64
  }

  init(
    request: ImportRequest, school: Schools.School, actor: Actor, vault: Vault, importID: UUID
  ) {
    reader = RosterReader(request, school: school)
    store = RosterStore(
      actor: actor, school: school.id, schoolYear: request.semester.schoolYear.firstYear,
      vault: vault)
    writer = RosterWriter(
      actor: actor, school: school.id, semester: request.semester, today: request.today,
      source: request.fileName, importID: importID, vault: vault)
  }

  mutating func take(
    _ event: SheetEvent<StudentColumn>, _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    switch event {
    case .row(let data):
      guard let row = reader.read(data, &report), isFirst(row, data, &report) else { return }
      chunk.append(row)
      if chunk.count >= Self.chunkRows { try write(session, &report) }
    case .total(let data, _):
      report.skip(sheet: data.sheet, row: data.number, why: Text("合计", "total"))
    case .skipped(let sheet, let row, let why):
      report.skip(sheet: sheet, row: row, why: why)
    case .endOfSheet: break
    }
  }

  mutating func finish(_ session: borrowing Session, _ report: inout ImportReport) throws {
    try write(session, &report)
  }

  /// Refuses a pupil listed twice in the file and reports likely duplicates.
  private mutating func isFirst(
    _ row: RosterRow, _ data: DataRow<StudentColumn>, _ report: inout ImportReport
  ) -> Bool {
    var identity = Hasher()
    if let residentID = row.residentID {
      identity.combine(residentID.text)
    } else if let code = row.code {
      identity.combine(code.text)
    } else {
      identity.combine(row.name)
      identity.combine(row.grade)
      identity.combine(row.className)
      identity.combine(row.gender)
      identity.combine(row.birthMonth)
      identity.combine(row.guardian?.name)
    }
    let place = Place(sheet: row.sheet, row: row.number)
    let key = identity.finalize()
    if let earlier = rowsByIdentity[key] {
      report.refuse([
        data.refusal(
          row.residentID == nil ? .name : .residentID,
          problem: Text(
            "与“\(earlier.sheet)”第 \(earlier.row) 行是同一名学生",
            "the same pupil as row \(earlier.row) of “\(earlier.sheet)”"),
          advice: Text("删除其中一行", "delete one of the two rows"))
      ])
      return false
    }
    rowsByIdentity[key] = place
    if let residentID = row.residentID, let digits = Int64(residentID.text.prefix(17)) {
      var classKey = Hasher()
      classKey.combine(row.name)
      classKey.combine(row.grade)
      classKey.combine(row.className)
      let key = classKey.finalize()
      for entry in rowsByClass[key] ?? [] where differsInOneDigit(entry.digits, digits) {
        warnLikelyDuplicate(row, "第 \(entry.place.row) 行", "row \(entry.place.row)", &report)
      }
      rowsByClass[key, default: []].append(ClassEntry(place: place, digits: digits))
    }
    return true
  }

  private func warnLikelyDuplicate(
    _ row: RosterRow, _ zh: String, _ en: String, _ report: inout ImportReport
  ) {
    report.warn(
      .init(
        .likelyDuplicate, sheet: row.sheet, row: row.number,
        Text(
          "与\(zh)同名同班，身份证号只差一位：可能是同一名学生，请核对（未合并）",
          "same name and class as \(en), and one digit apart in the resident ID: perhaps the same "
            + "pupil, please check (not merged)")))
  }

  private mutating func write(_ session: borrowing Session, _ report: inout ImportReport) throws {
    guard !chunk.isEmpty else { return }
    let rows = chunk
    chunk.removeAll(keepingCapacity: true)
    let residents = rows.map { writer.residentHash($0.residentID?.text) }
    let codes = rows.map { writer.codeHash($0.code?.text) }
    let enrolments = try store.enrolments(
      session, residents: residents.compactMap { $0 }, codes: codes.compactMap { $0 })
    let enrolled = rows.indices.map { index in
      residents[index].flatMap { enrolments[$0] } ?? codes[index].flatMap { enrolments[$0] }
    }
    let strangers = zip(rows, enrolled).filter { $0.1 == nil }.map(\.0)
    let namesakes = try store.namesakes(session, strangers)
    var matches: [Match] = []
    for (row, enrolment) in zip(rows, enrolled) {
      let match = match(row, enrolment, namesakes[row.name] ?? [])
      if case .new = match, row.residentID != nil {
        try compareKnown(row, namesakes[row.name] ?? [], &report)
      }
      matches.append(match)
    }
    let known = try store.known(session, matches.compactMap(\.student))
    for (row, match) in zip(rows, matches) {
      try apply(row, match, known, &report)
    }
    try writer.flush(session)
    chunksWritten += 1
    if chunksWritten == 1, rows.count == Self.chunkRows { try Import.firstChunkWritten(session) }
  }

  private enum Match {
    case new
    case known(UUID)
    case elsewhere
    case ambiguous

    var student: UUID? {
      if case .known(let id) = self { id } else { nil }
    }
  }

  private func match(
    _ row: RosterRow, _ enrolment: (school: UUID, student: UUID)?,
    _ namesakes: [RosterStore.Namesake]
  ) -> Match {
    if let enrolment {
      return enrolment.school == store.school ? .known(enrolment.student) : .elsewhere
    }
    var candidates = namesakes.filter { $0.isClassmate(of: row) }
    if row.residentID != nil { candidates.removeAll(where: \.hasResidentID) }
    if candidates.count > 1 { candidates = candidates.filter { $0.agrees(with: row) } }
    switch candidates.count {
    case 0: return .new
    case 1: return .known(candidates[0].id)
    default: return .ambiguous
    }
  }

  /// Reports a recorded pupil of the same name and class whose resident ID is one digit apart.
  private func compareKnown(
    _ row: RosterRow, _ namesakes: [RosterStore.Namesake], _ report: inout ImportReport
  ) throws {
    guard let digits = row.residentID.flatMap({ Int64($0.text.prefix(17)) }) else { return }
    for namesake in namesakes where namesake.hasResidentID && namesake.isClassmate(of: row) {
      let fields = try store.fields(namesake.sealed, table: "student", id: namesake.id)
      if let other = fields["resident"].flatMap({ Int64($0.prefix(17)) }),
        differsInOneDigit(other, digits)
      {
        warnLikelyDuplicate(row, "已登记的一名学生", "a pupil on record", &report)
      }
    }
  }

  private mutating func apply(
    _ row: RosterRow, _ match: Match, _ known: [UUID: KnownStudent], _ report: inout ImportReport
  ) throws {
    switch match {
    case .new:
      try writer.add(row)
      report.accepted += 1
    case .known(let id):
      guard let student = known[id], try writer.merge(row, into: student) else {
        report.unchanged += 1
        return
      }
      report.accepted += 1
      report.updated += 1
    case .elsewhere:
      refuse(
        row, "身份证号", Text("该学生已在本区另一所学校登记", "this pupil is enrolled at another school"),
        Text("先在原学校办理转出，或核对号码", "have the pupil transferred first, or check the number"),
        &report)
    case .ambiguous:
      refuse(
        row, "姓名", Text("同班有多名同名学生，无法确定是哪一位", "several pupils of this name in the class"),
        Text("补上身份证号或学籍号", "add the resident ID or the student code"), &report)
    }
  }

  private func refuse(
    _ row: RosterRow, _ column: String, _ problem: Text, _ advice: Text,
    _ report: inout ImportReport
  ) {
    report.refuse([
      Refusal(
        sheet: row.sheet, row: row.number, column: column, cell: nil,
        value: column == "姓名" ? row.name : row.residentID?.text ?? row.code?.text ?? "",
        problem: problem, advice: advice)
    ])
  }
}

/// Whether two numbers of the same length differ in exactly one decimal digit.
func differsInOneDigit(_ left: Int64, _ right: Int64) -> Bool {
  var left = left
  var right = right
  var differences = 0
  while left > 0 || right > 0 {
    if left % 10 != right % 10 { differences += 1 }
    left /= 10
    right /= 10
  }
  return differences == 1
}
