import Foundation
import HTTPTypes
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("rules, comparison lists and targeting over HTTP")
struct RulesRouteTests {
  private func document(_ rules: RuleSet) throws -> JSONValue {
    try JSONReader.read(rules.json)
  }

  @Test("a rule set is given as a file, checked, imported, chosen and compared")
  func rules() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.importRoster("年级,班级,姓名,等级\n三年级,1班,样甲,困难\n")
    let file = try await api.get("/rule-sets/scored-example/document", as: "officer").expect(200)
    #expect(file.bytes == RuleSet.scoredExample.json)
    #expect(try await api.get("/rule-set-schema").expect(200).json["$schema"] != nil)
    let own = try document(try RuleSetsTests.own())
    #expect(
      try await api.post("/rule-sets/check", ["rules": [own, own]], key: nil).expect(200).items
        .isEmpty)
    try await api.post("/rule-sets/check", ["rules": [["id": "x"]]], key: nil).expect(
      422, "rules.malformed")
    let made = try await api.post("/rule-sets", ["rules": own]).expect(201)
    #expect(made.at("added") == true && made.at("id") == "own")
    #expect(try await api.post("/rule-sets", ["rules": own]).expect(201).at("added") == false)
    try await api.post("/rule-sets", ["rules": own], as: "officer").expect(403, "access.forbidden")
    try await api.post("/rule-sets", ["rules": "own"]).expect(422, "rules.malformed")
    let used = try await api.post("/rule-sets/own/use", ["semester": "2026-2027-1"]).expect(200)
    #expect(used.at("changed") == true && used.at("school_year") == "2026-2027")
    try await api.post("/rule-sets/none/use").expect(404, "rules.unknown")
    let listed = try await api.get("/rule-sets", as: "officer").expect(200)
    #expect(listed.items.first { $0["id"] == "own" }?["used_from"] == ["2026-2027"])
    let shown = try await api.get("/rule-sets/own?version=1", as: "officer").expect(200)
    #expect(shown.at("score_items")?.items?.isEmpty == false)
    try await api.get("/rule-sets/own?version=9").expect(404, "rules.unknown")
    let compared = try await api.post("/rule-sets/own/compare", [:], key: nil, as: "officer")
      .expect(200)
    #expect(compared.at("totals", "pupils") == 1)
    try await api.post("/rule-sets/own/compare", key: nil, as: "nobody").expect(401)
  }

  @Test("a department's list is read in, and tells who is on it and did not apply")
  func comparison() async throws {
    let fixture = try await RecognitionFixture.make()
    let api = try await RecognitionRouteTests.api(fixture)
    _ = try await fixture.pupil(residentID: ComparisonTests.first)
    let query =
      "name=%E5%AD%A4%E5%84%BF%E5%90%8D%E5%8D%95&category=%E5%AD%A4%E5%84%BF&department=civil-affairs"
      + "&as_of=2026-09-01&semester=2026-2027-1"
    let lines = "姓名,身份证号\n样小例,\(ComparisonTests.first)\n"
    let report = try await api.upload("/comparison-lists/import?\(query)", lines).expect(200)
    #expect(report.at("accepted") == 1, "\(report.text)")
    try await api.upload("/comparison-lists/import?\(query)", lines, as: "officer").expect(
      403, "recognition.district_only")
    let lists = try await api.get("/comparison-lists", as: "officer").expect(200)
    #expect(lists.items.first?["name"] == "孤儿名单" && lists.items.first?["current"] == true)
    let found = try await api.post(
      "/comparison-findings", ["not_applied": true], key: nil, as: "officer"
    ).expect(200)
    #expect(found.items.first?["name"] == "样小例")
    let contradicting = try await api.post(
      "/comparison-findings", ["contradictions": true], key: nil, as: "officer"
    ).expect(200)
    #expect(contradicting.items.isEmpty)
    try await api.post("/comparison-findings", key: nil, as: "a1").expect(403, "access.forbidden")
  }

  @Test("counts withhold small cells, and who got nothing is told on record")
  func targeting() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.pupil()
    let counts = try await api.get("/targeting/counts?semesters=2&until=2026-2027-1").expect(200)
    #expect(counts.items.count == 1 && counts.items[0]["total"] == nil)
    try await api.get("/targeting/counts?semesters=25").expect(422, "targeting.semesters")
    #expect(try await api.get("/targeting/classes", as: "officer").expect(200).items.isEmpty)
    let without = try await api.post("/targeting/without-aid", key: nil, as: "officer").expect(200)
    #expect(without.items.first?["name"] == "样小例")
    try await api.post("/targeting/without-aid", ["date": "2027-01-01"], key: nil).expect(
      422, "input.value")
    try await api.post(
      "/targeting/without-aid", ["school": "2199000001"], key: nil, as: "other-officer"
    )
    .expect(404)
  }
}
