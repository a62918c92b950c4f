import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// Rows to write for a chunk of a roster, column by column: they go out as a few statements
/// whatever the number of pupils.
struct RosterWriter {
  let actor: Actor
  let school: UUID
  let rules: RuleSet
  let semester: Semester
  let today: CalendarDate
  let source: String
  let importID: UUID
  let vault: Vault

  private var students = StudentColumns()
  private var guardians = GuardianColumns()
  private var recognitions = RecognitionColumns()
  private var consents = ConsentColumns()
  private var updates: [Bound] = []

  init(
    actor: Actor, school: UUID, rules: RuleSet, semester: Semester, today: CalendarDate,
    source: String, importID: UUID, vault: Vault
  ) {
    self.actor = actor
    self.school = school
    self.rules = rules
    self.semester = semester
    self.today = today
    self.source = source
    self.importID = importID
    self.vault = vault
  }

  private struct StudentColumns {
    var ids: [UUID] = []
    var names: [String] = []
    var genders: [String?] = []
    var ethnicities: [String?] = []
    var births: [CalendarDate?] = []
    var grades: [String?] = []
    var classes: [String?] = []
    var teachers: [String?] = []
    var boarding: [Bool?] = []
    var sealed: [[UInt8]?] = []
    var residents: [[UInt8]?] = []
    var codes: [[UInt8]?] = []
  }

  private struct GuardianColumns {
    var ids: [UUID] = []
    var students: [UUID] = []
    var names: [String] = []
    var relations: [String?] = []
    var sealed: [[UInt8]?] = []
    var phones: [[UInt8]?] = []
  }

  private struct RecognitionColumns {
    var ids: [UUID] = []
    var students: [UUID] = []
    var tiers: [String] = []
    var categories: [String?] = []
    var reasons: [JSON] = []
  }

  private struct ConsentColumns {
    var ids: [UUID] = []
    var students: [UUID] = []
    var givers: [String] = []
    var names: [String] = []
    var dates: [CalendarDate] = []
  }

  private static let insertStudents: SQL = """
    insert into student (
      district_id, school_id, import_id, id, name, gender, ethnicity, birth_month, grade, class_name,
      head_teacher, boarding, private_sealed, resident_hash, code_hash
    )
    select $1, $2, $3, u.*
    from unnest(
      $4::uuid[], $5::text[], $6::text[], $7::text[], $8::date[], $9::text[], $10::text[],
      $11::text[], $12::bool[], $13::bytea[], $14::bytea[], $15::bytea[]
    ) as u
    """
  private static let insertGuardians: SQL = """
    insert into guardian (
      district_id, school_id, id, student_id, name, relation, private_sealed, phone_hash
    )
    select $1, $2, u.*
    from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::bytea[]) as u
    """
  private static let insertRecognitions: SQL = """
    select recognition_import($1, $2::int, $3, $4::int, $5, $6, $7, $8, $9, $10, $11, $12)
    """
  private static let insertConsents: SQL = """
    insert into consent (
      district_id, school_id, scope, proof_kind, proof, actor_id, id, student_id, giver, given_by,
      given_on, guardian_id, relation
    )
    select $1, $2, 'pairing', 'sheet', $3, $4, u.id, u.student, u.giver, u.name, u.day, g.id,
      g.relation
    from unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::date[])
      as u (id, student, giver, name, day)
    left join guardian g
      on u.giver = 'guardian' and g.district_id = $1 and g.student_id = u.student
      and g.name = u.name
    """
  private static let updateStudent: SQL = """
    update student set name = $3, gender = $4, ethnicity = $5, birth_month = $6, grade = $7,
      class_name = $8, head_teacher = $9, boarding = $10, private_sealed = $11, resident_hash = $12,
      code_hash = $13, import_id = $14, updated_at = now()
    where district_id = $1 and id = $2
    """
  private static let updateGuardian: SQL = """
    update guardian set relation = $3, private_sealed = $4, phone_hash = $5
    where district_id = $1 and id = $2
    """

