/// What is known about one pupil, with nothing that identifies the pupil.
public struct HardshipFacts: Hashable, Sendable {
  /// The groups to which the pupil is said to belong, each with what proves it.
  public var claims: [Claim]
  /// What home visits, interviews and the like have found.
  public var findings: [Finding]
  /// What the school has decided, where the rules leave it to the school.
  public var schoolDecision: SchoolDecision?
  /// The total on the rule's scored form. It goes before ``assessorTotals`` and ``answers``.
  public var score: Int?
  /// The total of each assessor, of which the rules make one. It goes before ``answers``.
  public var assessorTotals: [Int]
  /// The answers on the scored form: the code of the item, and that of the option.
  public var answers: [String: String]
  /// The codes of the disqualifiers that are established, not only suspected.
  public var disqualifiers: [String]

  public init(
    claims: [Claim] = [], findings: [Finding] = [], schoolDecision: SchoolDecision? = nil,
    score: Int? = nil, assessorTotals: [Int] = [], answers: [String: String] = [:],
    disqualifiers: [String] = []
  ) {
    self.claims = claims
    self.findings = findings
    self.schoolDecision = schoolDecision
    self.score = score
    self.assessorTotals = assessorTotals
    self.answers = answers
    self.disqualifiers = disqualifiers
  }
}

extension HardshipFacts: Codable {
  /// What is left out is not known.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      claims: try container.decodeIfPresent([Claim].self, forKey: .claims) ?? [],
      findings: try container.decodeIfPresent([Finding].self, forKey: .findings) ?? [],
      schoolDecision: try container.decodeIfPresent(SchoolDecision.self, forKey: .schoolDecision),
      score: try container.decodeIfPresent(Int.self, forKey: .score),
      assessorTotals: try container.decodeIfPresent([Int].self, forKey: .assessorTotals) ?? [],
      answers: try container.decodeIfPresent([String: String].self, forKey: .answers) ?? [:],
      disqualifiers: try container.decodeIfPresent([String].self, forKey: .disqualifiers) ?? [])
  }
}

/// That a pupil belongs to a category.
public struct Claim: Hashable, Sendable, Codable {
  /// The category's code, number or label, or a word that sheets use for it.
  public var category: String
  public var proofs: [Proof]

  public init(category: String, proofs: [Proof] = []) {
    self.category = category
    self.proofs = proofs
  }
}

/// The word of one department.
public struct Proof: Hashable, Sendable, Codable {
  public enum Form: String, Hashable, Sendable, Codable, CaseIterable {
    /// A certificate or written opinion.
    case certificate
    /// A match against the department's data.
    case dataMatch
    /// A screenshot of the department's database, which the Yunnan rules accept as well.
    case screenshot
  }

  /// The department's code in the rule set.
  public var department: String
  public var form: Form

  public init(department: String, form: Form) {
    self.department = department
    self.form = form
  }
}

/// What was found about one factor.
public struct Finding: Hashable, Sendable, Codable {
  /// The factor's code in the rule set.
  public var factor: String
  /// Whether it speaks for hardship.
  public var showsHardship: Bool

  public init(factor: String, showsHardship: Bool) {
    self.factor = factor
    self.showsHardship = showsHardship
  }
}

/// The tier on which the school's leading group decided.
public struct SchoolDecision: Hashable, Sendable, Codable {
  public var tier: Tier
  /// Why. A decision without a reason does not count.
  public var justification: String

  public init(tier: Tier, justification: String) {
    self.tier = tier
    self.justification = justification
  }
}
