import HardshipRecognition

/// Facts as they could be under some rules, sensible and not, always the same for a seed.
struct RandomFacts {
  private let rules: RuleSet
  private var random: SplitMix64

  init(_ rules: RuleSet, seed: UInt64) {
    self.rules = rules
    random = SplitMix64(state: seed)
  }

  mutating func next() -> HardshipFacts {
    var facts = HardshipFacts()
    facts.claims = (0..<pick([0, 1, 1, 1, 2, 2, 3])).map { _ in claim() }
    facts.findings = (0..<pick([0, 0, 1, 2])).map { _ in
      let code = chance(10) ? "weather" : pick(rules.factors).code
      return Finding(factor: code, showsHardship: chance(50))
    }
    if chance(30) {
      let reason = chance(15) ? "　" : "家访核实"
      facts.schoolDecision = SchoolDecision(tier: pick(Tier.allCases), justification: reason)
    }
    if let card = rules.scoreCard { score(&facts, card) }
    if chance(8), let disqualifier = rules.disqualifiers.randomElement(using: &random) {
      facts.disqualifiers.append(disqualifier.code)
    }
    if chance(3) { facts.disqualifiers.append("left-handed") }
    return facts
  }

  /// The same facts, listed otherwise.
  mutating func shuffled(_ facts: HardshipFacts) -> HardshipFacts {
    var facts = facts
    for place in facts.claims.indices { facts.claims[place].proofs.shuffle(using: &random) }
    facts.claims.shuffle(using: &random)
    facts.findings.shuffle(using: &random)
    facts.assessorTotals.shuffle(using: &random)
    facts.disqualifiers.shuffle(using: &random)
    return facts
  }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: values.indices, using: &random)]
  }

  private mutating func claim() -> Claim {
    var words = (0..<(chance(15) ? 2 : 1)).map { _ in word() }
    if chance(5) { words.append("三好学生") }
    return Claim(
      category: words.joined(separator: "、"),
      proofs: (0..<pick([0, 1, 1, 2])).map { _ in
        let department = chance(10) ? "nobody" : pick(rules.departments).code
        return Proof(department: department, form: pick(Proof.Form.allCases))
      })
  }

  private mutating func word() -> String {
    let category = pick(rules.categories)
    return pick(
      [category.code, category.code, category.label.zh, category.numeral]
        + category.synonyms.prefix(3).map(\.text))
  }

  private mutating func score(_ facts: inout HardshipFacts, _ card: ScoreCard) {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: break
    case 1: facts.score = Int.random(in: -40...150, using: &random)
    case 2: facts.score = pick(card.cutoffs).atLeast - pick([0, 1])
    case 3, 4:
      facts.assessorTotals = (0..<pick([1, 3, 3, 4])).map { _ in
        Int.random(in: 0...100, using: &random)
      }
    default:
      for item in card.items where !chance(6) {
        facts.answers[item.code] = chance(3) ? "whatever" : pick(item.options).code
      }
      if chance(5) { facts.answers["shoe-size"] = "38" }
    }
  }
}

private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
