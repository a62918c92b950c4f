import Foundation
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("The summary of recognition and the national sheet")
struct SummarySheetTests {
  /// As a school kept it: 认定依据 in its own words.
  static let summary = """
    某某小学2026-2027学年家庭经济困难学生认定结果汇总表,,,,,,,,,,,
    单位：第一小学,,,,,,,,,,,
    序号,姓名,性别,民族,年级,班级,身份证号,家庭地址,联系电话,困难等级,认定依据,备注
    1,样小一,男,彝族,三年级,1班,990000201503010017,试验路一号,19911110001,特别困难,孤儿,
    2,样小二,女,汉族,三年级,1班,990000201609150026,试验路二号,19911110002,一般困难,母亲常年吃药,
    合计,2人,,,,,,,,,,
    制表：　　审核：　　校长：　　单位（盖章）：,,,,,,,,,,,
    """

  private func pupils(_ district: TestDistrict) async throws -> [Reports.PupilLine] {
    let (actor, vault) = (district.officer.actor, district.platform.vault)
    return try await district.officer.read { session in
      try Reports.pupils(
        session, actor, vault, school: nil, TestDistrict.autumn, withNumbers: true)
    }
  }

  @Test(
    "a school's own summary is imported: what is a category is taken as such, else as the cause")
  func imported() async throws {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(Self.summary, in: district.officer)
    #expect(report.accepted == 2 && report.refused.isEmpty)
    let lines = try await pupils(district)
    let (orphan, other) = (lines.first { $0.name == "样小一" }, lines.first { $0.name == "样小二" })
    #expect(orphan?.category == "孤儿" && orphan?.cause == nil)
    #expect(other?.category == nil && other?.cause == "母亲常年吃药")
    #expect(try await district.importRoster(Self.summary, in: district.officer).unchanged == 2)
    let bad = try await district.importRoster(
      Self.summary.replacingOccurrences(of: "特别困难", with: "很困难"), in: district.officer)
    #expect(bad.refused.map(\.problem.zh) == ["不认识的困难等级"])
  }

  @Test("ours has its headers on row 3 and reads back unchanged", arguments: [true, false])
  func roundTrip(isXlsx: Bool) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(
      """
      年级,班级,姓名,性别,身份证号,家庭住址,家长姓名,联系电话,困难类别,等级,致贫原因
      三年级,1班,样小一,男,990000201503010017,路一号,样父一,19911110001,孤儿,特别困难,父母双亡
      三年级,1班,样小二,女,990000201609150026,路二号,样父二,0871-65100000,,一般困难,因病
      三年级,2班,样小三,女,,路三号,样父三,19911110003,学校自定类别,困难,
      """, in: district.officer)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(isXlsx ? "xlsx" : "csv")"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let request = district.request(.summary, reveal: "上报汇总表")
    let written = try await Reports.write(
      request, format: isXlsx ? .xlsx : .csv, to: path, in: district.officer)
    #expect(written.rows == 3 && written.revealed)
    if isXlsx {
      let rows = try TestDistrict.rows(path)
      #expect(
        rows[2] == [
          "序号", "姓名", "性别", "民族", "年级", "班级", "身份证号", "家庭地址", "联系电话", "困难等级", "认定依据", "备注",
        ])
      #expect(rows.last?.first?.contains("单位（盖章）") == true)
    }
    let again = try await Students.importRoster(
      district.request(path), school: district.school, in: district.officer)
    #expect(again.refused.isEmpty && again.accepted == 0 && again.unchanged == 3)
    let trail = try await Audit.list(in: district.admin)
    #expect(
      trail.contains { $0.action == "identity.reveal" && $0.after?.contains("summary") == true })
  }

  @Test("without a reason it is masked")
  func masked() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(Self.summary, in: district.officer)
    let report = try await Reports.make(district.request(.summary), in: district.officer)
    let text = report.table.rows.joined().map(\.text).joined(separator: " ")
    for hidden in ["样小一", "990000", "试验路", "199111", "孤儿", "吃药"] {
      #expect(!text.contains(hidden))
    }
  }

  private func export(
    _ district: TestDistrict, _ change: (inout NationalExport.Request) -> Void = { _ in },
    in context: Context? = nil
  ) async throws -> (NationalExport.Result, rows: [[String]]) {
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var request = NationalExport.Request(
      TestDistrict.autumn, school: district.school, reason: "上报系统")
    change(&request)
    let result = try await NationalExport.write(
      request, as: .xlsx, to: path, in: context ?? district.officer)
    return (result, result.written ? try TestDistrict.rows(path) : [])
  }

  @Test("the national sheet has no holes: who lacks something is listed, and nothing is written")
  func national() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(
      """
      年级,班级,姓名,性别,身份证号,学籍号,家长姓名,联系电话,困难类别,等级
      三年级,1班,样小一,男,990000201503010017,G990000201503010017,样父一,19911110001,孤儿,特别困难
      三年级,1班,样小二,女,990000201609150026,,样父二,,,一般困难
      """, in: district.officer)
    let (refused, none) = try await export(district)
    #expect(!refused.written && none.isEmpty)
    #expect(refused.incomplete.map(\.name) == ["样小二"])
    #expect(refused.incomplete[0].missing == ["学籍号", "联系电话"])
    let (result, rows) = try await export(district) { $0.skipsIncomplete = true }
    #expect(result.written && result.rows == 1 && rows.count == 2)
    #expect(rows[0] == NationalExport.columns.map(\.heading))
    #expect(rows[1].contains("990000201503010017") && rows[1].contains("2199000001"))
    let (own, ownRows) = try await export(district) {
      $0.columns = [
        .init("姓名", .name), .init("证件", .residentID), .init("空", .empty, required: false),
      ]
    }
    #expect(own.rows == 2 && ownRows[0] == ["姓名", "证件", "空"])
    #expect(
      await refusal { try await export(district, { $0.reason = "" }) } == "report.reason_missing")
    #expect(
      await refusal { try await export(district, in: district.otherOfficer) }
        == "access.other_school")
    let trail = try await Audit.list(in: district.admin)
    #expect(trail.filter { $0.after?.contains("national_export") == true }.count == 3)
  }

  @Test("the columns are data: what is written as a list is read as the same columns")
  func columns() async throws {
    let district = try await TestDistrict.make()
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeCSV(NationalExport.list(NationalExport.columns), to: path)
    #expect(try NationalExport.columns(from: path) == NationalExport.columns)
    let unknown = await refusal {
      try await district.sheet("列名,内容\n姓名,nombre\n") { try NationalExport.columns(from: $0) }
    }
    #expect(unknown == "report.unknown_field")
  }
}
