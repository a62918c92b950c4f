import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct FundTransfers: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfers",
    abstract: "一学期的每一笔收支，新的在前 · Every transfer of a semester, newest first")

  @OptionGroup var fund: FundOption
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("上一页最后一笔的编号 · The last transfer of the page before"))
  var after: String?
  @Option(help: ArgumentHelp("每页条数 · Rows of a page", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    try requireLimit(limit)
  }

  func run(_ work: Work) async throws {
    let after = try after.map { try readID($0) }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    try work.printer.list(
      await Funds.transfers(fund: fund, semester, after: after, limit: limit, in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("日期", "date") { .date($0.occurredOn) },
        Column("种类", "kind") { .text($0.kind.name($1)) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("用途", "purpose") { transfer, language in
          .optional(transfer.purpose.map { Purpose(rawValue: $0).name(language) })
        },
        Column("来源记录", "source") { .id($0.source) },
        Column("冲回", "reverses") { .optional($0.reverses?.shown) },
      ])
  }
}

struct FundOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "设立专项基金 · Open a restricted fund")

  @Argument(help: "名称 · Name") var name: String
  @Option(
    name: .customLong("purpose"),
    help: ArgumentHelp("可支出的用途，可多次 · What it pays for, repeatable", valueName: "purpose"))
  var purposes: [String]
  @Flag(help: "定向捐赠：名称即捐赠人的话 · Designated: the name is the donor's words")
  var designated = false
  @OptionGroup var school: SchoolOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let id = try await Funds.open(
      name: name, kind: designated ? .designated : .other,
      purposes: purposes.map(Purpose.init(word:)),
      school: school?.id, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已设立基金“\(name)”，编号 \(id.shown)。", "The fund “\(name)” is open, id \(id.shown)."),
      [("id", .id(id))])
  }
}

struct FundAllow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow", abstract: "允许基金用于一项用途 · Let a fund pay for one more purpose")

  @Argument(help: "用途 · Purpose") var purpose: String
  @OptionGroup var fund: FundOption
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    let purpose = Purpose(word: purpose)
    try await Funds.allow(purpose, fund: fund, in: context)
    try work.printer.outcome(
      Text("该基金可用于“\(purpose.name.zh)”。", "The fund may pay for \(purpose.name.en)."),
      [("fund", .id(fund)), ("purpose", .text(purpose.rawValue))])
  }
}

struct FundPurposes: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "purposes", abstract: "列出用途 · List the purposes")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Funds.purposes(in: work.context()),
      [
        Column("代码", "code") { .text($0.code) },
        Column("用途", "purpose") { .text($0.name($1)) },
        Column("基金", "funds") { .text($0.funds.joined(separator: $1 == .zh ? "、" : ", ")) },
      ])
  }
}

struct FundPurposeAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-purpose", abstract: "增加一项用途 · Add a purpose")

  @Argument(help: "代码，如 eyesight · Code") var code: String
  @Argument(help: "中文名称 · Chinese name") var name: String
  @Option(help: ArgumentHelp("英文名称 · English name", valueName: "name")) var english: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try await Funds.addPurpose(
      code: code, name: Text(name, english ?? code), in: work.context())
    try work.printer.outcome(
      Text("已增加用途“\(name)”（\(code)）。", "The purpose \(english ?? code) (\(code)) is added."),
      [("purpose", .text(code))])
  }
}

struct FundAllocate: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocate", abstract: "登记财政拨款 · Book public money")

  @Argument(help: "金额 · Amount") var amount: String
  @OptionGroup var fund: FundOption
  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("拨款文号 · The paper that grants it", valueName: "number"))
  var document: String
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let amount = try Money(parsing: amount)
    let day = try day.day(work.settings)
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, on: day, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    let transfer = try await Funds.allocate(
      fund: fund, amount: amount, on: day, semester: semester, document: document,
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已登记拨款 \(amount)，编号 \(transfer.shown)。", "Booked \(amount), id \(transfer.shown)."),
      [("transfer", .id(transfer)), ("amount_fen", .fen(amount))])
  }
}
