/// What a column of a sheet can mean, and the words by which schools head it.
package protocol SheetColumn: Hashable, CaseIterable, Sendable {
  /// Headings as they are written, normalised by `heading(_:)`.
  var headings: [String] { get }
  /// Without these columns a row is no header.
  static var required: [Self] { get }
  /// Of each of these groups a header has at least one column.
  static var oneOf: [[Self]] { get }
  /// The column that a total row sums up, if any.
  static var summed: Self? { get }
}

extension SheetColumn {
  package static var oneOf: [[Self]] { [] }
  package static var summed: Self? { nil }

  /// Whether columns are enough to tell data from what stands around it.
  static func areEnough(_ isThere: (Self) -> Bool) -> Bool {
    required.allSatisfy(isThere) && oneOf.allSatisfy { $0.contains(where: isThere) }
  }

  /// A heading without what varies: spaces, line breaks, marks, and a unit or remark in brackets.
  package static func heading(_ text: String) -> String {
    var bare = ""
    var depth = 0
    for character in normalizeText(text).lowercased() {
      switch character {
      case "(", "[", "【": depth += 1
      case ")", "]", "】": depth = max(0, depth - 1)
      case " ", "\n", "\r", "\t", "*", ":", ";", "、", "/", "\\", "_", "-": continue
      default: if depth == 0 { bare.append(character) }
      }
    }
    return bare
  }

  package static var byHeading: [String: Self] {
    var columns: [String: Self] = [:]
    for column in allCases {
      for heading in column.headings { columns[Self.heading(heading)] = column }
    }
    return columns
  }
}

/// Where the columns of one sheet stand.
package struct SheetLayout<Column: SheetColumn>: Sendable {
  package let headerRow: Int
  package let positions: [Column: Int]
  /// The headings as the sheet writes them, by position.
  package let titles: [Int: String]

  /// The layout that this row gives as header, or nil if a required column is missing.
  static func read(_ cells: [String], row: Int, known: [String: Column]) -> SheetLayout? {
    var positions: [Column: Int] = [:]
    var titles: [Int: String] = [:]
    for (position, text) in cells.enumerated() {
      let heading = Column.heading(text)
      guard let column = known[heading], positions[column] == nil else { continue }
      positions[column] = position
      titles[position] = text.filter { !$0.isNewline && $0 != "\u{FEFF}" }.trimmed
    }
    guard Column.areEnough({ positions[$0] != nil }), positions.count >= 2 else { return nil }
    return SheetLayout(headerRow: row, positions: positions, titles: titles)
  }
}

extension String {
  /// Without white space at its ends.
  fileprivate var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
