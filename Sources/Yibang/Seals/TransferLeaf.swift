package import Foundation
package import MerkleLog
package import Postgres
package import SchoolCalendar

/// The canonical bytes of a transfer, as they are hashed into the tree: a header that names the
/// version, then each field with its length before it, four bytes big-endian, FFFFFFFF for null.
/// `Seals.md` of the documentation describes them for others to make.
struct TransferLeaf {
  /// In the order in which they stand in the bytes, and in which the statements here select them.
  static let columns = [
    "district_id", "id", "fund_id", "debit_account", "credit_account", "amount_fen", "semester",
    "kind", "purpose", "occurred_on", "source_id", "reverses", "note", "actor_id", "recorded_at",
  ]
  static let header = Array("yibang/transfer/1\n".utf8)

  // Begins with the byte that marks a leaf, so that hashing needs no copy.
  private var prefixed: [UInt8] = [0] + header

  /// Reads the columns of a row, which begin at `column`.
  mutating func load(_ row: Row, from column: Int) {
    prefixed.removeSubrange((1 + Self.header.count)...)
    for number in column..<column + Self.columns.count {
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

/// What the canonical bytes of a transfer say.
package struct SealedTransfer: Sendable, Equatable {
  package let district: String
  package let id: UUID
  package let fund: UUID
  package let amount: Money
  package let semester: Semester
  package let kind: String
  package let date: CalendarDate
  /// The donation, receipt or payment that it stands for.
  package let source: UUID
  package let recordedAt: PostgresTimestamp

  /// - Returns: nil unless the bytes are a leaf of this version, whole and with nothing behind it.
  init?(leaf bytes: [UInt8]) {
    guard bytes.starts(with: TransferLeaf.header) else { return nil }
    var rest = bytes.dropFirst(TransferLeaf.header.count)
    var fields: [[UInt8]?] = []
    for _ in TransferLeaf.columns {
      guard rest.count >= 4 else { return nil }
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      if length == 0xFFFF_FFFF {
        fields.append(nil)
        continue
      }
      guard rest.count >= length else { return nil }
      fields.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    guard rest.isEmpty, let district: String = Self.value(fields[0]),
      let id: UUID = Self.value(fields[1]), let fund: UUID = Self.value(fields[2]),
      let fen: Int64 = Self.value(fields[5]), let ordinal: Int32 = Self.value(fields[6]),
      let semester = Semester(ordinal: Int(ordinal)), let kind: String = Self.value(fields[7]),
      let date: CalendarDate = Self.value(fields[9]), let source: UUID = Self.value(fields[10]),
      let recordedAt: PostgresTimestamp = Self.value(fields[14])
    else { return nil }
    self.district = district
    self.id = id
    self.fund = fund
    amount = Money(fen: fen)
    self.semester = semester
    self.kind = kind
    self.date = date
    self.source = source
    self.recordedAt = recordedAt
  }

  private static func value<T: PostgresValue>(_ bytes: [UInt8]?) -> T? {
    bytes?.withUnsafeBytes { try? T.decode($0) }
  }
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
