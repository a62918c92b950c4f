import HardshipRecognition
import Testing

@Suite("The examples in the documentation")
struct ExampleTests {
  @Test("an orphan is assessed")
  func assessment() {
    let facts = HardshipFacts(claims: [
      Claim(
        category: "孤儿",
        proofs: [Proof(department: "civil-affairs", form: .screenshot)])
    ])
    let assessment = assess(facts, under: .yunnan)

    #expect(assessment.tier == .special)
    #expect(assessment.reasons[0].zh == "属于（三）孤儿，民政部门已确认，等级为特别困难")
    #expect(assessment.reasons[0].ruleRef == "云教规〔20xx〕3号 第十条（三）")
    #expect(!assessment.restsOnUnverified)
  }

  @Test("an orphan recorded in the easiest tier is noticed")
  func roster() {
    let check = RuleSet.yunnan.check(tier: "一般困难", category: "孤儿")

    #expect(check.disagreements[0].zh == "孤儿登记为一般困难，本办法（三）类为特别困难；请核对等级")
  }
}
