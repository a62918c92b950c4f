import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct ActivityFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activity", abstract: "德育与感恩活动 · Moral-education and gratitude activities",
    subcommands: [
      ActivityLog.self, ActivityImport.self, ActivityLink.self, ActivityList.self,
      ActivitySummary.self,
    ])
}

/// The pairings and donors that an activity concerns.
struct LinkOptions: ParsableArguments {
  @Option(
    name: .customLong("pairing"),
    help: ArgumentHelp("所涉结对的编号，可多次 · Id of a pairing it concerns; repeatable", valueName: "id"))
  var pairings: [String] = []
  @Option(
    name: .customLong("donor"),
    help: ArgumentHelp("所涉捐赠人的编号，可多次 · Id of a donor it concerns; repeatable", valueName: "id"))
  var donors: [String] = []
}

struct ActivityLog: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "登记一次活动，不写学生姓名 · Log an activity; it names no pupil")

  @Argument(help: "主题 · Theme") var theme: String
  @Option(
    help: ArgumentHelp(
      "类型：主题班会、征文、宣传月、家访、感恩教育、资助政策宣传、其他 · Kind", valueName: "kind"),
    completion: .list(ActivityKind.allCases.map(\.rawValue)))
  var kind: String
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("主持人 · Host", valueName: "name")) var host: String?
  @Option(help: ArgumentHelp("参加人数 · Participants", valueName: "count")) var participants: Int?
  @Option(help: ArgumentHelp("地点 · Place", valueName: "place")) var place: String?
  @Option(help: ArgumentHelp("活动效果 · What came of it", valueName: "text")) var outcome: String?
  @Option(help: ArgumentHelp("备注 · Note", valueName: "text")) var note: String?
  @OptionGroup var links: LinkOptions
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let kind = try readChoice(kind, option: "--kind", word: ActivityKind.init(word:))
    let day = try day.day(work.settings)
    let (context, school) = try await work.place(school: school)
    let semester = try await work.semester(semester, on: day, in: context)
    var activity = Activities.NewActivity(
      school: school.id, semester: semester, heldOn: day, kind: kind, theme: theme)
    activity.host = host
    activity.participants = participants
    activity.place = place
    activity.outcome = outcome
    activity.note = note
    activity.pairings = try links.pairings.map { try readID($0) }
    activity.donors = try links.donors.map { try readID($0) }
    let (id, replayed) = try await Activities.log(
      activity, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      replayed
        ? Text("这次活动早已登记。", "The activity was logged before.")
        : Text("已登记活动，编号 \(id.shown)。", "The activity is logged with the id \(id.shown)."),
      [("id", .id(id)), ("replayed", .flag(replayed))])
  }
}

struct ActivityImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入德育活动登记表 · Import an activity register",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Activities.importSheet($0, school: school, in: context)
    }
  }
}

struct ActivityLink: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "link", abstract: "把活动与结对或捐赠人相联 · Link an activity to pairings or donors")

  @Argument(help: "活动编号 · Activity's id") var activity: String
  @OptionGroup var links: LinkOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(activity)
    let added = try await Activities.link(
      id, pairings: links.pairings.map { try readID($0) },
      donors: links.donors.map { try readID($0) }, in: work.context())
    try work.printer.outcome(
      Text("新增 \(added) 个关联。", "\(added) links added."),
      [("activity", .id(id)), ("added", .number(Int64(added)))])
  }
}

struct ActivityList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出活动 · List the activities")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("类型 · Kind", valueName: "kind"),
    completion: .list(ActivityKind.allCases.map(\.rawValue)))
  var kind: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let kind = try kind.map {
      try readChoice($0, option: "--kind", word: ActivityKind.init(word:))
    }
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Activities.list(
        school: school?.id, semester: semester.named(), kind: kind, in: context),
      [
        Column("学校", "school") { .text($0.school) },
        Column("日期", "date") { .date($0.heldOn) },
        Column("类型", "kind") { .text($0.kind.name($1)) },
        Column("主题", "theme") { .text($0.theme) },
        Column("主持人", "host") { .optional($0.host) },
        Column("人数", "people", right: true) { .count($0.participants) },
        Column("效果", "outcome") { .optional($0.outcome) },
        Column("编号", "id") { .id($0.id) },
      ])
  }
}

struct ActivitySummary: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "一学期的活动小结 · What was done in a semester")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let summary = try await Activities.summary(semester, school: school?.id, in: context)
    try work.printer.list(summary.kinds, Self.columns, json: summary)
    work.printer.notice(
      Text(
        "\(semester.zh)：共 \(summary.activities) 次，\(summary.participants) 人次。",
        "\(semester.en): \(summary.activities) activities, \(summary.participants) attendances."))
  }

  static let columns: [Column<Activities.Summary.Line>] = [
    Column("类型", "kind") { .text($0.kind.name($1)) },
    Column("次数", "activities", right: true) { .integer(Int64($0.activities)) },
    Column("人次", "attendances", right: true) { .integer(Int64($0.participants)) },
    Column("最早", "first") { $0.firstOn.map { .date($0) } ?? .empty },
    Column("最晚", "last") { $0.lastOn.map { .date($0) } ?? .empty },
  ]
}
