/// Something that would change an answer, and the tier it would give.
public struct Change: Hashable, Sendable, Codable {
  /// What kind of change it is; the values are stable.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A department's word for a claimed category.
    case proof
    /// A total on the scored form.
    case score
    /// A decision of the school with its justification.
    case decision
    /// That what excludes the pupil does not hold.
    case disqualifierRemoved = "disqualifier-removed"
  }

  public let kind: Kind
  /// The tier that the rules then give. Only the removal of disqualifiers can leave it open.
  public let tier: Tier?
  /// The codes of what it is about: the category, or the disqualifiers. Empty for the others.
  public let codes: [String]
  /// The proofs of which one is enough.
  public let proofs: [AcceptedProof]
  /// The total from which the tier is reached.
  public let score: Int?
  /// How many points the total now lacks; nil if it is not known.
  public let points: Int?
  public let zh: String
  public let en: String
  /// The document and the place in it.
  public let ruleRef: String
  public let restsOnUnverified: Bool
}

extension HardshipFacts {
  /// The facts as they would be after a change.
  public func applying(_ change: Change) -> HardshipFacts {
    var facts = self
    switch change.kind {
    case .proof:
      let proof = change.proofs.first.flatMap { accepted in
        accepted.forms.first.map { Proof(department: accepted.department, form: $0) }
      }
      facts.claims += change.codes.map { Claim(category: $0, proofs: [proof].compactMap(\.self)) }
    case .score: facts.score = change.score
    case .decision:
      facts.schoolDecision = change.tier.map { SchoolDecision(tier: $0, justification: "…") }
    case .disqualifierRemoved: facts.disqualifiers.removeAll { change.codes.contains($0) }
    }
    return facts
  }
}

extension RuleSet {
  /// The changes that, tried, give another tier. Where something excludes the pupil, nothing else
  /// would change the answer.
  func changes(of outcome: Outcome, for facts: HardshipFacts) -> [Change] {
    let excluding = outcome.notes.filter { $0.code == .disqualified }
    if !excluding.isEmpty { return [removal(of: excluding, for: facts)] }
    let candidates =
      outcome.notes.filter { $0.code == .proofMissing }.map(proofChange)
      + scoreChanges(outcome) + decisionChanges(outcome)
    return candidates.filter { change in
      change.tier != outcome.tier && self.outcome(facts.applying(change)).tier == change.tier
    }
  }

  private func outcome(_ facts: HardshipFacts) -> Outcome { index.outcome(of: facts) }

  private func proofChange(_ note: Note) -> Change {
    let category = categories[note.place]
    let tier = category.defaultTier
    let labels = accepted(by: category).map(\.label)
    let label = tier.map { self.label(of: $0) } ?? Phrase(zh: "", en: "")
    return Change(
      kind: .proof, tier: tier, codes: [category.code],
      proofs: category.proofs.filter { department(code: $0.department) != nil }, score: nil,
      points: nil,
      zh: "\(labels.map(\.zh).joined(separator: "或"))证明属于\(category.numeral)\(category.label.zh)的，"
        + "等级为\(label.zh)",
      en: "proof by \(labels.map(\.en).joined(separator: " or ")) of \(category.label.en) "
        + "\(category.numeral) would give \(label.en)",
      ruleRef: cite(category.reference), restsOnUnverified: !note.verified)
  }

  private func scoreChanges(_ outcome: Outcome) -> [Change] {
    guard mode != .category, let scoreCard else { return [] }
    return scoreCard.cutoffs.filter { cutoff in outcome.score.map { cutoff.atLeast > $0 } ?? true }
      .sorted { $0.atLeast < $1.atLeast }
      .map { cutoff in
        let label = self.label(of: cutoff.tier)
        let points = outcome.score.map { cutoff.atLeast - $0 }
        return Change(
          kind: .score, tier: cutoff.tier, codes: [], proofs: [], score: cutoff.atLeast,
          points: points,
          zh: points.map { "再得\($0)分（共\(cutoff.atLeast)分）达到\(label.zh)" }
            ?? "得分达到\(cutoff.atLeast)的，等级为\(label.zh)",
          en: points.map { "\($0) more points, \(cutoff.atLeast) in all, would reach \(label.en)" }
            ?? "a score of \(cutoff.atLeast) would reach \(label.en)",
          ruleRef: cite(scoreCard.reference), restsOnUnverified: !index.isScoreVerified)
      }
  }

  private func decisionChanges(_ outcome: Outcome) -> [Change] {
    tiers.sorted { $0.tier < $1.tier }.map { rule in
      let raises = outcome.tier != nil
      return Change(
        kind: .decision, tier: rule.tier, codes: [], proofs: [], score: nil, points: nil,
        zh: "学校说明理由后可以\(raises ? "提高" : "认定")为\(rule.label.zh)",
        en: "the school may \(raises ? "raise it to" : "decide for") \(rule.label.en), with its "
          + "justification",
        ruleRef: document, restsOnUnverified: !rule.verified)
    }
  }

  private func removal(of excluding: [Note], for facts: HardshipFacts) -> Change {
    let known = excluding.map { disqualifiers[$0.place] }
    let codes = known.map(\.code)
    var facts = facts
    facts.disqualifiers.removeAll { codes.contains($0) }
    let outcome = self.outcome(facts)
    let label = outcome.tier.map { self.label(of: $0) }
    return Change(
      kind: .disqualifierRemoved, tier: outcome.tier, codes: codes, proofs: [], score: nil,
      points: nil,
      zh: "如“\(known.map(\.label.zh).joined(separator: "”和“"))”不成立，"
        + (label.map { "等级为\($0.zh)" } ?? "按其他事实认定，等级尚未确定"),
      en: "if this did not hold: \(known.map(\.label.en).joined(separator: "; ")), "
        + (label.map { "the tier would be \($0.en)" }
          ?? "the other facts would count, and leave it open"),
      ruleRef: cite(known[0].reference),
      restsOnUnverified: excluding.contains { !$0.verified }
        || outcome.notes.contains { !$0.verified })
  }
}
