/// Amounts written in digits, with groups of three and perhaps a unit such as 万 behind.
enum ArabicAmount {
  /// The zeros that a unit stands for.
  private static let zerosOfUnit: [String: Int] = [
    "十": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "萬": 4, "十万": 5, "百万": 6,
    "千万": 7, "亿": 8, "億": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12,
  ]

  /// Reads yuan and gives fen.
  static func fen(_ text: ArraySlice<Unicode.Scalar>) throws(MoneyError) -> Int128 {
    var digits = text.prefix { $0.isDigit || $0 == "." || $0 == "," || $0 == "'" || $0 == " " }
    let unit = text[digits.endIndex...].filter { $0 != " " }
    let zeros = unit.isEmpty ? 0 : zerosOfUnit[String(String.UnicodeScalarView(unit))]
    guard let zeros else { throw .unreadable }

    while digits.last == " " { digits.removeLast() }
    let fields = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard fields.count <= 2, let whole = fields.first else { throw .unreadable }
    let yuan = try ungrouped(whole).drop { $0 == "0" }
    if yuan.count > 20 { throw .overflow }
    var fraction = fields.count == 2 ? fields[1] : []
    if fields.count == 2 && fraction.isEmpty { throw .unreadable }
    if fraction.contains(where: { !$0.isDigit }) { throw .badGrouping }
    while fraction.last == "0" { fraction.removeLast() }
    if fraction.count > 2 + zeros { throw .tooManyDecimals }
    return integer(yuan) * power(zeros + 2) + integer(fraction) * power(zeros + 2 - fraction.count)
  }

  /// The digits without their separators, which must all be alike and part groups of three.
  private static func ungrouped(
    _ text: ArraySlice<Unicode.Scalar>
  ) throws(MoneyError) -> [Unicode.Scalar] {
    guard let separator = text.first(where: { !$0.isDigit }) else { return Array(text) }
    let groups = text.split(separator: separator, omittingEmptySubsequences: false)
    guard separator != "'", let first = groups.first, (1...3).contains(first.count),
      first.first != "0", groups.dropFirst().allSatisfy({ $0.count == 3 }),
      groups.joined().allSatisfy(\.isDigit)
    else { throw .badGrouping }
    return Array(groups.joined())
  }

  private static func integer(_ digits: some Sequence<Unicode.Scalar>) -> Int128 {
    digits.reduce(0) { $0 * 10 + Int128($1.value - 0x30) }
  }

  private static func power(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { product, _ in product * 10 }
  }
}
