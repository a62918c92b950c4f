import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar
package import Spreadsheet

/// The pupils recognised for a semester as a sheet for 全国学生资助管理信息系统. The columns are data:
/// those below are not verified against the ministry's present template, and a district gives its own.
package enum NationalExport {
  /// What a column may hold.
  package enum Field: String, Sendable, CaseIterable, Codable {
    case number, school
    case schoolCode = "school_code"
    case schoolYear = "school_year"
    case name
    case documentKind = "document_kind"
    case residentID = "resident_id"
    case studentCode = "student_code"
    case gender, ethnicity
    case birthMonth = "birth_month"
    case grade
    case className = "class"
    case address, guardian, phone, tier, category, cause
    case empty
  }

  package struct Column: Sendable, Equatable, Codable {
    package let heading: String
    package let field: Field
    /// Whether a pupil without it is not exported.
    package let required: Bool

    package init(_ heading: String, _ field: Field, required: Bool = true) {
      self.heading = heading
      self.field = field
      self.required = required
    }
  }

  package static let columns: [Column] = [
    Column("序号", .number), Column("学校标识码", .schoolCode), Column("学校名称", .school),
    Column("学年", .schoolYear), Column("学生姓名", .name), Column("证件类型", .documentKind),
    Column("身份证件号", .residentID), Column("学籍号", .studentCode), Column("性别", .gender),
    Column("民族", .ethnicity, required: false), Column("年级", .grade),
    Column("班级", .className), Column("困难等级", .tier), Column("困难类型", .category, required: false),
    Column("家庭地址", .address, required: false), Column("监护人姓名", .guardian),
    Column("联系电话", .phone), Column("备注", .empty, required: false),
  ]

  /// A pupil that is left out, and the headings of what is missing.
  package struct Incomplete: Sendable, Codable {
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: String
    package let missing: [String]

    enum CodingKeys: String, CodingKey {
      case school, grade
      case className = "class"
      case name, missing
    }
  }

  package struct Result: Sendable, Codable {
    package let path: String
    package let written: Bool
    package let rows: Int
    package let incomplete: [Incomplete]
  }

  package struct Request: Sendable {
    package var semester: Semester
    /// Nil: all that the actor may see.
    package var school: Schools.School?
    package var columns: [Column]
    /// Why identities are exported; kept in the trail.
    package var reason: String
    /// Whether the complete pupils are written where others are not.
    package var skipsIncomplete: Bool

    package init(
      _ semester: Semester, school: Schools.School? = nil,
      columns: [Column] = NationalExport.columns, reason: String, skipsIncomplete: Bool = false
    ) {
      self.semester = semester
      self.school = school
      self.columns = columns
      self.reason = reason
      self.skipsIncomplete = skipsIncomplete
    }

    /// What the columns show beside what anybody sees who works with pupils.
    var details: [Reveals.Detail] {
      let shown: [(Reveals.Detail, [Field])] = [
        (.residentID, [.residentID]), (.studentCode, [.studentCode]), (.address, [.address]),
        (.guardianPhone, [.phone]), (.hardship, [.category, .cause]),
      ]
      let found = shown.filter { _, fields in columns.contains { fields.contains($0.field) } }
      return found.isEmpty ? [.family] : found.map(\.0)
    }
  }

  private static let codes: SQL = "select name, code from school where district_id = $1"

  /// Writes the sheet, to a file that its owner alone can read, if every pupil is complete. ID numbers
  /// are text.
  /// - Throws: `StudentError.noneFound`, `ReportError`, `AccessError`, `TableWriteError`.
  package static func write(
    _ request: Request, as format: Reports.Format, to path: String, in context: Context
  ) async throws -> Result {
    let (rows, incomplete) = try await make(request, in: context) { table in
      try Reports.writePrivately(to: path) { draft in
        switch format {
        case .csv: try writeCSV(table, to: draft, keepsDigits: true)
        default: try writeXlsx([("认定名单", table)], to: draft)
        }
      }
    }
    return Result(path: path, written: rows > 0, rows: rows, incomplete: incomplete)
  }

  /// Pupils who lack something that the columns need; nothing is written.
  /// - Throws: as `write`.
  package static func incomplete(
    _ request: Request, in context: Context
  ) async throws -> [Incomplete] {
    try await make(request, in: context, write: nil).incomplete
  }

  /// - Parameter write: nil only tells who is incomplete.
  /// - Returns: how many pupils were written.
  private static func make(
    _ request: Request, in context: Context, write: (@Sendable (TableDocument) throws -> Void)?
  ) async throws -> (rows: Int, incomplete: [Incomplete]) {
    try await RefusedLooks.noting(.nationalExport, in: context) {
      try await made(request, in: context, write: write)
    }
  }

  private static func made(
    _ request: Request, in context: Context, write: (@Sendable (TableDocument) throws -> Void)?
  ) async throws -> (rows: Int, incomplete: [Incomplete]) {
    let actor = context.actor
    try actor.require(.recognise)
    if let school = request.school { try actor.require(school: school.id) }
    let reason = try Reveals.reason(request.reason, actor)
    let scope = request.school?.id ?? actor.schoolID
    let vault = context.platform.vault
    return try await context.readTraced { session in
      var schoolCodes: [String: String] = [:]
      for row in try session.query(codes, actor.districtID) {
        schoolCodes[try row.get(0)] = try row.get(1)
      }
      let pupils = try Reports.pupils(
        session, actor, vault, school: scope, request.semester, withNumbers: true)
      guard !pupils.isEmpty else { throw StudentError.noneFound }
      var (rows, incomplete): ([[TableCell]], [Incomplete]) = ([], [])
      var students: [UUID] = []
      for pupil in pupils {
        let values = request.columns.map { column in
          value(column.field, pupil, rows.count + 1, schoolCodes, request.semester.schoolYear)
        }
        let missing = zip(request.columns, values).filter { $0.required && $1 == nil }
        if missing.isEmpty {
          rows.append(values.map { TableCell($0) })
          students += [pupil.student].compactMap { $0 }
        } else {
          incomplete.append(
            Incomplete(
              school: pupil.school, grade: pupil.grade, className: pupil.className,
              name: pupil.name, missing: missing.map(\.0.heading)))
        }
      }
      let isWritten =
        write != nil && !rows.isEmpty && (incomplete.isEmpty || request.skipsIncomplete)
      try Reveals.record(
        Reveals.Act(
          way: .nationalExport, what: request.details, reason: reason, record: ("report", nil),
          school: scope,
          facts: [
            "report": "national_export", "semester": "\(request.semester)",
            "incomplete": "\(incomplete.count)",
          ]),
        of: isWritten ? students : [], .student, session, actor)
      if isWritten {
        let table = TableDocument(
          columns: request.columns.map { TableDocument.Column($0.heading) }, rows: rows)
        try write?(table)
      }
      return (isWritten ? rows.count : 0, incomplete)
    }
  }

  private static func value(
    _ field: Field, _ pupil: Reports.PupilLine, _ number: Int, _ codes: [String: String],
    _ year: SchoolYear
  ) -> String? {
    let value: String? =
      switch field {
      case .number: "\(number)"
      case .school: pupil.school
      case .schoolCode: codes[pupil.school]
      case .schoolYear: "\(year)"
      case .name: pupil.name
      case .documentKind: pupil.residentID == nil ? nil : "居民身份证"
      case .residentID: pupil.residentID
      case .studentCode: pupil.studentCode
      case .gender: pupil.gender.map { $0 == .male ? "男" : "女" }
      case .ethnicity: pupil.ethnicity
      case .birthMonth: pupil.birthMonth.map { "\($0.year)-\($0.month < 10 ? "0" : "")\($0.month)" }
      case .grade: pupil.grade
      case .className: pupil.className
      case .address: pupil.address
      case .guardian: pupil.guardian
      case .phone: pupil.phone
      case .tier: pupil.tierLabel
      case .category: pupil.category
      case .cause: pupil.cause
      case .empty: nil
      }
    return value?.nonEmpty
  }
}

