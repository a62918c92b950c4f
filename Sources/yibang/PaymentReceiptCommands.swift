import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct PaymentConfirm: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "登记签收情况 · Record what was received",
    discussion: """
      默认已签收；--not-received 未收到，款项退回基金；--issue 有问题，--received 写实收金额，其余退回。
      Received by default; --not-received: the money is back in the fund; --issue: something is \
      wrong, --received says how much arrived, and the rest is back.
      """)

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(
    name: .customLong("line"),
    help: ArgumentHelp("序号，可多次 · Number of a line, repeatable", valueName: "number"))
  var lines: [Int] = []
  @Flag(help: "所有待签收的行 · All lines that wait for it") var all = false
  @Flag(help: "未收到 · Not received") var notReceived = false
  @Flag(help: "有问题 · Something is wrong") var issue = false
  @Option(help: ArgumentHelp("实收金额 · What was received", valueName: "amount"))
  var received: String?
  @Option(help: ArgumentHelp("说明 · What happened", valueName: "text")) var note: String?
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard all != !lines.isEmpty else {
      throw ValidationError("--line 与 --all 二选一 · Either --line or --all.")
    }
    guard !(notReceived && issue), received == nil || issue else {
      throw ValidationError(
        "--not-received 与 --issue 二选一，--received 须与 --issue 同用 · "
          + "Either --not-received or --issue; --received goes with --issue.")
    }
    guard note != nil || !(notReceived || issue) else {
      throw ValidationError("请用 --note 写明情况 · Say with --note what happened.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let outcome: PaymentOutcome =
      if notReceived {
        .notReceived(note: note ?? "")
      } else if issue {
        .issue(received: try received.map { try Money(parsing: $0) }, note: note ?? "")
      } else {
        .received
      }
    let context = try await work.context()
    let count = try await PaymentBatches.confirm(
      id, lines: all ? nil : lines, as: outcome, on: day.day(work.settings), in: context)
    let batch = try await PaymentBatches.show(id, in: context).batch
    try work.printer.outcome(
      Text(
        "已登记 \(count) 人。应发 \(batch.figures.due)，已支付 \(batch.figures.paid)，已签收 "
          + "\(batch.figures.confirmed)。",
        "\(count) lines recorded: due \(batch.figures.due), paid \(batch.figures.paid), confirmed "
          + "\(batch.figures.confirmed)."),
      [
        ("batch", .id(id)), ("lines", .number(Int64(count))), ("due_fen", .fen(batch.figures.due)),
        ("paid_fen", .fen(batch.figures.paid)), ("confirmed_fen", .fen(batch.figures.confirmed)),
      ])
  }
}

struct PaymentExplain: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "说明差额的原因 · Say why less was paid than was due")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(help: ArgumentHelp("序号 · Number of the line", valueName: "number")) var line: Int
  @Option(help: ArgumentHelp("原因 · Why", valueName: "text")) var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    try await PaymentBatches.explain(id, line: line, reason: reason, in: work.context())
    try work.printer.outcome(
      Text("已记录第 \(line) 行差额的原因。", "The difference of line \(line) is explained."),
      [("batch", .id(id)), ("line", .number(Int64(line)))])
  }
}

struct PaymentFollowUp: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow-up",
    abstract: "补发：把未收到的部分编成新批次 · Make a batch of what is still due")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(help: ArgumentHelp("新批次的名称 · Title of the new one", valueName: "text"))
  var title: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let earlier = try readID(batch)
    let context = try await work.context()
    let id = try await PaymentBatches.followUp(earlier, title: title, in: context)
    let made = try await PaymentBatches.show(id, in: context).batch
    try work.printer.outcome(
      Text(
        "已编制补发批次“\(made.title)”：\(made.lines) 人，应发 \(made.figures.due)，编号 \(id.shown)。",
        "The batch “\(made.title)” is made: \(made.lines) pupils, \(made.figures.due) due, id "
          + "\(id.shown)."),
      [
        ("id", .id(id)), ("follows", .id(earlier)), ("lines", .number(Int64(made.lines))),
        ("due_fen", .fen(made.figures.due)),
      ])
  }
}

struct PaymentSheetCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "导出供签字的发放表 · Write the sheet that payees sign")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 或 .csv 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var output: String
  @Option(
    help: ArgumentHelp(
      "显示完整身份证号的理由，记入审计 · Why resident IDs are shown; kept in the audit trail",
      valueName: "reason"))
  var reveal: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    guard let format = Reports.Format(path: output), format != .json else {
      throw ArgumentError.choice(output, option: "--output", known: [".xlsx", ".csv"])
    }
    let written = try await PaymentSheet.write(
      id, to: output, as: format, reveal: reveal, date: work.settings.today, in: work.context())
    try work.printer.outcome(
      Text(
        "已写出发放表 \(written.rows) 人，合计 \(written.total)：\(output)",
        "Wrote the sheet, \(written.rows) pupils, \(written.total): \(output)"),
      [
        ("path", .text(output)), ("rows", .number(Int64(written.rows))),
        ("total_fen", .fen(written.total)), ("revealed", .flag(reveal != nil)),
      ])
  }
}

struct PaymentImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入签字后的发放表 · Import the signed sheet of a batch",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Argument(
    help: ".xlsx 或 .csv 文件 · An .xlsx or .csv file",
    completion: .file(extensions: ["xlsx", "csv"]))
  var file: String
  @Flag(help: "只查看，不写入 · Show the report and write nothing") var dryRun = false
  @Flag(help: "跳过有问题的行 · Write the good rows and skip the refused ones")
  var skipRefused = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let sheet = PaymentSheet.Return(
      batch: try readID(batch), path: file, today: work.settings.today, dryRun: dryRun,
      skipRefused: skipRefused)
    let report = try await PaymentSheet.importSigned(sheet, in: work.context())
    try work.tell(report, skippedRefused: skipRefused)
    if report.hasRefusals && !skipRefused { throw ExitCode(ExitStatus.badData) }
  }
}
