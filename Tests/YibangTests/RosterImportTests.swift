import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Importing rosters")
struct RosterImportTests {
  static let header = "序号,班级,姓名,性别,身份证号,监护人,联系电话,困难类别,等级,监护人同意"
  static let roster = """
    第一小学学生花名册
    单位：第一小学,,,2026年9月
    \(header)
    1,三年级1班,试甲,男,990000201503010017,试父,19900000001,孤儿,特别困难,是
    2,三年级1班,试　乙,,990000201609150026,试母,199-0000-0002,其他,一般困难,
    3,三年级2班,试丙,,99000020170520002x,,,,,
    合计,,3人
    制表人：试师,,审核人：,校长：
    """

  @Test("titles, units, totals and signatures are told apart from pupils")
  func dirtAroundTheData() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(Self.roster)
    #expect(report.accepted == 3)
    #expect(report.refused.isEmpty)
    #expect(report.skipped.map(\.row) == [1, 2, 7, 8])
    let listed = try await Students.list(
      school: district.school.id, year: TestDistrict.autumn.schoolYear, in: district.admin)
    #expect(Set(listed.map(\.name)) == ["试甲", "试乙", "试丙"])
    let first = try #require(listed.first { $0.name == "试甲" })
    #expect(first.tier == "special")
    #expect(first.consent)
    #expect(first.grade == "三年级")
  }

  @Test("the same file a second time changes nothing, and says so")
  func again() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.roster)
    let report = try await district.importRoster(Self.roster)
    #expect((report.accepted, report.unchanged, report.written) == (0, 3, false))
    let audits: Int64 = try await district.admin.read { session in
      try session.query("select count(*) from audit where action = 'student.import'")[0].get(0)
    }
    #expect(audits == 1)
  }

  @Test("a changed cell changes that pupil only; an empty one changes nothing")
  func update() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.roster)
    let later = """
      姓名,班级,身份证号,等级
      试甲,四年级1班,990000201503010017,困难
      试乙,,990000201609150026,
      """
    let report = try await district.importRoster(later)
    #expect((report.accepted, report.updated, report.unchanged) == (1, 1, 1))
    let listed = try await Students.list(
      school: district.school.id, year: TestDistrict.autumn.schoolYear, in: district.admin)
    let first = try #require(listed.first { $0.name == "试甲" })
    #expect((first.className, first.tier, first.gender) == ("四年级1班", "difficult", "male"))
    #expect(listed.first { $0.name == "试乙" }?.className == "三年级1班")
  }

  @Test(
    "a row that cannot be taken is refused with its place, value and advice",
    arguments: [
      ("1,一班,试甲,男,990000201503010018,,,,,", "身份证号"),
      ("1,一班,试甲,男,9.90000E+17,,,,,", "身份证号"),
      ("1,一班,,男,990000201503010017,,,,,", "姓名"),
      ("1,一班,试甲,不详,,,,,,", "性别"),
      ("1,一班,试甲,男,,,12345,,,", "联系电话"),
      ("1,一班,试甲,男,,,,,比较困难,", "等级"),
      ("1,一班,试甲,男,,,,孤儿,,", "等级"),
      ("1,一班,试甲,男,,,,,困难,也许", "监护人同意"),
    ])
  func refusals(line: String, column: String) async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster("\(Self.header)\n\(line)\n2,一班,试好,,,,,,,\n")
    #expect(report.refused.map(\.column) == [column])
    #expect(report.refused.first?.row == 2)
    #expect(!report.written)
    #expect(report.accepted == 1)
    let listed = try await Students.list(
      year: TestDistrict.autumn.schoolYear, in: district.admin)
    #expect(listed.isEmpty)
  }

  @Test("with skipping, the good rows are kept and the refused ones told")
  func skipRefused() async throws {
    let district = try await TestDistrict.make()
    let lines = "\(Self.header)\n1,一班,试甲,男,123,,,,,\n2,一班,试好,,,,,,,\n"
    let dry = try await district.importRoster(lines, dryRun: true, skipRefused: true)
    #expect((dry.accepted, dry.written, dry.refusedRows) == (1, false, 1))
    let report = try await district.importRoster(lines, skipRefused: true)
    #expect((report.accepted, report.written, report.refusedRows) == (1, true, 1))
    let listed = try await Students.list(
      year: TestDistrict.autumn.schoolYear, in: district.admin)
    #expect(listed.map(\.name) == ["试好"])
  }

  @Test("a pupil listed twice is refused once, one digit apart only reported")
  func duplicates() async throws {
    let district = try await TestDistrict.make()
    // The third ID differs from the first in its 17th digit, and so in its check character.
    let third = try #require(
      (0...9).lazy.map(String.init).compactMap { digit in
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"].lazy
          .compactMap { try? ResidentID("9900002015030100\(digit)\($0)") }
          .first { $0.text != "990000201503010017" }
      }.first)
    let lines = """
      姓名,班级,身份证号
      试甲,一班,990000201503010017
      试甲,一班,990000201503010017
      试甲,一班,\(third.text)
      """
    let report = try await district.importRoster(lines, skipRefused: true)
    #expect(report.accepted == 2)
    #expect(report.refused.map(\.row) == [3])
    #expect(report.warnings.filter { $0.kind == .likelyDuplicate }.map(\.row) == [4])
  }

  @Test("a pupil of another school is refused, whoever imports")
  func enrolledElsewhere() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.roster)
    let path = "姓名,班级,身份证号\n试甲,一班,990000201503010017\n"
    for context in [district.admin, district.otherOfficer] {
      let report = try await district.sheet(path) { path in
        var request = district.request(path)
        request.school = district.otherSchool
        return try await Students.importRoster(
          request, school: district.otherSchool, in: context)
      }
      #expect(report.refused.count == 1)
      #expect(report.refused.first?.problem.zh.contains("另一所学校") == true)
    }
  }

  @Test("without an ID a pupil is known by name and class")
  func nameAndClass() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.roster)
    let register = """
      贫困生情况登记表
      序号,班级,姓名,家庭住址,致贫原因,等级
      1,三年级1班,试甲,测试区一号,父母双亡,特困
      2,三年级2班,试丁,,,困难
      """
    let report = try await district.importRoster(register)
    #expect((report.accepted, report.updated) == (2, 1))
    let again = try await district.importRoster(register)
    #expect(again.unchanged == 2)
  }

  @Test("identity numbers and phones lie sealed; no column and no audit row shows them")
  func sealed() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.roster)
    let code = district.code
    let dump: String = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select coalesce(string_agg(t::text, ' '), '') from (
          select s::text as t from student s where district_id = $1
          union all select g::text from guardian g where district_id = $1
          union all select a::text from audit a where district_id = $1
          union all select r::text from recognition r where district_id = $1
        ) as x
        """, code)[0].get(0)
    }
    #expect(dump.contains("试甲"))
    for secret in ["990000201503010017", "99000020170520002", "19900000001", "19900000002"] {
      #expect(!dump.contains(secret))
      let hex = secret.utf8.map { String($0, radix: 16) }.joined()
      #expect(!dump.contains(hex))
    }
  }

  @Test("an orphan recorded below 特别困难 is reported, not changed")
  func disagreement() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(
      "姓名,班级,困难类别,等级\n试甲,一班,孤儿,一般困难\n")
    #expect(report.accepted == 1)
    #expect(report.warnings.map(\.kind) == [.disagreement])
  }

  @Test("a school officer can import for the own school only")
  func officers() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(Self.roster, in: district.officer)
    #expect(report.accepted == 3)
    let error = await failure {
      try await district.importRoster(Self.roster, in: district.otherOfficer)
    }
    #expect((error as? any YibangError)?.code == "access.other_school")
  }

  @Test("a file without a header is one clear error")
  func noHeader() async throws {
    let district = try await TestDistrict.make()
    let error = await failure { try await district.importRoster("a,b\n1,2\n") }
    #expect((error as? any YibangError)?.code == "import.no_header")
  }

  @Test("duplicates are found across the chunks in which a long file is written")
  func duplicatesFarApart() async throws {
    let district = try await TestDistrict.make()
    var lines = "姓名,班级,身份证号\n试甲,一班,990000201503010017\n"
    for number in 0..<1_200 { lines += "试\(number),二班,\n" }
    let near = try #require(
      "0123456789X".lazy.compactMap { try? ResidentID("9900002015030100" + "3\($0)") }.first)
    lines += "试甲,一班,990000201503010017\n试甲,一班,\(near.text)\n"
    let report = try await district.importRoster(lines, skipRefused: true)
    #expect(report.accepted == 1_202)
    #expect(report.refused.map(\.row) == [1_203])
    #expect(report.warnings.filter { $0.kind == .likelyDuplicate }.map(\.row) == [1_204])
  }
}
