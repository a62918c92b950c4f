/// The unified social credit code of an organisation (统一社会信用代码), GB 32100. It is public.
package struct CreditCode: Identifier {
  package static let kind = IdentifierKind.creditCode

  private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

  package let text: String

  /// - Throws: an error whose reason is a lost digit, or a wrong length, character (I, O, S, V and
  ///   Z are not used) or check character.
  package init(_ text: String) throws(IdentifierError) {
    let read = try IdentifierText(text, Self.kind)
    try read.require(length: 18)
    try read.requireDigits(2..<8)
    let values = read.bytes.compactMap { Self.alphabet.firstIndex(of: $0) }
    guard values.count == 18 else { throw read.error(.illegalCharacter) }
    var (sum, weight) = (0, 1)
    for value in values.dropLast() {
      sum += value * weight
      weight = weight * 3 % 31
    }
    guard values.last == (31 - sum % 31) % 31 else {
      let lost = read.endsInSpreadsheetZeros && read.bytes.allSatisfy(\.isDigit)
      throw read.error(lost ? .digitsLost : .wrongCheckCharacter)
    }
    self.text = read.string
  }

  /// The whole.
  package var masked: String { text }

  package var warnings: [IdentifierWarning] {
    let region = text.utf8.dropFirst(2).prefix(6)
    // 100000 is the whole country: registered with a ministry.
    if region.elementsEqual("100000".utf8) { return [] }
    return [Province.warning(region.prefix(2))].compactMap { $0 }
  }
}

/// A school's number (学校标识码): type, province and a serial number, ten digits without a check
/// digit. It is public.
package struct SchoolCode: Identifier {
  package enum SchoolType: String, Hashable, Sendable, CaseIterable {
    case primary = "21"
    case junior = "31"
    case special = "51"
  }

  package static let kind = IdentifierKind.schoolCode

  package let text: String

  /// - Throws: an error whose reason is a lost digit, or a wrong length or character.
  package init(_ text: String) throws(IdentifierError) {
    let read = try IdentifierText(text, Self.kind)
    try read.require(length: 10)
    try read.requireDigits(0..<10)
    self.text = read.string
  }

  /// Nil for a type that the product does not know.
  package var type: SchoolType? { SchoolType(rawValue: String(text.prefix(2))) }

  /// The whole.
  package var masked: String { text }

  package var warnings: [IdentifierWarning] {
    let region = Province.warning(text.utf8.dropFirst(2).prefix(2))
    return (type == nil ? [.unknownSchoolType] : []) + [region].compactMap { $0 }
  }
}

/// The code of a county or district, GB/T 2260, six digits. It is public. Codes that begin with 99
/// are free for invented districts.
package struct DistrictCode: Identifier {
  package static let kind = IdentifierKind.districtCode

  package let text: String

  /// - Throws: an error whose reason is a lost digit, a wrong length or character, or an unknown
  ///   province.
  package init(_ text: String) throws(IdentifierError) {
    let read = try IdentifierText(text, Self.kind)
    try read.require(length: 6)
    try read.requireDigits(0..<6)
    if Province.warning(read.bytes[..<2]) == .unknownRegion {
      throw read.error(.unknownProvince)
    }
    self.text = read.string
  }

  /// The whole.
  package var masked: String { text }

  package var warnings: [IdentifierWarning] {
    [Province.warning(text.utf8.prefix(2))].compactMap { $0 }
  }
}
