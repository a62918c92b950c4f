import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct StudentExportData: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-data",
    abstract: "应要求提供一名学生的全部信息 · Everything about a pupil, for who asks for a copy",
    discussion: """
      监护人，或满十四周岁的学生本人可以要求；理由记入操作记录 · The guardian may ask, or the pupil of \
      fourteen or more; the reason is kept in the trail
      感恩信只在学校提供时附上 · Letters are in the copy that the school hands out
      """)

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("理由 · Reason", valueName: "text")) var reason: String
  @Option(
    help: ArgumentHelp("谁要求：guardian 或 pupil · Who asks", valueName: "who"),
    completion: .list(["guardian", "pupil"]))
  var askedBy: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写到 .json 或 .xlsx 文件 · File to write", valueName: "file"),
    completion: .file(extensions: ["json", "xlsx"]))
  var output: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard ["json", "xlsx"].contains((output as NSString).pathExtension.lowercased()) else {
      throw ValidationError("-o 应为 .json 或 .xlsx 文件 · -o is a .json or .xlsx file.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(student)
    let data = try await PersonalData.export(
      of: id, reason: reason, askedBy: readChoice(askedBy, option: "--asked-by"),
      on: day.day(work.settings), in: work.context())
    try data.write(to: output, work.language)
    let records = data.sections.reduce(0) { $0 + $1.records.count }
    try work.printer.outcome(
      Text("已写入 \(output)，共 \(records) 条记录。", "Wrote \(records) records to \(output)."),
      [("student", .id(id)), ("file", .text(output)), ("records", .number(Int64(records)))])
  }
}

struct StudentErase: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "申请删除一名学生的信息 · Ask for a pupil's data to be erased",
    discussion: """
      另一人批准后才删除（student approve-erasure）；账目保留金额和日期，不再有身份信息 · Another person \
      approves (student approve-erasure); the books keep amounts and days, and nobody's identity
      """)

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("理由 · Reason", valueName: "text")) var reason: String
  @Option(
    help: ArgumentHelp(
      "谁要求：guardian、pupil 或 retention（保存期满）· Who asks; retention: the time is over",
      valueName: "who"),
    completion: .list(Erasures.Asker.allCases.map(\.rawValue)))
  var askedBy: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let student = try readID(student)
    let id = try await Erasures.propose(
      student, reason: reason, askedBy: readChoice(askedBy, option: "--asked-by"),
      on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text(
        "已申请删除，请由另一人决定：yibang student approve-erasure \(id.shown) --as 另一人",
        "Asked for. Another person decides: yibang student approve-erasure \(id.shown) --as OTHER"),
      [("id", .id(id)), ("student", .id(student))])
  }
}

struct StudentErasures: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "erasures", abstract: "删除学生信息的申请，新的在前 · Requests to erase, newest first")

  @Flag(help: "只列待决定的 · Only those to be decided") var open = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Erasures.list(openOnly: open, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("学生", "pupil") { .id($0.student) },
        Column("姓名", "name") { .text($0.name.description) },
        Column("学校", "school") { .text($0.school) },
        Column("申请人", "asked by") { .text($0.askedBy.name($1)) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("申请日期", "proposed on") { .date($0.proposedOn) },
        Column("决定日期", "decided on") { $0.decidedOn.map(TableCell.date) ?? .empty },
        Column("理由", "reason") { .optional($0.reason) },
      ])
  }
}

struct StudentApproveErasure: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve-erasure", abstract: "批准并删除，不可恢复 · Erase; it cannot be undone",
    discussion: "提出申请的人不能批准 · Who asked for it does not approve")

  @Argument(help: "申请编号 · Request") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let changed = try await Erasures.decide(
      id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      changed
        ? Text("已删除该学生的信息。", "The pupil's data are erased.")
        : Text("早已删除，没有变化。", "They were erased before."),
      [("id", .id(id)), ("changed", .flag(changed))])
  }
}

struct StudentDeclineErasure: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline-erasure", abstract: "不予删除 · Decline a request to erase")

  @Argument(help: "申请编号 · Request") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let changed = try await Erasures.decline(
      id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("该申请不予办理。", "The request is declined."),
      [("id", .id(id)), ("changed", .flag(changed))])
  }
}

struct RetentionFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention", abstract: "信息的保存期限 · How long things are kept",
    discussion: """
      每天由后台任务清理；学生的信息只提出删除，由人决定 · Background work clears up daily; of pupils it \
      only proposes, and a person decides
      """,
    subcommands: [RetentionShow.self, RetentionSet.self])
}

struct RetentionShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "本区的保存期限 · The district's periods")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.outcome(try await Retention.settings(in: work.context()))
  }
}

struct RetentionSet: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "设定本区的保存期限 · Set the district's periods")

  @Option(
    help: ArgumentHelp(
      "最后一次资助结束满几年后提出删除学生信息，1–30 · Years after the last aid until erasure is proposed",
      valueName: "years"))
  var yearsAfterAid: Int?
  @Option(
    help: ArgumentHelp(
      "为重复请求保留答复的天数，30–3650 · Days that answers for repeated requests are kept",
      valueName: "days"))
  var requestDays: Int?
  @Option(
    help: ArgumentHelp(
      "结束后的登录、令牌和任务保留天数，30–3650 · Days that sessions, tokens and jobs stay after their end",
      valueName: "days"))
  var sessionDays: Int?
  @Option(
    help: ArgumentHelp(
      "推送成功的记录保留天数，30–3650 · Days that what webhooks delivered is kept",
      valueName: "days"))
  var deliveryDays: Int?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if [yearsAfterAid, requestDays, sessionDays, deliveryDays].allSatisfy({ $0 == nil }) {
      throw ValidationError(
        "请写明要改的期限；查看用 retention show · Say which period; to see them: retention show")
    }
  }

  func run(_ work: Work) async throws {
    try work.printer.outcome(
      try await Retention.set(
        yearsAfterAid: yearsAfterAid, requestDays: requestDays, sessionDays: sessionDays,
        deliveryDays: deliveryDays, in: work.context()))
  }
}

extension Printer {
  fileprivate func outcome(_ settings: Retention.Settings) throws {
    let (years, requests, sessions, deliveries) = (
      settings.yearsAfterAid, settings.requestDays, settings.sessionDays, settings.deliveryDays
    )
    try outcome(
      Text(
        "最后一次资助结束满 \(years) 年提出删除；请求答复留 \(requests) 天，登录和令牌结束后留 \(sessions) 天，"
          + "推送成功的记录留 \(deliveries) 天。",
        "Erasure is proposed \(years) years after the last aid; answers stay \(requests) days, "
          + "sessions and tokens \(sessions) days after their end, deliveries \(deliveries) days."),
      [
        ("years_after_aid", .number(Int64(years))), ("request_days", .number(Int64(requests))),
        ("session_days", .number(Int64(sessions))),
        ("delivery_days", .number(Int64(deliveries))),
      ])
  }
}
