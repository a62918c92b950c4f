import Crypto
import Foundation
import Glibc

/// A secret of 32 bytes in a file of its own that only its owner can read, in base64.
enum KeyFile {
  /// - Returns: nil if there is no such file.
  /// - Throws: `VaultError` if it cannot be read or is no key.
  static func read(path: String) throws(VaultError) -> Data? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      if FileManager.default.fileExists(atPath: path) { throw .unreadable(path: path) }
      return nil
    }
    guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      bytes.count == 32
    else { throw .notAKey(path: path) }
    return bytes
  }

  /// The secret of the file, which is made (mode 0600) with a random one where there is none.
  /// - Throws: `VaultError` if the file cannot be read or written or is no key.
  static func openOrMake(path: String) throws(VaultError) -> Data {
    if let secret = try read(path: path) { return secret }
    let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    try create(path: path, contents: [UInt8]((secret.base64EncodedString() + "\n").utf8))
    // Another process may have made it at the same moment: what stands in the file counts.
    guard let kept = try read(path: path) else { throw .unreadable(path: path) }
    return kept
  }

  /// Makes the file whole and private, or leaves the one that is there.
  private static func create(path: String, contents: [UInt8]) throws(VaultError) {
    let draft = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max))"
    let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(path: path) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    guard write(descriptor, contents, contents.count) == contents.count, fsync(descriptor) == 0,
      link(draft, path) == 0 || errno == EEXIST
    else { throw .unwritable(path: path) }
  }
}
