import CMigrations
import Foundation
package import Logging
package import Postgres

/// The running product: its database and its keys. Both front ends open one and call operations on it.
package struct Platform: Sendable {
  package let database: Database
  package let vault: Vault
  package let logger: Logger
  /// The folder of the key files; nil: this platform has none.
  package let keyFolder: String?
  let postings = PostingQueue()
  let bearers = Bearers()

  package init(database: Database, vault: Vault, logger: Logger, keyFolder: String? = nil) {
    self.database = database
    self.vault = vault
    self.logger = logger
    self.keyFolder = keyFolder
  }

  /// The schema of this program, in order.
  package static var migrations: [Migration] {
    var count = 0
    let files = UnsafeBufferPointer(start: CMigrations.migrations(&count), count: count)
    return files.map { file in
      let name = String(cString: file.name)
      return Migration(
        number: Int(name.prefix(4)) ?? 0, name: name,
        sql: Array(UnsafeBufferPointer(start: file.sql, count: file.length)))
    }
  }

  /// Brings the schema up to date, connects as the application's role, proves the key and seals by it
  /// what an earlier version left in clear.
  /// - Parameters:
  ///   - conninfo: URL or keyword string of a role that may make tables; the work itself runs under
  ///     `yibang_app`, which has no right to change a transfer or an audit row.
  ///   - keyFile: the master key, made at the first start.
  /// - Throws: `PostgresError`, `VaultError`.
  package static func open(
    conninfo: String, keyFile: String, poolSize: Int = 16, queueLimit: Int = 1024,
    logger: Logger, beforeConnect: (@Sendable () throws -> Void)? = nil
  ) async throws -> Platform {
    let vault = try Vault.open(path: keyFile)
    _ = try await onThread {
      try Migrator.migrate(conninfo: conninfo, migrations: migrations, logger: logger)
    }
    var configuration = Database.Configuration(conninfo: conninfo, logger: logger)
    configuration.poolSize = poolSize
    configuration.queueLimit = queueLimit
    configuration.onConnect = ["set role yibang_app"]
    configuration.beforeConnect = beforeConnect
    let platform = Platform(
      database: Database(configuration), vault: vault, logger: logger,
      keyFolder: (keyFile as NSString).deletingLastPathComponent)
    do {
      try await platform.proveKey()
      try await GroundsSealing.finish(conninfo: conninfo, on: platform)
    } catch {
      await platform.close()
      throw error
    }
    return platform
  }

  package func close() async {
    await database.close()
  }

  private static let clock: SQL = "select extract(epoch from clock_timestamp())::int8"

  /// How many seconds the database's clock is ahead of this machine's.
  package func secondsAhead(deadline: Duration) async throws -> Int {
    let there: Int64 = try await database.run(deadline: deadline) { session in
      try session.query(Self.clock)[0].get(0)
    }
    return Int(there) - Int(Date.now.timeIntervalSince1970)
  }

  private static let recordKey: SQL = """
    insert into key_check (key_id, digest) values ($1, $2) on conflict do nothing
    """
  private static let readKeys: SQL = """
    select key_id, digest, retired_at is not null from key_check order by key_id
    """

  /// The first start leaves the digests of its keys in the database; every later one compares. A key
  /// that only the file knows comes from a rotation that ended there, and is put on record.
  private func proveKey() async throws {
    guard let ring = try KeyFile.ring(path: vault.keys.path) else { throw VaultError.otherKey }
    let digests = ring.digests
    let known = try await database.transaction { session in
      var rows = try session.query(Self.readKeys)
      let recorded = try Set(rows.map { UInt32(bitPattern: try $0.get(0) as Int32) })
      let fresh = Set(digests.keys).subtracting(recorded).sorted()
      // Only a file that belongs here may add to what is known.
      guard try rows.isEmpty || Self.hashKeyFits(rows, ring) else { throw VaultError.otherKey }
      for id in fresh {
        guard let digest = digests[id] else { continue }
        try session.execute(Self.recordKey, Int32(bitPattern: id), digest)
      }
      if !fresh.isEmpty { rows = try session.query(Self.readKeys) }
      guard try Self.hashKeyFits(rows, ring) else { throw VaultError.otherKey }
      return try rows.map { row in
        KnownKey(
          id: UInt32(bitPattern: try row.get(0)), digest: try row.get(1), retired: try row.get(2))
      }
    }
    for key in known {
      if let digest = digests[key.id], digest != key.digest { throw VaultError.otherKey }
    }
    let missing = known.filter { !$0.retired && digests[$0.id] == nil }
    guard missing.isEmpty else { throw VaultError.keysMissing(missing.map { Int($0.id) }) }
  }

  private struct KnownKey: Sendable {
    let id: UInt32
    let digest: [UInt8]
    let retired: Bool
  }

  /// The hashes come from the first key that the database knows, whether it is retired or not.
  private static func hashKeyFits(_ rows: Rows, _ ring: KeyRing) throws -> Bool {
    guard let first = rows.first else { return false }
    let digest: [UInt8] = try first.get(1)
    return digest == ring.hashDigest
  }
}

/// Runs what blocks on a thread of its own, away from Swift's cooperative pool.
package func onThread<T: Sendable>(
  _ body: @escaping @Sendable () throws -> T
) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
