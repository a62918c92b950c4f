package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Cases {
  /// What one assessor found. What others found is nil until the whole panel has answered.
  package struct Finding: Sendable, Codable {
    package let id: UUID
    package let method: AssessmentMethod
    package let assessor: String
    package let on: CalendarDate
    package let showsHardship: Bool?
    package let score: Int?
    package let words: String?
    /// The rules' factors of which it speaks.
    package let factors: [String]?

    enum CodingKeys: String, CodingKey {
      case id, method, assessor, on
      case showsHardship = "shows_hardship"
      case score, words, factors
    }
  }

  private static let assess: SQL = "select case_assess($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"

  /// Records what the actor, who is on the case's panel, found.
  /// - Parameters:
  ///   - score: with the method `.score`, and only with it; where the rules have a score card, the
  ///     answers make it.
  ///   - answers: the option chosen for each item of the score card.
  ///   - factors: the rules' factors of which the finding speaks.
  ///   - words: what was found; kept sealed.
  /// - Throws: `RecognitionError.notOnPanel`, `.assessedBefore`, `.scoreWithMethod`,
  ///   `.unknownFactor`, `.scoreCard`, `.wrongState`.
  package static func assess(
    _ id: UUID, method: AssessmentMethod, showsHardship: Bool, score: Int? = nil,
    answers: [String: String] = [:], factors: [String] = [], words: String = "",
    on day: CalendarDate, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.assess)
    let finding = UUID.v7()
    let sealed = try context.platform.vault.seal(
      [UInt8](words.utf8), at: SealedPlace("case_assessment", finding, "private"))
    try await context.write { session in
      let rules = try rules(of: id, session, actor)
      if let unknown = factors.first(where: { code in
        !rules.factors.contains { $0.code == code }
      }) {
        throw RecognitionError.unknownFactor(unknown, known: rules.factors.map(\.code))
      }
      let points = answers.isEmpty ? score : try rules.points(of: answers)
      _ = try run(
        session, from: [.nominated],
        [
          Bound(
            assess, finding, id, method.rawValue, showsHardship, points.map(Int32.init), factors,
            answers.isEmpty ? nil : Audit.json(answers), sealed, day, actor.userID),
          audit(actor, "recognition.assess", id, ["method": method.rawValue]),
        ])
    }
    return finding
  }

  private static let findings: SQL = """
    select id, method, assessor, assessed_on, shows_hardship, score, private_sealed, factors
    from case_findings($1, $2)
    """

  /// The findings of a case's present assessment. Reading them is recorded.
  package static func findings(_ id: UUID, in context: Context) async throws -> [Finding] {
    let actor = context.actor
    try actor.require(.assess)
    let vault = context.platform.vault
    return try await context.write { session in
      let found = try session.query(findings, id, actor.userID).map { row in
        let finding: UUID = try row.get(0)
        let sealed: [UInt8]? = try row.optional(6)
        let words = try sealed.map {
          String(
            decoding: try vault.open($0, at: SealedPlace("case_assessment", finding, "private")),
            as: UTF8.self)
        }
        let score: Int32? = try row.optional(5)
        return Finding(
          id: finding, method: AssessmentMethod(rawValue: try row.get(1)) ?? .appraisal,
          assessor: try row.get(2), on: try row.get(3), showsHardship: try row.optional(4),
          score: score.map(Int.init), words: words?.nonEmpty, factors: try row.optional(7))
      }
      _ = try session.batch([audit(actor, "recognition.read_findings", id, [:])])
      return found
    }
  }

  private static let propose: SQL = "select case_propose($1, $2, $3, $4, $5, $6, $7)"
  static let claims: SQL = """
    select c.claims, c.student_id, r.rule_set, r.rule_version from recognition_case c
    join recognition_round r on r.district_id = c.district_id and r.id = c.round_id
    where c.district_id = $1 and c.id = $2
    """
  private static let disqualify: SQL = "select case_set_disqualifiers($1, $2, $3)"

  /// The rules under which a case is decided: those of its round.
  /// - Throws: `RecognitionError.unknownCase`.
  static func rules(
    of id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> RuleSet {
    guard let row = try session.query(claims, actor.districtID, id).first else {
      throw RecognitionError.unknownCase
    }
    return try RuleBook(session, district: actor.districtID).rules(
      try row.get(2), version: Int(try row.get(3) as Int32))
  }

  /// Proposes what the rules give for the family's claims and proofs, or what the school decides with
  /// its reasons where they leave it to the school.
  /// - Parameters:
  ///   - proofs: the departments' words that were seen; one is enough for a category. What the
  ///     comparison lists give is added.
  ///   - decision: a tier and why; nil leaves the tier to the rules.
  ///   - rejection: why the pupil is not to be recognised, where the rules give no tier.
  ///   - disqualifiers: what excludes by the rules and was found to be true; it rejects by itself.
  /// - Returns: the assessment; a nil tier proposes not to recognise.
  /// - Throws: `RecognitionError.panelIncomplete`, `.noJustification`, `.undecided` where nothing gives
  ///   a tier, `.rulesRecognise`, `.unknownDepartment`, `.unknownDisqualifier`, `.wrongState`.
  package static func propose(
    _ id: UUID, proofs: [Proof], decision: SchoolDecision? = nil, rejection: String? = nil,
    disqualifiers: [String] = [], on day: CalendarDate, in context: Context
  ) async throws -> Assessment {
    let actor = context.actor
    try actor.require(.recognise)
    let vault = context.platform.vault
    return try await context.write { session in
      guard let row = try session.query(claims, actor.districtID, id).first else {
        throw RecognitionError.unknownCase
      }
      let codes: [String] = try row.get(0)
      let rules = try RuleBook(session, district: actor.districtID).rules(
        try row.get(2), version: Int(try row.get(3) as Int32))
      let hits = try ComparisonLists.hits(
        school: nil, student: try row.get(1), session, vault)
      let seen = try proofs.map {
        Proof(department: try ComparisonLists.department($0.department, rules), form: $0.form)
      }
      if let unknown = disqualifiers.first(where: { code in
        !rules.disqualifiers.contains { $0.code == code }
      }) {
        throw RecognitionError.unknownDisqualifier(unknown, known: rules.disqualifiers.map(\.code))
      }
      let found = claimProofs(claims: codes, seen: seen, hits: hits, rules: rules)
      var facts = try panelFacts(id, session)
      facts.claims = codes.map { code in
        Claim(category: code, proofs: found.filter { $0.category == code }.map(\.proof))
      }
      facts.schoolDecision = decision
      facts.disqualifiers = disqualifiers
      let result = HardshipRecognition.assess(facts, under: rules)
      if let decision, result.tier != decision.tier { throw RecognitionError.noJustification }
      let rejected =
        rejection.map(normalizeText)?.nonEmpty
        ?? (disqualifiers.isEmpty ? nil : disqualifiers.joined(separator: " "))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let reasons = JSON(text: String(decoding: try encoder.encode(result.reasons), as: UTF8.self))
      let words = [UInt8]((decision?.justification ?? rejected ?? "").utf8)
      let sealed = try vault.seal(words, at: SealedPlace("recognition_case", id, "private"))
      _ = try run(
        session, from: [.nominated],
        [
          record(found, case: id, on: day, by: actor),
          Bound(disqualify, id, disqualifiers, day),
          Bound(
            propose, id, result.tier?.rawValue, result.category, reasons, sealed, day,
            actor.userID),
          audit(actor, "recognition.propose", id, ["tier": result.tier?.rawValue]),
        ])
      // Once the database has found that the step is possible; nothing stays.
      if result.tier == nil && rejected == nil { throw RecognitionError.undecided }
      if result.tier != nil && rejected != nil { throw RecognitionError.rulesRecognise }
      return result
    }
  }
}
