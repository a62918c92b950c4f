import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct RecognitionForm: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "form", abstract: "打印认定申请表、认定结果汇总表 · Forms to print",
    discussion: """
      application 认定申请表，每名学生一页；不选学生则为一份空白表 · summary 认定结果汇总表。
      写出身份信息须用 --reveal 写明理由 · --reveal says why identities are printed
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable { case application, summary }

  @Argument(help: "application 申请表，summary 汇总表") var kind: Kind
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("只打一名学生 · One pupil", valueName: "id")) var student: String?
  @Option(
    name: .customLong("class"), help: ArgumentHelp("只打一个班 · One class", valueName: "class"))
  var className: String?
  @Flag(help: "全校学生 · All pupils of the school") var all = false
  @Option(help: ArgumentHelp("理由，记入审计 · Why, kept in the audit trail", valueName: "reason"))
  var reveal: String?
  @Option(
    name: .shortAndLong, help: ArgumentHelp("写入 .xlsx 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx"]))
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    let chosen = (student == nil ? 0 : 1) + (className == nil ? 0 : 1) + (all ? 1 : 0)
    guard chosen <= 1 else {
      throw ValidationError(
        "--student、--class、--all 只能选一个 · Give one of --student, --class, --all.")
    }
    guard kind == .application || chosen == 0 else {
      throw ValidationError("汇总表是全校的 · The summary is of the whole school.")
    }
  }

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let semester = try await work.semester(semester, in: context)
    let count: Int
    switch kind {
    case .application:
      let pupils: ApplicationForm.Request.Pupils? =
        if let student {
          .one(try readID(student))
        } else if let className {
          .ofClass(className)
        } else {
          all ? .all : nil
        }
      count = try await ApplicationForm.write(
        .init(school: school, year: semester.schoolYear, pupils: pupils, reveal: reveal),
        to: output, in: context)
    case .summary:
      let request = Reports.Request(
        .summary, semester: semester, school: school, date: work.settings.today,
        reveal: reveal ?? "")
      count = try await Reports.write(request, format: .xlsx, to: output, in: context).rows
    }
    try work.printer.outcome(
      Text("已写出 \(count) 份（行）：\(output)", "Wrote \(count) pages or rows: \(output)"),
      [("path", .text(output)), ("count", .number(Int64(count)))])
  }
}

struct RecognitionImportApplications: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-applications",
    abstract: "导入填好的认定申请表 · Import filled application forms",
    discussion: """
      每张工作表一份申请，或每行一份的表；重复导入没有变化 · A form on each sheet, or a line for each.
      退出状态 65：有申请被拒绝 · Exit status 65: applications were refused
      """)

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Cases.importApplications($0, school: school, in: context)
    }
  }
}

struct RecognitionExportNational: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-national",
    abstract: "全国学生资助管理信息系统用表 · The sheet for the national system",
    discussion: """
      列名和顺序未与部里现行模板核对，可用 --columns 改 · Not verified against the ministry's template.
      退出状态 65：有学生缺少信息，未写出 · Exit status 65: pupils lack something, nothing was written
      """)

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("列的清单：列名、内容、必填 · The columns", valueName: "file"),
    completion: .file(extensions: ["csv", "xlsx"]))
  var columns: String?
  @Flag(help: "只写出默认的列的清单 · Write the list of columns instead") var printColumns = false
  @Flag(help: "跳过信息不全的学生 · Write the complete pupils and skip the others")
  var skipRefused = false
  @Option(help: ArgumentHelp("理由，记入审计 · Why, kept in the audit trail", valueName: "reason"))
  var reveal: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 或 .csv 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    guard let format = Reports.Format(path: output), format != .json else {
      throw ArgumentError.choice(output, option: "--output", known: [".xlsx", ".csv"])
    }
    if printColumns {
      let list = NationalExport.list(NationalExport.columns)
      if format == .csv {
        try writeCSV(list, to: output)
      } else {
        try writeXlsx([("列", list)], to: output)
      }
      return try work.printer.outcome(
        Text("已写出列的清单：\(output)", "Wrote the list of columns: \(output)"),
        [("path", .text(output))])
    }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let result = try await NationalExport.write(
      NationalExport.Request(
        semester, school: school,
        columns: try columns.map { try NationalExport.columns(from: $0) }
          ?? NationalExport.columns,
        reason: reveal ?? "", skipsIncomplete: skipRefused),
      as: format, to: output, in: context)
    try work.tell(result)
    if !result.written { throw ExitCode(ExitStatus.badData) }
  }
}

extension Work {
  fileprivate func tell(_ result: NationalExport.Result) throws {
    let sentence =
      result.written
      ? Text("已写出 \(result.rows) 人：\(result.path)", "Wrote \(result.rows) pupils: \(result.path)")
      : Text("没有写出。请先补全下列学生的信息。", "Nothing was written. Complete these pupils first.")
    let columns: [Column<NationalExport.Incomplete>] = [
      Column("学校", "school") { .text($0.school) },
      Column("年级", "grade") { .optional($0.grade) },
      Column("班级", "class") { .optional($0.className) },
      Column("姓名", "name") { .text($0.name) },
      Column("缺少", "missing") { .text($0.missing.joined(separator: "、")) },
    ]
    printer.notice(sentence)
    try printer.list(result.incomplete, columns, json: result)
  }
}
