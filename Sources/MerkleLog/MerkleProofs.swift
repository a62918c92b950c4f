/// Proves that a leaf stands at an index of a tree (RFC 9162, 2.1.3).
package struct InclusionProof: Sendable, Equatable {
  package let index: Int
  /// Leaves of the tree.
  package let size: Int
  /// Siblings from the leaf up.
  package let hashes: [MerkleHash]

  package init(index: Int, size: Int, hashes: [MerkleHash]) {
    self.index = index
    self.size = size
    self.hashes = hashes
  }

  /// The subtrees whose hashes make the proof.
  package static func plan(index: Int, size: Int) -> MerklePlan {
    precondition(index >= 0 && index < size, "leaf \(index) of \(size)")
    var ranges: [Range<Int>] = []
    var range = 0..<size
    while range.count > 1 {
      let middle = range.lowerBound + largestPower(below: range.count)
      let left = range.lowerBound..<middle
      let right = middle..<range.upperBound
      ranges.append(index < middle ? right : left)
      range = index < middle ? left : right
    }
    return MerklePlan(ranges: ranges.reversed())
  }

  /// The root that follows from the leaf; nil if the proof has not the form of one for this index
  /// and size.
  package func root(of leaf: MerkleHash) -> MerkleHash? {
    guard index >= 0, index < size else { return nil }
    var position = index
    var last = size - 1
    var hash = leaf
    for sibling in hashes {
      if last == 0 { return nil }
      if position & 1 == 1 || position == last {
        hash = .node(sibling, hash)
        while position & 1 == 0 && position != 0 {
          position >>= 1
          last >>= 1
        }
      } else {
        hash = .node(hash, sibling)
      }
      position >>= 1
      last >>= 1
    }
    return last == 0 ? hash : nil
  }

  package func proves(_ leaf: MerkleHash, in root: MerkleHash) -> Bool {
    self.root(of: leaf) == root
  }
}

/// Proves that a tree only grew: the earlier one is its beginning (RFC 9162, 2.1.4).
package struct ConsistencyProof: Sendable, Equatable {
  package let from: Int
  package let to: Int
  package let hashes: [MerkleHash]

  package init(from: Int, to: Int, hashes: [MerkleHash]) {
    self.from = from
    self.to = to
    self.hashes = hashes
  }

  /// The subtrees whose hashes make the proof.
  package static func plan(from: Int, to: Int) -> MerklePlan {
    precondition(from >= 0 && from <= to, "from \(from) to \(to)")
    if from == 0 || from == to { return MerklePlan(ranges: []) }
    var ranges: [Range<Int>] = []
    var range = 0..<to
    // The earlier tree is itself a subtree of the later one: its root is known to the verifier.
    var isWhole = true
    while from < range.upperBound {
      let middle = range.lowerBound + largestPower(below: range.count)
      if from <= middle {
        ranges.append(middle..<range.upperBound)
        range = range.lowerBound..<middle
      } else {
        ranges.append(range.lowerBound..<middle)
        range = middle..<range.upperBound
        isWhole = false
      }
    }
    if !isWhole { ranges.append(range) }
    return MerklePlan(ranges: ranges.reversed())
  }

  package func proves(_ earlier: MerkleHash, _ later: MerkleHash) -> Bool {
    guard from >= 0, from <= to else { return false }
    if from == to { return hashes.isEmpty && earlier == later }
    if from == 0 { return hashes.isEmpty && earlier == .emptyTree }
    var rest = hashes[...]
    let isWhole = from & (from - 1) == 0
    guard let first = isWhole ? earlier : rest.popFirst() else { return false }
    var position = from - 1
    var last = to - 1
    while position & 1 == 1 {
      position >>= 1
      last >>= 1
    }
    var old = first
    var new = first
    for hash in rest {
      if last == 0 { return false }
      if position & 1 == 1 || position == last {
        old = .node(hash, old)
        new = .node(hash, new)
        while position & 1 == 0 && position != 0 {
          position >>= 1
          last >>= 1
        }
      } else {
        new = .node(new, hash)
      }
      position >>= 1
      last >>= 1
    }
    return last == 0 && old == earlier && new == later
  }
}

/// Which subtrees a proof consists of, in its order.
package struct MerklePlan: Sendable, Equatable {
  package let ranges: [Range<Int>]

  /// The complete subtrees that must be known.
  package var nodes: [MerkleNode] { ranges.flatMap(completeSubtrees) }

  /// The proof's hashes.
  /// - Parameter hash: the hash of each of `nodes`.
  package func hashes(_ hash: (MerkleNode) throws -> MerkleHash) rethrows -> [MerkleHash] {
    try ranges.map { range in
      let parts = try completeSubtrees(of: range).map(hash)
      return parts.dropLast().reversed().reduce(parts[parts.count - 1]) { .node($1, $0) }
    }
  }
}

/// The largest power of two below a count of two or more.
private func largestPower(below count: Int) -> Int {
  1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
}
