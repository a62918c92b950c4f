import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct SemesterFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "semester", abstract: "学期 · Semesters",
    subcommands: [SemesterOpen.self, SemesterClose.self, SemesterList.self])
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

struct SemesterClose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "学期结账 · Close a semester's books")

  @Argument(help: "学期 · Semester") var semester: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let closed = try await Semesters.close(semester, in: work.context())
    try work.printer.outcome(
      closed
        ? Text("\(semester.zh)已结账，不能再记账。", "The \(semester.en) is closed: nothing posts to it.")
        : Text("\(semester.zh)早已结账。", "The \(semester.en) was closed before."),
      [("semester", .text("\(semester)")), ("closed", .flag(closed))])
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
    let day = day ?? settings.today
    let known = try await Semesters.list(in: context)
    let current = known.last { $0.dates.contains(day) } ?? known.last
    return current?.semester ?? Semester.of(day)
  }
}

/// The day of what is recorded.
struct DayOption: ParsableArguments {
  @Option(help: ArgumentHelp("日期，默认今天 · Day; today if left out", valueName: "date"))
  var date: String?

  /// - Throws: `ArgumentError.date`.
  func day(_ settings: Settings) throws -> CalendarDate {
    try date.map { try readDate($0, option: "--date") } ?? settings.today
  }
}
