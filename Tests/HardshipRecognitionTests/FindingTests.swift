import Foundation
import Testing

@testable import HardshipRecognition

struct Mistake: CustomTestStringConvertible, Sendable {
  let code: RuleFinding.Code
  let path: String
  var severity = RuleFinding.Severity.error
  var rules = RuleSet.yunnan
  let edit: @Sendable (inout JSONObject) -> Void

  var testDescription: String { "\(code.rawValue) at \(path)" }
}

@Suite("Findings in rule sets")
struct FindingTests {
  @Test("the shipped rules have none", arguments: PropertyTests.rules)
  func none(rules: RuleSet) {
    #expect(rules.findings == [])
  }

  @Test("the shipped rules agree with one another")
  func noneBetween() {
    #expect(RuleSet.findings(in: RuleSet.shipped) == [])
  }

  @Test("codes that are there twice, and words that mean two things", arguments: repetitions)
  func repeated(mistake: Mistake) throws { try expect(mistake) }

  @Test("codes that nothing defines", arguments: unknown)
  func undefined(mistake: Mistake) throws { try expect(mistake) }

  @Test("categories, tiers and cut-offs that nothing reaches", arguments: unreachable)
  func outOfReach(mistake: Mistake) throws { try expect(mistake) }

  @Test("scores, days and dates that cannot be meant", arguments: impossible)
  func nonsense(mistake: Mistake) throws { try expect(mistake) }

  private func expect(_ mistake: Mistake) throws {
    let found = try mistake.rules.edited(mistake.edit).findings
    let same = found.first { $0.code == mistake.code && $0.path == mistake.path }
    #expect(same?.severity == mistake.severity, "\(found)")
    #expect(found.allSatisfy { !$0.zh.isEmpty && !$0.en.isEmpty })
  }

  @Test("every kind of finding is looked for in these tests")
  func complete() {
    let all = Self.repetitions + Self.unknown + Self.unreachable + Self.impossible
    let between: Set<RuleFinding.Code> = [.versionConflict, .datesOverlap, .datesGap]
    #expect(between.union(all.map(\.code)) == Set(RuleFinding.Code.allCases))
  }

  private static var cutoffs: [Any] { ["scoreCard", "cutoffs"] }

  static let repetitions: [Mistake] = [
    Mistake(code: .duplicateCode, path: "$.categories[3].code") {
      set("orphan", at: ["categories", 3, "code"], in: &$0)
    },
    Mistake(code: .duplicateCode, path: "$.categories[3].numeral") {
      set("（三）", at: ["categories", 3, "numeral"], in: &$0)
    },
    Mistake(code: .duplicateCode, path: "$.tiers[1].tier") {
      set("special", at: ["tiers", 1, "tier"], in: &$0)
    },
    Mistake(code: .duplicateCode, path: "$.departments[2].code") {
      set("civil-affairs", at: ["departments", 2, "code"], in: &$0)
    },
    Mistake(
      code: .duplicateCode, path: "$.scoreCard.items[0].options[2].code", rules: .scoredExample
    ) {
      set("none", at: ["scoreCard", "items", 0, "options", 2, "code"], in: &$0)
    },
    Mistake(code: .duplicateCode, path: "$.scoreCard.cutoffs[1].tier", rules: .scoredExample) {
      set("special", at: cutoffs + [1, "tier"], in: &$0)
    },
    Mistake(code: .duplicateLabel, path: "$.categories[3]") {
      set("孤儿", at: ["categories", 3, "synonyms", 1, "text"], in: &$0)
    },
    Mistake(code: .duplicateLabel, path: "$.tiers[2]") {
      set(["特困"], at: ["tiers", 2, "synonyms"], in: &$0)
    },
  ]

  static let unknown: [Mistake] = [
    Mistake(code: .unknownDepartment, path: "$.categories[3].proofs[0].department") {
      set("nobody", at: ["categories", 3, "proofs", 0, "department"], in: &$0)
    },
    Mistake(code: .unknownFactor, path: "$.scoreCard.items[1].factor", rules: .scoredExample) {
      set("weather", at: ["scoreCard", "items", 1, "factor"], in: &$0)
    },
    Mistake(code: .unknownSource, path: "$.notice.source") {
      set("hearsay", at: ["notice", "source"], in: &$0)
    },
    Mistake(code: .unknownTier, path: "$.categories[4].defaultTier") { rules in
      rules["tiers"] = (rules["tiers"] as? [Any] ?? []).prefix(1).map(\.self)
    },
    Mistake(code: .unknownTier, path: "$.scoreCard.cutoffs[2].tier", rules: .scoredExample) {
      rules in
      rules["tiers"] = (rules["tiers"] as? [Any] ?? []).prefix(2).map(\.self)
    },
  ]

