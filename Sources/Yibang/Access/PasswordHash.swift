import CArgon2
import Crypto
import Foundation

/// Argon2id, in PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
package enum PasswordHash {
  // The smallest that OWASP's Password Storage Cheat Sheet gives for argon2id.
  private static let memoryKiB: UInt32 = 19_456
  private static let passes: UInt32 = 2
  private static let lanes: UInt32 = 1
  private static let saltBytes = 16
  private static let hashBytes = 32
  private static let parameters = "$argon2id$v=19$m=\(memoryKiB),t=\(passes),p=\(lanes)$"
  /// Of nothing: verified where there is no account, so that the answer takes as long.
  private static let ofNobody =
    parameters + String(repeating: "A", count: 22) + "$" + String(repeating: "A", count: 43)

  /// Two at a time, since each takes 19 MiB and a processor; who comes when 64 wait is told to come
  /// again, so no wait is longer than 33 hashes.
  private static let gate = PasswordGate(places: 2, waiting: 64)

  /// Told of each verification of the task: to count them.
  @TaskLocal package static var onVerify: (@Sendable () -> Void)?

  /// - Throws: `AccountError.busy`.
  package static func make(_ password: Password) async throws -> String {
    try await make(password, memoryKiB: memoryKiB, passes: passes)
  }

  static func make(
    _ password: Password, memoryKiB: UInt32, passes: UInt32
  ) async throws -> String {
    try await gate.pass {
      let salt = randomBytes(saltBytes)
      // With a terminating zero.
      let size = argon2_encodedlen(
        passes, memoryKiB, lanes, UInt32(saltBytes), UInt32(hashBytes), Argon2_id)
      var encoded = [CChar](repeating: 0, count: size)
      let code = argon2id_hash_encoded(
        passes, memoryKiB, lanes, password.bytes, password.bytes.count, salt, saltBytes, hashBytes,
        &encoded, size)
      guard code == ARGON2_OK.rawValue else { throw AccountError.hashing(code) }
      return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
  }

  /// Whether the password is the one of the hash; as much work where there is no hash.
  /// - Throws: `AccountError.busy`.
  package static func verify(_ password: Password, _ encoded: String?) async throws -> Bool {
    onVerify?()
    let isPossible = encoded != nil && !password.isTooLong
    let encoded = encoded ?? ofNobody
    let bytes = Array(password.bytes.prefix(Password.mostBytes))
    let matches = try await gate.pass {
      switch argon2id_verify(encoded, bytes, bytes.count) {
      case ARGON2_OK.rawValue: true
      case ARGON2_VERIFY_MISMATCH.rawValue: false
      case let code: throw AccountError.hashing(code)
      }
    }
    return matches && isPossible
  }

  /// A key of 32 bytes made from a passphrase.
  /// - Throws: `AccountError.hashing`.
  static func key(
    of passphrase: String, salt: [UInt8], memoryKiB: UInt32, passes: UInt32
  ) throws(AccountError) -> SymmetricKey {
    var key = [UInt8](repeating: 0, count: hashBytes)
    let bytes = Array(passphrase.utf8)
    let code = argon2id_hash_raw(
      passes, memoryKiB, lanes, bytes, bytes.count, salt, salt.count, &key, key.count)
    guard code == ARGON2_OK.rawValue else { throw .hashing(code) }
    return SymmetricKey(data: key)
  }

  /// Whether a hash was made with the parameters of today.
  static func isCurrent(_ encoded: String) -> Bool { encoded.hasPrefix(parameters) }
}

/// Lets a few through at a time, each to a thread of its own, and a bounded number wait.
actor PasswordGate {
  private let places: Int
  private let mostWaiting: Int
  private var inside = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int, waiting: Int) {
    self.places = places
    mostWaiting = waiting
  }

  /// - Throws: `AccountError.busy` if too many wait; what `body` throws.
  nonisolated func pass<T: Sendable>(
    _ body: @escaping @Sendable () throws -> T
  ) async throws -> T {
    try await enter()
    do {
      let result = try await onThread(body)
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async throws(AccountError) {
    if inside < places {
      inside += 1
      return
    }
    guard waiting.count < mostWaiting else { throw .busy }
    // Whoever leaves hands the place on.
    await withCheckedContinuation { waiting.append($0) }
  }

  private func leave() {
    if waiting.isEmpty {
      inside -= 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
