/// The number of a receipt: `2199000001-2026-000123`. The book is the school's code, or the district's
/// for gifts to the district; it is numbered anew from 1 every calendar year.
package struct ReceiptNumber: Hashable, Sendable {
  package let book: String
  /// The calendar year of issue, which a school year spans two of.
  package let fiscalYear: Int
  /// 1 to 999,999.
  package let number: Int

  package init(book: String, fiscalYear: Int, number: Int) {
    self.book = book
    self.fiscalYear = fiscalYear
    self.number = number
  }
}

extension ReceiptNumber: LosslessStringConvertible, Codable {
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isOfDigits = parts.allSatisfy { part in part.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    guard parts.count == 3, isOfDigits, [6, 10].contains(parts[0].count), parts[1].count == 4,
      parts[2].count == 6, let year = Int(parts[1]), let number = Int(parts[2]), number > 0
    else { return nil }
    self.init(book: String(parts[0]), fiscalYear: year, number: number)
  }

  package var description: String {
    let digits = String(number)
    return
      "\(book)-\(fiscalYear)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let number = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a receipt's number is written like 2199000001-2026-000123"
      )
    }
    self = number
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ReceiptNumber: CursorValue {
  package static var beforeAll: ReceiptNumber {
    ReceiptNumber(book: "", fiscalYear: 0, number: 0)
  }
}

extension ReceiptNumber: Comparable {
  /// The order of the register: by book, year and number.
  package static func < (left: Self, right: Self) -> Bool {
    (left.book, left.fiscalYear, left.number) < (right.book, right.fiscalYear, right.number)
  }
}
