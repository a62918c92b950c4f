import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Importing donors' addresses")
struct ContactImportTests {
  private static func take(
    _ lines: String, _ district: TestDistrict, dryRun: Bool = false, skipRefused: Bool = false,
    in context: Context? = nil
  ) async throws -> ImportReport {
    try await district.sheet(lines) { path in
      var request = district.request(path, dryRun: dryRun, skipRefused: skipRefused)
      request.school = nil
      return try await DonorReach.importSheet(request, in: context ?? district.admin)
    }
  }

  private static func donor(
    _ district: TestDistrict, _ name: String, _ kind: DonorKind = .individual,
    className: String? = nil, school: UUID? = nil
  ) async throws -> UUID {
    try await Donors.donor(
      DonorDetails(kind: kind, name: name, anonymous: false, className: className),
      school: school, in: district.admin)
  }

  private static func shown(_ donor: UUID, _ district: TestDistrict) async throws -> String {
    let (way, address) = try await DonorReach.shown(donor, in: district.admin)
    return "\(way.rawValue) \(address ?? "-")"
  }

  @Test(
    "addresses are recorded by name, sealed, with a row in the trail; the same file twice changes nothing"
  )
  func records() async throws {
    let district = try await TestDistrict.make()
    let mailed = try await Self.donor(district, "试甲")
    let posted = try await Self.donor(district, "测试有限公司", .company)
    let lines = """
      捐赠人联系方式,,,
      姓名/单位,类别,电子邮箱,通讯地址
      试　甲,个人,jia@example.cn,
      测试有限公司,企业,,测试路 1 号
      """
    let dry = try await Self.take(lines, district, dryRun: true)
    #expect(dry.accepted == 2 && !dry.written && !dry.hasRefusals)
    #expect(try await Self.shown(mailed, district) == "letter -")
    let report = try await Self.take(lines, district)
    #expect(report.accepted == 2 && report.updated == 0 && report.written)
    #expect(try await Self.shown(mailed, district) == "mail j***@example.cn")
    #expect(try await Self.shown(posted, district) == "letter ***")
    let trail = try await Audit.list(.init(subject: mailed), in: district.admin)
    #expect(trail.map(\.action).contains("donor.reach"))
    let again = try await Self.take(lines, district)
    #expect(again.unchanged == 2 && again.accepted == 0 && !again.written)
    let changed = try await Self.take("姓名,邮箱,语言\n试甲,new@example.cn,英文", district)
    #expect(changed.accepted == 1 && changed.updated == 1)
    #expect(try await Self.shown(mailed, district) == "mail n***@example.cn")
    #expect(try await Self.take("姓名,邮箱\n试甲,new@example.cn", district).unchanged == 1)
    #expect(
      try await district.count(
        "select count(*) from import_file where district_id = $1 and kind = 'donor_contact'") == 2)
  }

  @Test(
    "of donors who share a name, kind, class, school or a number tells which; else the row is refused"
  )
  func namesakes() async throws {
    let district = try await TestDistrict.make()
    let teacher = try await Self.donor(district, "试乙", .teacher, school: district.school.id)
    let pupil = try await Self.donor(
      district, "试乙", .student, className: "三年级1班", school: district.school.id)
    let other = try await Self.donor(
      district, "试乙", .student, className: "三年级1班", school: district.otherSchool.id)
    let (known, _) = try await Donors.add(
      IdentifiedDonor(
        DonorDetails(kind: .student, name: "试乙", anonymous: false),
        DonorNumbers(mobile: try Mobile("13800000001"))), school: nil, in: district.admin)
    let ambiguous = try await Self.take("姓名,邮箱\n试乙,a@example.cn", district)
    #expect(ambiguous.refusedRows == 1 && !ambiguous.written)
    #expect(ambiguous.refused[0].problem.zh.contains("4 位"))
    #expect(ambiguous.refused[0].advice.en.contains("donor contact"))
    let report = try await Self.take(
      """
      姓名,类别,学校,班级,手机号,邮箱
      试乙,教师,,,,t@example.cn
      试乙,学生,第一小学,三年级1班,,p@example.cn
      试乙,,3199000001,,,o@example.cn
      试乙,,,,13800000001,k@example.cn
      """, district)
    #expect(report.refused.map(\.row) == [] && report.accepted == 4)
    for (donor, letter) in [(teacher, "t"), (pupil, "p"), (other, "o"), (known, "k")] {
      #expect(try await Self.shown(donor, district) == "mail \(letter)***@example.cn")
    }
  }

  @Test("records that were merged are one donor, whichever name stands in the list")
  func merged() async throws {
    let district = try await TestDistrict.make()
    let one = try await Self.donor(district, "试丙")
    let two = try await Self.donor(district, "试丙", .partyMember)
    _ = try await district.merge(two, into: one)
    let report = try await Self.take("姓名,邮箱\n试丙,c@example.cn", district)
    #expect(report.accepted == 1)
    #expect(try await Self.shown(two, district) == "mail c***@example.cn")
  }

  @Test("one bad row and nothing is written; every refusal says where and what to do")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let good = try await Self.donor(district, "试丁")
    let silent = try await Self.donor(district, "试戊")
    _ = try await Self.donor(district, "试己")
    try await DonorReach.set(.nothing, language: .zh, of: silent, in: district.admin)
    let lines = """
      姓名,类别,学校,邮箱,地址
      试丁,个人,,d@example.cn,
      试无此人,个人,,x@example.cn,
      试戊,个人,,e@example.cn,
      试己,邻居,,f@example.cn,
      试己,个人,无此学校,f@example.cn,
      试己,个人,,不是邮箱,
      试己,个人,,,/
      匿名,个人,,g@example.cn,
      试丁,个人,,other@example.cn,
      试丁,个人,,d@example.cn,某路 2 号
      """
    let report = try await Self.take(lines, district)
    #expect(report.refused.map(\.row) == [3, 4, 5, 6, 7, 8, 9, 10] && !report.written)
    #expect(report.refused.allSatisfy { !$0.advice.zh.isEmpty && !$0.advice.en.isEmpty })
    #expect(report.refused[1].advice.zh.contains("donor contact"))
    #expect(report.warnings.map(\.kind) == [.disagreement])
    #expect(try await Self.shown(good, district) == "letter -")
    let rest = try await Self.take(lines, district, skipRefused: true)
    #expect(rest.accepted == 1 && rest.unchanged == 1 && rest.written)
    #expect(try await Self.shown(good, district) == "mail d***@example.cn")
    #expect(try await Self.shown(silent, district) == "none -")
    let noHeader = await failure { try await Self.take("姓名,电话\n试丁,1", district) }
    #expect((noHeader as? any YibangError)?.code == "import.no_header")
  }

  @Test("a school reaches the donors it knows, and who may not keep donors' wishes imports nothing")
  func school() async throws {
    let district = try await TestDistrict.make()
    _ = try await Self.donor(district, "试庚", school: district.otherSchool.id)
    let report = try await Self.take("姓名,邮箱\n试庚,h@example.cn", district, in: district.officer)
    #expect(report.refusedRows == 1)
    let teacher = try await PaymentBatchTests.user("assessor", .assessor, district)
    #expect(
      await refusal { try await Self.take("姓名,邮箱\n试庚,h@example.cn", district, in: teacher) }
        == "access.forbidden")
  }
}
