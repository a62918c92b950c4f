package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// One pupil's recognition in one school year, step by step.
package enum Cases {
  /// A case as it is listed: neither its category nor what was found.
  package struct Case: Sendable, Codable {
    package let id: UUID
    package let school: String
    package let grade: String?
    package let className: String?
    /// Masked where the actor has no right to identities, is not on the panel and does not decide;
    /// empty of a pupil who moved to another school.
    package let name: String
    package let state: CaseState
    /// Counts assessments of the case; more than 1 after an objection or a vote against.
    package let attempt: Int
    /// The semester whose adjustment it belongs to; nil: the yearly recognition.
    package let adjusts: Semester?
    package let tier: String?
    /// When the present step began, and the day by which it is to be done.
    package let since: CalendarDate
    package let due: CalendarDate?
    package let daysLate: Int?

    enum CodingKeys: String, CodingKey {
      case id, school, grade
      case className = "class"
      case name, state, attempt, adjusts, tier, since, due
      case daysLate = "days_late"
    }
  }

  package struct Filter: Sendable {
    package var school: UUID?
    package var year: SchoolYear
    package var state: CaseState?
    package var className: String?
    /// Only what is past its day.
    package var lateOnly = false

    package init(school: UUID? = nil, year: SchoolYear) {
      self.school = school
      self.year = year
    }
  }

  // A page goes on after a case, told by its id alone: who sees names masked gets none in a cursor.
  // $1 district, $2 school, $3 year, $4 state, $5 class, $6 user; null: all; $7 whether the user reads
  // all, $8 those due before this day, $9 after this one; null: all; $10 limit
  private static let list: SQL = """
    select c.id, h.name, s.grade, s.class_name, s.name, c.state, c.attempt, c.tier, c.step_since,
      t.due, t.takes_part, r.adjusts
    from recognition_round r
    join recognition_case c on c.district_id = r.district_id and c.round_id = r.id
    left join student s on s.district_id = c.district_id and s.id = c.student_id
    join school h on h.district_id = c.district_id and h.id = c.school_id
    left join notice_line l
      on l.district_id = c.district_id and l.case_id = c.id and l.taken_off_on is null
    left join notice n on n.district_id = l.district_id and n.id = l.notice_id
    cross join lateral (
      select
        case c.state when 'applied' then r.nominate_by when 'nominated' then r.assess_by
          when 'assessed' then r.decide_by when 'on_notice' then n.ends_on end as due,
        exists (
          select from case_assessor p
          where p.district_id = c.district_id and p.case_id = c.id and p.attempt = c.attempt
            and p.user_id = $6
        ) or c.state not in ('applied', 'not_nominated', 'nominated') and exists (
          select from leading_group g
          where g.district_id = c.district_id and g.school_id = c.school_id and g.user_id = $6
            and g.until is null
        ) as takes_part
    ) as t
    where r.district_id = $1 and ($2::uuid is null or r.school_id = $2) and r.school_year = $3
      and ($4::text is null or c.state = $4) and ($5::text is null or s.class_name = $5)
      and ($7 or t.takes_part) and ($8::date is null or t.due < $8)
      and (
        $9::uuid is null
        or h.code >= (
          select f.code from recognition_case a
          join school f on f.district_id = a.district_id and f.id = a.school_id
          where a.district_id = $1 and a.id = $9
        )
        and (
          h.code, coalesce(s.grade, ''), coalesce(s.class_name, ''),
          coalesce(s.name, '') collate "zh-x-icu", c.id
        ) > (
          select f.code, coalesce(b.grade, ''), coalesce(b.class_name, ''), coalesce(b.name, ''),
            a.id
          from recognition_case a
          join school f on f.district_id = a.district_id and f.id = a.school_id
          left join student b on b.district_id = a.district_id and b.id = a.student_id
          where a.district_id = $1 and a.id = $9
        )
      )
    order by h.code, coalesce(s.grade, ''), coalesce(s.class_name, ''),
      coalesce(s.name, '') collate "zh-x-icu", c.id
    limit $10
    """
  private static let find: SQL = """
    select from recognition_case where district_id = $1 and id = $2
    """

  /// Cases by school and class. Who may only assess sees the cases of whose panel they are, and as a
  /// member of the leading group those that were proposed to it.
  package static func list(
    _ filter: Filter, today: CalendarDate, in context: Context
  ) async throws -> [Case] {
    try await list(filter, today: today, after: nil, limit: 1_000_000, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ filter: Filter, today: CalendarDate, in context: Context
  ) async throws -> Page<Case> {
    let found = try await list(
      filter, today: today, after: page.item, limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    _ filter: Filter, today: CalendarDate, after: UUID?, limit: Int, in context: Context
  ) async throws -> [Case] {
    let actor = context.actor
    let mayRead = actor.may(.read)
    if !mayRead { try actor.require(.assess) }
    if let school = filter.school { try actor.require(school: school) }
    let named = actor.may(.readIdentities)
    return try await context.read { session in
      try PageRequest.require(after, find, session, actor)
      let rows = try session.query(
        list, actor.districtID, filter.school, filter.year.firstYear, filter.state?.rawValue,
        filter.className, actor.userID, mayRead, filter.lateOnly ? today : nil, after, limit)
      return try rows.map { row in
        let takesPart: Bool = try row.get(10)
        let name: String = try row.optional(4) ?? ""
        let due: CalendarDate? = try row.optional(9)
        let late = due.flatMap { $0 < today ? $0.days(until: today) : nil }
        return Case(
          id: try row.get(0), school: try row.get(1), grade: try row.optional(2),
          className: try row.optional(3), name: named || takesPart ? name : maskedName(name),
          state: CaseState(rawValue: try row.get(5)) ?? .applied,
          attempt: Int(try row.get(6) as Int32),
          adjusts: (try row.optional(11) as Int32?).flatMap { Semester(ordinal: Int($0)) },
          tier: try row.optional(7), since: try row.get(8), due: due, daysLate: late)
      }
    }
  }

  /// Which cases a step is for.
  package enum Selection: Sendable {
    case named([UUID])
    /// All that wait for the step, of a school, a class, a school year.
    case all(school: UUID?, className: String?, year: SchoolYear)
  }

  /// The cases of a selection for the step that leads out of a state.
  /// - Throws: `AccessError`.
  package static func selected(
    _ selection: Selection, in state: CaseState, today: CalendarDate, in context: Context
  ) async throws -> [UUID] {
    switch selection {
    case .named(let cases): return cases
    case .all(let school, let className, let year):
      var filter = Filter(school: school ?? context.actor.schoolID, year: year)
      filter.state = state
      filter.className = className
      return try await list(filter, today: today, in: context).map(\.id)
    }
  }

  /// A step that a case went through.
  package struct Step: Sendable, Codable {
    package let state: CaseState
    package let attempt: Int
    package let on: CalendarDate
    package let by: String
  }

  private static let steps: SQL = """
    select p.state, p.attempt, p.on_date, coalesce(u.login, '?') from recognition_step p
    left join app_user u on u.district_id = p.district_id and u.id = p.actor_id
    where p.district_id = $1 and p.case_id = $2
    order by p.at
    """

  /// What happened to a case, in order: what an appeal is answered from.
  /// - Throws: `RecognitionError.unknownCase`.
  package static func steps(_ id: UUID, in context: Context) async throws -> [Step] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let steps = try session.query(steps, actor.districtID, id).map { row in
        Step(
          state: CaseState(rawValue: try row.get(0)) ?? .applied,
          attempt: Int(try row.get(1) as Int32), on: try row.get(2), by: try row.get(3))
      }
      guard !steps.isEmpty else { throw RecognitionError.unknownCase }
      return steps
    }
  }

  /// Runs statements of a step, in the caller's transaction.
  /// - Throws: what the database's refusal means.
  static func run(
    _ session: borrowing Session, from states: [CaseState] = [], _ statements: [Bound]
  ) throws -> [Rows] {
    do throws(PostgresError) {
      return try session.batch(statements)
    } catch {
      throw RecognitionError.refusal(error, from: states)
    }
  }

  static func audit(
    _ actor: Actor, _ action: String, _ id: UUID, _ after: [String: String?]
  ) -> Bound {
    Audit.statement(actor, action, subject: "recognition_case", id: id, after: after)
  }
}
