package import Foundation
package import SchoolCalendar
package import Spreadsheet

extension DonorStatement {
  /// The statement as a sheet: every movement on its own day, in order of days, with its transfer,
  /// and the net sum.
  package func table(_ language: Language, from: CalendarDate?, to: CalendarDate?) throws
    -> TableDocument
  {
    let columns: [TableDocument.Column] = [
      .init(Text("日期", "date")(language), kind: .date), .init(Text("种类", "kind")(language)),
      .init(Text("金额", "amount")(language), kind: .money),
      .init(Text("基金", "fund")(language)), .init(Text("学校", "school")(language)),
      .init(Text("方式", "method")(language)), .init(Text("指定用途", "designation")(language)),
      .init(Text("票据号", "receipt")(language)), .init(Text("学生", "pupil")(language)),
      .init(Text("资助学期", "for semester")(language)), .init(Text("备注", "note")(language)),
      .init(Text("收支编号", "transfer")(language)),
    ]
    let days = entries.enumerated().sorted {
      ($0.element.date, $0.offset) < ($1.element.date, $1.offset)
    }
    let rows = days.map { _, entry -> [TableCell] in
      let line = entry.line
      let isLine = !entry.isAdjustment
      return [
        TableCell(entry.date), .text(entry.name(language)), .money(fen: entry.amount.fen),
        .text(line.fund), TableCell(line.school),
        isLine ? .text(line.method.name(language)) : .empty,
        TableCell(isLine ? line.designation : nil), TableCell(line.receiptNumber),
        TableCell(line.pupil), TableCell(line.semester.map { "\($0)" }),
        TableCell(isLine ? line.note : nil),
        .text(entry.transfer.lowercase),
      ]
    }
    let net = try entries.map(\.amount).total()
    let period = Text(
      "期间：\(from.map { "\($0)" } ?? "最早")至\(to.map { "\($0)" } ?? "今")　金额单位：元",
      "Period: \(from.map { "\($0)" } ?? "first") to \(to.map { "\($0)" } ?? "now"), in yuan")
    return TableDocument(
      title: Text("捐赠对账单：\(name)", "Statement of gifts: \(name)")(language),
      subtitle: period(language), columns: columns, rows: rows,
      totals: [.text(Text("净额合计", "net total")(language)), .empty, .money(fen: net.fen)],
      footer: [Text("净额(大写)：人民币\(net.uppercase)", "Net total: \(net)")(language)]
        + paidByOthers(language))
  }
}

extension DonorStatement {
  private func paidByOthers(_ language: Language) -> [String] {
    guard let others = totals?.paidByOthers, others != .zero else { return [] }
    return [
      Text(
        "另有他人代付的资助款 \(others)，不计入本表。",
        "Besides, others paid \(others) of the instalments; it is not counted here.")(language)
    ]
  }
}

extension Donors {
  /// Rows that one read takes.
  static let pageRows = 2_000

  /// The whole statement of a period, with its totals.
  /// - Throws: as `statement(_:in:)`.
  package static func wholeStatement(
    _ donor: UUID, from: CalendarDate? = nil, to: CalendarDate? = nil, in context: Context
  ) async throws -> DonorStatement {
    var request = StatementRequest(donor, from: from, to: to, limit: pageRows, withTotals: true)
    var lines: [DonorStatement.Line] = []
    var first: DonorStatement?
    while true {
      let page = try await statement(request, in: context)
      lines += page.lines
      let head = first ?? page
      first = head
      guard let next = page.next else {
        return DonorStatement(
          donor: head.donor, name: head.name, kind: head.kind, lines: lines, next: nil,
          totals: head.totals)
      }
      request.after = next
      request.withTotals = false
    }
  }

  /// Writes the whole statement of a period to an `.xlsx` or `.csv` file that its owner alone can
  /// read, and that appears whole or not at all.
  /// - Throws: as `statement(_:in:)`; `TableWriteError`, `ReportError.unwritable`.
  package static func writeStatement(
    _ donor: UUID, from: CalendarDate? = nil, to: CalendarDate? = nil, language: Language,
    toXlsx: Bool, path: String, in context: Context
  ) async throws -> DonorStatement {
    let statement = try await wholeStatement(donor, from: from, to: to, in: context)
    let table = try statement.table(language, from: from, to: to)
    try await onThread {
      try Reports.writePrivately(to: path) { draft in
        if toXlsx {
          try writeXlsx([(Text("对账单", "statement")(language), table)], to: draft)
        } else {
          try writeCSV(table, to: draft, keepsDigits: true)
        }
      }
    }
    return statement
  }
}
