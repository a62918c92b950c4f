import Spreadsheet
import Testing

@Suite("Random tables")
struct RandomTableTests {
  private static let alphabet: [String] = [
    "王", "小明", "𠮷", "ａ", "１", "　", " ", ",", "\"", "\"\"", "\n", "\r\n", "\r", "\t", ";", "'", "=",
    "+", "-", "@", "a", "B", "0", "5.30103E+17", "<", "&", ">", "]]>", "_x0041_", "_x", "😀", "é",
    "e\u{301}", "\u{1}", "\u{1F}", "\u{7F}", "\u{85}", "\u{2028}", "\u{E000}", "·", "。", "，", "“",
    "¥",
    "\\", "%", "{", "#N/A", "TRUE", "2026-09-01",
  ]

  private func text(_ generator: inout SeededGenerator) -> String {
    let count = Int.random(in: 0..<8, using: &generator)
    var text = (0..<count).map { _ in generator.pick(Self.alphabet) }.joined()
    if Int.random(in: 0..<40, using: &generator) == 0 {
      text += String(repeating: "长文", count: Int.random(in: 0..<2_000, using: &generator))
    }
    return text
  }

  private func cell(_ generator: inout SeededGenerator) -> TableCell {
    let largest: Int64 = 999_999_999_999_999
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: return .empty
    case 1: return .integer(Int64.random(in: -largest...largest, using: &generator))
    case 2: return .money(fen: Int64.random(in: -largest...largest, using: &generator))
    case 3: return .money(fen: Int64.random(in: -99_999...99_999_999, using: &generator))
    case 4:
      return .date(
        year: Int.random(in: 1901...9999, using: &generator),
        month: Int.random(in: 1...12, using: &generator),
        day: Int.random(in: 1...28, using: &generator))
    default: return .text(text(&generator))
    }
  }

  private func document(_ generator: inout SeededGenerator) -> TableDocument {
    let width = Int.random(in: 1...6, using: &generator)
    let count = Int.random(in: 0...12, using: &generator)
    return TableDocument(
      columns: (0..<width).map { .init("列\($0)") },
      rows: (0..<count).map { _ in (0..<width).map { _ in cell(&generator) } })
  }

  /// What is read from a workbook for what was written.
  private func expected(_ cell: TableCell) -> Cell.Value {
    switch cell {
    case .empty, .text(""): .empty
    case .text(let text): .text(text)
    case .integer(let number): .number(String(number), lostDigits: false)
    case .money: .number(trimmed(cell.text), lostDigits: false)
    case .date(let year, let month, let day): .date(year: year, month: month, day: day)
    }
  }

  private func trimmed(_ decimal: String) -> String {
    var digits = decimal[...]
    while digits.last == "0" { digits.removeLast() }
    if digits.last == "." { digits.removeLast() }
    return digits == "-0" ? "0" : String(digits)
  }

  private func guarded(_ cell: TableCell) -> String {
    guard case .text(let text) = cell, let first = text.utf8.first else { return cell.text }
    return "=+-@\t\r".utf8.contains(first) ? "'" + text : text
  }

  @Test("500 random tables come back from .xlsx cell by cell")
  func workbooks() throws {
    let folder = TemporaryFolder()
    var limits = Limits.standard
    for seed in 1...500 {
      var generator = SeededGenerator(seed: seed)
      let document = document(&generator)
      try writeXlsx([("表", document)], to: folder.file("t.xlsx"))
      limits.chunkBytes = Int.random(in: 32...300, using: &generator)
      let read = try rows(folder.file("t.xlsx"), limits: limits)
      var byNumber: [Int: SheetRow] = [:]
      for row in read { byNumber[row.number] = row }
      for (index, row) in document.rows.enumerated() {
        let found = byNumber[index + 2] ?? SheetRow(number: index + 2, cells: [])
        for (column, cell) in row.enumerated() {
          #expect(found[column].value == expected(cell), "seed \(seed), row \(index), \(column)")
          if case .money(let amount) = cell { #expect(fen(found[column].text) == amount) }
        }
      }
    }
  }

  @Test("500 random tables come back from CSV in UTF-8 and in GB18030")
  func csvs() throws {
    var limits = Limits.standard
    for seed in 1...500 {
      var generator = SeededGenerator(seed: seed)
      let document = document(&generator)
      let bytes = csvBytes(document)
      var wanted = [document.columns.map(\.title)] + document.rows.map { $0.map(guarded) }
      // A line without a character is no row.
      wanted.removeAll { $0 == [""] }
      limits.chunkBytes = Int.random(in: 32...80, using: &generator)
      #expect(try texts(of: bytes, limits: limits) == wanted, "seed \(seed)")
      let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
      let gb = try #require(encoded(text, "GB18030"))
      #expect(try texts(of: gb, limits: limits) == wanted, "seed \(seed), GB18030")
    }
  }
}
