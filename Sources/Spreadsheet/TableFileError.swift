/// Why a file could not be read as a table. `zh` and `en` say where the fault is and what to do;
/// they hold no cell content.
package enum TableFileError: Error, Sendable, Equatable {
  /// No byte, no visible sheet, or nothing but white space.
  case empty
  /// The file ends before its end.
  case truncated
  /// The file contradicts itself; `where` names the part of the file that does.
  case corrupt(where: String)
  /// Protected by a password.
  case encrypted
  /// The binary format of Excel 97–2003, or of a program of that time.
  case oldXls
  case notATable(Content)
  /// More than a limit allows; `row` is set when the fault belongs to a row.
  case tooLarge(Measure, limit: Int, row: Int? = nil)
  /// Made to exhaust memory or time.
  case bomb(Bomb)
  /// A byte on this line (from 1) belongs to no known encoding.
  case encoding(line: Int)
  /// A quotation mark opened on this line (from 1) is not closed where its cell should end.
  case unclosedQuote(line: Int)
  /// The file was written anew between opening and reading.
  case changed
  /// The operating system refused; `errno` is its number.
  case unreadable(errno: Int32)

  /// What the content is instead of a table.
  package enum Content: String, Sendable {
    case binary, directory, pdf, image, webPage, xml, richText, wordDocument, presentation
    case openDocument, binaryWorkbook, zip
  }

  package enum Measure: String, Sendable {
    case fileBytes, inflatedBytes, entries, rows, columns, cells, cellCharacters, recordBytes
    case sharedStringBytes, merges
  }

  package enum Bomb: String, Sendable {
    /// A few bytes that inflate to very many.
    case compression
    /// A document type with entity declarations, which no spreadsheet has.
    case entities
    /// Tags of an absurd depth, number of names or length.
    case structure
  }

  /// A stable name for programs.
  package var code: String {
    switch self {
    case .empty: "table.empty"
    case .truncated: "table.truncated"
    case .corrupt: "table.corrupt"
    case .encrypted: "table.encrypted"
    case .oldXls: "table.old-xls"
    case .notATable: "table.not-a-table"
    case .tooLarge: "table.too-large"
    case .bomb: "table.bomb"
    case .encoding: "table.encoding"
    case .unclosedQuote: "table.unclosed-quote"
    case .changed: "table.changed"
    case .unreadable: "table.unreadable"
    }
  }
}
