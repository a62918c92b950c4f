/// JSON as it is written, so that what decoders overlook is seen: a key that is there twice, a number
/// with a fraction.
indirect enum JSONTree {
  case null
  case bool(Bool)
  case integer(Int)
  case string(String)
  case array([JSONTree])
  case object([(key: String, value: JSONTree)])

  /// - Throws: at the first place that is no JSON, or not of the kind that rule sets need.
  init(parsing bytes: [UInt8]) throws(RuleSetError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RuleSetError(.syntax, at: "$", zh: "不是UTF-8编码", en: "not in UTF-8")
    }
    var reader = JSONReader(bytes: Array(text.utf8))
    self = try reader.value(at: "$", depth: 0)
    try reader.end()
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  var place = 0

  private func failure(_ path: String, _ zh: String, _ en: String) -> RuleSetError {
    let line = bytes[..<min(place, bytes.count)].count { $0 == 0x0A } + 1
    return RuleSetError(.syntax, at: path, zh: "第\(line)行：\(zh)", en: "line \(line): \(en)")
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
  }

  /// Whether the next byte that is no space is this one, which is then behind us.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar, _ path: String) throws(RuleSetError) {
    guard take(character) else {
      throw failure(path, "此处应为“\(character)”", "“\(character)” is expected here")
    }
  }

  mutating func end() throws(RuleSetError) {
    skipSpace()
    if place < bytes.count { throw failure("$", "末尾有多余内容", "something follows the end") }
  }

  mutating func value(at path: String, depth: Int) throws(RuleSetError) -> JSONTree {
    if depth > 32 { throw failure(path, "嵌套过深", "nested too deeply") }
    skipSpace()
    guard place < bytes.count else { throw failure(path, "内容不完整", "it ends too early") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(at: path, depth: depth)
    case UInt8(ascii: "["): return try array(at: path, depth: depth)
    case UInt8(ascii: "\""): return .string(try string(at: path))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at: path)
    default: return try word(at: path)
    }
  }

  private mutating func object(at path: String, depth: Int) throws(RuleSetError) -> JSONTree {
    place += 1
    var members: [(key: String, value: JSONTree)] = []
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      let key = try string(at: path)
      let inner = "\(path).\(key)"
      if members.contains(where: { $0.key == key }) {
        throw RuleSetError(
          .duplicateKey, at: inner, zh: "这一项出现两次", en: "this key is there twice")
      }
      try expect(":", inner)
      members.append((key, try value(at: inner, depth: depth + 1)))
    } while take(",")
    try expect("}", path)
    return .object(members)
  }

  private mutating func array(at path: String, depth: Int) throws(RuleSetError) -> JSONTree {
    place += 1
    var elements: [JSONTree] = []
    if take("]") { return .array([]) }
    repeat {
      elements.append(try value(at: "\(path)[\(elements.count)]", depth: depth + 1))
    } while take(",")
    try expect("]", path)
    return .array(elements)
  }

  private mutating func word(at path: String) throws(RuleSetError) -> JSONTree {
    let words: [(String, JSONTree)] = [
      ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    ]
    for (word, value) in words where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw failure(path, "不是JSON", "this is no JSON")
  }

  private mutating func number(at path: String) throws(RuleSetError) -> JSONTree {
    let part = bytes[place...].prefix { "+-.eE0123456789".utf8.contains($0) }
    let text = String(decoding: part, as: UTF8.self)
    guard let number = Int(text), String(number) == text else {
      throw RuleSetError(
        .wrongType, at: path, zh: "“\(text)”不是整数", en: "“\(text)” is no whole number")
    }
    place += part.count
    return .integer(number)
  }

  private mutating func string(at path: String) throws(RuleSetError) -> String {
    guard take("\"") else { throw failure(path, "此处应为文字", "a string is expected here") }
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += Array(try escape(at: path).utf8)
      case 0..<0x20: throw failure(path, "文字中有控制字符", "a control character in a string")
      default: text.append(byte)
      }
    }
    throw failure(path, "文字没有结束", "a string does not end")
  }

  private mutating func escape(at path: String) throws(RuleSetError) -> String {
    let plain: [UInt8: String] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
      UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
      UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    guard place < bytes.count else { throw failure(path, "内容不完整", "it ends too early") }
    let byte = bytes[place]
    place += 1
    if let text = plain[byte] { return text }
    guard byte == UInt8(ascii: "u") else { throw failure(path, "转义无效", "no such escape") }
    var units = [try unit(at: path)]
    if UTF16.isLeadSurrogate(units[0]), bytes[place...].starts(with: "\\u".utf8) {
      place += 2
      units.append(try unit(at: path))
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw failure(path, "转义无效", "half a surrogate pair")
    }
    return text
  }

  private mutating func unit(at path: String) throws(RuleSetError) -> UInt16 {
    let digits = String(decoding: bytes[place...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16), !digits.hasPrefix("+")
    else {
      throw failure(path, "转义无效", "four digits are expected after \\u")
    }
    place += 4
    return unit
  }
}
