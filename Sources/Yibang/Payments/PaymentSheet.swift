package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

/// The sheet that payees sign (发放表).
package enum PaymentSheet {
  /// What was written.
  package struct Written: Sendable {
    package let rows: Int
    package let total: Money
  }

  /// The columns, in the layout that schools keep.
  private static let columns: [TableDocument.Column] = [
    .init("序号", kind: .integer), .init("学校"), .init("年级"), .init("班级"), .init("姓名"),
    .init("性别"), .init("身份证号", width: 22), .init("监护人"), .init("开户行"), .init("卡号（后四位）"),
    .init("应发", kind: .money), .init("实发", kind: .money, width: 10),
    .init("领款人签字", width: 14), .init("日期", kind: .date, width: 12), .init("备注", width: 16),
  ]

  private static let signatures: String = {
    let gap = "\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}"
    return ["制表：", "审核：", "校长：", "单位（盖章）："].joined(separator: gap)
  }()

  /// Writes the sheet of a batch to a file that only its owner can read. What was confirmed before
  /// stands in it.
  /// - Parameters:
  ///   - reveal: why resident IDs are shown in full, kept in the audit trail; nil masks them.
  ///   - date: the day that stands on the sheet.
  /// - Throws: `PaymentError.unknownBatch`, `.empty`, `ReportError`, `TableWriteError`,
  ///   `AccessError`.
  package static func write(
    _ batch: UUID, to path: String, as format: Reports.Format, reveal: String? = nil,
    date: CalendarDate, in context: Context
  ) async throws -> Written {
    try await RefusedLooks.noting(reveal == nil ? nil : .paymentSheet, in: context) {
      try await written(batch, to: path, as: format, reveal: reveal, date: date, in: context)
    }
  }

  private static func written(
    _ batch: UUID, to path: String, as format: Reports.Format, reveal: String?,
    date: CalendarDate, in context: Context
  ) async throws -> Written {
    let actor = context.actor
    try actor.require(.read)
    let reason = try reveal.map { try Reveals.reason($0, actor) }
    let vault = context.platform.vault
    let (document, written) = try await context.readTraced { session in
      let head = try PaymentBatches.batch(batch, session, actor)
      let lines = try PaymentBatches.lines(
        batch, after: 0, limit: 1_000_000, revealed: reason != nil, session, actor, vault)
      guard !lines.isEmpty else { throw PaymentError.empty }
      if let reason {
        try Reveals.record(
          Reveals.Act(
            way: .paymentSheet, what: [.residentID], reason: reason,
            record: ("payment_batch", batch), facts: ["report": "payment_sheet"]),
          of: lines.map(\.student), .student, session, actor)
      }
      let total = try lines.map(\.figures.due).total()
      let document = table(head, lines, total: total, date: date)
      return (document, Written(rows: lines.count, total: total))
    }
    try await onThread {
      try Reports.writePrivately(to: path) { draft in
        switch format {
        case .xlsx: try writeXlsx([("发放表", document)], to: draft)
        case .csv, .json: try writeCSV(document, to: draft, keepsDigits: true)
        }
      }
    }
    return written
  }

  private static func table(
    _ batch: PaymentBatch, _ lines: [PaymentLine], total: Money, date: CalendarDate
  ) -> TableDocument {
    let gap = "\u{3000}\u{3000}\u{3000}\u{3000}"
    let title =
      "\(batch.school)\(batch.semester.zh)\(batch.purpose.name.zh)发放表（\(batch.title) "
      + "批次码\(batch.sheetCode)）"
    let totals: [TableCell] = [
      .text("合计"), .empty, .empty, .empty, .text("\(lines.count)人"), .empty,
      .text("大写：\(total.uppercase)"), .empty, .empty, .empty, TableCell(total),
    ]
    return TableDocument(
      title: title,
      subtitle: "单位：\(batch.school)\(gap)日期：\(date.chinese)\(gap)金额单位：元", columns: columns,
      rows: lines.map { row($0, school: batch.school) }, totals: totals, footer: [signatures])
  }

  private static func row(_ line: PaymentLine, school: String) -> [TableCell] {
    let gender = line.gender.flatMap(ResidentID.Gender.init(rawValue:))
    let isSettled = line.state == .received || line.state == .issue
    return [
      .integer(Int64(line.number)), .text(school), TableCell(line.grade), TableCell(line.className),
      .text(line.name), TableCell(gender.map { $0 == .male ? "男" : "女" }),
      TableCell(line.residentID), TableCell(line.guardian), TableCell(line.bank),
      TableCell(line.card), TableCell(line.figures.due),
      isSettled ? TableCell(line.figures.confirmed) : .empty, .empty,
      line.confirmedOn.map { TableCell($0) } ?? .empty, TableCell(line.note),
    ]
  }
}
