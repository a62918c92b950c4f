/// Applies rules to facts. Pure: the same facts under the same version give the same answer, in
/// whatever order claims and findings are listed.
///
/// What is established of the rule's disqualifiers excludes, whatever else holds. Where several
/// categories are claimed, one proof is enough for each, the hardest tier holds, and proofs are asked
/// for only where they would change it. A school may decide on a harder tier than a category gives,
/// with a justification; not on an easier one, which is reported instead. Where the rules leave the
/// tier to the school, nothing is decided for it. Rules that go by the score alone do not look at
/// categories.
///
/// Only the tier and how it was reached are worked out here; texts and what would change the answer
/// are, when the ``Assessment`` is asked for them.
public func assess(_ facts: HardshipFacts, under rules: RuleSet) -> Assessment {
  Assessment(facts, under: rules, rules.index.outcome(of: facts))
}

extension RuleIndex {
  func outcome(of facts: HardshipFacts) -> Outcome {
    var work = Weighing(rules: self)
    work.weigh(facts)
    return work.finish()
  }
}

/// What the rules give for some facts, without texts.
struct Outcome: Sendable {
  let tier: Tier?
  /// The place of the category on which the tier rests.
  let category: Int?
  let score: Int?
  let notes: [Note]
}

/// A sentence of the explanation, of which ``RuleSet/reason(for:)`` makes the text.
struct Note: Sendable {
  let code: Reason.Code
  /// The place of the category, factor, disqualifier or item that it speaks of.
  var place = 0
  /// What else it tells by number: the department's place, a score, or what a finding shows.
  var number = 0
  var tier: Tier?
  /// What was written and is not known.
  var word: String?
  var verified = true

  /// The numbers of a finding.
  static let (showsNone, showsHardship, assumedCategory) = (0, 1, 2)
}

struct Weighing {
  let rules: RuleIndex
  private var tier: Tier?
  private var category: Int?
  private var score: Int?
  private var notes: [Note] = []
  private var lacksProof = false
  private var groundsForSchool = false

  init(rules: RuleIndex) {
    self.rules = rules
  }

  mutating func weigh(_ facts: HardshipFacts) {
    notes.reserveCapacity(4)
    if !facts.disqualifiers.isEmpty, isDisqualified(facts.disqualifiers) { return }
    if rules.data.mode != .score, !facts.claims.isEmpty { weigh(facts.claims) }
    if !facts.findings.isEmpty { weigh(facts.findings) }
    if rules.data.mode != .category { weighScore(facts) }
    weigh(facts.schoolDecision)
  }

  consuming func finish() -> Outcome {
    Outcome(tier: tier, category: category, score: score, notes: notes)
  }

  private mutating func say(_ note: Note) {
    notes.append(note)
  }

  private mutating func isDisqualified(_ codes: [String]) -> Bool {
    let known = Set(codes.compactMap(rules.disqualifier)).sorted()
    for place in known {
      say(
        Note(
          code: .disqualified, place: place, verified: rules.data.disqualifiers[place].verified))
    }
    for code in Set(codes).sorted() where rules.disqualifier(code) == nil {
      say(Note(code: .unknownDisqualifier, word: code))
    }
    return !known.isEmpty
  }

  private mutating func weigh(_ findings: [Finding]) {
    var known = 0
    for place in rules.factors.indices {
      var showsHardship: Bool?
      for finding in findings where finding.factor == rules.factors[place] {
        known += 1
        showsHardship = finding.showsHardship || showsHardship == true
      }
      guard let showsHardship else { continue }
      if showsHardship { groundsForSchool = true }
      let number = showsHardship ? Note.showsHardship : Note.showsNone
      say(
        Note(
          code: .finding, place: place, number: number,
          verified: rules.data.factors[place].verified))
    }
    if known < findings.count {
      let codes = Set(findings.map(\.factor)).subtracting(rules.factors)
      for code in codes.sorted() { say(Note(code: .unknownFactor, word: code)) }
    }
  }

  private mutating func weigh(_ decision: SchoolDecision?) {
    guard let decision else { return sayWhatIsLeftToDecide() }
    guard let verified = rules.isVerified(decision.tier), saysSomething(decision.justification)
    else {
      return say(Note(code: .decisionNotUsable, tier: decision.tier))
    }
    if let tier, decision.tier < tier {
      return say(Note(code: .decisionBelowRule, number: tier.rank, tier: decision.tier))
    }
    if tier == decision.tier { return }
    say(Note(code: .schoolDecided, tier: decision.tier, verified: verified))
    tier = decision.tier
  }

  private mutating func sayWhatIsLeftToDecide() {
    guard tier == nil else { return }
    if groundsForSchool {
      say(Note(code: .schoolMustDecide))
    } else if !lacksProof && rules.data.mode == .category {
      say(Note(code: .noGround))
    }
  }
}

// MARK: - Categories

extension Weighing {
  /// What the claims say of one category.
  private struct Reading {
    var isClaimed = false
    /// Whether both the category and a word for it were read in the rule.
    var verified = false
    var proofs = ProofSet()
  }

  private mutating func weigh(_ claims: [Claim]) {
    var readings = [Reading](repeating: Reading(), count: rules.categories.count)
    var unknown: [String] = []
    for claim in claims {
      let proofs = rules.set(of: claim.proofs)
      rules.labels.read(claim.category) { word in
        readings[word.category].isClaimed = true
        readings[word.category].proofs.formUnion(proofs)
        if word.verified, rules.categories[word.category].verified {
          readings[word.category].verified = true
        }
      } unknown: {
        unknown.append($0)
      }
    }
    if !unknown.isEmpty {
      for word in Set(unknown).sorted() { say(Note(code: .unknownCategory, word: word)) }
    }
    rest(on: readings)
    for place in readings.indices where readings[place].isClaimed {
      if !isForSchool(place), given(readings, place).isEmpty {
        askForProof(place, verified: readings[place].verified)
      }
    }
  }

