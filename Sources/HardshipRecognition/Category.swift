/// One of the groups of pupils whom a rule set names, such as 孤儿.
public struct Category: Hashable, Sendable {
  /// What was read in the rule, or in a text that quotes it.
  public struct Verification: Hashable, Sendable, Codable {
    /// The group and its place.
    public let group: Bool
    public let tier: Bool
    public let proofs: Bool
  }

  /// Stable within the rule set and its later versions, such as `orphan`.
  public let code: String
  /// Its number in the rule, such as `（三）`.
  public let numeral: String
  public let label: Phrase
  public let definition: Phrase
  /// The tier that the rule gives to the whole group; nil where the school, or the score, decides.
  public let defaultTier: Tier?
  /// What sheets write for it, besides the label.
  public let synonyms: [Synonym]
  /// What proves it; one is enough. Empty where the school itself establishes the case.
  public let proofs: [AcceptedProof]
  /// The place in the rule, such as 第十条（三）.
  public let reference: String
  public let verification: Verification
  /// The code of a ``RuleSet/Source``.
  public let source: String

  /// Whether all of it was read in the rule.
  public var verified: Bool { verification.group && verification.tier && verification.proofs }

  /// The codes of the departments of which one must confirm it.
  public var departments: [String] { proofs.map(\.department) }
}

extension Category: Codable {
  private enum CodingKeys: String, CodingKey {
    case code, numeral, label, definition, defaultTier, synonyms, proofs, reference
    case verification = "verified"
    case source
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(numeral, forKey: .numeral)
    try container.encode(label, forKey: .label)
    try container.encode(definition, forKey: .definition)
    try container.encode(defaultTier, forKey: .defaultTier)
    try container.encode(synonyms, forKey: .synonyms)
    try container.encode(proofs, forKey: .proofs)
    try container.encode(reference, forKey: .reference)
    try container.encode(verification, forKey: .verification)
    try container.encode(source, forKey: .source)
  }
}

/// A word that sheets use for a category.
public struct Synonym: Hashable, Sendable, Codable {
  public let text: String
  /// Whether the rule itself puts this group into the category; if not, it is an assumption.
  public let verified: Bool
}

/// A department's word in one of these forms.
public struct AcceptedProof: Hashable, Sendable, Codable {
  /// The department's code in the rule set.
  public let department: String
  public let forms: [Proof.Form]
}

/// A public body whose word the rule accepts as proof.
public struct Department: Hashable, Sendable, Codable {
  /// Stable, such as `civil-affairs`.
  public let code: String
  public let label: Phrase
  public let verified: Bool
  /// The code of a ``RuleSet/Source``.
  public let source: String
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
  /// The code of a ``RuleSet/Source``.
  public let source: String
}

/// What excludes a pupil once it is established, such as 恶意提供虚假信息.
public struct Disqualifier: Hashable, Sendable, Codable {
  /// Stable, such as `false-statement`.
  public let code: String
  public let label: Phrase
  public let definition: Phrase
  /// The place in the rule.
  public let reference: String
  public let verified: Bool
  /// The code of a ``RuleSet/Source``.
  public let source: String
}
