import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Sheets of payments")
struct PaymentSheetTests {
  private static let today = TestDistrict.today

  /// Writes a batch's sheet, fills it in and gives it back.
  /// - Parameter edit: changes the cells of the rows that begin with a number.
  private static func returned(
    _ batch: UUID, as format: Reports.Format = .csv, to other: UUID? = nil,
    _ district: TestDistrict, dryRun: Bool = false, _ edit: (Int, inout [String]) -> Void
  ) async throws -> ImportReport {
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(format.rawValue)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try await PaymentSheet.write(
      batch, to: path, as: format, date: today, in: district.officer)
    var rows = try TestDistrict.rows(path)
    for index in rows.indices {
      guard let number = Int(rows[index][0]) else { continue }
      edit(number, &rows[index])
    }
    let text = rows.map { row in
      row.map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",")
    }.joined(separator: "\n")
    return try await district.sheet(text) { path in
      try await PaymentSheet.importSigned(
        PaymentSheet.Return(
          batch: other ?? batch, path: path, today: today, dryRun: dryRun), in: district.officer)
    }
  }

  private static func paid(_ count: Int = 3) async throws -> (TestDistrict, UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.give(Int64(count) * 1_000)
    try await district.pupils(count)
    return (district, try await district.paidBatch(.study, 1_000))
  }

  @Test(
    "the sheet has the layout that schools keep, and masks numbers", arguments: ["xlsx", "csv"])
  func layout(format: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    let (report, made) = try await Self.payees(
      "1,试甲,,990000201503010017,12.34,家甲,测试银行,6222021234567890123", district)
    #expect(report.refused.isEmpty)
    let batch = try #require(made)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(format)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let written = try await PaymentSheet.write(
      batch, to: path, as: Reports.Format(rawValue: format)!, date: Self.today,
      in: district.officer)
    #expect(written.total.fen == 1_234)
    let rows = try TestDistrict.compactRows(path)
    #expect(rows[0][0].contains("生活补助发放表") && rows[0][0].contains("批次码FF"))
    #expect(rows[1][0].hasPrefix("单位：第一小学"))
    #expect(
      rows[2] == [
        "序号", "学校", "年级", "班级", "姓名", "性别", "身份证号", "监护人", "开户行", "卡号（后四位）", "应发", "实发",
        "领款人签字", "日期", "备注",
      ])
    #expect(rows[3][4] == "试甲" && rows[3][7] == "家甲" && rows[3][8] == "测试银行")
    #expect(rows[3][6] == "99***************7")
    #expect(rows[3][9] == "0123")
    #expect(rows[4][0] == "合计" && rows[4][6] == "大写：壹拾贰元叁角肆分")
    #expect(rows[5][0].contains("制表：") && rows[5][0].contains("单位（盖章）："))
    let everything = try TestDistrict.content(path)
    #expect(!everything.contains("990000201503010017"))
    #expect(!everything.contains("622202123456"))

    _ = try await PaymentSheet.write(
      batch, to: path, as: Reports.Format(rawValue: format)!, reveal: "银行代发", date: Self.today,
      in: district.officer)
    #expect(try TestDistrict.content(path).contains("990000201503010017"))
    let trail = try await Audit.list(.init(subject: batch), in: district.admin)
    #expect(trail.contains { $0.action == "identity.reveal" })
    #expect(trail.allSatisfy { !($0.after ?? "").contains("试甲") })
    let finance = try await PaymentBatchTests.user("fin", .finance, district)
    #expect(
      await code {
        try await PaymentSheet.write(
          batch, to: path, as: .csv, reveal: "银行代发", date: Self.today, in: finance)
      } == "access.forbidden")
  }

  @Test(
    "a signed row is received, an unsigned one waits, another amount is an issue",
    arguments: [Reports.Format.csv, .xlsx])
  func signed(format: Reports.Format) async throws {
    let (district, batch) = try await Self.paid()
    func fill(_ number: Int, _ row: inout [String]) {
      while row.count < 15 { row.append("") }
      if number == 1 {
        row[12] = "样1"
        row[14] = "祖母代领"
      }
      if number == 2 {
        row[11] = "6.00"
        row[12] = "家2"
        row[13] = "2026-10-09"
      }
      if number == 3 { row[11] = "10.00" }
    }
    let dry = try await Self.returned(batch, as: format, district, dryRun: true, fill)
    #expect(dry.accepted == 2 && !dry.written)
    #expect(try await district.figures(batch) == [3_000, 3_000, 0, 0])
    let report = try await Self.returned(batch, as: format, district, fill)
    #expect(report.refused.isEmpty)
    #expect(report.accepted == 2)
    #expect(report.unchanged == 1)
    #expect(report.warnings.count == 1)
    let lines = try await PaymentBatches.lines(batch, in: district.admin)
    #expect(lines.map(\.state) == [.received, .issue, .waiting])
    #expect(lines[0].note == "祖母代领")
    #expect(lines[1].confirmedOn == CalendarDate("2026-10-09")!)
    #expect(lines[1].note == "实发 ¥6.00 应发 ¥10.00")
    #expect(try await district.figures(batch) == [3_000, 2_600, 1_600, 0])
    #expect(try await district.general().closing.fen == 400)

    let again = try await Self.returned(batch, as: format, district, fill)
    #expect(!again.written)
    #expect(again.unchanged == 3)
    #expect(try await district.general().closing.fen == 400)
    try await district.healthy()
  }

  @Test("the sheet of another batch is refused, as is one that lost its code")
  func otherBatch() async throws {
    let (district, batch) = try await Self.paid()
    let other = try await district.draft(.living, 500)
    #expect(
      await code {
        try await Self.returned(batch, to: other, district) { _, row in row.append("签") }
      } == "payment.other_sheet")
    let lost = "序号,姓名,领款人签字\n1,样1,样1\n"
    #expect(
      await code {
        try await district.sheet(lost) { path in
          try await PaymentSheet.importSigned(
            PaymentSheet.Return(batch: batch, path: path, today: Self.today),
            in: district.officer)
        }
      } == "payment.other_sheet")
    #expect(try await district.figures(batch) == [3_000, 3_000, 0, 0])
  }

  @Test(
    "unknown, doubled, altered and renamed rows are refused with their place, and nothing is written"
  )
  func refusals() async throws {
    let (district, batch) = try await Self.paid(6)
    let report = try await Self.returned(batch, district) { number, row in
      while row.count < 15 { row.append("") }
      row[12] = "签"
      switch number {
      case 2:
        row[0] = "1"
        row[4] = "样1"
      case 3: row[0] = "77"
      case 4: row[4] = "样9"
      case 5: row[10] = "11.00"
      case 6: row[11] = "10.01"
      default: break
      }
    }
    #expect(report.refusedRows == 5)
    #expect(report.refused.map(\.row) == [5, 6, 7, 8, 9])
    #expect(report.refused.map(\.column) == ["序号", "序号", "姓名", "应发", "实发"])
    #expect(!report.written)
    #expect(try await district.figures(batch) == [6_000, 6_000, 0, 0])
  }

  // MARK: lists of payees

  private static let payeeHeader = "序号,姓名,班级,身份证号,应发,监护人,开户行,卡号"

  private static func payees(
    _ lines: String, _ district: TestDistrict, purpose: Purpose = .living
  ) async throws -> (report: ImportReport, batch: UUID?) {
    let batch = try await district.newBatch(purpose)
    return try await district.sheet("受助学生发放名单\n\(payeeHeader)\n\(lines)\n") { path in
      try await PaymentBatches.make(batch, sheet: district.request(path), in: district.officer)
    }
  }

  @Test("a list pays the amounts that it says, to pupils found by number, or name and class")
  func payeeList() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    let (report, batch) = try await Self.payees(
      """
      1,试甲,,990000201503010017,100,家甲,测试银行,6222021234567890123
      2,试乙,三年级1班,,50.50,,,
      合计,,,,150.50,,,
      """, district)
    #expect(report.refused.isEmpty)
    #expect(report.total?.fen == 15_050)
    #expect(report.warnings.map(\.kind) == [.unverified])
    let lines = try await PaymentBatches.lines(try #require(batch), in: district.officer)
    #expect(lines.map(\.name) == ["试甲", "试乙"])
    #expect(lines.map(\.figures.due.fen) == [10_000, 5_050])
    #expect(lines.map(\.card) == ["0123", nil])
    #expect(lines.map(\.guardian) == ["家甲", "试母"])
    let again = try await Self.payees("1,试甲,,990000201503010017,100,,,", district)
    #expect(again.batch == nil)
    #expect(again.report.refused.map(\.column) == ["姓名"])
  }

  @Test("rows of a list are refused with their place, and no batch is made")
  func refusedPayees() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    let (report, batch) = try await Self.payees(
      """
      1,试甲,,990000201503010017,0,,,
      2,试丙,,,20,,,
      3,无此人,,,20,,,
      4,试乙,,990000201503010017,20,,,
      5,试乙,,,20,,,6.222E+18
      6,试甲,,,20,,,
      7,试甲,三年级1班,,20,,,
      """, district)
    #expect(batch == nil)
    #expect(report.refused.map(\.row) == [3, 4, 5, 6, 7, 9])
    #expect(
      report.refused.map(\.problem.en) == [
        "nothing is due", "not recognised for the school year", "no such pupil",
        "another name is recorded for this number",
        report.refused[4].problem.en, "the same pupil as row 8",
      ])
    #expect(report.refused[4].column == "卡号")
    let wrongTotal = try await Self.payees("1,试甲,,,20,,,\n合计,,,,99,,,", district)
    #expect(wrongTotal.report.refused.map(\.problem.en) == ["the rows add up to ¥20.00"])
    #expect(try await PaymentBatches.list(in: district.admin).isEmpty)
    // Relief in an emergency comes before any recognition can.
    let relief = try await Self.payees("1,试丙,,,20,,,", district, purpose: .emergency)
    #expect(relief.batch != nil)
  }
}
