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
  /// The line under the title, often the unit.
  package var subtitle: String?
  package var columns: [Column]
  package var rows: [[TableCell]]
  package var totals: [TableCell]?
  /// Lines at the foot, as for signatures.
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

  /// Beyond its fifteen digits a spreadsheet loses some.
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
