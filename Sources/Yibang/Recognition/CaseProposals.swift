package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Cases {
  private static let propose: SQL = "select case_propose($1, $2, $3, $4, $5, $6, $7)"
  static let claims: SQL = """
    select c.claims_sealed, c.student_id, r.rule_set, r.rule_version from recognition_case c
    join recognition_round r on r.district_id = c.district_id and r.id = c.round_id
    where c.district_id = $1 and c.id = $2
    """

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

  /// What the school brings to a case beside what the family claims and the panel found.
  private struct Grounds {
    let proofs: [Proof]
    let decision: SchoolDecision?
    let disqualifiers: [String]
  }

  /// What the rules say of a case on these grounds, with the proofs that bear it out.
  private static func weigh(
    _ id: UUID, _ grounds: Grounds, _ session: borrowing Session, _ context: Context
  ) throws -> (assessment: Assessment, proofs: [ClaimProof]) {
    let actor = context.actor
    guard let row = try session.query(claims, actor.districtID, id).first else {
      throw RecognitionError.unknownCase
    }
    let codes = try context.platform.vault.claims(try row.get(0), of: id)
    let rules = try RuleBook(session, district: actor.districtID).rules(
      try row.get(2), version: Int(try row.get(3) as Int32))
    let hits = try ComparisonLists.hits(
      school: nil, student: try row.get(1), session, context.platform.vault)
    let seen = try grounds.proofs.map {
      Proof(department: try ComparisonLists.department($0.department, rules), form: $0.form)
    }
    for code in grounds.disqualifiers
    where !rules.disqualifiers.contains(where: { $0.code == code }) {
      throw RecognitionError.unknownDisqualifier(code, known: rules.disqualifiers.map(\.code))
    }
    let found = claimProofs(claims: codes, seen: seen, hits: hits, rules: rules)
    var facts = try panelFacts(id, session, context.platform.vault)
    facts.claims = codes.map { code in
      Claim(category: code, proofs: found.filter { $0.category == code }.map(\.proof))
    }
    facts.schoolDecision = grounds.decision
    facts.disqualifiers = grounds.disqualifiers
    return (HardshipRecognition.assess(facts, under: rules), found)
  }

  /// What the rules would say of a case: the tier, why, what is missing and what would change it.
  /// Nothing is proposed. Reading it is recorded, since it tells the category. Parameters and errors as
  /// of `propose`.
  package static func preview(
    _ id: UUID, proofs: [Proof], decision: SchoolDecision? = nil, disqualifiers: [String] = [],
    in context: Context
  ) async throws -> Assessment {
    let actor = context.actor
    let grounds = Grounds(proofs: proofs, decision: decision, disqualifiers: disqualifiers)
    try actor.require(.recognise)
    try actor.require(.readIdentities)
    return try await context.readTraced { session in
      let result = try weigh(id, grounds, session, context).assessment
      _ = try session.batch([audit(actor, "recognition.preview", id, [:])])
      return result
    }
  }

  /// Proposes what the rules give for the family's claims, the proofs and the panel's findings, or what
  /// the school decides with its reasons where they leave it to the school.
  /// - Parameters:
  ///   - proofs: the departments' words that were seen, by a department's code or label; one is enough
  ///     for a category. What the comparison lists give is added.
  ///   - decision: a tier and why; nil leaves the tier to the rules.
  ///   - rejection: why the pupil is not to be recognised, where the rules give no tier.
  ///   - disqualifiers: what excludes by the rules and was found to be true; it needs no rejection.
  /// - Returns: the assessment; a nil tier proposes not to recognise.
  /// - Throws: `RecognitionError.panelIncomplete`, `.noJustification`, `.undecided` where nothing gives
  ///   a tier, `.rulesRecognise`, `.unknownDepartment`, `.unknownDisqualifier`, `.wrongState`.
  package static func propose(
    _ id: UUID, proofs: [Proof], decision: SchoolDecision? = nil, rejection: String? = nil,
    disqualifiers: [String] = [], on day: CalendarDate, in context: Context
  ) async throws -> Assessment {
    let actor = context.actor
    let grounds = Grounds(proofs: proofs, decision: decision, disqualifiers: disqualifiers)
    try actor.require(.recognise)
    try await context.write { session in
      let (result, found) = try weigh(id, grounds, session, context)
      if let decision = grounds.decision, result.tier != decision.tier {
        throw RecognitionError.noJustification
      }
      let rejected =
        rejection.map(normalizeText)?.nonEmpty
        ?? grounds.disqualifiers.joined(separator: " ").nonEmpty
      let reasoned = CaseGrounds.Proposal(
        reasons: result.reasons, disqualifiers: grounds.disqualifiers)
      let words = [UInt8]((grounds.decision?.justification ?? rejected ?? "").utf8)
      let sealed = try context.platform.vault.seal(
        words, at: SealedPlace("recognition_case", id, "private"))
      _ = try run(
        session, from: [.nominated],
        [
          record(found, case: id, on: day, by: actor),
          Bound(
            propose, id, result.tier?.rawValue, result.category,
            try context.platform.vault.sealJSON(reasoned, at: CaseGrounds.proposal(of: id)), sealed,
            day, actor.userID),
          audit(actor, "recognition.propose", id, ["tier": result.tier?.rawValue]),
        ])
      // Once the database has found that the step is possible; nothing stays.
      if result.tier == nil && rejected == nil { throw RecognitionError.undecided }
      if result.tier != nil && rejected != nil { throw RecognitionError.rulesRecognise }
    }
    // Not what the transaction found: that would be kept, in clear, for a repetition.
    return try await context.read { try weigh(id, grounds, $0, context).assessment }
  }
}
