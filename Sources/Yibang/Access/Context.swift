package import Foundation
package import Postgres

/// An actor at work on the platform: what every operation is given.
package struct Context: Sendable {
  package let platform: Platform
  package let actor: Actor
  /// The request that this is done for, if it may be repeated.
  package var repetition: Repetition?
  /// The version of a record on which the first write depends.
  package var expected: ExpectedVersion?
  /// When its transactions are given up; nil: never.
  package var deadline: ContinuousClock.Instant?

  package init(platform: Platform, actor: Actor) {
    self.platform = platform
    self.actor = actor
  }

  /// The transaction's settings, on which row-level security rests.
  package var settings: [(String, String)] {
    var settings = [
      ("yibang.district", actor.districtID), ("yibang.school", actor.schoolID?.lowercase ?? ""),
    ]
    // The roles that see less than all of district or school.
    if [.sponsor, .assessor].contains(actor.role) {
      settings.append(("yibang.role", actor.role.rawValue))
    }
    if let donor = actor.donorID { settings.append(("yibang.donor", donor.lowercase)) }
    return settings
  }

  private var timeLeft: Duration? {
    deadline.map { max($0 - .now, .zero) }
  }

  /// One read-only transaction confined to the actor's district and school.
  /// - Throws: `AccessError.forbidden` for a sponsor, who reads through `readOwn` alone.
  package func read<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await platform.database.transaction(
      readOnly: true, settings: settings, deadline: timeLeft, body)
  }

  /// As ``read(_:)``, for statements that are known before any of their rows: one round trip for all of
  /// them, where the other takes one for each and one for the end.
  package func read<T: Sendable>(
    _ statements: [Bound], decode: @escaping @Sendable ([Rows]) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await platform.database.batch(
      readOnly: true, settings: settings, deadline: timeLeft, statements, decode: decode)
  }

  /// One read-only transaction for a sponsor, whose donor every statement in it must name.
  /// - Throws: `AccessError.forbidden` for whoever is none.
  package func readOwn<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session, _ donor: UUID) throws -> T
  ) async throws -> T {
    let donor = try ownDonor()
    return try await platform.database.transaction(
      readOnly: true, settings: settings, deadline: timeLeft
    ) { session in
      try body(session, donor)
    }
  }

  /// The same for what must leave a trace.
  package func readOwnTraced<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session, _ donor: UUID) throws -> T
  ) async throws -> T {
    let donor = try ownDonor()
    return try await platform.database.transaction(
      settings: settings, deadline: timeLeft
    ) { session in
      try body(session, donor)
    }
  }

  private func ownDonor() throws(AccessError) -> UUID {
    try actor.require(.readOwn)
    guard let donor = actor.donorID else { throw .sponsorRole }
    return donor
  }

  /// As ``read(_:)``, for a page of a list, which is read along the index of its order and no further.
  /// Row-level security hides from the planner how many rows there are: it would rather sort them all.
  package func readInOrder<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await platform.database.transaction(
      readOnly: true, settings: settings + [("enable_sort", "off")], deadline: timeLeft, body)
  }

  /// As ``readInOrder(_:)``, for a list with filters of which each may be left out: planned for those
  /// that are given, each time, so that an index of one of them is read and not the whole list.
  package func readFiltered<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try requireWork()
    return try await platform.database.transaction(
      readOnly: true, settings: settings + Self.planned, deadline: timeLeft, body)
  }

  static let planned = [("enable_sort", "off"), ("plan_cache_mode", "force_custom_plan")]

  /// One transaction confined to the actor's district and school; retried where PostgreSQL says so.
  ///
  /// Where the context belongs to a request that may be repeated, what `body` gave is kept in the
  /// transaction, and a repetition gives that instead of running `body`: so it has to be `Codable`.
  /// - Throws: `AccessError.forbidden` for a sponsor, `VersionError.changed`, `IdempotencyError`, what
  ///   `body` throws.
  package func write<T: Codable & Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    let (actor, repetition, expected) = (actor, repetition, expected)
    let step = repetition?.nextStep()
    try requireWork()
    return try await named(settings) { session in
      guard let repetition, let step else {
        try expected?.check(session, district: actor.districtID)
        return try body(session)
      }
      return try repetition.once(step, actor, session) { session in
        if step == 1 { try expected?.check(session, district: actor.districtID) }
        return try body(session)
      }
    }
  }

  /// As ``write(_:)``, for a body that gives nothing.
  package func write(
    _ body: @escaping @Sendable (borrowing Session) throws -> Void
  ) async throws {
    _ = try await write { session in
      try body(session)
      return true
    }
  }

  /// As ``write(_:)``, for a body that gives two values.
  package func write<First: Codable & Sendable, Second: Codable & Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> (First, Second)
  ) async throws -> (First, Second) {
    let both = try await write { session in
      let (first, second) = try body(session)
      return Pair(first: first, second: second)
    }
    return (both.first, both.second)
  }

  /// Reads what must leave a trace: one transaction like ``write(_:)``, of which nothing is kept for a
  /// repetition, since reading again does no harm.
  package func readTraced<T: Sendable>(
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
    return try await platform.database.transaction(
      settings: settings, deadline: timeLeft
    ) { session in
      if actor.isUnnamed { try Users.name(actor, session) }
      return try body(session)
    }
  }

  private struct Pair<First: Codable & Sendable, Second: Codable & Sendable>: Codable, Sendable {
    let first: First
    let second: Second
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
