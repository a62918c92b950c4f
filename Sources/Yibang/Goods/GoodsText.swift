/// Goods as donation sheets write them: 书包20个; 图书 100 本; 铅笔10支、橡皮20块; 大米5袋(约500元).
struct GoodsText: Sendable, Hashable {
  struct Piece: Sendable, Hashable {
    let name: String
    let unit: String
    let quantity: Int64
    /// What the donor says that all of them are worth.
    let value: Money?
  }

  let pieces: [Piece]
  /// Money in the same cell: 500元、书包20个.
  let money: Money?

  /// Whether the text may mean goods: a measure word after a number, or a word without any number.
  static func mayBeGoods(_ text: String) -> Bool {
    text.contains { $0.isLetter && !"元圆角分万千百十".contains($0) }
      && text.firstMatch(of: counted) != nil
  }

  // Words by which things are counted, the longer ones first. Built when used: a Regex is not Sendable.
  private static var counted: Regex<(Substring, Substring, Substring)> {
    /([0-9][0-9,]*|[零〇一二两三四五六七八九十百千万]+) ?(公斤|千克|个|本|套|件|支|只|双|箱|包|袋|台|盒|册|副|床|张|瓶|斤|块|条|把|桶|提|份|捆|顶|辆|架|组|打|罐|听|卷|幅|部|枝|根|对|盏|组|吨|米|升|袋装|令)/
  }
  private static var hint: Regex<(Substring, Substring?, Substring?)> {
    /\(?(?:折合|折价|价值|总价|市价|共计|合计|约|计|值|合|人民币|¥| )+([0-9][0-9,.]*万?元?)\)?$|\(([0-9][0-9,.]*万?元)\)$/
  }

  /// - Returns: nil where the text cannot be understood exactly.
  init?(_ text: String) {
    var pieces: [Piece] = []
    var money: Money?
    for part in Self.parts(text) {
      if part.contains("元") || part.contains("¥"), let amount = try? Money(parsing: part) {
        guard money == nil, amount.fen > 0 else { return nil }
        money = amount
      } else if let piece = Self.piece(part) {
        pieces.append(piece)
      } else {
        return nil
      }
    }
    guard !pieces.isEmpty else { return nil }
    self.pieces = pieces
    self.money = money
  }

  /// The text parted at 、 and its like, but not within a number or in brackets.
  private static func parts(_ text: String) -> [String] {
    let characters = Array(normalizeText(text))
    var parts: [String] = [""]
    var depth = 0
    for (index, character) in characters.enumerated() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      let isInNumber =
        character == "," && index > 0 && index + 1 < characters.count
        && characters[index - 1].isNumber && characters[index + 1].isNumber
      if depth == 0, "、,;，；。+和及\n".contains(character), !isInNumber {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map(normalizeText).filter { !$0.isEmpty }
  }

  private static func piece(_ part: String) -> Piece? {
    var rest = part[...]
    var value: Money?
    if let found = rest.firstMatch(of: hint) {
      let digits = String(found.1 ?? found.2 ?? "")
      guard let amount = try? Money(parsing: digits), amount.fen > 0 else { return nil }
      value = amount
      rest = rest[..<found.range.lowerBound]
    }
    let bare = String(rest).filter { $0 != " " }
    let matches = bare.matches(of: counted)
    guard matches.count == 1, let match = matches.first else { return nil }
    let before = bare[..<match.range.lowerBound]
    let after = bare[match.range.upperBound...]
    guard before.isEmpty != after.isEmpty, let quantity = number(match.1), quantity > 0 else {
      return nil
    }
    let name = before.isEmpty ? after : before
    guard isName(name) else { return nil }
    return Piece(name: String(name), unit: String(match.2), quantity: quantity, value: value)
  }

  private static func number(_ text: Substring) -> Int64? {
    let digits = text.filter { $0 != "," }
    let number: Int64? =
      digits.allSatisfy(\.isASCII)
      ? Int64(digits)
      : (try? ChineseNumeral.value(digits.unicodeScalars)).flatMap { Int64(exactly: $0) }
    return number.flatMap { $0 <= Goods.largestQuantity ? $0 : nil }
  }

  /// A thing's name: no number, no vague word, nothing that money is written with.
  private static func isName(_ name: Substring) -> Bool {
    let vague = ["约", "余", "多", "近", "几", "若干", "左右", "等", "一批", "元", "各"]
    return name.count <= 30 && name.contains(where: \.isLetter)
      && !name.contains(where: \.isNumber) && !vague.contains(where: name.contains)
      && name.allSatisfy { $0.isLetter || "·-()《》“”/".contains($0) }
  }
}
