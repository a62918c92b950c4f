package import Logging

/// A PostgreSQL database: a bounded queue of jobs and worker threads with one connection each.
///
/// A job is a synchronous closure over a ``Session``; all of it runs in one hop on one thread.
/// Threads and connections start when there is work for them.
package final class Database: Sendable {
  package struct Configuration: Sendable {
    /// A URL or keywords, as `psql` takes them.
    package var conninfo: String
    /// Connections, and threads, at most.
    package var poolSize = 16
    /// Jobs that may wait; the next one is refused.
    package var queueLimit = 1024
    /// Scripts that every new connection runs.
    package var onConnect: [SQL] = []
    package var applicationName = "yibang"
    package var logger: Logger
    /// Called on the worker's thread before every connect, for example to start the server.
    package var beforeConnect: (@Sendable () throws -> Void)?

    package init(
      conninfo: String, logger: Logger, poolSize: Int = 16, queueLimit: Int = 1024,
      onConnect: [SQL] = [], applicationName: String = "yibang",
      beforeConnect: (@Sendable () throws -> Void)? = nil
    ) {
      self.conninfo = conninfo
      self.logger = logger
      self.poolSize = poolSize
      self.queueLimit = queueLimit
      self.onConnect = onConnect
      self.applicationName = applicationName
      self.beforeConnect = beforeConnect
    }
  }

  private let pool: Pool

  /// Connects to nothing yet.
  package init(_ configuration: Configuration) {
    pool = Pool(configuration)
  }

  deinit {
    pool.shutDown()
  }

  /// Runs `body` with a session of its own, each statement its own transaction.
  ///
  /// A connection that was lost since it was last used is replaced first. One lost while `body` runs
  /// is replaced, and `body` run again, only if nothing can have been committed.
  ///
  /// - Parameters:
  ///   - deadline: the time for waiting and running together.
  ///   - idempotent: whether `body` may run twice when a lost connection leaves the outcome unknown.
  /// - Throws: `CancellationError` when the task is cancelled before the work begins;
  ///   ``PostgresError``; what `body` throws.
  @discardableResult
  package func run<T: Sendable>(
    deadline: Duration? = nil, idempotent: Bool = false,
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try await pool.submit(deadline: Self.instant(deadline)) { worker in
      try worker.attempt(.init(isIdempotent: idempotent)) { try body(Session($0)) }
    }
  }

  /// Runs `body` in a transaction. BEGIN and the settings travel with its first statement.
  ///
  /// A serialization failure, a deadlock or a connection lost before COMMIT was sent runs `body`
  /// again, so it must change nothing outside the database.
  ///
  /// - Parameters:
  ///   - settings: names and values for SET LOCAL; names in lower case.
  ///   - deadline: the time for waiting and running together, all attempts included.
  ///   - attempts: how often `body` runs at most when it loses against other transactions.
  ///   - idempotent: whether the transaction may be done twice when the connection is lost at COMMIT.
  /// - Throws: as ``run(deadline:idempotent:_:)``; ``PostgresError/connection(_:)`` also when the
  ///   outcome is unknown.
  @discardableResult
  package func transaction<T: Sendable>(
    isolation: Isolation = .readCommitted, readOnly: Bool = false,
    settings: [(String, String)] = [], deadline: Duration? = nil, attempts: Int = 6,
    idempotent: Bool = false, _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    let start = TransactionStart(isolation: isolation, isReadOnly: readOnly, settings: settings)
    let retries = Worker.Retries(attempts: attempts, isIdempotent: idempotent || readOnly)
    return try await pool.submit(deadline: Self.instant(deadline)) { worker in
      try worker.attempt(retries) { try $0.transaction(start, body) }
    }
  }

  /// Sends BEGIN, the settings, the statements and COMMIT as one pipeline: one round trip.
  ///
  /// - Parameters:
  ///   - readOnly: refuses statements that write, and makes the batch `idempotent`.
  ///   - settings: names and values for SET LOCAL; names in lower case.
  ///   - idempotent: whether the statements may be done twice when the connection is lost before the
  ///     outcome is known.
  ///   - decode: makes the result from the rows of each statement. It runs after COMMIT: what it
  ///     throws undoes nothing.
  /// - Throws: as ``transaction(isolation:readOnly:settings:deadline:attempts:idempotent:_:)``.
  package func batch<T: Sendable>(
    readOnly: Bool = false, settings: [(String, String)] = [], deadline: Duration? = nil,
    attempts: Int = 6, idempotent: Bool = false, _ statements: [Bound],
    decode: @escaping @Sendable ([Rows]) throws -> T
  ) async throws -> T {
    let start = TransactionStart(isReadOnly: readOnly, settings: settings)
    let retries = Worker.Retries(attempts: attempts, isIdempotent: idempotent || readOnly)
    return try await pool.submit(deadline: Self.instant(deadline)) { worker in
      let rows = try worker.attempt(retries) { try $0.batch(start, statements) }
      return try decode(rows)
    }
  }

  /// As ``batch(settings:deadline:attempts:idempotent:_:decode:)``; gives how many rows each
  /// statement changed or returned.
  @discardableResult
  package func batch(
    settings: [(String, String)] = [], deadline: Duration? = nil, attempts: Int = 6,
    idempotent: Bool = false, _ statements: [Bound]
  ) async throws -> [Int] {
    try await batch(
      settings: settings, deadline: deadline, attempts: attempts, idempotent: idempotent,
      statements
    ) { $0.map(\.affected) }
  }

  /// Notifications of a channel, over a connection of its own that is opened again when it is lost.
  ///
  /// The stream ends when its task is cancelled or the database is closed. A notification without
  /// payload says that listening (re)started: what was sent before may have been missed.
  package func listen(channel: String) -> AsyncStream<Notification> {
    Listener.stream(channel: channel, pool: pool)
  }

  /// Refuses new work, lets queued work end, and waits until every connection is closed.
  package func close() async {
    pool.shutDown()
    await pool.waitForEnd()
  }

  /// What the pool does at this moment, and has done since it was made.
  package struct Statistics: Sendable {
    package struct Counters: Sendable {
      /// Pieces of work begun.
      package var jobs = 0
      /// Refused, since ``Configuration/queueLimit`` others waited.
      package var refused = 0
      /// Attempts that ended in a deadlock, and in another conflict with a transaction.
      package var deadlocks = 0
      package var conflicts = 0
      /// Pieces of work done again on a new connection.
      package var reconnects = 0
    }

    /// Pieces of work that wait for a connection.
    package let waiting: Int
    /// Workers at work.
    package let busy: Int
    package let connections: Int
    package let counters: Counters
  }

  package var statistics: Statistics { pool.statistics }

  private static func instant(_ deadline: Duration?) -> UInt64? {
    deadline.map { monotonicNow() + $0.nanoseconds }
  }
}

extension Connection {
  fileprivate func batch(
    _ start: TransactionStart, _ statements: [Bound]
  ) throws(PostgresError) -> [Rows] {
    if statements.isEmpty { return [] }
    try deferStart(start)
    do {
      return try pipeline(statements, commit: true)
    } catch {
      rollback()
      throw error
    }
  }
}
