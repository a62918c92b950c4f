import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct ReminderFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reminder", abstract: "对资助人的提醒和报告 · Reminders and reports to sponsors",
    subcommands: [ReminderRun.self, ReminderReports.self, ReminderTasks.self])
}

struct ReminderRun: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "生成当天的提醒，重复运行无妨 · Make the day's reminders, once",
    discussion: """
      到期前 14 天一次；逾期满 7 天起最多 3 次，间隔渐长，此后列入 reminder tasks · \
      Once 14 days ahead; up to three times when overdue, then a person
      """)

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let made = try await Reminders.run(on: work.settings.today, in: work.context())
    try work.printer.outcome(
      Text(
        "新生成到期提醒 \(made.due) 份、逾期提醒 \(made.overdue) 份。",
        "Made \(made.due) reminders of instalments due and \(made.overdue) of overdue ones."),
      [("due", .number(Int64(made.due))), ("overdue", .number(Int64(made.overdue)))])
  }
}

struct ReminderReports: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reports",
    abstract: "生成给资助人的学期报告，每名学生一份 · Make the semester's reports to sponsors",
    discussion: "只在有同意（progress_report）时生成，发出时再核对 · Only by consent, asked again when it goes out")

  @OptionGroup var semester: SemesterOption
  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("只做一个结对 · One pairing", valueName: "id")) var pairing: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let made = try await Reminders.queueReports(
      semester, school: school?.id, pairing: pairing.map { try readID($0) },
      on: work.settings.today, in: context)
    try work.printer.outcome(
      Text("新生成学期报告 \(made) 份。", "Made \(made) semester reports."),
      [("semester", .text("\(semester)")), ("made", .number(Int64(made)))])
  }
}

struct ReminderTasks: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "提醒之后仍要人办的事 · What a person has to see to")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Reminders.tasks(on: work.settings.today, in: work.context()),
      [
        Column("要办的事", "task") { .text($0.kind.name($1)) },
        Column("资助人", "sponsor") { .text($0.donor) },
        Column("应到账", "due on") { $0.dueOn.map { .date($0) } ?? .empty },
        Column("未到账", "outstanding", right: true) { $0.outstanding.map { .money($0) } ?? .empty },
        Column("已提醒", "reminders", right: true) { .count($0.reminders) },
        Column("结对编号", "pairing") { .id($0.pairing) },
        Column("编号", "id") { .id($0.subject) },
      ])
  }
}

struct SponsorReportCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sponsor", abstract: "给资助人的学期报告 · A sponsor's semester report",
    discussion: """
      只含同意范围内的内容，并登记为已提供；成批发送用 reminder reports · \
      What consent allows, recorded as shared; to send them use reminder reports
      """)

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @Argument(help: "学期，如 2026-2027-1 · Semester") var semester: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let report = try await SponsorReports.make(
      pairing: readID(pairing), Semester(parsing: semester), on: work.settings.today,
      in: work.context())
    switch work.settings.format {
    case .json: try work.printer.json(report)
    case .table:
      try standardOutput(report.lines(work.language).joined(separator: "\n") + "\n")
    case .csv:
      try work.printer.csv([], report.lines(work.language).map { [.text($0)] })
    }
  }
}
