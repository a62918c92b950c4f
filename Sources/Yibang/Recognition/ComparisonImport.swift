package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar
import Spreadsheet

/// The columns of a comparison list, as departments head them.
enum ComparisonColumn: SheetColumn {
  case name, residentID, headName, headID

  static let required: [ComparisonColumn] = []
  static let oneOf: [[ComparisonColumn]] = [[.residentID, .headID]]

  var headings: [String] {
    switch self {
    case .name: ["姓名", "人员姓名", "成员姓名", "家庭成员姓名", "对象姓名", "残疾人姓名", "儿童姓名", "学生姓名", "name"]
    case .residentID:
      [
        "身份证号", "身份证号码", "身份证", "证件号码", "证件号", "公民身份号码", "居民身份证号", "居民身份证号码",
        "成员身份证号", "家庭成员身份证号", "残疾人身份证号", "儿童身份证号", "学生身份证号", "id number",
      ]
    case .headName: ["户主", "户主姓名", "申请人", "申请人姓名"]
    case .headID: ["户主身份证号", "户主身份证号码", "户主身份证", "户主证件号码", "申请人身份证号", "申请人身份证号码"]
    }
  }
}

extension ComparisonLists {
  /// What a list is about.
  package struct Description: Sendable {
    package let name: String
    /// A category's code, label or word; the rules' tier holds for it.
    package let category: String
    /// A department's code or label.
    package let department: String
    package let asOf: CalendarDate

    package init(name: String, category: String, department: String, asOf: CalendarDate) {
      self.name = name
      self.category = category
      self.department = department
      self.asOf = asOf
    }
  }

  private static let insertList: SQL = """
    insert into comparison_list (
      district_id, id, name, category, department, as_of, import_id, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    """
  private static let insertEntries: SQL = """
    insert into comparison_entry (district_id, list_id, resident_hash, name_hash)
    select $1, $2, u.* from unnest($3::bytea[], $4::bytea[]) as u
    """

  /// Imports one department's list. Of the people on it only keyed hashes are kept.
  /// - Throws: `TableFileError`, `ImportError`, `RecognitionError.unknownCategory`,
  ///   `.unknownDepartment`, `.listExists`, `.districtOnly`, `AccessError`.
  package static func importList(
    _ request: ImportRequest, _ list: Description, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.recognise)
    guard actor.schoolID == nil else { throw RecognitionError.districtOnly }
    let vault = context.platform.vault
    return try await Import.run(request, kind: "comparison", in: context) {
      file, importID, session, report in
      let id = UUID.v7()
      let rules = try RuleBook(session, district: actor.districtID)
        .chosen(for: request.semester.schoolYear)
      guard let category = rules.category(matching: list.category) else {
        throw RecognitionError.unknownCategory(list.category)
      }
      let department = try department(list.department, rules)
      do throws(PostgresError) {
        try session.execute(
          insertList, actor.districtID, id, list.name, category.code, department,
          list.asOf, importID, actor.userID)
      } catch {
        guard error.detail?.constraint == "comparison_list_once" else { throw error }
        throw RecognitionError.listExists(list.name, list.asOf)
      }
      var entries = Entries(list: id, districtID: actor.districtID, vault: vault)
      try SheetScan<ComparisonColumn>.scan(file, progress: request.progress) { event in
        guard case .row(let data) = event else { return report.passOver(event) }
        if try entries.take(data, &report) { try entries.write(session) }
      }
      try entries.write(session)
    }
  }

  /// The code of a department that the rules know, by code or label.
  static func department(_ word: String, _ rules: RuleSet) throws -> String {
    guard
      let found = rules.departments.first(where: { $0.code == word || $0.label.zh == word })
    else {
      throw RecognitionError.unknownDepartment(word, known: rules.departments.map(\.label.zh))
    }
    return found.code
  }

  /// The people of a list on their way into the database.
  private struct Entries {
    static let chunkRows = 10_000

    let list: UUID
    let districtID: String
    let vault: Vault
    private var seen: Set<[UInt8]> = []
    private var waiting: [(resident: [UInt8], name: [UInt8]?)] = []

    init(list: UUID, districtID: String, vault: Vault) {
      self.list = list
      self.districtID = districtID
      self.vault = vault
    }

    /// - Returns: whether a chunk is full.
    mutating func take(
      _ data: DataRow<ComparisonColumn>, _ report: inout ImportReport
    ) throws -> Bool {
      var refusals: [Refusal] = []
      let people = [
        (data.identifier(.residentID, ResidentID.self, &refusals), data.meaning(.name)),
        (data.identifier(.headID, ResidentID.self, &refusals), data.meaning(.headName)),
      ]
      if people.allSatisfy({ $0.0 == nil }) && refusals.isEmpty {
        refusals.append(
          data.refusal(
            data.has(.residentID) ? .residentID : .headID,
            problem: Text("没有身份证号，无法比对", "no ID number to compare by"),
            advice: Text("补上身份证号，或用 --skip-refused 跳过", "add it, or skip the row (--skip-refused)"))
        )
      }
      guard refusals.isEmpty else {
        report.refuse(refusals)
        return false
      }
      var isNew = false
      for case (let id?, let name) in people {
        guard let hash = RosterHash.resident(id.text, vault), seen.insert(hash).inserted else {
          continue
        }
        waiting.append((hash, name.map { nameKey($0, vault) }))
        isNew = true
      }
      if isNew { report.accepted += 1 } else { report.unchanged += 1 }
      return waiting.count >= Self.chunkRows
    }

    mutating func write(_ session: borrowing Session) throws {
      guard !waiting.isEmpty else { return }
      try session.execute(
        insertEntries, districtID, list, waiting.map(\.resident), waiting.map(\.name))
      waiting.removeAll(keepingCapacity: true)
    }
  }
}
