import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct DonorStatementCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "一位捐赠人的捐款、资助款与退款 · What a donor gave, and what went back",
    discussion: "新的在前，分页；-o 写出全部 · Newest first, by pages; -o writes all of it")

  @Argument(help: "捐赠人编号 · The donor's id") var donor: String
  @Option(help: ArgumentHelp("起始日期 · From this day", valueName: "date")) var from: String?
  @Option(help: ArgumentHelp("截止日期 · To this day", valueName: "date")) var to: String?
  @Option(help: ArgumentHelp("上一页最后一条的编号 · The last line of the page before"))
  var after: String?
  @Option(help: ArgumentHelp("每页条数 · Lines of a page", valueName: "count")) var limit = 100
  @Flag(help: "加上全部的合计 · With the totals of all lines") var totals = false
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 或 .csv 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    try requireLimit(limit)
  }

  func run(_ work: Work) async throws {
    let donor = try readID(donor)
    let from = try from.map { try readDate($0, option: "--from") }
    let to = try to.map { try readDate($0, option: "--to") }
    let after = try after.map { try readID($0) }
    let format = try output.map { try Self.format($0) }
    let context = try await work.context()
    guard let output, let format else {
      let statement = try await Donors.statement(
        Donors.StatementRequest(
          donor, from: from, to: to, after: after, limit: limit, withTotals: totals), in: context)
      return try work.show(statement)
    }
    let statement = try await Donors.writeStatement(
      donor, from: from, to: to, language: work.language, toXlsx: format == .xlsx, path: output,
      in: context)
    let net = statement.totals?.net ?? .zero
    try work.printer.outcome(
      Text(
        "已写出对账单 \(statement.entries.count) 行，净额 \(net)：\(output)",
        "Wrote the statement, \(statement.entries.count) rows, net \(net): \(output)"),
      [
        ("path", .text(output)), ("rows", .number(Int64(statement.entries.count))),
        ("net_fen", .fen(net)),
      ])
  }

  private static func format(_ path: String) throws -> Reports.Format {
    guard let format = Reports.Format(path: path), format != .json else {
      throw ArgumentError.choice(path, option: "--output", known: [".xlsx", ".csv"])
    }
    return format
  }
}

extension Work {
  fileprivate func show(_ statement: DonorStatement) throws {
    if settings.format == .table {
      printer.notice(Text("捐赠人：\(statement.name)", "Donor: \(statement.name)"))
    }
    try printer.list(
      statement.entries,
      [
        Column("日期", "date") { .date($0.date) },
        Column("种类", "kind") { .text($0.name($1)) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("净额", "net", right: true) { $0.isAdjustment ? .empty : .money($0.line.net) },
        Column("基金", "fund") { .text($0.line.fund) },
        Column("学校", "school") { .optional($0.line.school) },
        Column("资助学期", "for semester") { .optional($0.line.semester.map { "\($0)" }) },
        Column("票据号", "receipt") { .optional($0.line.receiptNumber) },
        Column("收支编号", "transfer") { .id($0.transfer) },
        Column("编号", "line") { .id($0.line.id) },
      ], json: statement)
    if settings.format == .table, let totals = statement.totals {
      let moved =
        totals.moved == .zero
        ? Text("", "")
        : Text("，期间外转入减转出 \(totals.moved)", ", moved from other periods \(totals.moved)")
      let others =
        totals.paidByOthers == .zero
        ? Text("", "")
        : Text(
          "；另有他人代付 \(totals.paidByOthers)，不计入",
          "; besides, others paid \(totals.paidByOthers), not counted")
      printer.notice(
        Text(
          "合计：捐款 \(totals.gifts) 笔 \(totals.given)，资助款 \(totals.receipts) 笔 "
            + "\(totals.received)，冲回 \(totals.takenBack)\(moved.zh)，净额 \(totals.net)\(others.zh)",
          "Total: \(totals.gifts) gifts \(totals.given), \(totals.receipts) instalments "
            + "\(totals.received), taken back \(totals.takenBack)\(moved.en), net "
            + "\(totals.net)\(others.en)"))
    }
    if settings.format == .table, let next = statement.next {
      printer.notice(Text("下一页：--after \(next.shown)", "Next page: --after \(next.shown)"))
    }
  }
}

struct DonorCopy: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "应捐赠人要求提供捐赠记录 · Give a donor the records of the gifts",
    discussion: "《慈善法》第四十二条 · Charity Law, article 42")

  @Argument(help: "捐赠人编号 · The donor's id") var donor: String
  @Option(help: ArgumentHelp("理由，记入审计 · Why", valueName: "reason")) var reason: String
  @Option(help: ArgumentHelp("捐赠人提出的日期 · The day it was asked for", valueName: "date"))
  var asked: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx"]))
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donor = try readID(donor)
    guard Reports.Format(path: output) == .xlsx else {
      throw ArgumentError.choice(output, option: "--output", known: [".xlsx"])
    }
    let asked = try asked.map { try readDate($0, option: "--asked") } ?? work.settings.today
    let context = try await work.context()
    let copy = try await Donors.copy(
      donor, reason: reason, askedOn: asked, today: work.settings.today, language: work.language,
      to: output, in: context)
    try work.printer.outcome(
      Text(
        "已写出 \(copy.gifts) 笔捐款的记录：\(copy.path)，申请编号 \(copy.request.shown)。",
        "Wrote the records of \(copy.gifts) gifts: \(copy.path), request \(copy.request.shown)."),
      [
        ("request", .id(copy.request)), ("path", .text(copy.path)),
        ("gifts", .number(Int64(copy.gifts))), ("movements", .number(Int64(copy.movements))),
      ])
  }
}

struct DonorRequests: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests", abstract: "捐赠人的查询申请 · What donors asked for")

  @Option(help: ArgumentHelp("只看这位捐赠人 · Of this donor", valueName: "id")) var donor: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donor = try donor.map { try readID($0) }
    let context = try await work.context()
    try work.printer.list(
      await Donors.requests(of: donor, in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("捐赠人", "donor") { .id($0.donor) },
        Column("申请日期", "asked on") { .date($0.askedOn) },
        Column("提供日期", "answered on") { .date($0.answeredOn) },
        Column("笔数", "gifts", right: true) { .count($0.gifts) },
        Column("理由", "reason") { .text($0.reason) },
        Column("经办", "by") { .optional($0.by) },
      ])
  }
}
