import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Reports")
struct ReportTests {
  /// A school with two gifts, one of them anonymous, a reversed one, and a payment.
  private static func withMoney() async throws -> TestDistrict {
    let district = try await TestDistrict.make()
    let report = try await district.importDonations(
      """
      \(DonationImportTests.header)
      1,2026-09-10,试教师,教师,,"1000.50",现金,,990000110001,试经手,
      2,2026-09-11,匿名,个人,,300,微信,购买书籍,,试经手,
      """)
    #expect(report.accepted == 2)
    let mistaken = try await district.give(5_000, on: "2026-09-12")
    _ = try await Giving.reverse(
      mistaken, on: CalendarDate("2026-10-01")!, semester: TestDistrict.autumn, reason: "重复登记",
      in: district.admin)
    let general = try await district.general()
    _ = try await Payments.pay(
      Payments.Payment(
        fund: general.fundID, purpose: .study, amount: Money(fen: 20_000),
        date: CalendarDate("2026-10-10")!, semester: TestDistrict.autumn, note: "书包"),
      in: district.admin)
    return district
  }

  @Test("the donation sheet has the schools' layout", arguments: [Reports.Format.xlsx, .csv])
  func donations(format: Reports.Format) async throws {
    let district = try await Self.withMoney()
    let rows = try await district.report(
      district.request(.donations), as: format, in: district.officer
    ) { try TestDistrict.compactRows($0) }
    #expect(rows[0] == ["第一小学2026-2027学年第一学期捐款情况表"])
    #expect(rows[1] == ["单位：第一小学　　　　日期：2026年11月20日　　　　金额单位：元"])
    #expect(
      rows[2] == [
        "序号", "日期", "捐款人/单位", "类别", "班级", "金额或物品", "方式", "指定用途", "票据号", "经手人", "签字", "备注",
      ])
    #expect(Array(rows[3].prefix(5)) == ["1", "2026-09-10", "试教师", "教师", ""])
    #expect(Money(fen: 100_050) == (try Money(parsing: rows[3][5])))
    #expect(rows[3][8] == "990000110001")
    #expect(rows[4][2] == "匿名")
    #expect(rows[5][0] == "注：已冲正")
    #expect(rows[5][5] == "冲正 ¥50.00")
    #expect(rows[5][11] == "已于2026年10月1日冲正：重复登记")
    #expect(rows[6][0] == "合计")
    #expect(Money(fen: 130_050) == (try Money(parsing: rows[6][5])))
    #expect(rows[7] == ["合计(大写)：人民币壹仟叁佰元伍角整"])
    #expect(rows[8][0].hasPrefix("制表："))
    #expect(rows[8][0].hasSuffix("单位（盖章）："))
  }

  @Test("the donation sheet is read by programs with whole fen and the reversal")
  func donationsJSON() async throws {
    let district = try await Self.withMoney()
    let document = try await district.report(
      district.request(.donations), as: .json, in: district.officer
    ) { path in
      try JSONDecoder().decode(
        Reports.Document<Reports.DonationLine>.self, from: Data(contentsOf: URL(filePath: path)))
    }
    #expect(document.rows.map(\.amount.fen) == [100_050, 30_000, 5_000])
    #expect(document.rows.map(\.reversedOn) == [nil, nil, CalendarDate("2026-10-01")])
    #expect(document.total == Money(fen: 130_050))
    #expect((document.unit, document.semester) == ("第一小学", TestDistrict.autumn))
  }

  @Test("a semester without gifts sums to nothing", arguments: [Reports.Format.xlsx, .csv])
  func noDonations(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    let rows = try await district.report(
      district.request(.donations), as: format, in: district.officer
    ) { try TestDistrict.compactRows($0) }
    #expect(rows[4] == ["合计(大写)：人民币零元整"])
  }

  @Test(
    "the fund statement balances, by kind of donor and purpose",
    arguments: [Reports.Format.xlsx, .csv])
  func fund(format: Reports.Format) async throws {
    let district = try await Self.withMoney()
    let rows = try await district.report(
      district.request(.fund), as: format, in: district.officer
    ) { try TestDistrict.compactRows($0) }
    #expect(
      rows[2] == [
        "序号", "基金", "期初余额", "收入（教师）", "收入（个人）", "收入小计", "支出（学习用品）", "支出小计", "期末余额",
      ])
    let general = try #require(rows.first { $0.count > 1 && $0[1] == "爱心基金" })
    let amounts = try general.dropFirst(2).map { try Money(parsing: $0).fen }
    #expect(amounts == [0, 100_050, 0, 100_050, 20_000, 20_000, 80_050])
    let total = try #require(rows.first { $0[0] == "合计" })
    let sums = try total.dropFirst(2).map { try Money(parsing: $0).fen }
    #expect(sums == [0, 100_050, 30_000, 130_050, 20_000, 20_000, 110_050])
  }

  @Test("the fund statement is read by programs as the statements themselves")
  func fundJSON() async throws {
    let district = try await Self.withMoney()
    let document = try await district.report(
      district.request(.fund), as: .json, in: district.officer
    ) { path in
      try JSONDecoder().decode(
        Reports.Document<FundStatement>.self, from: Data(contentsOf: URL(filePath: path)))
    }
    #expect(document.total == Money(fen: 110_050))
    #expect(document.rows.count == 5)
  }

  @Test(
    "the pairing list masks the pupil and tells promised from received",
    arguments: [Reports.Format.xlsx, .csv, .json])
  func pairings(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster("姓名,年级,班级\n试小明,三年级,2班\n试小红,三年级,10班\n")
    let named = try await district.donor("公开帮扶人", anonymous: false)
    let hidden = try await district.donor("隐名帮扶人", anonymous: true)
    _ = try await district.pair(district.student(named: "试小红"), with: named)
    _ = try await district.pair(district.student(named: "试小明"), with: hidden)
    try await district.report(district.request(.pairings), as: format, in: district.officer) {
      path in
      let content = try TestDistrict.content(path)
      for secret in ["试小明", "试小红", "隐名帮扶人"] { #expect(!content.contains(secret)) }
      guard format != .json else {
        let document = try JSONDecoder().decode(
          Reports.Document<Reports.PairingLine>.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(document.rows.map(\.pupil.description) == ["试*明", "试*红"])
        #expect(document.rows.map(\.sponsor) == ["匿名", "公开帮扶人"])
        #expect(document.rows.map(\.received.fen) == [60_000, 60_000])
        #expect(document.masked == true)
        return
      }
      let rows = try TestDistrict.compactRows(path)
      #expect(
        rows[2] == [
          "序号", "学生", "学校", "年级", "班级", "帮扶人/单位", "每学期承诺", "起始学期", "终止学期", "三年承诺", "已收到", "状态",
          "备注",
        ])
      #expect(Array(rows[3].prefix(6)) == ["1", "试*明", "第一小学", "三年级", "2班", "匿名"])
      #expect(Array(rows[3][7...8]) == ["2026-2027-1", "2028-2029-2"])
      let amounts = try [6, 9, 10].map { try Money(parsing: rows[3][$0]).fen }
      #expect(amounts == [100_000, 600_000, 60_000])
      let totals = try rows[5][9...10].map { try Money(parsing: $0).fen }
      #expect(totals == [1_200_000, 120_000])
    }
  }

  @Test(
    "the activity register has the schools' layout", arguments: [Reports.Format.xlsx, .csv, .json])
  func activities(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importActivities(
      """
      \(TestDistrict.activityHeader)
      1,2026-09-10,主题班会,学会感恩,试老师,199,各班教室,踊跃发言,
      2,2026-09-20,家访,走访,试老师,,,,全校
      """)
    try await district.report(district.request(.activities), as: format, in: district.officer) {
      path in
      guard format != .json else {
        let document = try JSONDecoder().decode(
          Reports.Document<Activities.Activity>.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(document.rows.map(\.kind) == [.classMeeting, .homeVisit])
        return
      }
      let rows = try TestDistrict.compactRows(path)
      #expect(rows[0] == ["第一小学2026-2027学年第一学期德育活动登记表"])
      #expect(rows[2] == TestDistrict.activityHeader.split(separator: ",").map(String.init))
      #expect(
        rows[3] == ["1", "2026-09-10", "主题班会", "学会感恩", "试老师", "199", "各班教室", "踊跃发言"])
      #expect(rows[4] == ["2", "2026-09-20", "家访", "走访", "试老师", "", "", "", "全校"])
      #expect(rows[5] == ["合计", "", "", "2次", "", "199"])
    }
  }

  @Test("a sheet of the whole district names the school of each line")
  func districtWide() async throws {
    let district = try await Self.withMoney()
    var other = district.activity("他校活动")
    other.school = district.otherSchool.id
    _ = try await Activities.log(other, in: district.otherOfficer)
    var request = district.request(.activities)
    request.school = nil
    let rows = try await district.report(request, as: .csv, in: district.admin) {
      try TestDistrict.compactRows($0)
    }
    #expect(rows[0] == ["测试区\(district.code)2026-2027学年第一学期德育活动登记表"])
    #expect(rows[2][1] == "学校")
    #expect(rows[3][1] == "第一中学")
    request.kind = .donations
    let gifts = try await district.report(request, as: .csv, in: district.admin) {
      try TestDistrict.compactRows($0)
    }
    #expect(gifts[2][1] == "学校")
    #expect(gifts[3][1] == "第一小学")
    #expect(try Money(parsing: gifts[6][6]).fen == 130_050)
  }

  @Test(
    "an anonymous donor is named in no report, whatever stands beside the gift",
    arguments: Reports.Format.allCases)
  func anonymous(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    let (name, designation) = ("隐名施某某", "隐名施某某助学")
    _ = try await district.importRoster("姓名,班级,等级\n试学生,1班,特别困难\n")
    let donor = try await district.donor(name, anonymous: true)
    let fund = try await Funds.fund(
      for: designation, school: district.school.id, in: district.admin)
    var gift = Giving.NewDonation(
      donor: donor, fund: fund, school: district.school.id, semester: TestDistrict.autumn,
      amount: Money(fen: 10_000), receivedOn: CalendarDate("2026-09-10")!)
    gift.designation = designation
    gift.className = "校友"
    gift.note = "\(name)本人到校"
    let id = try await Giving.record(gift, in: district.admin).id
    _ = try await Giving.reverse(
      id, on: CalendarDate("2026-09-11")!, semester: TestDistrict.autumn, reason: "\(name)要求退回",
      in: district.admin)
    _ = try await district.pair(district.student(named: "试学生"), with: donor)
    var activity = district.activity()
    activity.donors = [donor]
    _ = try await Activities.log(activity, in: district.officer)
    for kind in Reports.Kind.allCases {
      let reveal = kind == .hardship ? "年度复核" : nil
      try await district.report(
        district.request(kind, reveal: reveal), as: format, in: district.officer
      ) { path in
        let content = try TestDistrict.content(path)
        #expect(!content.contains(name), "\(kind)")
        if kind != .activities && kind != .summary {
          #expect(content.contains("匿名"), "\(kind)")
        }
      }
    }
  }

  @Test(
    "another school's officer gets none of this school's lines", arguments: Reports.Kind.allCases)
  func isolation(kind: Reports.Kind) async throws {
    let district = try await Self.withMoney()
    _ = try await Activities.log(district.activity(), in: district.officer)
    _ = try await district.importRoster("姓名,班级,等级\n试学生,1班,特别困难\n")
    let donor = try await district.donor("公开帮扶人", anonymous: false)
    _ = try await district.pair(district.student(named: "试学生"), with: donor)
    var request = district.request(kind)
    let error = await failure { try await Reports.make(request, in: district.otherOfficer) }
    #expect((error as? AccessError)?.code == "access.other_school")
    request.school = nil
    let report = try await Reports.make(request, in: district.otherOfficer)
    #expect(report.rowCount == (kind == .fund ? 4 : 0))
    #expect(report.table.title?.hasPrefix("第一中学") == true)
    let own = try await Reports.make(request, in: district.officer)
    #expect(own.rowCount > 0)
  }

  @Test("the ending of a file's name tells the format")
  func formats() {
    #expect(Reports.Format(path: "/x/捐款.XLSX") == .xlsx)
    #expect(Reports.Format(path: "a.csv") == .csv)
    #expect(Reports.Format(path: "a.json") == .json)
    #expect(Reports.Format(path: "a.pdf") == nil)
  }

  @Test(
    "a report that cannot be written is an error, not half a file",
    arguments: Reports.Format.allCases)
  func unwritable(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    let path = "\(TestPlatform.directory)/missing/report.\(format.rawValue)"
    let error = await failure {
      try await Reports.write(
        district.request(.fund), format: format, to: path, in: district.officer)
    }
    #expect(error is TableWriteError || error is ReportError)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(
    "grades and classes stand in the order in which a school counts them",
    arguments: [
      ["一年级", "二年级", "三年级", "九年级"], ["1班", "2班", "10班"], ["九班", "十班", "十二班", "二十班"],
      ["三年级(2)班", "三年级(10)班"], ["", "1班"],
    ])
  func classOrder(names: [String]) {
    #expect(names.reversed().sorted { ClassOrder($0) < ClassOrder($1) } == names)
  }
}
