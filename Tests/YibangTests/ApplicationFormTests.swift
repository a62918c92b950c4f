import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Application forms")
struct ApplicationFormTests {
  static let roster = """
    年级,班级,姓名,性别,民族,身份证号,家庭住址,家长姓名,监护人关系,联系电话
    三年级,1班,样小一,男,彝族,990000201503010017,试验路一号,样父一,父亲,19911110001
    三年级,1班,样小二,女,汉族,990000201609150026,试验路二号,样母二,母亲,19911110002
    三年级,2班,样小三,女,汉族,,试验路三号,样父三,父亲,19911110003
    """

  private func school() async throws -> RecognitionFixture {
    let fixture = try await RecognitionFixture.make()
    let report = try await fixture.district.importRoster(Self.roster, in: fixture.officer)
    #expect(report.accepted == 3 && !report.hasRefusals)
    return fixture
  }

  private func path(_ ending: String = "xlsx") -> String {
    "\(TestPlatform.directory)/\(UUID().uuidString).\(ending)"
  }

  private func take(
    _ path: String, _ fixture: RecognitionFixture, skipRefused: Bool = false,
    as context: Context? = nil
  ) async throws -> ImportReport {
    try await Cases.importApplications(
      fixture.district.request(path, skipRefused: skipRefused), school: fixture.district.school,
      in: context ?? fixture.officer)
  }

  private func importForms(
    _ forms: [FormSheet], _ fixture: RecognitionFixture, skipRefused: Bool = false
  ) async throws -> ImportReport {
    let file = path()
    defer { try? FileManager.default.removeItem(atPath: file) }
    try writeForms(forms, to: file)
    return try await take(file, fixture, skipRefused: skipRefused)
  }

  private func importTable(
    _ lines: String, _ fixture: RecognitionFixture, skipRefused: Bool = false
  ) async throws -> ImportReport {
    try await fixture.district.sheet(lines) {
      try await take($0, fixture, skipRefused: skipRefused)
    }
  }

  private func cases(_ fixture: RecognitionFixture) async throws -> [String: [String]] {
    let code = fixture.district.code
    let vault = fixture.officer.platform.vault
    return try await fixture.officer.read { session in
      var found: [String: [String]] = [:]
      for row in try session.query(
        """
        select s.name, c.claims_sealed, c.id from recognition_case c
        join student s on s.district_id = c.district_id and s.id = c.student_id
        where c.district_id = $1
        """, code)
      { found[try row.get(0)] = try vault.claims(try row.get(1), of: try row.get(2)).sorted() }
      return found
    }
  }

  /// Our own page for a pupil, filled in as families do.
  private func filled(
    _ fixture: RecognitionFixture, _ name: String, signed: String, date: String = "2026年9月5日",
    ticks: [String] = [], change: (inout ApplicationForm.Content) -> Void = { _ in }
  ) -> FormSheet {
    var content = ApplicationForm.Content()
    content.name = name
    change(&content)
    var form = ApplicationForm.layout(
      content, .init(school: fixture.district.school, year: RecognitionFixture.year), .yunnan)
    for row in form.rows.indices {
      for cell in form.rows[row].cells.indices {
        var text = form.rows[row].cells[cell].text
        for tick in ticks where text.contains("☐") {
          text = text.split(separator: "\n").map { line in
            line.contains(tick) ? line.replacingOccurrences(of: "☐", with: "☑") : String(line)
          }.joined(separator: "\n")
        }
        form.rows[row].cells[cell].text = text
        if text == "监护人签名" { form.rows[row].cells[cell + 1].text = signed }
        if text == "申请日期" { form.rows[row].cells[cell + 1].text = date }
      }
    }
    return form
  }

