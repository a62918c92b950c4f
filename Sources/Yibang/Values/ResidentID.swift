package import SchoolCalendar

/// A resident identity number (公民身份号码) of 18 characters, GB 11643.
package struct ResidentID: Identifier {
  package enum Gender: String, CaseIterable, Hashable, Sendable, Codable {
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
    if read.bytes.count == 15, read.bytes.allSatisfy(\.isDigit) { throw read.error(.oldResidentID) }
    try read.require(length: 18)
    try read.requireDigits(0..<17)
    guard let check = read.bytes.last, check.isDigit || check == UInt8(ascii: "X") else {
      throw read.error(.illegalCharacter)
    }
    guard Self.checkCharacter(of: read.bytes.dropLast()) == check else {
      throw read.error(read.endsInSpreadsheetZeros ? .digitsLost : .wrongCheckCharacter)
    }
    guard let date = Self.birthDate(read.bytes), date.year >= 1900 else {
      throw read.error(.impossibleBirthDate)
    }
    text = read.string
    birthDate = date
    gender = read.bytes[16].isMultiple(of: 2) ? .female : .male
    warnings =
      [Province.warning(read.bytes[..<2])].compactMap { $0 }
      + (read.endsInSpreadsheetZeros ? [.mayHaveLostDigits] : [])
  }

  /// The district of registration: the first six digits.
  package var region: String { String(text.prefix(6)) }

  /// `99***************7`: the province and the last character, so that region and birth date,
  /// which classmates know, do not lead back to the number.
  package var masked: String { starred(keepingFirst: 2, last: 1) }

  private static func birthDate(_ bytes: [UInt8]) -> CalendarDate? {
    func number(_ range: Range<Int>) -> Int {
      bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    return CalendarDate(year: number(6..<10), month: number(10..<12), day: number(12..<14))
  }

  private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  private static let checkCharacters = Array("10X98765432".utf8)

  private static func checkCharacter(of digits: ArraySlice<UInt8>) -> UInt8 {
    var sum = 0
    for (digit, weight) in zip(digits, weights) { sum += Int(digit - UInt8(ascii: "0")) * weight }
    return checkCharacters[sum % 11]
  }
}
