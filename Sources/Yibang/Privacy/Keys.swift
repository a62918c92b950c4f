import Foundation
import Logging
import Postgres

/// The keys that seal private values: seen, rotated and retired while the system runs.
///
/// It is the work of whoever owns the database and the key file, like a migration: the application's
/// role has no right to write sealed values where no operation does.
package struct Keys: Sendable {
  /// Of the schema's owner.
  private let owner: Database
  private let platform: Platform
  /// Who has it done, as the trail names it.
  private let login: String

  /// Connects as the owner of the schema, does the work and closes again.
  /// - Parameter conninfo: as the platform was opened with.
  package static func using<T: Sendable>(
    conninfo: String, login: String, on platform: Platform,
    _ body: @Sendable (Keys) async throws -> T
  ) async throws -> T {
    var configuration = Database.Configuration(conninfo: conninfo, logger: platform.logger)
    configuration.poolSize = 1
    configuration.applicationName = "yibang key"
    let keys = Keys(owner: Database(configuration), platform: platform, login: login)
    do {
      let value = try await body(keys)
      await keys.owner.close()
      return value
    } catch {
      await keys.owner.close()
      throw error
    }
  }

  /// A key of this installation.
  package struct Key: Sendable, Codable {
    package let id: Int
    /// In China; nil for the first key of an installation that is older than rotation.
    package let madeAt: String?
    package let retiredAt: String?
    /// Whether it seals now.
    package let current: Bool
    /// How many values are sealed by it, by column: `student.private_sealed`.
    package let values: [String: Int64]

    package var total: Int64 { values.values.reduce(0, +) }

    enum CodingKeys: String, CodingKey {
      case id
      case madeAt = "made_at"
      case retiredAt = "retired_at"
      case current, values
    }
  }

  private static let known: SQL = """
    select key_id, to_char(made_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(retired_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
    from key_check
    order by key_id
    """
  private static let byKey: SQL = """
    select place, key_id, number from sealed_key_counts(null)
    """

  /// Every key that was ever in use, with what is still sealed by it.
  package func list() async throws -> [Key] {
    let current = Int(try platform.vault.keys.current().id)
    return try await owner.transaction(readOnly: true) { session in
      let counts = try Self.count(session)
      return try session.query(Self.known).map { row in
        let id = Int(try row.get(0) as Int32)
        return Key(
          id: id, madeAt: try row.optional(1), retiredAt: try row.optional(2),
          current: id == current, values: counts[id] ?? [:])
      }
    }
  }

  private static func count(_ session: borrowing Session) throws -> [Int: [String: Int64]] {
    var counts: [Int: [String: Int64]] = [:]
    for row in try session.query(byKey) {
      let (place, id): (String, Int64) = (try row.get(0), try row.get(1))
      counts[Int(id), default: [:]][place] = try row.get(2)
    }
    return counts
  }

  /// What a rotation did.
  package struct Rotation: Sendable, Codable, Equatable {
    /// The key that seals from now on.
    package let key: Int
    /// Whether it was made now; else an earlier rotation was brought to its end.
    package let isNew: Bool
    /// Values sealed anew.
    package let resealed: Int
    /// Values that are still sealed by earlier keys, since others held them all the time.
    package let left: Int
  }

  /// Makes a new key, which seals from now on, and seals anew what earlier keys sealed. Nothing stops
  /// for it: other processes take the new key from the file at their next value. One that was
  /// interrupted is brought to its end instead, without a further key.
  /// - Parameter batches: how many are done at most.
  /// - Throws: `VaultError`, `PostgresError`.
  package func rotate(batches: Int = .max) async throws -> Rotation {
    let (key, isNew) = try await currentKey()
    if isNew { try await note("key.rotate", key) }
    let resealed = try await reseal(batches: batches)
    let left = try await owner.transaction(readOnly: true) { session in
      try Self.count(session).filter { $0.key != Int(key) }.values.flatMap(\.values).reduce(0, +)
    }
    return Rotation(key: Int(key), isNew: isNew, resealed: resealed, left: Int(left))
  }

  // Two rotations at once take turns, and the second goes on with what the first began.
  private static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.keys', 0))
    """
  private static let newest: SQL = "select coalesce(max(key_id), 0) from key_check"
  private static let record: SQL = "insert into key_check (key_id, digest) values ($1, $2)"

  private func currentKey() async throws -> (id: UInt32, isNew: Bool) {
    let path = platform.vault.keys.path
    // The file is not undone with a transaction, so none is tried again. A key that is in the file
    // and not on record is put there by whoever opens the platform next.
    return try await owner.transaction(attempts: 1) { session in
      _ = try session.query(Self.lock)
      guard let ring = try KeyFile.ring(path: path) else { throw VaultError.unreadable(path: path) }
      let counts = try Self.count(session)
      if counts.keys.contains(where: { $0 != Int(ring.current) }) { return (ring.current, false) }
      let newest: Int32 = try session.query(Self.newest)[0].get(0)
      let id = max(ring.current, UInt32(bitPattern: newest)) + 1
      let longer = ring.adding(id)
      guard let digest = longer.digests[id] else { throw VaultError.notAKey(path: path) }
      try session.execute(Self.record, Int32(bitPattern: id), digest)
      try KeyFile.replace(path: path, by: longer)
      return (id, true)
    }
  }

  /// Rounds over all columns, until a round finds nothing more. What somebody else is just changing is
  /// passed over, and met in a later round.
  private func reseal(batches: Int) async throws -> Int {
    var (sealed, left) = (0, batches)
    for round in 0..<Self.rounds {
      if round > 1 { try await Task.sleep(for: .milliseconds(50 * round)) }
      var found = 0
      for column in SealedColumn.all {
        found += try await reseal(column, batches: &left)
        if left == 0 { return sealed + found }
      }
      sealed += found
      if found == 0, round > 0 { break }
    }
    return sealed
  }

  private static let rounds = 10

  private func reseal(_ column: SealedColumn, batches: inout Int) async throws -> Int {
    let vault = platform.vault
    var (place, sealed) = (Place(), 0)
    while batches > 0 {
      let from = place
      let (last, count) = try await owner.transaction { session in
        try Self.reseal(column, after: from, session, vault)
      }
      guard let last else { break }
      batches -= 1
      (place, sealed) = (last, sealed + count)
    }
    return sealed
  }

  private struct Place: Sendable {
    var district = ""
    var id = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    var version: Int32 = -1
  }

  private static func reseal(
    _ column: SealedColumn, after place: Place, _ session: borrowing Session, _ vault: Vault
  ) throws -> (last: Place?, count: Int) {
    let current = withUnsafeBytes(of: try vault.keys.current().id.bigEndian) { [UInt8]($0) }
    let rows = try session.query(
      column.next, place.district, place.id, place.version, current, column.batch)
    var (last, districts, ids): (Place?, [String], [UUID]) = (nil, [], [])
    var (versions, values): ([Int32], [[UInt8]]) = ([], [])
    for row in rows {
      let next = Place(district: try row.get(0), id: try row.get(1), version: try row.get(2))
      let at = column.place(next.id, version: next.version)
      values.append(try vault.seal(vault.open(try row.get(3), at: at), at: at))
      districts.append(next.district)
      ids.append(next.id)
      versions.append(next.version)
      last = next
    }
    guard !ids.isEmpty else { return (nil, 0) }
    try session.execute(column.replace, districts, ids, versions, values)
    return (last, ids.count)
  }

  // A transaction that began before a rotation can bring a value under the key that it began with.
  private static let retirable: SQL = """
    select k.retired_at is not null,
      coalesce(
        (select min(n.made_at) from key_check n where n.key_id > k.key_id)
          < clock_timestamp() - make_interval(secs => $2), false
      )
    from key_check k
    where k.key_id = $1
    """
  private static let retire: SQL = """
    update key_check set retired_at = clock_timestamp() where key_id = $1
    """

  /// How long after its successor was made a key can be retired: longer than any transaction runs.
  package static let retireAfterSeconds = 3_600

  /// Takes a key with nothing left under it out of the file, for good. The hashes stay as they are.
  /// - Throws: `KeyError`, `VaultError`.
  package func retire(_ id: Int, afterSeconds: Int = retireAfterSeconds) async throws {
    let path = platform.vault.keys.path
    guard let number = UInt32(exactly: id), let row = Int32(exactly: id) else {
      throw KeyError.unknown(id)
    }
    // On record first: a file may well hold a key that the database no longer asks for.
    try await owner.transaction { session in
      _ = try session.query(Self.lock)
      guard let ring = try KeyFile.ring(path: path) else { throw VaultError.unreadable(path: path) }
      guard let known = try session.query(Self.retirable, row, Double(afterSeconds)).first else {
        throw KeyError.unknown(id)
      }
      if try known.get(0) {
        // Ended between the two steps, and to be brought to its end.
        guard ring.masters[number] != nil else { throw KeyError.unknown(id) }
        return
      }
      guard ring.current != number else { throw KeyError.current(id) }
      guard try known.get(1) else { throw KeyError.tooEarly(id) }
      let values = try Self.count(session)[id]?.values.reduce(0, +) ?? 0
      guard values == 0 else { throw KeyError.inUse(id, values: values) }
      try session.execute(Self.retire, row)
    }
    try await owner.transaction(attempts: 1) { session in
      _ = try session.query(Self.lock)
      guard let ring = try KeyFile.ring(path: path) else { throw VaultError.unreadable(path: path) }
      try KeyFile.replace(path: path, by: ring.removing(number))
    }
    try await note("key.retire", number)
  }

  /// In the trail of every district, since it concerns all.
  private func note(_ action: String, _ key: UInt32) async throws {
    let login = login
    for district in try await Districts.list(on: platform) {
      let context = try await Users.system(of: district.code, on: platform)
      try await context.write { session in
        _ = try session.batch([
          Audit.statement(
            context.actor, action, subject: "key", id: nil,
            after: ["key": "\(key)", "login": login])
        ])
      }
    }
  }
}

package enum KeyError: YibangError {
  case unknown(Int)
  case current(Int)
  case tooEarly(Int)
  case inUse(Int, values: Int64)

  package var code: String {
    switch self {
    case .unknown: "key.unknown"
    case .current: "key.current"
    case .tooEarly: "key.too_early"
    case .inUse: "key.in_use"
    }
  }

  package var category: ErrorCategory {
    if case .unknown = self { .notFound } else { .conflict }
  }

  package var text: Text {
    switch self {
    case .unknown(let id):
      Text(
        "没有第 \(id) 号密钥，或早已停用。可用 yibang key list 查看。",
        "There is no key \(id), or it was retired before. See yibang key list.")
    case .current(let id):
      Text(
        "第 \(id) 号密钥正在使用。请先轮换（yibang key rotate）。",
        "Key \(id) seals now. Rotate first (yibang key rotate).")
    case .tooEarly(let id):
      Text(
        "轮换后一小时内不能停用第 \(id) 号密钥：先前开始的办理可能还要用它。",
        "Key \(id) is not retired within an hour of the rotation: work begun before may still use it."
      )
    case .inUse(let id, let values):
      Text(
        "还有 \(values) 个值是用第 \(id) 号密钥加密的。请先完成轮换（yibang key rotate）。",
        "\(values) values are still sealed by key \(id). Finish the rotation first (yibang key rotate)."
      )
    }
  }
}
