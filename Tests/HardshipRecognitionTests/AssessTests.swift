import Testing

@testable import HardshipRecognition

@Suite("Assessment")
struct AssessTests {
  private let civilAffairs = Proof(department: "civil-affairs", form: .certificate)
  private let federation = Proof(department: "disabled-federation", form: .dataMatch)

  private func codes(_ assessment: Assessment) -> [Reason.Code] {
    assessment.reasons.map(\.code)
  }

  @Test("an answer names the rules it was made under")
  func version() {
    let assessment = assess(HardshipFacts(), under: .yunnan)
    #expect(assessment.ruleSetID == "yunnan")
    #expect(assessment.ruleSetVersion == 1)
  }

  @Test("any one form of one department's proof is enough", arguments: Proof.Form.allCases)
  func anyForm(form: Proof.Form) {
    let proof = Proof(department: "civil-affairs", form: form)
    let facts = HardshipFacts(claims: [Claim(category: "orphan", proofs: [proof])])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == .special)
    #expect(assessment.category == "orphan")
    #expect(assessment.missingProofs.isEmpty)
    #expect(!assessment.restsOnUnverified)
  }

  @Test(
    "each category gives its tier, and what the plans do not print says so",
    arguments: [
      ("registered-poor", "poverty-relief", Tier.special, true),
      ("extreme-poverty-support", "civil-affairs", .special, true),
      ("orphan", "civil-affairs", .special, false),
      ("martyr-child", "veterans", .special, true),
      ("minimum-living", "civil-affairs", .difficult, true),
      ("disability", "disabled-federation", .difficult, true),
    ])
  func defaultTiers(category: String, department: String, tier: Tier, unverified: Bool) {
    let proof = Proof(department: department, form: .certificate)
    let facts = HardshipFacts(claims: [Claim(category: category, proofs: [proof])])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == tier)
    #expect(assessment.restsOnUnverified == unverified)
  }

  @Test("a claim without proof, or with another department's, asks for the right one")
  func missingProof() {
    for proofs in [[], [federation], [Proof(department: "nobody", form: .certificate)]] {
      let facts = HardshipFacts(claims: [Claim(category: "孤儿", proofs: proofs)])
      let assessment = assess(facts, under: .yunnan)
      #expect(assessment.tier == nil)
      #expect(codes(assessment) == [.proofMissing])
      #expect(
        assessment.missingProofs == [
          MissingProof(category: "orphan", departments: ["civil-affairs"])
        ])
      #expect(assessment.reasons[0].zh.contains("民政部门"))
    }
  }

  @Test("if several categories hold, the hardest tier counts and one proof is enough")
  func several() {
    let facts = HardshipFacts(claims: [
      Claim(category: "低保"), Claim(category: "残疾"),
      Claim(category: "孤儿", proofs: [civilAffairs]),
    ])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == .special)
    #expect(assessment.category == "orphan")
    #expect(codes(assessment) == [.categoryProven, .proofNotNeeded, .proofNotNeeded])
    #expect(assessment.missingProofs.isEmpty)
    #expect(!assessment.restsOnUnverified)
  }

  @Test("a proof is asked for where it would make the tier harder")
  func harderTierLacksProof() {
    let facts = HardshipFacts(claims: [
      Claim(category: "残疾", proofs: [federation]), Claim(category: "孤儿"),
    ])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == .difficult)
    #expect(assessment.category == "disability")
    #expect(assessment.missingProofs.map(\.category) == ["orphan"])
    #expect(assessment.restsOnUnverified)
  }

  @Test("among equal tiers the answer rests on the category that was read in the rule")
  func prefersVerified() {
    let poverty = Proof(department: "poverty-relief", form: .dataMatch)
    let facts = HardshipFacts(claims: [
      Claim(category: "脱贫户", proofs: [poverty]), Claim(category: "孤儿", proofs: [civilAffairs]),
    ])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.category == "orphan")
    #expect(!assessment.restsOnUnverified)
  }

  @Test("category （七） waits for the school's decision and takes it with its justification")
  func otherCategory() {
    var facts = HardshipFacts(claims: [Claim(category: "因病致贫")])
    let waiting = assess(facts, under: .yunnan)
    #expect(waiting.tier == nil)
    #expect(waiting.category == "other")
    #expect(codes(waiting) == [.schoolMustDecide])

    facts.schoolDecision = SchoolDecision(tier: .difficult, justification: "家访核实，医疗支出大")
    let decided = assess(facts, under: .yunnan)
    #expect(decided.tier == .difficult)
    #expect(decided.category == "other")
    #expect(codes(decided) == [.schoolDecided])
    #expect(!decided.restsOnUnverified)
  }

  @Test("a decision without a justification does not count", arguments: ["", "　 \n"])
  func withoutJustification(text: String) {
    let decision = SchoolDecision(tier: .general, justification: text)
    let assessment = assess(HardshipFacts(schoolDecision: decision), under: .yunnan)
    #expect(assessment.tier == nil)
    #expect(codes(assessment) == [.decisionNotUsable])
  }

  @Test("the school may decide on a harder tier than the category gives, not on an easier one")
  func decisionAndCategory() {
    var facts = HardshipFacts(claims: [Claim(category: "低保", proofs: [civilAffairs])])
    facts.schoolDecision = SchoolDecision(tier: .special, justification: "突发重病")
    #expect(assess(facts, under: .yunnan).tier == .special)

    facts.schoolDecision = SchoolDecision(tier: .general, justification: "名额有限")
    let below = assess(facts, under: .yunnan)
    #expect(below.tier == .difficult)
    #expect(codes(below) == [.categoryProven, .decisionBelowRule])
  }

  @Test("findings explain, and alone leave the tier to the school")
  func findings() {
    let facts = HardshipFacts(findings: [
      Finding(factor: "spending", showsHardship: false),
      Finding(factor: "household-economy", showsHardship: true),
    ])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == nil)
    #expect(codes(assessment) == [.finding, .finding, .schoolMustDecide])
    #expect(assessment.reasons[0].zh == "家庭经济因素：表明存在困难")
    #expect(assessment.reasons[1].zh == "学生消费因素：未见困难")
  }

  @Test("nothing is no ground")
  func nothing() {
    #expect(codes(assess(HardshipFacts(), under: .yunnan)) == [.noGround])
  }

  @Test("unknown categories and factors are named, with the known ones")
  func unknown() {
    let facts = HardshipFacts(
      claims: [Claim(category: "三好学生", proofs: [civilAffairs])],
      findings: [Finding(factor: "weather", showsHardship: true)])
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == nil)
    #expect(codes(assessment) == [.unknownCategory, .unknownFactor, .noGround])
    #expect(assessment.reasons[0].zh.contains("“三好学生”"))
    #expect(assessment.reasons[0].zh.contains("孤儿"))
  }

  @Test("a group that the rule does not name stays marked though its category is printed")
  func assumedSynonym() {
    let facts = HardshipFacts(
      claims: [Claim(category: "事实无人抚养儿童")],
      schoolDecision: SchoolDecision(tier: .special, justification: "父母一方服刑，一方失联"))
    let assessment = assess(facts, under: .yunnan)
    #expect(assessment.tier == .special)
    #expect(assessment.category == "other")
    #expect(assessment.restsOnUnverified)
  }

  @Test("the order of claims, proofs and findings changes nothing")
  func order() {
    let claims = [
      Claim(category: "低保、残疾", proofs: [civilAffairs]), Claim(category: "孤儿"),
      Claim(category: "因病"), Claim(category: "甲"), Claim(category: "乙"),
      Claim(category: "孤儿", proofs: [federation, civilAffairs]),
    ]
    let findings = RuleSet.yunnan.factors.map { Finding(factor: $0.code, showsHardship: true) }
    let expected = assess(HardshipFacts(claims: claims, findings: findings), under: .yunnan)
    for turn in claims.indices {
      let turned = Array(claims[turn...] + claims[..<turn])
      let reversed = HardshipFacts(claims: turned.reversed(), findings: findings.reversed())
      let rotated = HardshipFacts(claims: turned, findings: findings)
      #expect(assess(rotated, under: .yunnan) == expected)
      #expect(assess(reversed, under: .yunnan) == expected)
    }
  }
}
