/// A rule set as it is coded, field by field as in `rule-set.schema.json`.
struct RuleData: Hashable, Sendable {
  let format: Int
  let id: String
  let version: Int
  let region: RuleSet.Region
  let document: String
  let effectiveFrom: RuleDate?
  let effectiveTo: RuleDate?
  let mode: RuleSet.Mode
  let sources: [RuleSet.Source]
  let tiers: [TierRule]
  let departments: [Department]
  let categories: [Category]
  let disqualifiers: [Disqualifier]
  let factors: [Factor]
  let scoreCard: ScoreCard?
  let notice: RuleSet.Notice
  let steps: [RuleSet.Step]
}

// The coded form has every key: what is not there is null, so that nothing is left out by mistake.
extension RuleData: Codable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(format, forKey: .format)
    try container.encode(id, forKey: .id)
    try container.encode(version, forKey: .version)
    try container.encode(region, forKey: .region)
    try container.encode(document, forKey: .document)
    try container.encode(effectiveFrom, forKey: .effectiveFrom)
    try container.encode(effectiveTo, forKey: .effectiveTo)
    try container.encode(mode, forKey: .mode)
    try container.encode(sources, forKey: .sources)
    try container.encode(tiers, forKey: .tiers)
    try container.encode(departments, forKey: .departments)
    try container.encode(categories, forKey: .categories)
    try container.encode(disqualifiers, forKey: .disqualifiers)
    try container.encode(factors, forKey: .factors)
    try container.encode(scoreCard, forKey: .scoreCard)
    try container.encode(notice, forKey: .notice)
    try container.encode(steps, forKey: .steps)
  }
}
