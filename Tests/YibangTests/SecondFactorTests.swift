import Foundation
import Testing

@testable import Yibang

@Suite("The second factor")
struct SecondFactorTests {
  private typealias Fixture = AccountFixture
  private let start = AccountFixture.start

  @Test(
    "a role that needs one gets in only to set it up", arguments: [Role.districtAdmin, .finance])
  func mustEnrol(role: Role) async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", role)
    let session = try await fixture.signIn("wang")
    #expect(session.mustEnrol && !session.needsSecondFactor && session.isConfined)
    let signedIn = try await fixture.signedIn(session)
    #expect(signedIn.isConfined && signedIn.mustEnrol && signedIn.scope == [])
    let context = try await fixture.context(session)
    let codes = await [
      refusal { try await Schools.list(in: context) },
      refusal { try await Donors.list(in: context) },
      refusal { try await Users.setRole(login: "x", role: .matcher, school: nil, in: context) },
      refusal { try await Accounts.reset(login: "admin", now: start, in: context) },
      refusal { try await LoginSessions.list(now: start, in: context) },
      refusal {
        try await Accounts.changePassword(
          from: Fixture.password, to: Fixture.other, keeping: nil, now: start, in: context)
      },
      refusal {
        try await AccessTokens.add(
          name: "x", scope: [.read], expires: start + 60, now: start, in: context)
      },
    ]
    let refused: Set = ["access.out_of_scope", "access.forbidden", "account.confined"]
    #expect(codes.allSatisfy { $0.map(refused.contains) == true }, "\(codes)")
    let (_, recovery) = try await fixture.enrol(session)
    #expect(recovery.count == 10 && Set(recovery).count == 10)
    #expect(recovery.allSatisfy { $0.wholeMatch(of: /([A-Z2-7]{4}-){3}[A-Z2-7]{4}/) != nil })
    #expect(try await !fixture.signedIn(session).isConfined)
    _ = try await Schools.list(in: fixture.context(session))
  }

  @Test("what an authenticator reads names district and login")
  func uri() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("王 wang".replacingOccurrences(of: " ", with: "."), .auditor)
    let context = try await fixture.context(try await fixture.signIn("王.wang"))
    let enrolment = try await SecondFactor.enrol(now: start, in: context)
    #expect(enrolment.secret.count == 32)
    let code = fixture.district.code
    #expect(
      enrolment.uri
        == "otpauth://totp/Yibang%20\(code):%E7%8E%8B%2Ewang?secret=\(enrolment.secret)"
        + "&issuer=Yibang%20\(code)&algorithm=SHA1&digits=6&period=30")
    #expect(URL(string: enrolment.uri) != nil)
  }

  @Test("with one, the password alone begins a session that only waits for the code")
  func waiting() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let first = try await fixture.signIn("wang")
    let older = try await fixture.signIn("wang")
    let (secret, _) = try await fixture.enrol(first)
    #expect(try await fixture.signedIn(older).needsSecondFactor)
    let later = start + 60
    let session = try await fixture.signIn("wang", at: later)
    #expect(session.needsSecondFactor && session.device == nil)
    #expect(session.expires == later + 600)
    let context = try await fixture.context(session, at: later)
    #expect(await refusal { try await Schools.list(in: context) } == "access.out_of_scope")
    #expect(
      await refusal { try await SecondFactor.enrol(now: later, in: context) }
        == "account.second_factor_there")
    func confirm(_ code: String) async throws -> SignIn.Session {
      try await SignIn.confirm(
        session: session.token, code: code, client: .init(address: Fixture.home), now: later,
        on: fixture.platform)
    }
    #expect(await refusal { try await confirm("000000") } == "sign_in.refused")
    let whole = try await confirm(fixture.code(secret, at: later))
    #expect(!whole.isConfined && whole.token != session.token && whole.device != nil)
    #expect(try await !fixture.signedIn(whole, at: later).isConfined)
    #expect(await refusal { try await fixture.signedIn(session, at: later) } == "sign_in.needed")
    let last = await refusal { try await confirm(fixture.code(secret, at: later + 30)) }
    #expect(last == "sign_in.needed")
    let user = try await fixture.signedIn(whole, at: later).actor.userID
    let trail = try await Audit.list(.init(subject: user), in: fixture.admin)
    #expect(trail.prefix(2).map(\.action) == ["user.sign_in", "user.sign_in_begun"])
    let again = start + 3_600
    let direct = try await fixture.signIn("wang", code: fixture.code(secret, at: again), at: again)
    #expect(!direct.isConfined)
  }

  @Test("a code is taken once, also by two at once, and none before it is taken after")
  func once() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let (secret, _) = try await fixture.enrol(try await fixture.signIn("wang"))
    // The code that set it up is used.
    #expect(
      await refusal {
        try await fixture.signIn("wang", code: fixture.code(secret, at: start), at: start)
      } == "sign_in.refused")
    let later = start + 300
    let code = fixture.code(secret, at: later)
    async let one = refusal { try await fixture.signIn("wang", code: code, at: later) }
    async let two = refusal {
      try await fixture.signIn("wang", code: code, from: "192.0.2.2", at: later)
    }
    #expect(Set(await [one, two]) == [nil, "sign_in.refused"])
    #expect(
      await refusal {
        try await fixture.signIn("wang", code: fixture.code(secret, at: later - 30), at: later)
      } == "sign_in.refused")
    _ = try await fixture.signIn("wang", code: fixture.code(secret, at: later + 30), at: later)
  }

  @Test("a recovery code gets in once, as it is typed, also for two at once")
  func recovery() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let (_, codes) = try await fixture.enrol(try await fixture.signIn("wang"))
    async let one = refusal { try await fixture.signIn("wang", code: codes[0]) }
    async let two = refusal { try await fixture.signIn("wang", code: codes[0], from: "192.0.2.2") }
    #expect(Set(await [one, two]) == [nil, "sign_in.refused"])
    let typed = codes[1].lowercased().replacingOccurrences(of: "-", with: " ")
    let session = try await fixture.signIn("wang", code: typed)
    #expect(!session.isConfined)
    let user = try await fixture.signedIn(session).actor.userID
    let trail = try await Audit.list(.init(subject: user), in: fixture.admin)
    #expect(trail.first?.after?.contains("recovery_code") == true)
    #expect(!trail.contains { $0.after?.contains(codes[1]) == true })
  }

  @Test("guessing codes waits although the password is right, from wherever it is done")
  func guessing() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let (secret, _) = try await fixture.enrol(try await fixture.signIn("wang"))
    let later = start + 300
    for number in 0..<10 {
      // The password alone in between does not forget the failures.
      _ = try await fixture.signIn("wang", from: "198.51.100.\(number)", at: later)
      #expect(
        await refusal {
          try await fixture.signIn("wang", code: "000000", from: "198.51.100.\(number)", at: later)
        } == "sign_in.refused")
    }
    let good = fixture.code(secret, at: later)
    #expect(
      await refusal { try await fixture.signIn("wang", code: good, from: "203.0.113.1", at: later) }
        == "sign_in.too_many_failures")
    let after = later + 30
    _ = try await fixture.signIn("wang", code: fixture.code(secret, at: after), at: after)
  }

  @Test("a wrong code sets nothing up, a new beginning voids the earlier secret")
  func wrongCode() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let session = try await fixture.signIn("wang")
    let context = try await fixture.context(session)
    func confirm(_ code: String) async -> String? {
      await refusal {
        try await SecondFactor.confirm(code: code, session: session.id, now: start, in: context)
      }
    }
    #expect(await confirm("123456") == "account.no_second_factor")
    let first = bytes(base32: try await SecondFactor.enrol(now: start, in: context).secret)
    _ = try await SecondFactor.enrol(now: start, in: context)
    #expect(await confirm(fixture.code(first, at: start)) == "account.wrong_code")
    #expect(try await !fixture.signIn("wang").needsSecondFactor)
    #expect(
      await refusal { try await SecondFactor.enrol(now: start, in: fixture.admin) }
        == "account.no_password")
  }

  @Test("an admin removes another's with a reason, nobody the own that the role needs")
  func removal() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .finance)
    let session = try await fixture.signIn("wang")
    let (secret, _) = try await fixture.enrol(session)
    let own = try await fixture.context(session)
    func remove(_ login: String, _ reason: String, in context: Context) async -> String? {
      await refusal {
        try await SecondFactor.remove(of: login, reason: reason, now: start, in: context)
      }
    }
    let code = fixture.code(secret, at: start + 30)
    #expect(
      await refusal { try await SecondFactor.removeOwn(code: code, now: start, in: own) }
        == "account.second_factor_needed")
    #expect(await remove("wang", "换手机", in: own) == "access.forbidden")
    #expect(await remove("admin", "换手机", in: fixture.admin) == "account.own_second_factor")
    #expect(await remove("wang", " ", in: fixture.admin) == "account.reason")
    #expect(await remove("officer", "换手机", in: fixture.admin) == "account.no_second_factor")
    #expect(await remove("wang", "换手机", in: fixture.admin) == nil)
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
    #expect(try await fixture.signIn("wang").mustEnrol)
    let trail = try await Audit.list(.init(subject: own.actor.userID), in: fixture.admin)
    #expect(trail.contains { $0.action == "user.totp_remove" && $0.after?.contains("换手机") == true })
  }

  @Test("who needs none removes the own with a code")
  func ownRemoval() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let session = try await fixture.signIn("wang")
    let (secret, _) = try await fixture.enrol(session)
    let own = try await fixture.context(session)
    let later = start + 60
    #expect(
      await refusal { try await SecondFactor.removeOwn(code: "000000", now: later, in: own) }
        == "account.wrong_code")
    try await SecondFactor.removeOwn(code: fixture.code(secret, at: later), now: later, in: own)
    #expect(try await !fixture.signIn("wang", at: later).isConfined)
  }
}
