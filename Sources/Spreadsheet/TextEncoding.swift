/// The encodings in which tables come as text.
package enum TextEncoding: String, Sendable {
  case utf8 = "UTF-8"
  /// With GBK and GB2312, which it contains.
  case gb18030 = "GB18030"
  case utf16LittleEndian = "UTF-16LE"
  case utf16BigEndian = "UTF-16BE"

  /// Decides by all bytes of the file: UTF-8 when they are valid UTF-8, else GB18030 when they are
  /// that; UTF-16 only by its mark.
  ///
  /// - Throws: `.encoding` with the first line that is neither, `.notATable` for NUL bytes, `.empty`
  ///   when there is nothing but white space.
  static func detect(path: String, limits: Limits) throws(TableFileError) -> TextEncoding {
    let file = try InputFile(path: path)
    var chunk = [UInt8](repeating: 0, count: limits.chunkBytes)
    var check = UTF8Check()
    var isFirst = true
    var isMarked = false
    var markBytes = 0
    var hasNul = false
    var isBlank = true
    while true {
      let count = try file.read(into: &chunk)
      if count == 0 { break }
      if isFirst {
        if chunk.starts(with: [0xFF, 0xFE]) {
          return try decoding(.utf16LittleEndian, path, limits)
        }
        if chunk.starts(with: [0xFE, 0xFF]) { return try decoding(.utf16BigEndian, path, limits) }
        isMarked = chunk.starts(with: [0xEF, 0xBB, 0xBF])
        markBytes = isMarked ? 3 : 0
        isFirst = false
      }
      chunk.withUnsafeBufferPointer { bytes in
        let part = UnsafeBufferPointer(rebasing: bytes[..<count])
        hasNul = hasNul || part.contains(0)
        if isBlank { isBlank = part.dropFirst(markBytes).allSatisfy { $0 <= 0x20 } }
        markBytes = 0
        check.feed(part)
      }
      if hasNul { throw .notATable(.binary) }
    }
    check.finish()
    if isBlank { throw .empty }
    guard let offset = check.firstFault else { return .utf8 }
    // Bad bytes among good UTF-8 are damage; as GB18030 the whole would read as nonsense.
    if isMarked || check.longSequences > check.faults {
      throw .encoding(line: try lineNumber(path: path, offset: offset))
    }
    return try decoding(.gb18030, path, limits)
  }

  /// Proves that the whole file decodes.
  private static func decoding(
    _ encoding: Self, _ path: String, _ limits: Limits
  ) throws(TableFileError) -> Self {
    let source = try TextSource(path: path, encoding: encoding, limits: limits)
    let sink = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { sink.deallocate() }
    var isBlank = true
    while true {
      let count = try source.read(into: sink)
      if count == 0 { break }
      let part = sink[..<count]
      if encoding != .gb18030, part.contains(0) { throw .notATable(.binary) }
      isBlank = isBlank && part.allSatisfy { $0 <= 0x20 }
    }
    if isBlank { throw .empty }
    return encoding
  }
}

/// The line (from 1) on which the byte at this offset lies.
func lineNumber(path: String, offset: Int) throws(TableFileError) -> Int {
  let file = try InputFile(path: path)
  var chunk = [UInt8](repeating: 0, count: 256 << 10)
  var line = 1
  var left = offset
  var previous: UInt8 = 0
  while left > 0 {
    let count = min(left, try file.read(into: &chunk))
    if count == 0 { break }
    for byte in chunk[..<count] {
      if byte == 0x0D || (byte == 0x0A && previous != 0x0D) { line += 1 }
      if byte != 0 { previous = byte }
    }
    left -= count
  }
  return line
}

/// Checks bytes against UTF-8 chunk by chunk, and counts how much of it there is.
/// Bounds of the second byte: Unicode 15, table 3-7.
struct UTF8Check {
  /// Well-formed sequences of three or four bytes, which texts in GB18030 hardly ever hold.
  private(set) var longSequences = 0
  private(set) var faults = 0
  private(set) var firstFault: Int?
  private var offset = 0
  private var needed = 0
  private var isLong = false
  private var lower: UInt8 = 0x80
  private var upper: UInt8 = 0xBF

  mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    var index = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while index < bytes.count {
      if needed == 0 {
        while index + 8 <= bytes.count,
          raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
          index += 8
        }
        if index == bytes.count { break }
      }
      take(bytes[index], at: offset + index)
      index += 1
    }
    offset += bytes.count
  }

  private mutating func take(_ byte: UInt8, at position: Int) {
    if needed > 0 {
      if byte >= lower && byte <= upper {
        needed -= 1
        (lower, upper) = (0x80, 0xBF)
        if needed == 0 && isLong { longSequences += 1 }
        return
      }
      fault(at: position)
    }
    switch byte {
    case 0..<0x80: break
    case 0xC2...0xDF: needed = 1
    case 0xE0: (needed, lower) = (2, 0xA0)
    case 0xED: (needed, upper) = (2, 0x9F)
    case 0xE1...0xEF: needed = 2
    case 0xF0: (needed, lower) = (3, 0x90)
    case 0xF4: (needed, upper) = (3, 0x8F)
    case 0xF1...0xF3: needed = 3
    default: fault(at: position)
    }
    isLong = needed > 1
  }

  private mutating func fault(at position: Int) {
    faults += 1
    if firstFault == nil { firstFault = position }
    needed = 0
    (lower, upper) = (0x80, 0xBF)
  }

  /// Ends the text: a sequence that has begun is a fault.
  mutating func finish() {
    if needed > 0 { fault(at: offset) }
  }
}
