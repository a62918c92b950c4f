extension RuleSet {
  /// What contradicts itself in the data, in English, for whoever edits it; empty for a rule set
  /// that can be used. To be asked after decoding a rule set from a file.
  public var inconsistencies: [String] {
    let usedTiers = Set(tiers.map(\.tier))
    let knownDepartments = Set(departments.map(\.code))
    var found =
      repeated(tiers.map(\.tier.rawValue), "tier") + repeated(categories.map(\.code), "category")
      + repeated(categories.map(\.numeral), "category numeral")
      + repeated(departments.map(\.code), "department") + repeated(factors.map(\.code), "factor")
      + repeated(steps.map(\.code), "step")
      + labels.repetitions.map { "the \($0) is there twice" }
    for category in categories {
      if let tier = category.defaultTier, !usedTiers.contains(tier) {
        found.append("category \(category.code) has the tier \(tier.rawValue), which is not used")
      }
      for code in category.departments where !knownDepartments.contains(code) {
        found.append("category \(category.code) names the unknown department \(code)")
      }
    }
    for cutoff in cutoffs where !usedTiers.contains(cutoff.tier) {
      found.append("a cut-off has the tier \(cutoff.tier.rawValue), which is not used")
    }
    if (mode == .category) != cutoffs.isEmpty {
      found.append("cut-offs belong to the modes with a score, and only to them")
    }
    if tiers.isEmpty { found.append("there are no tiers") }
    if version < 1 { found.append("versions count from 1") }
    if noticeWorkingDays < 1 { found.append("the notice lasts at least one working day") }
    return found
  }

  private func repeated(_ values: [String], _ what: String) -> [String] {
    var seen: Set<String> = []
    return values.filter { !seen.insert($0).inserted }.map { "the \(what) \($0) is there twice" }
  }
}
