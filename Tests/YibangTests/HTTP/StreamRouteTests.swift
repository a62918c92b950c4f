import Foundation
import HTTPTypes
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("lines and whole lists over HTTP")
struct StreamRouteTests {
  private static func line(_ name: String, _ fen: Int, _ more: String = "") -> String {
    """
    {"donor":{"name":"\(name)","kind":"teacher"},"amount":{"fen":\(fen)},"date":"2026-09-10"\(more)}
    """
  }

  private func stream(
    _ api: TestAPI, _ lines: [String], key: String = UUID().uuidString, query: String = "",
    as login: String = "admin"
  ) async throws -> TestAPI.Answer {
    try await api.send(
      .post, "/api/v1/donations/stream\(query)", as: login,
      headers: ["Content-Type": "application/x-ndjson", "Idempotency-Key": key],
      bytes: Array(lines.joined(separator: "\n").utf8))
  }

  private static func lines(_ answer: TestAPI.Answer) throws -> [JSONValue] {
    try answer.bytes.split(separator: 0x0A).map { try JSONReader.read(Array($0)) }
  }

  @Test("each line is answered in order, and a stream that is sent again books nothing twice")
  func donations() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let given =
      (1...40).map { Self.line("师\($0 % 7)", $0 * 100) } + [
        "", "{", Self.line("误", 0), Self.line("甲", 500, #","key":"till-1""#), "[1]",
        Self.line("乙", 600, #","school":"2199000099""#),
      ]
    let first = try await stream(api, given, key: "all", query: "?school=2199000001")
    let answers = try Self.lines(first.expect(200))
    #expect(answers.count == 45)
    #expect(answers.prefix(40).compactMap { $0["line"] } == (1...40).map { .integer($0) })
    #expect(answers.prefix(40).allSatisfy { $0["id"] != nil })
    let codes = answers.suffix(5).map { $0["problem"]?["code"]?.text }
    #expect(
      codes == [
        "input.not_json", "giving.amount_not_positive", nil, "input.not_an_object",
        "school.unknown",
      ])
    #expect(
      try await stream(api, given, key: "all", query: "?school=2199000001").bytes == first.bytes)
    #expect(try await Giving.list(in: district.admin).count == 41)
    // The key of a line is the one of `POST /donations`.
    let alone: JSONValue = [
      "donor": ["name": "甲", "kind": "teacher"], "amount": .fen(500), "date": "2026-09-10",
      "school": "2199000001",
    ]
    let again = try await api.post("/donations", alone, key: "till-1").expect(201)
    #expect(again.json["id"] == answers[42]["id"])
    let other = try await stream(api, [Self.line("丙", 1)], key: "all", query: "?school=2199000001")
    #expect(try Self.lines(other)[0]["problem"]?["code"] == "idempotency.other_request")
    try await stream(api, given, query: "?school=2199000099").expect(404, "school.unknown")
    #expect(try await Giving.list(in: district.admin).count == 41)
  }

  @Test("a list is whole as NDJSON, CSV and .xlsx, and a page where a limit is given")
  func whole() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let given = (1...130).map { Self.line("师", $0) }
    try await stream(api, given, query: "?school=2199000001").expect(200)
    func ask(_ type: String, _ query: String = "") async throws -> TestAPI.Answer {
      try await api.get("/donations\(query)", headers: ["Accept": type]).expect(200)
    }
    let all = try Self.lines(try await ask("application/x-ndjson"))
    #expect(all == (try await api.all("/donations")))
    #expect(try Self.lines(try await ask("application/x-ndjson", "?limit=7")).count == 7)
    #expect(try await ask("text/csv").text.split(separator: "\r\n").count == 131)
    #expect(try await ask("text/csv", "?limit=7").text.split(separator: "\r\n").count == 8)
    #expect(try await ask(ListFormat.xlsx.mediaType).bytes.starts(with: Array("PK".utf8)))
    #expect(try await api.get("/donations").items.count == 100)

    var short = try await TestAPI.make(callers: ["admin": district.admin.actor])
    short.limits.sheetRows = 120
    let limited = try await TestAPI(short)
    try await limited.get("/donations", headers: ["Accept": "text/csv"]).expect(
      422, "input.too_long")
    let more = try await limited.get("/donations", headers: ["Accept": "application/x-ndjson"])
    #expect(try Self.lines(more).count == 130)
  }

  @Test("a sheet is taken as NDJSON, with the same report")
  func sheet() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    func upload(_ lines: String) async throws -> TestAPI.Answer {
      try await api.send(
        .post, "/api/v1/donations/import?school=2199000001&semester=2026-2027-1",
        headers: ["Content-Type": "application/x-ndjson", "Idempotency-Key": UUID().uuidString],
        bytes: Array(lines.utf8))
    }
    let good = """
      {"日期":"2026-09-01","捐款人":"甲\\"老师","类别":"教师","金额":"1,234.50"}
      {"日期":"2026-09-02","捐款人":"乙老师","类别":"教师","金额":20}

      """
    let report = try await upload(good).expect(200)
    #expect(report.json["accepted"] == 2 && report.json["total_fen"] == 125_450, "\(report.text)")
    let bad = #"{"日期":"2026-09-03","捐款人":"丙老师","类别":"教师","金额":"-"}"#
    let refused = try await upload(bad).expect(200)
    #expect(refused.json["refused"]?.items?.first?["row"] == 2, "\(refused.text)")
    try await upload("1\n").expect(422, "input.value")
  }

  @Test("the jobs and the events that are due are done when an admin asks")
  func jobs() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    var done = 0
    var run: TestAPI.Answer
    repeat {
      run = try await api.post("/jobs/run").expect(200)
      #expect(run.json["failed"] == 0, "\(run.text)")
      if case .integer(let count)? = run.json["done"] { done += Int(count) }
    } while run.json["more"] == true
    #expect(done == 5)
    #expect(try await api.get("/jobs?state=done").items.count == 5)
    #expect(try await api.post("/jobs/run").json["done"] == 0)
    let sent = try await api.post("/webhooks/send").expect(200)
    #expect(sent.json["delivered"] == 0 && sent.json["more"] == false)
    try await api.post("/jobs/run", as: "officer").expect(403, "access.forbidden")
  }

  @Test("addresses of donors are read in from a sheet, of the own school for an officer")
  func contacts() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    try await stream(api, [Self.line("甲老师", 100)], query: "?school=2199000001").expect(200)
    let path = "/donors/contacts/import?semester=2026-2027-1"
    let sheet = "姓名,邮箱\n甲老师,jia@example.cn\n"
    let report = try await api.upload(path, sheet, as: "officer").expect(200)
    #expect(report.json["accepted"] == 1, "\(report.text)")
    let other = try await api.upload(path + "&school=2199000001", sheet, as: "other-officer")
    #expect([403, 404].contains(other.status), "\(other.text)")
  }
}
