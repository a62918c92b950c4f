import Foundation
import Postgres
package import SchoolCalendar
package import Spreadsheet

/// The columns of a count sheet (盘点表).
package enum GoodsCountColumn: SheetColumn {
  case item, unit, counted, reason, version

  package static let required: [GoodsCountColumn] = [.item, .counted]

  package var headings: [String] {
    switch self {
    case .item: ["物品", "物品名称", "名称", "品名", "item"]
    case .unit: ["单位", "计量单位", "unit"]
    case .counted: ["实盘数量", "实盘数", "实盘", "盘点数量", "实存数量", "counted"]
    case .reason: ["原因", "差异原因", "盈亏原因", "说明", "reason"]
    case .version: ["版本", "存量版本", "version"]
    }
  }
}

extension Goods {
  private static let onSheet: SQL = """
    select i.name, i.unit, s.quantity, s.version from stock_item s
    join goods_item i on i.district_id = s.district_id and i.id = s.item_id
    where s.district_id = $1 and s.place_id = $2 and s.quantity > 0
    order by i.kind, i.name collate "zh-x-icu", i.unit
    """

  /// A sheet on which to count a place: what the books say and, by its version, when they said it.
  package static func countSheet(
    of place: Place, on date: CalendarDate, in context: Context
  ) async throws -> TableDocument {
    try context.actor.require(.manageGoods)
    let rows: [[TableCell]] = try await context.read { session in
      try session.query(onSheet, context.actor.districtID, place.id).map { row in
        [
          .text(try row.get(0)), .text(try row.get(1)), .integer(try row.get(2)), .empty, .empty,
          .integer(try row.get(3)),
        ]
      }
    }
    return TableDocument(
      title: "\(place.name)盘点表", subtitle: "日期：\(date.chinese)",
      columns: [
        .init("物品", width: 20), .init("单位", width: 8), .init("账面数量", kind: .integer),
        .init("实盘数量", kind: .integer, width: 12), .init("原因", width: 30),
        .init("版本", kind: .integer),
      ], rows: rows, footer: ["未填实盘数量的物品不作变动。版本列请勿改动。", "盘点人：　　　　　　监盘人：　　　　　　日期："])
  }

  /// Posts a filled-in count sheet. Rows without a counted quantity were not counted: they stay.
  /// - Parameter place: where was counted.
  /// - Throws: `TableFileError`, `ImportError`, `GoodsError`, `AccessError`.
  package static func importCount(
    _ request: ImportRequest, at place: Place, on date: CalendarDate, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.manageGoods)
    let semester = request.semester
    return try await Import.run(request, kind: "goods_count", in: context) {
      file, importID, session, report in
      var counted: [Counted] = []
      try SheetScan<GoodsCountColumn>.scan(file, progress: request.progress) { event in
        guard case .row(let data) = event else { return report.passOver(event) }
        if data.text(.counted).isEmpty {
          return report.skip(
            sheet: data.sheet, row: data.number, why: Text("没有盘点", "not counted"))
        }
        if let line = try GoodsCountReader.read(data, place, session, actor, &report) {
          if counted.contains(where: { $0.item == line.item }) {
            let label = data.text(.item)
            report.refuse([data.refusal(.item, GoodsError.countedTwice(label))])
          } else {
            counted.append(line)
          }
        }
      }
      guard !counted.isEmpty else { return }
      let occasion = Occasion(semester: semester, date: date, source: request.fileName)
      let differences = try count(
        counted, at: place, id: importID, occasion, session, actor)
      report.accepted += counted.count
      report.updated += differences.count
    }
  }
}

/// Reads the lines of a count sheet.
enum GoodsCountReader {
  private static let booked: SQL = """
    select quantity, version from stock_item
    where district_id = $1 and place_id = $2 and item_id = $3
    """

  /// - Returns: what was counted; nil where the row is refused.
  static func read(
    _ data: DataRow<GoodsCountColumn>, _ place: Goods.Place, _ session: borrowing Session,
    _ actor: Actor, _ report: inout ImportReport
  ) throws -> Goods.Counted? {
    let name = [data.text(.item), data.text(.unit)].filter { !$0.isEmpty }.joined(separator: "/")
    let item: Goods.Item
    do {
      item = try Goods.item(named: name, school: place.school, session, actor)
    } catch let error as GoodsError {
      report.refuse([data.refusal(.item, error)])
      return nil
    }
    guard let quantity = Int64(data.text(.counted)), quantity >= 0 else {
      report.refuse([data.refusal(.counted, GoodsError.quantity)])
      return nil
    }
    let text = data.text(.version)
    guard text.isEmpty || Int64(text) != nil else {
      report.refuse([
        data.refusal(
          .version, problem: Text("版本不是数字", "the version is no number"),
          advice: Text("重新开盘点表（--sheet）", "draw the sheet again (--sheet)"))
      ])
      return nil
    }
    let counted = Goods.Counted(
      item: item.id, quantity: quantity, reason: data.meaning(.reason), version: Int64(text))
    try Stock.lock(session, [(place.id, item.id)])
    let row = try session.query(booked, actor.districtID, place.id, item.id).first
    let books: Int64 = try row?.get(0) ?? 0
    let version: Int64 = try row?.get(1) ?? 0
    if let drawn = counted.version, drawn != version {
      let moves = try Goods.moves(of: item.id, at: place, since: drawn, session, actor)
      report.refuse([
        data.refusal(.item, GoodsError.movedSinceDrawn(item: item.label, events: moves))
      ])
      return nil
    }
    if quantity != books, counted.reason == nil {
      report.refuse([data.refusal(.reason, GoodsError.reasonMissing(item.label))])
      return nil
    }
    return counted
  }
}

extension DataRow {
  /// A row that a rule of goods refuses.
  func refusal(_ column: Column, _ error: GoodsError) -> Refusal {
    refusal(
      column, problem: error.text,
      advice: Text("更正后再导入", "correct it and import again"))
  }
}
