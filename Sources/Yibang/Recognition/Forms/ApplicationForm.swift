package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar
import Spreadsheet

/// 家庭经济困难学生认定申请表, a page of A4 for each pupil.
package enum ApplicationForm {
  package struct Request: Sendable {
    package var school: Schools.School
    package var year: SchoolYear
    /// Blank where nil: one form without any pupil.
    package var pupils: Pupils?
    /// Why resident IDs, addresses and phones are printed; needed where pupils are named.
    package var reveal: String?

    package enum Pupils: Sendable {
      case all
      case ofClass(String)
      case one(UUID)
    }

    package init(
      school: Schools.School, year: SchoolYear, pupils: Pupils? = nil, reveal: String? = nil
    ) {
      self.school = school
      self.year = year
      self.pupils = pupils
      self.reveal = reveal
    }
  }

  /// What is printed of a pupil; all empty in a blank form.
  struct Content {
    var name = ""
    var gender = ""
    var ethnicity = ""
    var birth = ""
    var residentID = ""
    var grade = ""
    var className = ""
    var studentCode = ""
    var boarding = ""
    var familySize = ""
    var income = ""
    var address = ""
    var phone = ""
    var guardian = ""
    var relation = ""
  }

  /// Pages of one file.
  private static let formLimit = 2_000
  // $1 district, $2 school, $3 class, $4 pupil; null: all
  private static let pupils: SQL = """
    select s.id, s.name, s.gender, s.ethnicity, s.birth_month, s.grade, s.class_name, s.boarding,
      s.private_sealed, g.id, g.name, g.relation, g.private_sealed
    from student s
    left join lateral (
      select k.id, k.name, k.relation, k.private_sealed from guardian k
      where k.district_id = s.district_id and k.student_id = s.id
      order by k.phone_hash is null, k.id
      limit 1
    ) as g on true
    where s.district_id = $1 and s.school_id = $2 and ($3::text is null or s.class_name = $3)
      and ($4::uuid is null or s.id = $4)
    order by s.grade, s.class_name, s.name collate "zh-x-icu", s.id
    limit 2001
    """

  /// Writes forms to a file that its owner alone can read; with pupils named, the trail keeps who
  /// asked and why.
  /// - Returns: how many.
  /// - Throws: `StudentError.noneFound`, `.tooManyForms`; `ReportError`, `AccessError`, `TableWriteError`.
  package static func write(
    _ request: Request, to path: String, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: request.school.id)
    var contents = [Content()]
    if let pupils = request.pupils {
      contents = try await RefusedLooks.noting(.applicationForm, in: context) {
        let reason = try Reveals.reason(request.reveal ?? "", actor)
        return try await named(pupils, request, reason, in: context)
      }
    }
    let rules = try await RuleSets.book(in: context).chosen(for: request.year)
    let sheets = contents.map { layout($0, request, rules) }
    try await onThread {
      try Reports.writePrivately(to: path) { try writeForms(sheets, to: $0) }
    }
    return sheets.count
  }

  private static func named(
    _ pupils: Request.Pupils, _ request: Request, _ reason: String, in context: Context
  ) async throws -> [Content] {
    let actor = context.actor
    let vault = context.platform.vault
    var (className, student): (String?, UUID?) = (nil, nil)
    switch pupils {
    case .all: break
    case .ofClass(let name): className = name
    case .one(let id): student = id
    }
    let asked = (className: className, student: student)
    return try await context.readTraced { session in
      let rows = try session.query(
        Self.pupils, actor.districtID, request.school.id, asked.className, asked.student)
      guard !rows.isEmpty else { throw StudentError.noneFound }
      guard rows.count <= formLimit else { throw StudentError.tooManyForms(limit: formLimit) }
      try Reveals.record(
        Reveals.Act(
          way: .applicationForm,
          what: [.residentID, .studentCode, .address, .guardianPhone, .family], reason: reason,
          record: ("report", asked.student), school: request.school.id,
          facts: ["report": "application_form", "school_year": "\(request.year)"]),
        of: rows.map { try $0.get(0) }, .student, session, actor)
      return try rows.map { try content($0, vault) }
    }
  }

  private static func content(_ row: Row, _ vault: Vault) throws -> Content {
    let fields = try Reports.opened(row.optional(8), "student", row.get(0), vault)
    let gender: String? = try row.optional(2)
    let birth: CalendarDate? = try row.optional(4)
    let boarding: Bool? = try row.optional(7)
    var content = Content()
    content.name = try row.get(1)
    content.gender = gender.map { $0 == "male" ? "男" : "女" } ?? ""
    content.ethnicity = try row.optional(3) ?? ""
    content.birth = birth.map { "\($0.year)年\($0.month)月" } ?? ""
    content.grade = try row.optional(5) ?? ""
    content.className = try row.optional(6) ?? ""
    content.boarding = boarding.map { $0 ? "是" : "否" } ?? ""
    content.residentID = fields["resident"] ?? ""
    content.studentCode = fields["code"] ?? ""
    content.familySize = fields["family_size"] ?? ""
    content.income = fields["income"] ?? ""
    content.address = fields["address"] ?? ""
    content.phone = fields["phone"] ?? ""
    if let guardian: UUID = try row.optional(9) {
      let name: String = try row.get(10)
      // Stands on record for a guardian of whom a sheet gave the phone alone.
      content.guardian = name == RosterRow.GuardianEntry.unnamed ? "" : name
      content.relation = try row.optional(11) ?? ""
      let own = try Reports.opened(row.optional(12), "guardian", guardian, vault)
      content.phone = own["phone"] ?? content.phone
    }
    return content
  }
}
