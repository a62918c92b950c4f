import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct ComparisonFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "comparison", abstract: "比对名单：脱贫、低保、残疾等 · Comparison lists",
    subcommands: [ComparisonImport.self, ComparisonList.self, ComparisonCheck.self])
}

struct ComparisonImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入部门名单 · Import a department's list",
    discussion: "名单上的人只保存加密指纹，不保存姓名和号码；同名名单以日期最新的为准 · "
      + "Only keyed hashes of the people are kept; the latest list of a name counts")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("名单名称 · Name of the list", valueName: "name")) var name: String
  @Option(help: ArgumentHelp("类别，见 recognition rules · Category", valueName: "word"))
  var category: String
  @Option(
    help: ArgumentHelp("提供名单的部门 · The department", valueName: "department"),
    completion: .list(departmentCodes))
  var department: String
  @Option(help: ArgumentHelp("名单截止日期 · The day of the list", valueName: "date")) var asOf: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let list = ComparisonLists.Description(
      name: name, category: category,
      department: department, asOf: try readDate(asOf, option: "--as-of"))
    let context = try await work.context()
    try await work.importSheet(options, school: nil) {
      try await ComparisonLists.importList($0, list, in: context)
    }
  }
}

struct ComparisonList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出名单 · List the lists")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let book = try await RuleSets.book(in: context)
    try work.printer.list(
      await ComparisonLists.list(in: context),
      [
        Column("名单", "list") { .text($0.name) },
        Column("日期", "as of") { .date($0.asOf) },
        Column("类别", "category") { .text(book.categoryName($0.category)($1)) },
        Column("部门", "department") { .text($0.department) },
        Column("现行", "current") { .yesNo($0.isCurrent, $1) },
      ])
  }
}

struct ComparisonCheck: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "名单上的学生，以及与申请、认定不符之处 · Pupils on the lists",
    discussion: "不自动认定：未申请的学生，请告知家庭可以申请 · Nobody is enrolled by a list: invite the family")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var day: DayOption
  @Flag(help: "只看不符的 · Only where they do not agree") var contradictions = false
  @Flag(help: "只看未申请的 · Only pupils who did not apply") var notApplied = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let day = try day.day(work.settings)
    let year = try await work.semester(semester, on: day, in: context).schoolYear
    let findings = try await ComparisonLists.findings(
      school: school?.id, year: year, contradictionsOnly: contradictions,
      notAppliedOnly: notApplied, in: context)
    let book = try await RuleSets.book(in: context)
    try work.printer.list(
      findings,
      [
        Column("学生", "pupil") { .id($0.student) },
        Column("学校", "school") { .text($0.school) },
        Column("班级", "class") { .optional($0.className) },
        Column("姓名", "name") { .text($0.name) },
        Column("类别", "category") { .text(book.categoryName($0.category)($1)) },
        Column("名单", "list") { .optional($0.list) },
        Column("日期", "as of") { .optional($0.asOf.map { "\($0)" }) },
        Column("凭监护人", "by guardian") { .yesNo($0.throughGuardian, $1) },
        Column("申请", "application") {
          .text(($0.state?.name ?? Text("未申请", "none"))($1))
        },
        Column("不符之处", "contradictions") { finding, language in
          .text(finding.contradictions.map { $0.name(language) }.joined(separator: "；"))
        },
      ])
  }
}

/// The departments of the shipped rule sets, for completion.
let departmentCodes = Set(RuleSet.shipped.flatMap(\.departments).map(\.code)).sorted()
