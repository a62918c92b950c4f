package import Foundation
import Logging
import Postgres
package import SchoolCalendar

/// Looks at private data that were refused. Nothing was seen; who tries again and again is to be seen.
package enum RefusedLooks {
  /// Whom a look was about.
  package enum Person: Sendable {
    case student(UUID)
    case donor(UUID)

    package init?(_ way: Reveals.Way, _ id: UUID) {
      switch way {
      case .pupil: self = .student(id)
      case .donor: self = .donor(id)
      default: return nil
      }
    }

    fileprivate var parts: (subject: Reveals.Subject, id: UUID) {
      switch self {
      case .student(let id): (.student, id)
      case .donor(let id): (.donor, id)
      }
    }
  }

  // $1 district, $2 id, $3 the actor's school, $4 actor, $5 login, $6 role, $7 way, $8 whether a pupil
  // or a donor, $9 which, $10 why
  private static let insert: SQL = """
    insert into reveal_refused (
      district_id, id, school_id, actor_id, login, role, way, subject, subject_id, code
    )
    select $1, $2, coalesce($3::uuid, s.school_id, d.school_id), $4, $5, $6, $7, $8, $9, $10
    from (values ($9::uuid)) as v (id)
    left join student s on $8 = 'student' and s.district_id = $1 and s.id = v.id
    left join donor d on $8 = 'donor' and d.district_id = $1 and d.id = v.id
    """

  /// Runs what shows private data. A refusal leaves a row in a transaction of its own, since that of the
  /// look is undone.
  /// - Parameter way: nil: nothing private is asked for.
  static func noting<T>(
    _ way: Reveals.Way?, of person: Person? = nil, in context: Context,
    _ body: () async throws -> T
  ) async throws -> T {
    do {
      return try await body()
    } catch {
      if let way { await note(error, way, of: person, in: context) }
      throw error
    }
  }

  /// Keeps that a look was refused; of an error that is no refusal, nothing.
  package static func note(
    _ error: any Error, _ way: Reveals.Way, of person: Person? = nil, in context: Context
  ) async {
    guard let code = code(of: error) else { return }
    let (actor, parts) = (context.actor, person?.parts)
    do {
      _ = try await context.onAccounts { session in
        try session.execute(
          insert, actor.districtID, UUID.v7(), actor.schoolID, actor.userID, actor.login,
          actor.role.rawValue, way.rawValue, parts?.subject.rawValue, parts?.id, code)
      }
    } catch {
      // What was asked for is refused all the same.
      context.platform.logger.error(
        "a refused look left no trace", metadata: ["code": "\(code)"])
    }
  }

  private static func code(of error: any Error) -> String? {
    switch error {
    case let error as AccessError where error.category == .forbidden: error.code
    case RevealError.tooMany: RevealError.tooMany(seconds: 0).code
    case let error as StudentError: if case .unknown = error { error.code } else { nil }
    case let error as DonorError: if case .unknownDonor = error { error.code } else { nil }
    default: nil
    }
  }

  package struct Entry: Sendable, Codable {
    package let id: UUID
    /// In China.
    package let at: String
    /// The login and the role, as they were.
    package let by: String
    package let role: Role
    package let way: Reveals.Way
    package let student: UUID?
    package let donor: UUID?
    package let school: String?
    /// The code of the error that was given.
    package let refusal: String
  }

  // $1 district, $2 after this one, $3 limit, $4 login, $5 first day, $6 last day, $7 school
  private static let list: SQL = """
    select r.id, to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), r.login,
      r.role, r.way, r.subject, r.subject_id, h.name, r.code
    from reveal_refused r
    left join school h on h.district_id = r.district_id and h.id = r.school_id
    where r.district_id = $1
      and (
        $2::uuid is null
        or (r.at, r.id) < (
          (select b.at from reveal_refused b where b.district_id = $1 and b.id = $2::uuid), $2::uuid
        )
      )
      and ($4::text is null or r.login = $4)
      and ($5::date is null or r.at >= $5::date::timestamp at time zone 'Asia/Shanghai')
      and ($6::date is null or r.at < ($6::date + 1)::timestamp at time zone 'Asia/Shanghai')
      and ($7::uuid is null or r.school_id = $7)
    order by r.at desc, r.id desc
    limit $3
    """
  private static let find: SQL = "select from reveal_refused where district_id = $1 and id = $2"

  /// The newest first. A principal sees those of the own school's people, and those about its pupils.
  /// - Parameters:
  ///   - login: of whom alone.
  ///   - after: the last entry of the page before.
  /// - Throws: `AccessError.forbidden`; `CursorError` where `after` is no entry.
  package static func list(
    by login: String? = nil, from: CalendarDate? = nil, to: CalendarDate? = nil,
    after: UUID? = nil, limit: Int = 100, in context: Context
  ) async throws -> [Entry] {
    let actor = context.actor
    try actor.require(.readAudit)
    return try await context.readFiltered { session in
      try PageRequest.require(after, find, session, actor)
      return try session.query(
        list, actor.districtID, after, limit, login, from, to, actor.schoolID
      ).map { row in
        let isStudent = try row.optional(5) == Reveals.Subject.student.rawValue
        let person: UUID? = try row.optional(6)
        return Entry(
          id: try row.get(0), at: try row.get(1), by: try row.get(2),
          role: try AccessLog.role(row, 3), way: try AccessLog.way(row, 4),
          student: isStudent ? person : nil, donor: isStudent ? nil : person,
          school: try row.optional(7), refusal: try row.get(8))
      }
    }
  }
}
