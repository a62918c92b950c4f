package import MerkleLog
package import Postgres

/// The canonical bytes of a row, as they are hashed into its tree: a header that names table and
/// version, then each field with its length before it, four bytes big-endian, FFFFFFFF for null.
/// `Seals.md` of the documentation describes them for others to make.
struct LeafBytes {
  // Begins with the byte that marks a leaf, so that hashing needs no copy.
  private var prefixed: [UInt8]
  private let start: Int
  private let columns: Int

  init(of log: SealedLog) {
    prefixed = [0] + log.header
    start = prefixed.count
    columns = log.columns.count
  }

  /// Reads the columns of a row, which begin at `column`.
  mutating func load(_ row: Row, from column: Int) {
    prefixed.removeSubrange(start...)
    for number in column..<column + columns {
      row.withBytes(number) { bytes in
        let length = bytes.map { Int32($0.count) } ?? -1
        withUnsafeBytes(of: length.bigEndian) { prefixed.append(contentsOf: $0) }
        if let bytes { prefixed.append(contentsOf: bytes) }
      }
    }
  }

  var hash: MerkleHash { prefixed.withUnsafeBytes { .prefixedLeaf($0) } }
  var bytes: [UInt8] { Array(prefixed.dropFirst()) }
}

extension MerkleHash: PostgresValue, PostgresArrayElement {
  package static var postgresType: UInt32 { [UInt8].postgresType }
  package static var postgresArrayType: UInt32 { [UInt8].postgresArrayType }

  package func encode(into bytes: inout [UInt8]) {
    withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> MerkleHash {
    guard let hash = MerkleHash(bytes) else {
      throw .decoding("a hash has \(bytes.count) bytes")
    }
    return hash
  }
}
