import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("recognition over HTTP")
struct RecognitionRouteTests {
  typealias Fixture = RecognitionFixture

  private func school() async throws -> (fixture: Fixture, api: TestAPI) {
    let fixture = try await Fixture.make()
    return (fixture, try await Self.api(fixture))
  }

  static func api(_ fixture: Fixture) async throws -> TestAPI {
    try await TestAPI(
      fixture.district, others: fixture.assessors + fixture.members + [fixture.reviewer])
  }

  private static let day: JSONValue = "2026-09-10"

  @Test("a family's application goes through every step to the filing")
  func steps() async throws {
    let (fixture, api) = try await school()
    let student = try await fixture.pupil()
    let application: JSONValue = [
      "student": .id(student), "guardian": "样家长", "claims": ["孤儿"], "signed": true,
      "date": Self.day,
    ]
    let made = try await api.post("/recognition-cases", application, as: "officer").expect(201)
    try await api.post("/recognition-cases", application, as: "officer").expect(
      409, "recognition.applied_before")
    let path = "/recognition-cases/\(made.id)"
    let nominated = try await api.post(
      "/recognition-cases/nominate", ["all": true, "class": "1班", "date": Self.day], as: "officer"
    ).expect(200)
    #expect(nominated.at("cases") == [.string(made.id)])
    try await api.post(
      "/recognition-cases/panel", ["cases": [.string(made.id)], "assessors": ["a1"]],
      as: "officer"
    ).expect(409, "recognition.panel_too_small")
    try await api.post(
      "/recognition-cases/panel",
      ["cases": [.string(made.id)], "assessors": ["a1", "a2"], "date": Self.day], as: "officer"
    ).expect(200)
    for (assessor, method) in [("a1", "home_visit"), ("a2", "interview")] {
      try await api.post(
        path + "/assess",
        [
          "method": .string(method), "hardship": true, "found": "家中无固定收入", "date": Self.day,
        ], as: assessor
      ).expect(201)
    }
    try await api.post(path + "/assess", ["method": "letter", "hardship": true], as: "m2").expect(
      403, "recognition.not_on_panel")
    let findings = try await api.post(path + "/findings", key: nil, as: "a1").expect(200)
    #expect(findings.items.count == 2 && findings.items[1]["words"] == "家中无固定收入")
    let preview = try await api.post(path + "/preview", [:], key: nil, as: "officer").expect(200)
    #expect(preview.at("tier") == nil)
    #expect(preview.at("missing_proofs")?.items?.isEmpty == false)
    try await api.post(path + "/propose", ["date": Self.day], as: "officer").expect(
      422, "recognition.undecided")
    let proposed = try await api.post(
      path + "/propose", ["proofs": ["civil-affairs"], "date": Self.day], as: "officer"
    ).expect(200)
    #expect(proposed.at("tier") == "special")
    let proofs = try await api.post(path + "/proofs", key: nil, as: "officer").expect(200)
    #expect(proofs.items.first?["department"] == "civil-affairs")
    for member in ["principal", "m2"] {
      try await api.post(
        "/recognition-cases/vote",
        ["all": true, "agrees": true, "date": Self.day], as: member
      ).expect(200)
    }
    let standing = try await api.get("/recognition-cases", as: "officer").expect(200)
    #expect(standing.items.first?["state"] == "decided")
    try await api.post("/notices", ["school": "2199000001", "date": "2026-09-18"], as: "officer")
      .expect(201)
    try await api.post(
      "/recognition-cases/file", ["all": true, "date": "2026-09-20"], as: "officer"
    ).expect(409, "recognition.notice_running")
    try await api.post(
      "/recognition-cases/file", ["cases": [.string(made.id)], "date": "2026-09-25"],
      as: "officer"
    ).expect(200)
    let steps = try await api.get(path, as: "officer").expect(200)
    #expect(steps.items.last?["state"] == "filed")
    try await api.post(path + "/withdraw", as: "officer").expect(409, "recognition.wrong_state")
    try await api.get("/recognition-cases/\(UUID.unknown.lowercase)").expect(
      404, "recognition.unknown_case")
    let revealed = try await api.post(
      "/students/\(student.lowercase)/recognitions/reveal", ["reveal": "家长申诉"], key: nil,
      as: "officer"
    ).expect(200)
    #expect(revealed.items.first?["category"] == "orphan")
    let history = try await api.get(
      "/students/\(student.lowercase)/recognitions", as: "officer"
    ).expect(200)
    #expect(history.items.first?["category"] == nil && history.items.first?["tier"] == "special")
  }

  @Test("cases are listed a page at a time; an assessor sees its own alone")
  func list() async throws {
    let (fixture, api) = try await school()
    for name in ["样小一", "样小二", "样小三"] { _ = try await fixture.recognise(name, to: .nominated) }
    let own = try await fixture.recognise("样小四", to: .applied)
    let whole = try await api.get("/recognition-cases", as: "officer").expect(200).items
    #expect(whole.count == 4)
    #expect(try await api.all("/recognition-cases", as: "officer") == whole)
    #expect(try await api.all("/recognition-cases?state=nominated&late=true").count == 3)
    #expect(try await api.get("/recognition-cases", as: "a1").expect(200).items.isEmpty)
    try await Cases.nominate([own], nominated: true, on: Fixture.day, in: fixture.officer)
    try await Cases.setPanel(
      [own], assessors: ["a1", "a2"], on: Fixture.day, in: fixture.officer)
    let seen = try await api.get("/recognition-cases", as: "a1").items
    #expect(seen.count == 1 && seen[0]["name"] == "样小四")
    #expect(try await api.get("/recognition-cases", as: "other-officer").items.isEmpty)
    try await api.post("/recognition-cases/nominate", [:], as: "officer").expect(422, "input.value")
    try await api.post("/recognition-cases/nominate", ["all": true], as: "a1").expect(
      403, "access.forbidden")
    try await api.post("/recognition-cases/\(own.lowercase)/withdraw", as: "officer").expect(204)
  }