  /// A pupil seen for the first time.
  mutating func add(_ prepared: PreparedRow) {
    let row = prepared.row
    let id = prepared.id
    students.ids.append(id)
    students.names.append(row.name)
    students.genders.append(row.gender?.rawValue)
    students.ethnicities.append(row.ethnicity)
    students.births.append(row.birthMonth)
    students.grades.append(row.grade)
    students.classes.append(row.className)
    students.teachers.append(row.headTeacher)
    students.boarding.append(row.boarding)
    students.sealed.append(prepared.sealed)
    students.residents.append(prepared.residentHash)
    students.codes.append(prepared.codeHash)
    if let guardian = row.guardian {
      guardians.ids.append(prepared.guardianID)
      guardians.students.append(id)
      guardians.names.append(guardian.name)
      guardians.relations.append(guardian.relation)
      guardians.sealed.append(prepared.guardianSealed)
      guardians.phones.append(prepared.phoneHash)
    }
    if let recognition = row.recognition { add(recognition, of: id, row: row) }
    addConsents(of: id, row, known: nil)
  }

  private mutating func add(_ guardian: RosterRow.GuardianEntry, of student: UUID) throws {
    let id = UUID.v7()
    guardians.ids.append(id)
    guardians.students.append(student)
    guardians.names.append(guardian.name)
    guardians.relations.append(guardian.relation)
    let fields = SealedFields(["phone": guardian.phone?.text ?? ""])
    guardians.sealed.append(try vault.seal(fields, table: "guardian", id: id))
    guardians.phones.append(guardian.phone.map { vault.hash($0.text, domain: "phone") })
  }

  private mutating func add(
    _ recognition: RosterRecognition, of student: UUID, row: RosterRow
  ) {
    recognitions.ids.append(UUID.v7())
    recognitions.students.append(student)
    recognitions.tiers.append(recognition.tier.rawValue)
    recognitions.categories.append(recognition.category)
    recognitions.reasons.append(
      Audit.json([
        "sheet": row.sheet, "row": "\(row.number)",
        "disagreements": recognition.disagreements.map(\.en).joined(separator: "; ").nonEmpty,
      ]))
  }

  /// - Returns: whether there is a consent that was not known.
  @discardableResult
  private mutating func addConsents(
    of student: UUID, _ row: RosterRow, known: KnownStudent?
  ) -> Bool {
    let guardian = known?.consents == true ? nil : row.consentedOn
    let pupil = known?.pupilConsents == true ? nil : row.pupilConsentedOn
    let given = [
      ("guardian", row.guardian?.name ?? RosterRow.GuardianEntry.unnamed, guardian),
      ("pupil", row.name, pupil),
    ]
    for case (let giver, let name, let date?) in given {
      consents.ids.append(UUID.v7())
      consents.students.append(student)
      consents.givers.append(giver)
      consents.names.append(name)
      consents.dates.append(date)
      guard known != nil else { continue }
      updates.append(
        Audit.statement(
          actor, "consent.give", subject: "student", id: student, school: school,
          after: ["scope": "pairing", "giver": giver, "given_on": "\(date)"]))
    }
    return guardian != nil || pupil != nil
  }

  /// What the row adds to or changes in a known pupil; an empty cell changes nothing.
  /// - Returns: whether anything changes.
  mutating func merge(_ row: RosterRow, into known: KnownStudent) throws -> Bool {
    var changes: [String] = []
    var merged = known
    func take<Value: Equatable>(_ name: String, _ new: Value?, _ old: inout Value?) {
      if let new, new != old {
        old = new
        changes.append(name)
      }
    }
    if row.name != known.name {
      merged.name = row.name
      changes.append("name")
    }
    take("gender", row.gender, &merged.gender)
    take("ethnicity", row.ethnicity, &merged.ethnicity)
    take("birth_month", row.birthMonth, &merged.birthMonth)
    take("grade", row.grade, &merged.grade)
    take("class", row.className, &merged.className)
    take("head_teacher", row.headTeacher, &merged.headTeacher)
    take("boarding", row.boarding, &merged.boarding)
    for (name, value) in row.fields.values where merged.fields[name] != value {
      merged.fields[name] = value
      changes.append(name)
    }
    if !changes.isEmpty { try update(merged, changes: changes) }
    let guardianChanged = try mergeGuardian(row, known)
    let recognitionChanged = mergeRecognition(row, known)
    let consentChanged = addConsents(of: known.id, row, known: known)
    return !changes.isEmpty || guardianChanged || recognitionChanged || consentChanged
  }

