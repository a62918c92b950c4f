import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct PairingCover: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "cover",
    abstract: "爱心基金兜底：宽限期已过未到账的 · Bridge what is past its grace from the general fund",
    discussion: "可每天运行，重复运行不会重复兜底 · Safe to run every day, and again")

  @OptionGroup var school: SchoolOption
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let run = try await Covers.run(on: day.day(work.settings), school: school?.id, in: context)
    guard work.settings.format == .table else { return try work.printer.json(run) }
    try work.printer.outcome(
      Text(
        "\(run.on)：兜底 \(run.covered) 名学生，共 \(run.amount)；无法兜底 \(run.short.count) 名；"
          + "\(run.rematched) 对另找资助人。",
        "\(run.on): \(run.covered) children bridged with \(run.amount); \(run.short.count) could not "
          + "be; another sponsor is looked for in \(run.rematched) pairings."),
      [])
    guard !run.short.isEmpty else { return }
    try work.printer.list(
      run.short,
      [
        Column("结对", "pairing") { .id($0.pairing) },
        Column("尚缺", "missing", right: true) { .money($0.missing) },
        Column("发放计划", "payout") { .id($0.payout) },
      ])
  }
}

struct PairingCovers: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "covers", abstract: "兜底及归还 · Cover given and repaid")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Covers.list(semester.named(), school: school?.id, in: context),
      [
        Column("学校", "school") { .text($0.school) },
        Column("学生", "pupil") { .text($0.pupil) },
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("基金", "fund") { .text($0.fund) },
        Column("日期", "on") { .date($0.coveredOn) },
        Column("兜底", "covered", right: true) { .money($0.amount) },
        Column("已归还", "repaid", right: true) { .money($0.repaid) },
        Column("结对", "pairing") { .id($0.pairing) },
      ])
  }
}

struct PairingCoverage: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "每学期应领、按时、兜底、迟发、未发 · Who had the support in time, by semester",
    discussion: "迟发和未发的逐一列出 · Those late and not paid are named")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let lines = try await Coverage.list(
      semester.named(), school: school?.id, today: work.settings.today, in: context)
    try work.printer.list(lines, Self.columns)
    let gaps = lines.flatMap { line in line.gaps.map { (line.semester, $0) } }
    guard work.settings.format == .table, !gaps.isEmpty else { return }
    try standardOutput("\n")
    try work.printer.list(gaps.map { Named(semester: $0, gap: $1) }, Self.gapColumns)
  }

  private struct Named: Encodable {
    let semester: Semester
    let gap: Coverage.Gap
  }

  static let columns: [Column<Coverage.Line>] = [
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("应领", "due", right: true) { .integer(Int64($0.children)) },
    Column("资助人按时", "by sponsor", right: true) { .integer(Int64($0.bySponsor)) },
    Column("兜底按时", "by cover", right: true) { .integer(Int64($0.byCover)) },
    Column("迟发", "late", right: true) { .integer(Int64($0.late)) },
    Column("未发", "not paid", right: true) { .integer(Int64($0.notPaid)) },
    Column("未到期", "later", right: true) { .integer(Int64($0.later)) },
    Column("暂停", "suspended", right: true) { .integer(Int64($0.suspended)) },
    Column("应发", "amount", right: true) { .money($0.amount) },
    Column("按时率‰", "in time ‰", right: true) { .integer(Int64($0.onTimePerThousand)) },
  ]

  private static let gapColumns: [Column<Named>] = [
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("学校", "school") { .text($0.gap.school) },
    Column("学生", "pupil") { .text($0.gap.pupil) },
    Column("金额", "amount", right: true) { .money($0.gap.amount) },
    Column("期限", "due on") { .date($0.gap.dueOn) },
    Column("发放", "paid on") { .optional($0.gap.paidOn.map { "\($0)" }) },
    Column("原因", "why") { .text($0.gap.why($1)) },
    Column("结对", "pairing") { .id($0.gap.pairing) },
  ]
}
