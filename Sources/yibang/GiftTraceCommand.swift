import ArgumentParser
import Spreadsheet
import Yibang

struct DonationTrace: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "一笔捐款用到了哪里 · Where a donation went",
    discussion: "先到的先用 · Money is spent in the order in which it came")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let trace = try await Giving.trace(readID(donation), in: work.context())
    if work.settings.format == .json { return try work.printer.json(trace) }
    try work.printer.list(
      trace.uses,
      [
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("基金", "fund") { .text($0.fund) },
        Column("用途", "purpose") { .text($0.purpose($1)) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("笔数", "payments", right: true) { .integer(Int64($0.transfers.count)) },
      ])
    work.printer.notice(
      Text(
        "捐款 \(trace.amount)，冲回 \(trace.reversed)，尚未使用 \(trace.unspent)。",
        "Given \(trace.amount), taken back \(trace.reversed), not yet spent \(trace.unspent)."))
  }
}
