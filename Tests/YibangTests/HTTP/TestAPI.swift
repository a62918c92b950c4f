import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

/// The API over its router, without a connection: a request in, an answer out, on the real database.
///
/// Every answer is held against the document: its status, its type and its schema.
struct TestAPI: Sendable {
  struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: JSONValue { (try? JSONReader.read(bytes)) ?? .null }
    var code: String? { json["code"]?.text }
    var items: [JSONValue] { json["items"]?.items ?? [] }
  }

  private struct Source: RequestContextSource {
    let logger: Logger
  }

  private let responder: RouterResponder<APIRequestContext>

  /// - Parameter callers: who a token is of.
  static func make(
    callers: [String: Yibang.Actor] = [:], today: CalendarDate = TestDistrict.today
  ) async throws -> API {
    API(
      platform: try await TestPlatform.ready(), today: { today },
      caller: { credential in
        switch credential {
        case .token(let token): callers[token].map { Caller(actor: $0) }
        case .session(let token): callers[token].map { Caller(actor: $0, csrf: "csrf-\(token)") }
        }
      })
  }

  init(_ api: API, _ options: HTTPServer.Options? = nil) async throws {
    let health = Health(
      platform: try await TestPlatform.ready(), conninfo: TestPlatform.cluster.conninfo)
    var usual = HTTPServer.Options(host: "", port: 0)
    usual.metricsFrom = IPNetwork("127.0.0.1").map { [$0] } ?? []
    responder = HTTPServer.router(health, api, options ?? usual).buildResponder()
  }

  /// Everybody of a district by login.
  init(_ district: TestDistrict, others: [Context] = []) async throws {
    var callers: [String: Yibang.Actor] = [:]
    for context in [district.admin, district.second, district.officer, district.otherOfficer]
      + others
    {
      callers[context.actor.login] = context.actor
    }
    try await self.init(try await TestAPI.make(callers: callers))
  }

  /// - Parameter isChecked: whether the answer is held against the document, which takes longer than
  ///   the request.
  func send(
    _ method: HTTPRequest.Method, _ path: String, as login: String? = "admin",
    headers: [String: String] = [:], bytes: [UInt8] = [], isChecked: Bool = true
  ) async throws -> Answer {
    var fields = HTTPFields()
    if let login { fields[.authorization] = "Bearer \(login)" }
    for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
    var logger = TestPlatform.logger
    logger[metadataKey: "hb.request.id"] = "request-1"
    let request = Request(
      head: HTTPRequest(
        method: method, scheme: "http", authority: "localhost", path: path, headerFields: fields),
      body: RequestBody(buffer: ByteBuffer(bytes: bytes)))
    let response = try await responder.respond(
      to: request, context: APIRequestContext(source: Source(logger: logger), peer: "127.0.0.1"))
    let collector = Collector()
    try await response.body.write(collector)
    let answer = Answer(
      status: response.status.code, headers: response.headers, bytes: collector.bytes)
    if isChecked { DocumentCheck.check(method, path, answer) }
    return answer
  }

  func get(
    _ path: String, as login: String? = "admin", headers: [String: String] = [:]
  ) async throws -> Answer {
    try await send(.get, "/api/v1" + path, as: login, headers: headers)
  }

  func post(
    _ path: String, _ body: JSONValue? = nil, key: String? = UUID().uuidString,
    as login: String? = "admin", headers: [String: String] = [:]
  ) async throws -> Answer {
    try await write(.post, path, body, key: key, as: login, headers: headers)
  }

  func write(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, key: String? = nil,
    as login: String? = "admin", headers: [String: String] = [:]
  ) async throws -> Answer {
    var headers = headers
    if let key { headers["Idempotency-Key"] = key }
    if body != nil { headers["Content-Type"] = "application/json" }
    return try await send(
      method, "/api/v1" + path, as: login, headers: headers, bytes: body?.bytes ?? [])
  }
}

private final class Collector: ResponseBodyWriter {
  var bytes: [UInt8] = []

  func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
