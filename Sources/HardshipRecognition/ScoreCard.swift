/// A form that gives points for circumstances, and the totals from which tiers are reached.
public struct ScoreCard: Hashable, Sendable, Codable {
  /// An answer and its points.
  public struct Option: Hashable, Sendable, Codable {
    public let code: String
    public let label: Phrase
    public let points: Int
  }

  /// How the totals of several assessors become one.
  public struct Assessors: Hashable, Sendable, Codable {
    public enum Combination: String, CaseIterable, Hashable, Sendable, Codable {
      case mean, median
    }

    public enum Rounding: String, CaseIterable, Hashable, Sendable, Codable {
      case down, up
    }

    /// How many assessors there must be.
    public let atLeast: Int
    public let combine: Combination
    public let rounding: Rounding

    /// - Precondition: there is a total.
    func total(of totals: [Int]) -> Int {
      let sorted = totals.sorted()
      let middle = sorted[(sorted.count - 1) / 2...sorted.count / 2]
      let counted = combine == .mean ? sorted[...] : middle
      let sum = counted.reduce(0, +)
      let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: counted.count)
      switch rounding {
      case .down: return remainder < 0 ? quotient - 1 : quotient
      case .up: return remainder > 0 ? quotient + 1 : quotient
      }
    }
  }

  /// The total from which a tier is reached.
  public struct Cutoff: Hashable, Sendable, Codable {
    public let tier: Tier
    public let atLeast: Int
  }

  public let label: Phrase
  /// Empty where only totals are known.
  public let items: [Item]
  public let cutoffs: [Cutoff]
  public let assessors: Assessors
  /// The place in the rule.
  public let reference: String
  public let verified: Bool
  /// The code of a ``RuleSet/Source``.
  public let source: String

  /// The lowest and the highest total that answers can give; nil without items.
  public var range: ClosedRange<Int>? {
    if items.isEmpty { return nil }
    let points = items.map { $0.options.map(\.points) }
    return points.reduce(0) { $0 + ($1.min() ?? 0) }...points.reduce(0) { $0 + ($1.max() ?? 0) }
  }
}

extension ScoreCard {
  /// A question of the form.
  public struct Item: Hashable, Sendable {
    public let code: String
    public let label: Phrase
    /// The code of the factor that it looks at.
    public let factor: String?
    public let options: [Option]
    /// The place in the rule.
    public let reference: String
    public let verified: Bool
    /// The code of a ``RuleSet/Source``.
    public let source: String
  }
}

extension ScoreCard.Item: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(label, forKey: .label)
    try container.encode(factor, forKey: .factor)
    try container.encode(options, forKey: .options)
    try container.encode(reference, forKey: .reference)
    try container.encode(verified, forKey: .verified)
    try container.encode(source, forKey: .source)
  }
}
