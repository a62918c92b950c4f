import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Random donation sheets")
struct DonationPropertyTests {
  /// An amount as some school might write it.
  private func written(_ amount: Money, _ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return amount.plain
    case 1: return amount.description
    case 2: return "\(amount.plain)元"
    case 3: return amount.uppercase
    case 4: return "人民币\(amount.uppercase)"
    case 5: return "  \(amount.description)  "
    default:
      let wide = amount.plain.unicodeScalars.map { scalar in
        Unicode.Scalar(scalar.value + 0xFEE0).map(Character.init) ?? "?"
      }
      return String(wide)
    }
  }

  private func written(_ date: CalendarDate, _ random: inout SeededGenerator) -> String {
    let (year, month, day) = date.parts
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return "\(date)"
    case 1: return "\(year)年\(month)月\(day)日"
    case 2: return "\(year).\(month).\(day)"
    case 3: return "\(year)/\(month)/\(day)"
    case 4: return "\(month)月\(day)日"
    default: return date.description.replacingOccurrences(of: "-", with: "")
    }
  }

  private func quoted(_ cell: String) -> String {
    "\"\(cell.replacingOccurrences(of: "\"", with: "\"\""))\""
  }

  @Test(
    "every fen of every line arrives, however the sheet is laid out",
    arguments: [11, 23, 47, 95, 191] as [UInt64])
  func everyFen(seed: UInt64) async throws {
    let district = try await TestDistrict.make()
    let first = try #require(CalendarDate("2026-09-01"))
    var random = SeededGenerator(seed: seed)
    var expected: Int64 = 0
    for sheet in 0..<12 {
      var columns = ["序号", "日期", "捐款人/单位", "类别", "金额（元）", "方式", "备注"]
      columns.shuffle(using: &random)
      var lines = Array(repeating: "爱心捐款\(sheet)", count: Int.random(in: 0...3, using: &random))
      lines.append(columns.map(quoted).joined(separator: ","))
      var total: Int64 = 0
      for number in 1...Int.random(in: 1...40, using: &random) {
        let fen = Int64.random(in: 1...99_999_999, using: &random)
        total += fen
        let date = first.adding(days: Int.random(in: 0..<80, using: &random))
        let cells = [
          "序号": "\(number)", "日期": written(date, &random),
          "捐款人/单位": "试\(sheet)，“\(number)”", "类别": "个人",
          "金额（元）": written(Money(fen: fen), &random), "方式": "现金", "备注": "一,二\n三",
        ]
        lines.append(columns.map { quoted(cells[$0] ?? "") }.joined(separator: ","))
        if Bool.random(using: &random) { lines.append("") }
      }
      let totals = ["捐款人/单位": "合计", "金额（元）": Money(fen: total).plain]
      lines.append(columns.map { quoted(totals[$0] ?? "") }.joined(separator: ","))
      lines.append("制表：试，审核：试")
      expected += total
      let report = try await district.importDonations(lines.joined(separator: "\r\n"))
      let refused = report.refused.map { "\($0.row) \($0.column) \($0.value) \($0.problem.en)" }
      #expect(refused == [], "seed \(seed), sheet \(sheet)")
      #expect(report.total == Money(fen: total), "seed \(seed), sheet \(sheet)")
    }
    #expect(try await district.general().closing == Money(fen: expected), "seed \(seed)")
  }
}
