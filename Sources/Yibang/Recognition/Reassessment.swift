package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

/// What a change of rules would do to pupils whose recognition is decided already.
package enum Reassessment {
  /// A pupil who would be recognised otherwise.
  package struct Change: Sendable, Codable {
    package enum Direction: String, Sendable, Codable, CaseIterable {
      case gains, loses
    }

    package let student: UUID
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: String
    package let direction: Direction
    /// By the rules that the decision was made under; nil for none.
    package let before: Tier?
    /// By the other rules.
    package let after: Tier?
    /// What the other rules lack for a tier.
    package let missing: [String]

    enum CodingKeys: String, CodingKey {
      case student, school, grade
      case className = "class"
      case name, direction, before, after, missing
    }
  }

  package struct Totals: Sendable, Codable, Equatable {
    package var pupils = 0
    package var gain = 0
    package var lose = 0
  }

  private static let facts: SQL = """
    select student_id, school, grade, class_name, name, tier, category, rule_set, rule_version,
      case_id, claims_sealed, grounds_sealed, proof_categories, proof_departments, proof_forms,
      scores, finding_ids, findings_show, findings_sealed
    from recognition_facts($1, $2) f
    where not exists (
      select from student s
      where s.district_id = current_district() and s.id = f.student_id and s.erased_on is not null
    )
    """

  /// Assesses a school year's pupils under other rules on the facts that are on record, and tells
  /// who would gain and lose. Nothing is changed. Pupils are read one at a time, so that a district
  /// of any size takes the same memory. Reading them is recorded.
  ///
  /// What a roster states is taken as proven, and a tier that the school decided as decided again.
  /// - Parameter tell: called for each change while they are read, in no order.
  /// - Throws: `AccessError`, `RuleSetFailure`, or what `tell` throws.
  package static func compare(
    school: UUID?, year: SchoolYear, with rules: RuleSet, in context: Context,
    _ tell: @escaping @Sendable (Change) throws -> Void
  ) async throws -> Totals {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(.readIdentities)
    if let school { try actor.require(school: school) }
    // Not repeated where PostgreSQL would have it so: changes are told only once.
    let vault = context.platform.vault
    return try await context.platform.database.transaction(
      settings: context.settings, attempts: 1
    ) { session in
      let book = try RuleBook(session, district: actor.districtID)
      var totals = Totals()
      try session.forEach(facts, Int32(year.firstYear), school) { row in
        let known = try Known(row, book, vault)
        totals.pupils += 1
        guard let change = known.change(under: rules) else { return }
        switch change.direction {
        case .gains: totals.gain += 1
        case .loses: totals.lose += 1
        }
        try tell(change)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "rules.compare", subject: "rule_set", id: nil, school: school,
          after: ["rule_set": rules.id, "version": "\(rules.version)", "year": "\(year)"])
      ])
      return totals
    }
  }

  /// One pupil's facts as they were decided on.
  private struct Known {
    private let row: Change
    private let old: RuleSet
    private let tier: Tier?
    private var facts: HardshipFacts
    /// The facts are a roster's tier and category.
    private let isRoster: Bool

    init(_ row: Row, _ book: RuleBook, _ vault: Vault) throws {
      tier = (try row.optional(5) as String?).flatMap(Tier.init)
      old = try book.rules(try row.get(7), version: Int(try row.get(8) as Int32))
      let decided: UUID? = try row.optional(9)
      isRoster = decided == nil
      facts = HardshipFacts()
      var schoolDecided = isRoster
      if let decided {
        let grounds = try vault.openJSON(
          CaseGrounds.Proposal.self, try row.optional(11), at: CaseGrounds.proposal(of: decided))
        facts = try Self.caseFacts(row, vault.claims(try row.optional(10), of: decided), vault)
        facts.disqualifiers = grounds?.disqualifiers ?? []
        schoolDecided = grounds?.reasons.contains { $0.code == .schoolDecided } ?? false
      } else {
        facts.claims = (try row.optional(6) as String?).map { [Claim(category: $0)] } ?? []
      }
      if let tier, schoolDecided {
        facts.schoolDecision = SchoolDecision(tier: tier, justification: "decided before")
      }
      self.row = Change(
        student: try row.get(0), school: try row.get(1), grade: try row.optional(2),
        className: try row.optional(3), name: try row.get(4), direction: .gains, before: nil,
        after: nil, missing: [])
    }

    private static func caseFacts(
      _ row: Row, _ claims: [String], _ vault: Vault
    ) throws -> HardshipFacts {
      let categories: [String] = try row.optional(12) ?? []
      let departments: [String] = try row.optional(13) ?? []
      let forms: [String] = try row.optional(14) ?? []
      var facts = HardshipFacts()
      facts.claims = claims.map { code in
        Claim(
          category: code,
          proofs: categories.indices.filter { categories[$0] == code }.map {
            Proof(
              department: departments[$0],
              form: Proof.Form(rawValue: forms[$0]) ?? .certificate)
          })
      }
      facts.findings = try findings(row, vault)
      facts.assessorTotals = (try row.optional(15) as [Int32]? ?? []).map(Int.init)
      return facts
    }

    private static func findings(
      _ row: Row, _ vault: Vault
    ) throws -> [HardshipRecognition.Finding] {
      let ids: [UUID] = try row.optional(16) ?? []
      let show: [Bool] = try row.optional(17) ?? []
      let sealed: [[UInt8]] = try row.optional(18) ?? []
      return try ids.indices.flatMap { index in
        let found = try vault.openJSON(
          CaseGrounds.Finding.self, sealed[index], at: CaseGrounds.finding(ids[index]))
        return (found?.factors ?? []).map {
          HardshipRecognition.Finding(factor: $0, showsHardship: show[index])
        }
      }
    }

    func change(under rules: RuleSet) -> Change? {
      let before = assess(facts(for: old), under: old).tier
      let result = assess(facts(for: rules), under: rules)
      let after = result.tier
      guard before != after else { return nil }
      let gains = after.map { after in before.map { $0 < after } ?? true } ?? false
      return Change(
        student: row.student, school: row.school, grade: row.grade, className: row.className,
        name: row.name, direction: gains ? .gains : .loses, before: before, after: after,
        missing: after == nil ? result.missingProofs.map(\.category) : [])
    }

    /// The facts in the words of these rules: a category that they do not code alike goes by its name.
    private func facts(for rules: RuleSet) -> HardshipFacts {
      var facts = facts
      for index in facts.claims.indices {
        let code = facts.claims[index].category
        if rules.category(code: code) == nil, let category = old.category(code: code) {
          facts.claims[index].category = category.label.zh
        }
        if isRoster {
          let matches = rules.categories(in: facts.claims[index].category).matches
          facts.claims[index].proofs = matches.flatMap(\.category.departments).map {
            Proof(department: $0, form: .certificate)
          }
        }
      }
      return facts
    }
  }
}
