package import Foundation
import Postgres
package import SchoolCalendar

/// What of a pupil may be shared: given, kept, withdrawn, and asked before anything leaves the house.
package enum Consents {
  package struct Grant: Sendable {
    package var student: UUID
    package var scope: ConsentScope
    package var giver: ConsentGiver
    /// This sponsor alone; nil: whoever the scope is for.
    package var donor: UUID?
    package var on: CalendarDate
    /// The last day; nil: until it is withdrawn.
    package var until: CalendarDate?
    package var proof: ConsentProof

    package init(
      student: UUID, scope: ConsentScope, giver: ConsentGiver, donor: UUID? = nil,
      on: CalendarDate, until: CalendarDate? = nil, proof: ConsentProof
    ) {
      self.student = student
      self.scope = scope
      self.giver = giver
      self.donor = donor
      self.on = on
      self.until = until
      self.proof = proof
    }
  }

  // Two who record consents of one pupil take turns.
  private static let lockStudent: SQL = """
    select school_id, name, birth_month from student where district_id = $1 and id = $2
    for no key update
    """
  private static let guardian: SQL = """
    select id, relation from guardian where district_id = $1 and student_id = $2 and name = $3
    """
  // $1 district, $2 pupil, $3 scope, $4 giver, $5 sponsor, $6 first day, $7 last day
  private static let running: SQL = """
    select id from consent
    where district_id = $1 and student_id = $2 and scope = $3 and giver = $4
      and donor_id is not distinct from $5::uuid and withdrawn_on is null
      and (valid_until is null or valid_until >= $6)
      and ($7::date is null or given_on <= $7)
    """
  // $1 district, $2 id, $3 school, $4 pupil, $5 scope, $6 giver, $7 name, $8 guardian, $9 relation,
  // $10 sponsor, $11 day, $12 last day, $13 kind of proof, $14 proof, $15 checksum, $16 version,
  // $17 actor
  private static let insert: SQL = """
    insert into consent (
      district_id, id, school_id, student_id, scope, giver, given_by, guardian_id, relation,
      donor_id, given_on, valid_until, proof_kind, proof, proof_sha256, text_version, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    """

  /// Records a consent.
  /// - Returns: it, and false if one by the same person for the same days is running already.
  /// - Throws: `ConsentError`, `StudentError.unknown`, `AccessError`.
  package static func give(
    _ grant: Grant, in context: Context
  ) async throws -> (id: UUID, added: Bool) {
    let actor = context.actor
    try actor.require(.importStudents)
    guard !grant.proof.words.isEmpty else { throw ConsentError.noProof }
    if grant.donor != nil && !grant.scope.isForSponsor {
      throw ConsentError.noSponsor(grant.scope)
    }
    if let until = grant.until, until < grant.on { throw ConsentError.untilBeforeBegin }
    do {
      return try await context.write { try give(grant, $0, actor) }
    } catch let error as PostgresError {
      throw ConsentError.refusal(error, student: grant.student, scope: grant.scope)
    }
  }

  private static func give(
    _ grant: Grant, _ session: borrowing Session, _ actor: Actor
  ) throws -> (id: UUID, added: Bool) {
    let district = actor.districtID
    guard let pupil = try session.query(lockStudent, district, grant.student).first else {
      throw StudentError.unknown(grant.student)
    }
    try require(sponsor: grant.donor, session, actor)
    var (name, person, relation): (String, UUID?, String?) = (try pupil.get(1), nil, nil)
    switch grant.giver {
    case .guardian(let given):
      name = normalizeName(given)
      guard let row = try session.query(guardian, district, grant.student, name).first else {
        throw ConsentError.notGuardian
      }
      (person, relation) = (try row.get(0), try row.optional(1))
    case .pupil:
      guard isFourteen(bornIn: try pupil.optional(2), on: grant.on) else {
        throw ConsentError.pupilTooYoung
      }
    }
    let known = try session.query(
      running, district, grant.student, grant.scope.rawValue, grant.giver.code, grant.donor,
      grant.on, grant.until)
    if let row = known.first { return (try row.get(0), false) }
    let id = UUID.v7()
    let school: UUID = try pupil.get(0)
    _ = try session.batch([
      Bound(
        insert, district, id, school, grant.student, grant.scope.rawValue, grant.giver.code, name,
        person, relation, grant.donor, grant.on, grant.until, grant.proof.code, grant.proof.words,
        grant.proof.sha256, Int32(ConsentScope.textVersion), actor.userID),
      Audit.statement(
        actor, "consent.give", subject: "student", id: grant.student, school: school,
        after: [
          "consent": id.lowercase, "scope": grant.scope.rawValue, "giver": grant.giver.code,
          "donor": grant.donor?.lowercase, "given_on": "\(grant.on)",
          "until": grant.until.map { "\($0)" },
        ]),
    ])
    return (id, true)
  }

  /// Whether a pupil is fourteen, from the month of the birthday on.
  static func isFourteen(bornIn month: CalendarDate?, on day: CalendarDate) -> Bool {
    guard let month, let birthday = CalendarDate(year: month.year + 14, month: month.month, day: 1)
    else { return false }
    return birthday <= day
  }

  private static let covers: SQL = "select consent_covers($1, $2, $3, $4)"

  /// Whether a scope may be used on a day: consented to by the guardian, from fourteen on by the pupil
  /// too, and not withdrawn since. The one place that tells.
  /// - Parameter donor: the sponsor it is for; nil where no sponsor is meant.
  package static func covers(
    student: UUID, _ scope: ConsentScope, donor: UUID? = nil, on day: CalendarDate,
    in context: Context
  ) async throws -> Bool {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(covers, student, scope.rawValue, donor, day)[0].get(0)
    }
  }
}
