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
  /// its source, “同意” as consent to pairing with the sheet as its proof.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`.
  package static func importRoster(
    _ request: ImportRequest, school: Schools.School, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.importStudents)
    try actor.require(school: school.id)
    return try await Import.run(request, kind: "student", in: context) {
      file, importID, session, report in
      let vault = context.platform.vault
      let rules = try RuleBook(session, district: actor.districtID)
        .chosen(for: request.semester.schoolYear)
      var roster = RosterImport(
        request: request, school: school, rules: rules, actor: actor, vault: vault,
        importID: importID)
      try overlapped { hand in
        var source = RosterSource(
          request: request, school: school, rules: rules, vault: vault)
        try source.read(file, progress: request.progress, hand)
      } consume: { chunk in
        try roster.write(chunk, session, &report)
      }
    }
  }
}

/// One roster on its way into the database, in chunks, so that memory does not grow with the file.
struct RosterImport {
  private let store: RosterStore
  private var writer: RosterWriter
  private var chunksWritten = 0

  init(
    request: ImportRequest, school: Schools.School, rules: RuleSet, actor: Actor, vault: Vault,
    importID: UUID
  ) {
    store = RosterStore(
      actor: actor, school: school.id, semester: request.semester, today: request.today,
      vault: vault)
    writer = RosterWriter(
      actor: actor, school: school.id, rules: rules, semester: request.semester,
      today: request.today,
      source: request.fileName, importID: importID, vault: vault)
  }

  mutating func write(
    _ chunk: RosterChunk, _ session: borrowing Session, _ report: inout ImportReport
  ) throws {
    report.add(chunk.report)
    let rows = chunk.rows
    let enrolments = try store.enrolments(
      session, residents: rows.compactMap(\.residentHash), codes: rows.compactMap(\.codeHash))
    let enrolled = rows.map { row in
      row.residentHash.flatMap { enrolments[$0] } ?? row.codeHash.flatMap { enrolments[$0] }
    }
    let strangers = zip(rows, enrolled).filter { $0.1 == nil }.map(\.0.row)
    let namesakes = try store.namesakes(session, strangers)
    var matches: [Match] = []
    for (prepared, enrolment) in zip(rows, enrolled) {
      let row = prepared.row
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
    if chunksWritten == 1, rows.count == RosterSource.chunkRows {
      try Import.firstChunkWritten(session)
    }
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
        report.warn(
          .likelyDuplicate(
            of: Text("已登记的一名学生", "a pupil on record"), sheet: row.sheet, row: row.number))
      }
    }
  }

  private mutating func apply(
    _ prepared: PreparedRow, _ match: Match, _ known: [UUID: KnownStudent],
    _ report: inout ImportReport
  ) throws {
    let row = prepared.row
    switch match {
    case .new:
      writer.add(prepared)
      report.accepted += 1
    case .known(let id):
      if let student = known[id], let stated = row.recognition, student.isDecided,
        stated.tier != student.tier
      {
        report.warn(
          .init(
            .disagreement, sheet: row.sheet, row: row.number,
            Text(
              "等级与认定决定不同，未作更改；情况有变的，请在调整时申请",
              "the tier differs from what was decided, and stays: a change is for the adjustment")))
      }
      guard let student = known[id], try writer.merge(row, into: student) else {
        report.unchanged += 1
        return
      }
      report.accepted += 1
      report.updated += 1
    case .elsewhere:
      refuse(
        row, "身份证号", Text("该学生已在本区另一所学校登记", "this pupil is enrolled at another school"),
        Text(
          "先由原学校办理转学（student transfer），或核对号码",
          "have the old school transfer the pupil first (student transfer), or check the number"),
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
