import Crypto
import Foundation

/// A backup's file: a line that says what it is and how its key is made, then sealed pieces.
///
/// The key is Argon2id of the passphrase. Each piece is sealed by AES-256-GCM with its place, whether
/// it is the last, and the first line as additional data: none can be altered, moved, left out or
/// taken away from the end.
enum BackupFile {
  /// The first line, in JSON.
  struct Head: Codable {
    var format = "yibang-backup-1"
    /// ISO 8601.
    let madeAt: String
    let salt: Data
    let memoryKiB: UInt32
    let passes: UInt32

    enum CodingKeys: String, CodingKey {
      case format
      case madeAt = "made_at"
      case salt
      case memoryKiB = "memory_kib"
      case passes
    }
  }

  private static let pieceBytes = 1 << 20
  private static let memoryKiB: UInt32 = 65_536
  private static let passes: UInt32 = 3

  private static func additional(_ head: Data, _ index: UInt64, isLast: Bool) -> Data {
    var data = Data(SHA256.hash(data: head))
    withUnsafeBytes(of: index.bigEndian) { data.append(contentsOf: $0) }
    data.append(isLast ? 1 : 0)
    return data
  }

  /// Writes a backup: hidden under another name until ``finish()``.
  final class Writer {
    private let path: String
    private let draft: String
    private let handle: FileHandle
    private let key: SymmetricKey
    private let head: Data
    private var pending = Data()
    private var index: UInt64 = 0

    /// - Throws: `BackupError.unwritable`.
    init(path: String, passphrase: String, now: Date) throws {
      self.path = path
      draft = "\(path).part"
      let salt = randomBytes(16)
      let head = Head(
        madeAt: now.formatted(.iso8601), salt: Data(salt), memoryKiB: memoryKiB, passes: passes)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      self.head = try encoder.encode(head)
      key = try PasswordHash.key(
        of: passphrase, salt: salt, memoryKiB: memoryKiB, passes: passes)
      guard
        FileManager.default.createFile(
          atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]),
        let handle = FileHandle(forWritingAtPath: draft)
      else { throw BackupError.unwritable(path) }
      self.handle = handle
      try write(self.head + Data([0x0A]))
    }

    func append(_ bytes: some DataProtocol) throws {
      pending.append(contentsOf: bytes)
      while pending.count > pieceBytes {
        try seal(pending.prefix(pieceBytes), isLast: false)
        pending.removeFirst(pieceBytes)
      }
    }

    /// Ends a piece here: the first, which tells a wrong passphrase from damage, is short.
    func cut() throws {
      try seal(pending, isLast: false)
      pending.removeAll()
    }

    /// Ends the file and gives it its name, on disk.
    func finish() throws {
      try seal(pending, isLast: true)
      do {
        try handle.synchronize()
        try handle.close()
        guard rename(draft, path) == 0 else { throw BackupError.unwritable(path) }
      } catch {
        throw BackupError.unwritable(path)
      }
    }

    /// Takes away what was written.
    func discard() {
      try? handle.close()
      unlink(draft)
    }

    private func seal(_ piece: Data, isLast: Bool) throws {
      let box = try AES.GCM.seal(
        piece, using: key, authenticating: additional(head, index, isLast: isLast))
      guard let sealed = box.combined else { throw BackupError.unwritable(path) }
      index += 1
      var data = Data()
      withUnsafeBytes(of: UInt32(sealed.count).bigEndian) { data.append(contentsOf: $0) }
      data.append(sealed)
      try write(data)
    }

    private func write(_ data: Data) throws {
      do {
        try handle.write(contentsOf: data)
      } catch {
        throw BackupError.unwritable(path)
      }
    }
  }

  /// Reads a backup piece by piece.
  final class Reader {
    let head: Head
    private let path: String
    private let handle: FileHandle
    private let key: SymmetricKey
    private let headBytes: Data
    private var index: UInt64 = 0
    private var isAtEnd = false

    /// - Throws: `BackupError.unreadable`, `.notABackup`.
    init(path: String, passphrase: String) throws {
      self.path = path
      guard let handle = FileHandle(forReadingAtPath: path) else {
        throw BackupError.unreadable(path)
      }
      self.handle = handle
      var line = Data()
      while let byte = try? handle.read(upToCount: 1), let first = byte.first, first != 0x0A,
        line.count < 4096
      {
        line.append(first)
      }
      guard let head = try? JSONDecoder().decode(Head.self, from: line),
        head.format == Head(madeAt: "", salt: Data(), memoryKiB: 0, passes: 0).format,
        (8...1_048_576).contains(head.memoryKiB), (1...64).contains(head.passes)
      else { throw BackupError.notABackup(path) }
      self.head = head
      headBytes = line
      key = try PasswordHash.key(
        of: passphrase, salt: [UInt8](head.salt), memoryKiB: head.memoryKiB, passes: head.passes)
    }

    deinit {
      try? handle.close()
    }

    /// - Returns: nil after the last one.
    /// - Throws: `BackupError.passphrase` if the first does not open, `.damaged` for a later one.
    func next() throws -> [UInt8]? {
      if isAtEnd { return nil }
      let length = try read(4).reduce(0) { $0 << 8 | Int($1) }
      guard length <= pieceBytes + 64 else { throw BackupError.damaged(path) }
      let sealed = try read(length)
      guard let box = try? AES.GCM.SealedBox(combined: sealed) else {
        throw BackupError.damaged(path)
      }
      for isLast in [false, true] {
        if let piece = try? AES.GCM.open(
          box, using: key, authenticating: additional(headBytes, index, isLast: isLast))
        {
          index += 1
          isAtEnd = isLast
          if isLast, let more = try? handle.read(upToCount: 1), !more.isEmpty {
            throw BackupError.damaged(path)
          }
          return [UInt8](piece)
        }
      }
      throw index == 0 ? BackupError.passphrase(path) : BackupError.damaged(path)
    }

    private func read(_ count: Int) throws -> Data {
      guard let data = try? handle.read(upToCount: count), data.count == count else {
        throw BackupError.damaged(path)
      }
      return data
    }
  }
}
