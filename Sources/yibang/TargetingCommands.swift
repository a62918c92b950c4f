import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct TargetingFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "targeting", abstract: "精准度：谁被认定，谁没有得到资助 · Quality of targeting",
    discussion: "名单上未申请的学生见 comparison check --not-applied · "
      + "Pupils on a list who did not apply: comparison check --not-applied",
    subcommands: [TargetingCounts.self, TargetingClasses.self, TargetingWithoutAid.self])
}

struct TargetingCounts: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "counts", abstract: "各学期认定人数，按等级和类别 · Counts by tier and category",
    discussion: "不足 5 人的不显示，能推算出来的也不显示 · "
      + "Fewer than 5 are not shown, nor what would tell them")

  private struct Line {
    let semester: String
    let kind: Text
    let name: Text
    let pupils: Targeting.Shown
  }

  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("到哪学期，默认当前 · Up to this semester", valueName: "semester"))
  var until: String?
  @Option(help: ArgumentHelp("共几个学期 · How many semesters", valueName: "number"))
  var semesters = 4
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    var option = SemesterOption()
    option.semester = until
    let last = try await work.semester(option, in: context)
    let counts = try await Targeting.counts(
      school: school?.id, through: last, semesters: semesters, today: work.settings.today,
      in: context)
    let book = try await RuleSets.book(in: context)
    let lines = counts.flatMap { count in
      [
        Line(
          semester: count.semester, kind: Text("合计", "total"), name: Text("", ""),
          pupils: count.total)
      ]
        + count.tiers.map { cell in
          Line(
            semester: count.semester, kind: Text("等级", "tier"),
            name: Tier(rawValue: cell.code)?.name ?? Text(cell.code, cell.code),
            pupils: cell.pupils)
        }
        + count.categories.map { cell in
          Line(
            semester: count.semester, kind: Text("类别", "category"),
            name: cell.code.isEmpty ? Text("未注明", "none") : book.categoryName(cell.code),
            pupils: cell.pupils)
        }
    }
    try work.printer.list(
      lines,
      [
        Column("学期", "semester") { .text($0.semester) },
        Column("分类", "by") { .text($0.kind($1)) },
        Column("名称", "name") { .text($0.name($1)) },
        Column("人数", "pupils", right: true) { line in
          line.pupils.map { .integer(Int64($0)) } ?? .text("…")
        },
      ], json: counts)
  }
}

struct TargetingClasses: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "classes", abstract: "认定比例异常的班级 · Classes with unusual rates",
    discussion: "与本校其他班相比，偶然的可能不足百分之一；只提示查看，不作结论 · "
      + "Less than one in a hundred by chance; it asks for a look and proves nothing")

  @OptionGroup var school: SchoolOption
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Targeting.unusualClasses(
        school: school?.id, on: day.day(work.settings), in: context),
      [
        Column("学校", "school") { .text($0.school) },
        Column("年级", "grade") { .optional($0.grade) },
        Column("班级", "class") { .text($0.className) },
        Column("学生", "pupils", right: true) { .count($0.pupils) },
        Column("认定", "recognised", right: true) { .count($0.recognised) },
        Column("按其他班推算", "expected", right: true) { .count(Int($0.expected.rounded())) },
      ])
  }
}

struct TargetingWithoutAid: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "without-aid", abstract: "认定了却没有得到资助的学生 · Recognised pupils without any aid",
    discussion: "本学年没有发放、物资和结对；查看会被记录 · No payment, goods or sponsor; reading is recorded")

  @OptionGroup var school: SchoolOption
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Targeting.withoutAid(school: school?.id, on: day.day(work.settings), in: context),
      [
        Column("学生", "pupil") { .id($0.student) },
        Column("学校", "school") { .text($0.school) },
        Column("年级", "grade") { .optional($0.grade) },
        Column("班级", "class") { .optional($0.className) },
        Column("姓名", "name") { .text($0.name) },
        Column("等级", "tier") { .optional(Tier(rawValue: $0.tier)?.name($1)) },
        Column("备案", "filed") { .date($0.filedOn) },
      ])
  }
}
