import Foundation
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
  }

  private let platform: Platform
  private let conninfo: String
  private let deadline: Duration

  /// - Parameters:
  ///   - conninfo: as the platform was opened with.
  ///   - deadline: an answer that takes longer is none.
  package init(platform: Platform, conninfo: String, deadline: Duration = .seconds(5)) {
    self.platform = platform
    self.conninfo = conninfo
    self.deadline = deadline
  }

  /// Asks the database through the pool, which also brings a dead embedded server back, and then
  /// compares the schema.
  package func readiness() async -> Readiness {
    guard await answers() else { return .databaseUnavailable }
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

  private func answers() async -> Bool {
    let (platform, deadline) = (platform, deadline)
    return await withTaskGroup { group in
      group.addTask { (try? await Districts.list(on: platform)) != nil }
      group.addTask {
        try? await Task.sleep(for: deadline)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
  }
}
