import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct AuditFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "审计记录与核验 · The audit trail, and verifying it and the ledger",
    subcommands: [AuditList.self, AuditVerify.self])
}

/// The days that a list is confined to.
struct PeriodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("从这一天起 · From this day on", valueName: "date")) var from: String?
  @Option(help: ArgumentHelp("到这一天为止 · Up to this day", valueName: "date")) var to: String?

  /// - Throws: `ArgumentError.date`.
  func days() throws -> (from: CalendarDate?, to: CalendarDate?) {
    (
      try from.map { try readDate($0, option: "--from") },
      try to.map { try readDate($0, option: "--to") }
    )
  }
}

/// - Throws: `ValidationError` for a `--limit` that nobody means.
func requireLimit(_ limit: Int) throws {
  guard (1...100_000).contains(limit) else {
    throw ValidationError("--limit 应为 1 到 100000 · --limit is 1 to 100000.")
  }
}

struct AuditList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "最近的操作，新的在前 · The latest writes, newest first")

  @Option(help: ArgumentHelp("只看这条记录 · Of one record only", valueName: "id"))
  var subject: String?
  @Option(help: ArgumentHelp("只看这个用户做的 · Done by this user only", valueName: "login"))
  var by: String?
  @Option(
    help: ArgumentHelp("只看这种操作，如 donation.record · Of this kind only", valueName: "action"))
  var action: String?
  @OptionGroup var period: PeriodOptions
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    try requireLimit(limit)
  }

  func run(_ work: Work) async throws {
    let (from, to) = try period.days()
    let filter = Audit.Filter(
      subject: try subject.map { try readID($0) }, by: by, action: action, from: from, to: to)
    try work.printer.list(
      await Audit.list(filter, limit: limit, in: work.context()),
      [
        Column("时间", "at") { .text($0.at) },
        Column("用户", "actor") { .text($0.actor) },
        Column("操作", "action") { .text($0.action) },
        Column("对象", "subject") { .text($0.subject) },
        Column("编号", "id") { .optional($0.subjectID) },
        Column("之前", "before") { .optional($0.before) },
        Column("之后", "after") { .optional($0.after) },
      ])
  }
}

struct AuditVerify: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "从每一行重新计算，核对全部封存 · Compute all seals anew from the rows",
    discussion: "转账和操作记录都核对。退出状态 65：与封存不符 · Transfers and the trail alike. "
      + "Exit status 65: something was altered")

  @Option(
    help: ArgumentHelp("公布的验证公钥，或存有它的文件 · The published key, or its file", valueName: "key"))
  var key: String?
  @Option(
    help: ArgumentHelp(
      "已公布的检查点：也核对账目没有被整体改写 · A published checkpoint that must still hold",
      valueName: "file"), completion: .file())
  var checkpoint: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let outside = try Seals.Outside.read(key: key, checkpoint: checkpoint, in: context)
    let result = try await Seals.verify(outside, in: context)
    switch work.settings.format {
    case .json: try work.printer.json(result)
    case .csv: try work.printer.list(result.findings, Self.columns(result))
    case .table: try work.tell(result)
    }
    if !result.findings.isEmpty { throw ExitCode(ExitStatus.badData) }
  }

  fileprivate static func columns(_ result: SealVerification) -> [Column<SealFinding>] {
    [
      Column("问题", "what") { .text($0.text($1)) },
      Column("转账", "transfer") { .optional($0.transfer?.shown) },
      Column("操作记录", "entry") { .optional($0.entry?.shown) },
      Column("叶", "leaf", right: true) { .count($0.leaf) },
      Column("封存", "seal", right: true) { .count($0.seal) },
      Column("封存日期", "sealed on") { result.day(of: $0).map { .date($0) } ?? .empty },
    ]
  }
}

extension Work {
  fileprivate func tell(_ result: SealVerification) throws {
    if !result.findings.isEmpty {
      try printer.list(result.findings, AuditVerify.columns(result))
      return printer.notice(
        Text(
          "核验不通过：\(result.findings.count) 处不符，第一处在最上。请保留现场，从备份核对。",
          "Not verified: \(result.findings.count) findings, the first one on top. Keep everything as "
            + "it is and compare it with a backup."))
    }
    guard let date = result.sealedOn else {
      return printer.notice(
        Text(
          "还没有封存过，无从核验。请先运行 yibang seal make。", "Nothing is sealed yet. First run yibang seal make."
        ))
    }
    let key = result.key ?? "?"
    if result.erased > 0 {
      printer.notice(
        Text(
          "其中 \(result.erased) 条操作记录的文字已按删除申请删去，只核对其封存的散列。",
          "Words of \(result.erased) entries were taken by erasures; of them only what was sealed is "
            + "checked."))
    }
    try standardOutput(
      Text(
        "核验通过：\(result.transfers) 笔转账、\(result.entries) 条操作记录与 \(result.seals) 次封存"
          + "（至 \(date)）逐条相符。\n公钥 \(key)\n",
        "Verified: \(result.transfers) transfers and \(result.entries) entries of the trail are as "
          + "sealed in \(result.seals) seals, the last of \(date).\nKey \(key)\n")(language))
  }
}
