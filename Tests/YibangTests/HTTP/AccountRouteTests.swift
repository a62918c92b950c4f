import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("accounts over HTTP")
struct AccountRouteTests {
  private static let password = "一双旧布鞋走山路2026"

  /// The API with its real accounts.
  private func open(
    _ district: TestDistrict, now: @escaping @Sendable () -> Date = { Date() }
  ) async throws -> TestAPI {
    let platform = district.platform
    return try await TestAPI(
      API(
        platform: platform, today: { TestDistrict.today }, now: now,
        caller: { try await Caller.find($0, now: now(), on: platform) }))
  }

  /// The value of a cookie that an answer sets.
  private func cookie(_ name: String, _ answer: TestAPI.Answer) -> String? {
    answer.headers[values: .setCookie].first { $0.hasPrefix(name + "=") }
      .map { String($0.dropFirst(name.count + 1).prefix { $0 != ";" }) }
  }

  private func invited(
    _ login: String, _ role: Role, _ api: TestAPI, _ district: TestDistrict
  ) async throws {
    let link = try await Accounts.invite(
      login: login, name: login, role: role,
      school: role.belongsToSchool ? district.school.id : nil, now: Date(), in: district.admin)
    let accepted = try await api.post(
      "/links/accept", ["link": .string(link.token), "password": .string(Self.password)],
      key: nil, as: nil)
    #expect(accepted.status == 200 && accepted.json["login"]?.text == login)
  }

  private func signIn(
    _ login: String, _ api: TestAPI, _ district: TestDistrict, password: String? = nil
  ) async throws -> TestAPI.Answer {
    try await api.post(
      "/session",
      [
        "district": .string(district.code), "login": .string(login),
        "password": .string(password ?? Self.password),
      ], key: nil, as: nil)
  }

  @Test("who is invited chooses a password, signs in, works and signs out")
  func wholeWay() async throws {
    let district = try await TestDistrict.make()
    let api = try await open(district)
    try await invited("matcher", .matcher, api, district)
    let session = try await signIn("matcher", api, district)
    #expect(session.status == 200 && session.json["must_enrol"] == false)
    let token = try #require(cookie("__Host-yibang", session))
    let csrf = try #require(session.json["csrf"]?.text)
    #expect(!session.text.contains(token))
    let headers = ["Cookie": "__Host-yibang=\(token)"]
    let me = try await api.get("/session", as: nil, headers: headers)
    #expect(me.json["login"] == "matcher" && me.json["role"] == "matcher")
    #expect(me.json["csrf"]?.text == csrf)
    #expect(try await api.get("/schools", as: nil, headers: headers).items.count == 2)
    #expect(try await api.get("/users", as: nil, headers: headers).status == 403)
    #expect(try await api.get("/sessions", as: nil, headers: headers).items.count == 1)
    let ended = try await api.post(
      "/session/end", key: nil, as: nil, headers: headers.merging(["X-CSRF-Token": csrf]) { $1 })
    #expect(ended.json["ended"] == true)
    #expect(ended.headers[values: .setCookie].contains { $0.contains("Max-Age=0") })
    #expect(try await api.get("/session", as: nil, headers: headers).status == 401)

    var others: [[String: String]] = []
    for _ in 1...2 {
      let other = try await signIn("matcher", api, district)
      others.append([
        "Cookie": "__Host-yibang=\(try #require(cookie("__Host-yibang", other)))",
        "X-CSRF-Token": try #require(other.json["csrf"]?.text), "Idempotency-Key": "all",
      ])
    }
    try await api.write(.delete, "/sessions", as: nil, headers: others[0]).expect(204)
    for other in others {
      #expect(try await api.get("/session", as: nil, headers: other).status == 401)
    }
  }

