import Spreadsheet
import Yibang

extension Work {
  /// The report of an import: a story for people, a document for programs, and as CSV the refusals.
  func tell(_ report: ImportReport, skippedRefused: Bool) throws {
    switch settings.format {
    case .json: try printer.json(report.document(language))
    case .csv:
      try printer.csv(
        refusalColumns.map { $0.title(language) },
        report.refused.map { refusal in refusalColumns.map { $0.cell(refusal, language) } })
    case .table: try standardOutput(story(report, skippedRefused: skippedRefused))
    }
  }

  /// What was taken, what was refused and why, what to look at, and what became of it.
  func story(_ report: ImportReport, skippedRefused: Bool) -> String {
    var parts = [counts(report)(language)]
    if !report.refused.isEmpty {
      parts.append(
        Text("\n拒绝的行：", "\nRefused rows:")(language) + "\n"
          + printer.table(report.refused, refusalColumns).trimmingLastBreak)
      let more = report.counts.refusals - report.refused.count
      if more > 0 { parts.append(Text("……另有 \(more) 处", "… and \(more) more")(language)) }
    }
    if !report.warnings.isEmpty {
      parts.append(Text("\n请留意：", "\nPlease check:")(language))
      parts += report.warnings.map { warning in
        Text(
          "  “\(warning.sheet)”第 \(warning.row) 行：\(warning.text.zh)",
          "  “\(warning.sheet)”, row \(warning.row): \(warning.text.en)")(language)
      }
      let more = report.counts.warnings - report.warnings.count
      if more > 0 { parts.append(Text("  ……另有 \(more) 处", "  … and \(more) more")(language)) }
    }
    parts.append("\n" + ending(report, skippedRefused: skippedRefused)(language))
    return parts.joined(separator: "\n") + "\n"
  }

  private func counts(_ report: ImportReport) -> Text {
    var zh = "\(report.file)：接收 \(report.accepted) 行"
    var en = "\(report.file): \(report.accepted) accepted"
    if report.updated > 0 {
      zh += "（其中更新 \(report.updated) 行）"
      en += " (\(report.updated) of them updates)"
    }
    zh += "，未变 \(report.unchanged) 行，拒绝 \(report.refusedRows) 行"
    en += ", \(report.unchanged) unchanged, \(report.refusedRows) refused"
    if let total = report.total {
      zh += "；金额 \(total)（\(total.uppercase)）"
      en += "; \(total)"
    }
    return Text(zh + "。", en + ".")
  }

  private func ending(_ report: ImportReport, skippedRefused: Bool) -> Text {
    if report.dryRun {
      return Text("这是试读，没有写入任何内容。", "This was a dry run: nothing was written.")
    }
    if report.written {
      return report.hasRefusals
        ? Text(
          "已写入接收的行；拒绝的行请更正后再导入一次，已登记的不会重复。",
          "The accepted rows are written. Correct the refused ones and import the file again: "
            + "what is recorded is not doubled.")
        : Text("已全部写入。", "All of it is written.")
    }
    if report.hasRefusals && !skippedRefused {
      return Text(
        "没有写入任何内容。请更正后再导入，或用 --skip-refused 跳过这些行。",
        "Nothing was written. Correct the rows and import again, or skip them with --skip-refused.")
    }
    if report.unchanged > 0 && report.hasRefusals {
      return Text(
        "没有新的内容：\(report.unchanged) 行都已登记过，拒绝的行仍待更正。",
        "Nothing new: \(report.unchanged) rows are recorded already, and the refused ones still "
          + "wait to be corrected.")
    }
    if report.unchanged > 0 {
      return Text(
        "这个文件没有带来变化：\(report.unchanged) 行都已登记过。",
        "This file changes nothing: all \(report.unchanged) rows are recorded already.")
    }
    return Text("没有写入任何内容。", "Nothing was written.")
  }

  private var refusalColumns: [Column<Refusal>] {
    [
      Column("工作表", "sheet") { .text($0.sheet) },
      Column("行", "row", right: true) { .integer(Int64($0.row)) },
      Column("列", "column") { .text($0.column) },
      Column("值", "value") { .text($0.value) },
      Column("问题", "problem") { .text($0.problem($1)) },
      Column("怎么办", "what to do") { .text($0.advice($1)) },
    ]
  }
}

extension String {
  fileprivate var trimmingLastBreak: String { hasSuffix("\n") ? String(dropLast()) : self }
}
