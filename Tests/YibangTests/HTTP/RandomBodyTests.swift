import Foundation
import HTTPTypes
import Postgres
import Testing

@testable import Yibang
@testable import YibangHTTP

/// Bodies that nobody would send: never an error of the server's, and nothing written by what is refused.
@Suite("random bodies")
struct RandomBodyTests {
  private static let endpoints: [(path: String, id: String, good: JSONValue)] = [
    (
      "/donations", "donation.record",
      [
        "donor": ["name": "甲", "kind": "teacher"], "amount": ["fen": 100],
        "school": "2199000001", "date": "2026-09-10",
      ]
    ),
    ("/schools", "school.add", ["code": "2199000077", "name": "第七小学"]),
    (
      "/offers", "offer.record",
      [
        "sponsor": "助甲", "kind": "company", "amount": ["fen": 100_000], "places": 1,
        "semester": "2026-2027-1", "wish": ["schools": ["2199000001"], "grade": "三年级"],
      ]
    ),
    ("/goods/items", "goods.item", ["name": "书包", "unit": "个", "school": "2199000001"]),
    (
      "/activities", "activity.log",
      ["school": "2199000001", "theme": "家访", "kind": "home_visit", "date": "2026-09-10"]
    ),
    (
      "/calendar/closures", "calendar.close",
      ["school": "2199000001", "from": "2026-11-09", "name": "运动会"]
    ),
  ]

  // What the endpoints above write, one row an accepted request.
  private static let rows: SQL = """
    select (select count(*) from donation where district_id = $1)
      + (select count(*) from offer where district_id = $1)
      + (select count(*) from activity where district_id = $1)
    """
  private static let counted: Set<String> = ["donation.record", "offer.record", "activity.log"]

  /// A body by the good one of an endpoint, spoiled in one of several ways.
  private static func body(
    _ good: JSONValue, _ random: inout SeededGenerator
  ) -> [UInt8] {
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      return (0..<Int.random(in: 0..<200, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
    case 1: return value(depth: 4, &random).bytes
    case 2:
      guard case .object(var members) = good else { return [] }
      members[Int.random(in: members.indices, using: &random)].value = value(depth: 3, &random)
      return JSONValue.object(members).bytes
    case 3:
      guard case .object(let members) = good else { return [] }
      return JSONValue.object(members.shuffled(using: &random) + [members[0]]).bytes
    case 4:
      var bytes = good.bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
          in: .min ... .max, using: &random)
      }
      return bytes
    default: return Array(good.bytes.prefix(Int.random(in: 0..<good.bytes.count, using: &random)))
    }
  }

  private static let texts = [
    "", " ", "\u{0}", "\u{FEFF}", "'; drop table x; --", "2026-02-30", "9999999999", "-1", "1e999",
    "\u{202E}甲", String(repeating: "长", count: 3_000), "{{7*7}}", "../../x", "👩‍👩‍👧",
  ]

  private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: return .number(Double.random(in: -1e300...1e300, using: &random))
    case 4, 5: return .string(texts.randomElement(using: &random) ?? "")
    case 6:
      return .array(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in
          value(depth: depth - 1, &random)
        })
    default:
      let names = ["donor", "amount", "fen", "school", "name", "x", "", "date"]
      return .object(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in
          .init(names.randomElement(using: &random) ?? "", value(depth: depth - 1, &random))
        })
    }
  }

  @Test("a hundred thousand bodies are refused or taken, and none breaks the server")
  func inProcess() async throws {
    let seed: UInt64 = 1_128
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let taken = try await withThrowingTaskGroup(of: Int.self) { group in
      for worker in 0..<8 {
        group.addTask {
          var random = SeededGenerator(seed: seed &+ UInt64(worker))
          var taken = 0
          for number in 0..<12_500 {
            let endpoint = Self.endpoints[number % Self.endpoints.count]
            let body = Self.body(endpoint.good, &random)
            let answer = try await api.send(
              .post, "/api/v1" + endpoint.path, as: "admin",
              headers: [
                "Content-Type": "application/json", "Idempotency-Key": "\(worker)-\(number)",
              ], bytes: body, isChecked: false)
            #expect(
              answer.status < 500,
              "seed \(seed), worker \(worker), \(number): \(answer.text) for \(Data(body).base64EncodedString())"
            )
            if answer.status < 300, Self.counted.contains(endpoint.id) { taken += 1 }
          }
          return taken
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(try await district.count(Self.rows) == taken, "seed \(seed)")
  }

  @Test("two thousand over connections, which stay open")
  func overSocket() async throws {
    let seed: UInt64 = 1_128
    let district = try await TestDistrict.make()
    let callers = ["admin": district.admin.actor]
    try await serving(try await TestAPI.make(callers: callers)) { port in
      try await onThread {
        var random = SeededGenerator(seed: seed)
        let client = try RawClient(port: port)
        for number in 0..<2_000 {
          let endpoint = Self.endpoints[number % Self.endpoints.count]
          let body = Self.body(endpoint.good, &random)
          let head =
            "POST /api/v1\(endpoint.path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n"
            + "Idempotency-Key: s\(number)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
          // In one piece: two would each wait for the other side's delayed acknowledgement.
          client.send(Array(head.utf8) + body)
          let answer = try #require(try client.answer(), "seed \(seed), \(number)")
          #expect(
            (200..<500).contains(answer.status), "seed \(seed), \(number): \(answer.head)")
        }
      }
    }
  }
}
