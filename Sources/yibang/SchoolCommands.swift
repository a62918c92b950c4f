import ArgumentParser
import Spreadsheet
import Yibang

struct SchoolFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "school", abstract: "学校 · Schools",
    subcommands: [SchoolAdd.self, SchoolList.self])
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
      ])
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
