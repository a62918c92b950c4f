package import Foundation
package import Postgres
package import SchoolCalendar

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
    guard bytes.starts(with: SealedLog.transfers.header) else { return nil }
    var rest = bytes.dropFirst(SealedLog.transfers.header.count)
    var fields: [[UInt8]?] = []
    for _ in SealedLog.transfers.columns {
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
