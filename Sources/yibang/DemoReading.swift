import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

/// The first half of the story: what is read from the schools' sheets, and the money.
extension Demo {
  mutating func tellDistrict() async throws {
    try begin(Text("一个区：学校、学期和用户", "A district: schools, semesters, users"))
    let schools = try await Schools.list(in: admin)
    let semesters = try await Semesters.list(in: admin)
    let users = try await Users.list(in: admin)
    try say(
      Text(
        "区 \(samples.district) 测试区 · 学校：\(schools.map(\.name).joined(separator: "、")) · "
          + "学期：\(semesters.map { "\($0.semester)" }.joined(separator: "、")) · "
          + "用户：\(users.map(\.login).joined(separator: "、"))",
        "District \(samples.district) 测试区 · schools: "
          + "\(schools.map(\.name).joined(separator: ", ")) · semesters: "
          + "\(semesters.map { "\($0.semester)" }.joined(separator: ", ")) · users: "
          + "\(users.map(\.login).joined(separator: ", "))"))
    try say(
      Text(
        "数据库和密钥在 \(work.settings.home.path)",
        "The database and its key lie in \(work.settings.home.path)"))
  }

  mutating func tellSheets() async throws {
    try begin(
      Text("读学校真正在用的表格：拒绝什么，为什么", "The sheets that schools keep: what is refused, and why"))
    for sheet in samples.sheets {
      try say(brief(try await read(sheet)))
    }
    let pupils = try await Students.list(year: year, in: admin)
    let recognised = pupils.filter { $0.tier != nil }
    let consents = recognised.filter(\.consent).count
    try say(
      Text(
        "\n现有学生 \(pupils.count) 名，其中已认定 \(recognised.count) 名，监护人同意结对 \(consents) 名。",
        "\n\(pupils.count) pupils, \(recognised.count) of them recognised, \(consents) with a "
          + "guardian's consent to pairing."))
  }

  mutating func tellSecondImport() async throws {
    try begin(Text("同一个文件再导入一次", "The same file once more"))
    guard let sheet = samples.sheets.first(where: { $0.kind == .activity }) else { return }
    try standardOutput(work.story(try await read(sheet), skippedRefused: true))
  }

  mutating func tellFunds() async throws {
    for semester in samples.semesters {
      try begin(Text("基金：\(semester.zh)", "The funds: \(semester.en)"))
      let statements = try await Funds.statements(semester, in: admin)
      try standardOutput(work.printer.table(statements.filter(\.hasMoney), FundShow.columns))
    }
  }

  /// The semester in which pupils are paired: the latest.
  var semester: Semester { samples.semesters.last ?? Semester.of(work.settings.today) }

  private var year: SchoolYear { semester.schoolYear }

  private func read(_ sheet: DemoSamples.Sheet) async throws -> ImportReport {
    var school: Schools.School?
    if let code = sheet.school { school = try await Schools.find(code: code, in: admin) }
    let request = ImportRequest(
      path: sheet.path, school: school, semester: sheet.semester, today: work.settings.today,
      skipRefused: true)
    switch (sheet.kind, school) {
    case (.student, let school?):
      return try await Students.importRoster(request, school: school, in: admin)
    case (.donation, let school?):
      return try await Giving.importSheet(request, school: school, in: admin)
    case (.activity, let school?):
      return try await Activities.importSheet(request, school: school, in: admin)
    default: return try await Offers.importSheet(request, in: admin)
    }
  }

  /// One line a file, and one for each refused row and each warning.
  private func brief(_ report: ImportReport) -> Text {
    let money = report.total.map { "，\($0)" } ?? ""
    var zh =
      "\(report.file)：接收 \(report.accepted)，未变 \(report.unchanged)，拒绝 \(report.refusedRows)\(money)"
    var en =
      "\(report.file): \(report.accepted) accepted, \(report.unchanged) unchanged, "
      + "\(report.refusedRows) refused" + (report.total.map { ", \($0)" } ?? "")
    for refusal in report.refused {
      zh += "\n    拒绝第 \(refusal.row) 行 \(refusal.column)“\(refusal.value)”："
      zh += "\(refusal.problem.zh)；\(refusal.advice.zh)"
      en += "\n    refused row \(refusal.row), \(refusal.column) “\(refusal.value)”: "
      en += "\(refusal.problem.en); \(refusal.advice.en)"
    }
    for warning in report.warnings {
      zh += "\n    留意第 \(warning.row) 行：\(warning.text.zh)"
      en += "\n    note row \(warning.row): \(warning.text.en)"
    }
    return Text(zh, en)
  }
}
