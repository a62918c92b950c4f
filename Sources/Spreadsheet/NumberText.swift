/// A number as a spreadsheet shows it, from the decimal that the file stores.
///
/// Files store the shortest decimal that gives the same double, as `0.30000000000000004`;
/// spreadsheets show 15 significant digits, and so do we. `nil` when the bytes are no number.
func shownNumber(_ bytes: some Collection<UInt8>) -> (text: String, lostDigits: Bool)? {
  guard let decimal = Decimal15(bytes) else { return nil }
  return (decimal.text, decimal.integerDigits > 15)
}

/// Whether a text is a number whose digits a spreadsheet has thrown away, as `5.30103E+17`.
/// Such a text comes from an ID or card number that was kept as a number.
package func looksLikeLostDigits(_ s: String) -> Bool {
  let bytes = s.utf8.filter { $0 != UInt8(ascii: " ") }
  guard let e = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return false }
  let mantissa = bytes[..<e]
  let exponent = bytes[bytes.index(after: e)...]
  // A plain `1E10` may be the name of a class; a spreadsheet writes a sign or a fraction.
  let isMarked = exponent.first == UInt8(ascii: "+") || mantissa.contains(UInt8(ascii: "."))
  let digits = exponent.drop { $0 == UInt8(ascii: "+") }
  guard isMarked, mantissa.contains(where: isDigit), !digits.isEmpty, digits.allSatisfy(isDigit),
    let decimal = Decimal15(bytes)
  else { return false }
  return decimal.integerDigits > 9
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

/// A decimal rounded half up to 15 significant digits: 0.d₁d₂d₃… × 10^integerDigits.
private struct Decimal15 {
  var isNegative = false
  var digits: [UInt8] = []
  var integerDigits = 0

  init?(_ bytes: some Collection<UInt8>) {
    var rest = bytes[...]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest = rest.dropFirst()
    }
    var hasPoint = false
    var hasDigit = false
    while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
        continue
      }
      guard isDigit(byte) else { return nil }
      hasDigit = true
      take(digit: byte &- 0x30, hasPoint: hasPoint)
    }
    guard hasDigit else { return nil }
    if !rest.isEmpty {
      guard let exponent = Self.exponent(rest.dropFirst()) else { return nil }
      integerDigits += exponent
    }
    round()
  }

  private mutating func take(digit: UInt8, hasPoint: Bool) {
    if digits.isEmpty && digit == 0 {
      if hasPoint { integerDigits -= 1 }
      return
    }
    if digits.count < 16 { digits.append(digit) }
    if !hasPoint { integerDigits += 1 }
  }

  private static func exponent(_ bytes: some Collection<UInt8>) -> Int? {
    var rest = bytes[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard !rest.isEmpty, rest.count <= 5 else { return nil }
    var value = 0
    for byte in rest {
      guard isDigit(byte) else { return nil }
      value = value * 10 + Int(byte &- 0x30)
    }
    return isNegative ? -value : value
  }

  private mutating func round() {
    if digits.count > 15 {
      let roundsUp = digits[15] >= 5
      digits.removeSubrange(15...)
      if roundsUp {
        while digits.last == 9 { digits.removeLast() }
        if digits.isEmpty {
          digits = [1]
          integerDigits += 1
        } else {
          digits[digits.count - 1] += 1
        }
      }
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty {
      integerDigits = 0
      isNegative = false
    }
  }

  var text: String {
    guard let first = digits.first else { return "0" }
    var out: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
    let zero = UInt8(ascii: "0")
    let shown = digits.map { $0 + zero }
    if integerDigits > 15 || integerDigits < -20 {
      let exponent = integerDigits - 1
      out.append(first + zero)
      if shown.count > 1 { out += [UInt8(ascii: ".")] + shown[1...] }
      out += Array("E\(exponent < 0 ? "-" : "+")\(abs(exponent))".utf8)
    } else if integerDigits <= 0 {
      out += [zero, UInt8(ascii: ".")]
      out += [UInt8](repeating: zero, count: -integerDigits)
      out += shown
    } else {
      out += shown.prefix(integerDigits)
      out += [UInt8](repeating: zero, count: max(0, integerDigits - shown.count))
      if shown.count > integerDigits { out += [UInt8(ascii: ".")] + shown[integerDigits...] }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
