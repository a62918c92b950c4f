import Foundation
import MerkleLog
import Postgres

/// The key that signs a district's checkpoints. Its private half lies beside the platform's other key
/// file, one file a district; its public half stands in the database from the first seal on, so that
/// a lost or exchanged file is noticed.
enum SealKey {
  /// The name of a district's log and of its key.
  static func origin(_ district: String) -> String { "yibang/\(district)" }

  private static func path(_ district: String, on platform: Platform) throws(SealError) -> String {
    guard let folder = platform.keyFolder else { throw .noKeyFolder }
    return (folder as NSString).appendingPathComponent("seal-\(district).key")
  }

  private static let recorded: SQL = "select verifier_key from seal_key where district_id = $1"
  private static let record: SQL =
    "insert into seal_key (district_id, verifier_key) values ($1, $2)"

  /// The public key that the database holds; nil before the first seal.
  static func recorded(_ session: borrowing Session, district: String) throws -> String? {
    try session.query(recorded, district).first?.get(0)
  }

  /// The public key of the key file; nil if there is none.
  static func ofFile(_ district: String, on platform: Platform) throws -> NoteKey? {
    guard platform.keyFolder != nil,
      let seed = try KeyFile.read(path: try path(district, on: platform))
    else { return nil }
    return try NoteSigner(name: origin(district), seed: seed).publicKey
  }

  /// The signer, made at its first use. The caller holds the district's lock of sealing.
  /// - Throws: `SealError.keyLost`, `.otherKey`; `VaultError`.
  static func signer(
    _ session: borrowing Session, district: String, on platform: Platform
  ) throws -> NoteSigner {
    let path = try path(district, on: platform)
    let known = try recorded(session, district: district)
    guard let seed = try known == nil ? KeyFile.openOrMake(path: path) : KeyFile.read(path: path)
    else { throw SealError.keyLost(path: path) }
    let signer = try NoteSigner(name: origin(district), seed: seed)
    let own = signer.publicKey.description
    if let known {
      guard known == own else { throw SealError.otherKey(path: path) }
    } else {
      try session.execute(record, district, own)
    }
    return signer
  }

  /// A verifier key as a person gives it: itself, or a file that holds it.
  /// - Throws: `SealError.notAKey`, `.unreadable`.
  static func read(_ given: String) throws(SealError) -> NoteKey {
    if let key = try? NoteKey(parsing: given) { return key }
    guard FileManager.default.fileExists(atPath: given) else { throw .notAKey(given) }
    let text = try SealFile.text(given)
    guard let key = try? NoteKey(parsing: text.trimmingCharacters(in: .whitespacesAndNewlines))
    else {
      throw .notAKey(given)
    }
    return key
  }
}

/// Small files that are given to be checked.
enum SealFile {
  /// Bytes of such a file at most.
  static let limit = 1_000_000

  /// - Throws: `SealError.unreadable` if it cannot be read, is too long or is no text.
  static func text(_ path: String) throws(SealError) -> String {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: limit + 1), data.count <= limit,
      let text = String(validating: data, as: UTF8.self)
    else { throw .unreadable(path: path) }
    return text
  }
}
