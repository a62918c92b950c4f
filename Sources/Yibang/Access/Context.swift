import Foundation
package import Postgres

/// An actor at work on the platform: what every operation is given.
package struct Context: Sendable {
  package let platform: Platform
  package let actor: Actor

  package init(platform: Platform, actor: Actor) {
    self.platform = platform
    self.actor = actor
  }

  /// The transaction's settings, on which row-level security rests.
  package var settings: [(String, String)] {
    [
      ("yibang.district", actor.districtID),
      ("yibang.school", actor.schoolID?.uuidString.lowercased() ?? ""),
    ]
  }

  /// One read-only transaction confined to the actor's district and school.
  package func read<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try await platform.database.transaction(readOnly: true, settings: settings, body)
  }

  /// One transaction confined to the actor's district and school; retried where PostgreSQL says so.
  package func write<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    let actor = actor
    guard actor.isUnnamed else {
      return try await platform.database.transaction(settings: settings, body)
    }
    return try await platform.database.transaction(settings: settings) { session in
      try Users.name(actor, session)
      return try body(session)
    }
  }
}
