import CLibPQ

/// A connection in the hands of one job. It cannot be copied and never leaves its thread.
///
/// Every function blocks that thread until the server answers, and throws ``PostgresError`` by
/// SQLSTATE. After an error inside a transaction only a ROLLBACK, to a savepoint or of all, helps.
package struct Session: ~Copyable {
  let connection: Connection

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// Runs one statement, prepared on its first use on this connection.
  ///
  /// - Throws: ``PostgresError``.
  package func query(
    _ sql: SQL, _ parameters: (any PostgresValue)?...
  ) throws(PostgresError) -> Rows {
    try connection.query(Bound(sql, parameters: parameters))
  }

  /// Runs one statement with parameters that are made at run time.
  package func query(
    _ sql: SQL, parameters: [(any PostgresValue)?]
  ) throws(PostgresError) -> Rows {
    try connection.query(Bound(sql, parameters: parameters))
  }

  /// Runs one statement and gives the number of rows it changed or returned.
  @discardableResult
  package func execute(
    _ sql: SQL, _ parameters: (any PostgresValue)?...
  ) throws(PostgresError) -> Int {
    try connection.query(Bound(sql, parameters: parameters)).affected
  }

  /// Runs one statement with parameters that are made at run time.
  @discardableResult
  package func execute(
    _ sql: SQL, parameters: [(any PostgresValue)?]
  ) throws(PostgresError) -> Int {
    try connection.query(Bound(sql, parameters: parameters)).affected
  }

  /// Sends the statements together and reads their results: one round trip.
  ///
  /// Outside a transaction they are one: an error in any of them leaves nothing.
  @discardableResult
  package func batch(_ statements: [Bound]) throws(PostgresError) -> [Rows] {
    if statements.isEmpty { return [] }
    return try connection.pipeline(statements)
  }

  /// Runs several statements without parameters, separated by semicolons, as `psql` would.
  ///
  /// Outside a transaction they are one, unless the text itself commits.
  package func script(_ sql: SQL) throws(PostgresError) {
    try connection.flushDeferred()
    _ = try connection.begin(sql)
    try connection.simple(sql)
  }

  /// Runs one statement and calls `body` for each row as it arrives: memory stays bounded.
  ///
  /// The session runs nothing else until this returns. When `body` throws, the statement is
  /// cancelled, which fails a surrounding transaction or savepoint.
  ///
  /// - Throws: ``PostgresError``, or what `body` throws.
  package func forEach(
    _ sql: SQL, _ parameters: (any PostgresValue)?..., body: (Row) throws -> Void
  ) throws {
    try connection.stream(Bound(sql, parameters: parameters), body)
  }

  /// Runs one statement with parameters made at run time, row by row.
  package func forEach(
    _ sql: SQL, parameters: [(any PostgresValue)?], body: (Row) throws -> Void
  ) throws {
    try connection.stream(Bound(sql, parameters: parameters), body)
  }

  /// Writes rows with `copy … from stdin with (format binary)`.
  ///
  /// Values must have exactly the types of the columns: `Int` is int8, `Int32` is int4.
  /// Nothing is written when `body` throws.
  ///
  /// - Returns: the number of rows written.
  /// - Throws: ``PostgresError``, or what `body` throws.
  @discardableResult
  package func copyIn(_ sql: SQL, _ body: (inout CopyWriter) throws -> Void) throws -> Int {
    try connection.copyIn(sql, body)
  }

  /// Reads the output of `copy … to stdout` as it arrives, in any format.
  ///
  /// - Throws: ``PostgresError``, or what `body` throws; the rest is then not read.
  package func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try connection.copyOut(sql, body)
  }

  /// Runs `body` under a savepoint of the surrounding transaction: when it throws, what it did is
  /// undone and the transaction can go on.
  @discardableResult
  package func savepoint<T>(_ body: (borrowing Session) throws -> T) throws -> T {
    try connection.savepoint(body)
  }
}

extension Connection {
  /// One statement, prepared and run in one round trip.
  ///
  /// Outside a transaction a plan that no longer fits the schema is prepared again at once.
  func query(_ statement: Bound) throws(PostgresError) -> Rows {
    metStalePlan = false
    let statements = [statement]
    do {
      return try pipeline(statements)[0]
    } catch {
      guard metStalePlan, let pg, PQtransactionStatus(pg) == PQTRANS_IDLE else { throw error }
      return try pipeline(statements)[0]
    }
  }

  /// Several statements over the simple protocol; results are thrown away.
  func simple(_ sql: SQL) throws(PostgresError) {
    let pg = try require()
    if PQtransactionStatus(pg) == PQTRANS_IDLE { mayHaveCommitted = true }
    guard let result = PQexec(pg, sql.text) else { throw lose() }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      close()
      throw .server(.init(sqlstate: "0A000", message: "COPY in a script", sql: sql.text))
    default: throw failure(result, sql)
    }
  }

  /// The error of a result; the connection is closed when it is the last one.
  func failure(_ result: OpaquePointer, _ sql: SQL) -> PostgresError {
    guard let pg else { return .connection("the connection was lost") }
    let detail = PostgresError.Detail(result, sql: sql.text)
    guard isFatal(result, pg) else { return PostgresError(detail) }
    let reason = detail.sqlstate.isEmpty ? errorText(pg) : detail.description
    close()
    return .connection(reason)
  }
}
