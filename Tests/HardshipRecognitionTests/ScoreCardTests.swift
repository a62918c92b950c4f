import Testing

@testable import HardshipRecognition

@Suite("Score cards")
struct ScoreCardTests {
  private let rules = RuleSet.scoredExample
  private let full = [
    "group": "several", "income": "below", "debt": "some", "event": "illness", "fees": "day",
    "spending": "usual",
  ]

  @Test("the answers' points are added, and the total reaches its tier")
  func answers() {
    let assessment = assess(HardshipFacts(answers: full), under: rules)
    #expect(assessment.score == 90)
    #expect(assessment.tier == .special)
    #expect(assessment.category == nil && assessment.restsOnUnverified)
    #expect(assessment.reasons.map(\.zh) == ["量化评估得分90，达到特别困难"])
    #expect(assessment.reasons[0].ruleRef == "示例〔2024〕1号（虚构） 量化评估表")
  }

  @Test("points can be taken away")
  func negative() {
    let answers = full.merging(["spending": "high"]) { $1 }
    let assessment = assess(HardshipFacts(answers: answers), under: rules)
    #expect(assessment.score == 70 && assessment.tier == .difficult)
  }

  @Test("what is not answered is named, and no tier is given before it is")
  func incomplete() {
    var answers = full
    answers["debt"] = nil
    answers["event"] = "flood"
    answers["height"] = "tall"
    let assessment = assess(HardshipFacts(answers: answers), under: rules)
    #expect(assessment.tier == nil && assessment.score == nil)
    #expect(assessment.missingAnswers == ["debt", "event"])
    #expect(assessment.reasons.map(\.code) == [.answerMissing, .answerMissing, .unknownItem])
    #expect(assessment.reasons[0].zh == "“家庭债务”尚未评分")
    #expect(assessment.reasons[1].zh == "“flood”不是“突发状况”的选项")
    #expect(assessment.reasons[1].ruleRef == "示例〔2024〕1号（虚构） 量化评估表第4项")
    let scores = assessment.changes.filter { $0.kind == .score }
    #expect(scores.map(\.score) == [15, 40, 90] && scores.allSatisfy { $0.points == nil })
  }

  @Test(
    "several assessors' totals become one by the rule's own way",
    arguments: [
      ("mean", "down", [40, 40, 39], 39), ("mean", "up", [40, 40, 39], 40),
      ("mean", "down", [40, 40, 40], 40), ("mean", "down", [0, 0, -1], -1),
      ("mean", "up", [0, 0, -1], 0), ("median", "down", [90, 10, 41], 41),
      ("median", "down", [10, 41, 90, 44], 42), ("median", "up", [10, 41, 90, 44], 43),
    ])
  func assessors(combine: String, rounding: String, totals: [Int], total: Int) throws {
    let rules = try rules.edited {
      set(combine, at: ["scoreCard", "assessors", "combine"], in: &$0)
      set(rounding, at: ["scoreCard", "assessors", "rounding"], in: &$0)
    }
    #expect(assess(HardshipFacts(assessorTotals: totals), under: rules).score == total)
  }

  @Test("one item that was not read in the rule marks the score")
  func verified() throws {
    func edited(_ itemIsVerified: Bool) throws -> RuleSet {
      try rules.edited { rules in
        set(true, at: ["scoreCard", "verified"], in: &rules)
        for place in 0..<6 {
          let path: [Any] = ["scoreCard", "items", place, "verified"]
          set(place > 0 || itemIsVerified, at: path, in: &rules)
        }
      }
    }
    #expect(assess(HardshipFacts(answers: full), under: try edited(false)).restsOnUnverified)
    #expect(!assess(HardshipFacts(answers: full), under: try edited(true)).restsOnUnverified)
  }

  @Test("too few assessors give no tier")
  func tooFew() {
    let assessment = assess(HardshipFacts(assessorTotals: [95, 95]), under: rules)
    #expect(assessment.tier == nil)
    #expect(assessment.reasons.map(\.zh) == ["已有2人评分，至少需要3人"])
  }

  @Test("a total that the form cannot give is refused, of whomever it is")
  func impossible() {
    for facts in [HardshipFacts(score: 106), HardshipFacts(assessorTotals: [20, -21, 20])] {
      let assessment = assess(facts, under: rules)
      #expect(assessment.tier == nil)
      #expect(assessment.reasons.map(\.code) == [.scoreImpossible])
      #expect(assessment.reasons[0].en.contains("-20–105"))
    }
  }

  @Test("numbers of no sensible size are refused where the form's items are not known")
  func monstrous() throws {
    let rules = try rules.edited { set([Any](), at: ["scoreCard", "items"], in: &$0) }
    for facts in [
      HardshipFacts(score: .min), HardshipFacts(score: .max),
      HardshipFacts(assessorTotals: [.max, .max, .max]),
    ] {
      let assessment = assess(facts, under: rules)
      #expect(assessment.reasons.map(\.code) == [.scoreImpossible])
      #expect(!assessment.changes.isEmpty)
    }
    let answered = assess(HardshipFacts(answers: full), under: rules)
    #expect(answered.reasons.map(\.code) == [.scoreMissing])
  }

  @Test("a stated total goes before the assessors', and theirs before the answers")
  func precedence() {
    var facts = HardshipFacts(score: 15, assessorTotals: [40, 40, 40], answers: full)
    #expect(assess(facts, under: rules).score == 15)
    facts.score = nil
    #expect(assess(facts, under: rules).score == 40)
  }

  @Test("the points that are lacking are told")
  func points() {
    let assessment = assess(HardshipFacts(score: 38), under: rules)
    #expect(assessment.tier == .general)
    let scores = assessment.changes.filter { $0.kind == .score }
    #expect(scores.map(\.points) == [2, 52] && scores.map(\.tier) == [.difficult, .special])
    #expect(scores[0].zh == "再得2分（共40分）达到困难")
    #expect(scores[0].en == "2 more points, 40 in all, would reach hardship")
  }
}
