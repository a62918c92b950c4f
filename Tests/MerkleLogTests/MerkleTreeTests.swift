import Testing

@testable import MerkleLog

/// RFC 6962 word for word, recursive and slow: what the library is compared with.
enum Reference {
  static func split(_ count: Int) -> Int {
    var power = 1
    while power * 2 < count { power *= 2 }
    return power
  }

  static func root(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
    if leaves.isEmpty { return .emptyTree }
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    let k = leaves.startIndex + split(leaves.count)
    return .node(root(leaves[..<k]), root(leaves[k...]))
  }

  static func path(_ m: Int, _ leaves: ArraySlice<MerkleHash>) -> [MerkleHash] {
    if leaves.count <= 1 { return [] }
    let k = split(leaves.count)
    let middle = leaves.startIndex + k
    if m < k { return path(m, leaves[..<middle]) + [root(leaves[middle...])] }
    return path(m - k, leaves[middle...]) + [root(leaves[..<middle])]
  }

  static func subproof(_ m: Int, _ leaves: ArraySlice<MerkleHash>, _ whole: Bool) -> [MerkleHash] {
    if m == leaves.count { return whole ? [] : [root(leaves)] }
    let k = split(leaves.count)
    let middle = leaves.startIndex + k
    if m <= k { return subproof(m, leaves[..<middle], whole) + [root(leaves[middle...])] }
    return subproof(m - k, leaves[middle...], false) + [root(leaves[..<middle])]
  }
}

/// A tree held in memory, with every complete node.
struct MemoryTree {
  private(set) var frontier = MerkleFrontier()
  private(set) var nodes: [MerkleNode: MerkleHash] = [:]

  init(_ leaves: some Sequence<MerkleHash>) {
    for leaf in leaves { append(leaf) }
  }

  mutating func append(_ leaf: MerkleHash) {
    nodes[MerkleNode(level: 0, index: frontier.size)] = leaf
    frontier.append(leaf) { nodes[$0] = $1 }
  }

  func inclusion(_ index: Int, size: Int) -> InclusionProof {
    let plan = InclusionProof.plan(index: index, size: size)
    return InclusionProof(index: index, size: size, hashes: plan.hashes { nodes[$0]! })
  }

  func consistency(_ from: Int, _ to: Int) -> ConsistencyProof {
    let plan = ConsistencyProof.plan(from: from, to: to)
    return ConsistencyProof(from: from, to: to, hashes: plan.hashes { nodes[$0]! })
  }
}

func bytes(_ hex: String) -> [UInt8] {
  stride(from: 0, to: hex.count, by: 2).map { offset in
    let start = hex.index(hex.startIndex, offsetBy: offset)
    return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
  }
}

@Suite("The Merkle tree of RFC 6962")
struct MerkleTreeTests {
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map { MerkleHash.leaf(bytes($0)) }

  /// Of the first 0, 1, … 8 leaves, as Certificate Transparency's own tests have them.
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  @Test("the published roots of the published leaves")
  func publishedRoots() {
    for (size, root) in Self.roots.enumerated() {
      #expect(MemoryTree(Self.leaves.prefix(size)).frontier.root.description == root)
      #expect(Reference.root(Self.leaves[..<size]).description == root)
    }
  }

