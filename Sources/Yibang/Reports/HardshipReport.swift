import HardshipRecognition
import SchoolCalendar
import Spreadsheet

extension Reports {
  /// 贫困生情况登记表 with identities.
  static func hardship(
    _ lines: [PupilLine], withNumbers: Bool, _ frame: ReportFrame
  ) -> Report {
    let tellsGrade = lines.allSatisfy { isGrade($0.grade, toldBy: $0.className) }
    let columns = HardshipColumn.all(frame, withGrade: !tellsGrade, withNumbers: withNumbers)
    let rows = lines.enumerated().map { index, line in
      columns.map { $0.cell(line, number: index + 1) }
    }
    return Report(
      kind: .hardship, table: HardshipColumn.table(columns, rows, frame),
      document: frame.document(lines, masked: false), rowCount: lines.count, isRevealed: true)
  }

  /// 贫困生情况登记表 as others may see it: stars where a pupil would be identified.
  static func hardship(
    _ lines: [MaskedPupilLine], withNumbers: Bool, _ frame: ReportFrame
  ) -> Report {
    let tellsGrade = lines.allSatisfy { isGrade($0.grade, toldBy: $0.className) }
    let columns = HardshipColumn.all(frame, withGrade: !tellsGrade, withNumbers: withNumbers)
    let rows = lines.enumerated().map { index, line in
      columns.map { $0.cell(line, number: index + 1) }
    }
    return Report(
      kind: .hardship, table: HardshipColumn.table(columns, rows, frame),
      document: frame.document(lines, masked: true), rowCount: lines.count, isRevealed: false)
  }

  /// Whether the class says the grade too: 一年级(1)班 and 七(1)班 do, 1班 does not.
  private static func isGrade(_ grade: String?, toldBy className: String?) -> Bool {
    guard let grade else { return true }
    guard let className else { return false }
    let bare = grade.hasSuffix("年级") ? String(grade.dropLast(2)) : grade
    return className.hasPrefix(bare)
  }
}

/// The columns of the register, in its layout. A grade of its own stands in it where the classes do
/// not tell it, a school where the sheet covers several.
private enum HardshipColumn: String, CaseIterable {
  case number = "序号"
  case school = "学校"
  case grade = "年级"
  case className = "班级"
  case name = "姓名"
  case gender = "性别"
  case ethnicity = "民族"
  case birth = "出生年月"
  case residentID = "身份证号"
  case studentCode = "学籍号"
  case address = "家庭住址"
  case familySize = "家庭人口"
  case guardian = "家长姓名"
  case income = "年人均收入"
  case cause = "致贫原因"
  case category = "困难类别"
  case tier = "等级"
  case phone = "联系电话"
  case sponsor = "帮扶人"
  case note = "备注"

  static func all(
    _ frame: ReportFrame, withGrade: Bool, withNumbers: Bool
  ) -> [HardshipColumn] {
    allCases.filter { column in
      switch column {
      case .school: frame.coversDistrict
      case .grade: withGrade
      case .residentID, .studentCode: withNumbers
      default: true
      }
    }
  }

  static func table(
    _ columns: [HardshipColumn], _ rows: [[TableCell]], _ frame: ReportFrame
  ) -> TableDocument {
    let totals: [TableCell] = columns.map { column in
      switch column {
      case .number: .text("合计")
      case .name: .text("\(rows.count)人")
      default: .empty
      }
    }
    return frame.table(
      columns.map { TableDocument.Column($0.rawValue, kind: $0 == .number ? .integer : .text) },
      rows: rows, totals: totals)
  }

  func cell(_ line: Reports.PupilLine, number: Int) -> TableCell {
    switch self {
    case .number: .integer(Int64(number))
    case .school: TableCell(line.school)
    case .grade: TableCell(line.grade)
    case .className: TableCell(line.className)
    case .name: TableCell(line.name)
    case .gender: Self.gender(line.gender)
    case .ethnicity: TableCell(line.ethnicity)
    case .birth: TableCell(line.birthMonth.map { "\($0.year)年\($0.month)月" })
    case .residentID: TableCell(line.residentID)
    case .studentCode: TableCell(line.studentCode)
    case .address: TableCell(line.address)
    case .familySize: TableCell(counting: line.familySize)
    case .guardian: TableCell(line.guardian)
    case .income: TableCell(counting: line.income)
    case .cause: TableCell(line.cause)
    case .category: TableCell(line.category)
    case .tier: .text(line.tierLabel)
    case .phone: TableCell(line.phone)
    case .sponsor: TableCell(line.sponsor)
    case .note: .empty
    }
  }

  func cell(_ line: Reports.MaskedPupilLine, number: Int) -> TableCell {
    switch self {
    case .number: .integer(Int64(number))
    case .school: TableCell(line.school)
    case .grade: TableCell(line.grade)
    case .className: TableCell(line.className)
    case .name: TableCell(line.name.description)
    case .gender: Self.gender(line.gender)
    case .tier: .text(line.tierLabel)
    case .sponsor: TableCell(line.sponsor)
    case .note: .empty
    case .ethnicity, .birth, .residentID, .studentCode, .address, .familySize, .guardian, .income,
      .cause, .category, .phone:
      .text("****")
    }
  }

  private static func gender(_ gender: ResidentID.Gender?) -> TableCell {
    TableCell(gender.map { $0 == .male ? "男" : "女" })
  }
}
