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

  /// Brings the schema up to date, connects as the application's role and proves the key.
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
  private static let readKey: SQL = "select digest from key_check where key_id = $1"

  /// The first start leaves the key's digest in the database; every later one compares.
  private func proveKey() async throws {
    let digest = vault.hash("yibang", domain: "key-check")
    let keyID = Int32(vault.keyID)
    let matches = try await database.transaction { session in
      if let row = try session.query(Self.readKey, keyID).first {
        return try row.get(0) == digest
      }
      try session.execute(Self.recordKey, keyID, digest)
      return try session.query(Self.readKey, keyID).first?.get(0) == digest
    }
    guard matches else { throw VaultError.otherKey }
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
