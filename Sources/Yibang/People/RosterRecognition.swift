import HardshipRecognition

/// A tier and category as a roster states them, checked against the rule set in force.
struct RosterRecognition: Sendable, Equatable {
  let tier: Tier
  let category: String?
  let disagreements: [Text]

  enum Reading {
    case none
    case recognised(RosterRecognition)
    case unknownTier(known: [String])
    case categoryWithoutTier
  }

  static func read(
    tier tierText: String, category categoryText: String, under rules: RuleSet
  ) -> Reading {
    let nothing = ["", "无", "/", "-", "—", "否", "不困难", "非困难"]
    let noTier = nothing.contains(tierText)
    let noCategory = nothing.contains(categoryText)
    if noTier { return noCategory ? .none : .categoryWithoutTier }
    let check = rules.check(tier: tierText, category: noCategory ? nil : categoryText)
    guard let tier = check.tier else {
      return .unknownTier(known: rules.tiers.map(\.label.zh))
    }
    return .recognised(
      RosterRecognition(
        tier: tier, category: check.category?.code ?? (noCategory ? nil : categoryText),
        disagreements: check.disagreements.map { Text($0.zh, $0.en) }))
  }
}
