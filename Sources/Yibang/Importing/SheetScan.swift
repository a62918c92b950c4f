import SchoolCalendar
package import Spreadsheet

/// One row of data below a recognised header.
package struct DataRow<Column: SheetColumn> {
  package let sheet: String
  package let row: SheetRow
  package let layout: SheetLayout<Column>

  package var number: Int { row.number }

  package func cell(_ column: Column) -> Cell {
    layout.positions[column].map { row[$0] } ?? .empty
  }

  package func has(_ column: Column) -> Bool { layout.positions[column] != nil }

  /// The cell's text, normalised; empty where there is no such column.
  package func text(_ column: Column) -> String {
    guard let position = layout.positions[column] else { return "" }
    return normalizeText(row[position].text)
  }

  /// The cell's text; nil where it is empty or only says that there is nothing.
  package func meaning(_ column: Column) -> String? {
    let text = text(column)
    return ["", "/", "-", "—", "无", "——"].contains(text) ? nil : text
  }

  /// The identifier in a cell; nil where there is none, or where it is refused.
  func identifier<Value: Identifier>(
    _ column: Column, _ type: Value.Type, _ refusals: inout [Refusal]
  ) -> Value? {
    guard meaning(column) != nil else { return nil }
    if case .number(_, lostDigits: true) = cell(column).value {
      refusals.append(refusal(column, IdentifierError(kind: Value.kind, reason: .digitsLost)))
      return nil
    }
    do {
      return try Value(cell(column).text)
    } catch {
      refusals.append(refusal(column, error))
      return nil
    }
  }

  package func refusal(_ column: Column, problem: Text, advice: Text) -> Refusal {
    let position = layout.positions[column]
    return Refusal(
      sheet: sheet, row: number,
      column: position.flatMap { layout.titles[$0] } ?? column.headings.first ?? "",
      cell: position.map { "\(columnName($0))\(number)" }, value: cell(column).text,
      problem: problem, advice: advice)
  }

  /// A date that exists but belongs to another semester.
  func refusal(
    _ column: Column, outside semester: Semester, _ dates: ClosedRange<CalendarDate>
  ) -> Refusal {
    refusal(
      column,
      problem: Text(
        "不在学期 \(semester) 内（\(dates.lowerBound) 至 \(dates.upperBound)）",
        "not in semester \(semester) (\(dates.lowerBound) to \(dates.upperBound))"),
      advice: Text("核对日期，或导入到所属的学期", "check the date, or import into its semester"))
  }

  package func refusal(_ column: Column, _ error: any ValueError) -> Refusal {
    refusal(column, problem: error.problem, advice: error.advice)
  }
}

/// What a sheet says, row by row, with the dirt around the data told apart from it.
package enum SheetEvent<Column: SheetColumn> {
  case row(DataRow<Column>)
  /// 合计, or 小计 where `isSubtotal`.
  case total(DataRow<Column>, isSubtotal: Bool)
  /// A row that holds no data, and why: title, signature, note, blank number.
  case skipped(sheet: String, row: Int, why: Text)
  case endOfSheet(String)
}

extension ImportReport {
  /// Notes a row that is no data.
  mutating func passOver<Column>(_ event: SheetEvent<Column>) {
    switch event {
    case .total(let data, _):
      skip(sheet: data.sheet, row: data.number, why: Text("合计", "total"))
    case .skipped(let sheet, let row, let why): skip(sheet: sheet, row: row, why: why)
    case .row, .endOfSheet: break
    }
  }
}

/// Reads the sheets of a file: finds the header in the first rows, tells data from titles, totals,
/// signatures and notes.
package struct SheetScan<Column: SheetColumn> {
  /// A header is looked for in this many rows with content.
  static var headerRows: Int { 15 }

  /// - Throws: `TableFileError`, `ImportError.noHeader` if no visible sheet has the needed columns.
  package static func scan(
    _ file: TableFile, progress: ((Double) -> Void)?,
    _ body: (SheetEvent<Column>) throws -> Void
  ) throws {
    let known = Column.byHeading
    var recognised = 0
    for (index, sheet) in file.sheets.enumerated() {
      var layout: SheetLayout<Column>?
      var before: [SheetRow] = []
      try file.rows(sheet: index) { row, done in
        progress?((Double(index) + done) / Double(file.sheets.count))
        guard let known = layout else {
          guard before.count < headerRows else { return }
          layout = SheetLayout.read(row.cells.map(\.text), row: row.number, known: known)
          if layout == nil {
            before.append(row)
          } else {
            try skipTitles(before, sheet: sheet, body)
          }
          return
        }
        let data = DataRow(sheet: sheet, row: row, layout: known)
        try body(RowKind.of(data).event(data))
      }
      if layout != nil {
        recognised += 1
        try body(.endOfSheet(sheet))
      } else if !before.isEmpty {
        try body(
          .skipped(
            sheet: sheet, row: before[0].number,
            why: Text("工作表没有可识别的表头，未读取", "no header recognised: the sheet was not read")))
      }
    }
    guard recognised > 0 else {
      let needed = Column.required + Column.oneOf.compactMap(\.first)
      throw ImportError.noHeader(missing: needed.compactMap(\.headings.first))
    }
  }

  private static func skipTitles(
    _ rows: [SheetRow], sheet: String, _ body: (SheetEvent<Column>) throws -> Void
  ) throws {
    for row in rows {
      try body(.skipped(sheet: sheet, row: row.number, why: Text("标题", "title")))
    }
  }
}

