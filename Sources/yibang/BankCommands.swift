import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct BankFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bank", abstract: "银行对账 · Bank reconciliation",
    subcommands: [
      BankAccountFamily.self, BankImport.self, BankList.self, BankMatch.self, BankExplain.self,
      BankUnmatch.self, BankStatus.self,
    ])
}

struct BankAccountFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "银行账户 · Bank accounts",
    subcommands: [BankAccountAdd.self, BankAccountList.self])
}

struct BankAccountAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记学校或区的银行账户 · Register an account of a school or the district",
    discussion: "账号只保存末四位和加密摘要 · Of the number the last four digits and a keyed hash are kept")

  @Argument(help: "账户名称，如 基本户 · Name") var name: String
  @Option(
    help: ArgumentHelp("账号，或末四位 · The number, or its last four digits", valueName: "number"))
  var number: String
  @OptionGroup var school: SchoolOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let id = try await BankAccounts.add(
      name: name, number: number, school: school?.id, key: repetition.idempotencyKey, in: context)
    let four = String(number.filter(\.isNumber).suffix(4))
    try work.printer.outcome(
      Text(
        "已登记银行账户 \(name)（末四位 \(four)），编号 \(id.shown)。",
        "The bank account \(name) (ending in \(four)) is registered, id \(id.shown)."),
      [("id", .id(id)), ("last_four", .text(four))])
  }
}

struct BankAccountList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出银行账户 · List the bank accounts")

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await BankAccounts.list(school: school?.id, in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("学校", "school") { .text($0.school ?? Text("（区）", "(district)")($1)) },
        Column("账户", "account") { .text($0.name) },
        Column("末四位", "ending") { .text($0.lastFour) },
      ])
  }
}

struct BankImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入银行流水 · Import a bank statement",
    discussion: "同一行只登记一次，流水可以重叠；退出状态 65：有行被拒绝 · "
      + "A line is recorded once, statements may overlap. Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @Option(
    help: ArgumentHelp("账户编号，见 bank account list · The account's id", valueName: "id"))
  var account: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(account)
    let context = try await work.context()
    try await work.importSheet(options, school: nil) {
      try await BankAccounts.importStatement($0, account: id, in: context)
    }
  }
}

struct BankList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出银行流水及对账情况 · List bank lines and what became of them")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("只看一个账户 · One account only", valueName: "id")) var account: String?
  @Option(
    help: ArgumentHelp("matched 已对账、explained 已说明、unmatched 未对账", valueName: "state"),
    completion: .list(BankLines.State.allCases.map(\.rawValue)))
  var state: String?
  @Option(help: ArgumentHelp("从这一行之后 · After this line", valueName: "id")) var after: String?
  @Option(help: ArgumentHelp("最多行数 · At most so many", valueName: "number")) var limit = 1_000
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let account = try account.map { try readID($0) }
    let after = try after.map { try readID($0) }
    let state = try state.map {
      try readChoice($0, option: "--state", word: BankLines.State.init(word:))
    }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    try work.printer.list(
      await BankLines.list(
        semester, account: account, school: school?.id, state: state, after: after,
        limit: max(1, limit), in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("账户", "account") { .text("\($0.account) \($0.lastFour)") },
        Column("日期", "date") { .date($0.day) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("对方户名", "counterparty") { .optional($0.counterparty) },
        Column("摘要", "text") { .optional($0.text) },
        Column("对账", "state") { .text($0.state.name($1)) },
        Column("依据", "reason") { .optional($0.reason) },
        Column("说明", "note") { .optional($0.note) },
      ])
  }
}

extension BankLines.State {
  fileprivate init?(word: String) {
    guard let state = Self.allCases.first(where: { $0.name.zh == word }) else { return nil }
    self = state
  }
}

