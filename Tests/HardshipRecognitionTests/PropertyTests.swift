import Foundation
import Testing

@testable import HardshipRecognition

@Suite("Whatever the facts are")
struct PropertyTests {
  static let rules = RuleSet.shipped + [.both]
  static let seed: UInt64 = 20_260_901

  private func forAll(_ rules: RuleSet, _ check: (HardshipFacts, Assessment) throws -> Void)
    rethrows
  {
    var facts = RandomFacts(rules, seed: Self.seed)
    for _ in 0..<400 {
      let some = facts.next()
      try check(some, assess(some, under: rules))
    }
  }

  @Test("the order in which they are listed changes nothing", arguments: rules)
  func order(rules: RuleSet) {
    var shuffler = RandomFacts(rules, seed: Self.seed + 1)
    forAll(rules) { facts, assessment in
      #expect(assess(shuffler.shuffled(facts), under: rules) == assessment, "\(facts)")
    }
  }

  @Test("every reason names a place in the rules, in both languages", arguments: rules)
  func reasons(rules: RuleSet) {
    let places = rules.places
    let chinese = /\p{Han}/
    forAll(rules) { facts, assessment in
      let sentences =
        assessment.reasons.map { ($0.zh, $0.en, $0.ruleRef) }
        + assessment.changes.map { ($0.zh, $0.en, $0.ruleRef) }
      for (zh, en, place) in sentences {
        #expect(places.contains(place), "\(place) for \(facts)")
        #expect(place.hasPrefix(rules.document))
        #expect(zh.contains(chinese) && !en.isEmpty && !(zh + en).contains("nil"))
      }
      #expect(!assessment.reasons.isEmpty || assessment.tier != nil || rules.mode != .category)
    }
  }

  @Test("a change that is suggested really gives the tier it promises", arguments: rules)
  func changes(rules: RuleSet) {
    var seen: Set<Change.Kind> = []
    forAll(rules) { facts, assessment in
      for change in assessment.changes {
        seen.insert(change.kind)
        let changed = assess(facts.applying(change), under: rules)
        #expect(changed.tier == change.tier, "\(change) for \(facts)")
        #expect(change.kind == .disqualifierRemoved || change.tier != assessment.tier)
        #expect(changed.disqualifiers.isEmpty)
      }
    }
    #expect(seen.contains(.decision) && seen.contains(.disqualifierRemoved))
    #expect(seen.contains(.proof) == (rules.mode != .score))
    #expect(seen.contains(.score) == (rules.mode != .category))
  }

  @Test("more proof never lowers a tier", arguments: rules)
  func proofs(rules: RuleSet) {
    let proofs = rules.departments.flatMap { department in
      Proof.Form.allCases.map { Proof(department: department.code, form: $0) }
    }
    forAll(rules) { facts, assessment in
      for place in facts.claims.indices {
        for proof in proofs {
          var more = facts
          more.claims[place].proofs.append(proof)
          #expect(rank(assess(more, under: rules).tier) >= rank(assessment.tier), "\(more)")
        }
      }
    }
  }

  private func rank(_ tier: Tier?) -> Int { tier.map(\.rank) ?? -1 }

  @Test("whom a disqualifier excludes is never recognised", arguments: rules)
  func disqualified(rules: RuleSet) {
    forAll(rules) { facts, _ in
      for disqualifier in rules.disqualifiers {
        var excluded = facts
        excluded.disqualifiers.append(disqualifier.code)
        let assessment = assess(excluded, under: rules)
        #expect(assessment.tier == nil && assessment.category == nil)
        #expect(assessment.disqualifiers.contains(disqualifier.code))
        #expect(assessment.reasons[0].code == .disqualified)
        #expect(assessment.missingProofs.isEmpty)
      }
    }
  }

  @Test("any one proof that is said to be enough is", arguments: rules)
  func sufficient(rules: RuleSet) {
    forAll(rules) { facts, assessment in
      for sufficient in assessment.sufficientProofs {
        for accepted in sufficient.proofs {
          for form in accepted.forms {
            let proof = Proof(department: accepted.department, form: form)
            let claim = Claim(category: sufficient.category, proofs: [proof])
            let proven = assess(HardshipFacts(claims: [claim]), under: rules)
            #expect(proven.reasons[0].code == .categoryProven)
          }
        }
      }
      for missing in assessment.missingProofs {
        let same = assessment.sufficientProofs.first { $0.category == missing.category }
        #expect(same?.given == nil && same?.proofs.isEmpty == false)
      }
    }
  }

  @Test(
    "an answer is stored as it was explained and read again without the rules", arguments: rules)
  func stored(rules: RuleSet) throws {
    try forAll(rules) { facts, assessment in
      let read = try JSONDecoder().decode(
        Assessment.self, from: try JSONEncoder().encode(assessment))
      #expect(read == assessment && read.tier == assessment.tier)
      #expect(read.restsOnUnverified == assessment.reasons.contains { $0.restsOnUnverified })
      let known = try JSONDecoder().decode(
        HardshipFacts.self, from: try JSONEncoder().encode(facts))
      #expect(known == facts)
    }
  }
}
