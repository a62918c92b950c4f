import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Importing donations")
struct DonationImportTests {
  static let header = "序号,日期,捐款人/单位,类别,班级,金额或物品,方式,指定用途,票据号,经手人,备注"

  @Test("amounts and dates are read as schools write them, to the fen")
  func waysOfWriting() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importDonations(
      """
      捐款情况表
      \(Self.header)
      1,2026年9月10日,试教师,教师,,"¥1,000.00",现金,,P1,试经手,
      2,2026.9.11,试教师二,老师,,1000元,微信,,,,
      3,2026/9/12,试学生,学生,三年级1班,１００．５０,,,,,
      4,20260913,测试有限公司,企业,,五百元,转账,购买书籍,,,
      5,9月14日,匿名,个人,,33.33,支付宝,一帮一,,,
      合计,,,,,2633.83
      合计（大写）：贰仟陆佰叁拾叁元捌角叁分
      """)
    #expect(report.refused.isEmpty)
    #expect(report.accepted == 5)
    #expect(report.total == Money(fen: 263_383))
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(listed.map(\.amount.fen) == [100_000, 100_000, 10_050, 50_000, 3_333])
    #expect(listed.map(\.fund) == ["爱心基金", "爱心基金", "爱心基金", "购买书籍", "一帮一"])
    #expect(listed.last?.donor == "匿名")
    let funds = try await Funds.statements(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    #expect(funds.first { $0.kind == .designated }?.closing == Money(fen: 50_000))
  }

  @Test("a wrong 合计 stops the import and names both sums")
  func wrongTotal() async throws {
    let district = try await TestDistrict.make()
    let lines = "\(Self.header)\n1,2026-09-10,试教师,教师,,100,,,,,\n合计,,,,,200,,,,,\n"
    let report = try await district.importDonations(lines)
    #expect(!report.written)
    #expect(report.refused.map(\.row) == [3])
    #expect(report.refused.first?.problem.zh.contains("¥100.00") == true)
    let kept = try await district.importDonations(lines, skipRefused: true)
    #expect((kept.accepted, kept.total) == (1, Money(fen: 10_000)))
  }

  @Test("equal lines are different gifts; the file read again books none twice")
  func equalLines() async throws {
    let district = try await TestDistrict.make()
    let line = "1,2026-09-10,匿名,学生,,10,,,,,\n"
    let report = try await district.importDonations("\(Self.header)\n\(line)\(line)")
    #expect(report.accepted == 2)
    let again = try await district.importDonations("\(Self.header)\n\(line)\(line)")
    #expect((again.accepted, again.unchanged, again.total) == (0, 2, .zero))
    let longer = try await district.importDonations("\(Self.header)\n\(line)\(line)\(line)")
    #expect((longer.accepted, longer.unchanged) == (1, 2))
    #expect(try await district.general().closing == Money(fen: 3_000))
  }

  @Test("a receipt already used for another gift of the donor is refused")
  func correctedAmount() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importDonations(
      "\(Self.header)\n1,2026-09-10,试教师,教师,,100,,,P9,,\n")
    let report = try await district.importDonations(
      "\(Self.header)\n1,2026-09-10,试教师,教师,,1000,,,P9,,\n")
    #expect(report.refused.map(\.column) == ["票据号"])
    #expect(try await district.general().closing == Money(fen: 10_000))
  }

  @Test(
    "a line that cannot be booked is refused",
    arguments: [
      ("1,2026-02-30,试,教师,,100,,,,,", "日期"),
      ("1,2026-03-01,试,教师,,100,,,,,", "日期"),
      ("1,,试,教师,,100,,,,,", "日期"),
      ("1,2026-09-10,试,教师,,约200,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,-50,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,0,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,书包约20个,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,书包一批,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,1.005,,,,,", "金额或物品"),
      ("1,2026-09-10,试,教师,,,,,,,", "金额或物品"),
      ("1,2026-09-10,,教师,,100,,,,,", "捐款人/单位"),
      ("1,2026-09-10,试,路人,,100,,,,,", "类别"),
      ("1,2026-09-10,试,教师,,100,刷脸,,,,", "方式"),
    ])
  func refusals(line: String, column: String) async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importDonations("\(Self.header)\n\(line)\n")
    #expect(report.refused.map(\.column) == [column])
    #expect(!report.written)
    #expect(try await district.general().closing == .zero)
  }

  @Test("nothing is imported into a closed semester")
  func closedSemester() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.close(TestDistrict.autumn)
    let error = await failure {
      try await district.importDonations("\(Self.header)\n1,2026-09-10,试,教师,,100,,,,,\n")
    }
    #expect((error as? any YibangError)?.code == "import.semester_closed")
  }

  @Test("a gift recorded by hand is not booked again by the sheet that lists it")
  func recordedByHand() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    let line = "1,2026-09-10,试教师,教师,,100,,,,,\n"
    let report = try await district.importDonations("\(Self.header)\n\(line)\(line)")
    #expect((report.accepted, report.unchanged) == (1, 1))
    let again = try await district.importDonations("\(Self.header)\n\(line)\(line)")
    #expect((again.accepted, again.unchanged) == (0, 2))
    #expect(try await district.general().closing == Money(fen: 20_000))
  }

  @Test("“定向：购书” and “购书” are one fund")
  func oneDesignation() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importDonations(
      "\(Self.header)\n1,2026-09-10,试,企业,,100,,定向：购书,,,\n2,2026-09-10,试,企业,,50,,购书,,,\n")
    let funds = try await Funds.statements(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    #expect(funds.filter { $0.kind == .designated }.map(\.closing.fen) == [15_000])
  }

  @Test("four imports of one file at once book each line once")
  func importsAtOnce() async throws {
    let district = try await TestDistrict.make()
    var sheet = "\(Self.header)\n"
    for number in 1...200 { sheet += "\(number),2026-09-10,试\(number % 50),学生,,5,,,,,\n" }
    let lines = sheet
    let reports = try await withThrowingTaskGroup(of: ImportReport.self) { group in
      for _ in 0..<4 { group.addTask { try await district.importDonations(lines) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reports.map(\.accepted).sorted() == [0, 0, 0, 200])
    #expect(reports.map(\.unchanged).sorted() == [0, 200, 200, 200])
    #expect(try await district.general().closing == Money(fen: 100_000))
  }
}
