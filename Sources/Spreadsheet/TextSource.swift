import Glibc

/// The text of a file as UTF-8, whatever its encoding, without its byte order mark.
/// Not shared between threads.
final class TextSource {
  private let path: String
  private let file: InputFile
  private let encoding: TextEncoding
  private var converter: iconv_t?
  private var raw: [UInt8] = []
  /// Bytes of `raw` that are read and not yet converted.
  private var pending: Range<Int> = 0..<0
  private var isAtStart = true

  init(path: String, encoding: TextEncoding, limits: Limits) throws(TableFileError) {
    self.path = path
    self.encoding = encoding
    file = try InputFile(path: path)
    guard encoding != .utf8 else { return }
    let converter = iconv_open("UTF-8", encoding.rawValue)
    // iconv_open says with this value that the C library lacks the encoding.
    guard let converter, Int(bitPattern: converter) != -1 else {
      throw .unreadable(errno: errno)
    }
    self.converter = converter
    raw = [UInt8](repeating: 0, count: limits.chunkBytes)
  }

  deinit { converter.map { _ = iconv_close($0) } }

  /// How much of the file is read, 0 to 1.
  var progress: Double {
    file.bytes == 0 ? 1 : min(1, Double(file.position - pending.count) / Double(file.bytes))
  }

  /// Fills the front of the buffer, which holds at least 16 bytes.
  ///
  /// - Returns: number of bytes, 0 only at the end.
  /// - Throws: `.encoding` with the line of a byte that cannot be decoded, `.unreadable`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TableFileError) -> Int {
    var count = try next(into: buffer)
    if isAtStart, count > 0 {
      isAtStart = false
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      if buffer.starts(with: mark) {
        count -= mark.count
        let rest = UnsafeRawBufferPointer(rebasing: buffer[mark.count..<(mark.count + count)])
        buffer.copyMemory(from: rest)
        if count == 0 { return try next(into: buffer) }
      }
    }
    return count
  }

  private func next(into buffer: UnsafeMutableRawBufferPointer) throws(TableFileError) -> Int {
    guard let converter else { return try file.read(into: buffer) }
    while true {
      if pending.isEmpty {
        pending = 0..<(try file.read(into: &raw))
        if pending.isEmpty { return 0 }
      }
      let (written, reason) = convert(converter, into: buffer)
      if reason == EILSEQ { throw try fault() }
      if written > 0 { return written }
      // The bytes end inside a character: bring them to the front and read on.
      let rest = pending.count
      raw.replaceSubrange(0..<rest, with: Array(raw[pending]))
      let count = try file.read(into: &raw, after: rest)
      pending = 0..<(rest + count)
      if count == 0 { throw try fault() }
    }
  }

  private func convert(
    _ converter: iconv_t, into buffer: UnsafeMutableRawBufferPointer
  ) -> (written: Int, reason: Int32) {
    var output = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
    var room = buffer.count
    var left = pending.count
    var reason: Int32 = 0
    let start = pending.lowerBound
    raw.withUnsafeMutableBytes { bytes in
      var input = bytes.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) }
      if iconv(converter, &input, &left, &output, &room) == -1 { reason = errno }
    }
    pending = (pending.upperBound - left)..<pending.upperBound
    return (buffer.count - room, reason)
  }

  private func fault() throws(TableFileError) -> TableFileError {
    let offset = file.position - pending.count
    return .encoding(line: try lineNumber(path: path, offset: offset))
  }
}
