package import Foundation
package import Logging
import Postgres

/// Copies of an installation from which it can be made anew: the database and the key files, in one
/// encrypted file.
///
/// Made while the platform is at work: the copy is the database as it was at one moment.
package enum Backup {
  /// What stands before the dump: the files beside the database, by name.
  private struct Files: Codable {
    let files: [String: Data]
  }

  /// A passphrase shorter than this is not taken.
  private static let shortestPassphrase = 12

  /// What a backup's file says of itself.
  package struct Restored: Sendable {
    package let bytes: Int
    /// ISO 8601.
    package let madeAt: String
  }

  /// Writes a backup.
  /// - Parameters:
  ///   - conninfo: of the database's owner, whom row-level security does not bind.
  ///   - folder: of the key files.
  ///   - path: must not exist.
  /// - Throws: `BackupError`.
  package static func make(
    of conninfo: String, keysIn folder: String, to path: String, passphrase: String, now: Date
  ) async throws {
    guard passphrase.count >= shortestPassphrase else {
      throw BackupError.shortPassphrase(shortestPassphrase)
    }
    guard !FileManager.default.fileExists(atPath: path) else { throw BackupError.exists(path) }
    let files = try keyFiles(in: folder)
    try await onThread {
      let writer = try BackupFile.Writer(path: path, passphrase: passphrase, now: now)
      do {
        let head = try JSONEncoder().encode(Files(files: files))
        try writer.append(withUnsafeBytes(of: UInt32(head.count).bigEndian) { Data($0) })
        try writer.append(head)
        try writer.cut()
        try Dump.write(conninfo) { try writer.append(Data($0)) }
        try writer.finish()
      } catch let error as DumpError {
        writer.discard()
        throw BackupError(error)
      } catch {
        writer.discard()
        throw error
      }
    }
  }

  /// The keys: whatever they sealed is lost without them.
  private static func keyFiles(in folder: String) throws -> [String: Data] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var files: [String: Data] = [:]
    for name in names where name == "key" || (name.hasPrefix("seal-") && name.hasSuffix(".key")) {
      let path = (folder as NSString).appendingPathComponent(name)
      guard let data = FileManager.default.contents(atPath: path) else {
        throw BackupError.unreadable(path)
      }
      files[name] = data
    }
    return files
  }

  /// Makes an installation from a backup: the key files in `folder`, the rest in an empty database.
  /// - Throws: `BackupError`; nothing is left of a restoration that fails but the role `yibang_app`.
  package static func restore(
    _ path: String, to conninfo: String, keysIn folder: String, passphrase: String, logger: Logger
  ) async throws -> Restored {
    try await prepare(conninfo, logger)
    let (madeAt, files) = try await onThread {
      let reader = try BackupFile.Reader(path: path, passphrase: passphrase)
      guard var piece = try reader.next(), piece.count >= 4 else {
        throw BackupError.damaged(path)
      }
      let length = piece[..<4].reduce(0) { $0 << 8 | Int($1) }
      while piece.count < 4 + length, let more = try reader.next() { piece += more }
      guard piece.count >= 4 + length,
        let files = try? JSONDecoder().decode(Files.self, from: Data(piece[4..<(4 + length)]))
      else { throw BackupError.damaged(path) }
      let isSafe = files.files.keys.allSatisfy { !$0.contains("/") && !$0.hasPrefix(".") }
      guard isSafe else { throw BackupError.damaged(path) }
      for name in files.files.keys {
        let place = (folder as NSString).appendingPathComponent(name)
        if FileManager.default.fileExists(atPath: place) { throw BackupError.notEmpty(folder) }
      }
      var first: [UInt8]? = Array(piece[(4 + length)...])
      do {
        try Dump.restore(conninfo) {
          if let piece = first {
            first = nil
            return piece
          }
          return try reader.next()
        }
        // The dump may end before the file does: what follows is read too, and so proved whole.
        while try reader.next() != nil {}
      } catch let error as DumpError {
        throw BackupError(error)
      }
      return (reader.head.madeAt, files.files)
    }
    try await asOwner(conninfo, logger) { try $0.script(settle) }
    for (name, data) in files {
      let place = (folder as NSString).appendingPathComponent(name)
      guard
        FileManager.default.createFile(
          atPath: place, contents: data, attributes: [.posixPermissions: 0o600])
      else { throw BackupError.unwritable(place) }
    }
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    return Restored(bytes: size, madeAt: madeAt)
  }

  private static let makeRole: SQL = """
    do $$
    begin
      if not exists (select from pg_roles where rolname = 'yibang_app') then
        create role yibang_app nologin;
      end if;
    end
    $$
    """
  private static let countTables: SQL = """
    select count(*)::int8 from pg_tables where schemaname = 'public'
    """

  /// The role that grants in the dump name belongs to the whole server and is in no dump.
  private static func prepare(_ conninfo: String, _ logger: Logger) async throws {
    let tables: Int64 = try await asOwner(conninfo, logger) { session in
      try session.script(makeRole)
      return try session.query(countTables)[0].get(0)
    }
    guard tables == 0 else { throw BackupError.databaseInUse }
  }

  private static func asOwner<T: Sendable>(
    _ conninfo: String, _ logger: Logger,
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    let database = Database(.init(conninfo: conninfo, logger: logger, poolSize: 1))
    do {
      let result = try await database.run(body)
      await database.close()
      return result
    } catch {
      await database.close()
      throw error
    }
  }

  // Its transactions are counted anew, so the change feed begins anew. A copy tells nobody anything
  // until somebody says so.
  private static let settle: SQL = """
    do $$
    begin
      if to_regclass('webhook') is null then return; end if;
      update district set feed_epoch = gen_random_uuid();
      update audit set xact = 3;
      update webhook_delivery set xact = 3;
      update webhook
      set state = 'paused', at_xact = 3, at_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    end
    $$
    """

  /// Asks the doctor of each district.
  /// - Returns: the findings by district; a district where all holds has none.
  package static func examine(_ platform: Platform) async throws -> [String: [Finding]] {
    var findings: [String: [Finding]] = [:]
    for district in try await Districts.list(on: platform) {
      let actor = Actor(
        districtID: district.code, userID: UUID(), login: "restore", role: .auditor, schoolID: nil)
      findings[district.code] = try await Doctor.examine(
        in: Context(platform: platform, actor: actor))
    }
    return findings
  }
}
