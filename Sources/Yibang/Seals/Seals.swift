import Foundation
import MerkleLog
import Postgres
package import SchoolCalendar

/// Seals of the ledger and of the audit trail: two append-only Merkle trees a district, one over all its
/// transfers and one over all that was done. Each seal signs both roots, so that nobody, not even the
/// owner of the database, can alter, take out or slip in a sealed row unnoticed.
package enum Seals {
  /// Rows that are read, hashed and written at a time.
  private static let chunk = 10_000

  /// How long a transaction can live: what was recorded longer ago than this is there, or never will be.
  private static let longestTransaction: Int64 = 24 * 3600 * 1_000_000
  private static let beginning = PostgresTimestamp(microseconds: .min)

  // One sealing of a district at a time; the next one sees what this one wrote.
  static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.seal/' || $1::text, 0))
    """
  private static let now: SQL = "select clock_timestamp()"

  static let last: SQL = """
    select number::int8, size, root, sealed_on, checkpoint, previous, frontier, horizon,
      audit_size, audit_root, audit_frontier
    from seal
    where district_id = $1
    order by number desc
    limit 1
    """

  /// Chunks are read along an index, whatever the planner guesses of a table that was just filled: any
  /// other plan would read all the rest for each chunk.
  static let alongTheIndex = [
    ("enable_seqscan", "off"), ("enable_bitmapscan", "off"), ("enable_sort", "off"),
    ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off"),
  ]

  // Whether the trail has anything to seal but the entries of the seals themselves. $2 horizon.
  private static let hasEntries: SQL = """
    select exists (
      select from audit a
      where a.district_id = $1 and a.at > $2 and a.action <> 'seal.make'
        and (
          select l.leaf_index from audit_leaf l
          where l.district_id = a.district_id and l.audit_id = a.id
        ) is null
    )
    """

  private static let addSeal: SQL = """
    insert into seal (
      district_id, number, size, root, sealed_on, checkpoint, previous, frontier, horizon,
      audit_size, audit_root, audit_frontier
    )
    values ($1, $2::int8, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    """

  /// What a sealing came to.
  package struct Made: Sendable {
    /// The latest seal; nil where nothing was ever recorded.
    package let seal: SealRecord?
    /// The transfers that it added; 0 as well if it had been made before.
    package let added: Int
    /// The same of rows of the audit trail.
    package let entries: Int
  }

  /// Seals every transfer and every row of the audit trail that is not sealed yet, in order of
  /// recording. A day on which nothing but the trail grew is sealed like any other.
  ///
  /// What a transaction still under way records is taken by the next seal. Two at once wait for each
  /// other; with nothing new but the entry of the last sealing, nothing is made.
  /// - Parameter date: the day of the seal, not before the last one's.
  /// - Throws: `SealError`, `AccessError`, `VaultError`.
  package static func seal(on date: CalendarDate, in context: Context) async throws -> Made {
    let actor = context.actor
    try requireDistrict(actor, .seal)
    let platform = context.platform
    return try await platform.database.transaction(
      settings: context.settings + alongTheIndex
    ) { session in
      if actor.isUnnamed { try Users.name(actor, session) }
      _ = try session.query(lock, actor.districtID)
      let started: PostgresTimestamp = try session.query(now)[0].get(0)
      let last = try session.query(last, actor.districtID).first.map(SealRecord.init)
      if let last, date < last.date { throw SealError.earlierThanLast(last: last.date) }
      var (tree, trail) = (MerkleFrontier(), MerkleFrontier())
      if let last { (tree, trail) = (try edge(last, last.tree), try edge(last, last.trail)) }
      let before = (tree: tree.size, trail: trail.size)
      let from = last?.horizon ?? beginning
      try append(.transfers, session, actor.districtID, after: from, to: &tree)
      // Seals from before the trail was sealed say nothing of when it begins.
      let trailFrom = last?.trail == nil ? beginning : from
      let hasEntries: Bool = try session.query(hasEntries, actor.districtID, trailFrom)[0].get(0)
      guard tree.size > before.tree || hasEntries else {
        return Made(seal: last, added: 0, entries: 0)
      }
      try append(.trail, session, actor.districtID, after: trailFrom, to: &trail)
      let cut = PostgresTimestamp(microseconds: started.microseconds - longestTransaction)
      let seal = try SealRecord(
        number: (last?.number ?? 0) + 1, tree: tree, trail: trail, date: date,
        previous: last?.digest, horizon: max(from, cut),
        signer: try SealKey.signer(session, district: actor.districtID, on: platform))
      try add(seal, session, actor)
      return Made(
        seal: seal, added: tree.size - before.tree, entries: trail.size - before.trail)
    }
  }

  /// The right edge from which a tree goes on; of an empty one where the seal has none.
  private static func edge(_ seal: SealRecord, _ tree: SealedTree?) throws -> MerkleFrontier {
    guard let tree else { return MerkleFrontier() }
    guard let edge = tree.edge else {
      throw SealError.damaged(
        Text("第 \(seal.number) 次封存的根不符", "the root of seal \(seal.number) is off"))
    }
    return edge
  }

  private static func add(
    _ seal: SealRecord, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.batch([
      Bound(
        addSeal, actor.districtID, seal.number, seal.size, seal.root, seal.date, seal.checkpoint,
        seal.previous, seal.tree.frontier, seal.horizon, seal.trail?.size, seal.trail?.root,
        seal.trail?.frontier),
      Audit.statement(
        actor, "seal.make", subject: "seal", id: nil,
        after: [
          "number": "\(seal.number)", "size": "\(seal.size)", "root": "\(seal.root)",
          "entries": seal.entries.map { "\($0)" },
        ]),
    ])
  }

  /// Appends the unsealed rows recorded after an instant, chunk by chunk.
  private static func append(
    _ log: SealedLog, _ session: borrowing Session, _ district: String,
    after instant: PostgresTimestamp, to frontier: inout MerkleFrontier
  ) throws {
    var place = (instant: instant, id: UUID.beforeAll)
    var leaf = LeafBytes(of: log)
    let isFirst = frontier.size == 0
    while true {
      let rows = try session.query(
        log.unsealed, district, place.instant, place.id, isFirst, chunk)
      guard let last = rows.last else { return }
      place = (try last.get(log.instant), try last.get(log.id))
      let first = frontier.size
      var ids: [UUID] = []
      var hashes: [MerkleHash] = []
      ids.reserveCapacity(rows.count)
      hashes.reserveCapacity(rows.count)
      var nodes = SealNodes()
      for row in rows {
        leaf.load(row, from: 0)
        let hash = leaf.hash
        ids.append(try row.get(log.id))
        hashes.append(hash)
        frontier.append(hash) { nodes.add($0, $1) }
      }
      var statements = [Bound(log.addLeaves, district, first, ids, hashes)]
      if let addNodes = log.addNodes {
        statements.append(
          Bound(addNodes, district, nodes.levels, nodes.indexes, nodes.hashes))
      }
      _ = try session.batch(statements)
      if rows.count < chunk { return }
    }
  }

  /// Row-level security shows a school's user a part of the transfers only.
  static func requireDistrict(_ actor: Actor, _ permission: Permission) throws {
    try actor.require(permission)
    guard actor.schoolID == nil else { throw SealError.wholeDistrictOnly }
  }
}

/// The complete subtrees that are kept.
struct SealNodes {
  /// Levels between two kept ones: a proof reads at most 2^8 − 1 hashes for each.
  static let step = 8

  private(set) var levels: [Int16] = []
  private(set) var indexes: [Int] = []
  private(set) var hashes: [MerkleHash] = []

  mutating func add(_ node: MerkleNode, _ hash: MerkleHash) {
    guard node.level % Self.step == 0 else { return }
    levels.append(Int16(node.level))
    indexes.append(node.index)
    hashes.append(hash)
  }
}
