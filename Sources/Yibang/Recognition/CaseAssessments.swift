package import Foundation
import HardshipRecognition
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

  private static let assess: SQL = "select case_assess($1, $2, $3, $4, $5, $6, $7, $8, $9)"

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
    let grounds = CaseGrounds.Finding(factors: factors, answers: answers)
    let sealedGrounds =
      grounds.isEmpty
      ? nil : try context.platform.vault.sealJSON(grounds, at: CaseGrounds.finding(finding))
    return try await context.write { session in
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
            assess, finding, id, method.rawValue, showsHardship, points.map(Int32.init),
            sealedGrounds, sealed, day, actor.userID),
          audit(actor, "recognition.assess", id, ["method": method.rawValue]),
        ])
      return finding
    }
  }

  private static let findings: SQL = """
    select id, method, assessor, assessed_on, shows_hardship, score, private_sealed, grounds_sealed
    from case_findings($1, $2)
    """

  /// The findings of a case's present assessment. Reading them is recorded.
  package static func findings(_ id: UUID, in context: Context) async throws -> [Finding] {
    let actor = context.actor
    try actor.require(.assess)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      let found = try session.query(findings, id, actor.userID).map { row in
        let finding: UUID = try row.get(0)
        let sealed: [UInt8]? = try row.optional(6)
        let words = try sealed.map {
          String(
            decoding: try vault.open($0, at: SealedPlace("case_assessment", finding, "private")),
            as: UTF8.self)
        }
        let grounds = try vault.openJSON(
          CaseGrounds.Finding.self, try row.optional(7), at: CaseGrounds.finding(finding))
        let score: Int32? = try row.optional(5)
        let showsHardship: Bool? = try row.optional(4)
        return Finding(
          id: finding, method: AssessmentMethod(rawValue: try row.get(1)) ?? .appraisal,
          assessor: try row.get(2), on: try row.get(3), showsHardship: showsHardship,
          score: score.map(Int.init),
          words: words?.nonEmpty,
          // Those of another that are not to be seen yet stay nil.
          factors: showsHardship == nil ? nil : grounds?.factors ?? [])
      }
      _ = try session.batch([audit(actor, "recognition.read_findings", id, [:])])
      return found
    }
  }
}
