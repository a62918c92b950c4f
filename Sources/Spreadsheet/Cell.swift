/// One cell as it was read.
package struct Cell: Sendable, Equatable {
  package var value: Value
  /// What the value alone does not tell; `nil` for nearly every cell.
  package var note: Note?

  package enum Value: Sendable, Equatable {
    case empty
    case text(String)
    /// A number as a spreadsheet shows it: at most 15 significant digits, so `0.30000000000000004`
    /// is `0.3`; without an exponent while the integer part has at most 15 digits.
    /// `lostDigits`: the integer part has more than 15 digits, and a spreadsheet keeps only 15.
    case number(String, lostDigits: Bool)
    /// A day of the Gregorian calendar, always one that exists.
    case date(year: Int, month: Int, day: Int)
    /// A time of day, or a length of time that may pass 24 hours, in seconds.
    case time(seconds: Int)
    case bool(Bool)
    /// An error value, as `#N/A`.
    case error(String)
  }

  package enum Note: Sendable, Equatable {
    /// The cell holds a formula and the file holds no result for it.
    case formulaWithoutValue
    /// The date carries this time of day, in seconds after midnight.
    case timeOfDay(seconds: Int)
  }

  package static let empty = Cell(.empty)

  package init(_ value: Value, note: Note? = nil) {
    self.value = value
    self.note = note
  }

  /// What a person sees, as text: raw, not trimmed; a date as `yyyy-mm-dd`, a time as `hh:mm:ss`.
  package var text: String {
    switch value {
    case .empty: ""
    case .text(let text): text
    case .number(let text, _): text
    case .date(let year, let month, let day): isoDate(year: year, month: month, day: day)
    case .time(let seconds): clockTime(seconds: seconds)
    case .bool(let isTrue): isTrue ? "TRUE" : "FALSE"
    case .error(let text): text
    }
  }

  package var isEmpty: Bool { value == .empty }
}

/// One row as it was read.
package struct SheetRow: Sendable, Equatable {
  /// The row's number as a spreadsheet shows it, from 1. Rows without content are not delivered,
  /// so numbers may skip. In a CSV it is the number of the record: blank lines count, and line
  /// breaks inside a quoted field do not.
  package let number: Int
  /// Cells from column A to the last one that the row has; never padded.
  package var cells: [Cell]
  /// Columns (from 0) whose value was copied from the top left cell of a merged range.
  package var isMergedContinuation: Set<Int>?

  package init(number: Int, cells: [Cell], isMergedContinuation: Set<Int>? = nil) {
    self.number = number
    self.cells = cells
    self.isMergedContinuation = isMergedContinuation
  }

  /// The cell in this column (from 0), empty beyond the end of the row.
  package subscript(column: Int) -> Cell {
    cells.indices.contains(column) ? cells[column] : .empty
  }
}

/// The name of a column: 0 is `A`, 25 is `Z`, 26 is `AA`.
package func columnName(_ index: Int) -> String {
  precondition(index >= 0, "a column index is not negative")
  var name = ""
  var rest = index
  while true {
    let letter = Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(rest % 26)))
    name.insert(letter, at: name.startIndex)
    rest = rest / 26 - 1
    if rest < 0 { return name }
  }
}
