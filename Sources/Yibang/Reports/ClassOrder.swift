/// Puts grades and classes in the order in which a school counts them: 二年级 before 三年级, 九班
/// before 十班 and 2班 before 10班, which the order of characters does not give.
struct ClassOrder: Comparable {
  private enum Part: Comparable {
    case number(Int)
    case text(String)
  }

  private let parts: [Part]

  init(_ name: String?) {
    var parts: [Part] = []
    var text = ""
    var digits: [Character] = []
    for character in name ?? "" {
      if Self.values[character] != nil {
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        digits.append(character)
      } else {
        if !digits.isEmpty { parts.append(.number(Self.number(digits))) }
        digits = []
        text.append(character)
      }
    }
    if !digits.isEmpty { parts.append(.number(Self.number(digits))) }
    if !text.isEmpty { parts.append(.text(text)) }
    self.parts = parts
  }

  static func < (left: ClassOrder, right: ClassOrder) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }

  private static let values: [Character: Int] = {
    var values: [Character: Int] = ["十": 10]
    for (value, digit) in "0123456789".enumerated() { values[digit] = value }
    for (value, digit) in "零一二三四五六七八九".enumerated() { values[digit] = value }
    return values
  }()

  /// 12, 十二, 二十 and 二十三; at most the first nine characters count.
  private static func number(_ digits: [Character]) -> Int {
    var number = 0
    for digit in digits.prefix(9) {
      let value = values[digit] ?? 0
      if digit == "十" {
        number = max(number, 1) * 10
      } else if number.isMultiple(of: 10), number > 0, digits.contains("十") {
        number += value
      } else {
        number = number * 10 + value
      }
    }
    return number
  }
}
