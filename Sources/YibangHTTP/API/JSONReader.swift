/// Why a text is no JSON that is taken here.
enum JSONProblem: Error, Equatable {
  /// At which byte it stops being JSON.
  case notJSON(at: Int)
  /// Nested more than 32 deep.
  case tooDeep
  /// A member's name occurs twice in one object: which one was meant?
  case repeated(String)
  /// U+0000, which no database text holds.
  case nul
}

/// Reads JSON (RFC 8259) strictly: UTF-8 alone, no member twice, no lone surrogate, bounded depth.
struct JSONReader {
  private static let maxDepth = 32

  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  /// - Throws: `JSONProblem`.
  static func read(_ bytes: [UInt8]) throws(JSONProblem) -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notJSON(at: 0) }
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.index == bytes.count else { throw reader.wrong() }
    return value
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private func wrong() -> JSONProblem { .notJSON(at: index) }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    index += 1
    return true
  }

  private mutating func value() throws(JSONProblem) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
    guard bytes[index...].starts(with: word.utf8) else { throw wrong() }
    index += word.utf8.count
    return value
  }

  private mutating func enter() throws(JSONProblem) {
    depth += 1
    guard depth <= Self.maxDepth else { throw .tooDeep }
    index += 1
  }

  private mutating func object() throws(JSONProblem) -> JSONValue {
    try enter()
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw wrong() }
        let name = try string()
        guard names.insert(name).inserted else { throw .repeated(name) }
        guard take(UInt8(ascii: ":")) else { throw wrong() }
        members.append(.init(name, try value()))
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw wrong() }
    }
    depth -= 1
    return .object(members)
  }

  private mutating func array() throws(JSONProblem) -> JSONValue {
    try enter()
    var items: [JSONValue] = []
    if !take(UInt8(ascii: "]")) {
      repeat { items.append(try value()) } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw wrong() }
    }
    depth -= 1
    return .array(items)
  }

  private mutating func string() throws(JSONProblem) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = next {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw wrong()
      default: text.append(byte)
      }
    }
    throw wrong()
  }

  private mutating func escape() throws(JSONProblem) -> [UInt8] {
    guard let byte = next else { throw wrong() }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicode()
    default: throw wrong()
    }
  }

  private mutating func unicode() throws(JSONProblem) -> [UInt8] {
    var units = [try codeUnit()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard bytes[index...].starts(with: "\\u".utf8) else { throw wrong() }
      index += 2
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw wrong() }
    if text == "\0" { throw .nul }
    return Array(text.utf8)
  }

  private mutating func codeUnit() throws(JSONProblem) -> UInt16 {
    guard index + 4 <= bytes.count,
      bytes[index..<index + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw wrong() }
    index += 4
    return unit
  }

  private mutating func digits() throws(JSONProblem) {
    let start = index
    while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    if index == start { throw wrong() }
  }

  private mutating func number() throws(JSONProblem) -> JSONValue {
    let start = index
    if next == UInt8(ascii: "-") { index += 1 }
    if next == UInt8(ascii: "0") { index += 1 } else { try digits() }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      index += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      index += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isWhole, let whole = Int64(text) { return .integer(whole) }
    guard let number = Double(text), number.isFinite else { throw .notJSON(at: start) }
    return .number(number)
  }
}
