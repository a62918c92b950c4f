/// What the rules say about some facts, and why.
public struct Assessment: Hashable, Sendable, Codable {
  /// Nil if the facts do not suffice yet: ``missingProofs`` and ``reasons`` say what for.
  public let tier: Tier?
  /// The code of the category on which the tier rests.
  public let category: String?
  /// In the order in which the answer was reached.
  public let reasons: [Reason]
  /// The proofs that would change the answer. For each, one department's word is enough.
  public let missingProofs: [MissingProof]
  /// Identifies the rules, with ``ruleSetVersion``.
  public let ruleSetID: String
  public let ruleSetVersion: Int

  /// Whether any reason rests on something that was not read in the rule itself, so that a person
  /// should compare it with the rule before relying on the answer.
  public var restsOnUnverified: Bool { reasons.contains { $0.restsOnUnverified } }
}

/// One sentence of an explanation.
public struct Reason: Hashable, Sendable, Codable {
  /// What kind of sentence it is; the values are stable.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    /// A category holds and is proven.
    case categoryProven = "category-proven"
    /// A category is claimed and no accepted department has confirmed it.
    case proofMissing = "proof-missing"
    /// A category holds too, but one is enough.
    case proofNotNeeded = "proof-not-needed"
    /// A claim names no category of the rules.
    case unknownCategory = "unknown-category"
    /// The school's decision gives the tier.
    case schoolDecided = "school-decided"
    /// The school's decision has no justification, or names a tier that the rules do not use.
    case decisionNotUsable = "decision-not-usable"
    /// The school decided on a lower tier than the rules give.
    case decisionBelowRule = "decision-below-rule"
    /// The rules leave the tier to the school, which has not decided.
    case schoolMustDecide = "school-must-decide"
    /// The score gives a tier, or none.
    case scored
    /// The rules need a score and there is none.
    case scoreMissing = "score-missing"
    /// A finding about a factor.
    case finding
    /// A finding about something that is no factor of the rules.
    case unknownFactor = "unknown-factor"
    /// Nothing speaks for hardship.
    case noGround = "no-ground"
  }

  public let code: Code
  public let zh: String
  public let en: String
  /// The document and the place in it.
  public let ruleRef: String
  /// Whether the answer, as far as it depends on this sentence, rests on something that was not
  /// read in the rule itself.
  public let restsOnUnverified: Bool
}

/// A proof that would change the answer.
public struct MissingProof: Hashable, Sendable, Codable {
  /// The category's code.
  public let category: String
  /// The codes of the departments, one of which is enough.
  public let departments: [String]
}
