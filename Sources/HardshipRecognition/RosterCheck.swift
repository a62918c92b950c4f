/// What a roster's tier and category mean under the rules, and where they do not agree.
public struct RosterCheck: Hashable, Sendable {
  /// What the tier says; nil if it is empty or not known.
  public let tier: Tier?
  /// The category with the hardest default tier among those named; nil if none is known.
  public let category: Category?
  public let disagreements: [Disagreement]
}

/// One point in which a roster and the rules do not agree. It is for a person to look at: the
/// roster may be right, as where a school has decided on a harder tier for good reason.
public struct Disagreement: Hashable, Sendable, Codable {
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    case unknownTier = "unknown-tier"
    case unknownCategory = "unknown-category"
    /// Recorded in an easier tier than the rules give.
    case tierBelowRule = "tier-below-rule"
    /// Recorded in a harder tier, which needs the school's justification.
    case tierAboveRule = "tier-above-rule"
  }

  public let code: Code
  public let zh: String
  public let en: String
  /// The document and the place in it.
  public let ruleRef: String
  /// Whether it rests on something that was not read in the rule itself.
  public let restsOnUnverified: Bool
}

extension RuleSet {
  /// Compares what a roster records with the rules.
  ///
  /// - Parameters:
  ///   - tier: The cell of the tier, such as 一般困难; nil or empty if there is none.
  ///   - category: The cell of the category, such as 孤儿 or 低保、残疾; nil or empty if none.
  public func check(tier tierCell: String?, category categoryCell: String?) -> RosterCheck {
    var found: [Disagreement] = []
    let tierCell = tierCell ?? ""
    let recorded = plain(tierCell).isEmpty ? nil : tier(matching: tierCell)
    if recorded == nil && !plain(tierCell).isEmpty { found.append(unknownTier(tierCell)) }

    let reading = categories(in: categoryCell ?? "")
    found += reading.unknown.map(unknownCategory)
    let match = hardest(reading.matches)
    if let recorded, let match, let ruled = match.category.defaultTier, recorded != ruled {
      found.append(otherTier(recorded, ruled, match))
    }
    return RosterCheck(tier: recorded, category: match?.category, disagreements: found)
  }

  /// The first of the hardest; a category whose tier the school decides comes last.
  private func hardest(_ matches: [CategoryMatch]) -> CategoryMatch? {
    let tiers = matches.compactMap(\.category.defaultTier)
    guard let hardest = tiers.max() else { return matches.first }
    return matches.first { $0.category.defaultTier == hardest }
  }

  private func unknownTier(_ label: String) -> Disagreement {
    let known = tiers.map(\.label.zh).joined(separator: "、")
    return Disagreement(
      code: .unknownTier, zh: "“\(label)”不是本办法的等级；可用等级：\(known)",
      en: "“\(label)” is no tier of the rules; they know \(known)", ruleRef: document,
      restsOnUnverified: tiers.contains { !$0.verified })
  }

  private func unknownCategory(_ label: String) -> Disagreement {
    let known = categories.map(\.label.zh).joined(separator: "、")
    return Disagreement(
      code: .unknownCategory, zh: "“\(label)”不是本办法的类别；可用类别：\(known)",
      en: "“\(label)” is no category of the rules; they know \(known)", ruleRef: document,
      restsOnUnverified: categories.contains { !$0.verified })
  }

  private func otherTier(_ recorded: Tier, _ ruled: Tier, _ match: CategoryMatch) -> Disagreement {
    let category = match.category
    let (recordedLabel, ruledLabel) = (label(of: recorded), label(of: ruled))
    let isBelow = recorded < ruled
    let zhAdvice = isBelow ? "请核对等级" : "提高等级须由学校说明理由"
    let enAdvice = isBelow ? "check the tier" : "a harder tier needs the school's justification"
    return Disagreement(
      code: isBelow ? .tierBelowRule : .tierAboveRule,
      zh: "\(category.label.zh)登记为\(recordedLabel.zh)，本办法\(category.numeral)类为\(ruledLabel.zh)；"
        + zhAdvice,
      en: "\(category.label.en) is recorded as \(recordedLabel.en), and the rules give "
        + "\(ruledLabel.en) to \(category.numeral); \(enAdvice)",
      ruleRef: cite(category.reference), restsOnUnverified: !match.verified)
  }
}
