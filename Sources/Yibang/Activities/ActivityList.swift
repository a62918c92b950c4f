package import Foundation
import Postgres
package import SchoolCalendar

extension Activities {
  private static let list: SQL = """
    select a.id, s.name, a.semester, a.held_on, a.kind, donors_text(a.theme, u.unnamed),
      donors_text(a.host, u.unnamed), a.participants, donors_text(a.place, u.unnamed),
      donors_text(a.outcome, u.unnamed), donors_text(a.note, u.unnamed),
      array(
        select l.pairing_id from activity_link l
        where l.district_id = a.district_id and l.activity_id = a.id and l.pairing_id is not null
        order by l.id
      ),
      array(
        select donor_shown(d.anonymous, d.name, d.merged_into)
        from activity_link l
        join donor d on d.district_id = l.district_id and d.id = l.donor_id
        where l.district_id = a.district_id and l.activity_id = a.id
        order by l.id
      )
    from activity a
    join school s on s.district_id = a.district_id and s.id = a.school_id
    left join lateral (
      select array_agg(d.id) as unnamed
      from activity_link l
      left join pairing p on p.district_id = l.district_id and p.id = l.pairing_id
      join donor d
        on d.district_id = l.district_id
        and d.id = case when l.donor_id is null then p.donor_id else l.donor_id end
      where l.district_id = a.district_id and l.activity_id = a.id and d.anonymous
    ) as u on true
    where a.district_id = $1 and ($2::uuid is null or a.school_id = $2)
      and ($3::int is null or a.semester = $3) and ($4::text is null or a.kind = $4)
      and (
        $6::uuid is null
        or (s.code, a.semester, a.held_on, a.id) > (
          select b.code, f.semester, f.held_on, f.id from activity f
          join school b on b.district_id = f.district_id and b.id = f.school_id
          where f.district_id = $1 and f.id = $6
        )
      )
    order by s.code, a.semester, a.held_on, a.id
    limit $5
    """
  private static let find: SQL = "select from activity where district_id = $1 and id = $2"

  /// Activities by school and date, of one school or of the district.
  package static func list(
    school: UUID? = nil, semester: Semester? = nil, kind: ActivityKind? = nil,
    limit: Int = 100_000, in context: Context
  ) async throws -> [Activity] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try activities(
        session, actor, school: school, semester: semester, kind: kind, limit: limit)
    }
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, semester: Semester? = nil,
    kind: ActivityKind? = nil, in context: Context
  ) async throws -> Page<Activity> {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let after = try page.item
    let found = try await context.read { session in
      try PageRequest.require(after, find, session, actor)
      return try activities(
        session, actor, school: school, semester: semester, kind: kind, after: after,
        limit: page.limit + 1)
    }
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  static func activities(
    _ session: borrowing Session, _ actor: Actor, school: UUID?, semester: Semester?,
    kind: ActivityKind? = nil, after: UUID? = nil, limit: Int = 100_000
  ) throws -> [Activity] {
    let rows = try session.query(
      list, actor.districtID, school, semester?.ordinal, kind?.rawValue, limit, after)
    return try rows.map { row in
      guard let semester = Semester(ordinal: try row.get(2)) else {
        throw PostgresError.decoding("semester")
      }
      return Activity(
        id: try row.get(0), school: try row.get(1), semester: semester,
        heldOn: try row.get(3), kind: ActivityKind(rawValue: try row.get(4)) ?? .other,
        theme: try row.get(5), host: try row.optional(6), participants: try row.optional(7),
        place: try row.optional(8), outcome: try row.optional(9), note: try row.optional(10),
        pairings: try row.get(11), donors: try row.get(12))
    }
  }

  private static let byKind: SQL = """
    select kind, count(*), coalesce(sum(participants), 0)::int8,
      count(*) filter (where participants is null), min(held_on), max(held_on)
    from activity
    where district_id = $1 and semester = $2 and ($3::uuid is null or school_id = $3)
    group by kind
    """
  private static let linked: SQL = """
    select count(distinct l.pairing_id), count(distinct l.donor_id)
    from activity_link l
    join activity a on a.district_id = l.district_id and a.id = l.activity_id
    where l.district_id = $1 and a.semester = $2 and ($3::uuid is null or a.school_id = $3)
    """

  /// What was done in a semester, by kind, in one school or the district.
  /// - Throws: `SchoolError.unknownSemester`, `AccessError`.
  package static func summary(
    _ semester: Semester, school: UUID? = nil, in context: Context
  ) async throws -> Summary {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      _ = try Semesters.record(semester, session, actor.districtID)
      var lines: [ActivityKind: Summary.Line] = [:]
      var uncounted = 0
      for row in try session.query(byKind, actor.districtID, semester.ordinal, school) {
        let kind = ActivityKind(rawValue: try row.get(0)) ?? .other
        uncounted += try row.get(3)
        lines[kind] = Summary.Line(
          kind: kind, activities: try row.get(1), participants: try row.get(2),
          firstOn: try row.optional(4), lastOn: try row.optional(5))
      }
      let links = try session.query(linked, actor.districtID, semester.ordinal, school).first
      return Summary(
        semester: semester, activities: lines.values.reduce(0) { $0 + $1.activities },
        participants: lines.values.reduce(0) { $0 + $1.participants }, uncounted: uncounted,
        firstOn: lines.values.compactMap(\.firstOn).min(),
        lastOn: lines.values.compactMap(\.lastOn).max(),
        linkedPairings: try links?.get(0) ?? 0, linkedDonors: try links?.get(1) ?? 0,
        kinds: ActivityKind.allCases.map { kind in
          lines[kind]
            ?? Summary.Line(kind: kind, activities: 0, participants: 0, firstOn: nil, lastOn: nil)
        })
    }
  }
}
