import Foundation
import MerkleLog
import Postgres

/// Builds a district's tree of one log twice, from the stored hashes of the leaves and from the rows
/// themselves, and holds both against every root that is known. Where one of them fails, the other
/// tells what was altered.
struct SealTreeCheck {
  private static let chunk = 8192
  private static let findingLimit = 1000

  private let log: SealedLog
  private var marks: ArraySlice<SealMark>
  private var stored = MerkleFrontier()
  private var computed = MerkleFrontier()
  /// Leaves since the last mark whose hash is not that of their row.
  private var unequal: [(leaf: Int, row: UUID)] = []
  private var hasGap = false
  /// The size at which the tree was last known to be right.
  private var rightUntil = 0
  /// Whether a root failed and no right edge was there to go on from.
  private var isLost = false
  private var inner: [MerkleNode: MerkleHash] = [:]
  private(set) var findings: [SealFinding] = []
  /// Rows that are no longer whole, since an erasure took words of them: their leaves alone are checked.
  private(set) var erased = 0

  init(of log: SealedLog, marks: [SealMark]) {
    self.log = log
    self.marks = marks.sorted { $0.size < $1.size }[...]
  }

  var size: Int { stored.size }

  /// - Parameter unsigned: the size that the last seal's row says, signed or not.
  mutating func run(_ session: borrowing Session, district: String, unsigned: Int) throws {
    let last: Int = try session.query(log.lastLeaf, district).first?.optional(0) ?? -1
    let signed = marks.last { $0.seal != nil }?.size ?? 0
    let end = max(signed, min(unsigned, last + 1))
    var leaf = LeafBytes(of: log)
    var start = 0
    while start < end {
      let next = min(start + Self.chunk, end)
      for row in try session.query(log.leaves, district, start, next) {
        passGap(until: try row.get(0))
        take(row, &leaf)
      }
      passGap(until: next)
      start = next
    }
    reachMarks()
    for (leaf, row) in unequal { report(.alteredRow(row, leaf: leaf, seal: nil)) }
    for mark in marks { report(.notAsPublished(size: mark.size)) }
    for row in try session.query(log.leavesFrom, district, end, Self.findingLimit) {
      report(.addedLeaf(try row.get(1), leaf: try row.get(0)))
    }
    if findings.isEmpty, let nodes = log.nodes { try checkNodes(nodes, session, district) }
  }

  private var seal: Int? { marks.first { $0.seal != nil }?.seal }

  private mutating func report(_ finding: SealFinding) {
    if findings.count < Self.findingLimit { findings.append(log.finding(finding)) }
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

  private mutating func take(_ row: Row, _ leaf: inout LeafBytes) {
    reachMarks()
    let index = stored.size
    guard let id: UUID = try? row.get(1), let hash: MerkleHash = try? row.get(2) else {
      report(.missingLeaf(index, seal: seal))
      hasGap = true
      return append(.emptyTree, .emptyTree)
    }
    guard (try? row.get(3)) == true else {
      report(.removedRow(id, leaf: index, seal: seal))
      return append(hash, hash)
    }
    if (try? row.get(4 + log.columns.count)) == true {
      erased += 1
      return append(hash, hash)
    }
    leaf.load(row, from: 4)
    let own = leaf.hash
    if own != hash && unequal.count < Self.findingLimit { unequal.append((index, id)) }
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
      for (leaf, row) in unequal {
        report(.alteredRow(row, leaf: leaf, seal: mark.seal ?? seal))
      }
    } else {
      for (leaf, row) in unequal {
        report(.alteredLeaf(row, leaf: leaf, seal: mark.seal ?? seal))
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

  /// A root that fails although every row fits its leaf: both were altered to fit.
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

  private mutating func checkNodes(
    _ nodes: SQL, _ session: borrowing Session, _ district: String
  ) throws {
    try session.forEach(nodes, district) { row in
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
