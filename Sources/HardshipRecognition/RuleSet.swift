/// The rules of one region in one version, as data: what a decision was made under can be kept,
/// shown and applied again years later.
///
/// The same facts under the same ``id`` and ``version`` give the same answer on every machine.
/// A rule that changes is a new version, never an edit. Rule sets are read from JSON:
/// ``init(json:)``; what contradicts itself in one, ``findings`` tells.
public struct RuleSet: Sendable {
  /// How a tier is found.
  public enum Mode: String, CaseIterable, Hashable, Sendable, Codable {
    /// From the category and the school's decision.
    case category
    /// From a scored form.
    case score
    /// From both; the harder tier holds.
    case both
  }

  /// Where the rules hold.
  public struct Region: Hashable, Sendable, Codable {
    /// The code in GB/T 2260, or its beginning, such as `53`; `00` is the whole country.
    public let code: String
    public let label: Phrase
  }

  /// Where entries were read, or on what they are assumed.
  public struct Source: Hashable, Sendable, Codable {
    public let code: String
    public let label: Phrase
  }

  /// One step of the procedure.
  public struct Step: Hashable, Sendable, Codable {
    public let code: String
    public let label: Phrase
    public let verified: Bool
    /// The code of a ``RuleSet/Source``.
    public let source: String
  }

  /// How long a result is published for objections.
  public struct Notice: Hashable, Sendable, Codable {
    /// Where the list is shown.
    public enum Level: String, CaseIterable, Hashable, Sendable, Codable {
      case `class`, grade, school
    }

    public let workingDays: Int
    /// Whose working days: `cn` is the state's calendar of holidays and make-up days.
    public let calendar: String
    public let levels: [Level]
    public let verified: Bool
    /// The code of a ``RuleSet/Source``.
    public let source: String
  }

  let index: RuleIndex
  private var data: RuleData { index.data }

  init(_ data: RuleData) {
    index = RuleIndex(data)
  }

  /// Stable over versions, such as `yunnan`.
  public var id: String { data.id }
  /// Counts from 1.
  public var version: Int { data.version }
  public var region: Region { data.region }
  /// The document's number, such as 云教规〔20xx〕3号.
  public var document: String { data.document }
  /// The first day in force; nil if it is not known.
  public var effectiveFrom: RuleDate? { data.effectiveFrom }
  /// The last day in force; nil if none is set or known.
  public var effectiveTo: RuleDate? { data.effectiveTo }
  public var mode: Mode { data.mode }
  public var sources: [Source] { data.sources }
  public var tiers: [TierRule] { data.tiers }
  public var departments: [Department] { data.departments }
  /// In the order of the rule.
  public var categories: [Category] { data.categories }
  /// What excludes a pupil once it is established.
  public var disqualifiers: [Disqualifier] { data.disqualifiers }
  public var factors: [Factor] { data.factors }
  /// Nil unless the mode uses a score.
  public var scoreCard: ScoreCard? { data.scoreCard }
  public var notice: Notice { data.notice }
  /// In the order in which they are taken.
  public var steps: [Step] { data.steps }
}

extension RuleSet {
  /// How long the result is published for objections, in working days.
  public var noticeWorkingDays: Int { notice.workingDays }

  /// Whether the rules are in force on a day. A bound that is not known excludes nothing.
  public func isInForce(on day: RuleDate) -> Bool {
    (effectiveFrom ?? day) <= day && day <= (effectiveTo ?? day)
  }

  /// Whether the rules are in force on 1 September of this year, when its school year begins.
  public func isInForce(schoolYearBeginning year: Int) -> Bool {
    RuleDate(year: year, month: 9, day: 1).map(isInForce) ?? false
  }

  /// The category with this code.
  public func category(code: String) -> Category? {
    categories.first { $0.code == code }
  }

  /// The department with this code.
  public func department(code: String) -> Department? {
    departments.first { $0.code == code }
  }

  /// The rule's definition of a tier; nil if it does not use it.
  public func rule(for tier: Tier) -> TierRule? {
    tiers.first { $0.tier == tier }
  }

  /// The rule's name for a tier, or the usual one if the rule does not use it.
  public func label(of tier: Tier) -> Phrase {
    rule(for: tier)?.label ?? tier.label
  }

  /// A place in the rule with the document's number, as reasons cite it.
  func cite(_ reference: String) -> String {
    reference.isEmpty ? document : "\(document) \(reference)"
  }

  /// Everything that reasons can cite.
  var places: Set<String> {
    var references = categories.map(\.reference) + disqualifiers.map(\.reference)
    references += factors.map(\.reference)
    if let scoreCard { references += [scoreCard.reference] + scoreCard.items.map(\.reference) }
    return Set((references + [""]).map(cite))
  }
}

extension RuleSet: Hashable {
  public static func == (left: RuleSet, right: RuleSet) -> Bool {
    left.index === right.index || left.data == right.data
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(data)
  }
}

extension RuleSet: CustomStringConvertible {
  public var description: String { "\(id) \(version)" }
}
