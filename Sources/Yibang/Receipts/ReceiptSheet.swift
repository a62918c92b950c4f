import Foundation
import Postgres
package import SchoolCalendar
package import Spreadsheet

extension Receipts {
  /// Rows that a sheet holds at most.
  private static let sheetLimit = 1_000_000

  private static let unitName: SQL = """
    select coalesce(s.name, d.name) from district d
    left join school s on s.district_id = d.district_id and s.id = $2
    where d.district_id = $1
    """

  /// The register of receipts as an accounting sheet: every number in its order, voided ones as such.
  /// - Parameter date: the day that stands on the sheet.
  package static func sheet(
    _ filter: Filter, date: CalendarDate, in context: Context
  ) async throws -> TableDocument {
    let actor = context.actor
    try actor.require(.read)
    if let school = filter.school { try actor.require(school: school) }
    var filter = filter
    filter.limit = sheetLimit
    let whole = filter
    return try await context.read { session in
      let school = whole.school ?? actor.schoolID
      let unit: String? = try session.query(unitName, actor.districtID, school).first?.get(0)
      return try sheet(
        list(whole, session, actor), unit: unit ?? "", year: whole.year, date: date,
        coversDistrict: school == nil)
    }
  }

  /// Writes the register to an .xlsx or .csv file, which appears whole or not at all.
  /// - Returns: how many receipts stand in it.
  /// - Throws: `ReceiptError.fileName`, `TableWriteError`; as `sheet`.
  package static func write(
    _ filter: Filter, date: CalendarDate, to path: String, in context: Context
  ) async throws -> Int {
    let ending = (path as NSString).pathExtension.lowercased()
    guard ending == "xlsx" || ending == "csv" else { throw ReceiptError.fileName(path) }
    let table = try await sheet(filter, date: date, in: context)
    try await onThread {
      if ending == "xlsx" {
        try writeXlsx([("捐赠收据登记表", table)], to: path)
      } else {
        try writeCSV(table, to: path, keepsDigits: true)
      }
    }
    return table.rows.count
  }

  /// - Throws: `MoneyError`.
  static func sheet(
    _ receipts: [Receipt], unit: String, year: Int?, date: CalendarDate, coversDistrict: Bool
  ) throws -> TableDocument {
    let running = receipts.filter { $0.state != .void }
    // Goods have no place in a sum of money.
    let total = try running.filter { $0.kind == .money }.compactMap(\.amount).total()
    let place: [TableDocument.Column] = coversDistrict ? [.init("单位")] : []
    let columns: [TableDocument.Column] =
      [.init("收据号")] + place + [
        .init("开具日期", kind: .date), .init("捐赠日期", kind: .date), .init("捐赠人/单位"),
        .init("种类"), .init("金额", kind: .money), .init("方式"), .init("基金"),
        .init("指定用途或物资"), .init("经手人"), .init("统一票据号"), .init("状态"), .init("备注"),
      ]
    let rows = receipts.map { cells($0, coversDistrict: coversDistrict) }
    let totals =
      [TableCell.text("合计")] + Array(repeating: .empty, count: coversDistrict ? 5 : 4)
      + [TableCell(total)]
    let gap = "\u{3000}\u{3000}\u{3000}\u{3000}"
    let voided = receipts.count - running.count
    return TableDocument(
      title: "\(unit)\(year.map { "\($0)年" } ?? "")捐赠收据登记表",
      subtitle: "单位：\(unit)\(gap)日期：\(date.chinese)\(gap)金额单位：元", columns: columns,
      rows: rows, totals: totals,
      footer: [
        "合计(大写)：人民币\(total.uppercase)\(gap)共 \(receipts.count) 张，其中作废 \(voided) 张",
        ["制表：", "审核：", "单位（盖章）："].joined(separator: gap),
      ])
  }

  private static func cells(_ receipt: Receipt, coversDistrict: Bool) -> [TableCell] {
    let amount: TableCell =
      switch (receipt.amount, receipt.kind, receipt.state) {
      case (nil, _, _): .empty
      case (let amount?, .money, .valid), (let amount?, .money, .toBeReplaced),
        (let amount?, .money, .toBeVoided):
        TableCell(amount)
      case (let amount?, .money, .void): .text("作废 \(amount)")
      case (let amount?, .goods, _): .text("折价 \(amount)")
      }
    let method = receipt.method == .unknown ? nil : receipt.method?.name.zh
    return [.text("\(receipt.number)")] + (coversDistrict ? [.text(receipt.unit)] : []) + [
      TableCell(receipt.issuedOn), receipt.receivedOn.map { TableCell($0) } ?? .empty,
      .text(receipt.donor), .text(receipt.kind.name.zh), amount, TableCell(method),
      TableCell(receipt.fund), TableCell(receipt.goods ?? receipt.designation),
      TableCell(receipt.handler), TableCell(receipt.officialNumber), .text(receipt.state.name.zh),
      TableCell(receipt.remarks.map(\.zh).joined(separator: "；")),
    ]
  }
}
