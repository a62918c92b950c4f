import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

extension TestDistrict {
  func bankAccount(_ name: String = "基本户", school: Schools.School? = nil) async throws -> UUID {
    try await BankAccounts.add(
      name: name, number: "622200000000\(1_000 + name.count)", school: (school ?? self.school).id,
      in: admin)
  }

  func importStatement(
    _ lines: String, into account: UUID, dryRun: Bool = false, skipRefused: Bool = false,
    in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await BankAccounts.importStatement(
        request(path, dryRun: dryRun, skipRefused: skipRefused), account: account,
        in: context ?? admin)
    }
  }

  func bankLines(
    _ semester: Semester = TestDistrict.autumn, state: BankLines.State? = nil,
    in context: Context? = nil
  ) async throws -> [BankLines.Line] {
    try await BankLines.list(semester, state: state, in: context ?? admin)
  }
}

@Suite("Importing bank statements")
struct BankImportTests {
  static let header = "交易日期,交易时间,摘要,贷方发生额（收入）,借方发生额（支出）,余额,对方户名,对方账号,交易流水号,附言"

  @Test("statements are read as banks write them: titles, totals, separators, stamps, GB18030")
  func dirtySheet() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let text = """
      \u{FEFF}测试银行活期账户交易明细,,,,,,,,,
      账号：6222000000001003,,户名：第一小学,,,,,,,
      \(Self.header)
      期初余额,,,,,"1,000.00",,,,
      20260910,10:11:12,转账,"1,234.50",0.00,"2,234.50",试甲某,6222000000009999,S001,捐款
      2026-09-11 08:00:00,,手续费,,5.00,"2,229.50",,,S002,
      46279,,代发,0,"1,000.00","1,229.50",试乙公司,,S003,
      合计,,,"1,234.50","1,005.00",,,,,
      制表：试某某,,,,复核：试某,,,,,
      """
    let report = try await district.importStatement(text, into: account)
    #expect(report.refused.isEmpty)
    #expect(report.warnings.isEmpty)
    #expect(report.accepted == 3)
    let lines = try await district.bankLines()
    #expect(lines.map(\.amount.fen) == [123_450, -500, -100_000])
    #expect(lines.map { "\($0.day)" } == ["2026-09-10", "2026-09-11", "2026-09-14"])
    #expect(lines.map { $0.balance?.fen } == [223_450, 222_950, 122_950])
    #expect(lines[0].counterparty == "试甲某")
    #expect(lines[0].counterAccountLastFour == "9999")
    #expect(lines[0].text == "转账 捐款")
  }
}
