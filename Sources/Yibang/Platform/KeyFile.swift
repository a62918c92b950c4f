import Crypto
import Foundation
import Glibc

/// Secrets in a file of their own that only its owner can read.
enum KeyFile {
  /// The file's text.
  /// - Returns: nil if there is no such file.
  /// - Throws: `VaultError.unreadable`.
  static func text(path: String) throws(VaultError) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      if FileManager.default.fileExists(atPath: path) { throw .unreadable(path: path) }
      return nil
    }
    return text
  }

  /// A secret of 32 bytes, in base64.
  /// - Returns: nil if there is no such file.
  /// - Throws: `VaultError` if it cannot be read or is no key.
  static func read(path: String) throws(VaultError) -> Data? {
    guard let text = try text(path: path) else { return nil }
    guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      bytes.count == 32
    else { throw .notAKey(path: path) }
    return bytes
  }

  /// The keys of an installation.
  /// - Returns: nil if there is no such file.
  /// - Throws: `VaultError` if it cannot be read or holds no keys.
  static func ring(path: String) throws(VaultError) -> KeyRing? {
    guard let text = try text(path: path) else { return nil }
    guard let ring = KeyRing(text: text) else { throw .notAKey(path: path) }
    return ring
  }

  /// The keys of an installation, which begins with a random one where there is no file.
  /// - Throws: `VaultError` if the file cannot be read or written or holds no keys.
  static func openOrMakeRing(path: String) throws(VaultError) -> KeyRing {
    if let ring = try ring(path: path) { return ring }
    return KeyRing(first: try openOrMake(path: path))
  }

  /// The secret of the file, which is made (mode 0600) with a random one where there is none.
  /// - Throws: `VaultError` if the file cannot be read or written or is no key.
  static func openOrMake(path: String) throws(VaultError) -> Data {
    if let secret = try read(path: path) { return secret }
    let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    try write(path: path, [UInt8]((secret.base64EncodedString() + "\n").utf8)) { draft in
      // Another process may have made it at the same moment: what stands in the file counts.
      link(draft, path) == 0 || errno == EEXIST
    }
    guard let kept = try read(path: path) else { throw .unreadable(path: path) }
    return kept
  }

  /// Puts other keys in the file's place, whole or not at all; who owns it stays so.
  /// - Throws: `VaultError.unwritable`.
  static func replace(path: String, by ring: KeyRing) throws(VaultError) {
    // A link to the file stays a link.
    guard let resolved = realpath(path, nil) else { throw .unwritable(path: path) }
    defer { free(resolved) }
    let target = String(cString: resolved)
    var owner = stat()
    guard stat(target, &owner) == 0 else { throw .unwritable(path: path) }
    try write(path: target, [UInt8](ring.text.utf8)) { draft in
      guard geteuid() != 0 || chown(draft, owner.st_uid, owner.st_gid) == 0 else { return false }
      return rename(draft, target) == 0
    }
    let folder = open((target as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  /// Makes a draft beside the file, whole, private and on disk, and has it put in its place.
  private static func write(
    path: String, _ contents: [UInt8], _ place: (String) -> Bool
  ) throws(VaultError) {
    let draft = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max))"
    let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(path: path) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    guard Glibc.write(descriptor, contents, contents.count) == contents.count,
      fsync(descriptor) == 0, place(draft)
    else { throw .unwritable(path: path) }
  }
}
