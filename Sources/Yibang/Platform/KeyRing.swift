import Crypto
import Foundation

/// The keys of an installation, as the key file holds them: masters by id, the newest of which seals,
/// and the key of the blind indexes.
///
/// A file of one line is the ring of an installation that never rotated: its secret is key 1. From the
/// first rotation on the file names what it holds, a line each:
///
///     yibang keys
///     hash <base64 of 32 bytes>
///     key 1 <base64 of 32 bytes>
///     key 2 <base64 of 32 bytes>
///
/// The key of the hashes is derived from key 1 and stands by itself, so that key 1 can be retired
/// without it.
struct KeyRing: Sendable, Equatable {
  let hashKey: Data
  /// By id, never empty.
  private(set) var masters: [UInt32: Data]

  private static let title = "yibang keys"

  private init(hashKey: Data, masters: [UInt32: Data]) {
    self.hashKey = hashKey
    self.masters = masters
  }

  /// The ring of a single secret.
  init(first secret: Data, id: UInt32 = 1) {
    hashKey = Self.hashKey(of: secret)
    masters = [id: secret]
  }

  /// - Returns: nil if the text is no ring.
  init?(text: String) {
    let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    guard lines.first == Self.title else {
      guard lines.count == 1, let secret = Self.secret(lines[0]) else { return nil }
      self.init(first: secret)
      return
    }
    var (hash, masters): (Data?, [UInt32: Data]) = (nil, [:])
    for line in lines.dropFirst() {
      let words = line.split(separator: " ").map(String.init)
      guard let last = words.last, let secret = Self.secret(last) else { return nil }
      switch words.count {
      case 2 where words[0] == "hash" && hash == nil: hash = secret
      case 3 where words[0] == "key":
        guard let id = UInt32(words[1]), id > 0, masters.updateValue(secret, forKey: id) == nil
        else { return nil }
      default: return nil
      }
    }
    guard let hash, !masters.isEmpty else { return nil }
    self.init(hashKey: hash, masters: masters)
  }

  var text: String {
    var lines = [Self.title, "hash \(hashKey.base64EncodedString())"]
    for (id, secret) in masters.sorted(by: { $0.key < $1.key }) {
      lines.append("key \(id) \(secret.base64EncodedString())")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The key that seals.
  var current: UInt32 { masters.keys.max() ?? 1 }

  /// The ring with a further random key, of an id that no ring of this installation had.
  func adding(_ id: UInt32) -> KeyRing {
    var ring = self
    ring.masters[id] = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    return ring
  }

  func removing(_ id: UInt32) -> KeyRing {
    var ring = self
    ring.masters[id] = nil
    return ring
  }

  private static func secret(_ text: String) -> Data? {
    guard let bytes = Data(base64Encoded: text), bytes.count == 32 else { return nil }
    return bytes
  }

  /// What the hashes of an installation that began with this secret are keyed with.
  static func hashKey(of secret: Data) -> Data {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), info: Data("yibang hash".utf8),
      outputByteCount: 32
    ).withUnsafeBytes { Data($0) }
  }

  /// By which a database recognises a key without being able to use it.
  /// - Parameter hashKey: of the key.
  static func digest(hashKey: Data) -> [UInt8] {
    var mac = HMAC<SHA256>(key: SymmetricKey(data: hashKey))
    mac.update(data: Data("key-check".utf8) + [0] + Data("yibang".utf8))
    return [UInt8](mac.finalize())
  }

  /// Of each key.
  var digests: [UInt32: [UInt8]] {
    masters.mapValues { Self.digest(hashKey: Self.hashKey(of: $0)) }
  }

  /// Of the key that the hashes come from, whether it is still in the ring or not.
  var hashDigest: [UInt8] { Self.digest(hashKey: hashKey) }
}