/// What a row below the header is.
enum RowKind {
  case data, total, subtotal, signature, note, blank, repeatedHeader

  private static let signatureWords = [
    "制表", "审核", "校长", "负责人", "经办", "经手人", "填表", "填报", "盖章", "签字", "签章", "领导", "会计", "出纳",
    "主管", "复核", "班主任", "单位", "学校", "日期", "联系人", "监督", "财务",
  ]
  private static let noteWords = ["注:", "注释", "备注:", "说明:", "说明", "填表说明", "注意"]

  /// A cell with content of its own, not copied from a merge.
  private typealias OwnCell = (position: Int, text: String)

  static func of<Column>(_ data: DataRow<Column>) -> RowKind {
    // Nearly every row is data: no more cells are looked at than needed to know.
    let beginning = ownCells(data, limit: 3)
    guard let first = beginning.first else { return .blank }
    let bare = first.text.filter { !$0.isWhitespace }
    if bare.hasPrefix("小计") || bare.hasPrefix("本页小计") { return .subtotal }
    if ["合计", "总计", "共计", "累计", "总金额", "本页合计"].contains(where: bare.hasPrefix)
      || bare.lowercased() == "total" || isTotalLabel(beginning)
    {
      return .total
    }
    if isHeader(data) { return .repeatedHeader }
    if noteWords.contains(where: bare.hasPrefix) { return .note }
    if bare.contains(":"), signatureWords.contains(where: { bare.contains($0) }),
      isOutside(data, ownCells(data, limit: .max))
    {
      return .signature
    }
    return isMeaningless(data, beginning) ? .blank : .data
  }

  private static func ownCells<Column>(_ data: DataRow<Column>, limit: Int) -> [OwnCell] {
    var own: [OwnCell] = []
    for (position, cell) in data.row.cells.enumerated() where !cell.isEmpty {
      if data.row.isMergedContinuation?.contains(position) == true { continue }
      let text = normalizeText(cell.text)
      if !text.isEmpty { own.append((position, text)) }
      if own.count == limit { break }
    }
    return own
  }

  /// Every recognised column says its own heading again.
  private static func isHeader<Column>(_ data: DataRow<Column>) -> Bool {
    data.layout.positions.values.allSatisfy { position in
      Column.heading(data.row[position].text) == Column.heading(data.layout.titles[position] ?? "")
    }
  }

  /// 合计 not in the first cell: after a serial number, or under the name.
  private static func isTotalLabel(_ own: [OwnCell]) -> Bool {
    own.prefix(3).contains { cell in
      let bare = cell.text.filter { !$0.isWhitespace }
      return bare == "合计" || bare == "总计" || bare.hasPrefix("合计(大写)")
    }
  }

  /// At least one required column has no cell of its own.
  private static func isOutside<Column>(
    _ data: DataRow<Column>, _ own: [OwnCell]
  ) -> Bool {
    !Column.areEnough { column in
      own.contains { cell in
        cell.position == data.layout.positions[column] && !cell.text.contains(":")
      }
    }
  }

  /// Nothing in any column but at most one text outside the required ones: a blank numbered line, a
  /// date under the table.
  private static func isMeaningless<Column>(
    _ data: DataRow<Column>, _ own: [OwnCell]
  ) -> Bool {
    guard own.count == 1 else { return false }
    let needed = Column.required + Column.oneOf.joined()
    return !needed.contains { data.layout.positions[$0] == own[0].position }
  }

  func event<Column>(_ data: DataRow<Column>) -> SheetEvent<Column> {
    let why: Text
    switch self {
    case .data: return .row(data)
    case .total: return .total(data, isSubtotal: false)
    case .subtotal: return .total(data, isSubtotal: true)
    case .signature: why = Text("签字栏", "signatures")
    case .note: why = Text("说明文字", "note")
    case .blank: why = Text("空行", "blank line")
    case .repeatedHeader: why = Text("重复的表头", "repeated header")
    }
    return .skipped(sheet: data.sheet, row: data.number, why: why)
  }
}