  @Test("whether there is such an account shows neither in the answer nor in the work")
  func alike() async throws {
    let district = try await TestDistrict.make()
    let now = Date()
    let api = try await open(district, now: { now })
    try await invited("matcher", .matcher, api, district)
    try await invited("gone", .matcher, api, district)
    try await Accounts.disable(login: "gone", now: Date(), in: district.admin)
    let verified = Mutex(0)
    func answer(_ login: String, _ password: String) async throws -> (TestAPI.Answer, Int) {
      verified.withLock { $0 = 0 }
      let count: @Sendable () -> Void = { verified.withLock { $0 += 1 } }
      let answer = try await PasswordHash.$onVerify.withValue(count) {
        try await signIn(login, api, district, password: password)
      }
      return (answer, verified.withLock { $0 })
    }
    // One wrong, one whose password is right but who may not enter, one who is nobody.
    let attempts = [
      ("matcher", "not the password"), ("gone", Self.password), ("nobody-here", Self.password),
    ]
    for attempt in 1...6 {
      var answers: [(TestAPI.Answer, Int)] = []
      for (login, password) in attempts { answers.append(try await answer(login, password)) }
      let isLocked = attempt == 6
      for (answer, work) in answers {
        #expect(answer.status == (isLocked ? 429 : 401) && work == (isLocked ? 0 : 1))
        #expect(answer.code == (isLocked ? "sign_in.too_many_failures" : "sign_in.refused"))
        #expect(answer.headers[.retryAfter] == answers[0].0.headers[.retryAfter])
        #expect(answer.bytes == answers[0].0.bytes)
        #expect(Set(answer.headers.map(\.name)) == Set(answers[0].0.headers.map(\.name)))
      }
    }
  }

  @Test("finance must set up a second factor before anything else")
  func secondFactor() async throws {
    let district = try await TestDistrict.make()
    let api = try await open(district)
    try await invited("cashier", .finance, api, district)
    let session = try await signIn("cashier", api, district)
    #expect(session.json["must_enrol"] == true)
    let headers = [
      "Cookie": "__Host-yibang=\(try #require(cookie("__Host-yibang", session)))",
      "X-CSRF-Token": try #require(session.json["csrf"]?.text),
    ]
    let refused = try await api.get("/schools", as: nil, headers: headers)
    #expect(refused.status == 403 && refused.code == "access.second_factor_needed")
    let enrolment = try await api.post("/second-factor", key: nil, as: nil, headers: headers)
    #expect(enrolment.json["uri"]?.text?.hasPrefix("otpauth://totp/") == true)
    let wrong = try await api.post(
      "/second-factor/confirm", ["code": "000000"], key: nil, as: nil, headers: headers)
    #expect([403, 400].contains(wrong.status))
  }

  @Test("a personal token does what its scope says, and nothing of the account")
  func token() async throws {
    let district = try await TestDistrict.make()
    let api = try await open(district)
    try await invited("matcher", .matcher, api, district)
    let session = try await signIn("matcher", api, district)
    let headers = [
      "Cookie": "__Host-yibang=\(try #require(cookie("__Host-yibang", session)))",
      "X-CSRF-Token": try #require(session.json["csrf"]?.text),
    ]
    let wide = try await api.post(
      "/tokens", ["name": "宽", "scope": ["administer"], "days": 30], key: nil, as: nil,
      headers: headers)
    #expect(wide.status == 422 && wide.code == "account.token_scope")
    let made = try await api.post(
      "/tokens", ["name": "只读", "scope": ["read"], "days": 30], key: nil, as: nil,
      headers: headers)
    let token = try #require(made.json["token"]?.text)
    #expect(try await api.get("/donations", as: token).status == 200)
    #expect(try await api.get("/tokens", as: token).code == "account.confined")
    let id = try #require(made.json["id"]?.text)
    let revoked = try await api.write(
      .delete, "/tokens/\(id)", key: "r", as: nil, headers: headers)
    #expect(revoked.status == 204)
    #expect(try await api.get("/donations", as: token).status == 401)
  }
}
