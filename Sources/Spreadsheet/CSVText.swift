/// A CSV file whose encoding and delimiter are known.
struct CSVText: Sendable {
  let path: String
  let encoding: TextEncoding
  let delimiter: UInt8
  let limits: Limits

  init(path: String, limits: Limits) throws(TableFileError) {
    self.path = path
    self.limits = limits
    encoding = try TextEncoding.detect(path: path, limits: limits)
    let source = try TextSource(path: path, encoding: encoding, limits: limits)
    delimiter = try Self.delimiter(source)
  }

  func scanner() throws(TableFileError) -> CSVScanner {
    let source = try TextSource(path: path, encoding: encoding, limits: limits)
    return CSVScanner(source, delimiter: delimiter, limits: limits)
  }

  /// Delivers the records that are not blank, one at a time.
  func rows(_ body: (SheetRow, Double) throws -> Void) throws {
    var scanner = try scanner()
    var cells: [Cell] = []
    while try scanner.next() {
      guard scanner.recordNumber <= limits.rows else {
        throw TableFileError.tooLarge(.rows, limit: limits.rows, row: scanner.recordNumber)
      }
      if scanner.isBlank { continue }
      cells.removeAll(keepingCapacity: true)
      for index in 0..<scanner.fieldCount {
        cells.append(try cell(scanner.field(index), row: scanner.recordNumber))
      }
      try body(SheetRow(number: scanner.recordNumber, cells: cells), scanner.progress)
    }
  }

  private func cell(_ text: String, row: Int) throws(TableFileError) -> Cell {
    if text.isEmpty { return .empty }
    let limit = limits.cellCharacters
    if text.utf8.count > limit, text.utf16.count > limit {
      throw .tooLarge(.cellCharacters, limit: limit, row: row)
    }
    return Cell(.text(text))
  }

  /// The delimiter that divides most of the first lines into the same number of fields; a comma
  /// when there is none.
  private static func delimiter(_ source: TextSource) throws(TableFileError) -> UInt8 {
    let sample = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { sample.deallocate() }
    var filled = 0
    while sample.count - filled >= 16 {
      let room = UnsafeMutableRawBufferPointer(rebasing: sample[filled...])
      let count = try source.read(into: room)
      if count == 0 { break }
      filled += count
    }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    let isWhole = sample.count - filled >= 16
    let lines = counts(of: candidates, in: sample[..<filled], isWhole: isWhole)
    var best = (delimiter: candidates[0], lines: 0, count: 0)
    for (index, delimiter) in candidates.enumerated() {
      let tally = Dictionary(grouping: lines.map { $0[index] }.filter { $0 > 0 }) { $0 }
      for (count, same) in tally where (same.count, count) > (best.lines, best.count) {
        best = (delimiter, same.count, count)
      }
    }
    return best.delimiter
  }

  /// How often each candidate stands outside quotes in each of the first lines that are not blank.
  private static func counts(
    of candidates: [UInt8], in bytes: Slice<UnsafeMutableRawBufferPointer>, isWhole: Bool
  ) -> [[Int]] {
    var lines: [[Int]] = []
    var current = [Int](repeating: 0, count: candidates.count)
    var isQuoted = false
    var isBlank = true
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D {
        if !isBlank { lines.append(current) }
        if lines.count == 50 { return lines }
        current = [Int](repeating: 0, count: candidates.count)
        isBlank = true
        continue
      }
      isBlank = isBlank && byte <= 0x20
      if !isQuoted, let index = candidates.firstIndex(of: byte) { current[index] += 1 }
    }
    // A sample may end inside a line, whose count would be short.
    if isWhole || lines.isEmpty { lines.append(current) }
    return lines
  }
}

extension CSVScanner {
  /// The content of a field. Of `="0123"`, with which digits are kept from being read as a number,
  /// what stands between the marks.
  package func field(_ index: Int) -> String {
    withField(index) { bytes, isEscaped in
      if isEscaped {
        let content = Self.unescaped(bytes)
        return String(decoding: Self.unguarded(content), as: UTF8.self)
      }
      if bytes.first == UInt8(ascii: "=") {
        return String(decoding: Self.unguarded(Array(bytes)), as: UTF8.self)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Undoes doubled marks and drops the closing one when text follows it.
  private static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let mark = UInt8(ascii: "\"")
    var content: [UInt8] = []
    content.reserveCapacity(bytes.count)
    var isQuoted = true
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == mark, isQuoted else {
        content.append(byte)
        continue
      }
      if index < bytes.count, bytes[index] == mark {
        content.append(mark)
        index += 1
      } else {
        isQuoted = false
      }
    }
    return content
  }

  private static func unguarded(_ content: [UInt8]) -> ArraySlice<UInt8> {
    let mark = UInt8(ascii: "\"")
    guard content.count >= 3, content.starts(with: [UInt8(ascii: "="), mark]), content.last == mark
    else { return content[...] }
    let inside = content[2..<(content.count - 1)]
    return inside.contains(mark) ? content[...] : inside
  }
}
