import Foundation
import Postgres
import Spreadsheet

/// A row of a sheet that names a pupil of a school.
struct NamedPupil<Column: SheetColumn> {
  let data: DataRow<Column>
  /// Where the name stands.
  let column: Column
  let name: String
  let grade: String?
  let className: String?
  let residentID: ResidentID?
  let studentCode: StudentCode?
}

/// Finds the pupils whom the rows of a sheet name.
enum PupilFinder {
  private static let byHash: SQL = """
    select id, name, resident_hash, code_hash from student
    where district_id = $1 and school_id = $2
      and (resident_hash = any ($3) or code_hash = any ($4))
    """
  private static let byName: SQL = """
    select id, name, grade, class_name from student
    where district_id = $1 and school_id = $2 and name = any ($3)
    """

  private struct Namesake {
    let id: UUID
    let grade: String?
    let className: String?

    /// Of the row's class, as far as both name one; 一年级(1)班 says the grade too.
    func isIn(_ row: NamedPupil<some SheetColumn>) -> Bool {
      guard let wanted = row.className else { return true }
      guard let className else { return false }
      let whole = (grade ?? "") + className
      return wanted == className || wanted == whole || (row.grade ?? "") + wanted == whole
    }
  }

  /// Each row's pupil: by resident ID or 学籍号, else by a name that one pupil of the class has. A row
  /// without one is refused.
  /// - Returns: the pupil, nil where the row is refused.
  static func find<Column>(
    _ rows: [NamedPupil<Column>], school: UUID, _ session: borrowing Session, _ actor: Actor,
    _ vault: Vault, _ report: inout ImportReport
  ) throws -> [UUID?] {
    var byHash: [[UInt8]: (id: UUID, name: String)] = [:]
    let residents = rows.compactMap { RosterHash.resident($0.residentID?.text, vault) }
    let codes = rows.compactMap { RosterHash.code($0.studentCode, vault) }
    for row in try session.query(Self.byHash, actor.districtID, school, residents, codes) {
      let pupil = (id: try row.get(0) as UUID, name: try row.get(1) as String)
      if let hash: [UInt8] = try row.optional(2) { byHash[hash] = pupil }
      if let hash: [UInt8] = try row.optional(3) { byHash[hash] = pupil }
    }
    var byName: [String: [Namesake]] = [:]
    let names = Array(Set(rows.map(\.name)))
    for row in try session.query(Self.byName, actor.districtID, school, names) {
      byName[try row.get(1), default: []].append(
        Namesake(id: try row.get(0), grade: try row.optional(2), className: try row.optional(3)))
    }
    return rows.map { row in
      let hash =
        RosterHash.resident(row.residentID?.text, vault) ?? RosterHash.code(row.studentCode, vault)
      if let hash, let pupil = byHash[hash] {
        if pupil.name == row.name { return pupil.id }
        report.refuse([
          row.data.refusal(
            row.column,
            problem: Text("与该证件号登记的姓名不符", "another name is recorded for this number"),
            advice: Text("核对姓名和证件号", "check name and number"))
        ])
        return nil
      }
      let namesakes = hash == nil ? (byName[row.name] ?? []).filter { $0.isIn(row) } : []
      if namesakes.count == 1 { return namesakes[0].id }
      report.refuse([unknown(row, isAmbiguous: namesakes.count > 1)])
      return nil
    }
  }

  private static func unknown<Column>(
    _ row: NamedPupil<Column>, isAmbiguous: Bool
  ) -> Refusal {
    isAmbiguous
      ? row.data.refusal(
        row.column, problem: Text("有多名同名学生", "several pupils have this name"),
        advice: Text("写上身份证号或学籍号", "add the resident ID or student code"))
      : row.data.refusal(
        row.column, problem: Text("没有这名学生", "no such pupil"),
        advice: Text(
          "先导入学生花名册（student import），或核对姓名和班级", "import the roster first, or check name and class"))
  }
}
