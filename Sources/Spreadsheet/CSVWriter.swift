import Glibc

/// Turns a table into CSV: UTF-8 with a byte order mark, CRLF, quoted as RFC 4180.
///
/// A text that a spreadsheet would take for a formula (beginning with `=`, `+`, `-`, `@`, a tab or a
/// carriage return) gets a leading `'`. Numbers, amounts and dates do not.
package struct CSVWriter {
  /// What is written and not yet taken.
  package private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]
  private let keepsDigits: Bool

  /// - Parameter keepsDigits: texts of digits that a spreadsheet would change (more than 11, or with
  ///   a leading zero) are written as `="0123"`, which spreadsheets and this library read as text.
  package init(keepsDigits: Bool = false) { self.keepsDigits = keepsDigits }

  package mutating func append(_ cells: [TableCell]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      switch cell {
      case .text(let text): append(text: text)
      default: bytes.append(contentsOf: cell.text.utf8)
      }
    }
    bytes.append(contentsOf: [0x0D, 0x0A])
  }

  /// Takes what is written so far, to pass it on.
  package mutating func takeBytes() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  private mutating func append(text: String) {
    // Tables of text hold no NUL; readers take a file with one for something else.
    var text = text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) {
      text = "'" + text
    } else if keepsDigits, Self.losesDigits(text) {
      text = "=\"\(text)\""
    }
    guard Self.needsQuotes(text) else { return bytes.append(contentsOf: text.utf8) }
    let mark = UInt8(ascii: "\"")
    bytes.append(mark)
    for byte in text.utf8 {
      if byte == mark { bytes.append(mark) }
      bytes.append(byte)
    }
    bytes.append(mark)
  }

  private static func needsQuotes(_ text: String) -> Bool {
    let isBounded = text.utf8.first != 0x20 && text.utf8.last != 0x20
    return !isBounded || text.utf8.contains { "\",;\t\r\n".utf8.contains($0) }
  }

  private static func losesDigits(_ text: String) -> Bool {
    let digits = text.utf8
    guard digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
    return digits.count > 11 || (digits.count > 1 && digits.first == UInt8(ascii: "0"))
  }

  mutating func appendHead(of table: TableDocument) {
    for line in [table.title, table.subtitle] {
      if let line { append([.text(line)]) }
    }
    append(table.columns.map { .text($0.title) })
  }

  mutating func appendFoot(of table: TableDocument) {
    if let totals = table.totals { append(totals) }
    for line in table.footer { append([.text(line)]) }
  }
}

/// The whole table as the bytes of a CSV file, with title, totals and footer as lines of their own.
package func csvBytes(_ table: TableDocument, keepsDigits: Bool = false) -> [UInt8] {
  var writer = CSVWriter(keepsDigits: keepsDigits)
  writer.appendHead(of: table)
  for row in table.rows { writer.append(row) }
  writer.appendFoot(of: table)
  return writer.takeBytes()
}

/// Writes a table to a .csv file, which appears whole or not at all.
///
/// - Parameters:
///   - keepsDigits: see `CSVWriter.init(keepsDigits:)`.
///   - more: gives further rows one by one, behind those of the table; memory stays bounded.
/// - Throws: `TableWriteError`, or what `more` throws.
package func writeCSV(
  _ table: TableDocument, to path: String, keepsDigits: Bool = false,
  more: TableDocument.RowSource = { _ in }
) throws {
  try replaceFile(at: path) { file in
    let descriptor = open(file, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TableWriteError.unwritable(errno: errno) }
    defer { close(descriptor) }
    var writer = CSVWriter(keepsDigits: keepsDigits)
    func take(_ row: [TableCell]) throws {
      writer.append(row)
      if writer.bytes.count > 256 << 10 { try write(writer.takeBytes(), to: descriptor) }
    }
    writer.appendHead(of: table)
    for row in table.rows { try take(row) }
    try more(take)
    writer.appendFoot(of: table)
    try write(writer.takeBytes(), to: descriptor)
  }
}

private func write(_ bytes: [UInt8], to descriptor: Int32) throws(TableWriteError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno != EINTR { throw .unwritable(errno: errno) }
    rest = rest.dropFirst(max(0, count))
  }
}
