import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Sessions and personal tokens")
struct SessionTests {
  private typealias Fixture = AccountFixture
  private let start = AccountFixture.start

  @Test("a session rests half an hour at most, and ends after twelve however busy it is")
  func ends() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let resting = try await fixture.signIn("wang")
    let busy = try await fixture.signIn("wang")
    var now = start
    while now + 1_500 < start + 12 * 3_600 {
      now += 1_500
      _ = try await fixture.signedIn(busy, at: now)
    }
    #expect(
      await refusal { try await fixture.signedIn(busy, at: start + 12 * 3_600) }
        == "sign_in.needed")
    _ = try await fixture.signedIn(resting, at: start + 1_799)
    #expect(
      await refusal { try await fixture.signedIn(resting, at: start + 1_799 + 1_800) }
        == "sign_in.needed")
  }

  @Test("a sponsor's session rests two hours")
  func sponsorRests() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("zhu", .sponsor, donor: try await fixture.donor())
    let session = try await fixture.signIn("zhu")
    _ = try await fixture.signedIn(session, at: start + 7_199)
    #expect(await refusal { try await fixture.signedIn(session, at: start + 14_399) } != nil)
  }

  @Test("that a session was used is written once a minute at most")
  func precision() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let session = try await fixture.signIn("wang")
    let code = fixture.district.code
    func seen(after seconds: TimeInterval) async throws -> TimeInterval {
      _ = try await fixture.signedIn(session, at: start + seconds)
      let seen = try await TestPlatform.asOwner { session -> PostgresTimestamp in
        try session.query("select last_seen_at from login_session where district_id = $1", code)[0]
          .get(0)
      }
      return seen.date.timeIntervalSince(start)
    }
    #expect(try await seen(after: 59) == 0)
    #expect(try await seen(after: 60) == 60)
    #expect(try await seen(after: 119) == 60)
    #expect(try await seen(after: 120) == 120)
  }

  @Test("sessions are listed and ended at once, one's own, and anybody's by an admin")
  func listed() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    try await fixture.account("li", .auditor)
    let one = try await fixture.signIn("wang")
    let two = try await fixture.signIn("wang")
    let three = try await fixture.signIn("wang")
    let other = try await fixture.signIn("li")
    let own = try await fixture.context(one)
    let list = try await LoginSessions.list(now: start, in: own)
    #expect(Set(list.map(\.id)) == [one.id, two.id, three.id] && list[0].device == "Firefox")
    #expect(
      await refusal { try await LoginSessions.end(other.id, now: start, in: own) }
        == "account.unknown_session")
    #expect(
      await refusal { try await LoginSessions.end(other.id, of: "li", now: start, in: own) }
        == "access.forbidden")
    #expect(
      await refusal { try await LoginSessions.list(of: "li", now: start, in: own) }
        == "access.forbidden")
    try await LoginSessions.end(two.id, now: start, in: own)
    #expect(await refusal { try await fixture.signedIn(two) } == "sign_in.needed")
    #expect(
      await refusal { try await LoginSessions.end(two.id, now: start, in: own) }
        == "account.unknown_session")
    #expect(try await LoginSessions.endAll(except: one.id, now: start, in: own) == 1)
    _ = try await fixture.signedIn(one)
    #expect(try await LoginSessions.endAll(of: "wang", now: start, in: fixture.admin) == 1)
    #expect(await refusal { try await fixture.signedIn(one) } == "sign_in.needed")
    #expect(try await LoginSessions.list(of: "wang", now: start, in: fixture.admin).isEmpty)
    _ = try await fixture.signedIn(other)
    let trail = try await Audit.list(.init(subject: own.actor.userID), in: fixture.admin)
    #expect(trail.count { $0.action == "user.sign_out" } == 3)
  }

  @Test("a session that waits for a code can be left")
  func leave() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .finance)
    let session = try await fixture.signIn("wang")
    try await LoginSessions.end(session.id, now: start, in: try await fixture.context(session))
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
  }

  @Test("a token does what its scope says, no more, and names too are hidden outside it")
  func scope() async throws {
    let fixture = try await Fixture.make()
    let school = fixture.district.school.id
    _ = try await fixture.district.importRoster(
      RosterImportTests.roster, in: fixture.district.officer)
    try await fixture.account("wang", .schoolOfficer, school: school)
    let own = try await fixture.context(try await fixture.signIn("wang"))
    let made = try await AccessTokens.add(
      name: " 报表 ", scope: [.read], expires: start + 86_400, now: start, in: own)
    let signedIn = try await SignIn.actor(
      accessToken: made.token, now: start, on: fixture.platform)
    #expect(signedIn.scope == [.read] && signedIn.sessionID == nil && !signedIn.isConfined)
    #expect(signedIn.actor.schoolID == school && signedIn.expires == made.expires)
    let context = Context(platform: fixture.platform, actor: signedIn.actor)
    let year = TestDistrict.autumn.schoolYear
    let named = try await Students.list(year: year, in: own).map(\.name)
    let masked = try await Students.list(year: year, in: context).map(\.name)
    #expect(named.count == masked.count && Set(named).isDisjoint(with: masked))
    let codes = await [
      refusal { try context.actor.require(.recordDonations) },
      refusal { try context.actor.require(.administer) },
      refusal { try context.actor.require(.administer, or: .recordDonations) },
      refusal {
        try await AccessTokens.add(
          name: "x", scope: [.read], expires: start + 60, now: start, in: context)
      },
      refusal { try await LoginSessions.list(now: start, in: context) },
      refusal { try await SecondFactor.enrol(now: start, in: context) },
    ]
    #expect(
      codes == [
        "access.out_of_scope", "access.forbidden", "access.forbidden", "account.confined",
        "account.confined", "account.confined",
      ])
    try context.actor.require(.administer, or: .read)
  }

  @Test("a token is within its person's role and a year, and has a name")
  func limits() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let own = try await fixture.context(try await fixture.signIn("wang"))
    func add(
      _ scope: Set<Permission> = [.read], days: Double = 1, name: String = "x"
    ) async -> String? {
      await refusal {
        try await AccessTokens.add(
          name: name, scope: scope, expires: start + days * 86_400, now: start, in: own)
      }
    }
    #expect(await add([.read, .payOut]) == "account.token_scope")
    #expect(await add([]) == "account.token_scope")
    #expect(await add(days: 366) == "account.token_term")
    #expect(await add(days: 0) == "account.token_term")
    #expect(await add(name: " ") == "account.token_name")
    #expect(await add([.read, .readAudit], days: 365) == nil)
  }

  @Test("a token ends by itself, at once when revoked, and with its person")
  func tokenEnds() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let own = try await fixture.context(try await fixture.signIn("wang"))
    func add() async throws -> AccessTokens.Made {
      try await AccessTokens.add(
        name: "x", scope: [.read], expires: start + 3_600, now: start, in: own)
    }
    func use(_ made: AccessTokens.Made, after seconds: TimeInterval = 0) async -> String? {
      await refusal {
        try await SignIn.actor(
          accessToken: made.token, now: start + seconds, on: fixture.platform)
      }
    }
    let (one, two, three) = (try await add(), try await add(), try await add())
    #expect(await use(one, after: 3_599) == nil)
    #expect(await use(one, after: 3_600) == "sign_in.needed")
    #expect(
      try await AccessTokens.list(now: start, in: own).map(\.id) == [three, two, one].map(\.id))
    try await AccessTokens.revoke(two.id, now: start, in: own)
    #expect(await use(two) == "sign_in.needed")
    #expect(
      await refusal { try await AccessTokens.revoke(two.id, now: start, in: own) }
        == "account.unknown_token")
    try await AccessTokens.revoke(one.id, of: "wang", now: start, in: fixture.admin)
    #expect(await use(one) == "sign_in.needed")
    #expect(await use(three) == nil)
    try await Accounts.disable(login: "wang", now: start, in: fixture.admin)
    #expect(await use(three) == "sign_in.needed")
    try await Accounts.enable(login: "wang", in: fixture.admin)
    #expect(await use(three) == "sign_in.needed")
  }
}
