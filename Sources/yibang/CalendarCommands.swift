import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct CalendarFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "工作日：放假调休安排、学校停课 · Working days",
    subcommands: [CalendarImport.self, CalendarClose.self, CalendarDeadline.self])
}

struct CalendarImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入一年的放假调休安排 · Import a year's holidays",
    discussion: "每行：日期,holiday 或 makeup,名称，如 2026-10-01,holiday,国庆节 · A line each: date,kind,name")

  @Argument(help: "CSV 文件 · CSV file", completion: .file(extensions: ["csv"])) var file: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (years, changed) = try await Calendars.importHolidays(file, in: work.context())
    let names = years.map { "\($0)" }
    try work.printer.outcome(
      Text(
        "\(names.joined(separator: "、"))年放假安排已导入，新增或更正 \(changed) 天。",
        "The holidays of \(names.joined(separator: ", ")) are known; \(changed) days new or changed."
      ),
      [("years", .text(names.joined(separator: " "))), ("changed", .number(Int64(changed)))])
  }
}

struct CalendarClose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "登记学校停课日 · Record a school's closure",
    discussion: "停课日不算该校的工作日 · Such days are no working days of the school")

  @Argument(help: "第一天 · First day") var from: String
  @Option(help: ArgumentHelp("最后一天，默认同一天 · Last day", valueName: "date")) var until: String?
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(help: ArgumentHelp("名称，如 校庆 · What for", valueName: "text")) var name: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let first = try readDate(from, option: "DATE")
    let changed = try await Calendars.close(
      school: school.id, from: first, until: until.map { try readDate($0, option: "--until") },
      name: name, in: context)
    try work.printer.outcome(
      Text("停课已登记，新增或更正 \(changed) 天。", "The closure is recorded; \(changed) days new or changed."),
      [("changed", .number(Int64(changed)))])
  }
}

struct CalendarDeadline: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "deadline", abstract: "从某日起第几个工作日是哪天 · The last of so many working days",
    discussion: "当天不计 · The day itself does not count")

  @Argument(help: "起算日 · From") var from: String
  @Argument(help: "工作日数 · Working days") var workingDays: Int
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let from = try readDate(from, option: "DATE")
    let day = try await Calendars.deadline(
      after: from, workingDays: workingDays, school: school?.id, in: context)
    try work.printer.outcome(Text("\(day)", "\(day)"), [("deadline", .text("\(day)"))])
  }
}
