import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct FundFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fund", abstract: "基金 · Funds",
    subcommands: [
      FundShow.self, FundTransfers.self, FundOpen.self, FundAllow.self, FundPurposes.self,
      FundPurposeAdd.self, FundAllocate.self, FundPay.self,
    ])
}

struct FundShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "一学期的期初、收入、支出、期末 · A semester's opening, income, spending, closing")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Flag(help: "也列出没有收支的基金 · Also funds without money") var all = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let statements = try await Funds.statements(semester, school: school?.id, in: context)
    let shown = statements.filter { all || $0.hasMoney || work.settings.format == .json }
    if work.settings.format == .table { work.printer.notice(Text(semester.zh, semester.en)) }
    try work.printer.list(shown, Self.columns)
  }

  static let columns: [Column<FundStatement>] = [
    Column("学校", "school") { .text($0.schoolName ?? Text("（区）", "(district)")($1)) },
    Column("基金", "fund") { .text($0.kind.isNamed ? $0.name : $0.kind.name($1)) },
    Column("期初", "opening", right: true) { .money($0.opening) },
    Column("收入", "income", right: true) { .money(fen: $0.income.fen) },
    Column("支出", "spending", right: true) { .money(fen: $0.spending.fen) },
    Column("期末", "closing", right: true) { .money($0.closing) },
    Column("收入来源", "from") { statement, language in
      .text(
        statement.income.map { line in
          "\(line.name(language)) \(line.amount)"
        }.joined(separator: language == .zh ? "、" : ", "))
    },
    Column("支出用途", "for") { statement, language in
      .text(
        statement.spending.map { line in
          "\(line.name(language)) \(line.amount)"
        }.joined(separator: language == .zh ? "、" : ", "))
    },
  ]
}

extension FundStatement {
  var hasMoney: Bool {
    opening != .zero || closing != .zero || !income.isEmpty || !spending.isEmpty
  }
}

extension [FundStatement.Line] {
  /// The sum in fen, of lines that add up to a balance the database holds.
  fileprivate var fen: Int64 { reduce(0) { $0 &+ $1.amount.fen } }
}

struct FundPay: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "从基金支出 · Pay out of a fund")

  @Argument(help: "金额 · Amount") var amount: String
  @Option(
    help: ArgumentHelp("用途 · What it is spent on", valueName: "purpose"),
    completion: .list(Purpose.standard.map(\.rawValue)))
  var purpose: String
  @OptionGroup var fund: FundOption
  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("说明 · What was paid", valueName: "text")) var note: String
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let amount = try Money(parsing: amount)
    let purpose = Purpose(word: purpose)
    let day = try day.day(work.settings)
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, on: day, in: context)
    let fundID = try await work.fund(fund, semester, school: school, in: context)
    let transfer = try await Payments.pay(
      Payments.Payment(
        fund: fundID, purpose: purpose, amount: amount, date: day, semester: semester, note: note),
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已支出 \(amount)（\(purpose.name.zh)），编号 \(transfer.shown)。",
        "Paid \(amount) for \(purpose.name.en), id \(transfer.shown)."),
      [("transfer", .id(transfer)), ("amount_fen", .fen(amount))])
  }
}

/// Which fund is meant.
struct FundOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("基金编号，见 fund show --format json · Fund's id", valueName: "id"))
  var fund: String?
  @Option(help: ArgumentHelp("或：基金名称，默认爱心基金 · Or its name", valueName: "name"))
  var fundName: String?
}

extension Work {
  /// The fund of that id, or of that name at the place; a name that no fund has opens none.
  func fund(
    _ option: FundOption, _ semester: Semester, school: Schools.School?, in context: Context
  ) async throws -> UUID {
    if let fund = option.fund { return try readID(fund) }
    let name = option.fundName ?? FundKind.general.name.zh
    let known = try await Funds.statements(semester, school: school?.id, in: context)
    guard let found = known.first(where: { $0.name == name && $0.schoolCode == school?.code })
    else { throw FundError.unknownFund(name) }
    return found.fundID
  }
}
