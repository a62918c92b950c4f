/// What a cell's number format makes of a number.
enum NumberFormat: Sendable, Equatable {
  case number
  /// A day, a time of day, or both.
  case date
  /// A length of time that may pass 24 hours, as `[h]:mm`.
  case elapsedTime

  /// A format that files name by number only. 27–36 and 50–58 are dates and times in the Chinese,
  /// Japanese and Korean editions. Source: ECMA-376 part 1, 18.8.30.
  init(builtIn id: Int) {
    switch id {
    case 14...22, 27...36, 45, 47, 50...58: self = .date
    case 46: self = .elapsedTime
    default: self = .number
    }
  }

  /// A format written out, as `yyyy"年"m"月"d"日"` or `#,##0.00;[Red]-#,##0.00`.
  init(code: String) {
    self = .number
    var scanner = FormatScanner(Array(code.utf8))
    while let token = scanner.next() {
      switch token {
      case .elapsed:
        self = .elapsedTime
        return
      case .date: self = .date
      case .digits: return
      }
    }
  }
}

/// Finds what decides in the first section of a format code, outside quotes, escapes and brackets.
private struct FormatScanner {
  enum Token { case date, elapsed, digits }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Token? {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): skip(past: byte)
      case UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*"): position += 1
      case UInt8(ascii: "["): if bracketIsElapsed() { return .elapsed }
      case UInt8(ascii: ";"): return nil
      case UInt8(ascii: "0"), UInt8(ascii: "#"), UInt8(ascii: "?"): return .digits
      default: if isDateLetter(byte | 0x20) { return .date }
      }
    }
    return nil
  }

  private mutating func isDateLetter(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "y"), UInt8(ascii: "m"), UInt8(ascii: "d"), UInt8(ascii: "h"),
      UInt8(ascii: "s"):
      return true
    case UInt8(ascii: "e"):
      // `e` alone is the year in Chinese formats; `E+` belongs to a number.
      let follower = position < bytes.count ? bytes[position] : 0
      return follower != UInt8(ascii: "+") && follower != UInt8(ascii: "-")
    case UInt8(ascii: "a"): return startsWord("aa")
    case UInt8(ascii: "g"):
      if startsWord("eneral") { position += 6 }
      return false
    default: return false
    }
  }

  private mutating func skip(past end: UInt8) {
    while position < bytes.count, bytes[position] != end { position += 1 }
    position += 1
  }

  private mutating func bracketIsElapsed() -> Bool {
    let start = position
    skip(past: UInt8(ascii: "]"))
    let inside = bytes[start..<max(start, min(position - 1, bytes.count))].map { $0 | 0x20 }
    guard let first = inside.first else { return false }
    let isUnit = [UInt8(ascii: "h"), UInt8(ascii: "m"), UInt8(ascii: "s")].contains(first)
    return isUnit && inside.allSatisfy { $0 == first }
  }

  private func startsWord(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { letters in
      letters.count <= bytes.count - position
        && zip(letters, bytes[position...]).allSatisfy { $0 == $1 | 0x20 }
    }
  }
}
