package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// How well recognition and aid reach those whom they are for.
package enum Targeting {
  /// A number of pupils as it may be shown; nil where it would tell of single ones.
  package typealias Shown = Int?

  /// Recognised pupils in one semester, by tier and by category.
  package struct Counts: Sendable, Codable, Equatable {
    package struct Cell: Sendable, Codable, Equatable {
      /// A tier's code, a category's code of the rule set, or empty for pupils without a category.
      package let code: String
      package let pupils: Shown
    }

    package let semester: String
    package let total: Shown
    package let tiers: [Cell]
    package let categories: [Cell]
  }

  /// As many semesters as are counted at once.
  package static let semesters = 1...24

  // $3 a day of each semester
  private static let counts: SQL = """
    select d.day, r.tier, coalesce(r.category, ''), count(*)
    from unnest($3::date[]) as d (day)
    join recognition r on r.district_id = $1 and r.state = 'filed'
      and d.day between r.valid_from and r.valid_until
    where ($2::uuid is null or r.school_id = $2)
    group by 1, 2, 3
    """

  /// Counts over semesters, the earliest first, with small cells withheld: on the last day of a
  /// semester, or today where it has not ended. Semesters without any recognition are left out.
  /// - Throws: `TargetingError.semesters`, `AccessError`.
  package static func counts(
    school: UUID?, through last: Semester, semesters: Int, today: CalendarDate,
    in context: Context
  ) async throws -> [Counts] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    guard Self.semesters.contains(semesters) else { throw TargetingError.semesters }
    let wanted = (0..<semesters).reversed().compactMap { Semester(ordinal: last.ordinal - $0) }
    return try await context.read { session in
      let book = try RuleBook(session, district: actor.districtID)
      let known = try Semesters.all(session, actor.districtID)
      let days = wanted.map { semester in
        min(
          known.first { $0.semester == semester }?.dates.upperBound
            ?? semester.defaultDates.upperBound, today)
      }
      var found: [CalendarDate: [Count]] = [:]
      for row in try session.query(counts, actor.districtID, school, days) {
        found[try row.get(0), default: []].append(
          Count(
            tier: try row.get(1), category: try row.get(2), pupils: Int(try row.get(3) as Int64)))
      }
      return try zip(wanted, days).compactMap { semester, day in
        guard let rows = found[day], day >= semester.defaultDates.lowerBound else { return nil }
        return show(rows, semester, try book.chosen(for: semester.schoolYear))
      }
    }
  }

  private struct Count {
    let tier: String
    let category: String
    let pupils: Int
  }

  private static func show(_ rows: [Count], _ semester: Semester, _ rules: RuleSet) -> Counts {
    func cells(_ key: (Count) -> String, order: [String]) -> [(code: String, pupils: Int)] {
      var sums: [String: Int] = [:]
      for row in rows { sums[key(row), default: 0] += row.pupils }
      let others = sums.keys.filter { !order.contains($0) }.sorted()
      return (order + others).map { ($0, sums[$0] ?? 0) }
    }
    let tiers = cells(\.tier, order: rules.tiers.map(\.tier.rawValue))
    let categories = cells(\.category, order: rules.categories.map(\.code))
    let shownTiers = SmallCells.withhold(tiers.map(\.pupils))
    let shownCategories = SmallCells.withhold(categories.map(\.pupils))
    return Counts(
      semester: "\(semester)",
      total: shownTiers.hidesTotal || shownCategories.hidesTotal
        ? nil : tiers.reduce(0) { $0 + $1.pupils },
      tiers: zip(tiers, shownTiers.cells).map { .init(code: $0.code, pupils: $1) },
      categories: zip(categories, shownCategories.cells).map { .init(code: $0.code, pupils: $1) })
  }

  /// A class whose share of recognised pupils is hardly chance.
  package struct UnusualClass: Sendable, Codable, Equatable {
    package let school: String
    package let grade: String?
    package let className: String
    package let pupils: Int
    package let recognised: Int
    /// What the other classes of the school would lead one to expect.
    package let expected: Double

    enum CodingKeys: String, CodingKey {
      case school, grade
      case className = "class"
      case pupils, recognised, expected
    }
  }

  private static let classes: SQL = """
    select h.id, h.name, s.grade, s.class_name, count(*), count(r.id)
    from student s
    join school h on h.district_id = s.district_id and h.id = s.school_id
    left join recognition r on r.district_id = s.district_id and r.student_id = s.id
      and $3 between r.valid_from and r.valid_until and r.state = 'filed'
    where s.district_id = $1 and ($2::uuid is null or s.school_id = $2)
      and s.class_name is not null
    group by h.id, h.code, h.name, s.grade, s.class_name
    order by h.code, s.grade, s.class_name
    """

  /// Classes where a binomial test against the other classes of the school gives less than one in a
  /// hundred, on either side. It asks for a look; it proves nothing. Where rosters hold only pupils
  /// in hardship, rates say nothing.
  /// - Throws: `AccessError`.
  package static func unusualClasses(
    school: UUID?, on day: CalendarDate, in context: Context
  ) async throws -> [UnusualClass] {
    let actor = context.actor
    try actor.require(.recognise)
    if let school { try actor.require(school: school) }
    let all: [(school: UUID, class: UnusualClass)] = try await context.read { session in
      try session.query(classes, actor.districtID, school, day).map { row in
        (
          try row.get(0),
          UnusualClass(
            school: try row.get(1), grade: try row.optional(2), className: try row.get(3),
            pupils: Int(try row.get(4) as Int64), recognised: Int(try row.get(5) as Int64),
            expected: 0)
        )
      }
    }
    var sums: [UUID: (pupils: Int, recognised: Int)] = [:]
    for (school, entry) in all {
      sums[school, default: (0, 0)].pupils += entry.pupils
      sums[school, default: (0, 0)].recognised += entry.recognised
    }
    return all.compactMap { school, entry in
      guard let sum = sums[school], sum.pupils > entry.pupils else { return nil }
      let share =
        Double(sum.recognised - entry.recognised) / Double(sum.pupils - entry.pupils)
      guard Binomial.tail(entry.recognised, of: entry.pupils, share: share) < 0.005 else {
        return nil
      }
      return UnusualClass(
        school: entry.school, grade: entry.grade, className: entry.className,
        pupils: entry.pupils, recognised: entry.recognised,
        expected: share * Double(entry.pupils))
    }
  }

  /// A recognised pupil whom nothing has reached this school year.
  package struct WithoutAid: Sendable, Codable {
    package let student: UUID
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: String
    package let tier: String
    package let filedOn: CalendarDate

    enum CodingKeys: String, CodingKey {
      case student, school, grade
      case className = "class"
      case name, tier
      case filedOn = "filed_on"
    }
  }

  // $3 the day; $4 and $5 the first and last semester of its school year
  private static let withoutAid: SQL = """
    select s.id, h.name, s.grade, s.class_name, s.name, r.tier, r.filed_on
    from recognition r
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school h on h.district_id = s.district_id and h.id = s.school_id
    where r.district_id = $1 and ($2::uuid is null or r.school_id = $2) and r.state = 'filed'
      and $3 between r.valid_from and r.valid_until
      and not exists (
        select from payment_line l
        where l.district_id = r.district_id and l.student_id = r.student_id
          and l.semester between $4 and $5 and not l.superseded
          and l.state in ('waiting', 'received', 'issue')
      )
      and not exists (
        select from goods_hand_out g
        where g.district_id = r.district_id and g.student_id = r.student_id
          and g.semester between $4 and $5
          and not exists (
            select from goods_event e where e.district_id = g.district_id and e.reverses = g.event_id
          )
      )
      and not exists (
        select from pairing p
        where p.district_id = r.district_id and p.student_id = r.student_id
          and p.state = 'running'
      )
    order by case r.tier when 'special' then 0 when 'difficult' then 1 else 2 end, r.filed_on,
      h.code, s.grade, s.class_name, s.id
    """

  /// Pupils recognised on a day without payment, goods or sponsor in its school year, the hardest tier
  /// and the longest wait first. Reading them is recorded.
  /// - Throws: `AccessError`.
  package static func withoutAid(
    school: UUID?, on day: CalendarDate, in context: Context
  ) async throws -> [WithoutAid] {
    let actor = context.actor
    try actor.require(.readIdentities)
    if let school { try actor.require(school: school) }
    return try await context.readTraced { session in
      let known = try Semesters.all(session, actor.districtID)
      let semester = known.first { $0.dates.contains(day) }?.semester ?? Semester.of(day)
      let year = semester.schoolYear
      let found = try session.query(
        withoutAid, actor.districtID, school, day, year.autumn.ordinal, year.spring.ordinal
      ).map { row in
        WithoutAid(
          student: try row.get(0), school: try row.get(1), grade: try row.optional(2),
          className: try row.optional(3), name: try row.get(4), tier: try row.get(5),
          filedOn: try row.get(6))
      }
      _ = try session.batch([
        Audit.statement(
          actor, "targeting.read_without_aid", subject: "recognition", id: nil, school: school,
          after: ["pupils": "\(found.count)"])
      ])
      return found
    }
  }
}

package enum TargetingError: YibangError {
  case semesters

  package var code: String { "targeting.semesters" }
  package var category: ErrorCategory { .usage }
  package var text: Text {
    Text("一次统计 1 到 24 个学期。", "1 to 24 semesters are counted at once.")
  }
}
