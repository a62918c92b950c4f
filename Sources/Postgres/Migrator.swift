import CLibPQ
package import Logging

/// Applies migrations: each in a transaction of its own, all under one advisory lock.
///
/// These functions block the calling thread and use one connection of their own. Errors are
/// ``PostgresError/migration(_:)`` and ``PostgresError/connection(_:)``.
package enum Migrator {
  /// Every migration of the program and whether it is applied.
  package static func status(
    conninfo: String, migrations: [Migration], logger: Logger
  ) throws(PostgresError) -> [MigrationStatus] {
    let connection = Connection(logger: logger)
    defer { connection.close() }
    try connection.open(conninfo, applicationName: "migrate")
    let applied = try check(connection, migrations)
    return migrations.sorted { $0.number < $1.number }.map {
      MigrationStatus(number: $0.number, name: $0.name, isApplied: applied.contains($0.number))
    }
  }

  /// The migrations that are not applied yet, in order.
  package static func pending(
    conninfo: String, migrations: [Migration], logger: Logger
  ) throws(PostgresError) -> [MigrationStatus] {
    try status(conninfo: conninfo, migrations: migrations, logger: logger)
      .filter { !$0.isApplied }
  }

  /// Applies what is pending. A second process waits for the first and finds nothing to do.
  ///
  /// - Returns: the numbers that were applied now.
  package static func migrate(
    conninfo: String, migrations: [Migration], logger: Logger
  ) throws(PostgresError) -> [Int] {
    let connection = Connection(logger: logger)
    // Closing the connection also gives the lock back.
    defer { connection.close() }
    try connection.open(conninfo, applicationName: "migrate")
    let session = Session(connection)
    try session.execute("select pg_advisory_lock(hashtextextended('schema_migration', 0))")
    let applied = try check(connection, migrations)
    let pending = migrations.filter { !applied.contains($0.number) }
    if pending.isEmpty { return [] }
    try session.script(
      """
      set client_min_messages = warning;
      create table if not exists schema_migration (
        number int primary key,
        name text not null,
        sha256 bytea not null,
        applied_at timestamptz not null default clock_timestamp()
      )
      """)
    for migration in pending.sorted(by: { $0.number < $1.number }) {
      try apply(connection, migration)
      logger.info(
        "migration applied",
        metadata: ["number": "\(migration.number)", "name": "\(migration.name)"])
    }
    return pending.map(\.number).sorted()
  }

  private static func apply(
    _ connection: Connection, _ migration: Migration
  ) throws(PostgresError) {
    let (number, name) = (migration.number, migration.name)
    guard let text = String(validating: migration.sql, as: UTF8.self) else {
      throw .migration(.unreadable(number: number, name: name))
    }
    let session = Session(connection)
    do throws(PostgresError) {
      try session.script("begin")
      try session.script(SQL(trusted: text))
      guard PQtransactionStatus(connection.pg) == PQTRANS_INTRANS else {
        throw PostgresError.migration(.endsTransaction(number: number, name: name))
      }
      try session.execute(
        "insert into schema_migration (number, name, sha256) values ($1, $2, sha256($3))",
        number, name, migration.sql)
      try session.script("commit")
    } catch {
      connection.rollback()
      guard let detail = error.detail else { throw error }
      throw .migration(.failed(number: number, name: name, detail))
    }
  }

  /// Holds the program's migrations against the applied ones.
  ///
  /// - Returns: the numbers that are applied.
  private static func check(
    _ connection: Connection, _ migrations: [Migration]
  ) throws(PostgresError) -> Set<Int> {
    let known = migrations.sorted { $0.number < $1.number }
    for (one, next) in zip(known, known.dropFirst()) where one.number == next.number {
      throw .migration(.duplicate(number: one.number))
    }
    let applied = try readApplied(connection)
    let byNumber = Dictionary(uniqueKeysWithValues: known.map { ($0.number, $0) })
    let last = known.last?.number ?? 0
    for entry in applied where byNumber[entry.number] == nil && entry.number <= last {
      throw .migration(.missing(number: entry.number, name: entry.name))
    }
    if let newest = applied.last, newest.number > last {
      throw .migration(.newer(applied: newest.number, known: last))
    }
    for (index, migration) in known.enumerated() where migration.number != index + 1 {
      throw .migration(.gap(number: index + 1))
    }
    for (index, entry) in applied.enumerated() where entry.number != index + 1 {
      throw .migration(.gap(number: index + 1))
    }
    try compare(connection, applied, byNumber)
    return Set(applied.map(\.number))
  }

  private struct Applied {
    let number: Int
    let name: String
    let sha256: [UInt8]
  }

  private static func readApplied(_ connection: Connection) throws(PostgresError) -> [Applied] {
    let session = Session(connection)
    let table: Bool = try session.query("select to_regclass('schema_migration') is not null")[0]
      .get(0)
    if !table { return [] }
    let rows = try session.query(
      "select number, name, sha256 from schema_migration order by number")
    var applied: [Applied] = []
    for row in rows {
      applied.append(Applied(number: try row.get(0), name: try row.get(1), sha256: try row.get(2)))
    }
    return applied
  }

  /// The server computes the checksums, so that this library needs no cryptography of its own.
  private static func compare(
    _ connection: Connection, _ applied: [Applied], _ known: [Int: Migration]
  ) throws(PostgresError) {
    let statements = applied.compactMap { entry in
      known[entry.number].map { Bound("select sha256($1)", $0.sql) }
    }
    let results = try Session(connection).batch(statements)
    for (entry, rows) in zip(applied, results) {
      let sha256: [UInt8] = try rows[0].get(0)
      if sha256 != entry.sha256 {
        throw .migration(.edited(number: entry.number, name: entry.name))
      }
    }
  }
}
