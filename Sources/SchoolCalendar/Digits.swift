extension FixedWidthInteger {
  /// The quotient rounded towards negative infinity.
  func flooredQuotient(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

/// The number that ASCII digits write, nil if there are none, or more than nine, or anything else.
func decimal(_ bytes: some Collection<UInt8>) -> Int? {
  guard (1...9).contains(bytes.count) else { return nil }
  var value = 0
  for byte in bytes {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + Int(byte - 0x30)
  }
  return value
}

/// A number that is not negative, with leading zeros up to a width.
func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The text without white space and invisible characters, with full-width forms as ASCII.
func compact(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x3000, 0x200B...0x200F, 0x2060, 0xFEFF: continue
    case 0xFF01...0xFF5E: result.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
    case 0x21...0x7E, 0x4E00...0x9FFF: result.append(scalar)
    default:
      if !scalar.properties.isWhitespace { result.append(scalar) }
    }
  }
  return String(result)
}
