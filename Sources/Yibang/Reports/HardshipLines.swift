import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Reports {
  /// A recognised pupil with identity: only for those who may read it, and only with a reason.
  package struct PupilLine: Sendable, Codable {
    /// Not written into any sheet.
    private(set) var student: UUID?
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: String
    package let gender: ResidentID.Gender?
    package let ethnicity: String?
    /// The first day of the month of birth.
    package let birthMonth: CalendarDate?
    package let address: String?
    package let familySize: String?
    package let guardian: String?
    /// As the family stated it, in yuan a year for each member.
    package let income: String?
    package let cause: String?
    package let category: String?
    package let tier: Tier
    /// What the year's rules call it.
    package let tierLabel: String
    package let phone: String?
    /// Of the running pairing; “匿名” for one who stays unnamed.
    package let sponsor: String?
    package let residentID: String?
    package let studentCode: String?

    enum CodingKeys: String, CodingKey {
      case school, grade
      case className = "class"
      case name, gender, ethnicity
      case birthMonth = "birth_month"
      case address
      case familySize = "family_size"
      case guardian, income, cause, category, tier
      case tierLabel = "tier_label"
      case phone, sponsor
      case residentID = "resident_id"
      case studentCode = "student_code"
    }
  }

  /// A recognised pupil as others may see it: what identifies a child or tells of its family has no
  /// place here (domain rule 6).
  package struct MaskedPupilLine: Sendable, Codable {
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: MaskedName
    package let gender: ResidentID.Gender?
    package let tier: Tier
    /// What the year's rules call it.
    package let tierLabel: String
    package let sponsor: String?

    enum CodingKeys: String, CodingKey {
      case school, grade
      case className = "class"
      case name, gender, tier
      case tierLabel = "tier_label"
      case sponsor
    }
  }

  private static let masked: SQL = """
    select c.name, s.grade, s.class_name, s.name, s.gender, r.tier, b.sponsor
    from recognition r
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school c on c.district_id = s.district_id and c.id = s.school_id
    left join lateral (
      select donor_shown(d.anonymous, d.name, d.merged_into) as sponsor
      from pairing p
      join donor d on d.district_id = p.district_id and d.id = p.donor_id
      where p.district_id = s.district_id and p.student_id = s.id and p.state = 'running'
    ) as b on true
    where r.district_id = $1 and r.state = 'filed'
      and (select recognition_day($2::int)) between r.valid_from and r.valid_until
      and ($3::uuid is null or r.school_id = $3)
    order by c.code, s.name collate "zh-x-icu", s.id
    """

  /// Pupils recognised for the semester, by school and class, masked. Nothing private is read for it.
  static func maskedPupils(
    _ session: borrowing Session, _ actor: Actor, school: UUID?, _ semester: Semester
  ) throws -> [MaskedPupilLine] {
    let rows = try session.query(masked, actor.districtID, semester.ordinal, school)
    let rules = try RuleBook(session, district: actor.districtID).chosen(for: semester.schoolYear)
    let lines = try rows.map { row in
      let gender: String? = try row.optional(4)
      let tier = try tier(row, 5)
      return MaskedPupilLine(
        school: try row.get(0), grade: try row.optional(1), className: try row.optional(2),
        name: MaskedName(masking: try row.get(3)),
        gender: gender.flatMap(ResidentID.Gender.init(rawValue:)), tier: tier,
        tierLabel: rules.label(of: tier).zh, sponsor: try row.optional(6))
    }
    return inClassOrder(lines) { ($0.school, $0.grade, $0.className) }
  }

  // One guardian stands on the sheet: one who can be reached, else the first on record.
  private static let full: SQL = """
    select s.id, c.name, s.grade, s.class_name, s.name, s.gender, s.ethnicity, s.birth_month,
      s.private_sealed, g.id, g.name, g.private_sealed, r.category, r.tier, b.sponsor
    from recognition r
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school c on c.district_id = s.district_id and c.id = s.school_id
    left join lateral (
      select k.id, k.name, k.private_sealed from guardian k
      where k.district_id = s.district_id and k.student_id = s.id
      order by k.phone_hash is null, k.id
      limit 1
    ) as g on true
    left join lateral (
      select donor_shown(d.anonymous, d.name, d.merged_into) as sponsor
      from pairing p
      join donor d on d.district_id = p.district_id and d.id = p.donor_id
      where p.district_id = s.district_id and p.student_id = s.id and p.state = 'running'
    ) as b on true
    where r.district_id = $1 and r.state = 'filed'
      and (select recognition_day($2::int)) between r.valid_from and r.valid_until
      and ($3::uuid is null or r.school_id = $3)
    order by c.code, s.name collate "zh-x-icu", s.id
    """

  /// Pupils recognised for the semester, by school and class, with identity. The caller records who asked and why.
  /// - Throws: `VaultError.doesNotOpen`.
  static func pupils(
    _ session: borrowing Session, _ actor: Actor, _ vault: Vault, school: UUID?,
    _ semester: Semester, withNumbers: Bool
  ) throws -> [PupilLine] {
    let rows = try session.query(full, actor.districtID, semester.ordinal, school)
    let book = try RuleBook(session, district: actor.districtID)
    let rules = try book.chosen(for: semester.schoolYear)
    let lines = try rows.map { try pupil($0, vault, book, rules, withNumbers: withNumbers) }
    return inClassOrder(lines) { ($0.school, $0.grade, $0.className) }
  }

  private static func pupil(
    _ row: Row, _ vault: Vault, _ book: RuleBook, _ rules: RuleSet, withNumbers: Bool
  ) throws -> PupilLine {
    let gender: String? = try row.optional(5)
    let fields = try opened(try row.optional(8), "student", try row.get(0), vault)
    var guardian: String? = try row.optional(10)
    var phone = fields["phone"]
    if let id: UUID = try row.optional(9) {
      phone = try opened(try row.optional(11), "guardian", id, vault)["phone"] ?? phone
    }
    // Stands on record for a guardian of whom a sheet gave the phone alone.
    if guardian == "监护人" { guardian = nil }
    let category: String? = try row.optional(12)
    let tier = try tier(row, 13)
    return PupilLine(
      student: try row.get(0), school: try row.get(1), grade: try row.optional(2),
      className: try row.optional(3),
      name: try row.get(4), gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
      ethnicity: try row.optional(6), birthMonth: try row.optional(7),
      address: fields["address"], familySize: fields["family_size"], guardian: guardian,
      income: fields["income"], cause: fields["cause"],
      category: category.map { book.categoryName($0).zh },
      tier: tier, tierLabel: rules.label(of: tier).zh, phone: phone, sponsor: try row.optional(14),
      residentID: withNumbers ? fields["resident"] : nil,
      studentCode: withNumbers ? fields["code"] : nil)
  }

  static func opened(
    _ sealed: [UInt8]?, _ table: String, _ id: UUID, _ vault: Vault
  ) throws -> SealedFields {
    guard let sealed else { return SealedFields() }
    return SealedFields(bytes: try vault.open(sealed, at: SealedPlace(table, id, "private")))
  }

  private static func tier(_ row: Row, _ column: Int) throws -> Tier {
    guard let tier = Tier(rawValue: try row.get(column)) else {
      throw PostgresError.decoding("tier")
    }
    return tier
  }

  /// Lines by grade and class, in each class and over the schools in the order they have.
  static func inClassOrder<Line>(
    _ lines: [Line], _ place: (Line) -> (school: String, grade: String?, className: String?)
  ) -> [Line] {
    var schools: [String: Int] = [:]
    let keyed = lines.map { line in
      let (school, grade, className) = place(line)
      let number = schools[school] ?? schools.count
      schools[school] = number
      return (key: (number, ClassOrder(grade), ClassOrder(className)), line: line)
    }
    return keyed.sorted { $0.key < $1.key }.map(\.line)
  }
}
