import Foundation
import Postgres
import Testing

@testable import Yibang

/// A district whose people have accounts, and a clock that the tests move.
struct AccountFixture {
  static let password = "三月的风吹过操场边的那棵树"
  static let other = "correct horse battery staple"
  static let start = Date(timeIntervalSince1970: 1_790_000_000)
  static let home = "192.0.2.1"

  let district: TestDistrict

  var platform: Platform { district.platform }
  var admin: Context { district.admin }

  static func make() async throws -> AccountFixture {
    AccountFixture(district: try await .make())
  }

  /// Invites somebody, who accepts.
  func account(
    _ login: String, _ role: Role, school: UUID? = nil, donor: UUID? = nil,
    password: String = Self.password, now: Date = Self.start
  ) async throws {
    let link = try await Accounts.invite(
      login: login, name: login, role: role, school: school, donor: donor, now: now, in: admin)
    _ = try await Accounts.accept(
      link: link.token, password: password, now: now, on: platform)
  }

  func signIn(
    _ login: String, _ password: String = Self.password, code: String? = nil,
    from address: String = Self.home, device: String? = nil, at now: Date = Self.start
  ) async throws -> SignIn.Session {
    try await SignIn.signIn(
      district: district.code, login: login, password: password, code: code,
      client: .init(address: address, userAgent: "Firefox", device: device), now: now, on: platform)
  }

  func signedIn(_ session: SignIn.Session, at now: Date = Self.start) async throws -> SignedIn {
    try await SignIn.actor(session: session.token, now: now, on: platform)
  }

  /// The context of a session that is in use.
  func context(_ session: SignIn.Session, at now: Date = Self.start) async throws -> Context {
    Context(platform: platform, actor: try await signedIn(session, at: now).actor)
  }

  /// Sets up a second factor in a session.
  func enrol(
    _ session: SignIn.Session, at now: Date = Self.start
  ) async throws -> (secret: [UInt8], recovery: [String]) {
    let context = try await context(session, at: now)
    let secret = bytes(base32: try await SecondFactor.enrol(now: now, in: context).secret)
    let recovery = try await SecondFactor.confirm(
      code: code(secret, at: now), session: session.id, now: now, in: context)
    return (secret, recovery)
  }

  func code(_ secret: [UInt8], at now: Date) -> String {
    OneTimeCode.code(secret, step: OneTimeCode.step(at: now))
  }

  /// Signs in wrongly so many times, without waiting; what each attempt ended with.
  func fail(
    _ login: String, times: Int, from address: String = Self.home, device: String? = nil,
    at now: Date = Self.start
  ) async -> [String?] {
    var codes: [String?] = []
    for _ in 0..<times {
      codes.append(
        await refusal {
          try await signIn(login, "a wrong password", from: address, device: device, at: now)
        })
    }
    return codes
  }

  func donor(_ name: String = "助甲") async throws -> UUID {
    try await Donors.donor(
      DonorDetails(kind: .individual, name: name, anonymous: false), school: district.school.id,
      in: admin)
  }
}

/// RFC 4648 §6, of what has no padding.
func bytes(base32 text: String) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
  var bits = text.flatMap { letter in
    let value = alphabet.firstIndex(of: letter)!
    return (0..<5).map { value >> (4 - $0) & 1 }
  }[...]
  var bytes: [UInt8] = []
  while bits.count >= 8 {
    bytes.append(bits.prefix(8).reduce(0) { $0 << 1 | UInt8($1) })
    bits = bits.dropFirst(8)
  }
  return bytes
}
