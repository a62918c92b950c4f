import Crypto
package import FoundationEssentials

/// A SHA-256 hash in a Merkle tree, as RFC 6962 makes them: a leaf and an inner node never collide.
package struct MerkleHash: Hashable, Sendable, CustomStringConvertible {
  /// Bytes of a hash.
  package static let size = 32

  // Four words, in the order of memory, so that a hash is no allocation.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// - Returns: nil unless there are exactly 32 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// From canonical base64.
  package init?(base64: some StringProtocol) {
    guard let data = decodeBase64(String(base64)) else { return nil }
    self.init(data)
  }

  /// From 64 digits in lower case, as ``description`` writes them.
  package init?(hex: some StringProtocol) {
    let digits = hex.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x61...0x66: byte - 0x61 + 10
      default: nil
      }
    }
    guard digits.count == 2 * Self.size, hex.utf8.count == digits.count else { return nil }
    self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  private init(_ digest: SHA256Digest) {
    digest.withUnsafeBytes { source in
      withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: source) }
    }
  }

  /// The root of a tree without leaves: the hash of nothing.
  package static let emptyTree = MerkleHash(SHA256().finalize())

  /// The hash of plain bytes, in no tree.
  package static func digest(_ data: some DataProtocol) -> MerkleHash {
    MerkleHash(SHA256.hash(data: data))
  }

  /// The hash of a leaf: SHA-256(0x00 ‖ data).
  package static func leaf(_ data: some Sequence<UInt8>) -> MerkleHash {
    let prefixed = [0] + Array(data)
    return prefixed.withUnsafeBytes { prefixedLeaf($0) }
  }

  /// The hash of a leaf whose bytes already begin with the prefix 0x00.
  package static func prefixedLeaf(_ bytes: UnsafeRawBufferPointer) -> MerkleHash {
    precondition(bytes.first == 0, "a leaf is hashed behind the byte 0x00")
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return MerkleHash(hash.finalize())
  }

  /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
  package static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * size, alignment: 8) { buffer in
      buffer[0] = 1
      left.withUnsafeBytes { buffer[1..<33].copyBytes(from: $0) }
      right.withUnsafeBytes { buffer[33..<65].copyBytes(from: $0) }
      var hash = SHA256()
      hash.update(bufferPointer: UnsafeRawBufferPointer(buffer))
      return MerkleHash(hash.finalize())
    }
  }

  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Swift.withUnsafeBytes(of: words) { try body($0) }
  }

  package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
  package var base64: String { Data(bytes).base64EncodedString() }

  /// In hexadecimal.
  package var description: String { hex(bytes) }

  package static func == (left: MerkleHash, right: MerkleHash) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

func hex(_ bytes: some Collection<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Base64 in its one canonical spelling; nil for anything else.
package func decodeBase64(_ text: String) -> Data? {
  guard let data = Data(base64Encoded: text),
    data.base64EncodedString().utf8.elementsEqual(text.utf8)
  else { return nil }
  return data
}
