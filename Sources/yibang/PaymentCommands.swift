import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct PaymentFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payment", abstract: "发放批次 · Payment batches",
    discussion: """
      草稿 batch → 提交 submit → 审批 approve（第二人）→ 支付 pay → 签收 confirm、import → 办结 close
      """,
    subcommands: [
      PaymentBatchCommand.self, PaymentChange.self, PaymentSubmit.self, PaymentApprove.self,
      PaymentPay.self, PaymentConfirm.self, PaymentExplain.self, PaymentFollowUp.self,
      PaymentWithdraw.self, PaymentCancel.self, PaymentClose.self, PaymentList.self,
      PaymentShow.self, PaymentSheetCommand.self, PaymentImport.self, PaymentLimits.self,
    ])
}

struct PaymentBatchCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "编制发放批次 · Make a payment batch",
    discussion: """
      发给谁、发多少，三选一 · Whom and how much, one of:
        --amount 500                      已认定学生每人同额 · the same for each recognised pupil
        --tier special=750,difficult=500  按困难等级 · by tier
        --sheet 名单.xlsx                 按名单的金额 · as a sheet says
      """)

  @Argument(help: "名称 · Title") var title: String
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(
    help: ArgumentHelp("用途 · What it is for", valueName: "purpose"),
    completion: .list(Purpose.standard.map(\.rawValue)))
  var purpose: String
  @OptionGroup var fund: FundOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("每人金额 · Amount for each", valueName: "amount"))
  var amount: String?
  @Option(help: ArgumentHelp("各等级金额 · Amounts by tier", valueName: "tier=amount,…"))
  var tier: String?
  @Option(
    help: ArgumentHelp("名单 · A sheet of payees", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var sheet: String?
  @Flag(help: "只查看名单，不写入 · Show what the sheet would do and write nothing")
  var dryRun = false
  @Flag(help: "跳过名单中有问题的行 · Skip refused rows of the sheet") var skipRefused = false
  @Flag(help: "略去已在其他批次中的学生 · Leave out pupils who are in another batch")
  var leaveOutPaid = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard [amount, tier, sheet].compactMap({ $0 }).count == 1 else {
      throw ValidationError(
        "--amount、--tier、--sheet 三选一 · Give one of --amount, --tier and --sheet.")
    }
  }

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let semester = try await work.semester(semester, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    var batch = NewPaymentBatch(
      school: school, fund: fund, purpose: Purpose(word: purpose), semester: semester, title: title)
    batch.leavesOutPaid = leaveOutPaid
    if let sheet {
      let request = ImportRequest(
        path: sheet, school: school, semester: semester, today: work.settings.today,
        dryRun: dryRun, skipRefused: skipRefused)
      let (report, id) = try await PaymentBatches.make(batch, sheet: request, in: context)
      try work.tell(report, skippedRefused: skipRefused)
      if let id { work.printer.notice(Text("批次编号 \(id.shown)", "Batch \(id.shown)")) }
      if report.hasRefusals && !skipRefused { throw ExitCode(ExitStatus.badData) }
      return
    }
    let id = try await PaymentBatches.make(
      batch, rule: try rule(), key: repetition.idempotencyKey, in: context)
    let made = try await PaymentBatches.show(id, in: context).batch
    try work.printer.outcome(
      Text(
        "已编制批次“\(made.title)”：\(made.lines) 人，应发 \(made.figures.due)"
          + "（\(made.figures.due.uppercase)），编号 \(id.shown)。提交：payment submit \(id.shown)",
        "The batch “\(made.title)” is made: \(made.lines) pupils, \(made.figures.due) due, id "
          + "\(id.shown). Submit it: payment submit \(id.shown)"),
      [
        ("id", .id(id)), ("lines", .number(Int64(made.lines))),
        ("due_fen", .fen(made.figures.due)),
      ])
  }

  private func rule() throws -> PayeeRule {
    if let amount { return .fixed(try Money(parsing: amount)) }
    var amounts: [Tier: Money] = [:]
    for part in (tier ?? "").split(whereSeparator: { ",，、".contains($0) }) {
      let sides = part.split(whereSeparator: { "=:：".contains($0) }).map(String.init)
      guard sides.count == 2 else {
        throw ArgumentError.choice(
          String(part), option: "--tier", known: Tier.allCases.map { "\($0.rawValue)=…" })
      }
      let tier: Tier = try readChoice(sides[0], option: "--tier") { word in
        Tier.allCases.first { $0.name.zh == word }
      }
      amounts[tier] = try Money(parsing: sides[1])
    }
    return .byTier(amounts)
  }
}

