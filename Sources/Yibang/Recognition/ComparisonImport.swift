import Foundation
import HardshipRecognition
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
    on conflict on constraint comparison_list_once do nothing
    """
  private static let known: SQL = """
    select id, category, department from comparison_list
    where district_id = $1 and name = $2 and as_of = $3
    """
  private static let addEntries: SQL = "select comparison_add($1, $2, $3)"

  /// Imports one department's list. Of the people on it only keyed hashes are kept. A further file of
  /// the same list and day adds the people who are missing, such as rows that were refused; a list of
  /// another day replaces it.
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
      let rules = try RuleBook(session, district: actor.districtID)
        .chosen(for: request.semester.schoolYear)
      guard let category = rules.category(matching: list.category) else {
        throw RecognitionError.unknownCategory(list.category)
      }
      let department = try department(list.department, rules)
      try session.execute(
        insertList, actor.districtID, UUID.v7(), list.name, category.code, department,
        list.asOf, importID, actor.userID)
      let stored = try session.query(known, actor.districtID, list.name, list.asOf)[0]
      guard try stored.get(1) == category.code, try stored.get(2) == department else {
        throw RecognitionError.listExists(list.name, list.asOf)
      }
      var entries = Entries(list: try stored.get(0), vault: vault)
      try SheetScan<ComparisonColumn>.scan(file, progress: request.progress) { event in
        guard case .row(let data) = event else { return report.passOver(event) }
        if try entries.take(data, &report) { try entries.write(session, &report) }
      }
      try entries.write(session, &report)
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
    let vault: Vault
    private var seen: Set<[UInt8]> = []
    private var waiting: [(row: Int, resident: [UInt8], name: [UInt8]?)] = []
    private var rows = 0

    init(list: UUID, vault: Vault) {
      self.list = list
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
        waiting.append((rows, hash, name.map { nameKey($0, vault) }))
        isNew = true
      }
      if isNew { rows += 1 } else { report.unchanged += 1 }
      return waiting.count >= Self.chunkRows
    }

    /// A row is accepted if it brings somebody who was not on the list.
    mutating func write(
      _ session: borrowing Session, _ report: inout ImportReport
    ) throws {
      guard !waiting.isEmpty else { return }
      let added: [Bool] = try session.query(
        addEntries, list, waiting.map(\.resident), waiting.map(\.name))[0].get(0)
      let accepted = Set(zip(waiting, added).filter(\.1).map(\.0.row)).count
      report.accepted += accepted
      report.unchanged += Set(waiting.map(\.row)).count - accepted
      waiting.removeAll(keepingCapacity: true)
    }
  }
}
