extension Money {
  /// Reads an amount as people and sheets write it: `¥1,000`, `1000元`, `１０００．５０`,
  /// `1 000.00`, `RMB 1,234.5`, `1.2万`, `12元5角`, `五百元`, `两千`,
  /// `人民币壹仟贰佰叁拾肆元伍角陆分`, `壹仟元整`. Never guesses: what may mean two amounts, or
  /// none exactly, is refused.
  ///
  /// - Parameter allowNegative: Whether `-5`, `负五元` and the accountants' `(5.00)` are meant.
  package init(parsing text: String, allowNegative: Bool = false) throws(MoneyError) {
    var body = Array(normalizeText(text).uppercased())
    if body.isEmpty { throw .empty }
    if body.count > 80 { throw .unreadable }
    if Self.isApproximate(body) { throw .approximate }
    let hasSign = Self.removeSignAndCurrency(&body)
    if Self.isScientific(body) { throw .scientific }
    if Self.isRange(body) { throw .range }

    let magnitude = try Self.fen(in: body)
    if hasSign && magnitude > 0 && !allowNegative { throw .negative }
    guard let fen = Int64(exactly: hasSign ? -magnitude : magnitude) else { throw .overflow }
    self.init(fen: fen)
  }

  private static func isApproximate(_ text: [Character]) -> Bool {
    let text = String(text)
    let words = ["约", "左右", "余", "多", "近", "几", "若干", "上下", "以上", "以下", "不足"]
    return text.hasSuffix("+") || words.contains { text.contains($0) }
  }

  /// Takes away what surrounds the number, and tells whether a minus was among it.
  private static func removeSignAndCurrency(_ text: inout [Character]) -> Bool {
    let before = ["人民币", "RMB", "CNY", "¥", "(大写)", "(小写)", ":", " "].map(Array.init)
    let after = ["人民币", "RMB", "CNY", "整", "正", " "].map(Array.init)
    var minuses = 0
    if text.first == "(", text.last == ")" {
      text = Array(text.dropFirst().dropLast())
      minuses += 1
    }
    while true {
      if let word = before.first(where: { text.starts(with: $0) }) {
        text.removeFirst(word.count)
      } else if let sign = text.first, minuses == 0, "-−负".contains(sign) {
        text.removeFirst()
        minuses += 1
      } else if let word = after.first(where: { text.reversed().starts(with: $0.reversed()) }) {
        text.removeLast(word.count)
      } else {
        return minuses > 0
      }
    }
  }

  private static func isScientific(_ text: [Character]) -> Bool {
    guard let mark = text.firstIndex(of: "E") else { return false }
    let exponent = text[(mark + 1)...]
    let digits = exponent.first.map { "+-".contains($0) } == true ? exponent.dropFirst() : exponent
    return !digits.isEmpty && digits.allSatisfy(isDigit)
      && mark > 0 && text[..<mark].allSatisfy { isDigit($0) || $0 == "." }
  }

  private static func isRange(_ text: [Character]) -> Bool {
    guard let mark = text.firstIndex(where: { "-~–—至到".contains($0) }) else { return false }
    return mark > 0 && mark < text.count - 1
  }

  /// The amount without sign and currency, split where 元 stands.
  private static func fen(in text: [Character]) throws(MoneyError) -> Int128 {
    guard let mark = text.firstIndex(where: { "元圆圓块".contains($0) }) else {
      let isSmallChange = text.contains { "角毛分".contains($0) }
      return isSmallChange ? try smallChange(text[...]) : try number(text[...])
    }
    let change = text[(mark + 1)...].drop { $0 == " " }
    let yuan = text[..<mark]
    let amount = try number(yuan)
    if change.isEmpty { return amount }
    if yuan.contains(".") { throw .unreadable }
    return amount + (try smallChange(change))
  }

  /// Reads 伍角陆分, 零陆分, 5角: at most one digit each.
  private static func smallChange(_ text: ArraySlice<Character>) throws(MoneyError) -> Int128 {
    var fen = 0
    var largestUnit = 100
    var digit: Int?
    for character in text {
      if let value = ChineseNumeral.digit(character) ?? character.wholeNumberValue {
        guard digit == nil || digit == 0 else { throw .unreadable }
        digit = value
        continue
      }
      let unit = character == "分" ? 1 : "角毛".contains(character) ? 10 : 100
      guard let value = digit, unit < largestUnit else { throw .unreadable }
      fen += value * unit
      largestUnit = unit
      digit = nil
    }
    guard digit == nil else { throw .unreadable }
    return Int128(fen)
  }

  /// An amount in yuan, in digits or Chinese numerals, as fen.
  private static func number(_ text: ArraySlice<Character>) throws(MoneyError) -> Int128 {
    var text = text
    while text.last == " " { text.removeLast() }
    guard let first = text.first else { throw .unreadable }
    if isDigit(first) { return try ArabicAmount.fen(text) }
    let yuan = try ChineseNumeral.value(text.filter { $0 != " " })
    return yuan * 100
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }
}
