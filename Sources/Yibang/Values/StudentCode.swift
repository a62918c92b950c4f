/// A pupil's number in the national school roll (学籍号), 19 characters.
package struct StudentCode: Identifier {
  package enum Form: String, Hashable, Sendable {
    /// G and the pupil's resident ID.
    case fromResidentID = "G"
    /// J and 18 characters, for a pupil without a resident ID.
    case withoutResidentID = "J"
    /// L and 18 characters, until another is given.
    case temporary = "L"
  }

  package static let kind = IdentifierKind.studentCode

  package let text: String
  package let form: Form
  /// The number behind a G.
  package let residentID: ResidentID?

  /// - Throws: an error whose reason is a lost digit, a wrong length, prefix or character, or,
  ///   behind a G, whatever is wrong with the resident ID.
  package init(_ text: String) throws(IdentifierError) {
    let read = try IdentifierText(text, Self.kind)
    guard let first = read.bytes.first, let form = Form(rawValue: String(UnicodeScalar(first)))
    else { throw read.error(.wrongPrefix) }
    try read.require(length: 19)
    if form == .fromResidentID {
      do throws(IdentifierError) {
        residentID = try ResidentID(IdentifierText(read.bytes.dropFirst(), .residentID))
      } catch {
        throw read.error(error.reason)
      }
    } else {
      try read.requireDigits(1..<18)
      guard let last = read.bytes.last, last.isDigit || last == UInt8(ascii: "X") else {
        throw read.error(.illegalCharacter)
      }
      residentID = nil
    }
    self.text = read.string
    self.form = form
  }

  package var warnings: [IdentifierWarning] { residentID?.warnings ?? [] }

  /// `G99***************7`, as revealing as a masked resident ID.
  package var masked: String { starred(keepingFirst: 3, last: 1) }
}
