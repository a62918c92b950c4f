import ArgumentParser
import Foundation
import HardshipRecognition

/// Recognises made-up pupils under Yunnan's rules on one core. Prints assessments a second: the tier
/// with its path, and with every text and what would change it. Writes the facts, our tiers and the
/// rules for the peers.
struct BenchRecognition: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "recognition")

  @Option var pupils = 20_000
  @Option var seconds = 5
  @Option var facts: String
  @Option var rules: String

  func run() throws {
    let ruleSet = RuleSet.yunnan
    let pupils = (0..<pupils).map { Self.facts($0, ruleSet) }
    try Data(ruleSet.json).write(to: URL(filePath: rules))
    let encoder = JSONEncoder()
    let lines = try pupils.map { facts in
      String(decoding: try encoder.encode(Line(facts, under: ruleSet)), as: UTF8.self)
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: self.facts))
    let path = rate(pupils) { assess($0, under: ruleSet).tier == .special ? 1 : 0 }
    let texts = rate(pupils) { facts in
      let assessment = assess(facts, under: ruleSet)
      return assessment.reasons.count + assessment.changes.count
    }
    try standardOutput("\(path) \(texts)\n")
  }

  /// A second of this process's own time, so that a busy machine does not count.
  private func rate(_ pupils: [HardshipFacts], _ body: (HardshipFacts) -> Int) -> Int {
    let start = clock()
    var (count, sum) = (0, 0)
    repeat {
      for facts in pupils { sum += body(facts) }
      count += pupils.count
    } while clock() - start < seconds * Int(CLOCKS_PER_SEC)
    // The sum is used, so that nothing is left out.
    precondition(sum > 0)
    return count * Int(CLOCKS_PER_SEC) / (clock() - start)
  }

  /// One or two categories, mostly proven; some are decided on by the school; some have nothing.
  private static func facts(_ number: Int, _ rules: RuleSet) -> HardshipFacts {
    var facts = HardshipFacts()
    let claimed = [1, 1, 1, 1, 2, 2, 1, 0, 1, 1][number % 10]
    for claim in 0..<claimed {
      let category = rules.categories[(number / 10 + claim * 3) % rules.categories.count]
      let isProven = (number / 70 + claim) % 4 != 3
      let proofs = category.departments.map { Proof(department: $0, form: .certificate) }
      facts.claims.append(Claim(category: category.code, proofs: isProven ? proofs : []))
    }
    if number % 3 == 0 {
      facts.findings.append(
        Finding(factor: rules.factors[number % 5].code, showsHardship: number % 2 == 0))
    }
    if number % 5 == 0 {
      let tier = Tier.allCases[number / 5 % 3]
      let justification = number % 15 == 0 ? "" : "家访核实，医疗支出大"
      facts.schoolDecision = SchoolDecision(tier: tier, justification: justification)
    }
    return facts
  }

  /// A pupil as the peers read it.
  private struct Line: Encodable {
    let claims: [Claim]
    let decision: Tier?
    let justified: Bool
    let tier: Tier?

    init(_ facts: HardshipFacts, under rules: RuleSet) {
      claims = facts.claims
      decision = facts.schoolDecision?.tier
      justified = facts.schoolDecision?.justification.isEmpty == false
      tier = assess(facts, under: rules).tier
    }

    private enum Key: CodingKey { case claims, decision, justified, tier }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(claims, forKey: .claims)
      try container.encode(decision, forKey: .decision)
      try container.encode(justified, forKey: .justified)
      try container.encode(tier, forKey: .tier)
    }
  }
}
