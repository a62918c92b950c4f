import ArgumentParser
import Spreadsheet
import Yibang

struct SchoolFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "school", abstract: "学校 · Schools",
    subcommands: [SchoolAdd.self, SchoolMinimum.self, SchoolRegion.self, SchoolList.self])
}

struct SchoolAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记一所学校 · Add a school")

  @Argument(help: "十位学校标识码 · Ten-digit school code") var code: String
  @Argument(help: "名称 · Name") var name: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (school, added) = try await Schools.add(code: code, name: name, in: work.context())
    try work.printer.outcome(
      added
        ? Text(
          "已登记学校 \(school.code) \(school.name)。",
          "School \(school.code) \(school.name) is registered.")
        : Text(
          "学校 \(school.code) \(school.name) 早已登记，没有变化。",
          "School \(school.code) \(school.name) was there already."),
      [
        ("id", .id(school.id)), ("code", .text(school.code)), ("name", .text(school.name)),
        ("added", .flag(added)),
      ])
  }
}

struct SchoolList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出学校 · List the schools")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Schools.list(in: work.context()),
      [
        Column("学校标识码", "code") { .text($0.code) },
        Column("名称", "name") { .text($0.name) },
        Column("每学期最低资助", "minimum a semester", right: true) {
          $0.minimum.map { .money($0) } ?? .empty
        },
        Column("地区代码", "region") { .optional($0.region) },
      ])
  }
}

struct SchoolMinimum: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "minimum",
    abstract: "设定学校对每名学生每学期资助的最低金额 · What a school asks of a sponsor, at the least")

  @Argument(help: "学校标识码 · School code") var school: String
  @Argument(help: "金额 · Amount for each pupil and semester") var amount: String?
  @Flag(help: "不作要求 · Asks for nothing") var none = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (amount == nil) == none else {
      throw ValidationError("写明金额或 --none · Give the amount or --none.")
    }
  }

  func run(_ work: Work) async throws {
    let minimum = try amount.map { try Money(parsing: $0) }
    let (context, school) = try await work.place(school: school)
    try await Schools.setMinimum(minimum, of: school, in: context)
    try work.printer.outcome(
      minimum.map {
        Text(
          "\(school.name)：每名学生每学期至少 \($0)。",
          "\(school.name) asks for \($0) for a pupil and semester, at the least.")
      } ?? Text("\(school.name)：不设最低金额。", "\(school.name) asks for no minimum."),
      [("school", .text(school.code)), ("minimum_fen", .fen(minimum ?? .zero))])
  }
}

struct SchoolRegion: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "region", abstract: "设定学校所在地区 · The county or town of a school")

  @Argument(help: "学校标识码 · School code") var school: String
  @Argument(help: "6 位县区或 9 位乡镇代码 · 6 digits of a county, 9 of a town") var region: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let region = try RegionCode(region)
    let (context, school) = try await work.place(school: school)
    try await Schools.setRegion(region, of: school, in: context)
    try work.printer.outcome(
      Text("\(school.name)位于地区 \(region.text)。", "\(school.name) lies in \(region.text)."),
      [("school", .text(school.code)), ("region", .text(region.text))])
  }
}

/// The school of a command.
struct SchoolOption: ParsableArguments {
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code"))
  var school: String?
}

extension Work {
  /// The context and, where a school is named, that school.
  /// - Throws: `SchoolError.unknownSchool` if it is not in the district.
  func place(_ option: SchoolOption) async throws -> (context: Context, school: Schools.School?) {
    let context = try await context(school: option.school)
    guard let code = option.school else { return (context, nil) }
    return (context, try await Schools.find(code: SchoolCode(code).text, in: context))
  }

  /// As `place(_:)`, for a command that needs a school.
  func place(school code: String) async throws -> (context: Context, school: Schools.School) {
    let context = try await context(school: code)
    return (context, try await Schools.find(code: SchoolCode(code).text, in: context))
  }
}
