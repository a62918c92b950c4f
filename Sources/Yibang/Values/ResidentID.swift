package import SchoolCalendar

/// A resident identity number (公民身份号码) of 18 characters, GB 11643.
package struct ResidentID: Identifier {
  package enum Gender: String, Hashable, Sendable, Codable {
    case male, female
  }

  package static let kind = IdentifierKind.residentID

  package let text: String
  package let birthDate: CalendarDate
  package let gender: Gender
  package let warnings: [IdentifierWarning]

  /// - Throws: an error whose reason is a lost digit, a wrong length, character or check character,
  ///   an impossible birth date, or the old form of 15 digits. An unknown region is a warning.
  package init(_ text: String) throws(IdentifierError) {
    let read = try IdentifierText(text, Self.kind)
    try self.init(read)
  }

  init(_ read: IdentifierText) throws(IdentifierError) {
    if read.bytes.count == 15, read.bytes.allSatisfy(isDigit) { throw read.error(.oldResidentID) }
    try read.require(length: 18)
    try read.requireDigits(0..<17)
    guard let check = read.bytes.last, isDigit(check) || check == UInt8(ascii: "X") else {
      throw read.error(.illegalCharacter)
    }
    guard Self.checkCharacter(of: read.bytes.dropLast()) == check else {
      throw read.error(read.endsInSpreadsheetZeros ? .digitsLost : .wrongCheckCharacter)
    }
    guard let date = Self.birthDate(read.bytes), date.year >= 1900 else {
      throw read.error(.impossibleBirthDate)
    }
    let string = read.string
    self.text = string
    birthDate = date
    gender = read.bytes[16].isMultiple(of: 2) ? .female : .male
    warnings =
      [Province.warning(string.prefix(2))].compactMap { $0 }
      + (read.endsInSpreadsheetZeros ? [.mayHaveLostDigits] : [])
  }

  /// The district of registration: the first six digits.
  package var region: String { String(text.prefix(6)) }

  /// `99***************7`: the province and the last character, so that region and birth date,
  /// which classmates know, do not lead back to the number.
  package var masked: String { starred(text, keepingFirst: 2, last: 1) }

  private static func birthDate(_ bytes: [UInt8]) -> CalendarDate? {
    let digits = bytes[6..<14].map { Int($0 - UInt8(ascii: "0")) }
    let year = digits[0..<4].reduce(0) { $0 * 10 + $1 }
    return CalendarDate(
      year: year, month: digits[4] * 10 + digits[5], day: digits[6] * 10 + digits[7])
  }

  private static func checkCharacter(of digits: ArraySlice<UInt8>) -> UInt8 {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    var sum = 0
    for (digit, weight) in zip(digits, weights) { sum += Int(digit - UInt8(ascii: "0")) * weight }
    return Array("10X98765432".utf8)[sum % 11]
  }
}
