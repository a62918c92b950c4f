/// A category found for what a sheet says.
public struct CategoryMatch: Hashable, Sendable {
  public let category: Category
  /// Whether both the category and the word for it were read in the rule.
  public let verified: Bool
}

/// What a cell of a sheet says about categories, which may be several: 低保、残疾.
public struct LabelReading: Hashable, Sendable {
  /// In the order of the rule, each once.
  public let matches: [CategoryMatch]
  /// The parts that are no known category, as written.
  public let unknown: [String]
}

extension RuleSet {
  /// The one category that a label, code or number means: 孤儿, 低保户, `orphan`, （三）.
  ///
  /// Whole words only: 非低保 is not 低保. Full-width forms, spaces, a number before the label, and
  /// endings such as 学生 or 家庭 make no difference.
  ///
  /// - Returns: nil if the label means none, or several.
  public func category(matching label: String) -> Category? {
    let reading = categories(in: label)
    return reading.unknown.isEmpty && reading.matches.count == 1
      ? reading.matches.first?.category : nil
  }

  /// All categories that a cell names, with 、 ， ； / or a line break between them.
  public func categories(in cell: String) -> LabelReading {
    var matches: [CategoryMatch] = []
    var unknown: [String] = []
    if let whole = match(cell) { return LabelReading(matches: [whole], unknown: []) }
    for part in cell.split(whereSeparator: { "、,，;；/+＋\n\r".contains($0) }) {
      let label = String(part)
      if plain(label).isEmpty { continue }
      if let match = match(label) {
        matches.append(match)
      } else {
        unknown.append(label)
      }
    }
    return LabelReading(matches: inRuleOrder(matches), unknown: unknown)
  }

  /// The tier that a label means, such as 特困, 特别困难 or 特别困难学生.
  public func tier(matching label: String) -> Tier? {
    let key = tierKey(label)
    return tiers.first { tierKeys($0).contains(key) || $0.tier.rawValue == key }?.tier
  }

  func categoryKeys(_ category: Category) -> [String] {
    ([category.label.zh] + category.synonyms.map(\.text)).map(categoryKey)
  }

  func tierKeys(_ rule: TierRule) -> [String] {
    ([rule.label.zh] + rule.synonyms).map(tierKey)
  }

  private func match(_ label: String) -> CategoryMatch? {
    let text = plain(label)
    for category in categories where text == category.code || text == plain(category.numeral) {
      return CategoryMatch(category: category, verified: category.verified)
    }
    let key = categoryKey(text)
    guard !key.isEmpty else { return nil }
    for category in categories {
      let isLabel = categoryKey(category.label.zh) == key
      let synonym = category.synonyms.first { categoryKey($0.text) == key }
      guard isLabel || synonym != nil else { continue }
      let isVerifiedWord = isLabel || synonym?.verified == true
      return CategoryMatch(category: category, verified: category.verified && isVerifiedWord)
    }
    return nil
  }

  /// Each category once; a verified word outweighs an assumed one for the same category.
  private func inRuleOrder(_ matches: [CategoryMatch]) -> [CategoryMatch] {
    categories.compactMap { category in
      let same = matches.filter { $0.category == category }
      return same.first { $0.verified } ?? same.first
    }
  }

  /// The words without number before them and endings behind.
  private func categoryKey(_ label: String) -> String {
    var text = plain(label)
    for numeral in categories.map({ plain($0.numeral) }) where text.hasPrefix(numeral) {
      text.removeFirst(numeral.count)
    }
    return withoutEndings(text, ["学生", "家庭", "儿童", "人员", "对象", "户"])
  }

  private func tierKey(_ label: String) -> String {
    var text = withoutEndings(plain(label), ["学生", "生", "等级", "档次"])
    for prefix in ["家庭经济"] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
    return text
  }
}

/// The text without its endings, of which something must remain.
private func withoutEndings(_ text: String, _ endings: [String]) -> String {
  var text = text
  while let ending = endings.first(where: { text.hasSuffix($0) && text.count > $0.count }) {
    text.removeLast(ending.count)
  }
  return text
}

/// The text in lower case without white space, with full-width forms as ASCII.
func plain(_ text: String) -> String {
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0xFEFF, 0x200B...0x200F, 0x2060: continue
    case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
    default: if !scalar.properties.isWhitespace { scalars.append(scalar) }
    }
  }
  return String(scalars).lowercased()
}
