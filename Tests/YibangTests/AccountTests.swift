import Foundation
import Postgres
import Testing

@testable import Yibang

@Suite("Accounts")
struct AccountTests {
  private typealias Fixture = AccountFixture
  private let start = AccountFixture.start

  @Test("an invitation holds for seven days and once, and the next one ends it")
  func invitation() async throws {
    let fixture = try await Fixture.make()
    func invite() async throws -> Accounts.Link {
      try await Accounts.invite(
        login: "wang", name: "王", role: .auditor, now: start, in: fixture.admin)
    }
    func accept(_ link: Accounts.Link, after days: Double, _ password: String = Fixture.password)
      async -> String?
    {
      await refusal {
        try await Accounts.accept(
          link: link.token, password: password, now: start + days * 86_400, on: fixture.platform)
      }
    }
    let first = try await invite()
    #expect(first.expires == start + 7 * 86_400)
    #expect(await accept(first, after: 7) == "account.link")
    let second = try await invite()
    #expect(second.userID == first.userID)
    #expect(await accept(first, after: 1) == "account.link")
    #expect(await accept(second, after: 1, "short") == "account.password_short")
    #expect(await accept(second, after: 1) == nil)
    #expect(await accept(second, after: 1) == "account.link")
    #expect(await refusal { try await invite() } == "account.exists")
    #expect(
      await refusal {
        try await Accounts.accept(
          link: "ybi_x", password: Fixture.password, now: start, on: fixture.platform)
      } == "account.link")
  }

  @Test("two at once with one link: one gets it")
  func linkOnce() async throws {
    let fixture = try await Fixture.make()
    let link = try await Accounts.invite(
      login: "wang", name: "王", role: .auditor, now: start, in: fixture.admin)
    func accept(_ password: String) async -> String? {
      await refusal {
        try await Accounts.accept(
          link: link.token, password: password, now: start, on: fixture.platform)
      }
    }
    async let one = accept(Fixture.password)
    async let two = accept(Fixture.other)
    let codes = await [one, two]
    #expect(Set(codes) == [nil, "account.link"])
    _ = try await fixture.signIn("wang", codes[0] == nil ? Fixture.password : Fixture.other)
  }

  @Test("who is invited must fit: role, school, donor, login")
  func fits() async throws {
    let fixture = try await Fixture.make()
    let school = fixture.district.school.id
    let donor = try await fixture.donor()
    let stranger = try await (try await Fixture.make()).donor()
    func invite(
      _ role: Role, login: String = "wang", school: UUID? = nil, donor: UUID? = nil,
      in context: Context? = nil
    ) async -> String? {
      await refusal {
        try await Accounts.invite(
          login: login, name: "王", role: role, school: school, donor: donor, now: start,
          in: context ?? fixture.admin)
      }
    }
    #expect(await invite(.sponsor) == "access.sponsor_role")
    #expect(await invite(.auditor, donor: donor) == "access.sponsor_role")
    #expect(await invite(.sponsor, school: school, donor: donor) == "access.school_role")
    #expect(await invite(.sponsor, donor: stranger) == "account.unknown_donor")
    #expect(await invite(.principal) == "access.school_role")
    #expect(await invite(.system) == "access.no_person")
    #expect(await invite(.auditor, login: "a b") == "account.login")
    #expect(await invite(.auditor, login: "") == "account.login")
    #expect(await invite(.auditor, in: fixture.district.officer) == "access.forbidden")
    #expect(await invite(.principal, school: school) == nil)
    #expect(await invite(.auditor) == "account.other_role")
    // Known from the command line, without an account.
    #expect(await invite(.schoolOfficer, login: "officer", school: school) == nil)
  }

  @Test("a sponsor reads nothing but as the own donor, and is neither added nor changed")
  func sponsor() async throws {
    let fixture = try await Fixture.make()
    let donor = try await fixture.donor()
    try await fixture.account("zhu", .sponsor, donor: donor)
    let session = try await fixture.signIn("zhu")
    #expect(!session.isConfined)
    let context = try await fixture.context(session)
    #expect(context.actor.donorID == donor)
    let own = try await context.readOwn { session, donor in
      try session.query("select id from donor where id = $1", donor)[0].get(0) as UUID
    }
    #expect(own == donor)
    for permission in Permission.allCases where permission != .readOwn {
      #expect(await refusal { try context.actor.require(permission) } == "access.forbidden")
    }
    let codes = await [
      refusal { try await Schools.list(in: context) },
      refusal { try await Users.list(in: context) },
      refusal { try await Semesters.list(in: context) },
      refusal { try await context.write { _ in } },
      refusal { try await fixture.admin.readOwn { _, _ in } },
    ]
    #expect(codes.allSatisfy { $0 == "access.forbidden" })
    let admin = fixture.admin
    let refused = await [
      refusal {
        try await Users.add(login: "x", name: "x", role: .sponsor, school: nil, in: admin)
      },
      refusal { try await Users.setRole(login: "zhu", role: .auditor, school: nil, in: admin) },
      refusal { try await Users.setRole(login: "second", role: .sponsor, school: nil, in: admin) },
    ]
    #expect(refused.allSatisfy { $0 == "access.sponsor_role" })
    #expect(try await fixture.district.asUser("zhu").actor.donorID == donor)
    #expect(try await Users.list(in: admin).first { $0.login == "zhu" }?.name == "zhu")
    let unnamed = try await Donors.donor(
      DonorDetails(kind: .individual, name: "助乙", anonymous: true),
      school: fixture.district.school.id, in: admin)
    try await fixture.account("yi", .sponsor, donor: unnamed)
    #expect(try await Users.list(in: admin).first { $0.login == "yi" }?.name == "匿名")
  }

  @Test("a reset holds for a day; used, it ends sessions and tokens, and the second factor stays")
  func reset() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let session = try await fixture.signIn("wang")
    let (secret, _) = try await fixture.enrol(session)
    let own = try await fixture.context(session)
    let token = try await AccessTokens.add(
      name: "x", scope: [.read], expires: start + 86_400, now: start, in: own)
    let late = try await Accounts.reset(login: "wang", now: start, in: fixture.admin)
    func accept(_ link: Accounts.Link, at now: Date) async -> String? {
      await refusal {
        try await Accounts.accept(
          link: link.token, password: Fixture.other, now: now, on: fixture.platform)
      }
    }
    #expect(await accept(late, at: start + 86_400) == "account.link")
    let link = try await Accounts.reset(login: "wang", now: start, in: fixture.admin)
    _ = try await fixture.signedIn(session)
    #expect(await accept(link, at: start + 60) == nil)
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
    #expect(
      await refusal {
        try await SignIn.actor(accessToken: token.token, now: start, on: fixture.platform)
      } == "sign_in.needed")
    #expect(await refusal { try await fixture.signIn("wang") } == "sign_in.refused")
    #expect(try await fixture.signIn("wang", Fixture.other).needsSecondFactor)
    let later = start + 120
    _ = try await fixture.signIn(
      "wang", Fixture.other, code: fixture.code(secret, at: later), at: later)
    let unknown = await refusal {
      try await Accounts.reset(login: "x", now: start, in: fixture.admin)
    }
    #expect(unknown == "access.unknown_user")
    #expect(
      await refusal { try await Accounts.reset(login: "admin", now: start, in: own) }
        == "access.forbidden")
  }

  @Test("a password is changed with the present one; the other sessions end")
  func change() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .auditor)
    let session = try await fixture.signIn("wang")
    let other = try await fixture.signIn("wang")
    let own = try await fixture.context(session)
    func change(_ old: String, _ new: String, at now: Date = Fixture.start) async -> String? {
      await refusal {
        try await Accounts.changePassword(
          from: old, to: new, keeping: session.id, now: now, in: own)
      }
    }
    #expect(await change("wrong", Fixture.other) == "account.wrong_password")
    #expect(await change(Fixture.password, Fixture.password) == "account.password_unchanged")
    #expect(await change(Fixture.password, "wangwangwang") == "account.password_named")
    #expect(await change(Fixture.password, Fixture.other) == nil)
    _ = try await fixture.signedIn(session)
    #expect(await refusal { try await fixture.signedIn(other) } == "sign_in.needed")
    _ = try await fixture.signIn("wang", Fixture.other)
    for _ in 0..<10 { _ = await change("wrong", Fixture.password) }
    #expect(await change(Fixture.other, Fixture.password) == "sign_in.too_many_failures")
    #expect(await change(Fixture.other, Fixture.password, at: start + 30) == nil)
    let admin = await refusal {
      try await Accounts.changePassword(
        from: "x", to: Fixture.other, keeping: nil, now: start, in: fixture.admin)
    }
    #expect(admin == "account.no_password")
  }

  @Test("at the command line a person sets the own password, for whom the system vouches")
  func commandLine() async throws {
    let fixture = try await Fixture.make()
    try await Accounts.setPassword(Fixture.password, now: start, in: fixture.admin)
    let session = try await fixture.signIn("admin")
    #expect(session.mustEnrol)
    _ = try await fixture.enrol(session)
    let context = try await fixture.context(session)
    _ = try await Accounts.invite(
      login: "wang", name: "王", role: .auditor, now: start, in: context)
    try await Accounts.setPassword(Fixture.other, now: start, in: fixture.admin)
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
  }

  @Test("a disabled user is out at once, in the web, at the command line and with links")
  func disabled() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .districtAdmin)
    let session = try await fixture.signIn("wang")
    let link = try await Accounts.reset(login: "wang", now: start, in: fixture.admin)
    #expect(try await Accounts.disable(login: "wang", now: start, in: fixture.admin))
    #expect(try await !Accounts.disable(login: "wang", now: start, in: fixture.admin))
    let codes = await [
      refusal { try await fixture.signedIn(session) },
      refusal { try await fixture.signIn("wang") },
      refusal { try await fixture.district.asUser("wang") },
      refusal {
        try await Accounts.accept(
          link: link.token, password: Fixture.other, now: start, on: fixture.platform)
      },
      refusal { try await Accounts.reset(login: "wang", now: start, in: fixture.admin) },
    ]
    #expect(
      codes == [
        "sign_in.needed", "sign_in.refused", "access.disabled", "account.link", "access.disabled",
      ])
    #expect(try await Users.list(in: fixture.admin).first { $0.login == "wang" }?.disabled == true)
    #expect(try await Accounts.enable(login: "wang", in: fixture.admin))
    #expect(try await !Accounts.enable(login: "wang", in: fixture.admin))
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
    _ = try await fixture.signIn("wang")
    let user = try await fixture.district.asUser("wang").actor.userID
    let trail = try await Audit.list(.init(subject: user), in: fixture.admin).map(\.action)
    #expect(trail.prefix(3) == ["user.sign_in", "user.enable", "user.disable"])
  }

  @Test("the last able admin is neither disabled nor given another role, whoever races")
  func lastAdmin() async throws {
    let fixture = try await Fixture.make()
    let (admin, second) = (fixture.admin, fixture.district.second)
    async let one = refusal { try await Accounts.disable(login: "second", now: start, in: admin) }
    async let two = refusal { try await Accounts.disable(login: "admin", now: start, in: second) }
    let codes = await [one, two]
    #expect(Set(codes) == [nil, "access.no_longer_admin"])
    let (able, login) = codes[0] == nil ? (admin, "admin") : (second, "second")
    #expect(
      await refusal { try await Accounts.disable(login: login, now: start, in: able) }
        == "access.last_admin")
    #expect(
      await refusal {
        try await Users.setRole(login: login, role: .auditor, school: nil, in: able)
      } == "access.last_admin")
  }

  @Test("two admins who take each other's role at once: one succeeds")
  func roleRace() async throws {
    let fixture = try await Fixture.make()
    let (admin, second) = (fixture.admin, fixture.district.second)
    async let one = refusal {
      try await Users.setRole(login: "second", role: .auditor, school: nil, in: admin)
    }
    async let two = refusal {
      try await Users.setRole(login: "admin", role: .auditor, school: nil, in: second)
    }
    #expect(Set(await [one, two]) == [nil, "access.no_longer_admin"])
  }

  @Test("another role or school ends a person's sessions and tokens")
  func roleChange() async throws {
    let fixture = try await Fixture.make()
    let (school, other) = (fixture.district.school.id, fixture.district.otherSchool.id)
    try await fixture.account("wang", .schoolOfficer, school: school)
    func set(_ role: Role, _ school: UUID?) async throws {
      try await Users.setRole(
        login: "wang", role: role, school: school, now: start, in: fixture.admin)
    }
    let session = try await fixture.signIn("wang")
    let token = try await AccessTokens.add(
      name: "x", scope: [.read], expires: start + 86_400, now: start,
      in: try await fixture.context(session))
    try await set(.schoolOfficer, school)
    _ = try await fixture.signedIn(session)
    try await set(.schoolOfficer, other)
    #expect(await refusal { try await fixture.signedIn(session) } == "sign_in.needed")
    #expect(
      await refusal {
        try await SignIn.actor(accessToken: token.token, now: start, on: fixture.platform)
      } == "sign_in.needed")
    let moved = try await fixture.signIn("wang")
    #expect(try await fixture.signedIn(moved).actor.schoolID == other)
    try await set(.auditor, nil)
    #expect(await refusal { try await fixture.signedIn(moved) } == "sign_in.needed")
  }

  @Test("within a school's confinement nothing of accounts can be seen")
  func confinement() async throws {
    let fixture = try await Fixture.make()
    try await fixture.account("wang", .schoolOfficer, school: fixture.district.school.id)
    let context = try await fixture.context(try await fixture.signIn("wang"))
    for table in [
      "credential", "recovery_code", "login_session", "access_token", "one_time_link",
      "sign_in_failure",
    ] {
      let count = SQL(trusted: "select count(*) from \(table)")
      let seen: Int64 = try await context.read { try $0.query(count)[0].get(0) }
      #expect(seen == 0, "\(table)")
    }
    #expect(try await LoginSessions.list(now: start, in: context).count == 1)
  }
}
