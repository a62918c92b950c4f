import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct PayoutFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payout", abstract: "一帮一发放计划 · What each paired child is assured",
    subcommands: [
      PayoutList.self, PayoutBatchCommand.self, PayoutSuspend.self, PayoutResume.self,
      PayoutCancel.self,
    ])
}

struct PayoutList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "一学期的发放计划 · The payouts of a semester")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(Payouts.State.allCases.map(\.rawValue)))
  var state: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let state: Payouts.State? = try state.map { try readChoice($0, option: "--state") }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    try work.printer.list(
      await Payouts.list(semester, school: school?.id, state: state, in: context), Self.columns)
  }

  private static let columns: [Column<Payouts.Payout>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学校", "school") { .text($0.school) },
    Column("学生", "pupil") { .text($0.pupil) },
    Column("应发", "amount", right: true) { .money($0.amount) },
    Column("资助款", "received", right: true) { .money($0.received) },
    Column("兜底", "covered", right: true) { .money($0.covered) },
    Column("期限", "due on") { .date($0.dueOn) },
    Column("发放", "paid on") { .optional($0.paidOn.map { "\($0)" }) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("结对", "pairing") { .id($0.pairing) },
  ]
}

struct PayoutBatchCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "把款已到位的编成发放批次 · Make a payment batch of those whose money is there",
    discussion: "之后与其他批次相同：payment submit、approve、pay、confirm · "
      + "Then as any batch: payment submit, approve, pay, confirm")

  @Argument(help: "名称 · Title") var title: String
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let semester = try await work.semester(semester, in: context)
    let made = try await Payouts.makeBatch(
      semester, school: school, title: title, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "批次 \(made.batch.shown)：\(made.lines) 人，\(made.total)。"
          + "款未到位 \(made.unfunded) 人，未认定 \(made.notRecognised) 人。",
        "Batch \(made.batch.shown): \(made.lines) children, \(made.total). Not funded "
          + "\(made.unfunded), not recognised \(made.notRecognised)."),
      [
        ("batch", .id(made.batch)), ("lines", .number(Int64(made.lines))),
        ("total_fen", .fen(made.total)), ("unfunded", .number(Int64(made.unfunded))),
        ("not_recognised", .number(Int64(made.notRecognised))),
      ])
  }
}

struct PayoutSuspend: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "暂停发放 · Suspend a payout")

  @Argument(help: "发放计划编号 · Payout's id") var payout: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try await work.mark(payout, .suspended, reason, day)
  }
}

struct PayoutResume: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "恢复发放 · Resume a suspended payout")

  @Argument(help: "发放计划编号 · Payout's id") var payout: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws { try await work.mark(payout, .planned, nil, day) }
}

struct PayoutCancel: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "取消发放 · Cancel a payout")

  @Argument(help: "发放计划编号 · Payout's id") var payout: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try await work.mark(payout, .cancelled, reason, day)
  }
}

extension Work {
  fileprivate func mark(
    _ payout: String, _ state: Payouts.State, _ reason: String?, _ day: DayOption
  ) async throws {
    let id = try readID(payout)
    try await Payouts.mark(id, state, reason: reason, on: day.day(settings), in: context())
    try printer.outcome(
      Text("\(state.name.zh)：\(id.shown)。", "\(state.name.en): \(id.shown)."),
      [("payout", .id(id)), ("state", .text(state.rawValue))])
  }
}
