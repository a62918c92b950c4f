import Foundation
import Postgres
import SchoolCalendar

/// What is on record of the pupils whom a file's applications name.
struct ApplicationStore {
  enum Outcome {
    case new(student: UUID, guardian: UUID)
    case unchanged
    case refused(Refusal)
  }

  private struct Pupil {
    let id: UUID
    let name: String
    let grade: String?
    let className: String?
    let resident: [UInt8]?
    var guardians: [String: UUID] = [:]
    var earlier: (guardian: UUID, date: CalendarDate, claims: Set<String>)?
  }

  private let vault: Vault
  private var byResident: [[UInt8]: Pupil] = [:]
  private var byName: [String: [Pupil]] = [:]
  /// Resident IDs, as hashes, of pupils at other schools.
  private var elsewhere: Set<[UInt8]> = []

  // $1 district, $2 school, $3 round, $4 hashes, $5 names
  private static let pupils: SQL = """
    select s.id, s.name, s.grade, s.class_name, s.resident_hash, c.guardian_id, c.applied_on,
      c.claims_sealed, c.id
    from student s
    left join recognition_case c
      on c.district_id = s.district_id and c.round_id = $3 and c.student_id = s.id
    where s.district_id = $1 and s.school_id = $2
      and (s.resident_hash = any ($4) or s.name = any ($5))
    order by s.id
    """
  private static let guardians: SQL = """
    select student_id, id, name from guardian where district_id = $1 and student_id = any ($2)
    """
  private static let located: SQL = """
    select resident_hash from locate_students($1, '{}') where school_id <> $2
    """

  init(
    _ applications: [CheckedApplication], _ round: Rounds.Round, _ school: Schools.School,
    _ session: borrowing Session, _ actor: Actor, _ vault: Vault
  ) throws {
    self.vault = vault
    let hashes = applications.compactMap { RosterHash.resident($0.residentID?.text, vault) }
    var known: [UUID: Pupil] = [:]
    let rows = try session.query(
      Self.pupils, actor.districtID, school.id, round.id, hashes, applications.map(\.name))
    for row in rows {
      var pupil = Pupil(
        id: try row.get(0), name: try row.get(1), grade: try row.optional(2),
        className: try row.optional(3), resident: try row.optional(4))
      if let guardian: UUID = try row.optional(5) {
        pupil.earlier = (
          guardian, try row.get(6), Set(try vault.claims(try row.get(7), of: try row.get(8)))
        )
      }
      known[pupil.id] = pupil
    }
    for row in try session.query(Self.guardians, actor.districtID, Array(known.keys)) {
      known[try row.get(0)]?.guardians[try row.get(2)] = try row.get(1)
    }
    for pupil in known.values {
      if let resident = pupil.resident { byResident[resident] = pupil }
      byName[pupil.name, default: []].append(pupil)
    }
    for row in try session.query(Self.located, hashes, school.id) {
      if let hash: [UInt8] = try row.optional(0) { elsewhere.insert(hash) }
    }
  }

  /// What becomes of an application.
  /// - Parameter seen: the applications of this file before it, by pupil.
  func outcome(
    of application: CheckedApplication, _ seen: inout [UUID: CheckedApplication]
  ) -> Outcome {
    let entry = application.entry
    switch find(application) {
    case .failure(let reason): return .refused(reason.refusal)
    case .success(let pupil):
      if let other = seen.updateValue(application, forKey: pupil.id) {
        return .refused(
          entry.refusal(
            .name,
            problem: Text(
              "与“\(other.entry.sheet)”第 \(other.entry.row) 行是同一名学生",
              "the same pupil as in row \(other.entry.row) of “\(other.entry.sheet)”"),
            advice: Text("只留一份申请", "keep one application")))
      }
      guard let guardian = pupil.guardians[application.guardian] else {
        return .refused(
          entry.refusal(
            entry.fields[.signature] == nil ? .guardian : .signature,
            problem: Text("没有登记这位监护人", "this guardian is not on record"),
            advice: Text(
              "核对姓名，或先在花名册中补上监护人再导入", "check the name, or add the guardian to the roster first")))
      }
      guard let earlier = pupil.earlier else {
        return .new(student: pupil.id, guardian: guardian)
      }
      if earlier == (guardian, application.date, Set(application.claims)) { return .unchanged }
      return .refused(
        entry.refusal(
          .name, problem: Text("本学年已有另一份申请", "the pupil has applied this year, otherwise"),
          advice: Text(
            "与原申请核对：yibang recognition list；家庭情况有变化的，下学期调整时申请",
            "compare with the first: yibang recognition list; changes are for next semester")))
    }
  }

  private struct NotFound: Error { let refusal: Refusal }

  private func find(_ application: CheckedApplication) -> Result<Pupil, NotFound> {
    let entry = application.entry
    func refuse(_ column: ApplicationColumn, _ problem: Text, _ advice: Text) -> Result<
      Pupil, NotFound
    > {
      .failure(NotFound(refusal: entry.refusal(column, problem: problem, advice: advice)))
    }
    let hash = RosterHash.resident(application.residentID?.text, vault)
    if let hash, let pupil = byResident[hash] {
      guard pupil.name == application.name else {
        return refuse(
          .name, Text("该身份证号登记的是另一个姓名", "this resident ID is on record with another name"),
          Text("核对姓名和身份证号", "check name and number"))
      }
      return .success(pupil)
    }
    if let hash, elsewhere.contains(hash) {
      return refuse(
        .residentID, Text("该学生在本区另一所学校", "this pupil is at another school of the district"),
        Text("由所在学校办理，或先转学", "the pupil's own school records it; or transfer the pupil first"))
    }
    let candidates = (byName[application.name] ?? []).filter { pupil in
      (hash == nil || pupil.resident == nil)
        && (application.className == nil || pupil.className == nil
          || pupil.className == application.className
          || pupil.className == (application.grade ?? "") + (application.className ?? ""))
        && (application.grade == nil || pupil.grade == nil || pupil.grade == application.grade)
    }
    switch candidates.count {
    case 1: return .success(candidates[0])
    case 0:
      return refuse(
        hash == nil ? .name : .residentID,
        Text("本校没有登记该学生", "the pupil is not on this school's record"),
        Text("核对姓名、班级和身份证号，或先导入花名册", "check name, class and number, or import the roster first"))
    default:
      return refuse(
        .name, Text("有多名同名学生，无法确定是哪一位", "there are several pupils of this name"),
        Text("补上身份证号或班级", "add the resident ID or the class"))
    }
  }
}
