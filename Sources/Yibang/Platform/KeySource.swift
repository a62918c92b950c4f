import Crypto
import Foundation
import Glibc
import Synchronization

/// The keys that a running process seals and opens with, as the key file has them at the moment: a
/// rotation in another process is followed at once, without a restart.
final class KeySource: Sendable {
  struct SealKey: Sendable {
    let id: UInt32
    let key: SymmetricKey

    init(id: UInt32, master: Data) {
      self.id = id
      key = HKDF<SHA256>.deriveKey(
        inputKeyMaterial: SymmetricKey(data: master), info: Data("yibang seal \(id)".utf8),
        outputByteCount: 32)
    }
  }

  /// By which a file is seen to be another one.
  private struct Stamp: Sendable, Equatable {
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int
  }

  private struct Loaded: Sendable {
    var keys: [UInt32: SealKey]
    var current: SealKey
    var stamp: Stamp?
  }

  let path: String
  let hashKey: Data
  private let loaded: Mutex<Loaded>

  /// - Throws: `VaultError` if the file cannot be read or written or holds no keys.
  init(path: String) throws(VaultError) {
    let ring = try KeyFile.openOrMakeRing(path: path)
    self.path = path
    hashKey = ring.hashKey
    // Of a file replaced meanwhile the next use finds another stamp.
    loaded = Mutex(try Self.load(ring, stamp: nil, path: path))
  }

  private static func load(
    _ ring: KeyRing, stamp: Stamp?, path: String
  ) throws(VaultError) -> Loaded {
    var keys: [UInt32: SealKey] = [:]
    for (id, master) in ring.masters { keys[id] = SealKey(id: id, master: master) }
    guard let current = keys[ring.current] else { throw .notAKey(path: path) }
    return Loaded(keys: keys, current: current, stamp: stamp)
  }

  /// The key that seals now. Looking whether the file is still the same takes a microsecond; without
  /// it a process would go on sealing with an old key for as long as it meets no new value.
  /// - Throws: `VaultError` if the file was replaced by one that cannot be read or is another
  ///   installation's.
  func current() throws -> SealKey {
    try loaded.withLock { loaded in
      try follow(&loaded)
      return loaded.current
    }
  }

  /// The key with this id; nil if neither this process nor the file knows it.
  func key(_ id: UInt32) throws -> SealKey? {
    try loaded.withLock { loaded in
      if let key = loaded.keys[id] { return key }
      try follow(&loaded)
      return loaded.keys[id]
    }
  }

  private func follow(_ loaded: inout Loaded) throws(VaultError) {
    // Where the file is gone, what is known goes on to hold.
    guard let stamp = Self.stamp(path), stamp != loaded.stamp else { return }
    guard let ring = try KeyFile.ring(path: path) else { return }
    guard ring.hashKey == hashKey else { throw .otherKey }
    loaded = try Self.load(ring, stamp: stamp, path: path)
  }

  private static func stamp(_ path: String) -> Stamp? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    return Stamp(
      inode: information.st_ino, size: information.st_size,
      seconds: information.st_mtim.tv_sec, nanoseconds: information.st_mtim.tv_nsec)
  }
}