  /// The proofs that count for a category.
  private func given(_ readings: [Reading], _ place: Int) -> ProofSet {
    readings[place].proofs.intersection(rules.categories[place].accepted)
  }

  private func isForSchool(_ place: Int) -> Bool { rules.categories[place].isForSchool }

  private mutating func leaveToSchool(_ place: Int, verified: Bool) {
    groundsForSchool = true
    if category == nil { category = place }
    if !verified {
      say(Note(code: .finding, place: place, number: Note.assumedCategory, verified: false))
    }
  }

  /// Takes the hardest of the proven categories; among those, one that was read in the rule.
  private mutating func rest(on readings: [Reading]) {
    var chosen: Int?
    var isAlone = true
    for place in readings.indices where readings[place].isClaimed {
      if isForSchool(place) {
        leaveToSchool(place, verified: readings[place].verified)
      } else if !given(readings, place).isEmpty {
        if let other = chosen {
          isAlone = false
          if isHarder(place, than: other, readings) { chosen = place }
        } else {
          chosen = place
        }
      }
    }
    guard let chosen else { return }
    tier = defaultTier(chosen)
    category = chosen
    if tier == nil { groundsForSchool = true }
    sayProven(chosen, by: given(readings, chosen), verified: readings[chosen].verified)
    if isAlone { return }
    for place in readings.indices where place != chosen {
      let proofs = given(readings, place)
      if !proofs.isEmpty {
        sayProven(place, by: proofs, verified: cannotChangeAnswer(readings[place].verified))
      }
    }
  }

  /// In an equal tier, what was read in the rule goes before what is assumed.
  private func isHarder(_ place: Int, than other: Int, _ readings: [Reading]) -> Bool {
    let (tier, best) = (defaultTier(place), defaultTier(other))
    if tier == best { return readings[place].verified && !readings[other].verified }
    return best.map { best in tier.map { $0 > best } ?? false } ?? true
  }

  private func defaultTier(_ place: Int) -> Tier? { rules.categories[place].tier }

  /// Whether the answer would stand even if what is assumed of a category were wrong.
  private func cannotChangeAnswer(_ verified: Bool) -> Bool {
    verified || (tier != nil && tier == rules.hardestTier)
  }

  private mutating func sayProven(_ place: Int, by proofs: ProofSet, verified: Bool) {
    say(
      Note(
        code: .categoryProven, place: place, number: proofs.firstDepartment,
        tier: defaultTier(place), verified: verified))
  }

  private mutating func askForProof(_ place: Int, verified: Bool) {
    if let tier, defaultTier(place).map({ $0 <= tier }) ?? true {
      let verified = cannotChangeAnswer(verified)
      return say(Note(code: .proofNotNeeded, place: place, verified: verified))
    }
    lacksProof = true
    say(Note(code: .proofMissing, place: place, verified: verified))
  }
}

// MARK: - Scores

extension Weighing {
  private mutating func weighScore(_ facts: HardshipFacts) {
    guard let card = rules.data.scoreCard, let total = total(facts, card) else { return }
    if !rules.scoreRange.contains(total) {
      return say(Note(code: .scoreImpossible, number: total))
    }
    var reached: Tier?
    for cutoff in card.cutoffs where total >= cutoff.atLeast {
      reached = max(reached ?? cutoff.tier, cutoff.tier)
    }
    score = total
    say(Note(code: .scored, number: total, tier: reached, verified: rules.isScoreVerified))
    if rules.data.mode == .score {
      (tier, category) = (reached, nil)
    } else if let reached, tier.map({ reached > $0 }) ?? true {
      tier = reached
    }
  }

  /// The total that was stated, that of the assessors, or that of the answers; nil where it cannot be
  /// known yet, which is said.
  private mutating func total(_ facts: HardshipFacts, _ card: ScoreCard) -> Int? {
    if let score = facts.score { return score }
    if !facts.assessorTotals.isEmpty { return total(of: facts.assessorTotals, card) }
    if !facts.answers.isEmpty, !card.items.isEmpty { return total(of: facts.answers, card) }
    say(Note(code: .scoreMissing))
    return nil
  }

  private mutating func total(of totals: [Int], _ card: ScoreCard) -> Int? {
    if totals.count < card.assessors.atLeast {
      say(Note(code: .assessorsMissing, place: totals.count, number: card.assessors.atLeast))
      return nil
    }
    if let wrong = totals.filter({ !rules.scoreRange.contains($0) }).min() {
      say(Note(code: .scoreImpossible, number: wrong))
      return nil
    }
    return card.assessors.total(of: totals)
  }

  private mutating func total(of answers: [String: String], _ card: ScoreCard) -> Int? {
    var sum = 0
    var known = 0
    var isComplete = true
    for (place, item) in card.items.enumerated() {
      let answer = answers[item.code]
      if let option = item.options.first(where: { $0.code == answer }) {
        sum += option.points
        known += 1
      } else {
        isComplete = false
        say(Note(code: .answerMissing, place: place, word: answer, verified: item.verified))
        if answer != nil { known += 1 }
      }
    }
    if known < answers.count {
      let items = Set(card.items.map(\.code))
      for code in answers.keys.sorted() where !items.contains(code) {
        say(Note(code: .unknownItem, word: code))
      }
    }
    return isComplete ? sum : nil
  }
}
