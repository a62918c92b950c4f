import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct PairingReasons: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reasons", abstract: "结束原因及其后果 · Why a pairing ends, and what follows")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      PairingEndReason.all,
      [
        Column("代码", "code") { .text($0.code) },
        Column("原因", "reason") { .text($0.name($1)) },
        Column("学生", "the child") {
          .text(
            $0.supportGoesOn
              ? Text("资助不断，另找资助人", "goes on being supported")($1)
              : Text("不再资助", "is no longer supported")($1))
        },
        Column("可选", "chosen") { .yesNo($0.isChosen, $1) },
      ])
  }
}

struct PairingEnd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "结束结对 · End a pairing",
    discussion: """
      未到账的各期随即豁免；资助人一方的原因，学生的资助不断。
      未用款项默认退还；转作他用须有资助人同意。
      Open instalments are excused at once; for a sponsor's reason the child's support goes on. Unspent
      money is returned, or used otherwise with the sponsor's consent.
      """)

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @Option(help: ArgumentHelp("原因，见 pairing reasons · Reason", valueName: "reason"))
  var reason: String
  @Option(
    help: ArgumentHelp("未用款项：return、general、pupil · Unspent money", valueName: "use"),
    completion: .list(["return", "general", "pupil"]))
  var balance: String?
  @Option(help: ArgumentHelp("资助人同意的凭据 · The document of the consent", valueName: "text"))
  var consent: String?
  @Option(help: ArgumentHelp("同意日期 · The day of the consent", valueName: "date"))
  var consentOn: String?
  @Option(help: ArgumentHelp("转给的结对 · The other pairing", valueName: "id")) var to: String?
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let reason = try PairingEndReason.chosen(reason)
    let decision: Pairings.BalanceDecision? = try balance.map { word in
      let use: Pairings.BalanceUse = try readChoice(
        word, option: "--balance", word: { $0 == "return" ? .returned : nil })
      return Pairings.BalanceDecision(
        use, consentOn: try consentOn.map { try readDate($0, option: "--consent-on") },
        consent: consent, target: try to.map { try readID($0) })
    }
    let ending = try await Pairings.end(
      readID(pairing), reason: reason, on: day.day(work.settings), balance: decision,
      key: repetition.idempotencyKey, in: work.context())
    guard work.settings.format == .table else {
      return try work.printer.json(ending)
    }
    let use = ending.balance.map {
      Text("，未用 \(ending.unspent) \($0.name.zh)", ", \(ending.unspent) \($0.name.en)")
    }
    try work.printer.outcome(
      Text(
        "已结束：\(reason.name.zh)。豁免 \(ending.excused)，取消发放 \(ending.payoutsCancelled) 期"
          + "\(use?.zh ?? "")。",
        "Ended: \(reason.name.en). Excused \(ending.excused), payouts cancelled "
          + "\(ending.payoutsCancelled)\(use?.en ?? "")."),
      [])
  }
}

struct PairingAmend: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "amend", abstract: "调整每学期金额 · Change the amount a semester",
    discussion: "调高，学生多得；调低，学生照旧，由爱心基金补足，除非 --lower-child · "
      + "Raised, the child gets it; lowered, the child is assured as before unless --lower-child")

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @Argument(help: "每学期金额 · Amount a semester") var amount: String
  @Option(help: ArgumentHelp("从哪个学期起 · From which semester on", valueName: "semester"))
  var from: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Flag(help: "学生的发放也调低 · The child gets less too") var lowerChild = false
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let change = try await Commitments.amend(
      pairing: readID(pairing), amount: Money(parsing: amount), from: Semester(parsing: from),
      lowersChild: lowerChild, reason: reason, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text(
        "从 \(change.from) 起由 \(change.before) 改为 \(change.after)。",
        "From \(change.from) on \(change.after) instead of \(change.before)."),
      [("before_fen", .fen(change.before)), ("after_fen", .fen(change.after))])
  }
}

struct PairingChanges: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "金额的历次调整 · How the amount was changed")

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Commitments.changes(pairing: readID(pairing), in: work.context()),
      [
        Column("起", "from") { .text("\($0.from)") },
        Column("原为", "before", right: true) { .money($0.before) },
        Column("改为", "after", right: true) { .money($0.after) },
        Column("日期", "on") { .date($0.changedOn) },
        Column("原因", "reason") { .text($0.reason) },
      ])
  }
}

struct PairingSettings: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "宽限、发放、兜底的天数与次数 · Days of grace, payout and cover",
    discussion: "不写选项则只查看 · Without options it only shows them")

  @Option(help: ArgumentHelp("到期后宽限几天 · Days of grace", valueName: "days"))
  var grace: Int?
  @Option(help: ArgumentHelp("到期后几天内发放 · Days until the child has it", valueName: "days"))
  var payout: Int?
  @Option(help: ArgumentHelp("兜底几期后另找资助人 · Covered instalments", valueName: "1-6"))
  var coverLimit: Int?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    var settings = try await Pairings.settings(in: context)
    if grace != nil || payout != nil || coverLimit != nil {
      settings.graceDays = grace ?? settings.graceDays
      settings.payoutDays = payout ?? settings.payoutDays
      settings.coverLimit = coverLimit ?? settings.coverLimit
      try await Pairings.set(settings, in: context)
    }
    try work.printer.outcome(
      Text(
        "到期后宽限 \(settings.graceDays) 天；学生在到期后 \(settings.payoutDays) 天内领到；"
          + "兜底 \(settings.coverLimit) 期后另找资助人。",
        "\(settings.graceDays) days of grace; the child has it within \(settings.payoutDays) days; "
          + "after \(settings.coverLimit) covered instalments another sponsor is looked for."),
      [
        ("grace_days", .number(Int64(settings.graceDays))),
        ("payout_days", .number(Int64(settings.payoutDays))),
        ("cover_limit", .number(Int64(settings.coverLimit))),
      ])
  }
}

struct PairingImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入正在进行的一帮一结对台账 · Import pairings that are running already",
    discussion: """
      必有列：学生姓名、帮扶人、每学期金额、起始学期；到账写在“已到账期数”或“第1期”至“第6期”。
      已发放期数以内的不入账；到账而未发放的，按当天收款入账。
      Columns: pupil, sponsor, amount a semester, first semester; what came in as a number of instalments
      or for each. What the child has had is not posted; what is still there is booked as received.
      退出状态 65：有行被拒绝 · Exit status 65: rows were refused
      """)

  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup var options: ImportOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Pairings.importSheet($0, school: school, in: context)
    }
  }
}

struct PairingHistory: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "一名学生的历任资助人 · Who has supported a pupil")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Pairings.history(of: readID(student), in: work.context()),
      [
        Column("资助人", "sponsor") { .text($0.sponsor) },
        Column("学校", "school") { .text($0.school) },
        Column("起", "from") { .date($0.startedOn) },
        Column("止", "until") { .optional($0.endedOn.map { "\($0)" }) },
        Column("原因", "reason") { .optional($0.reason?.name($1)) },
        Column("资助款", "received", right: true) { .money($0.received) },
        Column("兜底", "covered", right: true) { .money($0.covered) },
        Column("结对", "pairing") { .id($0.pairing) },
      ])
  }
}

struct PairingComplete: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete",
    abstract: "三年期满且款已结清的，办理期满 · Complete those whose three years are over",
    discussion: "可每天运行 · Safe to run every day")

  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let count = try await Pairings.complete(on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("期满 \(count) 对。", "\(count) completed."), [("completed", .number(Int64(count)))])
  }
}
