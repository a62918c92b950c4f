import CXlsxWriter

/// Writes tables as the sheets of one .xlsx file, which appears whole or not at all.
///
/// Names of sheets are made fit: the marks `[]:*?/\` become `_`, 31 characters remain, a second
/// sheet of a name gets a number. Texts are stored as texts, whatever they look like.
/// - Throws: `TableWriteError`.
package func writeXlsx(_ sheets: [(name: String, table: TableDocument)], to path: String) throws {
  precondition(!sheets.isEmpty, "a workbook has at least one sheet")
  try writeWorkbook(to: path) { book, formats in
    var names: Set<String> = []
    for (name, table) in sheets {
      let sheet = try addSheet(named: fitSheetName(name, taken: &names), to: book)
      try writeSheet(table, to: sheet, formats) { _ in }
    }
  }
}

/// Writes one table as an .xlsx file, with rows that are given one by one; memory stays bounded.
///
/// - Parameter more: gives rows behind those of the table.
/// - Throws: `TableWriteError`, or what `more` throws.
package func writeXlsx(
  sheet name: String, _ table: TableDocument, to path: String, more: TableDocument.RowSource
) throws {
  try writeWorkbook(to: path) { book, formats in
    var names: Set<String> = []
    let sheet = try addSheet(named: fitSheetName(name, taken: &names), to: book)
    try writeSheet(table, to: sheet, formats, more: more)
  }
}

/// - Parameter inConstantMemory: finished rows leave memory for a temporary file, so rows are written
///   in order.
func writeWorkbook(
  to path: String, inConstantMemory: Bool = true,
  _ fill: (UnsafeMutablePointer<lxw_workbook>, XlsxFormats) throws -> Void
) throws {
  try replaceFile(at: path) { file in
    var options = lxw_workbook_options()
    options.constant_memory = inConstantMemory ? 1 : 0
    guard let book = workbook_new_opt(file, &options) else {
      throw TableWriteError.library("out of memory")
    }
    do {
      try fill(book, XlsxFormats(book))
    } catch {
      // Closing is what frees it; the file it leaves is removed by the caller.
      workbook_close(book)
      throw error
    }
    try check(workbook_close(book))
  }
}

func addSheet(
  named name: String, to book: UnsafeMutablePointer<lxw_workbook>
) throws -> UnsafeMutablePointer<lxw_worksheet> {
  guard let sheet = workbook_add_worksheet(book, name) else {
    throw TableWriteError.library("no sheet \(name)")
  }
  return sheet
}

private func writeSheet(
  _ table: TableDocument, to sheet: UnsafeMutablePointer<lxw_worksheet>, _ formats: XlsxFormats,
  more: TableDocument.RowSource
) throws {
  var writer = SheetWriter(sheet: sheet, table: table)
  if let title = table.title {
    worksheet_set_row(sheet, writer.row, 28, nil)
    try writer.appendLine(title, formats.title)
  }
  if let subtitle = table.subtitle { try writer.appendLine(subtitle, formats.subtitle) }
  let headerRow = writer.row
  try writer.appendHeader(formats.header)
  for row in table.rows { try writer.append(row, formats.body) }
  try more { row in try writer.append(row, formats.body) }
  if let totals = table.totals { try writer.append(totals, formats.totals) }
  for line in table.footer { try writer.appendLine(line, formats.footer) }
  try writer.finish(headerRow: headerRow)
}

/// Writes the rows of one sheet from the top down, as a workbook in constant memory demands.
private struct SheetWriter {
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let table: TableDocument
  private var widths: [Int]
  /// The row to be written next, from 0.
  private(set) var row: UInt32 = 0

  init(sheet: UnsafeMutablePointer<lxw_worksheet>, table: TableDocument) {
    self.sheet = sheet
    self.table = table
    widths = table.columns.map { displayWidth($0.title) }
  }

  private var lastColumn: UInt16 { UInt16(max(0, table.columns.count - 1)) }

  /// A line over the whole width.
  mutating func appendLine(_ text: String, _ format: XlsxFormats.Format) throws {
    try requireRoom()
    let stored = try storable(text, column: 0)
    if lastColumn > 0 {
      try check(worksheet_merge_range(sheet, row, 0, row, lastColumn, stored, format))
    } else {
      try check(worksheet_write_string(sheet, row, 0, stored, format))
    }
    endRow()
  }

  mutating func appendHeader(_ format: XlsxFormats.Format) throws {
    try requireRoom()
    for (index, column) in table.columns.enumerated() {
      let title = try storable(column.title, column: index)
      try check(worksheet_write_string(sheet, row, UInt16(index), title, format))
    }
    endRow()
  }

  mutating func append(_ cells: [TableCell], _ formats: XlsxFormats.CellFormats) throws {
    try requireRoom()
    for (index, cell) in cells.enumerated() {
      try write(cell, UInt16(index), formats)
      if index < widths.count { widths[index] = max(widths[index], shownWidth(cell)) }
    }
    // The frame of a short row goes on to the last column.
    for index in min(cells.count, table.columns.count)..<table.columns.count {
      try write(.empty, UInt16(index), formats)
    }
    endRow()
  }

