import Testing

@testable import HardshipRecognition

@Suite("Rules with a score")
struct ScoreTests {
  /// Yunnan's rules with a form of which only the cut-offs are known.
  private func rules(_ mode: RuleSet.Mode) throws -> RuleSet {
    try RuleSet.both.edited { rules in
      rules["id"] = "scored"
      rules["version"] = 2
      rules["mode"] = mode.rawValue
      rules["effectiveFrom"] = "2024-09-01"
      rules["effectiveTo"] = "2027-08-31"
      set([Any](), at: ["scoreCard", "items"], in: &rules)
    }
  }

  @Test(
    "the score reaches a tier at its cut-off",
    arguments: [
      (90, Tier.special), (89, .difficult), (40, .difficult), (39, .general), (15, .general),
      (14, nil),
    ])
  func cutoffs(score: Int, tier: Tier?) throws {
    #expect(assess(HardshipFacts(score: score), under: try rules(.score)).tier == tier)
  }

  @Test("with category and score the harder tier holds")
  func both() throws {
    let proof = Proof(department: "civil-affairs", form: .certificate)
    let claims = [Claim(category: "低保", proofs: [proof])]
    let rules = try rules(.both)
    #expect(assess(HardshipFacts(claims: claims, score: 95), under: rules).tier == .special)
    #expect(assess(HardshipFacts(claims: claims, score: 20), under: rules).tier == .difficult)
  }

  @Test("a missing score is asked for", arguments: [RuleSet.Mode.score, .both])
  func missing(mode: RuleSet.Mode) throws {
    let assessment = assess(HardshipFacts(), under: try rules(mode))
    #expect(assessment.tier == nil)
    #expect(assessment.reasons.contains { $0.code == .scoreMissing })
  }

  @Test("rules are in force between their years")
  func inForce() throws {
    let rules = try rules(.score)
    #expect(
      [2023, 2024, 2026, 2027].map { rules.isInForce(schoolYearBeginning: $0) } == [
        false, true, true, false,
      ])
    #expect(RuleSet.yunnan.isInForce(schoolYearBeginning: 2026))
  }
}
