/// The rules of one region in one version, as data: what a decision was made under can be kept,
/// shown and applied again years later.
///
/// The same facts under the same ``id`` and ``version`` give the same answer on every machine.
/// A rule that changes is a new version, never an edit.
public struct RuleSet: Hashable, Sendable {
  /// How a tier is found.
  public enum Mode: String, Hashable, Sendable, Codable {
    /// From the category and the school's decision.
    case category
    /// From a scored form.
    case score
    /// From both; the harder tier holds.
    case categoryAndScore
  }

  /// One step of the procedure.
  public struct Step: Hashable, Sendable, Codable {
    public let code: String
    public let label: Phrase

    public init(code: String, label: Phrase) {
      self.code = code
      self.label = label
    }
  }

  /// The score from which a tier is reached, on the rule's scored form.
  public struct Cutoff: Hashable, Sendable, Codable {
    public let tier: Tier
    public let atLeast: Int

    public init(tier: Tier, atLeast: Int) {
      self.tier = tier
      self.atLeast = atLeast
    }
  }

  /// Stable over versions, such as `yunnan`.
  public let id: String
  /// Counts from 1.
  public let version: Int
  /// The region's code in GB/T 2260, or its beginning, such as `53`.
  public let regionCode: String
  public let region: Phrase
  /// The document's number, such as 云教规〔20xx〕3号.
  public let document: String
  /// The calendar year in which the first school year under these rules begins; nil if not known.
  public let firstSchoolYear: Int?
  /// The calendar year in which the last such school year begins; nil if none is set.
  public let lastSchoolYear: Int?
  public let mode: Mode
  public let tiers: [TierRule]
  /// In the order of the rule.
  public let categories: [Category]
  public let departments: [Department]
  public let factors: [Factor]
  /// In the order in which they are taken.
  public let steps: [Step]
  /// How long the result is published for objections, in working days.
  public let noticeWorkingDays: Int
  /// Empty unless the mode uses a score.
  public let cutoffs: [Cutoff]

  /// Made from tiers and categories, and not part of the coded form.
  let labels: LabelIndex

  public init(
    id: String, version: Int, regionCode: String, region: Phrase, document: String,
    firstSchoolYear: Int?, lastSchoolYear: Int?, mode: Mode, tiers: [TierRule],
    categories: [Category], departments: [Department], factors: [Factor], steps: [Step],
    noticeWorkingDays: Int, cutoffs: [Cutoff] = []
  ) {
    self.id = id
    self.version = version
    self.regionCode = regionCode
    self.region = region
    self.document = document
    self.firstSchoolYear = firstSchoolYear
    self.lastSchoolYear = lastSchoolYear
    self.mode = mode
    self.tiers = tiers
    self.categories = categories
    self.departments = departments
    self.factors = factors
    self.steps = steps
    self.noticeWorkingDays = noticeWorkingDays
    self.cutoffs = cutoffs
    labels = LabelIndex(tiers: tiers, categories: categories)
  }
}

extension RuleSet {
  /// Whether the rules are in force in the school year that begins in this calendar year. A bound
  /// that is not known excludes nothing.
  public func isInForce(schoolYearBeginning year: Int) -> Bool {
    (firstSchoolYear ?? year) <= year && year <= (lastSchoolYear ?? year)
  }

  /// The category with this code.
  public func category(code: String) -> Category? {
    categories.first { $0.code == code }
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
}

extension RuleSet: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, version, regionCode, region, document, firstSchoolYear, lastSchoolYear, mode, tiers
    case categories, departments, factors, steps, noticeWorkingDays, cutoffs
  }

  /// Reads a rule set; whether it is sound, ``inconsistencies`` tells.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try container.decode(String.self, forKey: .id),
      version: try container.decode(Int.self, forKey: .version),
      regionCode: try container.decode(String.self, forKey: .regionCode),
      region: try container.decode(Phrase.self, forKey: .region),
      document: try container.decode(String.self, forKey: .document),
      firstSchoolYear: try container.decodeIfPresent(Int.self, forKey: .firstSchoolYear),
      lastSchoolYear: try container.decodeIfPresent(Int.self, forKey: .lastSchoolYear),
      mode: try container.decode(Mode.self, forKey: .mode),
      tiers: try container.decode([TierRule].self, forKey: .tiers),
      categories: try container.decode([Category].self, forKey: .categories),
      departments: try container.decode([Department].self, forKey: .departments),
      factors: try container.decode([Factor].self, forKey: .factors),
      steps: try container.decode([Step].self, forKey: .steps),
      noticeWorkingDays: try container.decode(Int.self, forKey: .noticeWorkingDays),
      cutoffs: try container.decodeIfPresent([Cutoff].self, forKey: .cutoffs) ?? [])
  }
}
