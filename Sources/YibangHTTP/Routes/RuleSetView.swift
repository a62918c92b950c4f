import HardshipRecognition

extension API {
  /// A rule set as people read it; all of it: `/rule-sets/{id}/document`.
  struct RuleSetView: Codable, Sendable {
    struct Coded: Codable, Sendable {
      let code: String
      let label: Phrase
    }

    struct TierLine: Codable, Sendable {
      let tier: Tier
      let label: Phrase
    }

    struct CategoryLine: Codable, Sendable {
      let code: String
      let numeral: String
      let label: Phrase
      let tier: Tier?
      /// Any one of their proofs is enough.
      let departments: [String]
      let verified: Bool
    }

    struct ScoreOption: Codable, Sendable {
      let code: String
      let label: Phrase
      let points: Int
    }

    struct ScoreItem: Codable, Sendable {
      let code: String
      let label: Phrase
      let options: [ScoreOption]
    }

    let id: String
    let version: Int
    let region: Phrase
    let document: String
    let mode: RuleSet.Mode
    let tiers: [TierLine]
    let categories: [CategoryLine]
    let departments: [Coded]
    let factors: [Coded]
    let disqualifiers: [Coded]
    let scoreItems: [ScoreItem]

    init(_ rules: RuleSet) {
      id = rules.id
      version = rules.version
      region = rules.region.label
      document = rules.document
      mode = rules.mode
      tiers = rules.tiers.map { TierLine(tier: $0.tier, label: $0.label) }
      categories = rules.categories.map {
        CategoryLine(
          code: $0.code, numeral: $0.numeral, label: $0.label, tier: $0.defaultTier,
          departments: $0.departments, verified: $0.verified)
      }
      departments = rules.departments.map { Coded(code: $0.code, label: $0.label) }
      factors = rules.factors.map { Coded(code: $0.code, label: $0.label) }
      disqualifiers = rules.disqualifiers.map { Coded(code: $0.code, label: $0.label) }
      scoreItems = (rules.scoreCard?.items ?? []).map { item in
        ScoreItem(
          code: item.code, label: item.label,
          options: item.options.map {
            ScoreOption(code: $0.code, label: $0.label, points: $0.points)
          })
      }
    }
  }
}
