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
    #expect(RuleSet.yunnan.inconsistencies == [])
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

  @Test(
    "rules that contradict themselves are told so",
    arguments: [
      (#""version":1"#, #""version":0"#, "versions count from 1"),
      (#""noticeWorkingDays":5"#, #""noticeWorkingDays":0"#, "at least one working day"),
      (#""mode":"category""#, #""mode":"score""#, "cut-offs"),
      (#"["veterans"]"#, #"["nobody"]"#, "unknown department nobody"),
      (#""code":"martyr-child""#, #""code":"orphan""#, "category orphan is there twice"),
      (#""text":"烈属""#, #""text":"孤儿""#, "category label 孤儿 is there twice"),
      (#""synonyms":["一般","一般贫困"]"#, #""synonyms":["特困"]"#, "tier label 特困 is there twice"),
    ])
  func contradictions(part: String, replacement: String, told: String) throws {
    let json = String(decoding: try JSONEncoder().encode(RuleSet.yunnan), as: UTF8.self)
    try #require(json.contains(part))
    let changed = json.replacing(part, with: replacement)
    let rules = try JSONDecoder().decode(RuleSet.self, from: Data(changed.utf8))
    #expect(rules.inconsistencies.contains { $0.contains(told) }, "\(rules.inconsistencies)")
  }
}
