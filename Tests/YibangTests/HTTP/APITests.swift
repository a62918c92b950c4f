import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("the API")
struct APITests {
  private static let school: JSONValue = ["code": "2199000009", "name": "第九小学"]

  @Test("a school that is added is answered and listed")
  func schools() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let added = try await api.post("/schools", Self.school)
    #expect(added.status == 201)
    #expect(added.json["name"] == "第九小学")
    let listed = try await api.get("/schools")
    #expect(listed.status == 200)
    #expect(
      listed.items.compactMap { $0["code"]?.text } == ["2199000001", "2199000009", "3199000001"])
  }

  @Test("the same key and content give the same answer and one school; other content is 422")
  func repetition() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let first = try await api.post("/schools", Self.school, key: "k1")
    let second = try await api.post("/schools", Self.school, key: "k1")
    #expect(second.status == 201 && second.bytes == first.bytes)
    #expect(second.headers[.idempotencyReplayed] == "true")
    let other = try await api.post(
      "/schools", ["code": "2199000008", "name": "第八小学"], key: "k1")
    #expect(other.status == 422 && other.code == "idempotency.other_request")
    let missing = try await api.post("/schools", Self.school, key: nil)
    #expect(missing.status == 400 && missing.json["field"] == "Idempotency-Key")
    // Somebody else's key of the same name is another key.
    let same = try await api.post(
      "/schools", ["code": "2199000007", "name": "第七小学"], key: "k1", as: "second")
    #expect(same.status == 201)
  }

  @Test("a transaction is done once by two requests with one key at the same time")
  func race() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for round in 0..<20 {
      let school: JSONValue = [
        "code": .string("21990001\(String(format: "%02d", round))"), "name": "赛小学",
      ]
      async let one = api.post("/schools", school, key: "race-\(round)")
      async let two = api.post("/schools", school, key: "race-\(round)")
      let answers = try await [one, two]
      #expect(answers.allSatisfy { $0.status == 201 })
      #expect(answers[0].bytes == answers[1].bytes)
    }
  }

  @Test("what came of a transaction is given again where the answer was lost with the process")
  func lostAnswer() async throws {
    let district = try await TestDistrict.make()
    func context(_ repetition: Repetition) -> Context {
      var context = district.admin
      context.repetition = repetition
      return context
    }
    let code = "2199000077"
    func request() -> Repetition {
      Repetition(key: "lost", operation: "school.add", request: Array("same".utf8))
    }
    // Done, and the process ends before the answer is kept.
    let first = try await Schools.add(code: code, name: "失联小学", in: context(request()))
    let again = try await Schools.add(code: code, name: "失联小学", in: context(request()))
    #expect(first.added && again.added)
    #expect(first.school.id == again.school.id)
    let other = Repetition(key: "lost", operation: "school.add", request: Array("other".utf8))
    #expect(
      await refusal { try await Schools.add(code: code, name: "失联小学", in: context(other)) }
        == "idempotency.other_request")
  }

  @Test(
    "a wrong request is told by code and field, in the caller's language",
    arguments: [
      (#"{"code":"2199000009"}"#, "input.missing", "name"),
      (#"{"code":"2199000009","name":1}"#, "input.type", "name"),
      (#"{"code":"2199000009","name":null}"#, "input.type", "name"),
      (#"{"code":"219900000","name":"九"}"#, "input.value", "code"),
      (#"{"code":"2199000009","name":"九","nmae":"九"}"#, "input.unknown_field", "nmae"),
      (#"{"code":"2199000009","name":"a\u0001"}"#, "input.value", "name"),
      (#"{"code":"2199000009","name":"a\u0000"}"#, "input.not_json", nil),
      (#"{"code":"2199000009","name":"九","name":"十"}"#, "input.not_json", nil),
      (#"["code"]"#, "input.not_an_object", nil),
      (#"{"code":"#, "input.not_json", nil),
    ] as [(String, String, String?)])
  func wrong(_ body: String, _ code: String, _ field: String?) async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for (language, word) in [("zh-CN", "请求有误"), ("en", "Bad request")] {
      let answer = try await api.send(
        .post, "/api/v1/schools",
        headers: [
          "Content-Type": "application/json", "Idempotency-Key": UUID().uuidString,
          "Accept-Language": language,
        ],
        bytes: Array(body.utf8))
      let isRule = code == "input.value" || body.contains("u0000")
      #expect(answer.status == (isRule ? 422 : 400))
      #expect(answer.code == code, "\(answer.text)")
      #expect(answer.json["field"]?.text == field)
      if !isRule { #expect(answer.json["title"]?.text == word) }
      #expect(answer.headers[.contentType]?.hasPrefix("application/problem+json") == true)
    }
  }

  @Test("no account, no right, no such address and no such method are told apart")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    #expect(try await api.get("/schools", as: nil).status == 401)
    #expect(try await api.get("/schools", as: "nobody").code == "access.not_signed_in")
    let forbidden = try await api.post("/schools", Self.school, as: "officer")
    #expect(forbidden.status == 403 && forbidden.code == "access.forbidden")
    #expect(try await api.get("/nothing").code == "route.unknown")
    let method = try await api.send(.delete, "/api/v1/schools")
    #expect(method.status == 405 && method.headers[.allow] == "GET, POST")
    let media = try await api.send(
      .post, "/api/v1/schools",
      headers: ["Content-Type": "text/plain", "Idempotency-Key": "m"], bytes: Array("{}".utf8))
    #expect(media.status == 415)
  }

  @Test("what is wrong with the server is told by code, without its files")
  func serverFiles() {
    for error: any Error in [
      SealError.keyLost(path: "/srv/secret"), SealError.unwritable(path: "/srv/secret"),
      ReportError.unwritable(path: "/srv/secret"),
    ] {
      let problem = Problem(error)
      #expect(problem.status.code == 503 && problem.code == (error as? any YibangError)?.code)
      for language in [Language.zh, .en] {
        let text = String(
          decoding: problem.document(language, requestID: "1").bytes, as: UTF8.self)
        #expect(!text.contains("secret"))
      }
    }
  }

  @Test("a session writes only with its CSRF value")
  func csrf() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let cookie = ["Cookie": "__Host-yibang=admin"]
    #expect(try await api.get("/schools", as: nil, headers: cookie).status == 200)
    let without = try await api.post("/schools", Self.school, as: nil, headers: cookie)
    #expect(without.status == 403 && without.code == "access.csrf")
    let with = try await api.post(
      "/schools", Self.school, as: nil,
      headers: cookie.merging(["X-CSRF-Token": "csrf-admin"]) { $1 })
    #expect(with.status == 201)
  }

  @Test("a list is given as JSON, NDJSON, CSV and .xlsx")
  func formats() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let lines = try await api.get("/schools", headers: ["Accept": "application/x-ndjson"])
    #expect(lines.text.split(separator: "\n").count == 2)
    let csv = try await api.get("/schools", headers: ["Accept": "text/csv"])
    #expect(csv.text.contains("id,code,name"))
    let xlsx = try await api.get(
      "/schools",
      headers: ["Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"])
    #expect(xlsx.bytes.starts(with: Array("PK".utf8)))
    #expect(try await api.get("/schools", headers: ["Accept": "image/png"]).status == 406)
  }
}

@Suite("the document and its page")
struct DocumentationTests {
  @Test(
    "the page and what it loads come from the program itself, under a policy that allows no more")
  func page() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let page = try await api.send(.get, "/api/v1/docs", as: nil)
    #expect(page.status == 200 && page.text.contains("swagger-ui-bundle.js"))
    #expect(page.headers[.contentSecurityPolicy]?.contains("script-src 'self'") == true)
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "start.js"] {
      let answer = try await api.send(.get, "/api/v1/docs/\(file)", as: nil)
      #expect(answer.status == 200 && !answer.bytes.isEmpty)
    }
    let document = try await api.send(.get, "/api/v1/openapi.json", as: nil)
    #expect(document.json == OpenAPI.document(API.allEndpoints))
    #expect(document.headers[.xContentTypeOptions] == "nosniff")
  }
}

@Suite("pages of a list over HTTP")
struct PagingTests {
  private static let sheet = """
    日期,捐款人,类别,金额
    2026-09-01,甲老师,教师,10
    2026-09-01,乙老师,教师,20
    2026-09-02,丙老师,教师,30
    2026-09-03,丁老师,教师,40
    2026-09-03,戊老师,教师,50

    """

  @Test("a sheet is read in with its report, once by its key, and listed a page at a time")
  func pages() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    func upload(_ query: String, key: String) async throws -> TestAPI.Answer {
      try await api.send(
        .post, "/api/v1/donations/import?school=2199000001&semester=2026-2027-1\(query)",
        headers: ["Content-Type": "text/csv", "Idempotency-Key": key],
        bytes: Array(Self.sheet.utf8))
    }
    let dry = try await upload("&dry_run=true", key: "dry")
    #expect(dry.json["accepted"] == 5 && dry.json["written"] == false)
    let report = try await upload("", key: "real")
    #expect(report.json["accepted"] == 5 && report.json["written"] == true)
    #expect(try await upload("", key: "real").bytes == report.bytes)
    var seen: [String] = []
    var after = ""
    repeat {
      let page = try await api.get("/donations?limit=2\(after)")
      #expect(page.items.count <= 2)
      seen += page.items.compactMap { $0["donor"]?.text }
      after = page.json["next"]?.text.map { "&after=\($0)" } ?? ""
    } while !after.isEmpty
    #expect(seen.count == 5 && Set(seen).count == 5)
    let money = try await api.get("/donations?limit=1").items[0]["amount"]
    #expect(money?["text"]?.text?.hasPrefix("¥") == true)
  }

  /// Lists that are short by nature: of one pupil, pairing, instalment, case, person or pair; of what a
  /// district sets up; of kinds.
  private static let short: Set<String> = [
    "access.flags", "bank.accounts", "budget.show", "comparison.list", "doctor.examine",
    "fund.purposes", "fund.show", "goods.items", "goods.kits", "goods.places", "goods.received",
    "instalment.receipts", "match.letter", "pairing.changes", "pairing.coverage", "pairing.history",
    "pairing.reasons", "recognition.history", "recognition.national_columns", "recognition.show",
    "rules.list", "school.list", "semester.check", "semester.list", "session.list", "student.show",
    "targeting.classes", "targeting.counts", "token.list", "webhook.list",
  ]

  @Test("every list comes in pages, except those that are short by nature")
  func lists() {
    let whole = API.allEndpoints.filter {
      guard case .items = $0.answer else { return false }
      return !$0.queryParameters.contains { $0.name == "after" }
    }
    #expect(Set(whole.map(\.id)) == Self.short)
  }

  @Test("what is worked out as a whole comes in pages too, and tells where its beginning is gone")
  func parts() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for number in 1...3 {
      _ = try await PaymentBatchTests.user("m\(number)", .matcher, district)
      _ = try await district.offer(SponsorDetails(kind: .individual, name: "助\(number)"))
      let campaign: JSONValue = [
        "name": .string("募捐\(number)"), "school": "2199000001", "from": "2026-09-10",
      ]
      try await api.post("/campaigns", campaign).expect(201)
    }
    let users = try await api.all("/users")
    #expect(try await api.get("/users").items == users && users.count > 5)
    let campaigns = try await api.all("/campaigns?school=2199000001")
    #expect(campaigns.count == 3)
    #expect(try await api.get("/campaigns?school=2199000001").items == campaigns)
    let gone = Cursor("nobody").description
    try await api.get("/users?after=\(gone)").expect(422, "page.cursor")
    try await api.get("/users?after=\(gone)&page=1").expect(400, "input.unknown_field")
    #expect(try await api.get("/users", headers: ["Accept": "text/csv"]).text.contains("m3"))
  }

  @Test(
    "a wrong page is refused by field",
    arguments: [
      ("limit=0", "input.type"), ("limit=1001", "input.type"), ("limit=ten", "input.type"),
      ("semester=2026", "input.type"), ("page=2", "input.unknown_field"),
      ("school=%zz", "input.value"), ("school=219900000%31%32", "input.value"),
    ])
  func wrong(_ query: String, _ code: String) async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let answer = try await api.get("/donations?\(query)")
    #expect([400, 422].contains(answer.status) && answer.code == code, "\(answer.text)")
  }

  @Test("a cursor of nowhere, or of another list, is refused", arguments: ["x", "WyJhIl0"])
  func cursor(_ after: String) async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let answer = try await api.get("/donations?after=\(after)")
    #expect(answer.status == 422 && answer.code == "page.cursor", "\(answer.text)")
  }

  @Test("an officer sees the own school's gifts alone, and no other's by naming it")
  func ownSchool() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    _ = try await district.importDonations(Self.sheet)
    #expect(try await api.get("/donations", as: "officer").items.count == 5)
    #expect(try await api.get("/donations", as: "other-officer").items.isEmpty)
    let other = try await api.get("/donations?school=2199000001", as: "other-officer")
    #expect([403, 404].contains(other.status), "\(other.text)")
  }
}
