import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet

/// Reads one page of an application form: what stands after, or below, the labels it knows, wherever
/// they are, and the boxes that are ticked.
struct ApplicationSheet {
  /// A form has fewer rows; what comes after is not looked at.
  static let rowLimit = 200

  private let rows: [SheetRow]
  private let rules: RuleSet
  private var entry: ApplicationEntry
  /// Whether a heading over the whole width said that boxes of categories follow.
  private var isUnderClaims = false

  /// The application on a sheet, or nil if it is no such form.
  static func read(
    _ sheet: String, _ rows: [SheetRow], under rules: RuleSet
  ) -> ApplicationEntry? {
    var reader = ApplicationSheet(
      rows: rows, rules: rules, entry: ApplicationEntry(sheet: sheet, row: rows.first?.number ?? 1))
    for index in rows.indices { reader.read(index) }
    let entry = reader.entry
    let isForm = entry.fields[.name] != nil && entry.fields[.signature] != nil
    return isForm ? entry : nil
  }

  private init(rows: [SheetRow], rules: RuleSet, entry: ApplicationEntry) {
    self.rows = rows
    self.rules = rules
    self.entry = entry
  }

  private func isOwn(_ row: SheetRow, _ column: Int) -> Bool {
    row.isMergedContinuation?.contains(column) != true && !row[column].isEmpty
  }

  private mutating func read(_ index: Int) {
    let row = rows[index]
    let own = row.cells.indices.filter { isOwn(row, $0) }
    let isClaims = isClaimsRow(row, own)
    for column in own {
      let text = normalizeText(row[column].text)
      if isClaims || hasCategoryBox(text) {
        readClaims(row, column, text)
      } else if let known = ApplicationColumn.known[ApplicationColumn.heading(text)] {
        take(known, label: text, value(index, column))
      } else if text.contains(":") {
        readInline(index, column, text)
      } else if let signed = entry.fields[.signature]?.row, (signed...signed + 2) ~= row.number,
        parseChineseDate(text.filter { !$0.isWhitespace })?.date != nil
      {
        // A date beside or under the signature needs no label.
        take(.date, label: "日期", (row.number, column, row[column]))
      }
    }
  }

  /// The first of a kind counts: the names of the family come after the pupil's.
  private mutating func take(
    _ column: ApplicationColumn, label: String, _ place: (row: Int, column: Int, value: Cell)
  ) {
    guard column != .claims, entry.fields[column] == nil else { return }
    entry.fields[column] = ApplicationEntry.Field(
      label: label, cell: "\(columnName(place.column))\(place.row)", row: place.row,
      value: place.value)
  }

  /// What belongs to the label in a cell: what is right of it, or, where another label or nothing is,
  /// what is below.
  private func value(_ index: Int, _ column: Int) -> (row: Int, column: Int, value: Cell) {
    let row = rows[index]
    let label = row[column]
    var right = column + 1
    while row.isMergedContinuation?.contains(right) == true, row[right] == label { right += 1 }
    let beside = row[right]
    let isLabel = ApplicationColumn.labels.contains(ApplicationColumn.heading(beside.text))
    if isLabel, rows.indices.contains(index + 1), rows[index + 1].number == row.number + 1,
      isOwn(rows[index + 1], column)
    {
      let below = rows[index + 1][column]
      if !ApplicationColumn.labels.contains(ApplicationColumn.heading(below.text)) {
        return (row.number + 1, column, below)
      }
    }
    return (row.number, right, isLabel ? .empty : beside)
  }

  /// Labels with their values in one cell: 签名：样家长　日期：2026年9月5日. A label at the end has its
  /// value in the next cell.
  private mutating func readInline(_ index: Int, _ column: Int, _ text: String) {
    let separators: (Character) -> Bool = { $0.isWhitespace || "。,;".contains($0) }
    let pieces = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    for (number, piece) in pieces.dropLast().enumerated() {
      let label = piece.split(whereSeparator: separators).last.map(String.init) ?? ""
      guard let known = ApplicationColumn.known[ApplicationColumn.heading(label)] else {
        continue
      }
      var value = pieces[number + 1].trimmingCharacters(in: .whitespacesAndNewlines)
      let isLast = number + 2 == pieces.count
      if !isLast, let next = value.split(whereSeparator: separators).last {
        value = String(value.dropLast(next.count)).trimmingCharacters(in: .whitespacesAndNewlines)
      }
      if value.isEmpty && isLast {
        take(known, label: label, self.value(index, column))
      } else if known == .signature, let split = Self.signedWithDate(value) {
        take(.signature, label: label, (rows[index].number, column, Cell(.text(split.name))))
        take(.date, label: label, (rows[index].number, column, Cell(.text(split.date))))
      } else {
        take(known, label: label, (rows[index].number, column, Cell(.text(value))))
      }
    }
  }

  /// A date behind a signature, without a label of its own: 样家长  2026年9月5日.
  private static func signedWithDate(_ value: String) -> (name: String, date: String)? {
    guard let digit = value.firstIndex(where: { $0.isASCII && $0.isNumber }) else { return nil }
    let name = value[..<digit].trimmingCharacters(in: .whitespacesAndNewlines)
    return (name, value[digit...].filter { !$0.isWhitespace })
  }

  private mutating func isClaimsRow(_ row: SheetRow, _ own: [Int]) -> Bool {
    let first = row.cells.first { !$0.isEmpty }?.text ?? ""
    let heading = ApplicationColumn.heading(normalizeText(first))
    if ApplicationColumn.known[heading] == .claims {
      isUnderClaims = own.count == 1
      return true
    }
    guard isUnderClaims else { return false }
    let texts = own.map { normalizeText(row[$0].text) }
    isUnderClaims = texts.contains { [rules] text in
      text.contains(where: TickBoxes.isMark)
        || !rules.categories(in: text).matches.isEmpty
    }
    return isUnderClaims
  }

  /// Whether a box for a category stands in the cell: boxes for other things are not looked at.
  private func hasCategoryBox(_ text: String) -> Bool {
    TickBoxes.read(text).contains { rules.category(matching: $0.label) != nil }
  }

  private mutating func readClaims(_ row: SheetRow, _ column: Int, _ text: String) {
    let heading = ApplicationColumn.heading(text)
    guard ApplicationColumn.known[heading] != .claims else { return }
    if let isTicked = TickBoxes.onlyMarks(text) {
      // A mark in a cell of its own: what it is for stands right of it, or left.
      guard isTicked else { return }
      let right = normalizeText(row[column + 1].text)
      let isRight = !right.isEmpty && TickBoxes.onlyMarks(right) == nil
      let label = isRight ? right : column > 0 ? normalizeText(row[column - 1].text) : ""
      return addClaims(label, row, isRight ? column + 1 : column)
    }
    let marksBeside = [column - 1, column + 1].contains {
      $0 >= 0 && TickBoxes.onlyMarks(normalizeText(row[$0].text)) != nil
    }
    if !marksBeside { addClaims(text, row, column) }
  }

  private mutating func addClaims(_ text: String, _ row: SheetRow, _ column: Int) {
    let field = ApplicationEntry.Field(
      label: "特殊群体类型", cell: "\(columnName(column))\(row.number)", row: row.number,
      value: Cell(.text(text)))
    entry.claims += field.claims
  }
}
