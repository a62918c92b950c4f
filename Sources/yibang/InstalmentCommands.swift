import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct InstalmentFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instalment", abstract: "各期资助款 · Instalments",
    subcommands: [
      InstalmentList.self, InstalmentReceive.self, InstalmentPay.self, InstalmentReceipts.self,
      InstalmentReverse.self, InstalmentExcuse.self,
    ])
}

struct InstalmentList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "一学期应收的资助款 · The instalments of a semester")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp(
      "状态：due、overdue、partly-received、received · State", valueName: "state"),
    completion: .list(Instalment.State.allCases.map(\.rawValue)))
  var state: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let state: Instalment.State? = try state.map { try readChoice($0, option: "--state") }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    try work.printer.list(
      await Instalments.list(
        semester, school: school?.id, state: state, today: work.settings.today, in: context),
      [Column("结对", "pairing") { .id($0.pairing) }] + Instalment.columns)
  }
}

struct InstalmentReceive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "登记到账的资助款，可分次 · Book money that came in for an instalment")

  @Argument(help: "资助款编号；加 --number 时为结对编号 · Instalment's id; the pairing's with --number")
  var id: String
  @Argument(help: "金额 · Amount") var amount: String
  @Option(help: ArgumentHelp("第几期，1 至 6 · Number of the instalment", valueName: "1-6"))
  var number: Int?
  @OptionGroup var day: DayOption
  @Option(
    help: ArgumentHelp("方式：现金、转账、微信、支付宝 · How it was paid", valueName: "method"),
    completion: .list(Giving.Method.allCases.map(\.rawValue)))
  var method: String = Giving.Method.unknown.rawValue
  @Option(help: ArgumentHelp("代付人，见 donor list · Who paid, if not the sponsor", valueName: "id"))
  var payer: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let amount = try Money(parsing: amount)
    let method = try readChoice(method, option: "--method", word: Giving.Method.init(word:))
    let id = try readID(id)
    let reference: Instalments.Reference =
      if let number { .number(number, ofPairing: id) } else { .id(id) }
    let (receipt, replayed) = try await Instalments.receive(
      reference, amount: amount, on: day.day(work.settings), method: method,
      payer: payer.map { try readID($0) }, key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      replayed
        ? Text("这笔款早已登记：\(amount)。", "Booked before: \(amount).")
        : Text("已到账 \(amount)，编号 \(receipt.shown)。", "Received \(amount), id \(receipt.shown)."),
      [("receipt", .id(receipt)), ("amount_fen", .fen(amount)), ("replayed", .flag(replayed))])
  }
}

struct InstalmentPay: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay",
    abstract: "登记一笔资助款，先补前期再计后期 · Book a payment to the oldest open instalments and on")

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @Argument(help: "金额 · Amount") var amount: String
  @OptionGroup var day: DayOption
  @Option(
    help: ArgumentHelp("方式：现金、转账、微信、支付宝 · How it was paid", valueName: "method"),
    completion: .list(Giving.Method.allCases.map(\.rawValue)))
  var method: String = Giving.Method.unknown.rawValue
  @Option(help: ArgumentHelp("代付人，见 donor list · Who paid, if not the sponsor", valueName: "id"))
  var payer: String?
  @Option(
    help: ArgumentHelp(
      "超出六期的部分转入爱心基金的同意凭据 · Consent that what is beyond all six is a gift",
      valueName: "document"))
  var surplusConsent: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let method = try readChoice(method, option: "--method", word: Giving.Method.init(word:))
    let payment = try await Instalments.pay(
      pairing: readID(pairing), amount: Money(parsing: amount), on: day.day(work.settings),
      method: method, payer: payer.map { try readID($0) }, surplusConsent: surplusConsent,
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.list(
      payment.parts,
      [
        Column("期", "no.", right: true) { .integer(Int64($0.number)) },
        Column("到账", "received", right: true) { .money($0.amount) },
        Column("编号", "receipt") { .id($0.receipt) },
      ], json: payment)
    guard let surplus = payment.surplus, work.settings.format == .table else { return }
    try work.printer.outcome(
      Text("超出部分转入爱心基金：\(surplus.shown)。", "Beyond all six, a gift: \(surplus.shown)."), [])
  }
}

struct InstalmentExcuse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "excuse", abstract: "豁免一期未到账的部分 · Excuse what is open of an instalment",
    discussion: "学生的发放不受影响，由爱心基金补足 · The child's payout stays and is bridged")

  @Argument(help: "资助款编号 · Instalment's id") var instalment: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let amount = try await Commitments.excuse(
      instalment: readID(instalment), reason: reason, on: day.day(work.settings),
      in: work.context())
    try work.printer.outcome(
      Text("已豁免 \(amount)。", "Excused \(amount)."), [("excused_fen", .fen(amount))])
  }
}

struct InstalmentReceipts: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipts", abstract: "一期资助款的各次收款 · What came in for an instalment")

  @Argument(help: "资助款编号 · Instalment's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Instalments.receipts(of: readID(id), in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("到账日期", "received on") { .date($0.receivedOn) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("净额", "net", right: true) { .money($0.net) },
        Column("代付", "paid by") { .optional($0.payer) },
        Column("入账", "transfer") { .id($0.transfer) },
      ])
  }
}

struct InstalmentReverse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reverse",
    abstract: "冲正或退还收到的资助款，可部分 · Take back what came in, in part or whole")

  @Argument(help: "收款编号，见 receipts · Receipt's id, see receipts") var receipt: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("金额，默认全部余额 · Amount, all that is left by default"))
  var amount: String?
  @Flag(help: "款项已退还资助人 · The money went back to the sponsor") var refund = false
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(receipt)
    let amount = try amount.map { try Money(parsing: $0) }
    let day = try day.day(work.settings)
    let context = try await work.context()
    let semester = try await work.semester(semester, on: day, in: context)
    let transfer = try await Instalments.reverse(
      receipt: id, amount: amount, as: refund ? .refund : .reversal, on: day, semester: semester,
      reason: reason, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已冲回，编号 \(transfer.shown)。", "Taken back, id \(transfer.shown)."),
      [("receipt", .id(id)), ("transfer", .id(transfer))])
  }
}

extension Instalment {
  static let columns: [Column<Instalment>] = [
    Column("期", "no.", right: true) { .integer(Int64($0.number)) },
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("应到日期", "due on") { .date($0.dueOn) },
    Column("应到", "due", right: true) { .money($0.amount) },
    Column("已到账", "received", right: true) { .money($0.received) },
    Column("豁免", "excused", right: true) { $0.excused == .zero ? .empty : .money($0.excused) },
    Column("未到账", "outstanding", right: true) { .money($0.outstanding) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("编号", "id") { .id($0.id) },
  ]
}
