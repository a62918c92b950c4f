import Foundation
import Postgres
import Testing

@testable import Yibang

@Suite("Who acts")
struct UserTests {
  /// A district in which nobody is registered yet.
  private func open(_ code: String) async throws -> Platform {
    let platform = try await TestPlatform.ready()
    _ = try await Districts.add(code: code, name: "试区\(code)", login: "admin", on: platform)
    return platform
  }

  private func context(_ login: String, _ code: String) async throws -> Context {
    let platform = try await TestPlatform.ready()
    return Context(
      platform: platform, actor: try await Users.actor(login: login, district: code, on: platform))
  }

  private func logins(_ code: String) async throws -> [String] {
    try await Users.list(in: try await context("admin", code)).map(\.login)
  }

  @Test("reading puts nobody on record; the first write does, once, with the trail")
  func reading() async throws {
    let code = "990081"
    _ = try await open(code)
    let reader = try await context("m1", code)
    _ = try await Pairings.list(in: reader)
    _ = try await Schools.list(in: reader)
    #expect(try await logins(code) == ["admin"])
    let refused = await refusal {
      try await Schools.add(code: "2199000001", name: " ", in: reader)
    }
    #expect(refused != nil)
    #expect(try await logins(code) == ["admin"])
    async let one = Schools.add(code: "2199000001", name: "第一小学", in: reader)
    async let two = Schools.add(
      code: "2199000002", name: "第二小学", in: try await context("m1", code))
    _ = try await (one, two)
    #expect(try await logins(code) == ["admin", "m1"])
    let again = try await context("m1", code)
    #expect(!again.actor.isUnnamed && again.actor.userID == reader.actor.userID)
    let trail = try await Audit.list(.init(subject: reader.actor.userID), in: again).map(\.action)
    #expect(trail == ["user.named"])
  }

  @Test("once somebody is registered a name that never wrote cannot write any more")
  func registered() async throws {
    let code = "990082"
    _ = try await open(code)
    let stranger = try await context("m1", code)
    _ = try await Users.add(
      login: "m2", name: "m2", role: .matcher, school: nil, in: try await context("admin", code))
    #expect(
      await refusal { try await Schools.add(code: "2199000001", name: "第一小学", in: stranger) }
        == "access.unknown_user")
    #expect(await refusal { try await context("m1", code) } == "access.unknown_user")
    #expect(try await logins(code) == ["admin", "m2"])
  }

  @Test("a user is given another role; the only admin stays one")
  func role() async throws {
    let code = "990083"
    _ = try await open(code)
    let admin = try await context("admin", code)
    #expect(
      await refusal {
        try await Users.setRole(login: "admin", role: .matcher, school: nil, in: admin)
      } == "access.last_admin")
    let named = try await context("m1", code)
    let school = try await Schools.add(code: "2199000001", name: "第一小学", in: named).school
    let exists =
      await failure {
        try await Users.add(login: "m1", name: "m1", role: .matcher, school: nil, in: admin)
      } as? AccessError
    #expect(exists?.text.zh.contains("yibang user role m1") == true)
    try await Users.setRole(login: "m1", role: .principal, school: school.id, in: admin)
    let now = try await context("m1", code)
    #expect(now.actor.role == .principal && now.actor.schoolID == school.id)
    let codes = await [
      refusal { try await Users.setRole(login: "x", role: .matcher, school: nil, in: admin) },
      refusal {
        try await Users.setRole(login: "m1", role: .matcher, school: school.id, in: admin)
      },
      refusal { try await Users.setRole(login: "m1", role: .system, school: nil, in: admin) },
      refusal { try await Users.setRole(login: "admin", role: .auditor, school: nil, in: now) },
    ]
    #expect(
      codes == [
        "access.unknown_user", "access.school_role", "access.no_person", "access.forbidden",
      ])
    let trail = try await Audit.list(.init(subject: now.actor.userID), in: admin).map(\.action)
    #expect(trail == ["user.role", "user.named"])
  }
}
