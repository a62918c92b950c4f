import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct SemesterFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "semester", abstract: "学期 · Semesters",
    subcommands: [
      SemesterOpen.self, SemesterCheck.self, SemesterClose.self, SemesterReopen.self,
      SemesterList.self,
    ])
}

struct SemesterOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "开设学期 · Open a semester")

  @Argument(help: "学期，如 2026-2027-1 · Semester") var semester: String
  @Option(help: ArgumentHelp("第一天 · First day", valueName: "date")) var from: String?
  @Option(help: ArgumentHelp("最后一天 · Last day", valueName: "date")) var to: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let opened = try await Semesters.open(
      semester, from: from.map { try readDate($0, option: "--from") },
      to: to.map { try readDate($0, option: "--to") }, in: work.context())
    try work.printer.outcome(
      opened
        ? Text("已开设\(semester.zh)。", "The \(semester.en) is open.")
        : Text("\(semester.zh)早已开设，没有变化。", "The \(semester.en) was there already."),
      [("semester", .text("\(semester)")), ("opened", .flag(opened))])
  }
}

struct SemesterCheck: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "结账前还有哪些未了事项 · What stands in the way of closing",
    discussion: "退出状态 65：有未了事项 · Exit status 65: something is open")

  @Argument(help: "学期 · Semester") var semester: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let items = try await SemesterClosing.openItems(
      semester, today: work.settings.today, in: work.context())
    try work.printer.list(
      items,
      [
        Column("种类", "kind") { .text($0.kind.name($1)) },
        Column("事项", "what") { .text($0.what($1)) },
      ])
    if !items.isEmpty { throw ExitCode(ExitStatus.badData) }
  }
}

struct SemesterClose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "学期结账 · Close a semester's books")

  @Argument(help: "学期 · Semester") var semester: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let closing = try await SemesterClosing.close(
      semester, today: work.settings.today, in: work.context())
    try work.printer.outcome(
      closing != nil
        ? Text(
          "\(semester.zh)已结账，余额已固定，不能再记账。",
          "The \(semester.en) is closed: its balances are fixed and nothing posts to it.")
        : Text("\(semester.zh)早已结账。", "The \(semester.en) was closed before."),
      [("semester", .text("\(semester)")), ("closed", .flag(closing != nil))])
  }
}

struct SemesterReopen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen",
    abstract: "重开已结账的学期，须两人办理 · Reopen a closed semester: it takes two people",
    discussion: """
      一人 --reason 申请，另一人 --approve 批准 · One asks with --reason, another approves with --approve
      """)

  @Argument(help: "学期 · Semester") var semester: String
  @Option(help: ArgumentHelp("申请原因 · Why", valueName: "text")) var reason: String?
  @Flag(help: "批准他人的申请 · Approve what another asked for") var approve = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard approve != (reason != nil) else {
      throw ValidationError("请用 --reason 申请，或 --approve 批准 · Either --reason or --approve.")
    }
  }

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let context = try await work.context()
    if let reason {
      _ = try await SemesterClosing.requestReopening(semester, reason: reason, in: context)
      try work.printer.outcome(
        Text(
          "已申请重开\(semester.zh)，请由第二人 --approve 批准。",
          "Reopening the \(semester.en) is asked for; a second person has to --approve."),
        [("semester", .text("\(semester)")), ("reopened", .flag(false))])
    } else {
      try await SemesterClosing.approveReopening(semester, in: context)
      try work.printer.outcome(
        Text("\(semester.zh)已重开。", "The \(semester.en) is open again."),
        [("semester", .text("\(semester)")), ("reopened", .flag(true))])
    }
  }
}

struct SemesterList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出学期 · List the semesters")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Semesters.list(in: work.context()),
      [
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("开始", "from") { .date($0.startsOn) },
        Column("结束", "to") { .date($0.endsOn) },
        Column("开放", "open") { .yesNo($0.isOpen, $1) },
      ])
  }
}

/// The semester of a list: the current one where none is named.
struct SemesterOption: ParsableArguments {
  @Option(help: ArgumentHelp("学期，如 2026-2027-1 · Semester", valueName: "semester"))
  var semester: String?

  /// - Throws: `CalendarError`.
  func named() throws -> Semester? { try semester.map { try Semester(parsing: $0) } }
}

extension Work {
  /// The semester that is named; else the district's one that holds the day, or today; else its
  /// latest; else the calendar's.
  func semester(
    _ option: SemesterOption, on day: CalendarDate? = nil, in context: Context
  ) async throws -> Semester {
    if let semester = try option.named() { return semester }
    return try await Semesters.current(on: day ?? settings.today, in: context)
  }
}

/// The day of what is recorded.
struct DayOption: ParsableArguments {
  @Option(help: ArgumentHelp("日期，默认今天 · Day; today if left out", valueName: "date"))
  var date: String?

  /// - Throws: `ArgumentError.date`; `.future` for a day that has not come.
  func day(_ settings: Settings) throws -> CalendarDate {
    guard let date else { return settings.today }
    let day = try readDate(date, option: "--date")
    guard day <= settings.today else { throw ArgumentError.future(date, option: "--date") }
    return day
  }
}
