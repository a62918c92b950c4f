/// A number or code that identifies a person, a school, a district or an account.
///
/// Describing, printing or reflecting one gives only ``masked``, so that no log and no error shows
/// a person's number by accident; ``text`` is the way to the whole. None is `Codable`: what leaves
/// the house says itself which of the two it shows.
package protocol Identifier: Hashable, Sendable, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  static var kind: IdentifierKind { get }

  /// The whole, in its one normal form: half-width, no spaces, upper case.
  var text: String { get }

  /// What may be shown to a person who has no right to the whole.
  var masked: String { get }

  /// What is odd but no error.
  var warnings: [IdentifierWarning] { get }

  /// Reads an identifier as sheets hold it, with full-width characters, spaces, lower case, or an
  /// apostrophe before it.
  init(_ text: String) throws(IdentifierError)
}

extension Identifier {
  package var description: String { masked }
  package var debugDescription: String { masked }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Which identifier an error is about.
package enum IdentifierKind: String, Hashable, Sendable, CaseIterable {
  case residentID, creditCode, studentCode, schoolCode, districtCode, mobile, bankCard

  package var name: Text {
    switch self {
    case .residentID: Text(zh: "身份证号", en: "resident ID number")
    case .creditCode: Text(zh: "统一社会信用代码", en: "unified social credit code")
    case .studentCode: Text(zh: "学籍号", en: "student code")
    case .schoolCode: Text(zh: "学校标识码", en: "school code")
    case .districtCode: Text(zh: "行政区划代码", en: "district code")
    case .mobile: Text(zh: "手机号", en: "mobile number")
    case .bankCard: Text(zh: "银行卡号", en: "bank card number")
    }
  }
}
