import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct BudgetFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget", abstract: "资助资金预算 · Budgets",
    subcommands: [BudgetPlan.self, BudgetShow.self])
}

struct BudgetPlan: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "安排一学期的预算 · Plan what a fund may spend in a semester")

  @Argument(help: "金额；“取消”即不设预算 · Amount; “none” lifts the plan") var amount: String
  @OptionGroup var fund: FundOption
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let planned = ["取消", "none"].contains(amount) ? nil : try Money(parsing: amount)
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    try await Budgets.plan(fund: fund, semester, amount: planned, in: context)
    try work.printer.outcome(
      planned.map {
        Text("\(semester.zh)预算为 \($0)。", "The budget of the \(semester.en) is \($0).")
      } ?? Text("\(semester.zh)不设预算。", "The \(semester.en) has no budget."),
      [("fund", .id(fund)), ("semester", .text("\(semester)"))]
        + (planned.map { [("planned_fen", .fen($0))] } ?? []))
  }
}

struct BudgetShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "预算、已批准、已支出、可用 · Planned, committed, spent and free")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    try work.printer.list(
      await Budgets.list(semester, school: school?.id, in: context),
      [
        Column("学校", "school") { .text($0.schoolName ?? Text("（区）", "(district)")($1)) },
        Column("基金", "fund") { .text($0.kind.isNamed ? $0.name : $0.kind.name($1)) },
        Column("预算", "planned", right: true) { $0.planned.map { .money($0) } ?? .empty },
        Column("已批准未支付", "committed", right: true) { .money($0.committed) },
        Column("已支出", "spent", right: true) { .money($0.spent) },
        Column("可用", "free", right: true) { .money($0.free) },
      ])
  }
}

extension FundKind {
  /// The fund goes by its own name, not that of its kind.
  var isNamed: Bool { self == .designated || self == .other }
}
