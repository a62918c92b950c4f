/// A complete subtree: the leaves `index << level ..< (index + 1) << level`.
package struct MerkleNode: Hashable, Sendable {
  package let level: Int
  package let index: Int

  package init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  package var leaves: Range<Int> { index << level..<(index + 1) << level }
}

/// The right edge of a growing tree: its largest complete subtrees from left to right. It is all
/// that is needed to append leaves and to know the root, in memory that grows with log n.
package struct MerkleFrontier: Sendable, Equatable {
  /// Leaves so far.
  package private(set) var size: Int
  /// One hash for each bit that is set in `size`, the largest subtree first.
  package private(set) var hashes: [MerkleHash]

  package init() {
    size = 0
    hashes = []
  }

  /// - Returns: nil if so many hashes cannot be the frontier of a tree of this size.
  package init?(size: Int, hashes: [MerkleHash]) {
    guard size >= 0, hashes.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.hashes = hashes
  }

  /// Appends a leaf.
  /// - Parameter completed: called for each subtree of two leaves or more that this one completes.
  package mutating func append(
    _ leaf: MerkleHash, completed: (MerkleNode, MerkleHash) -> Void = { _, _ in }
  ) {
    var hash = leaf
    var level = 0
    while (size >> level) & 1 == 1 {
      hash = .node(hashes.removeLast(), hash)
      level += 1
      completed(MerkleNode(level: level, index: size >> level), hash)
    }
    hashes.append(hash)
    size += 1
  }

  package var root: MerkleHash {
    guard var hash = hashes.last else { return .emptyTree }
    for left in hashes.dropLast().reversed() { hash = .node(left, hash) }
    return hash
  }

  /// The subtrees of the frontier with their places.
  package var nodes: [(MerkleNode, MerkleHash)] {
    Array(zip(completeSubtrees(of: 0..<size), hashes))
  }
}

/// The complete subtrees that make up a range of leaves that itself is a subtree: from left to
/// right, each half of a larger one.
func completeSubtrees(of range: Range<Int>) -> [MerkleNode] {
  var nodes: [MerkleNode] = []
  var start = range.lowerBound
  while start < range.upperBound {
    let level = Int.bitWidth - 1 - (range.upperBound - start).leadingZeroBitCount
    nodes.append(MerkleNode(level: level, index: start >> level))
    start += 1 << level
  }
  return nodes
}
