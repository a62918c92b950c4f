/// A table to be written, in the layout of the sheets that offices keep: a title, a line under it
/// (often the unit and the date), headers, rows, a total row and lines at the foot.
package struct TableDocument: Sendable {
  package struct Column: Sendable {
    package enum Kind: Sendable { case text, integer, money, date }

    package var title: String
    package var kind: Kind
    /// Width in characters of half width; `nil` to take it from the content.
    package var width: Int?

    package init(_ title: String, kind: Kind = .text, width: Int? = nil) {
      self.title = title
      self.kind = kind
      self.width = width
    }
  }

  /// Gives rows one by one to the closure that it is called with.
  package typealias RowSource = (_ emit: ([TableCell]) throws -> Void) throws -> Void

  package var title: String?
  package var subtitle: String?
  package var columns: [Column]
  package var rows: [[TableCell]]
  package var totals: [TableCell]?
  package var footer: [String]

  package init(
    title: String? = nil, subtitle: String? = nil, columns: [Column], rows: [[TableCell]] = [],
    totals: [TableCell]? = nil, footer: [String] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.columns = columns
    self.rows = rows
    self.totals = totals
    self.footer = footer
  }
}

/// A cell to be written. Its own kind decides how it is stored, its column's kind only how wide and
/// where it stands.
package enum TableCell: Sendable, Equatable {
  case empty
  /// Never read as a number, date or formula, whatever it looks like.
  case text(String)
  case integer(Int64)
  /// An amount in fen.
  case money(fen: Int64)
  case date(year: Int, month: Int, day: Int)

  /// The largest amount of digits that a spreadsheet keeps of a number.
  static let largestNumber: Int64 = 999_999_999_999_999

  /// The content without grouping: `1234.50`, `2026-09-01`.
  package var text: String {
    switch self {
    case .empty: ""
    case .text(let text): text
    case .integer(let number): String(number)
    case .money(let fen): yuan(fen)
    case .date(let year, let month, let day): isoDate(year: year, month: month, day: day)
    }
  }
}

private func yuan(_ fen: Int64) -> String {
  let (whole, part) = fen.magnitude.quotientAndRemainder(dividingBy: 100)
  return "\(fen < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
}

/// Why a table could not be written. No file is left behind.
package enum TableWriteError: Error, Sendable, Equatable {
  /// A number has more than 15 digits, of which a spreadsheet would lose some.
  case numberTooLarge(row: Int, column: Int)
  /// A text is longer than the 32,767 characters of a cell.
  case textTooLong(row: Int, column: Int)
  /// A date that the calendar does not have.
  case impossibleDate(row: Int, column: Int)
  /// More rows than the 1,048,576 of a sheet.
  case tooManyRows
  /// The operating system refused; `errno` is its number.
  case unwritable(errno: Int32)
  /// The library that writes workbooks refused.
  case library(String)

  /// A stable name for programs.
  package var code: String {
    switch self {
    case .numberTooLarge: "table.number-too-large"
    case .textTooLong: "table.text-too-long"
    case .impossibleDate: "table.impossible-date"
    case .tooManyRows: "table.too-many-rows"
    case .unwritable: "table.unwritable"
    case .library: "table.library"
    }
  }

  package var zh: String {
    switch self {
    case .numberTooLarge(let row, let column):
      "第 \(row) 行 \(columnName(column)) 列的数字超过 15 位，表格会丢失末位。请改为文字。"
    case .textTooLong(let row, let column):
      "第 \(row) 行 \(columnName(column)) 列的文字超过 32767 字。请缩短。"
    case .impossibleDate(let row, let column):
      "第 \(row) 行 \(columnName(column)) 列的日期不存在。请更正。"
    case .tooManyRows: "行数超过一张表的上限 1048576。请分成几个文件。"
    case .unwritable(let errno): "文件无法写入（\(systemMessage(errno))）。请检查路径、权限和磁盘空间。"
    case .library(let reason): "表格无法生成（\(reason)）。请检查磁盘空间后再试。"
    }
  }

  package var en: String {
    switch self {
    case .numberTooLarge(let row, let column):
      "The number in row \(row), column \(columnName(column)) has more than 15 digits, which a "
        + "spreadsheet does not keep. Write it as text."
    case .textTooLong(let row, let column):
      "The text in row \(row), column \(columnName(column)) is over 32,767 characters. Shorten it."
    case .impossibleDate(let row, let column):
      "The date in row \(row), column \(columnName(column)) does not exist. Correct it."
    case .tooManyRows: "More rows than the 1,048,576 of a sheet. Split the table."
    case .unwritable(let errno):
      "The file cannot be written (\(systemMessage(errno))). Check the path, permissions and disk."
    case .library(let reason):
      "The workbook could not be made (\(reason)). Check the disk space and try again."
    }
  }
}

extension TableWriteError: CustomStringConvertible {
  package var description: String { en }
}
