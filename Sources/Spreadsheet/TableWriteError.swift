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

  /// The fault and what to do, in Chinese.
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

  /// The fault and what to do, in English.
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
