import ArgumentParser
import Spreadsheet
import Yibang

struct MatchPin: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "指定一对，以后的方案都照办 · Every proposal makes this pair")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Argument(help: "意向编号 · Offer's id") var offer: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (id, added) = try await MatchChoices.pin(
      student: readID(student), offer: readID(offer), in: work.context())
    try work.printer.outcome(
      added
        ? Text("已指定，编号 \(id.shown)。", "The pair is pinned, id \(id.shown).")
        : Text("早已指定，没有变化。", "The pair was pinned before."),
      [("id", .id(id)), ("added", .flag(added))])
  }
}

struct MatchForbid: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "forbid",
    abstract: "排除一对，待接受的随即失效 · No proposal makes this pair; where it is open, it lapses")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Argument(help: "意向编号 · Offer's id") var offer: String
  @Option(help: ArgumentHelp("原因，不写个人信息 · Why; no personal data", valueName: "text"))
  var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (id, added) = try await MatchChoices.forbid(
      student: readID(student), offer: readID(offer), reason: reason, in: work.context())
    try work.printer.outcome(
      added
        ? Text("已排除，编号 \(id.shown)。", "The pair is excluded, id \(id.shown).")
        : Text("早已排除，没有变化。", "The pair was excluded before."),
      [("id", .id(id)), ("added", .flag(added))])
  }
}

struct MatchChoiceList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "choices", abstract: "列出指定和排除的配对 · What was decided of pairs")

  @Flag(help: "连同已取消和已办成的 · Also what was taken back or is done with") var all = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await MatchChoices.list(all: all, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("决定", "decision") { .text($0.kind.name($1)) },
        Column("来由", "origin") { .text($0.origin.name($1)) },
        Column("学生", "pupil") { .text($0.pupil) },
        Column("学校", "school") { .text($0.school) },
        Column("帮扶人", "sponsor") { .text($0.sponsor) },
        Column("原因", "reason") { .optional($0.reason) },
        Column("经办人", "by") { .text($0.madeBy) },
        Column("有效", "in force") { .yesNo($0.isInForce, $1) },
      ])
  }
}

struct MatchUnchoose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "unchoose", abstract: "取消一个指定或排除 · Take a decision back")

  @Argument(help: "决定编号，见 match choices · Decision's id") var choice: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(choice)
    try await MatchChoices.unchoose(id, in: work.context())
    try work.printer.outcome(
      Text("已取消。", "The decision is taken back."), [("id", .id(id))])
  }
}
