/// A rule set and what is worked out from it once, so that an assessment looks nothing up by search.
final class RuleIndex: Sendable {
  let data: RuleData
  let labels: LabelIndex
  /// What an assessment needs of each category.
  let categories: [Entry]
  let factors: [String]
  let hardestTier: Tier?
  /// What a total can be: what the form's items give, or any number of a sensible size.
  let scoreRange: ClosedRange<Int>
  let isScoreVerified: Bool
  private let departments: [String]
  /// By the tier's rank, whether its rule is verified; nil for a tier that is not used.
  private let tiersVerified: [Bool?]

  /// A category without its texts.
  struct Entry: Sendable {
    let tier: Tier?
    /// One of them is enough.
    let accepted: ProofSet
    /// Whether the school itself establishes the case.
    let isForSchool: Bool
    let verified: Bool
  }

  init(_ data: RuleData) {
    self.data = data
    let departments = data.departments.map(\.code)
    labels = LabelIndex(tiers: data.tiers, categories: data.categories)
    categories = data.categories.map { category in
      let accepted = category.proofs.reduce(into: ProofSet()) { set, proof in
        guard let place = departments.firstIndex(of: proof.department) else { return }
        for form in proof.forms { set.insert(ProofSet(department: place, form: form)) }
      }
      return Entry(
        tier: category.defaultTier, accepted: accepted, isForSchool: category.proofs.isEmpty,
        verified: category.verified)
    }
    factors = data.factors.map(\.code)
    hardestTier = data.tiers.map(\.tier).max()
    scoreRange = data.scoreCard?.range ?? -1_000_000...1_000_000
    isScoreVerified = data.scoreCard.map { $0.verified && $0.items.allSatisfy(\.verified) } ?? false
    self.departments = departments
    tiersVerified = Tier.allCases.map { tier in data.tiers.first { $0.tier == tier }?.verified }
  }

  /// Whether a tier's rule is verified; nil if the rules do not use the tier.
  func isVerified(_ tier: Tier) -> Bool? { tiersVerified[tier.rank] }

  // There are few departments and disqualifiers: to compare is faster than to hash.
  private func place(of department: String) -> Int? { departments.firstIndex(of: department) }

  func disqualifier(_ code: String) -> Int? {
    data.disqualifiers.firstIndex { $0.code == code }
  }

  /// The proofs as a set; those of departments that the rules do not know prove nothing.
  func set(of proofs: [Proof]) -> ProofSet {
    var set = ProofSet()
    for proof in proofs {
      guard let place = place(of: proof.department) else { continue }
      set.insert(ProofSet(department: place, form: proof.form))
    }
    return set
  }
}

/// Departments' words by department and form, one bit each.
struct ProofSet: OptionSet, Hashable, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// A rule set has at most 20 departments.
  init(department: Int, form: Proof.Form) {
    let place =
      switch form {
      case .certificate: 0
      case .dataMatch: 1
      case .screenshot: 2
      }
    rawValue = 1 << UInt64(department * 3 + place)
  }

  /// The place of the first department in the order of the rules.
  var firstDepartment: Int { rawValue.trailingZeroBitCount / 3 }
}
