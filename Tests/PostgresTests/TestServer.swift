import Foundation
import Logging
import Postgres
import Synchronization

/// One real server for all tests of the process, in a directory of its own, stopped at exit.
enum TestServer {
  static let cluster = EmbeddedCluster(
    directory: "/tmp/postgres-tests.\(getpid())",
    settings: ["fsync": "off", "shared_buffers": "32MB", "deadlock_timeout": "50ms"],
    logger: quiet)

  static let quiet: Logger = {
    var logger = Logger(label: "tests")
    logger.logLevel = .critical
    return logger
  }()

  private static let start = Task {
    removeLeftovers()
    let outcome = try await cluster.start()
    atexit { TestServer.end() }
    return outcome
  }

  private static func end() {
    try? cluster.stopBlocking()
    try? FileManager.default.removeItem(atPath: cluster.directory)
  }

  /// What test processes left that were killed.
  private static func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
    for name in names where name.hasPrefix("postgres-tests.") {
      guard let pid = Int32(name.split(separator: ".")[1]), kill(pid, 0) != 0 else { continue }
      let cluster = EmbeddedCluster(directory: "/tmp/\(name)", logger: quiet)
      try? cluster.stopBlocking()
      try? FileManager.default.removeItem(atPath: cluster.directory)
    }
  }

  static func ready() async throws {
    _ = try await start.value
  }

  private static let schemas = Atomic<Int>(0)

  /// Runs a test with a database object whose connections use a fresh schema.
  static func with<T>(
    poolSize: Int = 4, queueLimit: Int = 1024, applicationName: String = "tests",
    _ body: (Database) async throws -> T
  ) async throws -> T {
    try await ready()
    let number = schemas.add(1, ordering: .relaxed).newValue
    let schema = "t\(number)"
    let prepare = SQL(
      trusted: "set client_min_messages = error; create schema if not exists \(schema); "
        + "set search_path to \(schema)")
    // Two connections must not make the schema at the same moment.
    let first = Database(
      .init(conninfo: cluster.conninfo, logger: quiet, poolSize: 1, onConnect: [prepare]))
    try await first.run { try $0.script("select 1") }
    await first.close()
    let database = Database(
      .init(
        conninfo: cluster.conninfo, logger: quiet, poolSize: poolSize, queueLimit: queueLimit,
        onConnect: [prepare], applicationName: applicationName))
    do {
      let result = try await body(database)
      await database.close()
      return result
    } catch {
      await database.close()
      throw error
    }
  }

  /// A cluster for one test, removed afterwards.
  static func withCluster<T>(
    directory: String? = nil, _ body: (EmbeddedCluster) async throws -> T
  ) async throws -> T {
    let number = schemas.add(1, ordering: .relaxed).newValue
    let cluster = EmbeddedCluster(
      directory: directory ?? "/tmp/postgres-tests.\(getpid()).c\(number)",
      settings: ["fsync": "off", "shared_buffers": "16MB"], logger: quiet)
    func clean() async {
      try? await cluster.stop()
      try? FileManager.default.removeItem(atPath: cluster.directory)
      if !cluster.socketDirectory.hasPrefix(cluster.directory) {
        try? FileManager.default.removeItem(atPath: cluster.socketDirectory)
      }
    }
    do {
      let result = try await body(cluster)
      await clean()
      return result
    } catch {
      await clean()
      throw error
    }
  }
}

/// Runs blocking code on a thread of its own.
func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

/// Waits until something becomes true; gives up after 20 s.
func until(_ condition: () async throws -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(20)
  while ContinuousClock.now < end {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw GaveUp()
}

struct GaveUp: Error {}

/// The error that an operation ends with.
func failure<T>(_ body: () async throws -> T) async -> (any Error)? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

/// A number that tests count in from any thread.
final class Counter: Sendable {
  private let atomic = Atomic<Int>(0)

  var value: Int { atomic.load(ordering: .relaxed) }

  @discardableResult
  func next() -> Int { atomic.add(1, ordering: .relaxed).newValue }
}
