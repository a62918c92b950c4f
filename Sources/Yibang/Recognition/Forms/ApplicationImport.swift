import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet

extension Cases {
  /// Imports filled applications (认定申请表): a workbook with a form on each sheet, or a table with a
  /// line for each. Every application becomes a case, as by `apply`, is there already, or is refused
  /// with its place and what to do. What families write about income or illness stays on the paper.
  /// - Throws: `TableFileError`, `ImportError`, `RecognitionError.unknownRound`, `AccessError`.
  package static func importApplications(
    _ request: ImportRequest, school: Schools.School, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school.id)
    let vault = context.platform.vault
    return try await Import.run(request, kind: "application", in: context) {
      file, _, session, report in
      let round = try Rounds.find(
        request.semester.schoolYear, school: school.id, session, actor.districtID)
      let rules = try RuleBook(session, district: actor.districtID)
        .rules(round.ruleSet, version: round.ruleVersion)
      let entries = try ApplicationFile.read(file, under: rules, request.progress, &report)
      var checked: [CheckedApplication] = []
      for entry in entries {
        var refusals: [Refusal] = []
        if let application = CheckedApplication(entry, round, rules, &refusals) {
          checked.append(application)
        }
        report.refuse(refusals)
      }
      let store = try ApplicationStore(checked, round, school, session, actor, vault)
      var seen: [UUID: CheckedApplication] = [:]
      for application in checked {
        switch store.outcome(of: application, &seen) {
        case .refused(let refusal): report.refuse([refusal])
        case .unchanged: report.unchanged += 1
        case .new(let student, let guardian):
          let id = UUID.v7()
          _ = try run(
            session,
            [
              Bound(
                apply, id, round.id, student, guardian, true,
                try vault.sealJSON(application.claims, at: CaseGrounds.claims(of: id)),
                application.date, actor.userID),
              audit(
                actor, "recognition.apply", id,
                ["applied_on": "\(application.date)", "file": request.fileName]),
            ])
          report.accepted += 1
        }
      }
    }
  }
}

enum ApplicationFile {
  /// All applications of a file. If any of its sheets is a form, the others are passed over.
  static func read(
    _ file: TableFile, under rules: RuleSet, _ progress: ((Double) -> Void)?,
    _ report: inout ImportReport
  ) throws -> [ApplicationEntry] {
    var forms: [ApplicationEntry] = []
    var others: [(sheet: String, row: Int)] = []
    let known = ApplicationColumn.known
    for (index, sheet) in file.sheets.enumerated() {
      var rows: [SheetRow] = []
      var isTable = false
      try file.rows(sheet: index) { row, _ in
        guard rows.count < ApplicationSheet.rowLimit else { return }
        rows.append(row)
        isTable =
          isTable
          || SheetLayout.read(row.cells.map(\.text), row: row.number, known: known) != nil
      }
      if !isTable, let form = ApplicationSheet.read(sheet, rows, under: rules) {
        forms.append(form)
      } else if let first = rows.first {
        others.append((sheet, first.number))
      }
    }
    guard forms.isEmpty else {
      for other in others {
        report.skip(
          sheet: other.sheet, row: other.row,
          why: Text("不是申请表，未读取", "no application form: not read"))
      }
      return forms
    }
    var lines: [ApplicationEntry] = []
    try SheetScan<ApplicationColumn>.scan(file, progress: progress) { event in
      guard case .row(let data) = event else { return report.passOver(event) }
      lines.append(ApplicationEntry(data))
    }
    return lines
  }
}

/// An application whose own content is in order.
struct CheckedApplication {
  let entry: ApplicationEntry
  let name: String
  let residentID: ResidentID?
  let grade: String?
  let className: String?
  /// Who signed, by name.
  let guardian: String
  let date: CalendarDate
  let claims: [String]

  private static let yes: Set<String> = [
    "是", "√", "✓", "✔", "☑", "已签", "已签字", "有", "Y", "y", "yes",
  ]
  private static let no: Set<String> = ["", "否", "无", "未签", "未签字", "×", "/", "-", "N", "n", "no"]

