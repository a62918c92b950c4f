import Foundation
import HardshipRecognition
import Testing

@Suite("The examples in the documentation")
struct ExampleTests {
  // As in HardshipRecognition.md and in Snippets/RecognisePupil.swift, which is built with the tests.
  private let facts = HardshipFacts(claims: [
    Claim(category: "低保", proofs: [Proof(department: "civil-affairs", form: .screenshot)]),
    Claim(category: "孤儿"),
  ])

  @Test("a pupil with two claims, of which one is proven, is assessed")
  func assessment() {
    let assessment = assess(facts, under: .yunnan)

    #expect(assessment.tier == .difficult)
    #expect(assessment.reasons[0].zh == "属于（五）最低生活保障家庭学生，民政部门已确认，等级为困难")
    #expect(assessment.reasons[0].ruleRef == "云教规〔20xx〕3号 第十条（五）")
    #expect(assessment.changes[0].zh == "民政部门证明属于（三）孤儿的，等级为特别困难")
    #expect(assessment.restsOnUnverified)
  }

  @Test("an orphan is assessed")
  func orphan() {
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

  @Test("the snippet's own rules have the mistake that it shows")
  func ownRules() throws {
    let rules = try RuleSet.scoredExample.replacing(#""atLeast":40"#, with: #""atLeast":95"#)
    #expect(rules.findings.map(\.path) == ["$.scoreCard.cutoffs[1].atLeast"])
    #expect(rules.findings[0].zh == "更困难的等级分数线反而更低：“困难”与“特别困难”")
  }

  @Test("an orphan recorded in the easiest tier is noticed")
  func roster() {
    let check = RuleSet.yunnan.check(tier: "一般困难", category: "孤儿")

    #expect(check.disagreements[0].zh == "孤儿登记为一般困难，本办法（三）类为特别困难；请核对等级")
  }

  @Test("the documentation and the snippet assess the pupil that is assessed here")
  func sameFacts() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let claims = #"""
      let facts = HardshipFacts(claims: [
        Claim(category: "低保", proofs: [Proof(department: "civil-affairs", form: .screenshot)]),
        Claim(category: "孤儿"),
      ])
      let assessment = assess(facts, under: .yunnan)
      """#
    for path in [
      "Snippets/RecognisePupil.swift",
      "Sources/HardshipRecognition/HardshipRecognition.docc/HardshipRecognition.md",
    ] {
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      #expect(text.contains(claims), "\(path)")
    }
  }
}
