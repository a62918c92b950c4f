/// An amount of Chinese yuan in whole fen. It may be negative, as a difference or a reversal is.
///
/// Arithmetic neither traps nor wraps: a sum that does not fit is ``MoneyError/overflow``. There is
/// no floating point in it and no way to add a bare number.
package struct Money: Hashable, Sendable {
  /// The amount in fen, a hundredth of a yuan.
  package let fen: Int64

  package init(fen: Int64) {
    self.fen = fen
  }

  package static let zero = Money(fen: 0)

  package var isNegative: Bool { fen < 0 }
}

extension Money: Comparable {
  package static func < (left: Money, right: Money) -> Bool { left.fen < right.fen }
}

extension Money {
  /// - Throws: ``MoneyError/overflow``.
  package static func + (left: Money, right: Money) throws(MoneyError) -> Money {
    let (sum, overflow) = left.fen.addingReportingOverflow(right.fen)
    guard !overflow else { throw .overflow }
    return Money(fen: sum)
  }

  /// - Throws: ``MoneyError/overflow``.
  package static func - (left: Money, right: Money) throws(MoneyError) -> Money {
    let (difference, overflow) = left.fen.subtractingReportingOverflow(right.fen)
    guard !overflow else { throw .overflow }
    return Money(fen: difference)
  }

  /// - Throws: ``MoneyError/overflow``.
  package static prefix func - (money: Money) throws(MoneyError) -> Money {
    try .zero - money
  }

  /// The amount that many times over.
  ///
  /// - Throws: ``MoneyError/overflow``.
  package static func * (money: Money, count: Int64) throws(MoneyError) -> Money {
    let (product, overflow) = money.fen.multipliedReportingOverflow(by: count)
    guard !overflow else { throw .overflow }
    return Money(fen: product)
  }

  /// Divides the amount into instalments that add up to it exactly: all are equal but the last,
  /// which takes the remainder. ¥1,000.00 in three is 333.33, 333.33 and 333.34.
  ///
  /// - Precondition: `count` is at least 1.
  package func split(into count: Int) -> [Money] {
    precondition(count >= 1, "at least one instalment")
    let (share, remainder) = fen.quotientAndRemainder(dividingBy: Int64(count))
    let equal = Array(repeating: Money(fen: share), count: count - 1)
    return equal + [Money(fen: share + remainder)]
  }
}

extension Sequence<Money> {
  /// The sum, which does not depend on the order of the amounts.
  ///
  /// - Throws: ``MoneyError/overflow`` if the sum does not fit, whatever the sums on the way.
  package func total() throws(MoneyError) -> Money {
    var sum: Int128 = 0
    for money in self { sum += Int128(money.fen) }
    guard let fen = Int64(exactly: sum) else { throw .overflow }
    return Money(fen: fen)
  }
}

extension Money: Codable {
  private enum CodingKeys: String, CodingKey {
    case fen, text
  }

  /// Reads `fen` alone: the text is for people.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    fen = try container.decode(Int64.self, forKey: .fen)
  }

  /// Writes `{"fen": 123456, "text": "¥1,234.56"}`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(fen, forKey: .fen)
    try container.encode(description, forKey: .text)
  }
}