  private mutating func update(_ student: KnownStudent, changes: [String]) throws {
    updates.append(
      Bound(
        Self.updateStudent, actor.districtID, student.id, student.name, student.gender?.rawValue,
        student.ethnicity, student.birthMonth, student.grade, student.className,
        student.headTeacher, student.boarding,
        try vault.seal(student.fields, table: "student", id: student.id),
        RosterHash.resident(student.fields["resident"], vault),
        RosterHash.code(student.fields["code"].flatMap { try? StudentCode($0) }, vault), importID))
    updates.append(
      Audit.statement(
        actor, "student.update", subject: "student", id: student.id, school: school,
        after: ["changed": changes.sorted().joined(separator: " ")]))
  }

  private mutating func mergeGuardian(_ row: RosterRow, _ known: KnownStudent) throws -> Bool {
    guard let guardian = row.guardian else { return false }
    guard let recorded = known.guardians[guardian.name] else {
      // A sheet that gives a phone and no name means whoever has that phone.
      let isNamed = guardian.name != RosterRow.GuardianEntry.unnamed
      if !isNamed, known.guardians.values.contains(where: { $0.phone == guardian.phone?.text }) {
        return false
      }
      try add(guardian, of: known.id)
      return true
    }
    let phone = guardian.phone?.text ?? recorded.phone
    let relation = guardian.relation ?? recorded.relation
    guard phone != recorded.phone || relation != recorded.relation else { return false }
    updates.append(
      Bound(
        Self.updateGuardian, actor.districtID, recorded.id, relation,
        try vault.seal(
          SealedFields(["phone": phone ?? ""]), table: "guardian", id: recorded.id),
        phone.map { vault.hash($0, domain: "phone") }))
    updates.append(
      Audit.statement(
        actor, "guardian.update", subject: "student", id: known.id, school: school,
        after: ["changed": "guardian"]))
    return true
  }

  private mutating func mergeRecognition(_ row: RosterRow, _ known: KnownStudent) -> Bool {
    guard let recognition = row.recognition, !known.isDecided,
      recognition.tier != known.tier
        || (recognition.category != nil && recognition.category != known.category)
    else { return false }
    add(recognition, of: known.id, row: row)
    updates.append(
      Audit.statement(
        actor, "recognition.file", subject: "student", id: known.id, school: school,
        before: ["tier": known.tier?.rawValue], after: ["tier": recognition.tier.rawValue]))
    return true
  }

  /// Sends everything collected and starts anew.
  mutating func flush(_ session: borrowing Session) throws {
    let district = actor.districtID
    var statements: [Bound] = []
    if !students.ids.isEmpty {
      statements.append(
        Bound(
          Self.insertStudents, district, school, importID, students.ids, students.names,
          students.genders, students.ethnicities, students.births, students.grades,
          students.classes, students.teachers, students.boarding, students.sealed,
          students.residents, students.codes))
    }
    if !guardians.ids.isEmpty {
      statements.append(
        Bound(
          Self.insertGuardians, district, school, guardians.ids, guardians.students,
          guardians.names, guardians.relations, guardians.sealed, guardians.phones))
    }
    if !recognitions.ids.isEmpty {
      statements.append(
        Bound(
          Self.insertRecognitions, school, semester.ordinal, rules.id, rules.version, today, source,
          actor.userID, recognitions.ids, recognitions.students,
          recognitions.tiers, recognitions.categories, recognitions.reasons))
    }
    if !consents.ids.isEmpty {
      statements.append(
        Bound(
          Self.insertConsents, district, school, source, actor.userID, consents.ids,
          consents.students, consents.givers, consents.names, consents.dates))
    }
    statements += updates
    if !statements.isEmpty { _ = try session.batch(statements) }
    students = StudentColumns()
    guardians = GuardianColumns()
    recognitions = RecognitionColumns()
    consents = ConsentColumns()
    updates = []
  }
}