  @Test("a round begins with the announcement, and its leading group changes")
  func round() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let opening: JSONValue = [
      "school": "2199000001", "reach": "家长会签到表", "date": "2026-09-02",
      "decide_by": "2026-12-31",
    ]
    let opened = try await api.post("/recognition-rounds", opening, as: "officer").expect(201)
    #expect(opened.at("round", "deadlines", "decide") == "2026-12-31")
    #expect(
      try await api.post("/recognition-rounds", opening, as: "officer").expect(201).at("added")
        == false)
    try await api.post(
      "/recognition-rounds",
      ["school": "2199000001", "reach": "家长会", "date": "2026-09-03"], as: "officer"
    ).expect(409, "recognition.round_exists")
    let member: JSONValue = ["login": "officer", "school": "2199000001"]
    #expect(
      try await api.post("/leading-group/add", member).expect(200).at("changed") == true)
    #expect(
      try await api.post("/leading-group/add", member).expect(200).at("changed") == false)
    #expect(
      try await api.post("/leading-group/remove", member).expect(200).at("changed") == true)
    try await api.post(
      "/leading-group/add", ["login": "other-officer", "school": "2199000001"]
    ).expect(409, "recognition.not_of_school")
    let rules = try await api.get("/recognition-rules", as: "officer").expect(200)
    #expect(rules.at("id") == "yunnan" && rules.at("categories")?.items?.isEmpty == false)
  }

  @Test("a change of circumstances begins a case, and what changed is read on record")
  func adjustment() async throws {
    let (fixture, api) = try await school()
    try await fixture.openSpring()
    let student = try await fixture.recognised()
    try await fixture.openAdjustment()
    let change: JSONValue = ["student": .id(student), "changed": "父亲重病", "date": "2026-11-04"]
    let made = try await api.post("/recognition-cases/adjust", change, as: "officer").expect(201)
    let words = try await api.post(
      "/recognition-cases/\(made.id)/change", key: nil, as: "officer"
    ).expect(200)
    #expect(words.at("changed") == "父亲重病")
    try await api.post("/recognition-cases/adjust", change, as: "officer").expect(409)
    try await api.post(
      "/recognition-cases/adjust", ["student": .id(student), "changed": " "], as: "officer"
    ).expect(422, "adjustment.says_change")
    let holding = try await api.get("/recognitions?date=2026-11-10", as: "officer").expect(200)
    #expect(holding.items.first?["name"] == "样小例" && holding.items.first?["category"] == nil)
    #expect(try await api.all("/recognitions?date=2026-11-10").count == 1)
    try await api.post(
      "/recognitions/reveal", ["date": "2026-11-10", "reveal": "申诉"], key: nil, as: "officer"
    ).expect(200)
    try await api.post("/recognitions/reveal", ["reveal": " "], key: nil, as: "officer").expect(
      422, "report.reason_missing")
    try await api.get("/recognitions", as: "a1").expect(403, "access.forbidden")
  }

  @Test("forms are printed and read in, and the national sheet waits for who is incomplete")
  func forms() async throws {
    let (fixture, api) = try await school()
    _ = try await fixture.district.importRoster(ApplicationFormTests.roster, in: fixture.officer)
    let blank = try await api.post(
      "/recognition-forms/application", ["school": "2199000001"], key: nil, as: "officer"
    ).expect(200)
    #expect(blank.bytes.starts(with: Array("PK".utf8)))
    let named: JSONValue = ["school": "2199000001", "class": "1班", "reveal": "打印申请表"]
    try await api.post("/recognition-forms/application", named, key: nil, as: "officer").expect(200)
    try await api.post(
      "/recognition-forms/application", ["school": "2199000001", "all": true], key: nil,
      as: "officer"
    ).expect(422, "report.reason_missing")
    try await api.post(
      "/recognition-forms/application",
      ["school": "2199000001", "all": true, "class": "1班", "reveal": "打印"], key: nil,
      as: "officer"
    ).expect(422, "input.value")
    let sheet = "姓名,监护人,签名,申请日期\n样小一,样父一,√,2026-09-05\n"
    let report = try await api.upload(
      "/recognition-cases/import?school=2199000001&semester=2026-2027-1", sheet, as: "officer"
    ).expect(200)
    #expect(report.at("accepted") == 1, "\(report.text)")
    let columns = try await api.get("/national-export/columns").expect(200)
    #expect(columns.items.count == NationalExport.columns.count)
    let student = try await fixture.recognised("样小甲")
    #expect(student != UUID.unknown)
    let incomplete = try await api.post(
      "/national-export/incomplete", ["reveal": "报送"], key: nil, as: "officer"
    ).expect(200)
    #expect(incomplete.items.first?["name"] == "样小甲")
    try await api.post("/national-export/xlsx", ["reveal": "报送"], key: nil, as: "officer").expect(
      422, "report.incomplete")
    let csv = try await api.post(
      "/national-export/csv",
      [
        "reveal": "报送",
        "columns": [
          ["heading": "姓名", "field": "name", "required": true],
          ["heading": "等级", "field": "tier", "required": true],
        ],
      ], key: nil, as: "officer"
    ).expect(200)
    #expect(csv.text.contains("样小甲"))
    try await api.post("/national-export/csv", ["reveal": "报送"], key: nil, as: "a1").expect(
      403, "access.forbidden")
  }
}
