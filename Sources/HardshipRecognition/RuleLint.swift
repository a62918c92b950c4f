// MARK: - Codes

extension RuleSet {
  var repetitions: [RuleFinding] {
    var found =
      repeated(tiers.map(\.tier.rawValue), "$.tiers", "tier")
      + repeated(categories.map(\.code), "$.categories", "code")
      + repeated(categories.map(\.numeral), "$.categories", "numeral")
      + repeated(departments.map(\.code), "$.departments", "code")
      + repeated(disqualifiers.map(\.code), "$.disqualifiers", "code")
      + repeated(factors.map(\.code), "$.factors", "code")
      + repeated(sources.map(\.code), "$.sources", "code")
      + repeated(steps.map(\.code), "$.steps", "code")
    for (place, category) in categories.enumerated() {
      found += repeated(category.departments, "$.categories[\(place)].proofs", "department")
    }
    if let scoreCard {
      found += repeated(scoreCard.items.map(\.code), "$.scoreCard.items", "code")
      found += repeated(scoreCard.cutoffs.map(\.tier.rawValue), "$.scoreCard.cutoffs", "tier")
      for (place, item) in scoreCard.items.enumerated() {
        let path = "$.scoreCard.items[\(place)].options"
        found += repeated(item.options.map(\.code), path, "code")
      }
    }
    for (label, tier) in index.labels.sharedByTiers {
      let place = tiers.firstIndex { $0.tier == tier } ?? 0
      found.append(shared(label, "$.tiers[\(place)]"))
    }
    for (word, category) in index.labels.shadowed {
      found.append(shared(word, "$.categories[\(category)]"))
    }
    return found
  }

  private func repeated(_ values: [String], _ path: String, _ key: String) -> [RuleFinding] {
    var seen: Set<String> = []
    return values.enumerated().filter { !seen.insert($0.element).inserted }.map { place, value in
      RuleFinding(
        .duplicateCode, "\(path)[\(place)].\(key)", zh: "“\(value)”出现两次",
        en: "“\(value)” is there twice")
    }
  }

  private func shared(_ label: String, _ path: String) -> RuleFinding {
    RuleFinding(
      .duplicateLabel, path, zh: "“\(label)”已有另一含义，这里不起作用",
      en: "“\(label)” means something else already and has no effect here")
  }

  var unknownCodes: [RuleFinding] {
    let usedTiers = Set(tiers.map(\.tier))
    let (knownDepartments, knownFactors) = (
      Set(departments.map(\.code)), Set(factors.map(\.code))
    )
    var found: [RuleFinding] = []
    for (place, category) in categories.enumerated() {
      let path = "$.categories[\(place)]"
      if let tier = category.defaultTier, !usedTiers.contains(tier) {
        found.append(unknown(.unknownTier, tier.rawValue, path + ".defaultTier"))
      }
      for (number, code) in category.departments.enumerated()
      where !knownDepartments.contains(code) {
        found.append(unknown(.unknownDepartment, code, "\(path).proofs[\(number)].department"))
      }
    }
    for (place, cutoff) in (scoreCard?.cutoffs ?? []).enumerated()
    where !usedTiers.contains(cutoff.tier) {
      let path = "$.scoreCard.cutoffs[\(place)].tier"
      found.append(unknown(.unknownTier, cutoff.tier.rawValue, path))
    }
    for (place, item) in (scoreCard?.items ?? []).enumerated() {
      if let factor = item.factor, !knownFactors.contains(factor) {
        found.append(unknown(.unknownFactor, factor, "$.scoreCard.items[\(place)].factor"))
      }
    }
    return found + unknownSources
  }

  private var unknownSources: [RuleFinding] {
    let known = Set(sources.map(\.code))
    var used: [(code: String, path: String)] = [(notice.source, "$.notice.source")]
    func use(_ codes: [String], _ path: String) {
      for (place, code) in codes.enumerated() { used.append((code, "\(path)[\(place)].source")) }
    }
    use(tiers.map(\.source), "$.tiers")
    use(departments.map(\.source), "$.departments")
    use(categories.map(\.source), "$.categories")
    use(disqualifiers.map(\.source), "$.disqualifiers")
    use(factors.map(\.source), "$.factors")
    use(steps.map(\.source), "$.steps")
    if let scoreCard {
      used.append((scoreCard.source, "$.scoreCard.source"))
      use(scoreCard.items.map(\.source), "$.scoreCard.items")
    }
    return used.filter { !known.contains($0.code) }.map {
      unknown(.unknownSource, $0.code, $0.path)
    }
  }

  private func unknown(_ code: RuleFinding.Code, _ value: String, _ path: String) -> RuleFinding {
    RuleFinding(code, path, zh: "没有定义“\(value)”", en: "“\(value)” is not defined")
  }
}

// MARK: - What cannot be reached

