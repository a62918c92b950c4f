package import Foundation
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
  /// - Throws: `AccessError.forbidden` for a sponsor, who reads through `readOwn` alone.
  package func read<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await platform.database.transaction(readOnly: true, settings: settings, body)
  }

  /// One read-only transaction for a sponsor, whose donor every statement in it must name.
  /// - Throws: `AccessError.forbidden` for whoever is none.
  package func readOwn<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session, _ donor: UUID) throws -> T
  ) async throws -> T {
    try actor.require(.readOwn)
    guard let donor = actor.donorID else { throw AccessError.sponsorRole }
    return try await platform.database.transaction(readOnly: true, settings: settings) { session in
      try body(session, donor)
    }
  }

  /// One transaction confined to the actor's district and school; retried where PostgreSQL says so.
  /// - Throws: `AccessError.forbidden` for a sponsor.
  package func write<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await named(settings, body)
  }

  /// One transaction on accounts, which belong to persons and to no school: every statement in it
  /// names the person.
  func onAccounts<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try await named(Self.settings(ofDistrict: actor.districtID), body)
  }

  /// The same to look only.
  func readAccounts<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try await platform.database.transaction(
      readOnly: true, settings: Self.settings(ofDistrict: actor.districtID), body)
  }

  /// The settings of a transaction confined to a district alone.
  static func settings(ofDistrict district: String) -> [(String, String)] {
    [("yibang.district", district), ("yibang.school", "")]
  }

  private func named<T: Sendable>(
    _ settings: [(String, String)], _ body: @escaping @Sendable (borrowing Session) throws -> T
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

  /// Whatever an operation forgets to require: a sponsor, and a session that waits for its second
  /// factor, get nowhere.
  private func requireWork() throws(AccessError) {
    guard actor.role != .sponsor else {
      throw .forbidden(login: actor.login, role: actor.role, permission: .read)
    }
    guard actor.scope?.isEmpty != true else { throw .outOfScope(.read) }
  }
}
