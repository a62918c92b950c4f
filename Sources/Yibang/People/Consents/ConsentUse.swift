package import Foundation
import Postgres
package import SchoolCalendar

extension Consents {
  static let checks: [Check] = [
    Check(
      "consent.open_pairs",
      Text("待接受的配对都有对结对的同意", "a pair that waits for acceptance is consented to"),
      """
      select 'proposal_pair ' || r.id, null::int8, null::int8 from proposal p
      join proposal_pair r on r.district_id = p.district_id and r.proposal_id = p.id
      where p.district_id = $1 and p.state in ('proposed', 'approved') and r.state = 'proposed'
        and not exists (
          select from consents_covering('pairing', null, null, null, null) k
          where k.student_id = r.student_id
        )
      order by 1
      """)
  ]

  private static let share: SQL = "select consent_share($1, $2, $3, $4, $5, $6, $7)"

  /// Records what is shared or published on the ground of a consent, if one covers it.
  /// - Parameters:
  ///   - donor: the sponsor who gets it, where the scope is for sponsors.
  ///   - what: such as where a story stands; no personal data.
  /// - Returns: the record, by which it is taken down later.
  /// - Throws: `ConsentError.needed` without a consent, or after it was withdrawn; `.noWords`,
  ///   `.unknownSponsor`; `StudentError.unknown`, `AccessError`.
  package static func share(
    student: UUID, _ scope: ConsentScope, donor: UUID? = nil, what: String,
    on day: CalendarDate, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.importStudents)
    let what = normalizeText(what)
    guard !what.isEmpty else { throw ConsentError.noWords }
    if donor != nil && !scope.isForSponsor { throw ConsentError.noSponsor(scope) }
    return try await context.write { session in
      try share(student: student, scope, donor: donor, what: what, on: day, session, actor)
    }
  }

  private static let sponsor: SQL = "select from donor where district_id = $1 and id = $2"

  /// Sees to it that a sponsor is one whom the actor's school may see: its own, or its pupils'.
  /// - Throws: `ConsentError.unknownSponsor`.
  static func require(
    sponsor donor: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard let donor else { return }
    if try session.query(sponsor, actor.districtID, donor).isEmpty {
      throw ConsentError.unknownSponsor
    }
  }

  /// The same within the caller's transaction.
  static func share(
    student: UUID, _ scope: ConsentScope, donor: UUID?, what: String, on day: CalendarDate,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID {
    let id = UUID.v7()
    try require(sponsor: donor, session, actor)
    do throws(PostgresError) {
      _ = try session.batch([
        Bound(share, id, student, scope.rawValue, donor, what, day, actor.userID),
        Audit.statement(
          actor, "consent.share", subject: "student", id: student,
          after: ["use": id.lowercase, "scope": scope.rawValue, "donor": donor?.lowercase]),
      ])
    } catch {
      throw ConsentError.refusal(error, student: student, scope: scope)
    }
    return id
  }

  private static let takeDown: SQL = """
    update consent_use set ended_on = greatest($3, shared_on)
    where district_id = $1 and id = $2 and ended_on is null
    returning student_id
    """

  /// Records that something published was taken down.
  /// - Throws: `ConsentError.unknownUse`.
  package static func takeDown(
    _ use: UUID, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.importStudents)
    try await context.write { session in
      let rows = try session.query(takeDown, actor.districtID, use, day)
      guard let student: UUID = try rows.first?.get(0) else { throw ConsentError.unknownUse(use) }
      _ = try session.batch([
        Audit.statement(
          actor, "consent.take_down", subject: "student", id: student,
          after: ["use": use.lowercase, "ended_on": "\(day)"])
      ])
    }
  }

  /// Something to do because of a consent.
  package struct Task: Sendable, Codable {
    package enum Kind: String, CaseIterable, Sendable, Codable {
      /// A running pairing whose consent was withdrawn or has ended: support goes on, nothing more of
      /// the child goes to the sponsor; speak with the family.
      case pairing
      /// Something published that no consent covers any more.
      case takeDown = "take_down"
      /// A pupil of fourteen whose own consent is missing beside the guardian's.
      case ownConsent = "own_consent"
      /// A case proposed on a data match, which the family has withdrawn from since.
      case otherProof = "other_proof"

      package var name: Text {
        switch self {
        case .pairing: Text("结对在继续，对资助人停止提供信息，请与家庭沟通", "speak with the family of this pairing")
        case .takeDown: Text("撤下已公开的内容", "take down what was published")
        case .otherProof: Text("另取证明：认定只依据已撤回同意的数据比对", "get another proof than the data match")
        case .ownConsent: Text("已满 14 周岁，补本人同意", "ask for the pupil's own consent")
        }
      }
    }

    package let kind: Kind
    package let student: UUID
    /// Masked where the actor has no right to identities.
    package let name: String
    package let scope: ConsentScope
    /// The pairing, what was published, or the case.
    package let subject: UUID?
    package let what: String?
  }

  // $1 district, $2 school, $3 day, $4 scopes that stay public
  private static let tasks: SQL = """
    select 'pairing', p.student_id, s.name, 'pairing', p.id, null, s.school_id
    from pairing p
    join student s on s.district_id = p.district_id and s.id = p.student_id
    where p.district_id = $1 and ($2::uuid is null or p.school_id = $2) and p.state = 'running'
      and not exists (
        select from consents_covering('pairing', null, null, $3, null) k
        where k.student_id = p.student_id
      )
    union all
    select 'take_down', u.student_id, s.name, u.scope, u.id, u.what, s.school_id
    from consent_use u
    join student s on s.district_id = u.district_id and s.id = u.student_id
    where u.district_id = $1 and ($2::uuid is null or u.school_id = $2) and u.ended_on is null
      and u.scope = any ($4) and not consent_covers(u.student_id, u.scope, u.donor_id, $3)
    union all
    select distinct 'own_consent', c.student_id, s.name, c.scope, null::uuid, null, s.school_id
    from consent c
    join student s on s.district_id = c.district_id and s.id = c.student_id
    where c.district_id = $1 and ($2::uuid is null or c.school_id = $2) and c.withdrawn_on is null
      and c.giver = 'guardian' and (c.valid_until is null or c.valid_until >= $3)
      and s.birth_month + interval '14 years' <= $3
      and not exists (
        select from consent o
        where o.district_id = c.district_id and o.student_id = c.student_id and o.scope = c.scope
          and o.giver = 'pupil' and o.withdrawn_on is null
      )
    union all
    select 'other_proof', s.id, s.name, 'data_match', m.case_id, m.category, s.school_id
    from match_proofs_withdrawn($2) m
    join student s on s.district_id = $1 and s.id = m.student_id
    order by 7, 1, 3, 2, 4
    """

  /// What is to be done about consents that no longer cover what goes on.
  package static func tasks(
    school: UUID? = nil, on day: CalendarDate, in context: Context
  ) async throws -> [Task] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let named = actor.may(.readIdentities)
    let lasting = ConsentScope.allCases.filter(\.isLasting).map(\.rawValue)
    return try await context.read { session in
      try session.query(tasks, actor.districtID, school, day, lasting).map { row in
        guard let kind = Task.Kind(rawValue: try row.get(0)),
          let scope = ConsentScope(rawValue: try row.get(3))
        else { throw PostgresError.decoding("consent") }
        let name: String = try row.get(2)
        return Task(
          kind: kind, student: try row.get(1), name: named ? name : maskedName(name),
          scope: scope, subject: try row.optional(4), what: try row.optional(5))
      }
    }
  }
}
