import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("notices and objections over HTTP")
struct NoticeRouteTests {
  @Test("a notice names a child by stars alone, and an objection is followed by its number")
  func objection() async throws {
    let fixture = try await RecognitionFixture.make()
    let api = try await RecognitionRouteTests.api(fixture)
    try await api.post("/notices", ["school": "2199000001", "date": "2026-09-18"], as: "officer")
      .expect(409, "notice.nothing_decided")
    _ = try await fixture.recognise(to: .decided)
    let posted = try await api.post(
      "/notices", ["school": "2199000001", "date": "2026-09-18"], as: "officer"
    ).expect(201)
    #expect(posted.at("lines") == 1 && posted.at("ends_on") == "2026-09-24")
    let running = try await api.get("/notices?date=2026-09-20", as: "other-officer").expect(200)
    #expect(running.items.first?["lines"]?.items?.first?["name"] == "样*例")
    #expect(!running.text.contains("样小例"))
    let sheet = try await api.get("/notices/sheet?date=2026-09-20", as: "officer").expect(200)
    #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    try await api.get("/notices/sheet", as: "officer").expect(409, "notice.nothing_running")
    let notice = posted.id
    let words: JSONValue = [
      "notice": .string(notice), "line": 1, "words": "家里有两套房", "contact": "13800000001",
      "date": "2026-09-20",
    ]
    let filed = try await api.post("/objections", words, key: "o1", as: "other-officer").expect(201)
    let number = try #require(filed.at("number")?.text)
    // Repeated, it has the number that it had.
    let again = try await api.post("/objections", words, key: "o1", as: "other-officer").expect(201)
    #expect(again.at("number")?.text == number)
    try await api.post(
      "/objections", ["notice": .string(notice), "line": 9, "words": "x", "date": "2026-09-20"]
    ).expect(404, "notice.unknown_line")
    let open = try await api.get("/objections?open=true", as: "officer").expect(200)
    #expect(open.items.count == 1 && open.items[0]["anonymous"] == false)
    #expect(!open.text.contains("两套房"))
    let read = try await api.post("/objections/\(number)/words", key: nil, as: "reviewer")
      .expect(200)
    #expect(read.at("words") == "家里有两套房" && read.at("contact") == "13800000001")
    try await api.post("/objections/\(number)/words", key: nil, as: "a1").expect(
      403, "access.forbidden")
    let answer: JSONValue = ["upheld": false, "words": "经核实不属实", "date": "2026-09-21"]
    try await api.post("/objections/\(number)/answer", answer, as: "principal").expect(
      403, "objection.reviewer_decided")
    try await api.post("/objections/\(number)/answer", answer, as: "reviewer").expect(204)
    try await api.post("/objections/\(number)/answer", answer, as: "reviewer").expect(
      409, "objection.answered_before")
    let status = try await api.get("/objections/\(number)/status", as: "other-officer").expect(200)
    #expect(status.at("upheld") == false && status.at("answer") == "经核实不属实")
    try await api.get("/objections/ABCD-EFGH-JKMN/status").expect(404, "objection.unknown")
  }

  @Test("an objection and a finding whose answer was lost keep their number and id")
  func lostAnswer() async throws {
    let fixture = try await RecognitionFixture.make()
    let nominated = try await fixture.recognise("样小甲", to: .nominated)
    try await Cases.setPanel(
      [nominated], assessors: ["a1", "a2"], on: RecognitionFixture.day, in: fixture.officer)
    func repeated(_ context: Context, _ key: String) -> Context {
      var context = context
      context.repetition = Repetition(key: key, operation: "test", request: Array("same".utf8))
      return context
    }
    func find() async throws -> UUID {
      try await Cases.assess(
        nominated, method: .interview, showsHardship: true, on: RecognitionFixture.day,
        in: repeated(fixture.assessors[0], "finding"))
    }
    #expect(try await find() == find())
    _ = try await fixture.recognise("样小乙", to: .onNotice)
    let notices = try await Notices.running(on: RecognitionFixture.posted, in: fixture.officer)
    let notice = try #require(notices.first).id
    func object() async throws -> String {
      try await Objections.file(
        notice: notice, line: nil, words: "漏了一名学生", contact: nil,
        on: RecognitionFixture.posted, in: repeated(fixture.officer, "objection")
      ).number
    }
    #expect(try await object() == object())
  }
}
