import Foundation
import HTTPTypes
import Postgres
import Testing

@testable import Yibang
@testable import YibangHTTP

/// What somebody may send who wants to do harm, to a server that really listens.
@Suite("attacks on the server")
struct AttackTests {
  private struct Server {
    let district: TestDistrict
    let api: API

    static func make() async throws -> Server {
      let district = try await TestDistrict.make()
      return Server(
        district: district, api: try await TestAPI.make(callers: ["admin": district.admin.actor]))
    }

    /// Sends each on a connection of its own; nil where the server ended it without an answer.
    func answers(_ requests: [String]) async throws -> [RawClient.Answer?] {
      try await serving(api) { port in
        try await onThread {
          try requests.map { request in
            let client = try RawClient(port: port)
            client.send(request)
            return try client.answer()
          }
        }
      }
    }
  }

  private static func get(_ path: String, _ headers: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n\(headers)\r\n"
  }

  private static func post(_ path: String, _ headers: String, _ body: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\nIdempotency-Key: k\r\n"
      + "Content-Type: application/json\r\n\(headers)\r\n\(body)"
  }

  @Test("SQL in any parameter of a reading endpoint finds what a word of nowhere finds")
  func sql() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000)
    _ = try await district.pupil()
    let api = try await TestAPI(district)
    let payloads = [
      "'", "' or '1'='1", "'; drop table donation; --", "\\'; select pg_sleep(9); --",
      "1); delete from audit; --", "%", "$1", "\u{00BF}'\u{00BF}\"",
    ]
    for endpoint in API.allEndpoints where !endpoint.isWrite && endpoint.access != .open {
      for parameter in endpoint.pathParameters + endpoint.queryParameters {
        var counts: Set<String> = []
        for payload in ["nowhere"] + payloads {
          let answer = try await api.get(path(endpoint, parameter, payload))
          #expect(answer.status < 500, "\(endpoint.id) \(parameter.name) \(payload)")
          if answer.status < 300 { counts.insert("\(answer.items.count)") }
        }
        #expect(counts.count <= 1, "\(endpoint.id) \(parameter.name): \(counts)")
      }
    }
    #expect(try await district.count("select count(*) from donation where district_id = $1") == 1)
    #expect(try await district.count("select count(*) from student where district_id = $1") == 1)
  }

  private func path(
    _ endpoint: Endpoint, _ attacked: Endpoint.Parameter, _ payload: String
  ) -> String {
    let allowed = CharacterSet.alphanumerics
    let encoded = payload.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    var path = endpoint.path
    if path.contains("{\(attacked.name)}") {
      path = path.replacingOccurrences(of: "{\(attacked.name)}", with: encoded)
    }
    var bare = path.split(separator: "/").map { part in
      part.hasPrefix("{") ? "x" : String(part)
    }.joined(separator: "/")
    if endpoint.queryParameters.contains(where: { $0.name == attacked.name }) {
      bare += "?\(attacked.name)=\(encoded)"
    }
    return "/" + bare
  }

  @Test("line breaks in a request reach no header of the answer")
  func headers() async throws {
    let server = try await Server.make()
    let place = #"{"name":"库\r\nSet-Cookie: evil=1"}"#
    let evil = "%0d%0aSet-Cookie:%20evil=1%0d%0a%0d%0aevil"
    let answers = try await server.answers([
      Self.get("/api/v1/\(evil)"), Self.get("/api/v1/reports/summary\(evil)/csv"),
      Self.get("/api/v1/students?after=\(evil)"), Self.get("/api/v1/receipts/\(evil)"),
      Self.get("/api/v1/reports/summary/xlsx?semester=2026-2027-1\(evil)"),
      Self.get("/api/v1/schools", "Accept-Language: en\r\n Set-Cookie: evil=1\r\n"),
      Self.get("/api/v1/schools", "Accept-Language: en\u{0}\u{1}evil\r\n"),
      Self.get("/api/v1/schools", "X-Request-ID: evil\r\nIf-None-Match: \"evil\r\n"),
      Self.post("/api/v1/goods/places", "Content-Length: \(place.utf8.count)\r\n", place),
    ])
    for answer in answers {
      let answer = try #require(answer)
      #expect(!answer.head.lowercased().contains("evil"), "\(answer.head)")
      #expect(answer.status < 500, "\(answer.head)")
    }
  }

  @Test("no way of writing a path leads out of the addresses that there are")
  func traversal() async throws {
    let server = try await Server.make()
    let roots = ["/", "/api/v1/", "/api/v1/docs/", "/api/v1/rule-sets/", "/api/v1/receipts/"]
    let ways = [
      "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
      "%252e%252e%252fetc%252fpasswd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd",
      "%c0%ae%c0%ae/etc/passwd", "/etc/passwd", "file:///etc/passwd", "x%00/etc/passwd",
    ]
    let paths = roots.flatMap { root in ways.map { root + $0 } }
    let tails = paths + ways.map { "/api/v1/rule-sets/\($0)/document" }
    let answers = try await server.answers(tails.map { Self.get($0) })
    for (path, answer) in zip(tails, answers) {
      let answer = try #require(answer, "\(path)")
      #expect([400, 404, 405, 422].contains(answer.status), "\(path): \(answer.status)")
      #expect(!String(decoding: answer.body, as: UTF8.self).contains("root:"), "\(path)")
    }
  }

  @Test("what is too large is refused before it is read, and what breaks HTTP ends the connection")
  func broken() async throws {
    let server = try await Server.make()
    let long = String(repeating: "a", count: 40_000)
    let many = (0..<200).map { "X-\($0): a\r\n" }.joined()
    try await serving(server.api) { port in
      try await onThread {
        func ask(_ request: String) throws -> RawClient.Answer? {
          let client = try RawClient(port: port)
          client.send(request)
          return try client.answer()
        }
        let huge = try ask(Self.post("/api/v1/donations", "Content-Length: 99999999\r\n"))
        #expect(huge?.status == 413)
        let chunk = "100000\r\n" + String(repeating: " ", count: 0x100000) + "\r\n"
        let chunked = try ask(
          Self.post(
            "/api/v1/donations", "Transfer-Encoding: chunked\r\n",
            String(repeating: chunk, count: 2) + "0\r\n\r\n"))
        #expect(chunked?.status == 413)
        let broken = [
          Self.get("/api/v1/schools", "X-Long: \(long)\r\n"), Self.get("/api/v1/schools", many),
          Self.get("/\(long)"), "GET\r\n\r\n", "\u{0}\u{0}\u{0}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          Self.get("/api/v1/schools", "No colon here\r\n"),
          Self.post("/api/v1/donations", "Content-Length: -1\r\n", "{}"),
          Self.post("/api/v1/donations", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}"),
          Self.post(
            "/api/v1/donations", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
          Self.post("/api/v1/donations", "Transfer-Encoding: chunked\r\n", "zz\r\nxx\r\n0\r\n\r\n"),
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        ]
        for (index, request) in broken.enumerated() {
          let client = try RawClient(port: port)
          client.send(request)
          let answer = try client.answer()
          #expect(
            answer == nil || [400, 413, 414, 431].contains(answer?.status ?? 0),
            "\(index): \(answer?.head ?? "")")
          #expect(try client.ends(), "\(index)")
        }
        #expect(try ask(Self.get("/healthz"))?.status == 200)
      }
    }
    #expect(try await Giving.list(in: server.district.admin).isEmpty)
  }
}
