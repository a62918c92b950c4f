import Foundation
import Postgres
import Synchronization
import Testing

@testable import Yibang

@Suite("Signing in")
struct SignInTests {
  private typealias Fixture = AccountFixture
  private let start = AccountFixture.start

  @Test("an invited person chooses a password, signs in and acts with role and school")
  func invited() async throws {
    let fixture = try await Fixture.make()
    let school = fixture.district.school.id
    try await fixture.account("wang", .schoolOfficer, school: school)
    let session = try await fixture.signIn("wang")
    #expect(!session.isConfined && session.device != nil)
    #expect(session.expires == start + 12 * 3_600)
    let signedIn = try await fixture.signedIn(session)
    #expect(signedIn.actor.login == "wang" && signedIn.actor.role == .schoolOfficer)
    #expect(signedIn.actor.schoolID == school && signedIn.scope == nil)
    #expect(signedIn.sessionID == session.id && signedIn.csrf == session.csrf)
    #expect(signedIn.expires == session.expires)
    let other = try await fixture.signIn("wang")
    #expect(signedIn.accepts(csrf: session.csrf) && !signedIn.accepts(csrf: nil))
    #expect(!signedIn.accepts(csrf: other.csrf) && !signedIn.accepts(csrf: ""))
    #expect(other.csrf != session.csrf && other.token != session.token)
    let context = try await fixture.context(session)
    #expect(try await Schools.list(in: context).map(\.id) == [school])
    let trail = try await Audit.list(.init(subject: signedIn.actor.userID), in: fixture.admin)
    #expect(
      trail.map(\.action) == [
        "user.sign_in", "user.sign_in", "user.password", "user.invite", "user.add",
      ])
    #expect(trail.first?.actor == "wang")
  }

  @Test("whatever is wrong has one answer, and costs one verification")
  func oneAnswer() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    try await fixture.account("gone", .auditor)
    _ = try await Accounts.invite(
      login: "late", name: "late", role: .auditor, now: start, in: fixture.admin)
    try await Accounts.disable(login: "gone", now: start, in: fixture.admin)
    let verified = Mutex<[String: Int]>([:])
    let long = String(repeating: "x", count: 5_000)
    for (login, password) in [
      ("wang", Fixture.other), ("wang", ""), ("wang", long), ("nobody", Fixture.password),
      ("gone", Fixture.password), ("late", Fixture.password), ("admin", Fixture.password),
      (long, Fixture.password),
    ] {
      let key = "\(login.prefix(9)) \(password.prefix(9))"
      let count: @Sendable () -> Void = { verified.withLock { $0[key, default: 0] += 1 } }
      let code = await PasswordHash.$onVerify.withValue(count) {
        await refusal { try await fixture.signIn(login, password, from: key) }
      }
      #expect(code == "sign_in.refused", "\(key)")
    }
    #expect(verified.withLock { $0.count == 8 && $0.values.allSatisfy { $0 == 1 } })
    #expect(
      await refusal {
        try await SignIn.signIn(
          district: "989898", login: "wang", password: Fixture.password,
          client: .init(address: Fixture.home), now: start, on: fixture.platform)
      } == "sign_in.refused")
    let error = await failure { try await fixture.signIn("wang", "wrong") } as? AccountError
    #expect(error?.category == .unauthenticated)
  }

  @Test("a login of one district is nobody in another")
  func districts() async throws {
    let fixture = try await Fixture.make()
    let other = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    #expect(await refusal { try await other.signIn("wang") } == "sign_in.refused")
    let session = try await fixture.signIn("wang")
    let moved = session.token.replacingOccurrences(
      of: fixture.district.code, with: other.district.code)
    #expect(
      await refusal { try await SignIn.actor(session: moved, now: start, on: fixture.platform) }
        == "sign_in.needed")
  }

  @Test("the fifth failure makes the next attempt wait, each one more twice as long")
  func backOff() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    #expect(await fixture.fail("wang", times: 5).allSatisfy { $0 == "sign_in.refused" })
    let early = await failure { try await fixture.signIn("wang") } as? AccountError
    #expect(early?.category == .tooMany(retryAfter: 4))
    #expect(await refusal { try await fixture.signIn("wang", at: start + 3) } != nil)
    #expect(await fixture.fail("wang", times: 1, at: start + 4) == ["sign_in.refused"])
    let later = await failure { try await fixture.signIn("wang", at: start + 4) } as? AccountError
    #expect(later?.category == .tooMany(retryAfter: 8))
    _ = try await fixture.signIn("wang", at: start + 12)
    #expect(
      await fixture.fail("wang", times: 5, at: start + 12).allSatisfy { $0 == "sign_in.refused" })
    #expect(await refusal { try await fixture.signIn("wang", at: start + 12) } != nil)
    _ = try await fixture.signIn("wang", at: start + 2 * 86_400)
  }

  @Test("failures from one address do not lock out another, nor another login at the same")
  func otherAddress() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    try await fixture.account("li", .auditor)
    _ = await fixture.fail("wang", times: 12, from: "198.51.100.7")
    #expect(
      await refusal { try await fixture.signIn("wang", from: "198.51.100.7") }
        == "sign_in.too_many_failures")
    _ = try await fixture.signIn("wang")
    _ = try await fixture.signIn("li", from: "198.51.100.7")
  }

  @Test("an address that guesses at many logins waits; a device known there does not")
  func spraying() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let device = try await fixture.signIn("wang").device
    for number in 0..<20 { _ = await fixture.fail("guess\(number)", times: 1) }
    #expect(await fixture.fail("one more", times: 1) == ["sign_in.too_many_failures"])
    #expect(await refusal { try await fixture.signIn("wang") } == "sign_in.too_many_failures")
    _ = try await fixture.signIn("wang", device: device)
    _ = try await fixture.signIn("wang", from: "192.0.2.9")
  }

  @Test(
    "slow guessing from everywhere delays new devices by a minute at most, known ones not at all")
  func everywhere() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let device = try await fixture.signIn("wang").device
    let login = GuessLimit.login("\(fixture.district.code)|wang", fixture.platform.vault)
    let (code, at) = (fixture.district.code, PostgresTimestamp(start))
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        """
        insert into sign_in_failure (district_id, bucket, count, last_at) values ($1, $2, 900, $3)
        on conflict (district_id, bucket) do update set count = 900, last_at = $3
        """, code, login.hash, at)
    }
    let delayed = await failure { try await fixture.signIn("wang") } as? AccountError
    #expect(delayed?.category == .tooMany(retryAfter: 60))
    let known = try await fixture.signIn("wang", device: device)
    #expect(known.device != nil)
    _ = try await fixture.signIn("wang", at: start + 60)
  }

  @Test("a device that guesses waits by itself; another's mark, or an altered one, is none")
  func devices() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    try await fixture.account("li", .auditor)
    let device = try #require(try await fixture.signIn("wang").device)
    #expect(!device.contains("wang"))
    let failures = await fixture.fail("wang", times: 6, from: "203.0.113.5", device: device)
    #expect(failures.last == "sign_in.too_many_failures")
    _ = try await fixture.signIn("wang", from: "203.0.113.5")
    // Not li's device, so it counts at the address, where nothing else was counted.
    _ = await fixture.fail("li", times: 5, from: "203.0.113.6", device: device)
    #expect(
      await refusal { try await fixture.signIn("li", from: "203.0.113.6") }
        == "sign_in.too_many_failures")
    var altered = Array(device)
    altered[20] = altered[20] == "A" ? "B" : "A"
    _ = await fixture.fail("wang", times: 5, from: "203.0.113.7", device: String(altered))
    #expect(
      await refusal { try await fixture.signIn("wang", from: "203.0.113.7") }
        == "sign_in.too_many_failures")
  }

  @Test("many guesses at once are no way around the waits")
  func atOnce() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let codes = await withTaskGroup(of: [String?].self) { group in
      for _ in 0..<16 { group.addTask { await fixture.fail("wang", times: 1) } }
      return await group.reduce(into: [String?]()) { $0 += $1 }
    }
    #expect(codes.count { $0 == "sign_in.refused" } == 5)
    #expect(codes.count { $0 == "sign_in.too_many_failures" } == 11)
  }

  @Test("a hash of other parameters is made anew at the next sign-in, and only the hash")
  func rehash() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let code = fixture.district.code
    let weaker = try await PasswordHash.make(
      Password(typed: Fixture.password), memoryKiB: 1_024, passes: 1)
    #expect(!PasswordHash.isCurrent(weaker))
    let before = try await TestPlatform.asOwner { session -> PostgresTimestamp in
      try session.query(
        """
        update credential set password_hash = $2 where district_id = $1 returning changed_at
        """, code, weaker)[0].get(0)
    }
    _ = try await fixture.signIn("wang")
    let (hash, changed) = try await TestPlatform.asOwner { session in
      let row = try session.query(
        "select password_hash, changed_at from credential where district_id = $1", code)[0]
      return (try row.get(0) as String, try row.get(1) as PostgresTimestamp)
    }
    #expect(PasswordHash.isCurrent(hash) && changed == before)
    _ = try await fixture.signIn("wang")
  }

  @Test("no secret that was handed out stands in any table")
  func hashesOnly() async throws {
    let fixture = try await Fixture.make()
    let link = try await Accounts.invite(
      login: "wang", name: "wang", role: .finance, now: start, in: fixture.admin)
    _ = try await Accounts.accept(
      link: link.token, password: Fixture.password, now: start, on: fixture.platform)
    let session = try await fixture.signIn("wang")
    let (secret, recovery) = try await fixture.enrol(session)
    let context = try await fixture.context(session)
    let token = try await AccessTokens.add(
      name: "程序", scope: [.read], expires: start + 86_400, now: start, in: context)
    _ = await fixture.fail("wang", times: 2, from: "198.51.100.77")
    _ = try await SignIn.actor(accessToken: token.token, now: start, on: fixture.platform)
    let code = fixture.district.code
    let rows = try await TestPlatform.asOwner { session in
      var rows: [String] = []
      for table in [
        "app_user", "audit", "credential", "recovery_code", "login_session", "access_token",
        "one_time_link", "sign_in_failure", "job", "message", "idempotency",
      ] {
        let all = SQL(trusted: "select to_jsonb(t)::text from \(table) t where district_id = $1")
        rows += try session.query(all, code).map { try $0.get(0) as String }
      }
      return rows
    }
    #expect(rows.count > 20)
    let secrets =
      [
        link.token, session.token, session.csrf, token.token, Fixture.password, base32(secret),
        "198.51.100.77",
      ] + recovery + recovery.map { $0.replacingOccurrences(of: "-", with: "") }
    for text in secrets {
      let forms = [text, String(text.suffix(43)), hex(Array(text.utf8))]
      for form in forms { #expect(!rows.contains { $0.contains(form) }) }
    }
    #expect(!rows.contains { $0.contains(hex(secret)) })
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }
}
