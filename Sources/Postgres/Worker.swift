import CLibPQ
import Logging

/// What it takes to cancel the statement that a connection runs.
///
/// `@unchecked Sendable`: libpq lets PQcancel be called from any thread, because it only reads.
final class CancelHandle: @unchecked Sendable {
  private let handle: OpaquePointer?

  init(_ pg: OpaquePointer) {
    handle = PQgetCancel(pg)
  }

  deinit {
    PQfreeCancel(handle)
  }

  /// Blocks until the server took the request.
  func cancel() {
    var message = [CChar](repeating: 0, count: 256)
    _ = PQcancel(handle, &message, Int32(message.count))
  }
}

/// One thread of the pool and its connection.
///
/// `@unchecked Sendable`: `connection` is only touched by the worker's own thread. `job` is written by
/// that thread under the pool's lock, so it may read it without; the other mutable properties are
/// only touched under the lock.
final class Worker: @unchecked Sendable {
  let connection: Connection
  private unowned let pool: Pool

  var job: Job?
  var cancelHandle: CancelHandle?
  var socket: Int32 = -1
  var isBeingCancelled = false
  var cancelledJob: Job?
  var cancelledSince: UInt64 = 0
  var cancelAgain: UInt64 = 0

  init(_ pool: Pool) {
    self.pool = pool
    connection = Connection(logger: pool.configuration.logger)
    connection.onClose = { [unowned self] in self.pool.disconnected(self) }
    // The job changes only between two calls of the connection, on this same thread.
    connection.interruption = { [unowned self] in self.job?.interruptionError() }
  }

  /// How often a piece of work may be done again.
  struct Retries {
    /// Times that it is done in all when it loses against other transactions.
    var attempts = 1
    /// Whether it may be done twice when a lost connection leaves the outcome unknown.
    var isIdempotent = false
  }

  /// Runs the work on a usable connection, and again where that is safe.
  ///
  /// After a lost connection it is done once more if nothing can have been committed. Serialization
  /// failures, deadlocks and plans that no longer fit the schema are tried again with jitter.
  func attempt<T>(_ retries: Retries, _ body: (Connection) throws -> T) throws -> T {
    connection.mayHaveCommitted = false
    var attemptsLeft = retries.attempts
    var mayReconnect = true
    while true {
      try connect()
      connection.metStalePlan = false
      do {
        return try body(connection)
      } catch let error as PostgresError {
        switch error {
        case .connection:
          let isSafe = retries.isIdempotent || !connection.mayHaveCommitted
          guard isSafe && mayReconnect else { throw error }
          mayReconnect = false
          pool.count(\.reconnects)
        case .serialization, .deadlock:
          if case .deadlock = error { pool.count(\.deadlocks) } else { pool.count(\.conflicts) }
          attemptsLeft -= 1
          guard attemptsLeft > 0 else { throw error }
          let steps = retries.attempts - attemptsLeft
          pause(milliseconds: Int.random(in: 1...min(250, 4 << min(steps, 6))))
        default:
          attemptsLeft -= 1
          guard connection.metStalePlan && attemptsLeft > 0 else { throw error }
        }
      }
    }
  }

  /// Opens the connection when it is not usable. A server that was there before is given 10 s to
  /// come back, one that was never reached 1 s.
  private func connect() throws {
    if connection.isUsable() { return }
    connection.close()
    let configuration = pool.configuration
    let start = monotonicNow()
    var wait = 20
    var refusals = 0
    while true {
      if let error = job?.interruptionError() { throw error }
      try configuration.beforeConnect?()
      do {
        try connection.open(
          configuration.conninfo, applicationName: configuration.applicationName)
      } catch {
        let window: UInt64 = pool.isServerKnown ? 10_000_000_000 : 1_000_000_000
        let answer = Connection.ping(configuration.conninfo)
        if answer == PQPING_OK { refusals += 1 }
        let isHopeless = answer == PQPING_NO_ATTEMPT || refusals > 2
        if isHopeless || monotonicNow() - start > window { throw error }
        configuration.logger.warning("no connection to the database; trying again")
        pause(milliseconds: wait)
        wait = min(wait * 2, 500)
        continue
      }
      if let pg = connection.pg { pool.connected(self, pg) }
      for sql in configuration.onConnect { try connection.simple(sql) }
      connection.mayHaveCommitted = false
      return
    }
  }
}
