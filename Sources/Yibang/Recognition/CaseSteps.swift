package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Cases {
  // $1 id, $2 round, $3 pupil, $4 guardian, $5 signed, $6 claims, $7 day, $8 actor
  static let apply: SQL = "select case_apply($1, $2, $3, $4, $5, $6, $7, $8)"
  static let schoolOf: SQL = """
    select school_id from student where district_id = $1 and id = $2
    """
  static let guardian: SQL = """
    select id from guardian where district_id = $1 and student_id = $2 and name = $3
    """

  /// Records a family's own application.
  /// - Parameters:
  ///   - guardian: the name of a guardian on record, who applies.
  ///   - claims: categories, by code, label or a word that sheets use.
  ///   - signed: whether the guardian signed and promised that the statements are true.
  /// - Returns: the case.
  /// - Throws: `RecognitionError`, `StudentError.unknown`.
  package static func apply(
    student: UUID, year: SchoolYear, guardian name: String, claims: [String], signed: Bool,
    on day: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recognise)
    let claim = IdempotencyKey(
      key, operation: "recognition.apply",
      request: [student.uuidString, "\(year)", name, "\(signed)", "\(day)"] + claims)
    let vault = context.platform.vault
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      guard let school: UUID = try session.query(schoolOf, actor.districtID, student).first?.get(0)
      else { throw StudentError.unknown(student) }
      let round = try Rounds.find(year, school: school, session, actor.districtID)
      let book = try RuleBook(session, district: actor.districtID)
      let codes = try categories(
        claims, try book.rules(round.ruleSet, version: round.ruleVersion))
      let person = try session.query(
        guardian, actor.districtID, student, normalizeName(name))
      guard let guardian: UUID = try person.first?.get(0) else {
        throw RecognitionError.notGuardian
      }
      _ = try run(
        session,
        [
          Bound(
            apply, id, round.id, student, guardian, signed,
            try vault.sealJSON(codes, at: CaseGrounds.claims(of: id)), day, actor.userID),
          audit(actor, "recognition.apply", id, ["applied_on": "\(day)"]),
        ])
      return (id, false)
    }
  }

  static func categories(_ words: [String], _ rules: RuleSet) throws -> [String] {
    var codes: [String] = []
    for word in words {
      let check = rules.check(tier: nil, category: word)
      guard let code = check.category?.code ?? rules.category(code: word)?.code else {
        throw RecognitionError.unknownCategory(word)
      }
      if !codes.contains(code) { codes.append(code) }
    }
    return codes
  }

  private static let nominate: SQL = "select case_nominate($1, $2, $3, $4)"

  /// Records whether the class nominates these applicants, all or none.
  /// - Returns: them.
  /// - Throws: `RecognitionError.wrongState`, `.unknownCase`, `.beforeStep`.
  @discardableResult
  package static func nominate(
    _ cases: [UUID], nominated: Bool, on day: CalendarDate, in context: Context
  ) async throws -> [UUID] {
    let actor = context.actor
    try actor.require(.recognise)
    return try await context.write { session in
      for id in cases {
        _ = try run(
          session, from: [.applied],
          [
            Bound(nominate, id, nominated, day, actor.userID),
            audit(actor, "recognition.nominate", id, ["nominated": "\(nominated)"]),
          ])
      }
      return cases
    }
  }

  private static let setPanel: SQL = "select case_set_panel($1, $2, $3)"
  private static let user: SQL = "select id from app_user where district_id = $1 and login = $2"

  /// Names who assesses these cases, two at least.
  /// - Returns: them.
  /// - Throws: `RecognitionError.panelTooSmall`, `.panelBegun`, `.notOfSchool`, `.wrongState`.
  @discardableResult
  package static func setPanel(
    _ cases: [UUID], assessors: [String], on day: CalendarDate, in context: Context
  ) async throws -> [UUID] {
    let actor = context.actor
    try actor.require(.recognise)
    return try await context.write { session in
      let users = try assessors.map { login in
        guard let id: UUID = try session.query(user, actor.districtID, login).first?.get(0) else {
          throw RecognitionError.notOfSchool
        }
        return id
      }
      for id in cases {
        _ = try run(
          session, from: [.nominated],
          [
            Bound(setPanel, id, users, day),
            audit(
              actor, "recognition.panel", id, ["assessors": assessors.joined(separator: " ")]),
          ])
      }
      return cases
    }
  }

  private static let withdraw: SQL = "select case_withdraw($1, $2, $3)"

  /// Ends a case at the family's wish; a line on a notice goes at once.
  /// - Throws: `RecognitionError.wrongState`, `.unknownCase`, `.beforeStep`.
  package static func withdraw(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.recognise)
    try await context.write { session in
      _ = try run(
        session,
        [
          Bound(withdraw, id, day, actor.userID),
          audit(actor, "recognition.withdraw", id, ["withdrawn_on": "\(day)"]),
        ])
    }
  }
}
