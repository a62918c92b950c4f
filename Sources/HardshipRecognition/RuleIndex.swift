/// A rule set and what is worked out from it once, so that an assessment looks nothing up by search.
final class RuleIndex: Sendable {
  let data: RuleData
  let labels: LabelIndex
  /// For each category the set of proofs of which one is enough.
  let accepted: [ProofSet]
  let hardestTier: Tier?
  /// What a total can be; nil if the form has no items.
  let scoreRange: ClosedRange<Int>?
  private let departments: [String: Int]
  private let factors: [String: Int]
  private let disqualifiers: [String: Int]

  init(_ data: RuleData) {
    self.data = data
    let departments = Self.places(data.departments.map(\.code))
    labels = LabelIndex(tiers: data.tiers, categories: data.categories)
    accepted = data.categories.map { category in
      category.proofs.reduce(into: ProofSet()) { set, proof in
        guard let place = departments[proof.department] else { return }
        for form in proof.forms { set.insert(ProofSet(department: place, form: form)) }
      }
    }
    hardestTier = data.tiers.map(\.tier).max()
    scoreRange = data.scoreCard?.range
    self.departments = departments
    factors = Self.places(data.factors.map(\.code))
    disqualifiers = Self.places(data.disqualifiers.map(\.code))
  }

  private static func places(_ codes: [String]) -> [String: Int] {
    Dictionary(zip(codes, codes.indices)) { first, _ in first }
  }

  func factor(_ code: String) -> Int? { factors[code] }

  func disqualifier(_ code: String) -> Int? { disqualifiers[code] }

  /// The proofs as a set; those of departments that the rules do not know prove nothing.
  func set(of proofs: [Proof]) -> ProofSet {
    var set = ProofSet()
    for proof in proofs {
      guard let place = departments[proof.department] else { continue }
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
