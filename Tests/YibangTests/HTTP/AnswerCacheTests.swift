import Foundation
import HTTPTypes
import Postgres
import Synchronization
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("answers kept while nothing is written")
struct AnswerCacheTests {
  private static let path = "/funds?school=2199000001&semester=2026-2027-1"

  /// The API with its real tokens.
  private func open(_ platform: Platform) async throws -> TestAPI {
    try await TestAPI(
      API(
        platform: platform, today: { TestDistrict.today },
        caller: { try await Caller.find($0, now: Date(), on: platform) }))
  }

  private func token(
    _ context: Context, _ scope: Set<Permission> = [.read, .recordDonations]
  ) async throws -> AccessTokens.Made {
    try await AccessTokens.add(
      name: "程序", scope: scope, expires: Date() + 86_400, now: Date(), in: context)
  }

  private func give(_ fen: Int64, _ api: TestAPI, _ token: String) async throws {
    let donation: JSONValue = [
      "donor": ["name": "测试有限公司", "kind": "company"], "amount": .fen(fen),
      "school": "2199000001", "date": "2026-11-20",
    ]
    try await api.post("/donations", donation, as: token).expect(201)
  }

  private func closing(_ answer: TestAPI.Answer) -> Int64 {
    answer.items.reduce(0) { sum, fund in
      guard case .integer(let fen) = fund["closing"]?["fen"] else { return sum }
      return sum + fen
    }
  }

  /// What givers were told is recorded, and statements that held less.
  private final class Seen: Sendable {
    let told = Mutex<Int64>(0)
    let behind = Mutex<[String]>([])
  }

  /// Behind the back of the trail, as nobody but the schema's owner can.
  private func rename(_ district: TestDistrict, _ name: String) async throws {
    let code = district.code
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update school set name = $2 where district_id = $1 and code = '2199000001'", code, name)
    }
  }

  private func name(_ answer: TestAPI.Answer) -> String? {
    answer.items.first?["school_name"]?.text
  }

  @Test("an answer is kept until this server or another writes something, and then made anew")
  func untilWritten() async throws {
    let district = try await TestDistrict.make()
    let other = try await TestPlatform.another()
    let (api, second) = (try await open(district.platform), try await open(other))
    let token = try await token(district.admin).token
    try await give(1_00, api, token)
    let first = try await api.get(Self.path, as: token).expect(200)
    try await rename(district, "改名小学")
    let kept = try await api.get(Self.path, as: token).expect(200)
    #expect(kept.bytes == first.bytes && name(kept) != "改名小学")
    #expect(kept.headers[.contentType] == first.headers[.contentType])
    let english = try await api.get(Self.path, as: token, headers: ["Accept-Language": "en"])
    #expect(name(english) == "改名小学")
    let sheet = try await api.get(Self.path, as: token, headers: ["Accept": "text/csv"])
    #expect(sheet.text.contains("改名小学"))
    try await give(2_00, second, token)
    let fresh = try await api.get(Self.path, as: token).expect(200)
    #expect(name(fresh) == "改名小学" && closing(fresh) == 3_00)
    await other.close()
  }

  @Test("a kept answer is for who has the same rights, and for no token that was revoked")
  func rights() async throws {
    let district = try await TestDistrict.make()
    let api = try await open(district.platform)
    let (admin, officer) = (try await token(district.admin), try await token(district.otherOfficer))
    try await give(1_00, api, admin.token)
    for _ in 0..<2 {
      try await api.get(Self.path, as: admin.token).expect(200)
      try await api.get(Self.path, as: officer.token).expect(404)
    }
    try await AccessTokens.revoke(admin.id, now: Date(), in: district.admin)
    try await api.get(Self.path, as: admin.token).expect(401)
  }

  @Test("whoever was told that a gift is recorded finds it in every statement read after")
  func neverBehind() async throws {
    let district = try await TestDistrict.make()
    let other = try await TestPlatform.another()
    let (api, second) = (try await open(district.platform), try await open(other))
    let token = try await token(district.admin).token
    let seen = Seen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for giver in 0..<3 {
        group.addTask {
          for _ in 0..<15 {
            try await self.give(1_00, giver == 0 ? second : api, token)
            seen.told.withLock { $0 += 1_00 }
          }
        }
      }
      for reader in 0..<6 {
        group.addTask {
          for _ in 0..<40 {
            let least = seen.told.withLock { $0 }
            let answer = try await (reader == 0 ? second : api).get(Self.path, as: token)
            let read = self.closing(answer)
            if answer.status != 200 || read < least {
              seen.behind.withLock { $0.append("\(answer.status): \(read) < \(least)") }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(seen.behind.withLock { $0 } == [])
    #expect(closing(try await api.get(Self.path, as: token)) == 45_00)
    await other.close()
  }

  /// Rows of these are no records: what they hold is in no answer that is kept.
  private static let unrecorded: Set<String> = [
    "access_token", "api_request", "audit_leaf", "credential", "idempotency", "job",
    "login_session", "message", "one_time_link", "recovery_code", "reveal_refused", "seal_leaf",
    "seal_node", "sign_in_failure", "webhook_delivery",
  ]
  /// What the fixture puts there by itself.
  private static let ofFixture: Set<String> = ["consent", "guardian", "recognition", "student"]

  @Test("whatever is written leaves an entry in the trail in its own transaction")
  func everyWrite() async throws {
    let district = try await Neighbours.make().home
    let (code, passed) = (district.code, Self.unrecorded.union(Self.ofFixture))
    let silent: [String] = try await TestPlatform.asOwner { session in
      let tables = try session.query(
        """
        select c.relname::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'district_id'
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        order by c.relname
        """)
      var silent: [String] = []
      for row in tables {
        let table: String = try row.get(0)
        if passed.contains(table) { continue }
        let rows: Int = try session.query(
          SQL(
            trusted: """
              select count(*) from \(table) t where district_id = $1 and not exists (
                select from audit a where a.district_id = $1 and a.xact = t.xmin::text::bigint
              )
              """), code)[0].get(0)
        if rows > 0 { silent.append("\(table): \(rows)") }
      }
      return silent
    }
    #expect(silent == [])
  }
}
