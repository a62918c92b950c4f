import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("The register of pupils in hardship")
struct ReportHardshipTests {
  static let header =
    "序号,班级,姓名,性别,民族,出生年月,家庭住址,家庭人口,家长姓名,年人均收入,致贫原因,困难类别,等级,联系电话,身份证号,监护人关系"
  static let secrets = [
    "试小明", "测试镇7号", "试家长", "缺少劳动力", "孤儿", "19900001234", "990000201503010017", "2015", "苗族",
  ]

  static func withPupils() async throws -> TestDistrict {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(
      """
      \(header)
      1,三年级(2)班,试小明,男,苗族,2015年3月,测试镇7号,3,试家长,3850,缺少劳动力,孤儿,特别困难,19900001234,990000201503010017,叔叔
      2,三年级(10)班,测小红,女,汉族,2016年9月,测试镇8号,4人,,,,,一般困难,0871-65100000,,
      3,二年级(1)班,验无困,男,汉族,2017年1月,测试镇9号,4,验家长,,,,,,,
      """)
    #expect(report.accepted == 3)
    return district
  }

  @Test(
    "without a reason it comes masked, also to those who may see identities",
    arguments: Reports.Format.allCases)
  func masked(format: Reports.Format) async throws {
    let district = try await Self.withPupils()
    try await district.report(district.request(.hardship), as: format, in: district.officer) {
      path in
      let content = try TestDistrict.content(path)
      for secret in Self.secrets { #expect(!content.contains(secret), "\(secret)") }
      #expect(content.contains("试*明"))
      guard format != .json else { return }
      let rows = try TestDistrict.compactRows(path)
      #expect(rows[0] == ["第一小学2026-2027学年贫困生情况登记表"])
      #expect(
        rows[2] == [
          "序号", "班级", "姓名", "性别", "民族", "出生年月", "家庭住址", "家庭人口", "家长姓名", "年人均收入", "致贫原因", "困难类别",
          "等级",
          "联系电话", "帮扶人", "备注",
        ])
      let stars = "****"
      #expect(
        rows[3] == [
          "1", "三年级(2)班", "试*明", "男", stars, stars, stars, stars, stars, stars, stars, stars,
          "特别困难",
          stars,
        ])
      #expect(rows[4][1] == "三年级(10)班")
      #expect(rows[5] == ["合计", "", "2人"])
    }
    #expect(try await Self.reveals(district).isEmpty)
  }

  @Test(
    "with right and reason it is whole, and the trail tells who, why and how many",
    arguments: [Reports.Format.xlsx, .csv])
  func revealed(format: Reports.Format) async throws {
    let district = try await Self.withPupils()
    var request = district.request(.hardship, reveal: "上报区资助中心")
    request.withNumbers = true
    try await district.report(request, as: format, in: district.officer) { path in
      let rows = try TestDistrict.compactRows(path)
      #expect(rows[2][6...7] == ["身份证号", "学籍号"])
      #expect(
        rows[3] == [
          "1", "三年级(2)班", "试小明", "男", "苗族", "2015年3月", "990000201503010017", "", "测试镇7号", "3",
          "试家长",
          "3850", "缺少劳动力", "孤儿", "特别困难", "19900001234",
        ])
      #expect(rows[4].contains("0871-65100000"))
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      if format == .csv {
        #expect(try TestDistrict.content(path).contains(",\"=\"\"990000201503010017\"\"\","))
      } else {
        try TableFile.open(path: path).rows(sheet: 0) { row, _ in
          guard row.number == 4 else { return }
          #expect(row[6].value == .text("990000201503010017"))
          #expect(row[15].value == .text("19900001234"))
        }
      }
    }
    let trail = try await Self.reveals(district)
    let entry = try #require(trail.first)
    #expect((trail.count, entry.actor) == (1, "officer"))
    let after = try #require(entry.after)
    #expect(after.contains("上报区资助中心"))
    #expect(after.contains("\"records\": \"2\""))
    for secret in Self.secrets where secret != "2015" { #expect(!after.contains(secret)) }
  }

  @Test("programs read the whole register under the same conditions")
  func revealedJSON() async throws {
    let district = try await Self.withPupils()
    var request = district.request(.hardship, reveal: "上报区资助中心")
    request.withNumbers = true
    let document = try await district.report(request, as: .json, in: district.officer) { path in
      try JSONDecoder().decode(
        Reports.Document<Reports.PupilLine>.self, from: Data(contentsOf: URL(filePath: path)))
    }
    #expect(document.masked == false)
    let pupil = try #require(document.rows.first)
    #expect((pupil.name, pupil.residentID, pupil.tier) == ("试小明", "990000201503010017", .special))
    #expect((pupil.guardian, pupil.phone, pupil.category) == ("试家长", "19900001234", "孤儿"))
    #expect(try await Self.reveals(district).count == 1)
  }

  @Test("programs read the masked register from a type that holds no identity")
  func maskedJSON() async throws {
    let district = try await Self.withPupils()
    let report = try await Reports.make(district.request(.hardship), in: district.officer)
    let document = try #require(
      report.document as? Reports.Document<Reports.MaskedPupilLine>)
    #expect(document.masked == true)
    #expect(document.rows.map(\.name.description) == ["试*明", "测*红"])
    let text = String(decoding: try report.json(), as: UTF8.self)
    for key in ["address", "phone", "resident_id", "guardian", "category", "birth_month"] {
      #expect(!text.contains(key))
    }
  }

  @Test("nothing but the whole file is left in its folder", arguments: Reports.Format.allCases)
  func noLeftovers(format: Reports.Format) async throws {
    let district = try await Self.withPupils()
    let folder = "\(TestPlatform.directory)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let path = "\(folder)/名册.\(format.rawValue)"
    for _ in 1...2 {
      let written = try await Reports.write(
        district.request(.hardship, reveal: "核对名册"), format: format, to: path,
        in: district.officer)
      #expect((written.rows, written.revealed) == (2, true))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == ["名册.\(format.rawValue)"])
    }
  }

  @Test("who may not see identities cannot reveal them, and leaves no trail of having seen any")
  func forbidden() async throws {
    let district = try await Self.withPupils()
    _ = try await Users.add(
      login: "matcher", name: "结对员", role: .matcher, school: nil, in: district.admin)
    let matcher = try await district.asUser("matcher")
    let error = await failure {
      try await Reports.make(district.request(.hardship, reveal: "想看看"), in: matcher)
    }
    #expect((error as? AccessError)?.code == "access.forbidden")
    let report = try await Reports.make(district.request(.hardship), in: matcher)
    #expect((report.rowCount, report.isRevealed) == (2, false))
    #expect(try await Self.reveals(district).isEmpty)
  }

  @Test(
    "a reason is required, and identifies nobody itself",
    arguments: [
      ("", "report.reason_missing"), (" 查 ", "report.reason_missing"),
      ("查19900001234", "report.reason_identifies"),
      ("查990000201503010017", "report.reason_identifies"),
    ])
  func reasons(reason: String, code: String) async throws {
    let district = try await Self.withPupils()
    let error = await failure {
      try await Reports.make(
        district.request(.hardship, reveal: reason), in: district.officer)
    }
    #expect((error as? ReportError)?.code == code)
    #expect(try await Self.reveals(district).isEmpty)
  }

  @Test(
    "other reports have nothing to reveal",
    arguments: [Reports.Kind.donations, .fund, .pairings, .activities])
  func nothingToReveal(kind: Reports.Kind) async throws {
    let district = try await TestDistrict.make()
    let error = await failure {
      try await Reports.make(district.request(kind, reveal: "年度复核"), in: district.officer)
    }
    #expect((error as? ReportError)?.code == "report.nothing_to_reveal")
  }

  @Test("grades that the classes do not tell have a column")
  func grades() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(
      "姓名,年级,班级,等级\n试甲,三年级,1班,困难\n试乙,一年级,1班,困难\n试丙,二年级,10班,困难\n试丁,二年级,2班,困难\n")
    let report = try await Reports.make(district.request(.hardship), in: district.officer)
    #expect(report.table.columns.prefix(3).map(\.title) == ["序号", "年级", "班级"])
    let places = report.table.rows.map { $0[1].text + $0[2].text }
    #expect(places == ["一年级1班", "二年级2班", "二年级10班", "三年级1班"])
  }

  private static func reveals(_ district: TestDistrict) async throws -> [Audit.Entry] {
    try await Audit.list(limit: 10_000, in: district.admin).filter {
      $0.action == "identity.reveal"
    }
  }
}