/// The columns of a list of columns.
private enum ColumnListColumn: SheetColumn {
  case heading, field, isRequired

  static let required: [ColumnListColumn] = [.heading, .field]

  var headings: [String] {
    switch self {
    case .heading: ["列名", "heading"]
    case .field: ["内容", "field"]
    case .isRequired: ["必填", "required"]
    }
  }
}

extension NationalExport {
  /// Reads the columns of an export from a sheet with 列名, 内容 and 必填, in the order in which they
  /// stand there.
  /// - Throws: `ReportError.unknownField`, `.noColumns`; `TableFileError`, `ImportError.noHeader`.
  package static func columns(from path: String) throws -> [Column] {
    var columns: [Column] = []
    try SheetScan<ColumnListColumn>.scan(try TableFile.open(path: path), progress: nil) { event in
      guard case .row(let data) = event else { return }
      let word = data.text(.field)
      guard let field = Field(rawValue: word) else {
        throw ReportError.unknownField(word, known: Field.allCases.map(\.rawValue))
      }
      let isOptional = ["否", "no", "0"].contains(data.text(.isRequired).lowercased())
      columns.append(Column(data.text(.heading), field, required: !isOptional && field != .empty))
    }
    guard !columns.isEmpty else { throw ReportError.noColumns }
    return columns
  }

  /// The columns as `columns(from:)` reads them.
  package static func list(_ columns: [Column]) -> TableDocument {
    TableDocument(
      columns: [.init("列名"), .init("内容"), .init("必填")],
      rows: columns.map {
        [.text($0.heading), .text($0.field.rawValue), .text($0.required ? "是" : "否")]
      })
  }
}
