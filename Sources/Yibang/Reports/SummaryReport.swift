import HardshipRecognition
import SchoolCalendar
import Spreadsheet

extension Reports {
  /// 认定结果汇总表 with identities.
  static func summary(_ lines: [PupilLine], _ rules: RuleSet, _ frame: ReportFrame) -> Report {
    report(
      lines.enumerated().map { index, line in
        // A category that the rules do not know is a word of the school's own.
        let isOfRules = line.category.flatMap { rules.category(matching: $0) } != nil
        return SummaryColumn.all(frame).map {
          $0.cell(line, number: index + 1, isOfRules: isOfRules)
        }
      }, frame, document: frame.document(lines, masked: false), isRevealed: true)
  }

  /// 认定结果汇总表 with stars where a pupil would be identified.
  static func summary(_ lines: [MaskedPupilLine], _ frame: ReportFrame) -> Report {
    report(
      lines.enumerated().map { index, line in
        SummaryColumn.all(frame).map { $0.cell(line, number: index + 1) }
      }, frame, document: frame.document(lines, masked: true), isRevealed: false)
  }

  private static func report(
    _ rows: [[TableCell]], _ frame: ReportFrame, document: any Encodable & Sendable,
    isRevealed: Bool
  ) -> Report {
    let columns = SummaryColumn.all(frame)
    let totals: [TableCell] = columns.map { column in
      switch column {
      case .number: .text("合计")
      case .name: .text("\(rows.count)人")
      default: .empty
      }
    }
    let table = frame.table(
      columns.map {
        TableDocument.Column(
          $0.rawValue, kind: $0 == .number ? .integer : .text, width: $0.width)
      },
      rows: rows, totals: totals)
    return Report(
      kind: .summary, table: table, document: document, rowCount: rows.count,
      isRevealed: isRevealed)
  }
}

/// The columns of the sheet, in its layout; a school where it covers several.
private enum SummaryColumn: String, CaseIterable {
  case number = "序号"
  case school = "学校"
  case name = "姓名"
  case gender = "性别"
  case ethnicity = "民族"
  case grade = "年级"
  case className = "班级"
  case residentID = "身份证号"
  case address = "家庭地址"
  case phone = "联系电话"
  case tier = "困难等级"
  case basis = "认定依据"
  case note = "备注"

  static func all(_ frame: ReportFrame) -> [SummaryColumn] {
    allCases.filter { $0 != .school || frame.coversDistrict }
  }

  /// Long words break into lines, so that the sheet stays readable in print.
  var width: Int? {
    switch self {
    case .address: 30
    case .basis: 24
    default: nil
    }
  }

  func cell(_ line: Reports.PupilLine, number: Int, isOfRules: Bool) -> TableCell {
    switch self {
    case .number: .integer(Int64(number))
    case .school: TableCell(line.school)
    case .name: TableCell(line.name)
    case .gender: Self.gender(line.gender)
    case .ethnicity: TableCell(line.ethnicity)
    case .grade: TableCell(line.grade)
    case .className: TableCell(line.className)
    case .residentID: TableCell(line.residentID)
    case .address: TableCell(line.address)
    case .phone: TableCell(line.phone)
    case .tier: .text(line.tierLabel)
    case .basis:
      TableCell(
        RecognitionBasis(
          category: isOfRules ? line.category : nil, cause: line.cause
        ).text)
    case .note: isOfRules ? .empty : TableCell(line.category)
    }
  }

  func cell(_ line: Reports.MaskedPupilLine, number: Int) -> TableCell {
    switch self {
    case .number: .integer(Int64(number))
    case .school: TableCell(line.school)
    case .name: TableCell(line.name.description)
    case .gender: Self.gender(line.gender)
    case .grade: TableCell(line.grade)
    case .className: TableCell(line.className)
    case .tier: .text(line.tierLabel)
    case .note: .empty
    case .ethnicity, .residentID, .address, .phone, .basis: .text("****")
    }
  }

  private static func gender(_ gender: ResidentID.Gender?) -> TableCell {
    TableCell(gender.map { $0 == .male ? "男" : "女" })
  }
}