  @Test("the published inclusion and consistency proofs")
  func publishedProofs() {
    let tree = MemoryTree(Self.leaves)
    #expect(
      tree.inclusion(5, size: 8).hashes.map(\.description) == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    #expect(
      tree.consistency(6, 8).hashes.map(\.description) == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    #expect(
      tree.consistency(2, 5).hashes.map(\.description) == [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ])
  }

  @Test("roots and proofs equal the recursive definition for every size up to 130")
  func equalsTheDefinition() {
    let leaves = (0..<130).map { MerkleHash.leaf([UInt8($0)]) }
    let tree = MemoryTree(leaves)
    var frontier = MerkleFrontier()
    for size in 0...130 {
      let root = Reference.root(leaves[..<size])
      #expect(frontier.root == root)
      #expect(MerkleFrontier(size: size, hashes: frontier.hashes) == frontier)
      for index in 0..<size {
        let proof = tree.inclusion(index, size: size)
        #expect(proof.hashes == Reference.path(index, leaves[..<size]))
        #expect(proof.proves(leaves[index], in: root))
      }
      for earlier in 0...size {
        let proof = tree.consistency(earlier, size)
        if earlier > 0 {
          #expect(proof.hashes == Reference.subproof(earlier, leaves[..<size], true))
        }
        #expect(proof.proves(Reference.root(leaves[..<earlier]), root))
      }
      if size < 130 { frontier.append(leaves[size]) }
    }
  }

  @Test("random large trees equal the recursive definition", arguments: [1, 2, 3, 4, 5, 6])
  func randomTrees(seed: UInt64) {
    var generator = SplitMix(seed: seed)
    let size = Int.random(in: 131...3000, using: &generator)
    let leaves = (0..<size).map { MerkleHash.leaf("\(seed) \($0)".utf8) }
    let tree = MemoryTree(leaves)
    #expect(tree.frontier.root == Reference.root(leaves[...]))
    for _ in 0..<20 {
      let index = Int.random(in: 0..<size, using: &generator)
      #expect(tree.inclusion(index, size: size).proves(leaves[index], in: tree.frontier.root))
      let earlier = Int.random(in: 1...size, using: &generator)
      let proof = tree.consistency(earlier, size)
      #expect(proof.hashes == Reference.subproof(earlier, leaves[...], true))
      #expect(proof.proves(Reference.root(leaves[..<earlier]), tree.frontier.root))
    }
  }

  @Test("a proof that is cut, longer, altered, or of another leaf, index or size proves nothing")
  func falseInclusion() {
    let leaves = (0..<40).map { MerkleHash.leaf([UInt8($0)]) }
    let tree = MemoryTree(leaves)
    for size in 1...40 {
      let root = Reference.root(leaves[..<size])
      for index in 0..<size {
        let hashes = tree.inclusion(index, size: size).hashes
        func proves(
          _ hashes: [MerkleHash], at: Int? = nil, of: Int? = nil, leaf: MerkleHash? = nil
        ) -> Bool {
          InclusionProof(index: at ?? index, size: of ?? size, hashes: hashes)
            .proves(leaf ?? leaves[index], in: root)
        }
        #expect(proves(hashes))
        #expect(!proves(hashes + [leaves[0]]))
        #expect(!proves(hashes, leaf: .leaf([99])))
        for other in 0..<size where other != index { #expect(!proves(hashes, at: other)) }
        #expect(!proves(hashes, at: -1))
        #expect(!proves(hashes, at: size))
        if !hashes.isEmpty {
          #expect(!proves(Array(hashes.dropLast())))
          #expect(!proves(Array(hashes.dropFirst())))
          for place in hashes.indices {
            var altered = hashes
            altered[place] = .leaf([77])
            #expect(!proves(altered))
          }
        }
      }
    }
    // A size under which the path has the same shape is bound by the signed root alone.
    #expect(!tree.inclusion(0, size: 8).proves(leaves[0], in: Reference.root(leaves[..<9])))
  }

  @Test("a consistency proof that is cut, longer, altered or of other trees proves nothing")
  func falseConsistency() {
    let leaves = (0..<33).map { MerkleHash.leaf([UInt8($0)]) }
    let tree = MemoryTree(leaves)
    for to in 2...33 {
      for from in 1..<to {
        let (old, new) = (Reference.root(leaves[..<from]), Reference.root(leaves[..<to]))
        let hashes = tree.consistency(from, to).hashes
        func proves(_ hashes: [MerkleHash], _ old: MerkleHash, _ new: MerkleHash) -> Bool {
          ConsistencyProof(from: from, to: to, hashes: hashes).proves(old, new)
        }
        #expect(proves(hashes, old, new))
        #expect(!proves(hashes + [old], old, new))
        #expect(!proves(Array(hashes.dropLast()), old, new))
        #expect(!proves(Array(hashes.dropFirst()), old, new))
        #expect(!proves(hashes, .leaf([1, 2]), new))
        #expect(!proves(hashes, old, .leaf([1, 2])))
        for place in hashes.indices {
          var altered = hashes
          altered[place] = .leaf([77])
          #expect(!proves(altered, old, new))
        }
      }
    }
    #expect(!ConsistencyProof(from: 2, to: 1, hashes: []).proves(.emptyTree, .emptyTree))
    #expect(!ConsistencyProof(from: 1, to: 1, hashes: []).proves(leaves[0], leaves[1]))
    #expect(!ConsistencyProof(from: 0, to: 3, hashes: []).proves(leaves[0], leaves[1]))
  }

  @Test("a frontier of the wrong number of hashes is none")
  func badFrontier() {
    #expect(MerkleFrontier(size: 3, hashes: [.emptyTree]) == nil)
    #expect(MerkleFrontier(size: -1, hashes: []) == nil)
    #expect(MerkleHash([1, 2, 3]) == nil)
  }
}

struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
