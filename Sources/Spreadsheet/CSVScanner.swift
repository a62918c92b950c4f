/// Splits the text of a CSV file into records and fields, as bytes, in one pass.
///
/// Quoting follows RFC 4180. Records end with LF, CRLF or CR. A quoted field must close where its
/// cell ends: one that runs over a line break into other text, into the end of the file or past the
/// length of a cell is refused, as it would swallow rows.
package struct CSVScanner: ~Copyable {
  private enum State { case recordStart, fieldStart, plain, quoted, afterQuote, afterStray }
  private struct Field {
    var start: Int
    var end: Int
    /// Holds quotation marks that are not content.
    var isEscaped: Bool
  }

  private let source: TextSource
  private let delimiter: UInt8
  private let limits: Limits
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var position = 0
  private var recordStart = 0
  private var fieldStart = 0
  private var isEscaped = false
  private var state = State.recordStart
  private var quoteLine = 0
  private var fields: [Field] = []
  /// Line (from 1) of the byte at `position`.
  private var line = 1
  private var skipsLineFeed = false
  /// Number of the current record, from 1; blank records count.
  package private(set) var recordNumber = 0

  init(_ source: TextSource, delimiter: UInt8, limits: Limits) {
    self.source = source
    self.delimiter = delimiter
    self.limits = limits
    buffer = .allocate(byteCount: limits.chunkBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// How much of the file is read, 0 to 1.
  package var progress: Double { source.progress }
  package var fieldCount: Int { fields.count }
  /// Whether the record is a line without a character.
  package var isBlank: Bool {
    fields.count == 1 && fields[0].start == fields[0].end && !fields[0].isEscaped
  }

  /// The bytes of a field as they stand in the file (quotation marks inside still doubled),
  /// for the duration of the call.
  package func withField<R>(
    _ index: Int, _ body: (UnsafeBufferPointer<UInt8>, _ isEscaped: Bool) -> R
  ) -> R {
    let field = fields[index]
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[field.start..<field.end])
    return body(bytes.assumingMemoryBound(to: UInt8.self), field.isEscaped)
  }

  /// Moves to the next record.
  ///
  /// - Returns: whether there is one.
  package mutating func next() throws(TableFileError) -> Bool {
    fields.removeAll(keepingCapacity: true)
    recordStart = position
    state = .recordStart
    while true {
      if position == filled, try !refill() { return try finish() }
      if try scan() { return true }
    }
  }

  /// Goes on until the record ends (true) or the buffer does.
  private mutating func scan() throws(TableFileError) -> Bool {
    while position < filled {
      let byte = buffer[position]
      switch state {
      case .recordStart:
        if skipsLineFeed {
          skipsLineFeed = false
          if byte == 0x0A {
            position += 1
            recordStart = position
            continue
          }
        }
        recordNumber += 1
        state = .fieldStart
      case .fieldStart:
        isEscaped = false
        fieldStart = position
        state = .plain
        if byte == UInt8(ascii: "\"") {
          position += 1
          fieldStart = position
          quoteLine = line
          state = .quoted
        }
      case .plain, .afterStray:
        if skipPlain() { continue }
        if try endField(at: position) { return true }
      case .quoted:
        if skipQuoted() { continue }
        position += 1
        state = .afterQuote
      case .afterQuote:
        if byte == delimiter || byte == 0x0A || byte == 0x0D {
          if try endField(at: position - 1) { return true }
        } else if byte == UInt8(ascii: "\"") {
          isEscaped = true
          position += 1
          state = .quoted
        } else {
          // The mark that should have closed this field may have opened another one.
          if line != quoteLine { throw .unclosedQuote(line: quoteLine) }
          isEscaped = true
          state = .afterStray
        }
      }
    }
    return false
  }

  /// Passes over content outside quotes; whether the buffer ended first.
  private mutating func skipPlain() -> Bool {
    var cursor = position
    while cursor < filled {
      let byte = buffer[cursor]
      if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
      cursor += 1
    }
    position = cursor
    return cursor == filled
  }

  /// Passes over content inside quotes and counts its lines; whether the buffer ended first.
  private mutating func skipQuoted() -> Bool {
    var cursor = position
    while cursor < filled {
      let byte = buffer[cursor]
      if byte == UInt8(ascii: "\"") { break }
      if byte == 0x0D || (byte == 0x0A && (cursor == fieldStart || buffer[cursor - 1] != 0x0D)) {
        line += 1
      }
      cursor += 1
    }
    position = cursor
    return cursor == filled
  }

  /// Ends a field before the delimiter or line break at `position`; whether the record ends too.
  private mutating func endField(at end: Int) throws(TableFileError) -> Bool {
    try add(end: end)
    let byte = buffer[position]
    position += 1
    if byte == delimiter {
      state = .fieldStart
      return false
    }
    line += 1
    skipsLineFeed = byte == 0x0D
    return true
  }

  private mutating func add(end: Int) throws(TableFileError) {
    guard fields.count < limits.columns else {
      throw .tooLarge(.columns, limit: limits.columns, row: recordNumber)
    }
    fields.append(Field(start: fieldStart, end: end, isEscaped: isEscaped))
  }

  /// Ends the last record at the end of the file; whether there is one.
  private mutating func finish() throws(TableFileError) -> Bool {
    switch state {
    case .recordStart: return false
    case .fieldStart:
      isEscaped = false
      fieldStart = position
      try add(end: position)
    case .plain, .afterStray: try add(end: position)
    case .quoted: throw .unclosedQuote(line: quoteLine)
    case .afterQuote: try add(end: position - 1)
    }
    return true
  }

  /// Brings in more text behind what is kept of the current record; false at the end of the file.
  private mutating func refill() throws(TableFileError) -> Bool {
    let isInQuotes = state == .quoted
    // No cell is longer in any encoding: its closing mark is missing.
    if isInQuotes, filled - fieldStart > limits.cellCharacters * 4 {
      throw .unclosedQuote(line: quoteLine)
    }
    if recordStart > 0 { dropFinishedRecords() }
    if buffer.count - filled < 16 {
      guard buffer.count < limits.recordBytes else {
        throw .tooLarge(.recordBytes, limit: limits.recordBytes, row: recordNumber)
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
    let count = try source.read(into: room)
    filled += count
    return count > 0
  }

  private mutating func dropFinishedRecords() {
    let shift = recordStart
    let kept = UnsafeRawBufferPointer(rebasing: buffer[shift..<filled])
    buffer.copyMemory(from: kept)
    filled -= shift
    position -= shift
    fieldStart -= shift
    recordStart = 0
    for index in fields.indices {
      fields[index].start -= shift
      fields[index].end -= shift
    }
  }
}
