/// The text of an identifier under examination, as ASCII bytes in normal form.
struct IdentifierText {
  let kind: IdentifierKind
  private(set) var bytes: [UInt8]

  /// Brings the text into normal form and refuses what a spreadsheet has spoilt.
  init(_ text: String, _ kind: IdentifierKind) throws(IdentifierError) {
    self.kind = kind
    bytes = []
    bytes.reserveCapacity(24)
    for byte in normalizeText(text).drop(while: { "'’‘`".contains($0) }).utf8 where byte > 0x20 {
      let isLowerCase = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      bytes.append(isLowerCase ? byte - 0x20 : byte)
    }
    if bytes.isEmpty { throw error(.empty) }
    if isScientific { throw error(.digitsLost) }
    if bytes.contains(where: { $0 >= 0x80 }) { throw error(.illegalCharacter) }
  }

  /// A part of an identifier that is an identifier itself.
  init(_ bytes: ArraySlice<UInt8>, _ kind: IdentifierKind) {
    self.kind = kind
    self.bytes = Array(bytes)
  }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  func error(_ reason: IdentifierError.Reason) -> IdentifierError {
    IdentifierError(kind: kind, reason: reason)
  }

  func require(length: Int) throws(IdentifierError) {
    guard bytes.count == length else {
      throw error(.wrongLength(expected: String(length), found: bytes.count))
    }
  }

  func requireDigits(_ range: Range<Int>) throws(IdentifierError) {
    guard bytes[range].allSatisfy(\.isDigit) else { throw error(.illegalCharacter) }
  }

  mutating func remove(_ unwanted: String) {
    let unwanted = Set(unwanted.utf8)
    bytes.removeAll { unwanted.contains($0) }
  }

  mutating func removePrefix(_ prefix: String) {
    if bytes.starts(with: prefix.utf8) { bytes.removeFirst(prefix.utf8.count) }
  }

  /// Whether it reads like 5.30103E+17. A credit code may have an E between digits, so there a
  /// point or a plus must stand with it.
  private var isScientific: Bool {
    guard let mark = bytes.firstIndex(of: UInt8(ascii: "E")), mark > 0 else { return false }
    let mantissa = bytes[..<mark]
    let exponent = bytes[(mark + 1)...]
    let hasPlus = exponent.first == UInt8(ascii: "+")
    let hasPoint = mantissa.contains(UInt8(ascii: "."))
    let digits = hasPlus ? exponent.dropFirst() : exponent
    let isNumber =
      !digits.isEmpty && digits.allSatisfy(\.isDigit)
      && mantissa.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
    return isNumber && (hasPlus || hasPoint || kind != .creditCode)
  }

  /// Whether the digits beyond the 15 that a spreadsheet keeps are zeros.
  var endsInSpreadsheetZeros: Bool {
    bytes.count >= 18 && bytes[15...].allSatisfy { $0 == UInt8(ascii: "0") }
  }
}

extension UInt8 {
  /// Whether this is an ASCII digit.
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

/// The first two digits of a region code of GB/T 2260.
enum Province {
  /// The provinces of GB/T 2260, and 83 of residence permits for people from Taiwan.
  private static let known: Set<UInt8> = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
  ]

  /// What is odd about a province, given as two ASCII digits. GB/T 2260 leaves 99 free, so invented
  /// regions have it.
  static func warning(_ code: some Sequence<UInt8>) -> IdentifierWarning? {
    let number = code.reduce(0) { $0 &* 10 &+ ($1 &- UInt8(ascii: "0")) }
    if number == 99 { return .syntheticRegion }
    return known.contains(number) ? nil : .unknownRegion
  }
}

extension Identifier {
  /// The text with stars for all but its first and last characters.
  func starred(keepingFirst first: Int, last: Int) -> String {
    let hidden = max(0, text.count - first - last)
    return text.prefix(first) + String(repeating: "*", count: hidden) + text.suffix(last)
  }
}
