import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct ReceiptFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "捐赠收据 · Receipts of gifts",
    subcommands: [
      ReceiptIssue.self,
      ReceiptVoid.self,
      ReceiptReissue.self,
      ReceiptWaive.self,
      ReceiptWaivers.self,
      ReceiptOfficial.self,
      ReceiptList.self,
      ReceiptShow.self,
      ReceiptProve.self,
      ReceiptVerify.self,
    ])
}

struct ReceiptIssue: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "开收据 · Issue the receipt of a gift")

  @Argument(help: "捐款、募捐活动（--campaign）或物品批次（--lot）的编号 · Id of the gift")
  var gift: String
  @Flag(help: "整张募捐名单一张收据 · One receipt for a campaign's whole list") var campaign = false
  @Flag(help: "捐赠物品的一个批次 · A lot of goods") var lot = false
  @Option(help: ArgumentHelp("经手人，默认捐款登记的 · Who took it", valueName: "name"))
  var handler: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard !(campaign && lot) else {
      throw ValidationError("--campaign 与 --lot 只能选一个 · Either --campaign or --lot.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(gift)
    let subject: Receipts.Subject =
      campaign ? .campaign(id) : lot ? .goods(lot: id) : .donation(id)
    let new = Receipts.NewReceipt(subject, on: work.settings.today, handler: handler)
    let (receipt, replayed) = try await Receipts.issue(
      new, key: repetition.idempotencyKey, in: work.context())
    let amount = receipt.amount.map { "，\($0)（\($0.uppercase)）" } ?? ""
    try work.printer.outcome(
      replayed
        ? Text("早已开具：\(receipt.number)\(amount)。", "Issued before: \(receipt.number).")
        : Text(
          "已开收据 \(receipt.number)\(amount)。",
          "Issued \(receipt.number)\(receipt.amount.map { " over \($0)" } ?? "")."),
      receipt.fields(replayed))
  }
}

struct ReceiptVoid: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "void", abstract: "作废收据，编号保留 · Void a receipt; its number stays")

  @Argument(help: "收据号或编号 · Receipt's number or id") var receipt: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (receipt, replayed) = try await Receipts.void(
      readReceipt(receipt), reason: reason, on: work.settings.today,
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      Text("收据 \(receipt.number) 已作废。", "The receipt \(receipt.number) is void."),
      receipt.fields(replayed))
  }
}

struct ReceiptReissue: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reissue",
    abstract: "作废并按捐赠现额换开 · Void, and issue anew over what is left of the gift")

  @Argument(help: "收据号或编号 · Receipt's number or id") var receipt: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("经手人，默认原收据的 · Who took the gift", valueName: "name"))
  var handler: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (receipt, replayed) = try await Receipts.reissue(
      readReceipt(receipt), reason: reason, handler: handler, on: work.settings.today,
      key: repetition.idempotencyKey, in: work.context())
    let old = receipt.replaces.map { "\($0)" } ?? ""
    try work.printer.outcome(
      Text(
        "\(old) 已作废，换开为 \(receipt.number)\(receipt.amount.map { "，\($0)" } ?? "")。",
        "\(old) is void; \(receipt.number) stands in its place"
          + "\(receipt.amount.map { ", over \($0)" } ?? "")."),
      receipt.fields(replayed))
  }
}

struct ReceiptWaive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "登记捐赠人不要收据或匿名 · Record that the donor gets none")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @Option(
    help: ArgumentHelp("原因：declined 放弃，anonymous 匿名 · Why", valueName: "cause"),
    completion: .list(Receipts.WaiverCause.allCases.map(\.rawValue)))
  var cause: String = Receipts.WaiverCause.declined.rawValue
  @Flag(help: "捐赠人又要收据 · The donor wants one after all") var withdraw = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donation = try readID(donation)
    let cause: Receipts.WaiverCause = try readChoice(cause, option: "--cause")
    let context = try await work.context()
    let key = repetition.idempotencyKey
    let day = work.settings.today
    let (id, replayed) =
      withdraw
      ? try await Receipts.withdrawWaiver(.donation(donation), on: day, key: key, in: context)
      : try await Receipts.waive(.donation(donation), cause: cause, on: day, key: key, in: context)
    try work.printer.outcome(
      withdraw
        ? Text("已撤销，可以开收据。", "The waiver is withdrawn: a receipt can be issued.")
        : Text("已登记：\(cause.name.zh)。", "On record: \(cause.name.en)."),
      [
        ("id", .id(id)), ("donation", .id(donation)), ("withdrawn", .flag(withdraw)),
        ("replayed", .flag(replayed)),
      ])
  }
}

struct ReceiptWaivers: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "waivers", abstract: "不开收据的捐赠及原因 · Gifts without a receipt, and why")

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Receipts.waivers(school: school?.id, in: context),
      [
        Column("登记日期", "waived") { .date($0.waivedOn) },
        Column("单位", "unit") { .text($0.unit) },
        Column("捐赠人", "donor") { .text($0.donor) },
        Column("金额", "amount", right: true) { $0.given.map(TableCell.money) ?? .empty },
        Column("原因", "cause") { .text($0.cause.name($1)) },
        Column("撤销日期", "withdrawn") { $0.withdrawnOn.map(TableCell.date) ?? .empty },
        Column("捐款编号", "donation") { .optional($0.donation?.shown) },
      ])
  }
}

