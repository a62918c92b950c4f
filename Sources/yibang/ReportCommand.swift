import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

extension Reports.Kind: ExpressibleByArgument {}

struct ReportFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "学校用表和给资助人的报告 · School's sheets; sponsors' reports",
    subcommands: [ReportSheet.self, SponsorReportCommand.self], defaultSubcommand: ReportSheet.self)
}

struct ReportSheet: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "按学校用表的格式出报表 · The sheets that schools keep",
    discussion: """
      hardship 贫困生情况登记表 · summary 认定结果汇总表 · donations 捐款情况表 · fund 基金收支情况表 · \
      pairings 一帮一结对名单 · activities 德育活动登记表
      """)

  @Argument(help: "报表 · Which report") var kind: Reports.Kind
  @OptionGroup var semester: SemesterOption
  @OptionGroup var school: SchoolOption
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "写入 .xlsx、.csv 或 .json 文件；不写则显示 · Write to this file; else show it",
      valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv", "json"]))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "显示学生身份信息的理由，记入审计 · Why identities are shown; kept in the audit trail",
      valueName: "reason"))
  var reveal: String?
  @Flag(help: "登记表加上身份证号与学籍号列 · Columns for resident ID and student code")
  var withNumbers = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let target = try output.map { path in
      guard let format = Reports.Format(path: path) else {
        throw ArgumentError.choice(
          path, option: "--output", known: Reports.Format.allCases.map { ".\($0)" })
      }
      return (path: path, format: format)
    }
    let (context, school) = try await work.place(school)
    var request = Reports.Request(
      kind, semester: try await work.semester(semester, in: context), school: school,
      date: work.settings.today, reveal: reveal)
    request.withNumbers = withNumbers
    guard let target else {
      return try work.show(try await Reports.make(request, in: context))
    }
    let written = try await Reports.write(
      request, format: target.format, to: target.path, in: context)
    try work.printer.outcome(
      Text(
        "已写出《\(kind.name.zh)》\(written.rows) 行：\(written.path)",
        "Wrote the \(kind.name.en), \(written.rows) rows: \(written.path)"),
      [
        ("report", .text(kind.rawValue)), ("path", .text(written.path)),
        ("rows", .number(Int64(written.rows))), ("revealed", .flag(written.revealed)),
      ])
  }
}

extension Work {
  /// A report on the screen, or for programs.
  fileprivate func show(_ report: Reports.Report) throws {
    switch settings.format {
    case .json:
      try standardOutput(String(decoding: try report.json(), as: UTF8.self) + "\n")
    case .csv:
      try printer.csv(report.table.columns.map(\.title), report.table.rows)
    case .table: try standardOutput(TextTable.sheet(report.table))
    }
  }
}
