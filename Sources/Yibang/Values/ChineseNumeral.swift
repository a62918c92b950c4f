/// Whole numbers in Chinese numerals, everyday (五百) and 大写 (伍佰).
enum ChineseNumeral {
  static func digit(_ character: Unicode.Scalar) -> Int? { digits[character] }

  /// Reads numbers such as 十五, 两千零三, 壹万贰仟, 三亿零五万.
  ///
  /// - Throws: ``MoneyError/ambiguous`` for 三千五; ``MoneyError/overflow``;
  ///   ``MoneyError/unreadable``.
  static func value(_ text: some Sequence<Unicode.Scalar>) throws(MoneyError) -> Int128 {
    var reader = Reader()
    for character in text { try reader.read(character) }
    return try reader.finish()
  }

  private static let digits: [Unicode.Scalar: Int] = {
    let forms = [
      "零〇○", "一壹弌", "二贰貳两兩", "三叁叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖",
    ]
    return Dictionary(
      uniqueKeysWithValues: forms.enumerated().flatMap { value, forms in
        forms.unicodeScalars.map { ($0, value) }
      }
    )
  }()

  private static let units: [Unicode.Scalar: Int128] = [
    "十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000,
    "万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000,
  ]

  /// Reads from the left. The number so far is `closed` (what stood before the last 亿), `myriads`
  /// (before the last 万), `section` (below 万) and a digit that waits for its unit.
  private struct Reader {
    private var closed: Int128 = 0
    private var myriads: Int128 = 0
    private var section: Int128 = 0
    private var digit: Int?
    private var afterZero = false
    private var lastUnit: Int128?
    private var isOnlyZero = false

    mutating func read(_ character: Unicode.Scalar) throws(MoneyError) {
      if isOnlyZero { throw .unreadable }
      if let value = digits[character] {
        try read(digit: value)
      } else if let unit = units[character] {
        try read(unit: unit)
      } else {
        throw .unreadable
      }
    }

    private mutating func read(digit value: Int) throws(MoneyError) {
      guard digit == nil else { throw .unreadable }
      if value > 0 {
        digit = value
      } else {
        guard !afterZero else { throw .unreadable }
        isOnlyZero = lastUnit == nil
        afterZero = true
      }
    }

    private mutating func read(unit: Int128) throws(MoneyError) {
      if unit < 10_000 {
        let largest = lastUnit ?? 10_000
        guard unit < largest || largest >= 10_000, let count = digit ?? (unit == 10 ? 1 : nil)
        else { throw .unreadable }
        section += Int128(count) * unit
        digit = nil
      } else if unit == 10_000 {
        try closeSection(isLast: false)
        guard myriads == 0, section > 0 else { throw .unreadable }
        (myriads, section) = (section * unit, 0)
      } else {
        try closeSection(isLast: true)
        let before = closed + myriads + section
        guard before > 0 else { throw .unreadable }
        guard before <= Int128(Int64.max) else { throw .overflow }
        (closed, myriads, section) = (before * unit, 0, 0)
      }
      lastUnit = unit
      afterZero = false
    }

    /// Adds a digit without unit. After 百 or 千 it could also count the unit below, unless a zero
    /// stands before it; after 万 or 亿 likewise, unless a unit follows.
    private mutating func closeSection(isLast: Bool) throws(MoneyError) {
      guard let ones = digit else {
        if afterZero && !isOnlyZero { throw .unreadable }
        return
      }
      let unit = lastUnit ?? 1
      let isAmbiguous = unit >= 100 && (unit < 10_000 || isLast)
      if isAmbiguous && !afterZero { throw .ambiguous }
      section += Int128(ones)
      digit = nil
    }

    mutating func finish() throws(MoneyError) -> Int128 {
      guard digit != nil || lastUnit != nil || isOnlyZero else { throw .unreadable }
      try closeSection(isLast: true)
      let value = closed + myriads + section
      guard value <= Int128(Int64.max) else { throw .overflow }
      return value
    }
  }
}