extension RuleSet {
  var unreachableCategories: [RuleFinding] {
    categories.enumerated().compactMap { place, category -> RuleFinding? in
      let why: Phrase
      if !category.proofs.isEmpty && index.categories[place].accepted.isEmpty {
        why = Phrase(zh: "没有可用的证明", en: "no proof that the rules know is enough for it")
      } else if !index.labels.reaches(place) {
        why = Phrase(zh: "所有名称都已属于其他类别", en: "all of its words belong to other categories")
      } else {
        return nil
      }
      return RuleFinding(
        .unreachableCategory, "$.categories[\(place)]",
        zh: "“\(category.code)”无法达到：\(why.zh)",
        en: "“\(category.code)” cannot be reached: \(why.en)")
    }
  }

  /// Tiers are given by a category, by a cut-off, or by the school where something is left to it.
  var tiersWithoutRule: [RuleFinding] {
    var given: Set<Tier> = []
    if mode != .category { given.formUnion((scoreCard?.cutoffs ?? []).map(\.tier)) }
    if mode != .score {
      given.formUnion(categories.compactMap(\.defaultTier))
      if !factors.isEmpty || categories.contains(where: { $0.defaultTier == nil }) {
        given.formUnion(tiers.map(\.tier))
      }
    }
    return tiers.enumerated().filter { !given.contains($0.element.tier) }.map { place, rule in
      RuleFinding(
        .tierWithoutRule, "$.tiers[\(place)]", zh: "没有规定给出“\(rule.label.zh)”",
        en: "no rule gives “\(rule.label.en)”")
    }
  }
}

// MARK: - Scores

extension RuleSet {
  var cutoffFindings: [RuleFinding] {
    if (mode == .category) != (scoreCard == nil) {
      return [
        RuleFinding(
          .scoreCardMode, "$.scoreCard", zh: "量化评估表只用于按得分认定的方式，并且必须有",
          en: "a score card belongs to the modes with a score, and only to them")
      ]
    }
    guard let scoreCard else { return [] }
    return order(of: scoreCard.cutoffs) + gaps(in: scoreCard.cutoffs) + reach(of: scoreCard)
  }

  private func order(of cutoffs: [ScoreCard.Cutoff]) -> [RuleFinding] {
    cutoffs.indices.flatMap { place in
      cutoffs[..<place].compactMap { other -> RuleFinding? in
        let cutoff = cutoffs[place]
        let path = "$.scoreCard.cutoffs[\(place)].atLeast"
        let names = (label(of: cutoff.tier), label(of: other.tier))
        if cutoff.tier == other.tier { return nil }
        if cutoff.atLeast == other.atLeast {
          return RuleFinding(
            .cutoffOverlap, path, zh: "“\(names.0.zh)”与“\(names.1.zh)”的分数线相同",
            en: "“\(names.0.en)” and “\(names.1.en)” have the same cut-off")
        }
        if (cutoff.tier > other.tier) == (cutoff.atLeast > other.atLeast) { return nil }
        return RuleFinding(
          .cutoffDisorder, path, zh: "更困难的等级分数线反而更低：“\(names.0.zh)”与“\(names.1.zh)”",
          en: "the harder tier has the lower cut-off: “\(names.0.en)” and “\(names.1.en)”")
      }
    }
  }

  /// In the mode with the score alone every tier needs a cut-off, which ``tiersWithoutRule`` says;
  /// where others have one around it, totals jump over it.
  private func gaps(in cutoffs: [ScoreCard.Cutoff]) -> [RuleFinding] {
    let scored = Set(cutoffs.map(\.tier))
    guard let easiest = scored.min(), let hardest = scored.max() else { return [] }
    return tiers.map(\.tier).filter { $0 > easiest && $0 < hardest && !scored.contains($0) }.map {
      let label = self.label(of: $0)
      return RuleFinding(
        .cutoffGap, "$.scoreCard.cutoffs", severity: mode == .score ? .error : .warning,
        zh: "“\(label.zh)”没有分数线，得分会越过这一等级", en: "“\(label.en)” has no cut-off: totals jump over it")
    }
  }

  private func reach(of card: ScoreCard) -> [RuleFinding] {
    guard let range = card.range else { return [] }
    return card.cutoffs.enumerated().compactMap { place, cutoff -> RuleFinding? in
      let path = "$.scoreCard.cutoffs[\(place)].atLeast"
      let label = self.label(of: cutoff.tier)
      if cutoff.atLeast > range.upperBound {
        return RuleFinding(
          .cutoffUnreachable, path,
          zh: "“\(label.zh)”需要\(cutoff.atLeast)分，最高只有\(range.upperBound)分",
          en: "“\(label.en)” needs \(cutoff.atLeast), and the form gives at most "
            + "\(range.upperBound)")
      }
      if cutoff.atLeast <= range.lowerBound {
        return RuleFinding(
          .cutoffAlwaysReached, path, severity: .warning,
          zh: "最低\(range.lowerBound)分也达到“\(label.zh)”",
          en: "even the least total, \(range.lowerBound), reaches “\(label.en)”")
      }
      return nil
    }
  }
}
