import Foundation
import Postgres
import Synchronization
import Testing

@testable import Yibang

@Suite("Passwords, codes and tokens")
struct AccountRuleTests {
  @Test(
    "codes are those of RFC 6238, appendix B",
    arguments: [
      (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
      (1_234_567_890, "89005924"), (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ] as [(TimeInterval, String)])
  func vectors(seconds: TimeInterval, code: String) {
    let step = OneTimeCode.step(at: Date(timeIntervalSince1970: seconds))
    #expect(OneTimeCode.code(Array("12345678901234567890".utf8), step: step, digits: 8) == code)
  }

  @Test("a code holds one step before and after its own, and never again")
  func steps() {
    let secret = Array("12345678901234567890".utf8)
    let now = Date(timeIntervalSince1970: 1_111_111_109)
    let step = OneTimeCode.step(at: now)
    for shift in -3...3 {
      let code = OneTimeCode.code(secret, step: step + Int64(shift))
      let found = OneTimeCode.step(of: code, secret: secret, now: now, after: nil)
      #expect(found == (abs(shift) <= 1 ? step + Int64(shift) : nil), "\(shift)")
      #expect(OneTimeCode.step(of: code, secret: secret, now: now, after: step + 1) == nil)
    }
  }

  @Test(
    "base32 is that of RFC 4648",
    arguments: [
      ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
      ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
  func base32(plain: String, coded: String) {
    #expect(Yibang.base32(Array(plain.utf8)) == coded)
    #expect(bytes(base32: coded) == Array(plain.utf8))
  }

  @Test("base64url is read as it was written, whatever the length", arguments: 0...35)
  func base64(count: Int) {
    let random = randomBytes(8 * max(count, 1))
    let some = Array(random.prefix(count))
    #expect(bytes(base64URL: base64URL(some)) == some)
    #expect(!base64URL(random).contains { "+/=".contains($0) })
  }

  @Test(
    "what is easily guessed is no password",
    arguments: [
      ("short", "short"), ("十一个字的密码不够长啊", "short"), (String(repeating: "树", count: 86), "long"),
      ("wang.laoshi2", "named"), ("Wang.LaoshiWang.Laoshi", "named"), ("123456789012", "common"),
      ("abababababab", "common"), ("Password1234", "common"), ("１２３４５６７８９０１２", "common"),
      ("aaaaaaaaaaaaaaa1", "common"), ("woaini1314520", "common"), ("abcdabcdabcd", "common"),
    ])
  func refused(text: String, problem: String) throws {
    let error = #expect(throws: AccountError.self) {
      try Password(new: text, login: "wang.laoshi", name: "王老师")
    }
    #expect(error?.code == "account.password_\(problem)")
    #expect(error?.text.zh.contains(text) == false)
  }

  @Test("a sentence is a password, in one form of Unicode")
  func sentence() throws {
    let full = try Password(new: "Ａ１ 三月的风吹过操场边的ﬁ", login: "w", name: "w")
    let plain = Password(typed: "A1 三月的风吹过操场边的fi")
    #expect(full.bytes == plain.bytes)
    _ = try Password(new: String(repeating: "abcde fgh", count: 28), login: "w", name: "w")
  }

  @Test("a password is verified by its hash; one of other parameters is made anew")
  func hashing() async throws {
    let password = try Password(new: AccountFixture.password, login: "w", name: "w")
    let hash = try await PasswordHash.make(password)
    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(try await PasswordHash.make(password) != hash)
    #expect(try await PasswordHash.verify(password, hash))
    #expect(try await !PasswordHash.verify(Password(typed: AccountFixture.other), hash))
    #expect(try await !PasswordHash.verify(password, nil))
    let long = Password(typed: String(repeating: "x", count: 300))
    #expect(try await !PasswordHash.verify(long, hash))
    #expect(PasswordHash.isCurrent(hash))
    #expect(!PasswordHash.isCurrent(hash.replacingOccurrences(of: "m=19456", with: "m=9216")))
  }

  @Test("only so many hash at once, so many wait, and one more is told to come again")
  func gate() async throws {
    let gate = PasswordGate(places: 2, waiting: 3)
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    let doors = DispatchSemaphore(value: 0)
    let peak = Peak()
    let results = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<6 {
        group.addTask {
          await refusal {
            try await gate.pass {
              peak.enter()
              arrived.yield()
              doors.wait()
              peak.leave()
            }
          }
        }
      }
      var iterator = arrivals.makeAsyncIterator()
      await iterator.next()
      await iterator.next()
      // The one that found no room is the first to end.
      let first = await group.next()
      for _ in 0..<5 { doors.signal() }
      return await group.reduce(into: [first ?? nil]) { $0.append($1) }
    }
    #expect(results == ["sign_in.busy", nil, nil, nil, nil, nil])
    #expect(peak.highest == 2)
  }

  @Test("a token says its kind and district, and nothing else is one")
  func tokens() {
    let token = OpaqueToken.make(.session, district: "990100")
    #expect(token.text.wholeMatch(of: /ybs_990100_[A-Za-z0-9_-]{43}/) != nil)
    #expect(OpaqueToken(token.text, .session)?.district == "990100")
    #expect(OpaqueToken(token.text, .session)?.sha256 == token.sha256)
    for text in [
      "", "ybs_990100_", token.text + "A", String(token.text.dropLast()),
      "ybs_99010x" + token.text.dropFirst(10),
    ] { #expect(OpaqueToken(text, .session) == nil) }
    #expect(OpaqueToken(token.text, .personal) == nil)
    #expect(OpaqueToken(token.text, .link) == nil)
  }

  @Test("waits double from the first that is not free, up to the longest")
  func waits() async throws {
    let vault = try await TestPlatform.ready().vault
    let pair = GuessLimit.pair("w", "192.0.2.1", vault)
    #expect((0...8).map { GuessLimit.wait(after: $0, pair) } == [0, 0, 0, 0, 0, 4, 8, 16, 32])
    #expect(GuessLimit.wait(after: 10_000, pair) == 3_600)
    let login = GuessLimit.login("w", vault)
    #expect(
      [49, 50, 51, 60, 100_000].map { GuessLimit.wait(after: $0, login) } == [0, 1, 2, 60, 60])
  }

  @Test("an address counts as one with those that its holder can choose")
  func networks() {
    let one = GuessLimit.network("2001:db8:1:2::1")
    #expect(one == GuessLimit.network("2001:DB8:1:2:ffff::9"))
    #expect(one != GuessLimit.network("2001:db8:1:3::1"))
    #expect(GuessLimit.network("::ffff:192.0.2.1") == GuessLimit.network("192.0.2.1"))
    #expect(GuessLimit.network("192.0.2.1") != GuessLimit.network("192.0.2.2"))
  }
}

/// How many are inside at once.
private final class Peak: Sendable {
  private let state = Mutex((inside: 0, highest: 0))

  var highest: Int { state.withLock { $0.highest } }

  func enter() {
    state.withLock {
      $0.inside += 1
      $0.highest = max($0.highest, $0.inside)
    }
  }

  func leave() { state.withLock { $0.inside -= 1 } }
}
