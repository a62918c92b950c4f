import Foundation
import MerkleLog
import Postgres
package import SchoolCalendar

/// Seals of the ledger: one append-only Merkle tree a district over all its transfers. Each seal signs
/// the tree's root, so that nobody, not even the owner of the database, can alter, take out or slip in
/// a sealed transfer unnoticed.
package enum Seals {
  /// Transfers that are read, hashed and written at a time.
  private static let chunk = 10_000

  /// How long a transaction that records transfers can live: what was recorded longer ago than this
  /// is there, or never will be.
  private static let longestTransaction: Int64 = 24 * 3600 * 1_000_000

  // One sealing of a district at a time; the next one sees what this one wrote.
  static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.seal/' || $1::text, 0))
    """
  private static let now: SQL = "select clock_timestamp()"

  static let last: SQL = """
    select number::int8, size, root, sealed_on, checkpoint, previous, frontier, horizon from seal
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

  // The next unsealed transfers after ($2, $3) in the order of the tree; the columns of
  // `TransferLeaf`. $4: nothing is sealed yet, so that no leaf need be looked for.
  static let unsealed: SQL = """
    select t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
      t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
      sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at
    from transfer t
    where t.district_id = $1 and (t.recorded_at, t.id) > ($2, $3)
      and (
        $4 or (
          select l.leaf_index from seal_leaf l
          where l.district_id = t.district_id and l.transfer_id = t.id
        ) is null
      )
    order by t.recorded_at, t.id
    limit $5
    """

  // $2 index of the first, $3 transfers, $4 hashes
  private static let addLeaves: SQL = """
    insert into seal_leaf (district_id, leaf_index, transfer_id, hash)
    select $1, $2 + u.place - 1, u.transfer_id, u.hash
    from unnest($3::uuid[], $4::bytea[]) with ordinality as u (transfer_id, hash, place)
    """
  private static let addNodes: SQL = """
    insert into seal_node (district_id, level, node_index, hash)
    select $1, u.level, u.node_index, u.hash
    from unnest($2::int2[], $3::int8[], $4::bytea[]) as u (level, node_index, hash)
    """
  private static let addSeal: SQL = """
    insert into seal (
      district_id, number, size, root, sealed_on, checkpoint, previous, frontier, horizon
    )
    values ($1, $2::int8, $3, $4, $5, $6, $7, $8, $9)
    """

  /// Seals every transfer that is not sealed yet, in order of recording.
  ///
  /// A transfer whose transaction is still under way is taken by the next seal. Two at once wait for
  /// each other; with nothing new, nothing is made.
  /// - Parameter date: the day of the seal, not before the last one's.
  /// - Returns: the latest seal, nil where nothing was ever recorded; and the transfers it added, 0 if
  ///   it had been made before.
  /// - Throws: `SealError`, `AccessError`, `VaultError`.
  package static func seal(
    on date: CalendarDate, in context: Context
  ) async throws -> (seal: SealRecord?, added: Int) {
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
      var frontier = MerkleFrontier()
      if let last {
        guard let edge = last.edge else {
          throw SealError.damaged(
            Text("第 \(last.number) 次封存的根不符", "the root of seal \(last.number) is off"))
        }
        frontier = edge
      }
      let before = frontier.size
      let from = last?.horizon ?? PostgresTimestamp(microseconds: .min)
      try append(session, actor.districtID, after: from, to: &frontier)
      guard frontier.size > before else { return (last, 0) }
      let cut = PostgresTimestamp(microseconds: started.microseconds - longestTransaction)
      let signer = try SealKey.signer(session, district: actor.districtID, on: platform)
      let seal = try SealRecord(
        number: (last?.number ?? 0) + 1, frontier: frontier, date: date, previous: last?.digest,
        horizon: max(from, cut), signer: signer)
      _ = try session.batch([
        Bound(
          addSeal, actor.districtID, seal.number, seal.size, seal.root, seal.date, seal.checkpoint,
          seal.previous, seal.frontier, seal.horizon),
        Audit.statement(
          actor, "seal.make", subject: "seal", id: nil,
          after: ["number": "\(seal.number)", "size": "\(seal.size)", "root": "\(seal.root)"]),
      ])
      return (seal, frontier.size - before)
    }
  }

  /// Appends the unsealed transfers recorded after an instant, chunk by chunk.
  private static func append(
    _ session: borrowing Session, _ district: String, after instant: PostgresTimestamp,
    to frontier: inout MerkleFrontier
  ) throws {
    var place = (instant: instant, id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    var leaf = TransferLeaf()
    let isFirst = frontier.size == 0
    while true {
      let rows = try session.query(unsealed, district, place.instant, place.id, isFirst, chunk)
      guard let last = rows.last else { return }
      place = (try last.get(14), try last.get(1))
      let first = frontier.size
      var ids: [UUID] = []
      var hashes: [MerkleHash] = []
      ids.reserveCapacity(rows.count)
      hashes.reserveCapacity(rows.count)
      var nodes = SealNodes()
      for row in rows {
        leaf.load(row, from: 0)
        let hash = leaf.hash
        ids.append(try row.get(1))
        hashes.append(hash)
        frontier.append(hash) { nodes.add($0, $1) }
      }
      _ = try session.batch([
        Bound(addLeaves, district, first, ids, hashes),
        Bound(addNodes, district, nodes.levels, nodes.indexes, nodes.hashes),
      ])
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