struct PaymentChange: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "修改草稿中的一行 · Change a line of a draft")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(help: ArgumentHelp("序号 · Number of the line", valueName: "number")) var line: Int
  @Option(help: ArgumentHelp("新的金额 · New amount", valueName: "amount")) var amount: String?
  @Flag(help: "移出批次 · Take it out") var remove = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard remove != (amount != nil) else {
      throw ValidationError("--amount 与 --remove 二选一 · Either --amount or --remove.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let amount = try amount.map { try Money(parsing: $0) }
    try await PaymentBatches.amend(id, line: line, amount: amount, in: work.context())
    try work.printer.outcome(
      amount.map { Text("第 \(line) 行应发改为 \($0)。", "Line \(line) is due \($0).") }
        ?? Text("已移出第 \(line) 行。", "Line \(line) is taken out."),
      [("batch", .id(id)), ("line", .number(Int64(line)))])
  }
}

struct PaymentSubmit: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "提交审批，此后名单锁定 · Submit; the lines are locked from now on")

  @Argument(help: "批次编号 · Batch") var batch: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let done = try await PaymentBatches.submit(id, in: work.context())
    try work.printer.outcome(
      Text(
        "已提交，合计 \(done.total)（\(done.total.uppercase)），须由编制人以外的 \(done.approvalsNeeded) 人审批："
          + "payment approve \(id.shown) --as 用户",
        "Submitted, \(done.total) in all; \(done.approvalsNeeded) other people have to approve: "
          + "payment approve \(id.shown) --as USER"),
      [
        ("batch", .id(id)), ("total_fen", .fen(done.total)),
        ("approvals_needed", .number(Int64(done.approvalsNeeded))),
      ])
  }
}

struct PaymentApprove: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "审批，编制人不能审批 · Approve; the maker cannot")

  @Argument(help: "批次编号 · Batch") var batch: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let state = try await PaymentBatches.approve(
      id, today: work.settings.today, in: work.context())
    try work.printer.outcome(
      state == .approved
        ? Text("已批准，款项已留存，可以支付。", "Approved: the money is set aside and can be paid.")
        : Text("已记录您的审批，还须第三人审批。", "Your approval is recorded; a third person has to approve."),
      [("batch", .id(id)), ("state", .text(state.rawValue))])
  }
}

struct PaymentPay: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "支付已批准的批次 · Pay an approved batch")

  @Argument(help: "批次编号 · Batch") var batch: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let context = try await work.context()
    let isNew = try await PaymentBatches.pay(id, on: day.day(work.settings), in: context)
    let figures = try await PaymentBatches.show(id, in: context).batch.figures
    try work.printer.outcome(
      isNew
        ? Text("已支付 \(figures.paid)，等待签收。", "\(figures.paid) is paid, and waits to be confirmed.")
        : Text("早已支付，没有变化。", "It was paid before."),
      [("batch", .id(id)), ("paid_fen", .fen(figures.paid)), ("paid_now", .flag(isNew))])
  }
}

struct PaymentWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "退回草稿，原审批作废 · Make it a draft again; approvals are lost")

  @Argument(help: "批次编号 · Batch") var batch: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    try await PaymentBatches.withdraw(id, in: work.context())
    try work.printer.outcome(
      Text("已退回草稿，原审批作废。", "It is a draft again; its approvals no longer count."),
      [("batch", .id(id)), ("state", "draft")])
  }
}

struct PaymentCancel: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "撤销未支付的批次 · Cancel a batch that is not paid")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Option(help: ArgumentHelp("原因 · Why", valueName: "text")) var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    try await PaymentBatches.cancel(id, reason: reason, in: work.context())
    try work.printer.outcome(
      Text("批次已撤销，留存的款项已释放。", "The batch is cancelled; what was set aside is free."),
      [("batch", .id(id)), ("state", "cancelled")])
  }
}

struct PaymentClose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "办结：全部签收或说明后 · Close a batch of which every line is settled")

  @Argument(help: "批次编号 · Batch") var batch: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    try await PaymentBatches.close(id, in: work.context())
    try work.printer.outcome(
      Text("批次已办结。", "The batch is closed."), [("batch", .id(id)), ("state", "closed")])
  }
}

struct PaymentLimits: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits",
    abstract: "查看或设定审批限额 · Show or set how much takes how many people",
    discussion: "不写金额则查看 · Shows them where no amount is given")

  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("超过此额须第三人审批 · Above it a third person approves"))
  var thirdAbove: String?
  @Option(help: ArgumentHelp("一人直接支出的上限 · What one person may pay alone"))
  var direct: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let thirdAbove = try thirdAbove.map { try Money(parsing: $0) }
    let direct = try direct.map { try Money(parsing: $0) }
    let (context, school) = try await work.place(school)
    let limits =
      thirdAbove == nil && direct == nil
      ? try await Payments.limits(school: school?.id, in: context)
      : try await Payments.setLimits(
        school: school?.id, thirdAbove: thirdAbove, direct: direct, in: context)
    try work.printer.outcome(
      Text(
        "批次须第二人审批，超过 \(limits.thirdAbove) 须第三人；一人直接支出不超过 \(limits.direct)。",
        "A second person approves a batch, above \(limits.thirdAbove) a third too; one person pays "
          + "out at most \(limits.direct) alone."),
      [("third_above_fen", .fen(limits.thirdAbove)), ("direct_fen", .fen(limits.direct))])
  }
}
