import Foundation
import Spreadsheet

/// What an application (认定申请表) tells, whether as a form of one page or as a line of a table, and
/// the words that stand before it.
enum ApplicationColumn: SheetColumn {
  case name, residentID, grade, className, guardian, signature, claims, date

  static let required: [ApplicationColumn] = [.name]
  static let oneOf: [[ApplicationColumn]] = [[.signature, .guardian], [.date]]

  var headings: [String] {
    switch self {
    case .name: ["姓名", "学生姓名", "申请人姓名", "申请学生", "学生", "name"]
    case .residentID: StudentColumn.residentID.headings
    case .grade: StudentColumn.grade.headings
    case .className: StudentColumn.className.headings
    case .guardian: ["监护人", "监护人姓名", "家长姓名", "家长", "申请人", "申请监护人", "guardian"]
    case .signature:
      [
        "监护人签名", "监护人签字", "家长签名", "家长签字", "签名", "签字", "申请人签名", "申请人签字", "承诺签字", "承诺人签名",
        "承诺人签字", "承诺人", "学生本人签字", "学生本人签名", "学生本人或监护人签字", "学生本人或监护人签名",
        "学生或监护人签字", "学生或监护人签名", "学生监护人签字", "学生监护人签名", "学生家长签名", "学生家长签字",
        "是否签字", "已签字", "signature",
      ]
    case .claims:
      [
        "特殊群体类型", "特殊群体", "特殊困难群体", "特殊群体类别", "家庭类型", "困难类型", "困难类别", "认定类别", "申请类别", "category",
      ]
    case .date: ["申请日期", "填表日期", "签字日期", "签名日期", "日期", "申请时间", "填表时间", "签字时间", "承诺日期", "date"]
    }
  }

  static let known = byHeading

  /// Labels that stand before other things in a form: what follows a label is no value if it is one
  /// of these.
  static let labels: Set<String> = Set(
    allCases.flatMap(\.headings).map(heading)
      + StudentColumn.allCases.flatMap(\.headings).map(heading)
      + ["年龄", "与学生关系", "职业", "年收入", "健康状况", "邮政编码", "邮编", "学校", "学年", "编号"])
}

/// One application as it was read, with the place of everything in it.
struct ApplicationEntry {
  struct Field {
    /// As the sheet writes it.
    let label: String
    let cell: String?
    let row: Int
    let value: Cell

    var text: String { normalizeText(value.text) }
  }

  let sheet: String
  let row: Int
  var fields: [ApplicationColumn: Field] = [:]
  /// Categories that are ticked or written.
  var claims: [Field] = []

  func text(_ column: ApplicationColumn) -> String { fields[column]?.text ?? "" }

  func refusal(_ column: ApplicationColumn, problem: Text, advice: Text) -> Refusal {
    refusal(fields[column], column, problem: problem, advice: advice)
  }

  func refusal(
    _ field: Field?, _ column: ApplicationColumn, problem: Text, advice: Text
  ) -> Refusal {
    Refusal(
      sheet: sheet, row: field?.row ?? row, column: field?.label ?? column.headings[0],
      cell: field?.cell, value: field?.value.text ?? "", problem: problem, advice: advice)
  }
}

extension ApplicationEntry {
  /// From a line of a table.
  init(_ data: DataRow<ApplicationColumn>) {
    sheet = data.sheet
    row = data.number
    for (column, position) in data.layout.positions {
      let field = Field(
        label: data.layout.titles[position] ?? "", cell: "\(columnName(position))\(data.number)",
        row: data.number, value: data.row[position])
      if column == .claims { claims = field.claims } else { fields[column] = field }
    }
  }
}

extension ApplicationEntry.Field {
  /// The categories that a cell names: those that are ticked, or, without any box, all its words.
  var claims: [Self] {
    let nothing = ["", "/", "-", "—", "无", "否", "没有", "不属于", "以上都不是"]
    let boxes = TickBoxes.read(text)
    let words =
      boxes.isEmpty
      ? text.split(whereSeparator: { "、,;/\n".contains($0) }).map(String.init)
      : boxes.filter(\.isTicked).map(\.label)
    // 请 stands in a remark to those who fill it in: 以上请打√.
    return words.map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !nothing.contains($0) && !$0.contains("请") }
      .map { Self(label: label, cell: cell, row: row, value: Cell(.text($0))) }
  }
}
