extension Money {
  /// Reads an amount as people and sheets write it: `¥1,000`, `1000元`, `１０００．５０`,
  /// `1 000.00`, `RMB 1,234.5`, `1.2万`, `12元5角`, `五百元`, `两千`,
  /// `人民币壹仟贰佰叁拾肆元伍角陆分`, `壹仟元整`. Never guesses: what may mean two amounts, or
  /// none exactly, is refused.
  ///
  /// - Parameter allowNegative: Whether `-5`, `负五元` and the accountants' `(5.00)` are meant.
  package init(parsing text: String, allowNegative: Bool = false) throws(MoneyError) {
    var body = normalizeText(text).unicodeScalars.map(Self.upperCase)[...]
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

  private static func upperCase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    ("a"..."z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) - 0x20) : scalar
  }

  private static let approximations: [Unicode.Scalar: [[Unicode.Scalar]]] = {
    let words = [
      "约", "余", "多", "近", "几", "左右", "上下", "以上", "以下", "以内", "不足", "若干",
    ]
    return Dictionary(grouping: words.map { Array($0.unicodeScalars) }) { $0[0] }
  }()

  private static func isApproximate(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    if text.last == "+" { return true }
    return text.indices.contains { index in
      guard !text[index].isASCII, let words = approximations[text[index]] else { return false }
      return words.contains { text[index...].starts(with: $0) }
    }
  }

  private static let wordsBefore = ["人民币", "RMB", "CNY", "¥", "(大写)", "(小写)", ":", " "]
    .map { Array($0.unicodeScalars) }
  private static let wordsAfter = ["人民币", "RMB", "CNY", "整", "正", " "]
    .map { Array($0.unicodeScalars) }

  /// Takes away what surrounds the number, and tells whether a minus was among it.
  private static func removeSignAndCurrency(_ text: inout ArraySlice<Unicode.Scalar>) -> Bool {
    var hasMinus = false
    if text.first == "(", text.last == ")" {
      text = text.dropFirst().dropLast()
      hasMinus = true
    }
    while let first = text.first, let last = text.last, !first.isDigit || !last.isDigit {
      if let word = wordsBefore.first(where: { text.starts(with: $0) }) {
        text.removeFirst(word.count)
      } else if !hasMinus, first == "-" || first == "−" || first == "负" {
        text.removeFirst()
        hasMinus = true
      } else if let word = wordsAfter.first(where: { text.suffix($0.count).elementsEqual($0) }) {
        text.removeLast(word.count)
      } else {
        break
      }
    }
    return hasMinus
  }

  private static func isScientific(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let mark = text.firstIndex(of: "E"), mark > text.startIndex else { return false }
    var exponent = text[(mark + 1)...]
    if exponent.first == "+" || exponent.first == "-" { exponent.removeFirst() }
    return !exponent.isEmpty && exponent.allSatisfy(\.isDigit)
      && text[..<mark].allSatisfy { $0.isDigit || $0 == "." }
  }

  private static let dashes: Set<Unicode.Scalar> = ["-", "~", "–", "—", "至", "到"]

  private static func isRange(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    text.dropFirst().dropLast().contains { dashes.contains($0) }
      && text.first.map(dashes.contains) == false && text.last.map(dashes.contains) == false
  }

  private static let yuanWords: Set<Unicode.Scalar> = ["元", "圆", "圓", "块"]

  /// The amount without sign and currency, split where 元 stands.
  private static func fen(in text: ArraySlice<Unicode.Scalar>) throws(MoneyError) -> Int128 {
    guard let mark = text.firstIndex(where: yuanWords.contains) else {
      let isSmallChange = text.contains { $0 == "角" || $0 == "毛" || $0 == "分" }
      return isSmallChange ? try smallChange(text) : try number(text)
    }
    let change = text[(mark + 1)...].drop { $0 == " " }
    let yuan = text[..<mark]
    let amount = try number(yuan)
    if change.isEmpty { return amount }
    if yuan.contains(".") { throw .unreadable }
    return amount + (try smallChange(change))
  }

  /// Reads 伍角陆分, 零陆分, 5角: at most one digit each.
  private static func smallChange(_ text: ArraySlice<Unicode.Scalar>) throws(MoneyError) -> Int128 {
    var fen = 0
    var largestUnit = 100
    var digit: Int?
    for character in text {
      let arabic = character.isDigit ? Int(character.value) - 0x30 : nil
      if let value = arabic ?? ChineseNumeral.digit(character) {
        guard digit == nil || digit == 0 else { throw .unreadable }
        digit = value
        continue
      }
      let unit = character == "分" ? 1 : character == "角" || character == "毛" ? 10 : 100
      guard let value = digit, unit < largestUnit else { throw .unreadable }
      fen += value * unit
      largestUnit = unit
      digit = nil
    }
    guard digit == nil else { throw .unreadable }
    return Int128(fen)
  }

  /// An amount in yuan, in digits or Chinese numerals, as fen.
  private static func number(_ text: ArraySlice<Unicode.Scalar>) throws(MoneyError) -> Int128 {
    var text = text
    while text.last == " " { text.removeLast() }
    guard let first = text.first else { throw .unreadable }
    if first.isDigit { return try ArabicAmount.fen(text) }
    let yuan = try ChineseNumeral.value(text.lazy.filter { $0 != " " })
    return yuan * 100
  }
}

extension Unicode.Scalar {
  /// Whether this is an ASCII digit.
  var isDigit: Bool { ("0"..."9").contains(self) }
}
