import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// A pupil as the database knows it, with what a roster can say.
struct KnownStudent {
  let id: UUID
  var name: String
  var gender: ResidentID.Gender?
  var ethnicity: String?
  var birthMonth: CalendarDate?
  var grade: String?
  var className: String?
  var headTeacher: String?
  var boarding: Bool?
  var fields: SealedFields
  var tier: Tier?
  var category: String?
  /// Whether it was decided in a case, or revoked: no sheet changes it.
  var isDecided: Bool
  /// Whether the guardian, and the pupil, consent to pairing.
  var consents: Bool
  var pupilConsents: Bool
  var guardians: [String: KnownGuardian] = [:]
}

struct KnownGuardian {
  let id: UUID
  var relation: String?
  var phone: String?
}

extension RosterStore.Namesake {
  /// Of the same class, as far as both sides name one.
  func isClassmate(of row: RosterRow) -> Bool {
    guard className == row.className else { return false }
    return grade == nil || row.grade == nil || grade == row.grade
  }

  func agrees(with row: RosterRow) -> Bool {
    (gender == nil || row.gender == nil || gender == row.gender)
      && (birthMonth == nil || row.birthMonth == nil || birthMonth == row.birthMonth)
  }
}

/// Reads what is known of the pupils in a chunk of a roster.
struct RosterStore {
  let actor: Actor
  let school: UUID
  let semester: Semester
  let today: CalendarDate
  let vault: Vault

  private static let locate: SQL = """
    select resident_hash, code_hash, school_id, student_id from locate_students($1, $2)
    """
  // Two ways, since a missing class equals no other and no index finds "not distinct from".
  private static let byName: SQL = """
    select s.id, s.name, s.grade, s.class_name, s.resident_hash is not null, s.gender, s.birth_month,
      s.private_sealed
    from unnest($3::text[], $4::text[]) as u (name, class_name)
    join student s
      on s.district_id = $1 and s.school_id = $2 and s.name = u.name
        and s.class_name = u.class_name
    union all
    select s.id, s.name, s.grade, s.class_name, s.resident_hash is not null, s.gender, s.birth_month,
      s.private_sealed
    from unnest($3::text[], $4::text[]) as u (name, class_name)
    join student s
      on s.district_id = $1 and s.school_id = $2 and s.name = u.name and s.class_name is null
    where u.class_name is null
    order by 1
    """
  private static let students: SQL = """
    select s.id, s.name, s.gender, s.ethnicity, s.birth_month, s.grade, s.class_name,
      s.head_teacher, s.boarding, s.private_sealed, r.tier, r.category,
      coalesce('guardian' = any (c.givers), false), coalesce('pupil' = any (c.givers), false),
      coalesce(r.case_id is not null or r.state = 'revoked', false)
    from student s
    left join lateral (
      select array_agg(c.giver) as givers from consent c
      where c.district_id = s.district_id and c.student_id = s.id and c.scope = 'pairing'
        and c.withdrawn_on is null and (c.valid_until is null or c.valid_until >= $4)
    ) as c on true
    left join recognition r
      on r.district_id = s.district_id and r.student_id = s.id and r.state <> 'replaced'
        and (select recognition_day($3::int)) between r.valid_from and r.valid_until
    where s.district_id = $1 and s.id = any ($2)
    """
  private static let guardians: SQL = """
    select student_id, id, name, relation, private_sealed from guardian
    where district_id = $1 and student_id = any ($2)
    """

  /// A recorded pupil of the same name.
  struct Namesake {
    let id: UUID
    let grade: String?
    let className: String?
    let hasResidentID: Bool
    let gender: ResidentID.Gender?
    let birthMonth: CalendarDate?
    let sealed: [UInt8]?
  }

  /// Where each keyed hash is enrolled.
  func enrolments(
    _ session: borrowing Session, residents: [[UInt8]], codes: [[UInt8]]
  ) throws -> [[UInt8]: (school: UUID, student: UUID)] {
    guard !residents.isEmpty || !codes.isEmpty else { return [:] }
    var found: [[UInt8]: (school: UUID, student: UUID)] = [:]
    for row in try session.query(Self.locate, residents, codes) {
      let place = (school: try row.get(2) as UUID, student: try row.get(3) as UUID)
      if let hash: [UInt8] = try row.optional(0) { found[hash] = place }
      if let hash: [UInt8] = try row.optional(1) { found[hash] = place }
    }
    return found
  }

  /// Recorded pupils of the rows' names and classes, by name.
  func namesakes(
    _ session: borrowing Session, _ rows: [RosterRow]
  ) throws -> [String: [Namesake]] {
    struct Classmates: Hashable {
      let name: String
      let className: String?
    }
    let wanted = Set(rows.map { Classmates(name: $0.name, className: $0.className) })
    guard !wanted.isEmpty else { return [:] }
    var found: [String: [Namesake]] = [:]
    let recorded = try session.query(
      Self.byName, actor.districtID, school, wanted.map(\.name), wanted.map(\.className))
    for row in recorded {
      let gender: String? = try row.optional(5)
      found[try row.get(1), default: []].append(
        Namesake(
          id: try row.get(0), grade: try row.optional(2), className: try row.optional(3),
          hasResidentID: try row.get(4),
          gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
          birthMonth: try row.optional(6), sealed: try row.optional(7)))
    }
    return found
  }

  func known(_ session: borrowing Session, _ ids: [UUID]) throws -> [UUID: KnownStudent] {
    guard !ids.isEmpty else { return [:] }
    var found: [UUID: KnownStudent] = [:]
    for row in try session.query(
      Self.students, actor.districtID, ids, semester.ordinal, today)
    {
      let id: UUID = try row.get(0)
      let gender: String? = try row.optional(2)
      let sealed: [UInt8]? = try row.optional(9)
      let tier: String? = try row.optional(10)
      found[id] = KnownStudent(
        id: id, name: try row.get(1), gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
        ethnicity: try row.optional(3), birthMonth: try row.optional(4),
        grade: try row.optional(5), className: try row.optional(6),
        headTeacher: try row.optional(7), boarding: try row.optional(8),
        fields: try fields(sealed, table: "student", id: id),
        tier: tier.flatMap(Tier.init(rawValue:)), category: try row.optional(11),
        isDecided: try row.get(14), consents: try row.get(12), pupilConsents: try row.get(13))
    }
    for row in try session.query(Self.guardians, actor.districtID, ids) {
      let id: UUID = try row.get(1)
      let sealed: [UInt8]? = try row.optional(4)
      let phone = try fields(sealed, table: "guardian", id: id)["phone"]
      let name: String = try row.get(2)
      found[try row.get(0)]?.guardians[name] = KnownGuardian(
        id: id, relation: try row.optional(3), phone: phone)
    }
    return found
  }

  func fields(_ sealed: [UInt8]?, table: String, id: UUID) throws -> SealedFields {
    guard let sealed else { return SealedFields() }
    return SealedFields(bytes: try vault.open(sealed, at: SealedPlace(table, id, "private")))
  }
}
