import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet

/// A pupil's row with all that takes time and no database: ids, keyed hashes, sealed fields.
struct PreparedRow: Sendable {
  let row: RosterRow
  let id: UUID
  let sealed: [UInt8]?
  let residentHash: [UInt8]?
  let codeHash: [UInt8]?
  let guardianID: UUID
  let guardianSealed: [UInt8]?
  let phoneHash: [UInt8]?

  init(_ row: RosterRow, vault: Vault) throws {
    self.row = row
    id = UUID.v7()
    guardianID = UUID.v7()
    sealed = try vault.seal(row.fields, table: "student", id: id)
    residentHash = RosterHash.resident(row.residentID?.text, vault)
    codeHash = RosterHash.code(row.code, vault)
    let phone = row.guardian?.phone?.text
    guardianSealed = try vault.seal(
      SealedFields(["phone": phone ?? ""]), table: "guardian", id: guardianID)
    phoneHash = phone.map { vault.hash($0, domain: "phone") }
  }
}

/// How pupils are looked up.
enum RosterHash {
  static func resident(_ residentID: String?, _ vault: Vault) -> [UInt8]? {
    residentID.map { vault.hash($0, domain: "identity") }
  }

  /// Nil for a 学籍号 that is made of the resident ID, which identifies by itself.
  static func code(_ code: StudentCode?, _ vault: Vault) -> [UInt8]? {
    guard let code, code.residentID == nil else { return nil }
    return vault.hash(code.text, domain: "student-code")
  }
}

extension Vault {
  /// The fields sealed for the row's `private_sealed`; nil where there are none.
  func seal(_ fields: SealedFields, table: String, id: UUID) throws -> [UInt8]? {
    guard !fields.isEmpty else { return nil }
    return try seal(fields.bytes, at: SealedPlace(table, id, "private"))
  }
}

/// Rows of a roster ready for the database, and what was refused or skipped among them.
struct RosterChunk: Sendable {
  var rows: [PreparedRow] = []
  var report: ImportReport
}

/// Reads a roster into chunks: everything that needs no database.
struct RosterSource {
  static let chunkRows = 1_000

  private let vault: Vault
  private var reader: RosterReader
  private var chunk: RosterChunk
  private let emptyReport: ImportReport
  /// Where each pupil stands, by a short digest of the identity: duplicates within the file. Small,
  /// since a file may have a million rows.
  private var places: [Int: Place] = [:]
  /// The last pupil of each name and class in this chunk; those of earlier ones are on record.
  private var classmates: [Int: Classmate] = [:]
  private var sheets: [String] = []

  private struct Place {
    let sheet: Int32
    let row: Int32
  }

  private struct Classmate {
    let place: Place
    /// The first 17 digits of the resident ID.
    let digits: Int64
  }

  init(request: ImportRequest, school: Schools.School, rules: RuleSet, vault: Vault) {
    self.vault = vault
    reader = RosterReader(request, school: school, rules: rules)
    emptyReport = ImportReport(file: request.fileName, dryRun: request.dryRun)
    chunk = RosterChunk(report: emptyReport)
  }

  /// Hands over the whole file, chunk by chunk.
  mutating func read(
    _ file: TableFile, progress: (@Sendable (Double) -> Void)?,
    _ hand: (RosterChunk) throws -> Void
  ) throws {
    try SheetScan<StudentColumn>.scan(file, progress: progress) { event in
      switch event {
      case .row(let data):
        guard let row = reader.read(data, &chunk.report), isFirst(row, data) else { return }
        chunk.rows.append(try PreparedRow(row, vault: vault))
        if chunk.rows.count >= Self.chunkRows { try handOver(hand) }
      case .total, .skipped, .endOfSheet: chunk.report.passOver(event)
      }
    }
    try handOver(hand)
  }

  private mutating func handOver(_ hand: (RosterChunk) throws -> Void) throws {
    try hand(chunk)
    chunk = RosterChunk(report: emptyReport)
    classmates.removeAll(keepingCapacity: true)
  }

  /// Refuses a pupil listed twice in the file and reports likely duplicates.
  private mutating func isFirst(_ row: RosterRow, _ data: DataRow<StudentColumn>) -> Bool {
    let key = identity(row)
    if sheets.last != row.sheet { sheets.append(row.sheet) }
    let place = Place(sheet: Int32(sheets.count - 1), row: Int32(row.number))
    if let earlier = places[key] {
      let sheet = sheets[Int(earlier.sheet)]
      chunk.report.refuse([
        data.refusal(
          row.residentID == nil ? .name : .residentID,
          problem: Text(
            "与“\(sheet)”第 \(earlier.row) 行是同一名学生",
            "the same pupil as row \(earlier.row) of “\(sheet)”"),
          advice: Text("删除其中一行", "delete one of the two rows"))
      ])
      return false
    }
    places[key] = place
    guard let digits = row.residentID.flatMap({ Int64($0.text.prefix(17)) }) else { return true }
    var classKey = Hasher()
    classKey.combine(row.name)
    classKey.combine(row.grade)
    classKey.combine(row.className)
    let classmate = Classmate(place: place, digits: digits)
    if let other = classmates.updateValue(classmate, forKey: classKey.finalize()),
      differsInOneDigit(other.digits, digits)
    {
      let row = other.place.row
      chunk.report.warn(
        .likelyDuplicate(
          of: Text("第 \(row) 行", "row \(row)"), sheet: data.sheet, row: data.number))
    }
    return true
  }

  private func identity(_ row: RosterRow) -> Int {
    var identity = Hasher()
    if let residentID = row.residentID {
      identity.combine(residentID.text)
    } else if let code = row.code {
      identity.combine(code.text)
    } else {
      identity.combine(row.name)
      identity.combine(row.grade)
      identity.combine(row.className)
      identity.combine(row.gender)
      identity.combine(row.birthMonth)
      identity.combine(row.guardian?.name)
    }
    return identity.finalize()
  }
}

extension ImportWarning {
  /// Same name and class, one digit apart in the resident ID.
  static func likelyDuplicate(of other: Text, sheet: String, row: Int) -> ImportWarning {
    ImportWarning(
      .likelyDuplicate, sheet: sheet, row: row,
      Text(
        "与\(other.zh)同名同班，身份证号只差一位：可能是同一名学生，请核对（未合并）",
        "same name and class as \(other.en), and one digit apart in the resident ID: perhaps the "
          + "same pupil, please check (not merged)"))
  }
}

/// Whether two numbers of the same length differ in exactly one decimal digit.
func differsInOneDigit(_ left: Int64, _ right: Int64) -> Bool {
  var left = left
  var right = right
  var differences = 0
  while left > 0 || right > 0 {
    if left % 10 != right % 10 { differences += 1 }
    left /= 10
    right /= 10
  }
  return differences == 1
}
