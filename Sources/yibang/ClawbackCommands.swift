import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct ClawbackFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clawback", abstract: "追回 · Money to be had back",
    subcommands: [
      ClawbackOpen.self, ClawbackRecover.self, ClawbackUndo.self, ClawbackWaive.self,
      ClawbackList.self, ClawbackShow.self,
    ])
}

struct ClawbackOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "立案追回一笔支出 · Open a case on a payment")

  @Argument(help: "支出编号，见 payment show --lines · The payment's transfer") var payment: String
  @Argument(help: "应追回金额 · Amount") var amount: String
  @Option(
    help: ArgumentHelp("原因 · Why", valueName: "reason"),
    completion: .list(ClawbackReason.allCases.map(\.rawValue)))
  var reason: String
  @Option(help: ArgumentHelp("说明 · Note", valueName: "text")) var note: String?
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let payment = try readID(payment)
    let amount = try Money(parsing: amount)
    let reason: ClawbackReason = try readChoice(reason, option: "--reason") { word in
      ClawbackReason.allCases.first { $0.name.zh == word }
    }
    let id = try await Clawbacks.open(
      payment: payment, amount: amount, reason: reason, note: note, on: day.day(work.settings),
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      Text(
        "已立案追回 \(amount)（\(reason.name.zh)），编号 \(id.shown)。",
        "\(amount) is to be had back (\(reason.name.en)), case \(id.shown)."),
      [("id", .id(id)), ("payment", .id(payment)), ("due_fen", .fen(amount))])
  }
}

struct ClawbackRecover: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "登记追回的款项，可分次 · Book money that came back, also in parts")

  @Argument(help: "追回事项编号 · Case") var clawback: String
  @Argument(help: "金额 · Amount") var amount: String
  @Option(help: ArgumentHelp("说明 · Note", valueName: "text")) var note: String?
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(clawback)
    let amount = try Money(parsing: amount)
    let day = try day.day(work.settings)
    let context = try await work.context()
    let semester = try await work.semester(semester, on: day, in: context)
    let transfer = try await Clawbacks.recover(
      id, amount: amount, on: day, semester: semester, note: note, key: repetition.idempotencyKey,
      in: context)
    let left = try await Clawbacks.show(id, in: context).clawback.left
    try work.printer.outcome(
      Text(
        "已追回 \(amount)，编号 \(transfer.shown)，尚余 \(left)。",
        "\(amount) recovered, transfer \(transfer.shown); \(left) is left."),
      [("transfer", .id(transfer)), ("amount_fen", .fen(amount)), ("left_fen", .fen(left))])
  }
}

struct ClawbackUndo: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "撤销有误的追回 · Undo a recovery that was wrong")

  @Argument(help: "该次追回的编号，见 clawback show · The recovery's transfer") var recovery: String
  @Option(help: ArgumentHelp("金额，默认全部 · Amount, all by default", valueName: "amount"))
  var amount: String?
  @Option(help: ArgumentHelp("说明 · Note", valueName: "text")) var note: String?
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let recovery = try readID(recovery)
    let amount = try amount.map { try Money(parsing: $0) }
    let day = try day.day(work.settings)
    let context = try await work.context()
    let semester = try await work.semester(semester, on: day, in: context)
    let transfer = try await Clawbacks.undo(
      recovery: recovery, amount: amount, on: day, semester: semester, note: note,
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已撤销追回，编号 \(transfer.shown)。", "The recovery is undone, transfer \(transfer.shown)."),
      [("transfer", .id(transfer)), ("recovery", .id(recovery))])
  }
}

struct ClawbackWaive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "免除余额，须第二人 · Give up the rest; by a second person")

  @Argument(help: "追回事项编号 · Case") var clawback: String
  @Option(help: ArgumentHelp("原因 · Why", valueName: "text")) var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(clawback)
    let amount = try await Clawbacks.waive(id, reason: reason, in: work.context())
    try work.printer.outcome(
      Text("已免除 \(amount)。", "\(amount) is waived."),
      [("id", .id(id)), ("waived_fen", .fen(amount))])
  }
}

struct ClawbackList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出追回事项，新的在前 · List the cases, newest first")

  @OptionGroup var school: SchoolOption
  @Flag(name: .customLong("open"), help: "只列未追回完的 · Only those with something left")
  var openOnly = false
  @Option(help: ArgumentHelp("上一页最后一项的编号 · The last case of the page before"))
  var after: String?
  @Option(help: ArgumentHelp("每页条数 · Rows of a page", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let after = try after.map { try readID($0) }
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Clawbacks.list(
        school: school?.id, openOnly: openOnly, after: after, limit: limit, in: context),
      Self.columns)
  }

  static let columns: [Column<Clawback>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学校", "school") { .text($0.school ?? Text("（区）", "(district)")($1)) },
    Column("日期", "date") { .date($0.openedOn) },
    Column("原因", "reason") { .text($0.reason.name($1)) },
    Column("应追回", "due", right: true) { .money($0.due) },
    Column("已追回", "recovered", right: true) { .money($0.recovered) },
    Column("已免除", "waived", right: true) { .money($0.waived) },
    Column("尚余", "left", right: true) { .money($0.left) },
    Column("支出编号", "payment") { .id($0.payment) },
  ]
}

struct ClawbackShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一项追回及其每笔收支 · A case with its transfers")

  @Argument(help: "追回事项编号 · Case") var clawback: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let detail = try await Clawbacks.show(readID(clawback), in: work.context())
    guard work.settings.format == .table else {
      return try work.printer.list(detail.steps, Self.columns, json: detail)
    }
    try standardOutput(
      work.printer.table([detail.clawback], ClawbackList.columns) + "\n"
        + work.printer.table(detail.steps, Self.columns))
  }

  static let columns: [Column<Clawbacks.Step>] = [
    Column("日期", "date") { .date($0.occurredOn) },
    Column("种类", "kind") { .text($0.kind.name($1)) },
    Column("金额", "amount", right: true) { .money($0.amount) },
    Column("收支编号", "transfer") { .optional($0.transfer?.shown) },
    Column("撤销的追回", "undoes") { .optional($0.undoes?.shown) },
    Column("说明", "note") { .optional($0.note) },
    Column("办理人", "by") { .text($0.by) },
  ]
}