struct BankMatch: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "match", abstract: "对账：自动匹配，或人工指定 · Match by program, or by hand",
    discussion: """
      自动：yibang bank match --school CODE（不写学校：区本级账户）。拿不准的只列出候选，不会匹配。
      人工：yibang bank match 流水编号 --with 账目编号 --reason 原因。
      By program: for a school, or without one for the district's own accounts. What is not certain is
      listed with its candidates and not matched. By hand: a line, the ids in the books, a reason.
      """)

  @Argument(help: "人工：流水编号 · By hand: the bank line's id") var line: String?
  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("人工：捐款或账目编号，可多个 · By hand: donations or transfers", valueName: "id"))
  var entries: [String] = []
  @Option(help: ArgumentHelp("人工：原因 · By hand: why", valueName: "text")) var reason: String?
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("日期最多相差几天 · Days may differ by", valueName: "number"))
  var days = 5
  @Flag(help: "只查看，不写入 · Show the findings and write nothing") var dryRun = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if line == nil, !entries.isEmpty || reason != nil {
      throw ValidationError("--with / --reason: 需要流水编号 · a bank line is needed")
    }
    if line != nil, entries.isEmpty || reason == nil || dryRun {
      throw ValidationError("人工对账需要 --with 和 --reason · by hand needs --with and --reason")
    }
    if !(0...60).contains(days) { throw ValidationError("--days: 0–60") }
  }

  func run(_ work: Work) async throws {
    if let line {
      let context = try await work.context(school: school.school)
      let id = try await Reconciliation.match(
        line: try readID(line), with: try entries.map { try readID($0) }, note: reason ?? "",
        key: repetition.idempotencyKey, in: context)
      try work.printer.outcome(
        Text("已对账，编号 \(id.shown)。", "Reconciled, id \(id.shown)."), [("id", .id(id))])
      return
    }
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let outcome = try await Reconciliation.match(
      school: school?.id, semester, days: days, dryRun: dryRun, in: context)
    try work.tell(outcome)
  }
}

struct BankExplain: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "说明没有对应账目的流水，或没有流水的账目 · Explain what has no other side")

  @Option(help: ArgumentHelp("银行流水编号 · A bank line", valueName: "id")) var line: String?
  @Option(help: ArgumentHelp("或：捐款、账目编号 · Or a donation or transfer", valueName: "id"))
  var entry: String?
  @Option(
    help: ArgumentHelp(
      "流水：fee 手续费、interest 利息、personal 公私混用、own_transfer 账户间划转、other；"
        + "账目：cash_kept 现金留存、in_transit 在途、other", valueName: "reason"),
    completion: .list(
      Set(ReconciliationReason.ofLines + ReconciliationReason.ofTransfers).map(\.rawValue).sorted())
  )
  var reason: String
  @Option(help: ArgumentHelp("说明 · In your words", valueName: "text")) var note: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if (line == nil) == (entry == nil) {
      throw ValidationError("--line 或 --entry 二选一 · either --line or --entry")
    }
  }

  func run(_ work: Work) async throws {
    let reason = try readChoice(reason, option: "--reason", word: ReconciliationReason.init(word:))
    let side: Reconciliation.Side =
      if let line { .line(try readID(line)) } else { .transfer(try readID(entry ?? "")) }
    let id = try await Reconciliation.explain(
      side, reason, note: note, key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      Text(
        "已说明（\(reason.name.zh)），编号 \(id.shown)。", "Explained (\(reason.name.en)), id \(id.shown)."),
      [("id", .id(id)), ("reason", .text(reason.rawValue))])
  }
}

struct BankUnmatch: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmatch", abstract: "撤销对账或说明，留下记录 · Undo a match or explanation, on record")

  @Argument(help: "对账、流水、捐款或账目的编号 · Id of the match, the line or the donation") var id: String
  @Option(help: ArgumentHelp("原因 · Why", valueName: "text")) var reason: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let undone = try await Reconciliation.undo(
      try readID(id), reason: reason, key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      Text("已撤销 \(undone.shown)。", "\(undone.shown) is undone."), [("id", .id(undone))])
  }
}

struct BankStatus: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "一学期的对账情况 · How far a semester is reconciled",
    discussion: "--open 列出结账前还要处理的 · --open lists what is to be settled before closing")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Flag(help: "列出未了事项 · List what is open") var open = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    if open {
      let items = try await Reconciliation.open(semester, school: school?.id, in: context)
      return try work.printer.list(items, openColumns)
    }
    try work.tell(try await Reconciliation.status(semester, school: school?.id, in: context))
  }
}
