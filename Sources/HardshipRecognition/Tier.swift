/// How hard a pupil's circumstances are, by a scale that every rule set shares. A rule set says
/// which of the three it uses and what it calls them.
///
/// Tiers are ordered: ``special`` is the hardest and the greatest.
public enum Tier: String, Hashable, Sendable, Codable, CaseIterable {
  /// 一般困难.
  case general
  /// 困难.
  case difficult
  /// 特别困难.
  case special

  /// The usual name, where no rule set gives another: see ``RuleSet/label(of:)``.
  public var label: Phrase {
    switch self {
    case .general: Phrase(zh: "一般困难", en: "general hardship")
    case .difficult: Phrase(zh: "困难", en: "hardship")
    case .special: Phrase(zh: "特别困难", en: "special hardship")
    }
  }
}

extension Tier: Comparable {
  public static func < (left: Tier, right: Tier) -> Bool { left.rank < right.rank }

  /// Its place in ``allCases``.
  var rank: Int {
    switch self {
    case .general: 0
    case .difficult: 1
    case .special: 2
    }
  }
}

/// A tier as a rule set defines it.
public struct TierRule: Hashable, Sendable, Codable {
  public let tier: Tier
  /// The rule's own name, such as 特别困难.
  public let label: Phrase
  /// What else sheets write for it, such as 特困 or, where the rule grades by letters, A.
  public let synonyms: [String]
  public let definition: Phrase
  /// Whether this was read in the rule or in a text that quotes it.
  public let verified: Bool
  /// The code of a ``RuleSet/Source``.
  public let source: String
}
