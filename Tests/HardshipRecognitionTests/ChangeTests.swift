import Testing

@testable import HardshipRecognition

@Suite("What excludes, what proves, and what would change the answer")
struct ChangeTests {
  private let civilAffairs = Proof(department: "civil-affairs", form: .certificate)

  @Test("an established disqualifier excludes whatever else holds, and says where that is written")
  func disqualified() {
    let facts = HardshipFacts(
      claims: [Claim(category: "孤儿", proofs: [civilAffairs])],
      schoolDecision: SchoolDecision(tier: .special, justification: "孤儿"),
      disqualifiers: ["false-statement"])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == nil && assessment.category == nil)
    #expect(assessment.disqualifiers == ["false-statement"])
    #expect(assessment.reasons.map(\.code) == [.disqualified])
    #expect(assessment.reasons[0].zh.contains("恶意提供虚假信息"))
    #expect(assessment.reasons[0].ruleRef == "云教规〔20xx〕3号 工作要求（二）")
    #expect(!assessment.restsOnUnverified)
    #expect(assessment.changes.map(\.kind) == [.disqualifierRemoved])
    #expect(assessment.changes[0].tier == .special)
    #expect(assessment.changes[0].zh == "如“恶意提供虚假信息”不成立，等级为特别困难")
  }

  @Test("without it the tier may be open, which is said as well")
  func disqualifiedAndOpen() {
    let assessment = assess(
      HardshipFacts(disqualifiers: ["luxury", "concealment"]), under: .national2024)
    #expect(assessment.restsOnUnverified)
    #expect(assessment.changes.map(\.tier) == [nil])
    #expect(assessment.changes[0].codes == ["luxury", "concealment"])
  }

  @Test("what the rules do not know excludes nobody, and is told")
  func unknownDisqualifier() {
    let facts = HardshipFacts(
      claims: [Claim(category: "孤儿", proofs: [civilAffairs])], disqualifiers: ["luxury"])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == .special && assessment.disqualifiers.isEmpty)
    #expect(assessment.reasons.map(\.code) == [.unknownDisqualifier, .categoryProven])
  }

  @Test("which proof is enough is told for each category, with what was given")
  func sufficient() {
    let facts = HardshipFacts(claims: [
      Claim(category: "低保", proofs: [civilAffairs]), Claim(category: "残疾"),
    ])
    let sufficient = assess(facts, under: .yunnan).sufficientProofs
    #expect(sufficient.map(\.category) == ["minimum-living", "disability"])
    #expect(sufficient.map(\.given) == ["civil-affairs", nil])
    #expect(sufficient[1].proofs.map(\.department) == ["disabled-federation"])
    #expect(sufficient[1].proofs[0].forms == [.certificate, .dataMatch, .screenshot])
  }

  @Test("only the forms that the rules accept prove")
  func forms() throws {
    let rules = try RuleSet.yunnan.edited {
      set(["dataMatch"], at: ["categories", 2, "proofs", 0, "forms"], in: &$0)
    }
    var facts = HardshipFacts(claims: [Claim(category: "孤儿", proofs: [civilAffairs])])
    let missing = assess(facts, under: rules)
    #expect(missing.tier == nil)
    #expect(missing.reasons[0].zh == "（三）孤儿缺少证明：需要民政部门的数据比对结果")
    facts.claims[0].proofs[0].form = .dataMatch
    #expect(assess(facts, under: rules).tier == .special)
  }

  @Test("the proof that would give a tier, and what the school may decide, are told")
  func changes() {
    let assessment = assess(HardshipFacts(claims: [Claim(category: "孤儿")]), under: .yunnan)
    #expect(assessment.changes.map(\.kind) == [.proof, .decision, .decision, .decision])
    let proof = assessment.changes[0]
    #expect(proof.tier == .special && proof.codes == ["orphan"])
    #expect(proof.proofs.map(\.department) == ["civil-affairs"])
    #expect(proof.zh == "民政部门证明属于（三）孤儿的，等级为特别困难")
    #expect(
      proof.en == "proof by the civil affairs department of orphan （三） would give special hardship")
    #expect(assessment.changes[1].zh == "学校说明理由后可以认定为一般困难")
  }

  @Test("an answer in the hardest tier leaves nothing to change")
  func hardest() {
    let facts = HardshipFacts(claims: [Claim(category: "孤儿", proofs: [civilAffairs])])
    #expect(assess(facts, under: .yunnan).changes.isEmpty)
  }

  @Test("the form names the groups: their tiers and departments stay marked")
  func national() {
    let rules = RuleSet.national2024
    #expect(rules.categories.count == 14)
    #expect(rules.categories.allSatisfy { $0.verification.group && !$0.verified })
    for category in rules.categories {
      let proof = Proof(department: category.departments[0], form: .dataMatch)
      let claim = Claim(category: category.label.zh, proofs: [proof])
      let assessment = assess(HardshipFacts(claims: [claim]), under: rules)
      #expect(assessment.tier == category.defaultTier && assessment.restsOnUnverified)
    }
  }
}
