/// A mobile number in mainland China, eleven digits.
package struct Mobile: Identifier {
  package static let kind = IdentifierKind.mobile

  package let text: String

  /// Takes away +86, 0086, spaces, dashes and parentheses.
  ///
  /// - Throws: an error whose reason is a lost digit, or a wrong length, character or beginning.
  package init(_ text: String) throws(IdentifierError) {
    var read = try IdentifierText(text, Self.kind)
    read.remove("-()")
    read.removePrefix("+86")
    read.removePrefix("0086")
    if read.bytes.count == 13 { read.removePrefix("86") }
    guard read.bytes.allSatisfy(\.isDigit) else { throw read.error(.illegalCharacter) }
    try read.require(length: 11)
    guard read.bytes[0] == UInt8(ascii: "1"), read.bytes[1] >= UInt8(ascii: "3") else {
      throw read.error(.wrongPrefix)
    }
    self.text = read.string
  }

  package var warnings: [IdentifierWarning] { [] }

  /// `138****5678`.
  package var masked: String { starred(keepingFirst: 3, last: 4) }
}

/// A bank card or passbook number, 16 to 19 digits.
package struct BankCard: Identifier {
  package static let kind = IdentifierKind.bankCard

  package let text: String
  package let warnings: [IdentifierWarning]

  /// Takes away spaces and dashes.
  ///
  /// - Throws: an error whose reason is a lost digit, or a wrong length or character. A failed Luhn
  ///   check is a warning.
  package init(_ text: String) throws(IdentifierError) {
    var read = try IdentifierText(text, Self.kind)
    read.remove("-")
    guard read.bytes.allSatisfy(\.isDigit) else { throw read.error(.illegalCharacter) }
    guard (16...19).contains(read.bytes.count) else {
      throw read.error(.wrongLength(expected: "16–19", found: read.bytes.count))
    }
    switch (Self.passesLuhn(read.bytes), read.endsInSpreadsheetZeros) {
    case (true, true): warnings = [.mayHaveLostDigits]
    case (true, false): warnings = []
    case (false, true): throw read.error(.digitsLost)
    case (false, false): warnings = [.failsLuhnCheck]
    }
    self.text = read.string
  }

  /// Only the last four digits.
  package var masked: String { starred(keepingFirst: 0, last: 4) }

  private static func passesLuhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (index, byte) in digits.reversed().enumerated() {
      let digit = Int(byte - UInt8(ascii: "0"))
      let doubled = digit * 2
      sum += index.isMultiple(of: 2) ? digit : doubled / 10 + doubled % 10
    }
    return sum.isMultiple(of: 10)
  }
}
