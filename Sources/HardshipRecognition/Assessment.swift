/// What the rules say about some facts, and why.
///
/// It keeps the facts and the rules, and works out its texts when they are asked for. Its coded form
/// holds them all, so that a decision can be stored as it was explained and read again without the
/// rules.
public struct Assessment: Sendable {
  private enum Origin {
    case made(HardshipFacts, RuleSet, Outcome)
    case read(AssessmentReport)
  }

  private let origin: Origin

  init(_ facts: HardshipFacts, under rules: RuleSet, _ outcome: Outcome) {
    origin = .made(facts, rules, outcome)
  }

  private func value<Value>(
    _ made: (HardshipFacts, RuleSet, Outcome) -> Value, _ read: KeyPath<AssessmentReport, Value>
  ) -> Value {
    switch origin {
    case .made(let facts, let rules, let outcome): made(facts, rules, outcome)
    case .read(let report): report[keyPath: read]
    }
  }

  /// Nil if the facts do not suffice yet, or exclude: ``reasons`` say which, ``missingProofs``,
  /// ``missingAnswers`` and ``changes`` what for.
  public var tier: Tier? {
    switch origin {
    case .made(_, _, let outcome): outcome.tier
    case .read(let report): report.tier
    }
  }

  /// The code of the category on which the tier rests.
  public var category: String? {
    value({ $2.category(in: $1) }, \.category)
  }

  /// The total on the scored form, where the rules use one and it is known.
  public var score: Int? { value({ $2.score }, \.score) }

  /// The codes of the established disqualifiers. If there are any, there is no tier.
  public var disqualifiers: [String] { value({ $2.disqualifiers(in: $1) }, \.disqualifiers) }

  /// In the order in which the answer was reached.
  public var reasons: [Reason] {
    value({ _, rules, outcome in outcome.notes.map(rules.reason) }, \.reasons)
  }

  /// For each claimed category, which proof is enough, and whose was given.
  public var sufficientProofs: [SufficientProof] {
    value({ $2.sufficientProofs(in: $1) }, \.sufficientProofs)
  }

  /// The proofs that would change the answer. For each, one department's word is enough.
  public var missingProofs: [MissingProof] {
    value({ $2.missingProofs(in: $1) }, \.missingProofs)
  }

  /// The codes of the items of the scored form that are not answered.
  public var missingAnswers: [String] { value({ $2.missingAnswers(in: $1) }, \.missingAnswers) }

  /// What would change the answer, each with the tier it would give. Tried, not guessed: each was
  /// applied to the facts (``HardshipFacts/applying(_:)``) and assessed.
  public var changes: [Change] {
    value({ facts, rules, outcome in rules.changes(of: outcome, for: facts) }, \.changes)
  }

  /// Identifies the rules, with ``ruleSetVersion``.
  public var ruleSetID: String { value({ _, rules, _ in rules.id }, \.ruleSetID) }
  public var ruleSetVersion: Int { value({ _, rules, _ in rules.version }, \.ruleSetVersion) }

  /// Whether any reason rests on something that was not read in the rule itself, so that a person
  /// should compare it with the rule before relying on the answer.
  public var restsOnUnverified: Bool {
    value({ $2.notes.contains { !$0.verified } }, \.restsOnUnverified)
  }

  private var report: AssessmentReport {
    if case .read(let report) = origin { return report }
    return AssessmentReport(
      tier: tier, category: category, score: score, disqualifiers: disqualifiers, reasons: reasons,
      sufficientProofs: sufficientProofs, missingProofs: missingProofs,
      missingAnswers: missingAnswers, changes: changes, ruleSetID: ruleSetID,
      ruleSetVersion: ruleSetVersion, restsOnUnverified: restsOnUnverified)
  }
}

extension Assessment: Hashable {
  public static func == (left: Assessment, right: Assessment) -> Bool {
    left.report == right.report
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(report)
  }
}

extension Assessment: Codable {
  public init(from decoder: any Decoder) throws {
    origin = .read(try AssessmentReport(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
  }
}

/// An assessment with all of its texts.
private struct AssessmentReport: Hashable, Codable {
  let tier: Tier?
  let category: String?
  let score: Int?
  let disqualifiers: [String]
  let reasons: [Reason]
  let sufficientProofs: [SufficientProof]
  let missingProofs: [MissingProof]
  let missingAnswers: [String]
  let changes: [Change]
  let ruleSetID: String
  let ruleSetVersion: Int
  let restsOnUnverified: Bool
}

/// A proof that would change the answer.
public struct MissingProof: Hashable, Sendable, Codable {
  /// The category's code.
  public let category: String
  /// The codes of the departments, one of which is enough.
  public let departments: [String]
}

/// What proves a claimed category.
public struct SufficientProof: Hashable, Sendable, Codable {
  /// The category's code.
  public let category: String
  /// Any one of these, in any one of its forms.
  public let proofs: [AcceptedProof]
  /// The code of the department whose word was given; nil if there is none.
  public let given: String?
}

extension Outcome {
  fileprivate func category(in rules: RuleSet) -> String? {
    category.map { rules.categories[$0].code }
  }

  fileprivate func disqualifiers(in rules: RuleSet) -> [String] {
    notes.filter { $0.code == .disqualified }.map { rules.disqualifiers[$0.place].code }
  }

  fileprivate func sufficientProofs(in rules: RuleSet) -> [SufficientProof] {
    let claimed: Set<Reason.Code> = [.categoryProven, .proofMissing, .proofNotNeeded]
    return notes.filter { claimed.contains($0.code) }.sorted { $0.place < $1.place }.map { note in
      let category = rules.categories[note.place]
      let given = note.code == .categoryProven ? rules.departments[note.number].code : nil
      return SufficientProof(category: category.code, proofs: category.proofs, given: given)
    }
  }

  fileprivate func missingProofs(in rules: RuleSet) -> [MissingProof] {
    notes.filter { $0.code == .proofMissing }.map { note in
      let category = rules.categories[note.place]
      let departments = rules.accepted(by: category)
      return MissingProof(category: category.code, departments: departments.map(\.code))
    }
  }

  fileprivate func missingAnswers(in rules: RuleSet) -> [String] {
    let items = rules.scoreCard?.items ?? []
    return notes.filter { $0.code == .answerMissing }.map { items[$0.place].code }
  }
}

extension RuleSet {
  /// The departments of which one's word is enough for a category, in the order of the rules.
  func accepted(by category: Category) -> [Department] {
    departments.filter { category.departments.contains($0.code) }
  }
}
