/// Applies rules to facts. Pure: the same facts under the same version give the same answer, in
/// whatever order claims and findings are listed.
///
/// Where several categories are claimed, one proof is enough for each, the hardest tier holds, and
/// proofs are asked for only where they would change it. A school may decide on a harder tier than
/// a category gives, with a justification; not on an easier one, which is reported instead. Where
/// the rules leave the tier to the school, nothing is decided for it. Rules that go by the score
/// alone do not look at categories.
public func assess(_ facts: HardshipFacts, under rules: RuleSet) -> Assessment {
  var work = AssessmentWork(rules: rules)
  if rules.mode != .score { work.weigh(facts.claims) }
  work.weigh(facts.findings)
  if rules.mode != .category { work.weigh(score: facts.score) }
  work.weigh(facts.schoolDecision)
  return work.finish()
}

private struct AssessmentWork {
  let rules: RuleSet
  private var tier: Tier?
  private var category: String?
  private var reasons: [Reason] = []
  private var missing: [MissingProof] = []
  private var groundsForSchool = false

  init(rules: RuleSet) {
    self.rules = rules
  }

  private mutating func say(
    _ code: Reason.Code, zh: String, en: String, at reference: String = "", verified: Bool = true
  ) {
    reasons.append(
      Reason(
        code: code, zh: zh, en: en, ruleRef: rules.cite(reference), restsOnUnverified: !verified))
  }

  mutating func weigh(_ claims: [Claim]) {
    let read = claims.map { (claim: $0, reading: rules.categories(in: $0.category)) }
    for unknown in Set(read.flatMap(\.reading.unknown)).sorted() { sayUnknown(unknown) }

    var proven: [(match: CategoryMatch, by: Department)] = []
    var unproven: [CategoryMatch] = []
    for category in rules.categories {
      let holders = read.filter { $0.reading.matches.contains { $0.category == category } }
      let matches = holders.flatMap(\.reading.matches).filter { $0.category == category }
      guard let match = matches.first(where: \.verified) ?? matches.first else { continue }
      let given = Set(holders.flatMap(\.claim.proofs).map(\.department))
      if category.departments.isEmpty {
        leaveToSchool(match)
      } else if let department = confirming(category, given) {
        proven.append((match, department))
      } else {
        unproven.append(match)
      }
    }
    rest(on: proven)
    for match in unproven { askForProof(match) }
  }

  private func confirming(_ category: Category, _ given: Set<String>) -> Department? {
    rules.departments.first {
      given.contains($0.code) && category.departments.contains($0.code)
    }
  }

  /// Takes the hardest of the proven categories; among those, one that was read in the rule.
  private mutating func rest(on proven: [(match: CategoryMatch, by: Department)]) {
    let hardest = proven.compactMap(\.match.category.defaultTier).max()
    let candidates = proven.filter { $0.match.category.defaultTier == hardest }
    guard let chosen = candidates.first(where: \.match.verified) ?? candidates.first else { return }
    tier = hardest
    category = chosen.match.category.code
    if hardest == nil { groundsForSchool = true }
    sayProven(chosen.match, chosen.by, verified: chosen.match.verified)
    for other in proven where other.match != chosen.match {
      sayProven(other.match, other.by, verified: cannotChangeAnswer(other.match))
    }
  }

  /// Whether the answer would stand even if what is assumed of this category were wrong.
  private func cannotChangeAnswer(_ match: CategoryMatch) -> Bool {
    match.verified || (tier != nil && tier == rules.tiers.map(\.tier).max())
  }

  private mutating func sayUnknown(_ label: String) {
    let known = rules.categories.map(\.label.zh).joined(separator: "、")
    say(
      .unknownCategory, zh: "“\(label)”不是本办法的类别；可用类别：\(known)",
      en: "“\(label)” is no category of the rules; they know \(known)")
  }

  private mutating func sayProven(
    _ match: CategoryMatch, _ department: Department, verified: Bool
  ) {
    let category = match.category
    let label = category.defaultTier.map { rules.label(of: $0) }
    say(
      .categoryProven,
      zh: "属于\(category.numeral)\(category.label.zh)，\(department.label.zh)已确认"
        + (label.map { "，等级为\($0.zh)" } ?? ""),
      en: "\(category.label.en) \(category.numeral), confirmed by \(department.label.en)"
        + (label.map { ": \($0.en)" } ?? ""),
      at: category.reference, verified: verified)
  }

  private mutating func leaveToSchool(_ match: CategoryMatch) {
    groundsForSchool = true
    if category == nil { category = match.category.code }
    if !match.verified {
      say(
        .finding, zh: "按\(match.category.numeral)\(match.category.label.zh)处理，归类依据未核实",
        en: "treated as \(match.category.label.en) \(match.category.numeral), which is assumed",
        at: match.category.reference, verified: false)
    }
  }

