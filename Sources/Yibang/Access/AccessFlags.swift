package import Foundation
import Postgres
package import SchoolCalendar

extension AccessLog {
  /// What is unusual enough to be looked into. None of it is a proof of anything.
  package enum Rule: String, Sendable, CaseIterable, Codable {
    case manyInAnHour = "many_in_an_hour"
    case outsideHours = "outside_hours"
    case onePupilByMany = "one_pupil_by_many"
    case manySchools = "many_schools"
    case firstExport = "first_export"
    case manyRefused = "many_refused"

    package var name: Text {
      switch self {
      case .manyInAnHour:
        Text(
          "一小时内逐个查看 \(AccessLog.many) 人以上",
          "\(AccessLog.many) persons or more looked up within an hour")
      case .outsideHours: Text("在 22 时至次日 6 时之间查看", "seen between 22:00 and 06:00")
      case .onePupilByMany:
        Text(
          "同一学生一天内被 \(AccessLog.several) 人以上逐个查看",
          "one pupil looked up by \(AccessLog.several) people or more in a day")
      case .manySchools:
        Text(
          "一天内逐个查看 \(AccessLog.several) 所以上学校的学生",
          "pupils of \(AccessLog.several) schools or more looked up in a day")
      case .firstExport: Text("首次导出整份名单", "the first export of a whole list")
      case .manyRefused:
        Text(
          "一天内查看被拒 \(AccessLog.refusals) 次以上",
          "refused \(AccessLog.refusals) looks or more in a day")
      }
    }
  }

  /// Persons within an hour; people, or schools, within a day.
  static let many = 15
  static let several = 3
  /// Looks refused within a day.
  static let refusals = 5
  /// Days of one request, at most and where only its end is known.
  static let longest = 366
  private static let usual: Int32 = 30
  private static let flagLimit = 1_000

  package struct Flag: Sendable, Codable {
    package let rule: Rule
    /// Of the first look, in China.
    package let at: String
    /// The login and the role; nil where several people are meant.
    package let by: String?
    package let role: Role?
    /// Where one pupil is meant.
    package let student: UUID?
    /// Of persons looked up, looks, people, schools, persons exported or refusals, as the rule counts.
    package let count: Int
  }

  // One rule a part. $1 district, $2 first day, $3 last day, $4 school, $5 many, $6 several, $7 limit,
  // $8 refusals
  private static let flags: SQL = """
    with seen as materialized (
      select r.*, r.at at time zone 'Asia/Shanghai' as clock,
        r.way in ('pupil', 'donor') as one_by_one
      from reveal r
      where r.district_id = $1
        and r.at >= $2::date::timestamp at time zone 'Asia/Shanghai'
        and r.at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
        and ($4::uuid is null or r.school_id = $4)
    ), refused as (
      select r.login, r.role, r.at at time zone 'Asia/Shanghai' as clock
      from reveal_refused r
      where r.district_id = $1
        and r.at >= $2::date::timestamp at time zone 'Asia/Shanghai'
        and r.at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
        and ($4::uuid is null or r.school_id = $4)
    ), act as (
      select distinct on (audit_id) * from seen order by audit_id, id
    ), paced as (
      select login, role, clock,
        count(*) over (
          partition by login order by clock range between interval '1 hour' preceding and current row
        ) as looks
      from seen where one_by_one
    ), found as (
      select 'many_in_an_hour' as rule, min(clock) as clock, login, role, null::uuid as student,
        max(looks) as count
      from paced where looks >= $5::int8
      group by login, role, clock::date
      union all
      select 'outside_hours', min(clock), login, role, null, count(*)
      from act where extract(hour from clock) not between 6 and 21
      group by login, role, clock::date
      union all
      select 'one_pupil_by_many', min(clock), null, null, subject_id, count(distinct login)
      from seen where way = 'pupil'
      group by subject_id, clock::date
      having count(distinct login) >= $6::int8
      union all
      select 'many_schools', min(clock), login, role, null, count(distinct school_id)
      from seen where way = 'pupil'
      group by login, role, clock::date
      having count(distinct school_id) >= $6::int8
      union all
      select 'first_export', a.clock, a.login, a.role, null, a.records
      from act a
      where not a.one_by_one and a.records > 1
        and not exists (
          select from reveal e
          where e.district_id = $1 and e.login = a.login and e.at < a.at
            and e.way not in ('pupil', 'donor') and e.records > 1
        )
      union all
      select 'many_refused', min(clock), login, role, null, count(*)
      from refused
      group by login, role, clock::date
      having count(*) >= $8::int8
    )
    select rule, to_char(clock, 'YYYY-MM-DD HH24:MI:SS'), login, role, student, count
    from found
    order by clock desc, rule, login, student
    limit $7
    """

  /// Unusual looks of a range of days, the latest first.
  /// - Parameter from: nil: thirty days in all.
  /// - Throws: `RevealError.periodReversed`, `.periodTooLong`; `AccessError.forbidden`.
  package static func flags(
    from: CalendarDate? = nil, to: CalendarDate, in context: Context
  ) async throws -> [Flag] {
    let actor = context.actor
    try actor.require(.readAudit)
    let from = from ?? CalendarDate(daysSince2000: to.daysSince2000 - usual + 1) ?? to
    let days = from.days(until: to)
    guard days >= 0 else { throw RevealError.periodReversed }
    guard days < longest else { throw RevealError.periodTooLong(days: longest) }
    return try await context.read { session in
      try session.query(
        flags, actor.districtID, from, to, actor.schoolID, many, several, flagLimit, refusals
      ).map { row in
        guard let rule = Rule(rawValue: try row.get(0)) else {
          throw PostgresError.decoding("rule")
        }
        return Flag(
          rule: rule, at: try row.get(1), by: try row.optional(2),
          role: (try row.optional(3) as String?).flatMap(Role.init(rawValue:)),
          student: try row.optional(4), count: try row.get(5))
      }
    }
  }
}
