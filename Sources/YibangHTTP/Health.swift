import Foundation
import Glibc
import Logging
import Postgres
package import Yibang

/// Whether the platform can work: asked by supervisors and load balancers.
package struct Health: Sendable {
  package enum Readiness: Sendable, Equatable {
    case ready
    /// The database does not answer.
    case databaseUnavailable
    /// So many migrations are not applied.
    case migrationsPending(Int)
    /// The schema was made by another program.
    case schemaDiffers
    /// Too little room is left where the data are.
    case diskFull
    /// The server's clock and the database's are so many seconds apart.
    case clocksDiffer(Int)
  }

  /// Below this, PostgreSQL may stop in the middle of its work.
  private static let leastFreeBytes = 256 << 20
  private static let mostSecondsApart = 30

  private let platform: Platform
  private let conninfo: String
  private let deadline: Duration
  private let folder: String?

  /// - Parameters:
  ///   - conninfo: as the platform was opened with.
  ///   - folder: where the data of an embedded server lie, whose free room is watched.
  ///   - deadline: an answer that takes longer is none.
  package init(
    platform: Platform, conninfo: String, folder: String? = nil, deadline: Duration = .seconds(5)
  ) {
    self.folder = folder
    self.platform = platform
    self.conninfo = conninfo
    self.deadline = deadline
  }

  /// Asks the database through the pool, which also brings a dead embedded server back, and then
  /// compares the schema.
  package func readiness() async -> Readiness {
    if let folder, let free = Self.freeBytes(folder), free < Self.leastFreeBytes {
      return .diskFull
    }
    guard let apart = await secondsApart() else { return .databaseUnavailable }
    guard abs(apart) <= Self.mostSecondsApart else { return .clocksDiffer(apart) }
    let conninfo = conninfo
    let logger = platform.logger
    do {
      let pending = try await onThread {
        try Migrator.pending(
          conninfo: conninfo, migrations: Platform.migrations, logger: logger)
      }
      return pending.isEmpty ? .ready : .migrationsPending(pending.count)
    } catch PostgresError.migration {
      return .schemaDiffers
    } catch {
      return .databaseUnavailable
    }
  }

  private static func freeBytes(_ folder: String) -> Int? {
    var information = statvfs()
    guard statvfs(folder, &information) == 0 else { return nil }
    return Int(information.f_bavail) * Int(information.f_frsize)
  }

  /// How far the database's clock is ahead; nil where it does not answer in time.
  private func secondsApart() async -> Int? {
    try? await platform.secondsAhead(deadline: deadline)
  }
}
