import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Importing activities")
struct ActivityImportTests {
  static let header = TestDistrict.activityHeader

  @Test("lines are read as schools write them")
  func waysOfWriting() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importActivities(
      """
      德育活动登记表
      学校：第一小学　　　　2026-2027学年第一学期
      \(Self.header)
      1,2026年9月10日,主题班会,学会感恩，与爱同行,试 老师,１９９,各班教室,学生踊跃发言,
      2,20260913,家访活动,走访学生家庭,试老师,15人,学生家中,完成走访,
      3,2026.10.3,政策宣讲,资助政策家长会,试校长,"1,200人次",操场,发放宣传单200份,
      4,2026年11月,宣传月,诚信教育宣传月,,,宣传栏,,
      填表人：试老师　　　　校长：试校长,,,,,,,,
      """)
    #expect(report.refused.isEmpty)
    #expect((report.accepted, report.written) == (4, true))
    let listed = try await Activities.list(in: district.officer)
    #expect(listed.map(\.kind) == [.classMeeting, .homeVisit, .policy, .campaignMonth])
    #expect(listed.map(\.participants) == [199, 15, 1200, nil])
    #expect(listed.map(\.heldOn.description).last == "2026-11-01")
    #expect((listed.first?.theme, listed.first?.host) == ("学会感恩，与爱同行", "试老师"))
    let plain = try await district.importActivities(
      "\(Self.header)\n1,2026-09-10,主题班会,\"学会感恩,与爱同行\",试老师,199,各班教室,学生踊跃发言,\n")
    #expect((plain.accepted, plain.unchanged) == (0, 1))
  }

  @Test("other headings in another order mean the same")
  func synonyms() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importActivities(
      "活动名称,类别,活动时间,参与人数,负责人\n学会感恩,感恩活动,2026-09-10,30,试老师\n")
    #expect((report.accepted, report.refused.count) == (1, 0))
    let line = try await Activities.list(in: district.officer).first
    #expect((line?.kind, line?.participants, line?.host) == (.gratitude, 30, "试老师"))
  }

  @Test(
    "a line that cannot be taken is refused with its column",
    arguments: [
      ("1,2026-02-30,征文,主题,,1,,,", "日期"),
      ("1,2026-03-01,征文,主题,,1,,,", "日期"),
      ("1,2026年9月,征文,主题,,1,,,", "日期"),
      ("1,,征文,主题,,1,,,", "日期"),
      ("1,2026-09-10,,主题,,1,,,", "活动类型"),
      ("1,2026-09-10,运动会,主题,,1,,,", "活动类型"),
      ("1,2026-09-10,征文,,,1,操场,,", "主题"),
      ("1,2026-09-10,征文,主题,,全体师生,,,", "参加人数"),
      ("1,2026-09-10,征文,主题,,-3,,,", "参加人数"),
      ("1,2026-09-10,家访,主题,,1,,走访990000201503010017,", "活动效果"),
      ("1,2026-09-10,家访,主题,,1,,,家长电话13900001234", "备注"),
    ])
  func refusals(line: String, column: String) async throws {
    let district = try await TestDistrict.make()
    let good = "2,2026-09-11,征文,另一主题,,1,,,\n"
    let report = try await district.importActivities("\(Self.header)\n\(line)\n\(good)")
    #expect(report.refused.map(\.column) == [column])
    #expect(report.refused.first?.row == 2)
    #expect(report.refused.allSatisfy { !$0.problem.zh.isEmpty && !$0.advice.en.isEmpty })
    #expect(!report.written)
    #expect(try await Activities.list(in: district.officer).isEmpty)
  }

  @Test("refused lines can be left out, and then the others are kept")
  func skipRefused() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importActivities(
      "\(Self.header)\n1,2026-02-30,征文,甲,,1,,,\n2,2026-09-11,征文,乙,,1,,,\n", skipRefused: true)
    #expect((report.accepted, report.refusedRows, report.written) == (1, 1, true))
    #expect(try await Activities.list(in: district.officer).map(\.theme) == ["乙"])
  }

  @Test("a dry run reports the same and writes nothing")
  func dryRun() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importActivities(
      "\(Self.header)\n1,2026-09-11,征文,甲,,1,,,\n", dryRun: true)
    #expect((report.accepted, report.written) == (1, false))
    #expect(try await Activities.list(in: district.officer).isEmpty)
  }

  @Test("the same file changes nothing the second time; equal lines are different activities")
  func twice() async throws {
    let district = try await TestDistrict.make()
    let line = "1,2026-09-11,主题班会,学会感恩,,40,,,\n"
    let first = try await district.importActivities("\(Self.header)\n\(line)\(line)")
    #expect((first.accepted, first.unchanged) == (2, 0))
    let again = try await district.importActivities("\(Self.header)\n\(line)\(line)")
    #expect((again.accepted, again.unchanged, again.written) == (0, 2, false))
    let longer = try await district.importActivities("\(Self.header)\n\(line)\(line)\(line)")
    #expect((longer.accepted, longer.unchanged) == (1, 2))
    #expect(longer.warnings.isEmpty)
  }

  @Test("an activity logged by hand is known again in a sheet")
  func loggedBefore() async throws {
    let district = try await TestDistrict.make()
    _ = try await Activities.log(district.activity(), in: district.officer)
    let report = try await district.importActivities(
      "\(Self.header)\n1,2026-09-10,感恩教育,学会感恩,,,,,\n")
    #expect((report.accepted, report.unchanged) == (0, 1))
  }

  @Test("a line that may be a recorded activity with a correction is reported")
  func likelyDuplicate() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importActivities("\(Self.header)\n1,2026-09-11,征文,甲,,10,,,\n")
    let report = try await district.importActivities(
      "\(Self.header)\n1,2026-09-11,征文,甲,,12,,,\n")
    #expect(report.accepted == 1)
    #expect(report.warnings.map(\.kind) == [.likelyDuplicate])
  }

  @Test("a line that seems to name a pupil of the school is reported")
  func namedPupil() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster("姓名,班级\n试小明,1班\n安全,1班\n")
    let report = try await district.importActivities(
      "\(Self.header)\n1,2026-09-11,征文,安全第一,,10,,,\n2,2026-09-12,家访,走访,,,,走访试小明家庭,\n")
    #expect(report.accepted == 2)
    #expect(report.warnings.map(\.kind) == [.unverified])
    #expect(report.warnings.map(\.row) == [3])
    #expect(report.warnings.allSatisfy { !$0.text.zh.contains("试小明") })
  }

  @Test("in a sheet of the district, the lines of other schools are refused")
  func otherSchool() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importActivities(
      "学校,日期,活动类型,主题\n第一小学,2026-09-11,征文,甲\n第一中学,2026-09-11,征文,乙\n")
    #expect(report.refused.map(\.row) == [3])
    #expect(report.refused.map(\.column) == ["学校"])
  }

  @Test("a closed semester and another school's officer import nothing")
  func forbidden() async throws {
    let district = try await TestDistrict.make()
    let lines = "\(Self.header)\n1,2026-09-11,征文,甲,,1,,,\n"
    let error = await failure {
      try await district.importActivities(lines, in: district.otherOfficer)
    }
    #expect((error as? AccessError)?.code == "access.other_school")
    _ = try await district.close(TestDistrict.autumn)
    let closed = await failure { try await district.importActivities(lines) }
    #expect((closed as? ImportError)?.code == "import.semester_closed")
  }
}
