/// One of the groups of pupils whom a rule set names, such as 孤儿.
public struct Category: Hashable, Sendable, Codable {
  /// Stable within the rule set and its later versions, such as `orphan`.
  public let code: String
  /// Its number in the rule, such as `（三）`.
  public let numeral: String
  public let label: Phrase
  public let definition: Phrase
  /// The tier that the rule gives to the whole group; nil where the school decides case by case.
  public let defaultTier: Tier?
  /// What sheets write for it, besides the label.
  public let synonyms: [Synonym]
  /// The codes of the departments of which one must confirm it. Empty where the school itself
  /// establishes the case.
  public let departments: [String]
  /// The place in the rule, such as 第十条（三）.
  public let reference: String
  /// Whether the group and its place were read in the rule or in a text that quotes it.
  public let verified: Bool
  /// Where they were read, or on what they are assumed.
  public let source: Phrase

  public init(
    code: String, numeral: String, label: Phrase, definition: Phrase, defaultTier: Tier?,
    synonyms: [Synonym], departments: [String], reference: String, verified: Bool, source: Phrase
  ) {
    self.code = code
    self.numeral = numeral
    self.label = label
    self.definition = definition
    self.defaultTier = defaultTier
    self.synonyms = synonyms
    self.departments = departments
    self.reference = reference
    self.verified = verified
    self.source = source
  }
}

/// A word that sheets use for a category.
public struct Synonym: Hashable, Sendable, Codable {
  public let text: String
  /// Whether the rule itself puts this group into the category; if not, it is an assumption.
  public let verified: Bool

  public init(_ text: String, verified: Bool) {
    self.text = text
    self.verified = verified
  }
}

/// A public body whose word the rule accepts as proof.
public struct Department: Hashable, Sendable, Codable {
  /// Stable, such as `civil-affairs`.
  public let code: String
  public let label: Phrase

  public init(code: String, label: Phrase) {
    self.code = code
    self.label = label
  }
}

/// A circumstance that the school weighs, such as the family's income.
public struct Factor: Hashable, Sendable, Codable {
  /// Stable, such as `household-economy`.
  public let code: String
  public let label: Phrase
  public let definition: Phrase
  /// The place in the rule.
  public let reference: String
  public let verified: Bool

  public init(
    code: String, label: Phrase, definition: Phrase, reference: String, verified: Bool
  ) {
    self.code = code
    self.label = label
    self.definition = definition
    self.reference = reference
    self.verified = verified
  }
}