  static let unreachable: [Mistake] = [
    Mistake(code: .unreachableCategory, path: "$.categories[3]") {
      set("nobody", at: ["categories", 3, "proofs", 0, "department"], in: &$0)
    },
    Mistake(code: .unreachableCategory, path: "$.categories[3]") {
      set("orphan", at: ["categories", 3, "code"], in: &$0)
      set("（三）", at: ["categories", 3, "numeral"], in: &$0)
      set("孤儿学生", at: ["categories", 3, "label", "zh"], in: &$0)
      set([Any](), at: ["categories", 3, "synonyms"], in: &$0)
    },
    Mistake(code: .tierWithoutRule, path: "$.tiers[2]") {
      set([Any](), at: ["factors"], in: &$0)
      set("difficult", at: ["categories", 6, "defaultTier"], in: &$0)
    },
    Mistake(code: .tierWithoutRule, path: "$.tiers[2]", rules: .scoredExample) { rules in
      set(
        [["tier": "special", "atLeast": 90], ["tier": "difficult", "atLeast": 40]], at: cutoffs,
        in: &rules)
    },
    Mistake(code: .cutoffGap, path: "$.scoreCard.cutoffs", rules: .scoredExample) { rules in
      set(
        [["tier": "special", "atLeast": 90], ["tier": "general", "atLeast": 15]], at: cutoffs,
        in: &rules)
    },
    Mistake(code: .cutoffUnreachable, path: "$.scoreCard.cutoffs[0].atLeast", rules: .scoredExample)
    {
      set(106, at: cutoffs + [0, "atLeast"], in: &$0)
    },
    Mistake(
      code: .cutoffAlwaysReached, path: "$.scoreCard.cutoffs[2].atLeast", severity: .warning,
      rules: .scoredExample
    ) { set(-20, at: cutoffs + [2, "atLeast"], in: &$0) },
  ]

  static let impossible: [Mistake] = [
    Mistake(code: .cutoffOverlap, path: "$.scoreCard.cutoffs[1].atLeast", rules: .scoredExample) {
      set(90, at: cutoffs + [1, "atLeast"], in: &$0)
    },
    Mistake(code: .cutoffDisorder, path: "$.scoreCard.cutoffs[1].atLeast", rules: .scoredExample) {
      set(95, at: cutoffs + [1, "atLeast"], in: &$0)
    },
    Mistake(code: .scoreCardMode, path: "$.scoreCard") { $0["mode"] = "score" },
    Mistake(code: .scoreCardMode, path: "$.scoreCard", rules: .scoredExample) {
      $0["mode"] = "category"
    },
    Mistake(code: .noticeDays, path: "$.notice.workingDays") {
      set(0, at: ["notice", "workingDays"], in: &$0)
    },
    Mistake(code: .noticeDays, path: "$.notice.workingDays", severity: .warning) {
      set(61, at: ["notice", "workingDays"], in: &$0)
    },
    Mistake(code: .datesReversed, path: "$.effectiveTo", rules: .scoredExample) {
      $0["effectiveTo"] = "2024-08-31"
    },
  ]
}

@Suite("Findings between rule sets")
struct SetFindingTests {
  private func version(_ number: Int, _ from: String?, _ to: String?, region: String = "53") throws
    -> RuleSet
  {
    try RuleSet.yunnan.edited { rules in
      rules["version"] = number
      rules["effectiveFrom"] = from ?? NSNull() as Any
      rules["effectiveTo"] = to ?? NSNull() as Any
      set(region, at: ["region", "code"], in: &rules)
    }
  }

  private func codes(_ rules: RuleSet...) -> [RuleFinding.Code] {
    RuleSet.findings(in: rules).map(\.code)
  }

  @Test("versions that follow on one another are in order, however they are listed")
  func inOrder() throws {
    let first = try version(1, nil, "2024-08-31")
    let second = try version(2, "2024-09-01", "2028-02-29")
    let third = try version(3, "2028-03-01", nil)
    #expect(codes(first, second, third) == [])
    #expect(codes(third, first, second, first) == [])
  }

  @Test("a version with two contents is told")
  func conflict() throws {
    let one = try version(1, nil, "2024-08-31", region: "53")
    let other = try version(1, nil, "2024-08-31", region: "54")
    let found = RuleSet.findings(in: [one, other])
    #expect(found.map(\.code) == [.versionConflict])
    #expect(found[0].path == "$[1].version" && found[0].severity == .error)
  }

  @Test("versions of a region that are in force together are told, those of two regions are not")
  func overlap() throws {
    let next = try version(2, "2024-09-01", nil)
    let long = try version(1, "2020-09-01", "2024-09-01")
    let found = RuleSet.findings(in: [next, long])
    #expect(found.map(\.code) == [.datesOverlap])
    #expect(found[0].path == "$[0].effectiveFrom" && found[0].severity == .error)
    #expect(found[0].zh == "与yunnan 1的有效期重叠（自2024-09-01）")
    #expect(codes(long, try version(2, "2024-09-01", nil, region: "99")) == [])
  }

  @Test("an overlap that hangs on a day that is not set is a warning")
  func unknownDay() throws {
    let open = try version(1, nil, nil)
    for next in [try version(2, nil, nil), try version(2, "2024-09-01", nil)] {
      let found = RuleSet.findings(in: [open, next])
      #expect(found.map(\.code) == [.datesOverlap])
      #expect(found.map(\.severity) == [.warning])
    }
  }

  @Test("days without rules between two versions are told")
  func gap() throws {
    let first = try version(1, nil, "2024-08-30")
    let found = RuleSet.findings(in: [first, try version(2, "2024-09-01", nil)])
    #expect(found.map(\.code) == [.datesGap])
    #expect(found[0].severity == .warning && found[0].en.contains("2024-08-31"))
  }
}
