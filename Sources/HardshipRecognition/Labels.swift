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
    index.labels.read(cell) { word in
      let category = categories[word.category]
      matches.append(
        CategoryMatch(category: category, verified: category.verified && word.verified))
    } unknown: {
      unknown.append($0)
    }
    return LabelReading(matches: inRuleOrder(matches), unknown: unknown)
  }

  /// The tier that a label means, such as 特困, 特别困难 or 特别困难学生.
  public func tier(matching label: String) -> Tier? {
    index.labels.tiers[LabelIndex.tierKey(label)]
  }

  /// Each category once; a verified word outweighs an assumed one for the same category.
  private func inRuleOrder(_ matches: [CategoryMatch]) -> [CategoryMatch] {
    categories.compactMap { category in
      let same = matches.filter { $0.category == category }
      return same.first { $0.verified } ?? same.first
    }
  }
}

/// All words of a rule set by their bare form, so that a roster of any length is read quickly.
struct LabelIndex: Sendable {
  struct Word: Sendable {
    /// The category's place in the rule set.
    let category: Int
    let verified: Bool
  }

  /// Tiers by the bare forms of their labels.
  private(set) var tiers: [String: Tier] = [:]
  /// One label for two tiers: the label, and the later tier.
  private(set) var sharedByTiers: [(label: String, tier: Tier)] = []
  /// One word for two categories: the word, and the place of the later category, which it does not
  /// reach.
  private(set) var shadowed: [(word: String, category: Int)] = []

  private var words: [String: Word] = [:]
  private let numerals: [String]

  init(tiers rules: [TierRule], categories: [Category]) {
    numerals = categories.map { plain($0.numeral) }
    for rule in rules {
      for label in [rule.tier.rawValue, rule.label.zh] + rule.synonyms {
        let other = tiers.updateValue(rule.tier, forKey: Self.tierKey(label))
        if let other, other != rule.tier { sharedByTiers.append((label, rule.tier)) }
      }
    }
    for (index, category) in categories.enumerated() {
      add(plain(category.code), Word(category: index, verified: true))
      add(numerals[index], Word(category: index, verified: true))
      add(categoryKey(category.label.zh), Word(category: index, verified: true))
      for synonym in category.synonyms {
        add(categoryKey(synonym.text), Word(category: index, verified: synonym.verified))
      }
    }
  }

  /// The first meaning of a word stays.
  private mutating func add(_ key: String, _ word: Word) {
    if let other = words[key] {
      if other.category != word.category { shadowed.append((key, word.category)) }
    } else {
      words[key] = word
    }
  }

  private func word(_ label: String) -> Word? {
    // A code, as programs write it, is its own bare form.
    if let word = words[label] { return word }
    let text = plain(label)
    return words[text] ?? words[categoryKey(text)]
  }

  /// Tells the categories that a cell names, and the parts that name none.
  func read(_ cell: String, known: (Word) -> Void, unknown: (String) -> Void) {
    if let whole = word(cell) { return known(whole) }
    for part in cell.split(whereSeparator: { "、,，;；/+＋\n\r\r\n".contains($0) }) {
      let label = String(part)
      if plain(label).isEmpty { continue }
      if let word = word(label) { known(word) } else { unknown(label) }
    }
  }

  /// Whether any word leads to this category.
  func reaches(_ category: Int) -> Bool {
    words.values.contains { $0.category == category }
  }

  /// The words without the number before them and the endings behind.
  private func categoryKey(_ label: String) -> String {
    var text = plain(label)
    for numeral in numerals where text.hasPrefix(numeral) { text.removeFirst(numeral.count) }
    return withoutEndings(text, ["学生", "家庭", "儿童", "对象", "户"])
  }

  /// The words without 家庭经济 before them and the endings behind.
  static func tierKey(_ label: String) -> String {
    var text = withoutEndings(plain(label), ["学生", "生", "等级", "档次"])
    if text.hasPrefix("家庭经济") { text.removeFirst(4) }
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

/// The text without white space, with full-width forms as ASCII, and ASCII in lower case.
func plain(_ text: String) -> String {
  if text.unicodeScalars.allSatisfy({ (0x4E00...0x9FFF).contains($0.value) }) { return text }
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
    let value = isFullWidth ? scalar.value - 0xFEE0 : scalar.value
    switch value {
    case 0xFEFF, 0x200B...0x200F, 0x2060: continue
    case 0x41...0x5A: scalars.append(Unicode.Scalar(UInt8(value + 0x20)))
    case 0x21...0x7E: scalars.append(Unicode.Scalar(UInt8(value)))
    default: if !scalar.properties.isWhitespace { scalars.append(scalar) }
    }
  }
  return String(scalars)
}

/// Whether there is more than white space in it.
func saysSomething(_ text: String) -> Bool {
  for scalar in text.unicodeScalars {
    if (0x4E00...0x9FFF).contains(scalar.value) || (0x21...0x7E).contains(scalar.value) {
      return true
    }
    if !plain(String(scalar)).isEmpty { return true }
  }
  return false
}
