import Foundation
import Spreadsheet

extension Reports {
  /// 基金收支情况表: a line a fund with opening, income by kind of donor, spending by purpose and
  /// closing, and the totals of each. Kinds and purposes without any amount have no column.
  static func fund(_ statements: [FundStatement], _ frame: ReportFrame) throws -> Report {
    let columns = FundColumn.all(statements, frame)
    let rows = try statements.enumerated().map { index, statement in
      try columns.map { try $0.cell(statement, number: index + 1) }
    }
    let totals = try columns.enumerated().map { index, column -> TableCell in
      if index == 0 { return .text("合计") }
      guard column.isMoney else { return .empty }
      return TableCell(try statements.map { try column.amount($0) }.total())
    }
    let table = frame.table(
      columns.map { .init($0.title, kind: $0.isMoney ? .money : .text) }, rows: rows,
      totals: totals)
    return Report(
      kind: .fund, table: table,
      document: frame.document(statements, total: try statements.map(\.closing).total()),
      rowCount: statements.count, isRevealed: false)
  }
}

private enum FundColumn {
  case number, unit, name, opening
  case income(FundStatement.Line)
  case incomeTotal
  case spending(FundStatement.Line)
  case spendingTotal, closing

  static func all(_ statements: [FundStatement], _ frame: ReportFrame) -> [FundColumn] {
    let kinds = lines(statements.flatMap(\.income), DonorKind.allCases.map(\.rawValue))
    let purposes = lines(statements.flatMap(\.spending), Purpose.standard.map(\.rawValue))
    return [.number] + (frame.coversDistrict ? [.unit] : []) + [.name, .opening]
      + kinds.map(FundColumn.income) + [.incomeTotal]
      + purposes.map(FundColumn.spending) + [.spendingTotal, .closing]
  }

  /// One line for each code: those of `order` first, then others by code.
  private static func lines(
    _ lines: [FundStatement.Line], _ order: [String]
  ) -> [FundStatement.Line] {
    let byCode = Dictionary(lines.map { ($0.code, $0) }) { first, _ in first }
    let rest = byCode.keys.filter { !order.contains($0) }.sorted()
    return (order + rest).compactMap { byCode[$0] }
  }

  var title: String {
    switch self {
    case .number: "序号"
    case .unit: "单位"
    case .name: "基金"
    case .opening: "期初余额"
    case .income(let kind): "收入（\(kind.name.zh)）"
    case .incomeTotal: "收入小计"
    case .spending(let purpose): "支出（\(purpose.name.zh)）"
    case .spendingTotal: "支出小计"
    case .closing: "期末余额"
    }
  }

  var isMoney: Bool {
    switch self {
    case .number, .unit, .name: false
    default: true
    }
  }

  func cell(_ statement: FundStatement, number: Int) throws -> TableCell {
    switch self {
    case .number: .integer(Int64(number))
    case .unit: TableCell(statement.schoolName ?? "区级")
    case .name: TableCell(statement.name)
    default: TableCell(try amount(statement))
    }
  }

  /// - Throws: `MoneyError.overflow`.
  func amount(_ statement: FundStatement) throws -> Money {
    switch self {
    case .number, .unit, .name: .zero
    case .opening: statement.opening
    case .income(let kind): try sum(statement.income, of: kind.code)
    case .incomeTotal: try statement.income.map(\.amount).total()
    case .spending(let purpose): try sum(statement.spending, of: purpose.code)
    case .spendingTotal: try statement.spending.map(\.amount).total()
    case .closing: statement.closing
    }
  }

  private func sum(_ lines: [FundStatement.Line], of code: String) throws -> Money {
    try lines.lazy.filter { $0.code == code }.map(\.amount).total()
  }
}
