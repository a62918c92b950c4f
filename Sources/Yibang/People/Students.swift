package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// The pupils of a district's schools.
package enum Students {
  /// A pupil as it is listed: no identity number, phone, address or category.
  package struct Student: Sendable, Codable {
    package let id: UUID
    package let school: String
    /// Masked where the actor has no right to identities.
    package let name: String
    package let gender: String?
    package let grade: String?
    package let className: String?
    package let boarding: Bool?
    package let tier: String?
    /// To pairing.
    package let consent: Bool
    package let paired: Bool

    enum CodingKeys: String, CodingKey {
      case id, school, name, gender, grade
      case className = "class"
      case boarding, tier, consent, paired
    }
  }

  // A page goes on after a pupil, told by its id alone: who sees names masked gets none in a cursor.
  // $1 district, $2 school, $3 year, $4 recognised ones only, $5 limit, $6 day, $7 after this one
  private static let list: SQL = """
    with shown as materialized (
      select t.id, row_number() over () as place
      from (
        select s.id
        from student s
        join school c on c.district_id = s.district_id and c.id = s.school_id
        where s.district_id = $1 and ($2::uuid is null or s.school_id = $2)
          and s.erased_on is null
          and (
            not $4
            or exists (
              select from recognition r
              where r.district_id = s.district_id and r.student_id = s.id and r.state = 'filed'
                and coalesce($6::date, (select recognition_ends($3::int)))
                  between r.valid_from and r.valid_until
            )
          )
          and (
            $7::uuid is null
            or c.code >= (
              select b.code from student a
              join school b on b.district_id = a.district_id and b.id = a.school_id
              where a.district_id = $1 and a.id = $7
            )
            and (
              c.code, coalesce(s.grade, ''), coalesce(s.class_name, ''),
              s.name collate "zh-x-icu", s.id
            ) > (
              select b.code, coalesce(a.grade, ''), coalesce(a.class_name, ''), a.name, a.id
              from student a
              join school b on b.district_id = a.district_id and b.id = a.school_id
              where a.district_id = $1 and a.id = $7
            )
          )
        order by c.code, coalesce(s.grade, ''), coalesce(s.class_name, ''),
          s.name collate "zh-x-icu", s.id
        limit $5
      ) as t
    )
    select s.id, c.name, s.name, s.gender, s.grade, s.class_name, s.boarding, r.tier,
      k.student_id is not null,
      exists (
        select from pairing p
        where p.district_id = s.district_id and p.student_id = s.id and p.state = 'running'
      )
    from shown p
    join student s on s.district_id = $1 and s.id = p.id
    join school c on c.district_id = s.district_id and c.id = s.school_id
    left join recognition r
      on r.district_id = s.district_id and r.student_id = s.id and r.state = 'filed'
      and coalesce($6::date, (select recognition_ends($3::int)))
        between r.valid_from and r.valid_until
    left join consents_covering(
      'pairing', null, array(select id from shown), null, null
    ) k on k.student_id = s.id
    order by p.place
    """
  private static let find: SQL = "select from student where district_id = $1 and id = $2"

  /// Pupils by school and class.
  /// - Parameters:
  ///   - year: the school year whose recognition is shown.
  ///   - day: as of that day; nil: at the end of the year.
  ///   - recognisedOnly: leaves out pupils without a filed recognition.
  package static func list(
    school: UUID? = nil, year: SchoolYear, on day: CalendarDate? = nil,
    recognisedOnly: Bool = false, limit: Int = 200_000,
    in context: Context
  ) async throws -> [Student] {
    try await list(
      school: school, year: year, on: day, recognisedOnly: recognisedOnly, after: nil, limit: limit,
      in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, year: SchoolYear, on day: CalendarDate? = nil,
    recognisedOnly: Bool = false, in context: Context
  ) async throws -> Page<Student> {
    let found = try await list(
      school: school, year: year, on: day, recognisedOnly: recognisedOnly, after: page.item,
      limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    school: UUID?, year: SchoolYear, on day: CalendarDate?, recognisedOnly: Bool, after: UUID?,
    limit: Int, in context: Context
  ) async throws -> [Student] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    let named = actor.may(.readIdentities)
    return try await context.read { session in
      try PageRequest.require(after, find, session, actor)
      let rows = try session.query(
        list, actor.districtID, school, year.firstYear, recognisedOnly, limit, day, after)
      return try rows.map { row in
        let name: String = try row.get(2)
        return Student(
          id: try row.get(0), school: try row.get(1), name: named ? name : maskedName(name),
          gender: try row.optional(3), grade: try row.optional(4), className: try row.optional(5),
          boarding: try row.optional(6), tier: try row.optional(7), consent: try row.get(8),
          paired: try row.get(9))
      }
    }
  }
}

package enum StudentError: YibangError {
  case unknown(UUID)
  case noneFound
  case tooManyForms(limit: Int)

  package var code: String {
    switch self {
    case .unknown: "student.unknown"
    case .noneFound: "student.none_found"
    case .tooManyForms: "student.too_many_forms"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .noneFound: .notFound
    case .tooManyForms: .badData
    }
  }

  package var text: Text {
    switch self {
    case .unknown(let id):
      Text(
        "没有学生 \(id.lowercase)。可用 yibang student list 查看。",
        "There is no pupil \(id.lowercase). See yibang student list.")
    case .noneFound:
      Text(
        "没有符合条件的学生。可用 yibang student list 查看。", "No pupil fits. See yibang student list.")
    case .tooManyForms(let limit):
      Text(
        "一次最多 \(limit) 人，请按班级分开（--class）。", "\(limit) pupils at most: go by class (--class).")
    }
  }
}
