import Foundation
import Spreadsheet
import Yibang

/// A column of a printed list.
struct Column<Row>: Sendable {
  let title: Text
  let isRightAligned: Bool
  let cell: @Sendable (Row, Language) -> TableCell

  init(
    _ zh: String, _ en: String, right: Bool = false,
    _ cell: @escaping @Sendable (Row, Language) -> TableCell
  ) {
    title = Text(zh, en)
    isRightAligned = right
    self.cell = cell
  }

  init(
    _ zh: String, _ en: String, right: Bool = false, _ cell: @escaping @Sendable (Row) -> TableCell
  ) {
    self.init(zh, en, right: right) { row, _ in cell(row) }
  }
}

/// Writes results in the format and language that were asked for: results to the standard output,
/// all else to the standard error.
struct Printer: Sendable {
  let format: OutputFormat
  let language: Language
  let isQuiet: Bool

  /// Many records of one kind.
  /// - Throws: `OutputError`.
  func list<Row: Encodable>(_ rows: [Row], _ columns: [Column<Row>]) throws {
    try list(rows, columns, json: rows)
  }

  /// Many records that programs read in another shape, `json`.
  func list<Row>(_ rows: [Row], _ columns: [Column<Row>], json: some Encodable) throws {
    switch format {
    case .json: try self.json(json)
    case .csv: try csv(columns.map { $0.title(language) }, cells(rows, columns))
    case .table:
      try standardOutput(table(rows, columns))
      if rows.isEmpty { notice(Text("没有记录。", "No records.")) }
    }
  }

  /// A table as text, for a story of several parts.
  func table<Row>(_ rows: [Row], _ columns: [Column<Row>]) -> String {
    TextTable(
      titles: columns.map { $0.title(language) }, right: columns.map(\.isRightAligned),
      rows: cells(rows, columns).map { $0.map(TextTable.text) }
    ).rendered
  }

  /// What became of one write: a sentence for people, a record for programs.
  func outcome(_ sentence: Text, _ fields: [(name: String, value: OutcomeValue)]) throws {
    switch format {
    case .table: if !isQuiet { try standardOutput(sentence(language) + "\n") }
    case .json:
      try json(Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first })
    case .csv:
      try csv(fields.map(\.name), [fields.map { .text($0.value.text) }])
    }
  }

  /// - Throws: `OutputError`, or what the value's coding throws.
  func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var text = [UInt8](try encoder.encode(value))
    Self.lowercaseIDs(&text)
    try standardOutput(String(decoding: text, as: UTF8.self) + "\n")
  }

  /// `JSONEncoder` writes UUIDs in capitals, which stand in small letters everywhere else.
  static func lowercaseIDs(_ text: inout [UInt8]) {
    let (quote, dash, length) = (UInt8(ascii: "\""), UInt8(ascii: "-"), 36)
    var start = 0
    while let open = text[start...].firstIndex(of: quote), open + length + 1 < text.count {
      let id = (open + 1)...(open + length)
      let isID =
        text[open + length + 1] == quote
        && id.allSatisfy { place in
          [9, 14, 19, 24].contains(place - open)
            ? text[place] == dash : Character(UnicodeScalar(text[place])).isHexDigit
        }
      if isID { for place in id where text[place] >= 0x41 { text[place] |= 0x20 } }
      start = isID ? open + length + 2 : open + 1
    }
  }

  func csv(_ titles: [String], _ rows: [[TableCell]]) throws {
    var writer = CSVWriter()
    // Programs read this; the mark at the beginning is for files.
    _ = writer.takeBytes()
    writer.append(titles.map { .text($0) })
    for row in rows { writer.append(row) }
    try standardOutput(String(decoding: writer.takeBytes(), as: UTF8.self))
  }

  /// A remark beside the result; to the standard error.
  func notice(_ text: Text) {
    if !isQuiet { standardError(text(language) + "\n") }
  }

  private func cells<Row>(_ rows: [Row], _ columns: [Column<Row>]) -> [[TableCell]] {
    rows.map { row in columns.map { $0.cell(row, language) } }
  }
}

/// A field of an outcome as programs read it.
enum OutcomeValue: Encodable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  case text(String)
  case flag(Bool)
  case number(Int64)

  init(stringLiteral value: String) { self = .text(value) }
  init(booleanLiteral value: Bool) { self = .flag(value) }

  static func id(_ id: UUID) -> OutcomeValue { .text(id.shown) }
  static func fen(_ money: Money) -> OutcomeValue { .number(money.fen) }

  var text: String {
    switch self {
    case .text(let text): text
    case .flag(let flag): "\(flag)"
    case .number(let number): "\(number)"
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .flag(let flag): try container.encode(flag)
    case .number(let number): try container.encode(number)
    }
  }
}
