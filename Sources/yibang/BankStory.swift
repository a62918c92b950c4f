import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

extension Work {
  /// What matching found: the matches, then what a person has to look at.
  func tell(_ outcome: Reconciliation.Outcome) throws {
    switch settings.format {
    case .json: return try printer.json(outcome)
    case .csv: return try printer.list(outcome.matched + outcome.ambiguous, findingColumns)
    case .table: break
    }
    var parts: [String] = []
    if !outcome.matched.isEmpty { parts.append(printer.table(outcome.matched, findingColumns)) }
    if !outcome.ambiguous.isEmpty {
      parts.append(
        Text("\n拿不准，请人工核对：\n", "\nNot certain, please look:\n")(language)
          + printer.table(outcome.ambiguous, findingColumns))
    }
    let done = outcome.dryRun ? Text("可对账", "can be matched") : Text("已对账", "matched")
    parts.append(
      Text(
        "\(done.zh) \(outcome.matched.count) 笔，拿不准 \(outcome.ambiguous.count) 笔，"
          + "流水无对应账目 \(outcome.linesWithoutEntry) 笔，账目未对 \(outcome.openTransfers) 笔。\n",
        "\(outcome.matched.count) \(done.en), \(outcome.ambiguous.count) not certain, "
          + "\(outcome.linesWithoutEntry) lines without an entry, "
          + "\(outcome.openTransfers) transfers open.\n")(language))
    try standardOutput(parts.joined())
  }

  private var findingColumns: [Column<Reconciliation.Finding>] {
    [
      Column("流水编号", "line") { .id($0.line) },
      Column("日期", "date") { .date($0.day) },
      Column("金额", "amount", right: true) { .money($0.amount) },
      Column("依据", "reason") { .optional($0.reason?.name($1)) },
      Column("把握", "score", right: true) { .count($0.score) },
      Column("候选", "candidates", right: true) { .count($0.candidateCount) },
      Column("账目", "entries") { finding, _ in
        .text(
          finding.candidates.prefix(3).map { candidate in
            candidate.prefix(3).map { entry in
              [entry.day.description, entry.payer, entry.transfer.shown].compactMap { $0 }
                .joined(separator: " ")
            }.joined(separator: " + ") + (candidate.count > 3 ? " …（\(candidate.count)）" : "")
          }.joined(separator: " | "))
      },
    ]
  }

  /// How far accounts and books are reconciled.
  func tell(_ status: Reconciliation.Status) throws {
    switch settings.format {
    case .json: return try printer.json(status)
    case .csv: return try printer.list(status.accounts + status.books, standingColumns)
    case .table: break
    }
    try standardOutput(
      Text("\(status.semester.zh)\n\n银行流水：\n", "\(status.semester.en)\n\nBank lines:\n")(language)
        + printer.table(status.accounts, standingColumns)
        + Text("\n账目：\n", "\nBooks:\n")(language)
        + printer.table(status.books, standingColumns))
  }

  private var standingColumns: [Column<Reconciliation.Standing>] {
    func tally(
      _ zh: String, _ en: String,
      _ part: @escaping @Sendable (Reconciliation.Standing) -> Reconciliation.Tally
    ) -> Column<Reconciliation.Standing> {
      Column(zh, en, right: true) { standing, language in
        let tally = part(standing)
        let (into, out) = language == .zh ? ("收", "支") : ("in", "out")
        return .text(
          tally.count == 0
            ? "0" : "\(tally.count)（\(into) \(tally.moneyIn)，\(out) \(tally.moneyOut)）")
      }
    }
    return [
      Column("学校", "school") { .text($0.school ?? Text("（区）", "(district)")($1)) },
      Column("账户", "account") { standing, _ in
        .optional(standing.accountName.map { "\($0) \(standing.lastFour ?? "")" })
      },
      Column("流水期间", "covered") { standing, _ in
        guard let from = standing.coveredFrom, let to = standing.coveredTo else { return .empty }
        return .text("\(from)–\(to)")
      },
      tally("笔数", "all", \.all),
      tally("已对账", "reconciled", \.matched),
      tally("已说明", "explained", \.explained),
      tally("现金", "cash", \.cash),
      tally("未对账", "open", \.unmatched),
    ]
  }
}

let openColumns: [Column<Reconciliation.OpenItem>] = [
  Column("事项", "item") { item, language in
    switch item.kind {
    case .line: .text(Text("流水未对账", "open bank line")(language))
    case .transfer: .text(Text("账目未对账", "open transfer")(language))
    case .changed: .text(Text("对账后又冲正", "reversed after matching")(language))
    }
  },
  Column("编号", "id") { .id($0.id) },
  Column("学校", "school") { .text($0.school ?? Text("（区）", "(district)")($1)) },
  Column("日期", "date") { .date($0.day) },
  Column("金额", "amount", right: true) { .money($0.amount) },
]
