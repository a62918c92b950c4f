import Foundation
import MerkleLog
import Postgres

/// Builds a district's tree twice, from the stored hashes of the leaves and from the transfers
/// themselves, and holds both against every root that is known. Where one of them fails, the other
/// tells what was altered.
struct SealTreeCheck {
  private static let chunk = 8192
  private static let findingLimit = 1000

  // One leaf with its transfer, if there still is one; the columns of `TransferLeaf` from the fourth.
  private static let leaves: SQL = """
    select l.leaf_index, l.transfer_id, l.hash, t.id is not null,
      t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
      t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
      sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at
    from seal_leaf l
    left join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
    where l.district_id = $1 and l.leaf_index >= $2 and l.leaf_index < $3
    order by l.leaf_index
    """
  private static let nextLeaf: SQL = """
    select leaf_index, transfer_id from seal_leaf
    where district_id = $1 and leaf_index >= $2
    order by leaf_index
    limit $3
    """
  private static let lastLeaf: SQL = "select max(leaf_index) from seal_leaf where district_id = $1"
  private static let nodes: SQL = """
    select level::int8, node_index, hash from seal_node
    where district_id = $1
    order by level, node_index
    """

  private var marks: ArraySlice<SealMark>
  private var stored = MerkleFrontier()
  private var computed = MerkleFrontier()
  /// Leaves since the last mark whose hash is not that of their transfer.
  private var unequal: [(leaf: Int, transfer: UUID)] = []
  private var hasGap = false
  /// The size at which the tree was last known to be right.
  private var rightUntil = 0
  /// Whether a root failed and no right edge was there to go on from.
  private var isLost = false
  private var inner: [MerkleNode: MerkleHash] = [:]
  private(set) var findings: [SealFinding] = []

  init(marks: [SealMark]) {
    self.marks = marks.sorted { $0.size < $1.size }[...]
  }

  var size: Int { stored.size }

  /// - Parameter unsigned: the size that the last seal's row says, signed or not.
  mutating func run(_ session: borrowing Session, district: String, unsigned: Int) throws {
    let last: Int = try session.query(Self.lastLeaf, district).first?.optional(0) ?? -1
    let signed = marks.last { $0.seal != nil }?.size ?? 0
    let end = max(signed, min(unsigned, last + 1))
    var leaf = TransferLeaf()
    var start = 0
    while start < end {
      let next = min(start + Self.chunk, end)
      for row in try session.query(Self.leaves, district, start, next) {
        passGap(until: try row.get(0))
        take(row, &leaf)
      }
      passGap(until: next)
      start = next
    }
    reachMarks()
    for (leaf, transfer) in unequal { report(.alteredTransfer(transfer, leaf: leaf, seal: nil)) }
    for mark in marks { report(.notAsPublished(size: mark.size)) }
    for row in try session.query(Self.nextLeaf, district, end, Self.findingLimit) {
      report(.addedLeaf(try row.get(1), leaf: try row.get(0)))
    }
    if findings.isEmpty { try checkNodes(session, district) }
  }

  private var seal: Int? { marks.first { $0.seal != nil }?.seal }

  private mutating func report(_ finding: SealFinding) {
    if findings.count < Self.findingLimit { findings.append(finding) }
  }

  /// Leaves that are not there: the tree goes on with a hash that no leaf has.
  private mutating func passGap(until index: Int) {
    while stored.size < index {
      reachMarks()
      report(.missingLeaf(stored.size, seal: seal))
      hasGap = true
      append(.emptyTree, .emptyTree)
    }
  }

  private mutating func take(_ row: Row, _ leaf: inout TransferLeaf) {
    reachMarks()
    let index = stored.size
    guard let transfer: UUID = try? row.get(1), let hash: MerkleHash = try? row.get(2) else {
      report(.missingLeaf(index, seal: seal))
      hasGap = true
      return append(.emptyTree, .emptyTree)
    }
    guard (try? row.get(3)) == true else {
      report(.removedTransfer(transfer, leaf: index, seal: seal))
      return append(hash, hash)
    }
    leaf.load(row, from: 4)
    let own = leaf.hash
    if own != hash && unequal.count < Self.findingLimit { unequal.append((index, transfer)) }
    append(hash, own)
  }

  private mutating func append(_ hash: MerkleHash, _ own: MerkleHash) {
    stored.append(hash) { node, hash in
      if node.level % SealNodes.step == 0 { inner[node] = hash }
    }
    computed.append(own)
  }

  /// Compares both trees with the roots that are known for the size they have now.
  private mutating func reachMarks() {
    while let mark = marks.first, mark.size <= stored.size {
      if mark.size == stored.size { compare(mark) }
      marks = marks.dropFirst()
    }
  }

  private mutating func compare(_ mark: SealMark) {
    let isStored = stored.root == mark.root
    let isComputed = computed.root == mark.root
    if isStored || !isComputed {
      for (leaf, transfer) in unequal {
        report(.alteredTransfer(transfer, leaf: leaf, seal: mark.seal ?? seal))
      }
    } else {
      for (leaf, transfer) in unequal {
        report(.alteredLeaf(transfer, leaf: leaf, seal: mark.seal ?? seal))
      }
    }
    if isStored || isComputed {
      isLost = false
    } else {
      reportUnexplained(mark)
      isLost = mark.edge == nil
    }
    let edge = isStored ? stored : isComputed ? computed : mark.edge
    if let edge {
      stored = edge
      computed = edge
    }
    unequal = []
    hasGap = false
    rightUntil = mark.size
  }

  /// A root that fails although every transfer fits its leaf: both were altered to fit.
  private mutating func reportUnexplained(_ mark: SealMark) {
    if isLost || hasGap || !unequal.isEmpty { return }
    guard let seal = mark.seal else { return report(.notAsPublished(size: mark.size)) }
    var range = rightUntil..<mark.size
    if let edge = mark.edge {
      let altered = zip(edge.nodes, stored.nodes).first {
        $0.0.1 != $0.1.1 && $0.0.0.leaves.overlaps(range)
      }
      if let altered { range = range.clamped(to: altered.0.0.leaves) }
    }
    report(.alteredTogether(first: range.lowerBound, last: range.upperBound - 1, seal: seal))
  }

  private mutating func checkNodes(_ session: borrowing Session, _ district: String) throws {
    try session.forEach(Self.nodes, district) { row in
      let node = MerkleNode(level: try row.get(0), index: try row.get(1))
      let hash: MerkleHash = try row.get(2)
      if inner.removeValue(forKey: node) != hash {
        report(.alteredNode(level: node.level, index: node.index))
      }
    }
    for node in inner.keys.sorted(by: { ($0.level, $0.index) < ($1.level, $1.index) }) {
      report(.alteredNode(level: node.level, index: node.index))
    }
  }
}
