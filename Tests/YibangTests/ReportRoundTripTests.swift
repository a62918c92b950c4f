import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Reports read back by the importers")
struct ReportRoundTripTests {
  static let formats = [Reports.Format.xlsx, .csv]

  @Test("a donation sheet we wrote changes nothing when it is imported", arguments: formats)
  func donations(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    let line = "1,2026-09-12,匿名,学生,,10,,,,,\n"
    let header = DonationImportTests.header
    let first = try await district.importDonations(
      """
      \(header)
      1,2026年9月10日,试教师,教师,,"¥1,000.00",现金,,990000110001,试经手,谢谢
      2,2026-09-11,试学生,学生,三年级(2)班,12.5,微信,购买书籍,,试经手,
      3,2026-09-11,测试有限公司,企业,,五百元,转账,一帮一,P3,,
      4,2026-09-13,试党员,党员,,88,,,,,
      \(line)\(line)\(line)
      """)
    #expect(first.accepted == 7)
    let equal = try await Giving.list(school: district.school.id, in: district.admin)
      .filter { $0.amount == Money(fen: 1_000) }
    _ = try await Giving.reverse(
      try #require(equal.first).id, on: CalendarDate("2026-10-01")!,
      semester: TestDistrict.autumn, reason: "重复", in: district.admin)
    let again = try await district.report(
      district.request(.donations), as: format, in: district.officer
    ) { path in
      try await Giving.importSheet(
        district.request(path), school: district.school, in: district.officer)
    }
    #expect(again.refused.isEmpty)
    #expect(again.warnings.isEmpty)
    #expect((again.accepted, again.unchanged, again.total) == (0, 6, .zero))
  }

  @Test("an activity register we wrote changes nothing when it is imported", arguments: formats)
  func activities(format: Reports.Format) async throws {
    let district = try await TestDistrict.make()
    let line = "1,2026-09-11,主题班会,学会感恩,,40,,,\n"
    _ = try await district.importActivities(
      """
      \(TestDistrict.activityHeader)
      1,2026-09-10,主题班会,学会感恩,试老师,１９９,各班教室,"踊跃发言,很好",=公式
      2,2026年11月,宣传月,诚信教育宣传月,,,宣传栏,,
      \(line)\(line)
      """)
    _ = try await Activities.log(district.activity(), in: district.officer)
    let again = try await district.report(
      district.request(.activities), as: format, in: district.officer
    ) { path in
      try await Activities.importSheet(
        district.request(path), school: district.school, in: district.officer)
    }
    #expect(again.refused.isEmpty)
    #expect(again.warnings.isEmpty)
    #expect((again.accepted, again.unchanged) == (0, 5))
  }

  @Test(
    "a register of pupils we wrote changes nothing when it is imported", arguments: formats,
    [false, true])
  func hardship(format: Reports.Format, withNumbers: Bool) async throws {
    let district = try await ReportHardshipTests.withPupils()
    _ = try await district.importRoster(
      "姓名,年级,班级,等级,监护人,联系电话\n试同名,三年级,1班,困难,试父,19900005678\n试同名,四年级,1班,困难,,19900005679\n")
    var request = district.request(.hardship, reveal: "核对名册")
    request.withNumbers = withNumbers
    let again = try await district.report(request, as: format, in: district.officer) { path in
      try await Students.importRoster(
        district.request(path), school: district.school, in: district.officer)
    }
    #expect(again.refused.isEmpty)
    #expect((again.accepted, again.unchanged) == (0, 4))
  }
}