  private func write(
    _ cell: TableCell, _ column: UInt16, _ formats: XlsxFormats.CellFormats
  ) throws {
    let place = Int(column)
    switch cell {
    case .empty:
      let kind = place < table.columns.count ? table.columns[place].kind : .text
      try check(worksheet_write_blank(sheet, row, column, formats.empty(in: kind)))
    case .text(let text):
      let stored = try storable(text, column: place)
      try check(worksheet_write_string(sheet, row, column, stored, formats.text))
    case .integer(let number):
      try requireExact(number, column: place)
      try check(worksheet_write_number(sheet, row, column, Double(number), formats.integer))
    case .money(let fen):
      // Up to 15 digits the nearest double gives back the same decimal.
      try requireExact(fen, column: place)
      try check(worksheet_write_number(sheet, row, column, Double(fen) / 100, formats.money))
    case .date(let year, let month, let day):
      guard isRealDate(year: year, month: month, day: day) else {
        throw TableWriteError.impossibleDate(row: Int(row) + 1, column: place)
      }
      if year <= 1900 {
        // Day numbers begin in 1900, and programs disagree about its first two months.
        try check(worksheet_write_string(sheet, row, column, cell.text, formats.text))
        return
      }
      var date = lxw_datetime()
      (date.year, date.month, date.day) = (Int32(year), Int32(month), Int32(day))
      try check(worksheet_write_datetime(sheet, row, column, &date, formats.date))
    }
  }

  private func storable(_ text: String, column: Int) throws -> String {
    try Spreadsheet.storable(text, row: Int(row), column: column)
  }

  private func requireExact(_ number: Int64, column: Int) throws {
    guard number.magnitude <= UInt64(TableCell.largestNumber) else {
      throw TableWriteError.numberTooLarge(row: Int(row) + 1, column: column)
    }
  }

  private func shownWidth(_ cell: TableCell) -> Int {
    switch cell {
    case .money:
      let width = cell.text.utf8.count
      return width + max(0, width - 4) / 3
    case .text(let text):
      return text.split(whereSeparator: \.isNewline).map { displayWidth(String($0)) }.max() ?? 0
    default: return cell.text.utf8.count
    }
  }

  private func requireRoom() throws {
    if row >= 1_048_576 { throw TableWriteError.tooManyRows }
  }

  private mutating func endRow() {
    row += 1
  }

  /// Widths, frozen panes and the print setup.
  func finish(headerRow: UInt32) throws {
    for (index, column) in table.columns.enumerated() {
      let width = Double(column.width ?? min(60, max(6, widths[index] + 2)))
      try check(worksheet_set_column(sheet, UInt16(index), UInt16(index), width, nil))
    }
    worksheet_freeze_panes(sheet, headerRow + 1, 0)
    worksheet_set_landscape(sheet)
    worksheet_set_paper(sheet, 9)
    worksheet_fit_to_pages(sheet, 1, 0)
    worksheet_repeat_rows(sheet, headerRow, headerRow)
  }
}

func check(_ outcome: lxw_error) throws {
  if outcome != LXW_NO_ERROR {
    throw TableWriteError.library(String(cString: lxw_strerror(outcome)))
  }
}

/// Replaces what XML cannot hold, and escapes what reads as an escape.
/// - Throws: `TableWriteError.textTooLong`, with the place, which counts from 0.
func storable(_ text: String, row: Int, column: Int) throws -> String {
  if text.utf16.count > 32_767 {
    throw TableWriteError.textTooLong(row: row + 1, column: column)
  }
  let isForeign = { (scalar: Unicode.Scalar) in
    scalar.value == 0 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
  }
  var stored = text
  if text.unicodeScalars.contains(where: isForeign) {
    let scalars = text.unicodeScalars.map { isForeign($0) ? "\u{FFFD}" : $0 }
    stored = String(String.UnicodeScalarView(scalars))
  }
  return escapingXString(stored)
}

/// A name that a sheet may have and no sheet has yet, compared without case.
func fitSheetName(_ name: String, taken: inout Set<String>) -> String {
  let cleaned = String(name.map { "[]:*?/\\".contains($0) || $0.isNewline ? "_" : $0 })
  var base = cleaned.drop { $0 == "'" || $0 == " " }
  while let last = base.last, last == "'" || last == " " { base.removeLast() }
  var fitted = shortened(base.isEmpty ? "Sheet" : base, to: 31)
  var number = 1
  while !taken.insert(fitted.lowercased()).inserted {
    number += 1
    fitted = shortened(base.isEmpty ? "Sheet" : base, to: 27) + "(\(number))"
  }
  return fitted
}

private func shortened(_ text: Substring, to limit: Int) -> String {
  var text = text
  while text.utf16.count > limit { text.removeLast() }
  return String(text)
}
