import SchoolCalendar
import Spreadsheet

extension Reports {
  /// 德育活动登记表, by date.
  static func activities(_ lines: [Activities.Activity], _ frame: ReportFrame) -> Report {
    let school = frame.coversDistrict ? [TableDocument.Column("学校")] : []
    let columns: [TableDocument.Column] =
      [.init("序号", kind: .integer)] + school + [
        .init("日期", kind: .date), .init("活动类型"), .init("主题"), .init("主持人"),
        .init("参加人数", kind: .integer), .init("地点"), .init("活动效果"), .init("备注"),
      ]
    let rows = lines.enumerated().map { index, line -> [TableCell] in
      let participants = line.participants.map { TableCell.integer(Int64($0)) }
      return [.integer(Int64(index + 1))] + (frame.coversDistrict ? [TableCell(line.school)] : [])
        + [
          TableCell(line.heldOn), TableCell(line.kind.name.zh), TableCell(line.theme),
          TableCell(line.host), participants ?? .empty, TableCell(line.place),
          TableCell(line.outcome), TableCell(line.note),
        ]
    }
    let attended = lines.compactMap(\.participants).reduce(0, +)
    let totals: [TableCell] =
      [.text("合计")] + (frame.coversDistrict ? [.empty] : [])
      + [.empty, .empty, .text("\(lines.count)次"), .empty, .integer(Int64(attended))]
    return Report(
      kind: .activities, table: frame.table(columns, rows: rows, totals: totals),
      document: frame.document(lines), rowCount: lines.count, isRevealed: false)
  }
}
