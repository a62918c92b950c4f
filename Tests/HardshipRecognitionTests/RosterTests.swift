import Testing

@testable import HardshipRecognition

@Suite("Rosters under the rules")
struct RosterTests {
  @Test(
    "a category is known by the words that sheets use",
    arguments: [
      ("孤儿", "orphan"), ("孤儿学生", "orphan"), ("（三）孤儿", "orphan"), ("(三) 孤 儿", "orphan"),
      ("（三）", "orphan"), ("orphan", "orphan"), ("低保", "minimum-living"),
      ("低保户", "minimum-living"), ("农村低保家庭学生", "minimum-living"),
      ("建档立卡", "registered-poor"), ("建档立卡户", "registered-poor"),
      ("建档立卡贫困家庭学生", "registered-poor"), ("脱贫户", "registered-poor"),
      ("脱贫家庭学生", "registered-poor"), ("监测户", "registered-poor"),
      ("边缘易致贫户", "registered-poor"), ("特困供养", "extreme-poverty-support"),
      ("特困救助供养学生", "extreme-poverty-support"), ("残疾", "disability"),
      ("残疾学生", "disability"), ("残疾人子女", "disability"), ("烈士子女", "martyr-child"),
      ("突发", "other"), ("因病", "other"), ("因灾", "other"), ("单亲", "other"), ("其他", "other"),
      ("其他家庭经济困难学生", "other"), ("\u{FEFF}　低保　", "minimum-living"),
    ])
  func synonyms(label: String, code: String) {
    #expect(RuleSet.yunnan.category(matching: label)?.code == code)
  }

  @Test(
    "what only contains a known word, is a tier, or names several is no one category",
    arguments: ["非低保", "低保已取消", "不是孤儿", "特困", "学生", "", "（八）", "低保、残疾", "三好学生"])
  func noCategory(label: String) {
    #expect(RuleSet.yunnan.category(matching: label) == nil)
  }

  @Test("a cell with several categories gives them all in the order of the rule")
  func several() {
    let reading = RuleSet.yunnan.categories(in: "残疾、低保户；低保/甲")
    #expect(reading.matches.map(\.category.code) == ["minimum-living", "disability"])
    #expect(reading.unknown == ["甲"])
  }

  @Test(
    "a tier is known by the words that sheets use",
    arguments: [
      ("特别困难", Tier.special), ("特困", .special), ("特困生", .special),
      ("家庭经济特别困难学生", .special), ("special", .special), ("困难", .difficult),
      ("困难学生", .difficult), ("一般困难", .general), ("一般", .general),
      ("一 般 困 难", .general), ("A", nil), ("困难户", nil), ("", nil),
    ])
  func tiers(label: String, tier: Tier?) {
    #expect(RuleSet.yunnan.tier(matching: label) == tier)
  }

  @Test(
    "tier and category that agree, or leave it to the school, are no disagreement",
    arguments: [
      ("特别困难", "孤儿"), ("特困", "脱贫户"), ("困难", "低保"), ("困难", "残疾、低保"),
      ("特别困难", "残疾、孤儿"), ("一般困难", "因病"), ("特别困难", "因病"), ("一般困难", nil),
      (nil, "孤儿"), (nil, nil), ("", "　"),
    ])
  func agrees(tier: String?, category: String?) {
    #expect(RuleSet.yunnan.check(tier: tier, category: category).disagreements.isEmpty)
  }

  @Test(
    "tier and category that do not agree are reported by direction",
    arguments: [
      ("一般困难", "孤儿", Disagreement.Code.tierBelowRule, false),
      ("困难", "孤儿", .tierBelowRule, false), ("一般困难", "低保", .tierBelowRule, true),
      ("特别困难", "低保户", .tierAboveRule, true), ("困难", "低保、孤儿", .tierBelowRule, false),
      ("很困难", "孤儿", .unknownTier, false), ("困难", "甲", .unknownCategory, true),
    ])
  func disagrees(tier: String, category: String, code: Disagreement.Code, unverified: Bool) {
    let found = RuleSet.yunnan.check(tier: tier, category: category).disagreements
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.restsOnUnverified) == [unverified])
  }

  @Test("an unknown word is answered with the known ones in both languages")
  func tellsKnown() throws {
    let check = RuleSet.yunnan.check(tier: "甲等", category: "三好学生")
    #expect(check.tier == nil && check.category == nil)
    #expect(check.disagreements.map(\.code) == [.unknownTier, .unknownCategory])
    #expect(
      check.disagreements[0].zh == "“甲等”不是本办法的等级；可用等级：特别困难、困难、一般困难")
    for label in RuleSet.yunnan.categories.map(\.label.zh) {
      #expect(check.disagreements[1].zh.contains(label))
      #expect(check.disagreements[1].en.contains(label))
    }
  }
}