  @Test("our own printed pages, filled in, become cases; once more changes nothing")
  func ownForms() async throws {
    let fixture = try await school()
    let forms = [
      filled(fixture, "样小一", signed: "样父一", ticks: ["孤儿", "残疾学生"]) {
        $0.residentID = "990000201503010017"
      },
      filled(fixture, "样小二", signed: "样母二", date: "2026.9.6") { $0.className = "1班" },
      filled(fixture, "样小三", signed: "样父三", ticks: ["最低生活保障"]),
    ]
    let report = try await importForms(forms, fixture)
    #expect(report.refused.isEmpty && report.accepted == 3)
    #expect(
      try await cases(fixture) == [
        "样小一": ["disability", "orphan"], "样小二": [], "样小三": ["minimum-living"],
      ])
    let again = try await importForms(forms, fixture)
    #expect(again.unchanged == 3 && again.accepted == 0 && again.refused.isEmpty)
    let other = try await importForms(
      [filled(fixture, "样小一", signed: "样父一", ticks: ["烈士"])], fixture)
    #expect(other.refused.map(\.problem.zh) == ["本学年已有另一份申请"])
  }

  @Test("a page of another layout: labels with colons, two in a cell, values below, 是/否 boxes")
  func otherLayout() async throws {
    let fixture = try await school()
    typealias Cell = FormSheet.Cell
    let form = FormSheet(
      name: "表", widths: [10, 10, 10, 10],
      rows: [
        .init([Cell("某某小学家庭经济困难学生认定申请表", .title, columns: 4)]),
        .init([Cell("学生姓名：样 小 一　　性别：男", .line, columns: 4)]),
        .init([Cell("身份证　件号码", .label), Cell("990000201503010017", .value, columns: 3)]),
        .init([Cell("年级", .label), Cell("班级", .label), Cell("民族", .label, columns: 2)]),
        .init([Cell("三年级", .value), Cell("1班", .value), Cell("彝族", .value, columns: 2)]),
        .init([Cell("姓名", .label), Cell("年龄", .label), Cell("与学生关系", .label), Cell("职业", .label)]),
        .init([Cell("样父一", .value), Cell("40", .value), Cell("父亲", .value), Cell("务农", .value)]),
        .init([
          Cell("特殊群体类型（请打勾）", .label),
          Cell("脱贫户：□是 ☑否；孤儿：√是 □否；\n烈士子女：□是■否\n（以上请打√）", .block, columns: 3),
        ]),
        .init([Cell("是否住校：☑是 □否", .line, columns: 4)]),
        .init([
          Cell("本人承诺属实。学生本人（或监护人）签字：样父一", .line, columns: 4)
        ]),
        .init([Cell("　　2026 年 9 月 5 日", .line, columns: 4)]),
        .init([Cell("学校意见：☑困难 □一般困难　负责人签字：试校长　日期：2026年9月30日", .line, columns: 4)]),
      ])
    let report = try await importForms([form], fixture)
    #expect(report.refused.map { [$0.column, $0.value, $0.problem.zh] } == [])
    #expect(try await cases(fixture) == ["样小一": ["orphan"]])
  }

  @Test("ticks in cells of their own, right or left of the words")
  func ticksInCells() async throws {
    let fixture = try await school()
    typealias Cell = FormSheet.Cell
    func form(_ boxes: [[Cell]]) -> FormSheet {
      FormSheet(
        name: "表", widths: [10, 10, 10, 10],
        rows: [
          .init([
            Cell("姓　　名", .label), Cell("样小三", .value), Cell("班级：", .label), Cell("2班", .value),
          ]),
          .init([Cell("特殊群体类型", .title, columns: 4)]),
        ] + boxes.map { .init($0) } + [
          .init([
            Cell("家长签名", .label), Cell("样父三", .value), Cell("填表日期", .label),
            Cell("2026-09-05", .value),
          ])
        ])
    }
    let left = form([
      [Cell("√", .label), Cell("低保", .value), Cell("□", .label), Cell("孤儿", .value)],
      [Cell("□", .label), Cell("烈士子女", .value), Cell("✔", .label), Cell("残疾学生", .value)],
    ])
    let report = try await importForms([left], fixture)
    #expect(report.refused.isEmpty)
    #expect(try await cases(fixture) == ["样小三": ["disability", "minimum-living"]])
    let plain = form([[Cell("低保、残疾", .value, columns: 4)]])
    #expect(try await importForms([plain], fixture).unchanged == 1)
  }

  @Test("each thing wrong is told with its cell and what to do, and nothing is written")
  func refusals() async throws {
    let fixture = try await school()
    func problem(_ form: FormSheet) async throws -> [String] {
      let report = try await importForms([form], fixture)
      for refusal in report.refused {
        #expect(refusal.cell != nil && !refusal.advice.zh.isEmpty && !refusal.advice.en.isEmpty)
      }
      return report.refused.map(\.problem.zh)
    }
    #expect(try await problem(filled(fixture, "样小三", signed: "")) == ["监护人没有签名"])
    #expect(
      try await problem(filled(fixture, "样小三", signed: "样父三", date: "　　年　月　日"))
        == ["没有申请日期"])
    let late = try await problem(filled(fixture, "样小三", signed: "样父三", date: "2027-03-01"))
    #expect(late[0].contains("不在申请期内"))
    #expect(try await problem(filled(fixture, "样小三", signed: "生人")) == ["没有登记这位监护人"])
    #expect(try await problem(filled(fixture, "生人", signed: "样父三")) == ["本校没有登记该学生"])
    let wrong = try await problem(
      filled(fixture, "样小一", signed: "样父一") { $0.residentID = "990000201503010018" })
    #expect(wrong.count == 1)
    let named = try await problem(
      filled(fixture, "样小二", signed: "样母二") { $0.residentID = "990000201503010017" })
    #expect(named == ["该身份证号登记的是另一个姓名"])
    #expect(try await cases(fixture).isEmpty)
    let twice = filled(fixture, "样小三", signed: "样父三")
    let report = try await importForms([twice, twice], fixture, skipRefused: true)
    #expect(report.accepted == 1 && report.refused.count == 1)
  }

  @Test("a table with a line for each application, also with a category that is none")
  func table() async throws {
    let fixture = try await school()
    let header = "序号,姓名,身份证号,班级,困难类别,监护人,签名,申请日期"
    let bad = try await importTable(
      """
      申请登记表
      \(header)
      1,样小一,990000201503010017,1班,孤儿、低保,样父一,√,2026-09-05
      2,样小二,9.90000201609E+17,1班,,样母二,是,2026-09-05
      3,样小三,,2班,富裕,样父三,样父三,2026-09-06
      """, fixture)
    #expect(!bad.written && bad.refusedRows == 2)
    #expect(bad.refused.map(\.row) == [4, 5])
    #expect(bad.refused.last?.problem.zh == "不是认定办法的类别")
    #expect(bad.refused.last?.value == "富裕" && bad.refused.last?.cell == "E5")
    #expect(try await cases(fixture).isEmpty)
    let good = try await importTable(
      "\(header)\n1,样小一,990000201503010017,1班,☑孤儿☐低保,样父一,√,2026-09-05\n", fixture)
    #expect(good.accepted == 1)
    #expect(try await cases(fixture) == ["样小一": ["orphan"]])
  }

  @Test("another school's officer, a reader, and a school without a round are refused")
  func permissions() async throws {
    let fixture = try await school()
    let district = fixture.district
    let lines = "姓名,监护人,签名,申请日期\n样小一,样父一,√,2026-09-05\n"
    try await district.sheet(lines) { path in
      #expect(
        await refusal { try await take(path, fixture, as: district.otherOfficer) }
          == "access.other_school")
      #expect(
        await refusal { try await take(path, fixture, as: fixture.assessors[0]) }
          == "access.forbidden")
      let other = await refusal {
        try await Cases.importApplications(
          district.request(path), school: district.otherSchool, in: district.admin)
      }
      #expect(other == "recognition.unknown_round")
    }
    let empty = await refusal {
      try await district.sheet("甲,乙\n1,2\n") { try await take($0, fixture) }
    }
    #expect(empty == "import.no_header")
  }

  @Test("a page for each pupil of a class, prefilled; who asked is kept; a blank one names nobody")
  func printed() async throws {
    let fixture = try await school()
    let school = fixture.district.school
    let file = path()
    defer { try? FileManager.default.removeItem(atPath: file) }
    var request = ApplicationForm.Request(
      school: school, year: RecognitionFixture.year, pupils: .ofClass("1班"))
    #expect(
      await refusal { try await ApplicationForm.write(request, to: file, in: fixture.officer) }
        == "report.reason_missing")
    request.reveal = "打印申请表"
    #expect(try await ApplicationForm.write(request, to: file, in: fixture.officer) == 2)
    #expect(try TableFile.open(path: file).sheets.sorted() == ["样小一", "样小二"])
    let text = try TestDistrict.allText(file)
    for words in ["990000201503010017", "试验路一号", "19911110001", "样父一", "☐（三）孤儿", "个人承诺"] {
      #expect(text.contains(words), "\(words)")
    }
    let trail = try await Audit.list(in: fixture.district.admin)
    #expect(
      trail.contains { $0.action == "identity.reveal" && $0.after?.contains("application") == true }
    )
    let blank = ApplicationForm.Request(school: school, year: RecognitionFixture.year)
    #expect(try await ApplicationForm.write(blank, to: file, in: fixture.officer) == 1)
    #expect(try !TestDistrict.allText(file).contains("样小"))
    request.pupils = .ofClass("9班")
    #expect(
      await refusal { try await ApplicationForm.write(request, to: file, in: fixture.officer) }
        == "student.none_found")
  }

  static let boxes: [(String, [String])] = [
    ("☑孤儿 ☐低保", ["孤儿"]), ("□√孤儿 □低保", ["孤儿"]), ("孤儿(√) 低保( )", ["孤儿"]),
    ("孤儿□ 低保☑", ["低保"]), ("低保:☑是 □否", ["低保"]), ("低保:□是 √否;孤儿:■是□否", ["孤儿"]),
    ("1.■(三)孤儿\n2.□低保", ["(三)孤儿"]), ("(以上请打√)", ["以上请打"]), ("没有方框", []), ("☑️孤儿", ["孤儿"]),
    ("√", [""]),
  ]

  @Test("boxes are read as people tick them", arguments: boxes)
  func ticks(text: String, ticked: [String]) {
    #expect(TickBoxes.read(normalizeText(text)).filter(\.isTicked).map(\.label) == ticked)
  }
}