  /// - Returns: nil where something is refused.
  init?(
    _ entry: ApplicationEntry, _ round: Rounds.Round, _ rules: RuleSet,
    _ refusals: inout [Refusal]
  ) {
    self.entry = entry
    name = normalizeName(entry.text(.name))
    if name.isEmpty {
      refusals.append(
        entry.refusal(
          .name, problem: Text("姓名为空", "the name is empty"),
          advice: Text("补上学生姓名", "write the pupil's name")))
    }
    residentID = Self.residentID(entry, &refusals)
    grade = entry.text(.grade).filter { $0 != " " }.nonEmpty
    className = entry.text(.className).filter { $0 != " " }.nonEmpty
    guardian = Self.guardian(entry, &refusals)
    let date = Self.date(entry, round, &refusals)
    var codes: [String] = []
    for claim in entry.claims {
      let reading = rules.categories(in: claim.text)
      if !reading.unknown.isEmpty || reading.matches.isEmpty {
        refusals.append(
          entry.refusal(
            claim, .claims,
            problem: Text("不是认定办法的类别", "this is no category of the rules"),
            advice: Text(
              "改为认定办法中的类别，见 yibang recognition rules",
              "write a category of the rules: see yibang recognition rules")))
      }
      for match in reading.matches where !codes.contains(match.category.code) {
        codes.append(match.category.code)
      }
    }
    claims = codes
    guard refusals.isEmpty, let date else { return nil }
    self.date = date
  }

  private static func residentID(
    _ entry: ApplicationEntry, _ refusals: inout [Refusal]
  ) -> ResidentID? {
    let text = entry.text(.residentID)
    guard !["", "/", "-", "无"].contains(text) else { return nil }
    if case .number(_, lostDigits: true) = entry.fields[.residentID]?.value.value {
      let error = IdentifierError(kind: .residentID, reason: .digitsLost)
      refusals.append(
        entry.refusal(.residentID, problem: error.problem, advice: error.advice))
      return nil
    }
    do {
      return try ResidentID(text)
    } catch {
      refusals.append(
        entry.refusal(.residentID, problem: error.problem, advice: error.advice))
      return nil
    }
  }

  private static func guardian(
    _ entry: ApplicationEntry, _ refusals: inout [Refusal]
  ) -> String {
    let named = normalizeName(entry.text(.guardian))
    let signature = normalizeName(entry.text(.signature))
    let isSigned = entry.fields[.signature] == nil ? !named.isEmpty : !no.contains(signature)
    guard isSigned else {
      refusals.append(
        entry.refusal(
          .signature, problem: Text("监护人没有签名", "the guardian has not signed"),
          advice: Text("请监护人在承诺处签名后再导入", "have the guardian sign the promise first")))
      return ""
    }
    let name = signature.isEmpty || yes.contains(signature) ? named : signature
    if name.isEmpty {
      refusals.append(
        entry.refusal(
          .guardian, problem: Text("没有写明哪位监护人申请", "it does not say which guardian applies"),
          advice: Text("写上监护人姓名", "write the guardian's name")))
    }
    return name
  }

  private static func date(
    _ entry: ApplicationEntry, _ round: Rounds.Round, _ refusals: inout [Refusal]
  ) -> CalendarDate? {
    let text = entry.text(.date).filter { !$0.isWhitespace }
    guard let date = parseChineseDate(text)?.date else {
      refusals.append(
        entry.refusal(
          .date, problem: Text("没有申请日期", "there is no day of the application"),
          advice: Text("写成 2026-09-10 这样", "write it like 2026-09-10")))
      return nil
    }
    let days = round.announcedOn...round.deadlines.apply
    guard days.contains(date) else {
      refusals.append(
        entry.refusal(
          .date,
          problem: Text(
            "不在申请期内（\(days.lowerBound) 至 \(days.upperBound)）",
            "not while applications are taken (\(days.lowerBound) to \(days.upperBound))"),
          advice: Text(
            "核对日期；过期的在下学期调整时申请", "check the day; late ones are for next semester's adjustment")))
      return nil
    }
    return date
  }
}