  private mutating func askForProof(_ match: CategoryMatch) {
    let category = match.category
    if let tier, category.defaultTier.map({ $0 <= tier }) ?? true {
      say(
        .proofNotNeeded, zh: "另属\(category.numeral)\(category.label.zh)，无需再提供证明",
        en: "\(category.label.en) \(category.numeral) as well, which needs no further proof",
        at: category.reference, verified: cannotChangeAnswer(match))
      return
    }
    let departments = rules.departments.filter { category.departments.contains($0.code) }
    let (zh, en) = (departments.map(\.label.zh), departments.map(\.label.en))
    say(
      .proofMissing,
      zh: "\(category.numeral)\(category.label.zh)缺少证明：需要\(zh.joined(separator: "或"))的认定意见或数据库截图",
      en: "\(category.label.en) \(category.numeral) lacks proof: the word or a database screenshot "
        + "of \(en.joined(separator: " or "))",
      at: category.reference, verified: match.verified)
    missing.append(MissingProof(category: category.code, departments: departments.map(\.code)))
  }

  mutating func weigh(_ findings: [Finding]) {
    for factor in rules.factors {
      let found = findings.filter { $0.factor == factor.code }
      guard !found.isEmpty else { continue }
      let showsHardship = found.contains { $0.showsHardship }
      if showsHardship { groundsForSchool = true }
      say(
        .finding, zh: "\(factor.label.zh)：\(showsHardship ? "表明存在困难" : "未见困难")",
        en: "\(factor.label.en): \(showsHardship ? "shows hardship" : "shows none")",
        at: factor.reference, verified: factor.verified)
    }
    let known = Set(rules.factors.map(\.code))
    for code in Set(findings.map(\.factor)).subtracting(known).sorted() {
      say(
        .unknownFactor, zh: "“\(code)”不是本办法的认定因素", en: "“\(code)” is no factor of the rules")
    }
  }

  mutating func weigh(score: Int?) {
    guard let score else {
      say(.scoreMissing, zh: "缺少量化评估得分", en: "the score of the assessment form is missing")
      return
    }
    let reached = rules.cutoffs.filter { score >= $0.atLeast }.map(\.tier).max()
    let label = reached.map { rules.label(of: $0) }
    say(
      .scored, zh: "量化评估得分\(score)，" + (label.map { "达到\($0.zh)" } ?? "未达到任何等级"),
      en: "the score \(score) " + (label.map { "reaches \($0.en)" } ?? "reaches no tier"))
    if rules.mode == .score {
      (tier, category) = (reached, nil)
    } else if let reached, tier.map({ reached > $0 }) ?? true {
      tier = reached
    }
  }

  mutating func weigh(_ decision: SchoolDecision?) {
    guard let decision else { return sayWhatIsLeftToDecide() }
    let label = rules.label(of: decision.tier)
    guard rules.rule(for: decision.tier) != nil, !plain(decision.justification).isEmpty else {
      say(
        .decisionNotUsable, zh: "学校认定为\(label.zh)，但缺少理由，或本办法没有这一等级",
        en: "the school's decision for \(label.en) has no justification, or the rules have no such "
          + "tier")
      return
    }
    if let tier, decision.tier < tier {
      let ruled = rules.label(of: tier)
      say(
        .decisionBelowRule, zh: "学校认定为\(label.zh)，低于本办法的\(ruled.zh)，请复核",
        en: "the school decided for \(label.en), below the rules' \(ruled.en); please review")
      return
    }
    if tier == decision.tier { return }
    say(
      .schoolDecided, zh: "学校认定为\(label.zh)，并说明了理由",
      en: "the school decided for \(label.en) and gave its reasons",
      verified: rules.rule(for: decision.tier)?.verified ?? false)
    tier = decision.tier
  }

  private mutating func sayWhatIsLeftToDecide() {
    guard tier == nil else { return }
    if groundsForSchool {
      say(
        .schoolMustDecide, zh: "等级由学校根据家庭和本地情况认定，需要学校的决定和理由",
        en: "the tier is for the school to decide, from the family's and local circumstances, with "
          + "its reasons")
    } else if missing.isEmpty && rules.mode == .category {
      say(.noGround, zh: "没有认定依据", en: "nothing here is a ground for recognition")
    }
  }

  func finish() -> Assessment {
    Assessment(
      tier: tier, category: category, reasons: reasons, missingProofs: missing,
      ruleSetID: rules.id, ruleSetVersion: rules.version)
  }
}