struct ReceiptOfficial: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "official",
    abstract: "登记公益事业捐赠统一票据号 · Record the official receipt's number")

  @Argument(help: "收据号或编号 · Receipt's number or id") var receipt: String
  @Argument(help: "统一票据号 · Number of the official receipt") var number: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (receipt, replayed) = try await Receipts.recordOfficial(
      readReceipt(receipt), number: number, key: repetition.idempotencyKey, in: work.context())
    let official = receipt.officialNumber ?? ""
    try work.printer.outcome(
      Text(
        "收据 \(receipt.number) 已登记统一票据号 \(official)。",
        "The receipt \(receipt.number) has the official number \(official)."),
      receipt.fields(replayed))
  }
}

struct ReceiptList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "收据登记簿 · The register of receipts",
    discussion: """
      状态 · States: valid 有效, to_be_replaced 待换开, to_be_voided 待作废, void 已作废
      """)

  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("开具年度，如 2026 · Calendar year of issue", valueName: "year"))
  var year: Int?
  @Option(
    help: ArgumentHelp("只列某状态 · Only in this state", valueName: "state"),
    completion: .list(Receipts.State.allCases.map(\.rawValue)))
  var state: String?
  @Option(help: ArgumentHelp("接在这个收据号之后 · After this number", valueName: "number"))
  var after: String?
  @Option(help: ArgumentHelp("最多几张 · How many at most", valueName: "count")) var limit = 1000
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 或 .csv 文件，不分页 · Write all to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    var filter = Receipts.Filter(school: school?.id, year: year, limit: max(1, limit))
    filter.state = try state.map { try readChoice($0, option: "--state") }
    filter.after = try after.map { text in
      guard let number = ReceiptNumber(text) else { throw ReceiptError.unknownReceipt(text) }
      return number
    }
    if let output {
      let count = try await Receipts.write(
        filter, date: work.settings.today, to: output, in: context)
      return try work.printer.outcome(
        Text("已写出 \(count) 张收据：\(output)", "Wrote \(count) receipts: \(output)"),
        [("path", .text(output)), ("rows", .number(Int64(count)))])
    }
    let receipts = try await Receipts.list(filter, in: context)
    try work.printer.list(receipts, Self.columns)
    if receipts.count == filter.limit, let last = receipts.last {
      work.printer.notice(
        Text("后面可能还有：--after \(last.number)", "There may be more: --after \(last.number)"))
    }
  }

  private static let columns: [Column<Receipts.Receipt>] = [
    Column("收据号", "number") { .text("\($0.number)") },
    Column("单位", "unit") { .text($0.unit) },
    Column("开具日期", "issued") { .date($0.issuedOn) },
    Column("捐赠人", "donor") { .text($0.donor) },
    Column("种类", "kind") { .text($0.kind.name($1)) },
    Column("金额", "amount", right: true) { $0.amount.map(TableCell.money) ?? .empty },
    Column("现额", "net", right: true) { $0.net.map(TableCell.money) ?? .empty },
    Column("基金", "fund") { .optional($0.fund) },
    Column("经手人", "handler") { .optional($0.handler) },
    Column("统一票据号", "official") { .optional($0.officialNumber) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("捐赠现状", "gift") { .text($0.giftState.name($1)) },
    Column("捐款编号", "donation") { .optional($0.donation?.shown) },
  ]
}

struct ReceiptShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一张收据 · One receipt")

  @Argument(help: "收据号或编号 · Receipt's number or id") var receipt: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let receipt = try await Receipts.show(readReceipt(receipt), in: work.context())
    switch work.settings.format {
    case .json: try work.printer.json(receipt)
    case .csv:
      let language = work.language
      try work.printer.csv(
        receipt.paper.map { $0.label(language) }, [receipt.paper.map { .text($0.value(language)) }])
    case .table: try standardOutput(receipt.printed(work.language))
    }
  }
}

/// A receipt by its number or id.
func readReceipt(_ text: String) throws -> Receipts.Reference {
  guard let reference = Receipts.Reference(text) else { throw ReceiptError.unknownReceipt(text) }
  return reference
}

extension Receipts.Receipt {
  fileprivate func fields(_ replayed: Bool) -> [(name: String, value: OutcomeValue)] {
    var fields: [(name: String, value: OutcomeValue)] = [
      ("id", .id(id)), ("number", .text("\(number)")), ("gift", .id(subject)),
      ("state", .text(state.rawValue)), ("replayed", .flag(replayed)),
    ]
    if let amount { fields.append(("amount_fen", .fen(amount))) }
    if let replaces { fields.append(("replaces", .text("\(replaces)"))) }
    if let officialNumber { fields.append(("official_number", .text(officialNumber))) }
    return fields
  }

  /// The receipt on paper, labels in one column.
  fileprivate func printed(_ language: Language) -> String {
    let lines = paper.map { (label: $0.label(language), value: $0.value(language)) }
    let width = lines.map { displayWidth($0.label) }.max() ?? 0
    let body = lines.map { line in
      let space = String(repeating: " ", count: width + 2 - displayWidth(line.label))
      return
        "\(line.label)\(space)\(line.value.split(whereSeparator: \.isNewline).joined(separator: " "))"
    }
    let title = Text("捐赠收据", "Receipt of a gift")(language)
    return ([title, ""] + body + ["", Self.footnote(language)]).joined(separator: "\n") + "\n"
  }
}
