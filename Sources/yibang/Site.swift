import Foundation
import Logging
import Postgres
import Yibang

/// Where the data are: a PostgreSQL given by its address, or the embedded cluster of a home, leased
/// as long as the command runs.
struct Site: Sendable {
  let settings: Settings
  let conninfo: String
  let logger: Logger
  private let cluster: EmbeddedCluster?
  private let lease: EmbeddedCluster.Lease?

  /// Makes the home where there is none, and sees to it that the database runs.
  /// - Throws: `HomeError`, `ClusterError`.
  static func open(_ settings: Settings) async throws -> Site {
    let logger = Self.logger(settings)
    try settings.home.make()
    if let url = settings.databaseURL {
      return Site(
        settings: settings, conninfo: url, logger: logger, cluster: nil, lease: nil)
    }
    let cluster = EmbeddedCluster(directory: settings.home.path, logger: logger)
    if cluster.status() == .absent {
      settings.printer.notice(
        Text(
          "首次使用，正在 \(settings.home.path) 建立数据库……",
          "First use: making a database in \(settings.home.path) …"))
    }
    let lease = try await onThread { try cluster.lease() }
    do {
      _ = try await cluster.start()
    } catch {
      lease.release()
      throw error
    }
    return Site(
      settings: settings, conninfo: cluster.conninfo, logger: logger, cluster: cluster,
      lease: lease)
  }

  /// Opens the site, uses it and leaves it, also after an error.
  static func use(_ settings: Settings, _ body: (Site) async throws -> Void) async throws {
    let site = try await open(settings)
    do {
      try await body(site)
    } catch {
      // The error of the work says more than one of leaving.
      try? await site.leave()
      throw error
    }
    try await site.leave()
  }

  /// The platform on this database, with its schema up to date. A server that died is started again
  /// at the next connection.
  func platform(poolSize: Int = 4, queueLimit: Int = 1024) async throws -> Platform {
    var beforeConnect: (@Sendable () throws -> Void)?
    if let cluster { beforeConnect = { _ = try cluster.startBlocking() } }
    return try await Platform.open(
      conninfo: conninfo, keyFile: settings.home.keyFile, poolSize: poolSize,
      queueLimit: queueLimit, logger: logger, beforeConnect: beforeConnect)
  }

  /// Where the data of the embedded server lie; nil where another is used.
  var dataFolder: String? { cluster == nil ? nil : settings.home.path }

  /// Gives the lease back; the last one out stops the embedded server.
  private func leave() async throws {
    guard let lease else { return }
    _ = try await onThread { try lease.releaseAndStopIfLast() }
  }

  /// Warnings and worse to the standard error, in the form that is set.
  static func logger(_ settings: Settings, level: Logger.Level = .warning) -> Logger {
    let isJSON = settings.configuration.text(.logFormat) == "json"
    var logger = Logger(label: "yibang") { label -> any LogHandler in
      isJSON ? JSONLog(label: label) : StreamLogHandler.standardError(label: label)
    }
    logger.logLevel = settings.isQuiet ? .error : level
    return logger
  }
}
