/// Something in a rule set that contradicts itself or cannot work, for whoever edits it.
public struct RuleFinding: Hashable, Sendable, Codable {
  public enum Severity: String, CaseIterable, Hashable, Sendable, Codable {
    /// Not to be used like this.
    case error
    /// To be looked at.
    case warning
  }

  /// The values are stable.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    /// A code, a number or a tier that must be unique is there twice.
    case duplicateCode = "duplicate-code"
    /// One word means two things; the first holds.
    case duplicateLabel = "duplicate-label"
    case unknownTier = "unknown-tier"
    case unknownDepartment = "unknown-department"
    case unknownFactor = "unknown-factor"
    case unknownSource = "unknown-source"
    /// No proof that the rules know, or no word, leads to the category.
    case unreachableCategory = "unreachable-category"
    /// Nothing gives the tier.
    case tierWithoutRule = "tier-without-rule"
    /// A score card is missing, or there is one that the mode does not use.
    case scoreCardMode = "score-card-mode"
    /// Two tiers from the same total.
    case cutoffOverlap = "cutoff-overlap"
    /// A harder tier from a lower total.
    case cutoffDisorder = "cutoff-disorder"
    /// A tier between others has no cut-off, so that totals jump over it.
    case cutoffGap = "cutoff-gap"
    /// No answers reach the cut-off.
    case cutoffUnreachable = "cutoff-unreachable"
    /// All answers reach the cut-off.
    case cutoffAlwaysReached = "cutoff-always-reached"
    case noticeDays = "notice-days"
    /// The last day in force is before the first.
    case datesReversed = "dates-reversed"
    /// The same id and version with different content.
    case versionConflict = "version-conflict"
    /// Two versions of one region are in force on the same day.
    case datesOverlap = "dates-overlap"
    /// Between two versions of one region there are days without rules.
    case datesGap = "dates-gap"
  }

  public let code: Code
  public let severity: Severity
  /// The place, as in `$.categories[3].proofs[0].department`; over several rule sets it begins with
  /// that of the rule set, as in `$[1].effectiveFrom`.
  public let path: String
  public let zh: String
  public let en: String

  init(
    _ code: Code, _ path: String, severity: Severity = .error, zh: String, en: String
  ) {
    self.code = code
    self.severity = severity
    self.path = path
    self.zh = zh
    self.en = en
  }
}

extension RuleFinding: CustomStringConvertible {
  public var description: String { "\(severity.rawValue) \(code.rawValue) \(path): \(zh) · \(en)" }
}

extension RuleSet {
  /// What contradicts itself or cannot work in these rules. To be asked before a rule set is used: it
  /// is fit for use if no finding is an error.
  public var findings: [RuleFinding] {
    repetitions + unknownCodes + unreachableCategories + tiersWithoutRule + cutoffFindings
      + otherFindings
  }

  /// What does not agree between rule sets: one version with two contents, and versions of a region
  /// whose days in force overlap or leave days out.
  public static func findings(in rules: [RuleSet]) -> [RuleFinding] {
    versionConflicts(rules) + regionDates(rules)
  }

  private var otherFindings: [RuleFinding] {
    var found: [RuleFinding] = []
    if notice.workingDays < 1 {
      found.append(
        RuleFinding(
          .noticeDays, "$.notice.workingDays", zh: "公示至少一个工作日",
          en: "the notice lasts at least one working day"))
    } else if notice.workingDays > 60 {
      found.append(
        RuleFinding(
          .noticeDays, "$.notice.workingDays", severity: .warning, zh: "公示超过60个工作日，请核对",
          en: "the notice lasts more than 60 working days; please check"))
    }
    if let from = effectiveFrom, let to = effectiveTo, to < from {
      found.append(
        RuleFinding(
          .datesReversed, "$.effectiveTo", zh: "失效日期\(to)早于生效日期\(from)",
          en: "the last day in force, \(to), is before the first, \(from)"))
    }
    return found
  }
}

// MARK: - Several rule sets

extension RuleSet {
  private static func versionConflicts(_ rules: [RuleSet]) -> [RuleFinding] {
    rules.indices.compactMap { place -> RuleFinding? in
      let later = rules[place]
      let earlier = rules[..<place].first { $0.id == later.id && $0.version == later.version }
      guard let earlier, earlier != later else { return nil }
      return RuleFinding(
        .versionConflict, "$[\(place)].version",
        zh: "\(later.id)第\(later.version)版已有不同的内容；修改须用新的版本号",
        en:
          "\(later.id) version \(later.version) is there with other content; a change needs a new "
          + "version")
    }
  }

  /// A bound that is not known could lie anywhere: an overlap that hangs on it is only a warning.
  private static func regionDates(_ rules: [RuleSet]) -> [RuleFinding] {
    var seen: Set<RuleSet> = []
    let different = rules.indices.filter { seen.insert(rules[$0]).inserted }
    return Dictionary(grouping: different) { rules[$0].region.code }.sorted { $0.key < $1.key }
      .flatMap { _, places in
        let ordered = places.sorted { left, right in
          let (left, right) = (rules[left], rules[right])
          return (left.effectiveFrom?.description ?? "", left.version, left.id)
            < (right.effectiveFrom?.description ?? "", right.version, right.id)
        }
        var found: [RuleFinding] = []
        for (number, place) in ordered.enumerated() {
          let earlier = ordered[..<number]
          found += earlier.compactMap { overlap(rules, $0, place) }
          if let gap = gap(rules, Array(earlier), place) { found.append(gap) }
        }
        return found
      }
  }

  private static func overlap(_ rules: [RuleSet], _ first: Int, _ second: Int) -> RuleFinding? {
    let (earlier, later) = (rules[first], rules[second])
    if let to = earlier.effectiveTo, let from = later.effectiveFrom, to < from { return nil }
    if let from = earlier.effectiveFrom, let to = later.effectiveTo, to < from { return nil }
    let isCertain = later.effectiveFrom != nil && earlier.effectiveTo != nil
    let name = "\(earlier.id) \(earlier.version)"
    let from = later.effectiveFrom
    return RuleFinding(
      .datesOverlap, "$[\(second)].effectiveFrom", severity: isCertain ? .error : .warning,
      zh: "与\(name)的有效期重叠" + (from.map { "（自\($0)）" } ?? "（生效日期未知）")
        + (isCertain ? "" : "，因为有的日期没有填写"),
      en: "in force together with \(name)" + (from.map { " from \($0)" } ?? "")
        + (isCertain ? "" : ", as far as the days are known"))
  }

  private static func gap(_ rules: [RuleSet], _ earlier: [Int], _ place: Int) -> RuleFinding? {
    guard let from = rules[place].effectiveFrom, !earlier.isEmpty else { return nil }
    let ends = earlier.compactMap { rules[$0].effectiveTo }
    guard ends.count == earlier.count, let last = ends.max(), let next = last.next, next < from
    else { return nil }
    return RuleFinding(
      .datesGap, "$[\(place)].effectiveFrom", severity: .warning,
      zh: "自\(next)至\(from)之前没有办法有效", en: "no rules are in force from \(next) until \(from)")
  }
}
