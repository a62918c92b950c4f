package import Foundation
import Postgres
package import SchoolCalendar

extension Consents {
  /// What a withdrawal ended.
  package struct Withdrawal: Sendable, Codable {
    package let consents: [UUID]
    /// Pairs that waited for acceptance and lapsed.
    package let lapsed: [UUID]
  }

  private static let guardianID: SQL = """
    select id from guardian where district_id = $1 and student_id = $2 and name = $3
    """
  // $1 pupil, $2 scope, $3 sponsor, $4 giver, $5 guardian, $6 how, $7 day, $8 actor
  private static let end: SQL = """
    select what, id from consent_withdraw($1, $2, $3, $4, $5, $6, $7, $8)
    """

  // $1 pupil, $2 giver, $3 guardian, $4 how, $5 day, $6 actor
  private static let object: SQL = "select consent_object($1, $2, $3, $4, $5, $6)"

  /// Withdraws a scope, given by whom it was. From the answer on nothing is shared by it: open pairs
  /// of the pupil have lapsed, and no acceptance, copy or publication passes. A running pairing goes
  /// on: the support does not end, but the sponsor learns nothing more of the child.
  ///
  /// Where the application is the ground (`.dataMatch`) and no consent was ever given, this records an
  /// objection, in force at once.
  /// - Parameters:
  ///   - giver: nil where nobody is named, as by commands of before.
  ///   - donor: towards this sponsor; nil: towards all.
  ///   - how: in writing, by telephone.
  /// - Throws: `ConsentError.notRunning`, `.notGuardian`, `.pupilTooYoung`, `.noHow`;
  ///   `StudentError.unknown`, `AccessError`.
  package static func withdraw(
    student: UUID, _ scope: ConsentScope, donor: UUID? = nil, by giver: ConsentGiver?,
    how: String, on day: CalendarDate, in context: Context
  ) async throws -> Withdrawal {
    let actor = context.actor
    try actor.require(.importStudents)
    let how = normalizeText(how)
    guard !how.isEmpty else { throw ConsentError.noHow }
    do {
      return try await context.write { session in
        var person: UUID?
        if case .guardian(let name) = giver {
          let rows = try session.query(
            guardianID, actor.districtID, student, normalizeName(name))
          guard let row = rows.first else { throw ConsentError.notGuardian }
          person = try row.get(0)
        }
        let ended = try session.query(
          end, student, scope.rawValue, donor, giver?.code ?? "guardian", person, how, day,
          actor.userID)
        var ids: [String: [UUID]] = [:]
        for row in ended { ids[try row.get(0), default: []].append(try row.get(1)) }
        if ids["consent"] == nil, scope.restsOnApplication, donor == nil,
          let objection: UUID = try session.query(
            object, student, giver?.code ?? "guardian", person, how, day, actor.userID)[0].optional(
              0)
        {
          ids["consent"] = [objection]
        }
        guard let consents = ids["consent"] else { throw ConsentError.notRunning(scope) }
        let lapsed = ids["pair"] ?? []
        _ = try session.batch(
          [
            Audit.statement(
              actor, "consent.withdraw", subject: "student", id: student,
              after: [
                "scope": scope.rawValue, "donor": donor?.lowercase, "withdrawn_on": "\(day)",
                "consents": consents.map(\.lowercase).joined(separator: " "),
              ])
          ]
            + lapsed.map {
              Audit.statement(
                actor, "match.lapse", subject: "proposal_pair", id: $0,
                after: ["reason": "consent withdrawn"])
            }
            + (ids["proposal"] ?? []).map {
              Audit.statement(
                actor, "match.settle", subject: "proposal", id: $0,
                after: ["reason": "consent withdrawn"])
            })
        return Withdrawal(consents: consents, lapsed: lapsed)
      }
    } catch let error as PostgresError {
      throw ConsentError.refusal(error, student: student, scope: scope)
    }
  }
}
