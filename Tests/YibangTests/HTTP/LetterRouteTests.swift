import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("letters, reminders, messages and jobs over HTTP")
struct LetterRouteTests {
  private static func send(
    _ api: TestAPI, _ path: String, _ bytes: [UInt8], type: String = "text/plain; charset=utf-8",
    key: String = UUID().uuidString
  ) async throws -> TestAPI.Answer {
    try await api.send(
      .post, "/api/v1" + path, as: "officer",
      headers: ["Content-Type": type, "Idempotency-Key": key], bytes: bytes)
  }

  @Test("a letter is written, submitted, opened with a reason, released by another and received")
  func whole() async throws {
    let fixture = try await LetterFixture.make()
    try await fixture.mail.consent("sponsor_identity")
    let api = try await TestAPI(fixture.district, others: [fixture.principal])
    let student = "/students/\(fixture.mail.student.lowercase)/letters"
    let words = Array("谢谢您的帮助，我会努力。电话13800138000".utf8)
    let made = try await Self.send(api, student, words, key: "letter")
    #expect(made.expect(201).json["findings"]?.items?.first?["kind"] == "phone")
    #expect(try await Self.send(api, student, words, key: "letter").bytes == made.bytes)
    try await Self.send(api, student, Array("{}".utf8), type: "application/json").expect(415)
    try await Self.send(api, student, [0xFF, 0xFE, 0x00]).expect(422, "input.value")
    try await Self.send(api, student, Array("不是图".utf8), type: "image/png")
      .expect(422, "letter.file_kind")
    let path = "/letters/\(made.id)"
    let shown = try await api.get(path, as: "officer").expect(200)
    #expect(shown.json["state"] == "draft" && !shown.text.contains("谢谢"))
    let tag = try #require(shown.headers[.eTag])

    let amended = try await api.send(
      .put, "/api/v1\(path)/content", as: "officer",
      headers: ["Content-Type": "text/plain", "If-Match": tag],
      bytes: Array("谢谢您。微信 wx_abc123 电话13800138000".utf8))
    amended.expect(200)
    try await api.post("\(path)/submit", as: "officer", headers: ["If-Match": tag]).expect(412)
    let submitted = try await api.post("\(path)/submit", as: "officer").expect(200)
    #expect(submitted.json["state"] == "in_review")
    try await api.post("\(path)/release", as: "principal").expect(409)
    let places = try await api.post("\(path)/redact", as: "officer").expect(200)
    #expect(places.json["places"] != 0)
    try await api.post("\(path)/open", ["reason": ""], key: nil, as: "principal")
      .expect(422, "letter.no_reason")
    let opened = try await api.post("\(path)/open", ["reason": "审核"], key: nil, as: "principal")
    #expect(opened.expect(200).json["text"]?.text?.contains("谢谢您") == true)
    #expect(!opened.text.contains("13800138000"))
    try await api.post("\(path)/review", ["verdict": "held"], as: "officer").expect(204)
    try await api.post("\(path)/review", ["verdict": "in_review"], as: "officer")
      .expect(403, "letter.principal_only")
    try await api.post("\(path)/review", ["verdict": "in_review"], as: "principal").expect(204)
    try await api.post("\(path)/release", as: "officer").expect(403, "letter.same_person")
    try await api.post("\(path)/release", as: "principal").expect(204)
    try await api.post("\(path)/deliver", ["by": "school"], as: "officer").expect(204)
    #expect(
      try await api.all("/letters?state=delivered", as: "officer").map { $0["id"]?.text }
        == [made.id])
    try await api.post("\(path)/withdraw", as: "officer").expect(204)
    try await api.post("\(path)/open", ["reason": "审核"], key: nil, as: "principal")
      .expect(409, "letter.not_in_state")
  }

  @Test("a scan comes back as it was sent; nobody of another school, nor of the district, reads")
  func scan() async throws {
    let fixture = try await LetterFixture.make()
    let api = try await TestAPI(fixture.district, others: [fixture.principal])
    let student = "/students/\(fixture.mail.student.lowercase)/letters"
    let file = Array("%PDF-1.4 样".utf8)
    let made = try await Self.send(api, student, file, type: "application/pdf").expect(201)
    for _ in 1...3 { try await Self.send(api, student, Array("谢谢。".utf8)).expect(201) }
    #expect(try await api.all("/letters", as: "officer").count == 4)
    let path = "/letters/\(made.id)"
    let opened = try await api.post("\(path)/open", ["reason": "看"], key: nil, as: "officer")
    #expect(opened.json["scan"]?.text == Data(file).base64EncodedString())
    try await api.get("/letters").expect(403, "letter.school_only")
    try await api.post("\(path)/open", ["reason": "看"], key: nil, as: "second").expect(403)
    #expect(try await api.get("/letters", as: "other-officer").items.isEmpty)
    try await api.post("\(path)/open", ["reason": "看"], key: nil, as: "other-officer")
      .expect(404, "letter.unknown")
    try await api.get(path, as: "other-officer").expect(404, "letter.unknown")
  }

  @Test("reminders are made once, listed, printed once, and what failed is a person's")
  func reminders() async throws {
    let fixture = try await MailFixture.make(reach: .letter(address: "测试路1号"))
    let api = try await TestAPI(fixture.district)
    try await fixture.consent("progress_report")
    let made = try await api.post("/reminders/run").expect(200)
    #expect(made.json["overdue"] == 1)
    #expect(try await api.post("/reminders/run").json["overdue"] == 0)
    try await api.post("/reminders/run", as: "nobody").expect(401)
    let reports: JSONValue = ["semester": "2026-2027-1"]
    #expect(try await api.post("/reminders/reports", reports).expect(200).json["made"] == 1)
    #expect(try await api.post("/reminders/reports", reports).json["made"] == 0)
    try await api.get("/reminders/tasks").expect(200)
    let messages = try await api.all("/messages")
    #expect(messages.count == 2 && messages.allSatisfy { $0["state"] == "queued" })
    #expect(messages == (try await api.get("/messages").items))
    #expect(try await api.get("/messages?kind=semester_report").items.count == 1)
    let printed = try await api.post("/messages/print", key: nil).expect(200)
    #expect(printed.bytes.starts(with: Array("PK".utf8)))
    #expect(try await api.get("/messages?state=printed").items.count == 2)
    try await api.post("/messages/print", key: nil).expect(409, "mail.nothing_to_print")
    let id = try #require(messages[0]["id"]?.text)
    try await api.post("/messages/\(id)/resolve", ["sent": true]).expect(409)
    try await api.post("/messages/\(UUID.unknown.lowercase)/resolve", ["sent": false]).expect(404)
  }

  @Test("a mail of which nobody knows whether it went out is settled by a person, once")
  func uncertain() async throws {
    let fixture = try await MailFixture.make()
    let api = try await TestAPI(fixture.district)
    try await fixture.receive()
    let id = try #require(try await fixture.messages().first?.id)
    let actor = fixture.district.admin.actor
    try await fixture.district.admin.write { session in
      try Mail.step(id, to: .sending, session, actor)
      try Mail.step(id, to: .uncertain, error: "mail.uncertain", session, actor)
    }
    #expect(try await api.get("/messages?state=uncertain").items.count == 1)
    let tasks = try await api.get("/reminders/tasks").expect(200).items
    #expect(tasks.contains { $0["kind"] == "uncertain" })
    try await api.post("/messages/\(id.lowercase)/resolve", ["sent": true], as: "other-officer")
      .expect(404)
    try await api.post("/messages/\(id.lowercase)/resolve", ["sent": true]).expect(204)
    try await api.post("/messages/\(id.lowercase)/resolve", ["sent": true])
      .expect(409, "mail.not_open")
  }

  @Test("jobs are listed by pages, given up and tried anew, by the admin")
  func jobs() async throws {
    let fixture = try await MailFixture.make()
    let api = try await TestAPI(fixture.district)
    _ = try await Jobs.schedule(TestDistrict.today, in: fixture.district.admin)
    _ = try await api.post("/reminders/run")
    let jobs = try await api.all("/jobs")
    #expect(jobs.count >= 3)
    #expect(
      jobs.compactMap { $0["id"]?.text }.count == Set(jobs.compactMap { $0["id"]?.text }).count)
    #expect(jobs == (try await api.get("/jobs").items))
    let mail = try #require(try await api.get("/jobs?kind=mail.send").items.first?["id"]?.text)
    try await api.post("/jobs/\(mail)/cancel", as: "officer").expect(403, "access.forbidden")
    try await api.post("/jobs/\(mail)/cancel").expect(204)
    #expect(try await api.get("/jobs?state=cancelled").items.count == 1)
    try await api.post("/jobs/\(mail)/retry").expect(204)
    try await api.post("/jobs/\(UUID.unknown.lowercase)/retry").expect(404)
  }
}
