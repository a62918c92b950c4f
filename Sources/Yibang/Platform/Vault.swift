import Crypto
package import Foundation

/// Seals what must stay private and makes the keyed hashes by which it is looked up.
///
/// AES-256-GCM with the additional data `table:id:column`, so that a sealed value moved to another
/// row or column does not open; HMAC-SHA256 as blind index. All keys are derived (HKDF) from masters
/// kept in a file that only its owner can read: see ``KeyRing``.
package struct Vault: Sendable {
  let keys: KeySource
  /// Keyed once: a copy of it starts every hash.
  private let keyedHash: HMAC<SHA256>

  /// Reads the key file, or makes one (mode 0600) with a first key where there is none.
  /// - Throws: `VaultError` if the file cannot be read or written or holds no keys.
  package static func open(path: String) throws -> Vault {
    Vault(keys: try KeySource(path: path))
  }

  private init(keys: KeySource) {
    self.keys = keys
    keyedHash = HMAC(key: SymmetricKey(data: keys.hashKey))
  }

  /// `plaintext` sealed for one place: key id (4 bytes, big-endian), nonce, ciphertext, tag.
  package func seal(_ plaintext: [UInt8], at place: SealedPlace) throws -> [UInt8] {
    let current = try keys.current()
    let box = try AES.GCM.seal(
      plaintext, using: current.key, authenticating: place.additionalData)
    var sealed: [UInt8] = []
    sealed.reserveCapacity(4 + 12 + plaintext.count + 16)
    withUnsafeBytes(of: current.id.bigEndian) { sealed.append(contentsOf: $0) }
    box.nonce.withUnsafeBytes { sealed.append(contentsOf: $0) }
    sealed.append(contentsOf: box.ciphertext)
    sealed.append(contentsOf: box.tag)
    return sealed
  }

  /// An empty value is one that was erased where a row has to keep its place: it opens as nothing.
  /// - Throws: `VaultError.doesNotOpen` if the value was altered or moved; `.unknownKey` if the key
  ///   file has no key of its id.
  package func open(_ sealed: [UInt8], at place: SealedPlace) throws -> [UInt8] {
    if sealed.isEmpty { return [] }
    guard sealed.count >= 4 + 12 + 16 else {
      throw VaultError.doesNotOpen(table: place.table, id: place.id)
    }
    let id = sealed.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
    guard let key = try keys.key(id) else {
      throw VaultError.unknownKey(key: id, table: place.table, id: place.id)
    }
    guard let box = try? AES.GCM.SealedBox(combined: sealed[4...]),
      let plaintext = try? AES.GCM.open(
        box, using: key.key, authenticating: place.additionalData)
    else { throw VaultError.doesNotOpen(table: place.table, id: place.id) }
    return [UInt8](plaintext)
  }

  /// The blind index of a value: equal values have equal hashes, and nobody without the key can try.
  package func hash(_ value: String, domain: StaticString) -> [UInt8] {
    var mac = keyedHash
    domain.withUTF8Buffer { mac.update(data: UnsafeRawBufferPointer($0)) }
    var value = value
    value.withUTF8 {
      mac.update(data: [0])
      mac.update(data: UnsafeRawBufferPointer($0))
    }
    return [UInt8](mac.finalize())
  }
}

/// Where a sealed value stands: it opens nowhere else.
package struct SealedPlace: Sendable {
  let table: String
  let id: UUID
  let column: String

  package init(_ table: String, _ id: UUID, _ column: String) {
    self.table = table
    self.id = id
    self.column = column
  }

  var additionalData: [UInt8] {
    var data = [UInt8](table.utf8)
    data.append(UInt8(ascii: ":"))
    withUnsafeBytes(of: id.uuid) { data.append(contentsOf: $0) }
    data.append(UInt8(ascii: ":"))
    data.append(contentsOf: column.utf8)
    return data
  }
}

package enum VaultError: YibangError {
  case unreadable(path: String)
  case unwritable(path: String)
  case notAKey(path: String)
  case doesNotOpen(table: String, id: UUID)
  case unknownKey(key: UInt32, table: String, id: UUID)
  case otherKey
  /// The database knows keys that the file lacks.
  case keysMissing([Int])

  package var code: String {
    switch self {
    case .unreadable: "vault.unreadable"
    case .unwritable: "vault.unwritable"
    case .notAKey: "vault.not_a_key"
    case .doesNotOpen: "vault.does_not_open"
    case .unknownKey: "vault.unknown_key"
    case .otherKey: "vault.other_key"
    case .keysMissing: "vault.keys_missing"
    }
  }

  package var category: ErrorCategory { .configuration }

  package var text: Text {
    switch self {
    case .unreadable(let path):
      Text(
        "密钥文件 \(path) 无法读取，请检查其所有者和权限。",
        "The key file \(path) cannot be read. Check its owner and permissions.")
    case .unwritable(let path):
      Text(
        "无法建立密钥文件 \(path)，请检查该文件夹的权限。",
        "The key file \(path) cannot be made. Check the permissions of its folder.")
    case .notAKey(let path):
      Text(
        "\(path) 不是密钥文件，请从备份中恢复。",
        "\(path) is not a key file. Restore it from your backup.")
    case .doesNotOpen(let table, let id):
      Text(
        "\(table) 的记录 \(id.lowercase) 无法解密：内容被改动，或密钥不对。",
        "The record \(id.lowercase) of \(table) does not open: it was altered, or the key is another."
      )
    case .unknownKey(let key, let table, let id):
      Text(
        "\(table) 的记录 \(id.lowercase) 是用第 \(key) 号密钥加密的，密钥文件中没有它。请恢复最新的密钥文件。",
        "The record \(id.lowercase) of \(table) is sealed with key \(key), which the key file lacks. "
          + "Restore the newest key file.")
    case .keysMissing(let keys):
      Text(
        "密钥文件缺少第 \(Self.list(keys)) 号密钥，可能是轮换之前的备份。请恢复最新的密钥文件。",
        "The key file lacks key \(Self.list(keys)); it may be a copy from before a rotation. "
          + "Restore the newest key file.")
    case .otherKey:
      Text(
        "密钥文件与数据库不符：这个数据库是用另一把密钥加密的。请恢复原来的密钥文件。",
        "The key file does not belong to this database, which was sealed with another key. "
          + "Restore the original key file.")
    }
  }

  private static func list(_ keys: [Int]) -> String {
    keys.map(String.init).joined(separator: ", ")
  }
}
