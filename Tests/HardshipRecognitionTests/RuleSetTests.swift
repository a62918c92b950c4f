import Foundation
import Testing

@testable import HardshipRecognition

@Suite("Rule sets")
struct RuleSetTests {
  @Test("tiers are ordered by hardship")
  func order() {
    #expect(Tier.allCases.sorted() == [.general, .difficult, .special])
    #expect(Tier.allCases.map(\.rawValue) == ["general", "difficult", "special"])
  }

  @Test("a tier has its rule's name", arguments: Tier.allCases)
  func labels(tier: Tier) {
    #expect(RuleSet.yunnan.label(of: tier) == tier.label)
  }

  @Test("Yunnan's rules are the printed ones, and what is not printed is marked")
  func yunnan() {
    let rules = RuleSet.yunnan
    #expect(rules.document == "云教规〔20xx〕3号")
    #expect(rules.tiers.map(\.label.zh) == ["特别困难", "困难", "一般困难"])
    #expect(rules.categories.map(\.numeral).joined() == "（一）（二）（三）（四）（五）（六）（七）")
    #expect(rules.categories.filter(\.verified).map(\.code) == ["orphan", "other"])
    #expect(
      rules.categories.map(\.defaultTier) == [
        .special, .special, .special, .special, .difficult, .difficult, nil,
      ])
    #expect(rules.steps.map(\.label.zh) == ["宣传告知", "个人申请", "学校认定", "结果公示", "建档备案"])
    #expect(rules.factors.count == 5)
    #expect(rules.noticeWorkingDays == 5)
  }

  @Test("Yunnan's rules do not contradict themselves")
  func consistent() {
    #expect(RuleSet.yunnan.findings == [])
  }

  @Test("a rule set survives JSON unchanged and answers alike")
  func json() throws {
    let data = try JSONEncoder().encode(RuleSet.yunnan)
    let read = try JSONDecoder().decode(RuleSet.self, from: data)
    #expect(read == .yunnan)
    let facts = HardshipFacts(claims: [Claim(category: "低保")])
    #expect(assess(facts, under: read) == assess(facts, under: .yunnan))
  }

  @Test("an assessment survives JSON, so that a decision can be stored with its reasons")
  func storedAssessment() throws {
    let assessment = assess(HardshipFacts(claims: [Claim(category: "低保、甲")]), under: .yunnan)
    let data = try JSONEncoder().encode(assessment)
    #expect(try JSONDecoder().decode(Assessment.self, from: data) == assessment)
    let json = String(decoding: data, as: UTF8.self)
    #expect(json.contains(#""proof-missing""#) && json.contains(#""ruleSetVersion":1"#))
  }
}
