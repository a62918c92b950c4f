package import FoundationEssentials

/// A `date`, as days since 2000-01-01.
package struct PostgresDate: PostgresValue, Hashable, Comparable {
  /// Days since 2000-01-01; negative before.
  package var days: Int32

  package init(days: Int32) {
    self.days = days
  }

  package static func < (left: PostgresDate, right: PostgresDate) -> Bool {
    left.days < right.days
  }

  package static var postgresType: UInt32 { TypeID.date }

  package func encode(into bytes: inout [UInt8]) { days.appendBigEndian(to: &bytes) }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> PostgresDate {
    guard bytes.count == 4 else { throw .decoding("a date has \(bytes.count) bytes") }
    return PostgresDate(days: Int32.bigEndian(bytes))
  }
}

/// A `timestamptz`, as microseconds since 2000-01-01 00:00 UTC.
package struct PostgresTimestamp: PostgresValue, Hashable, Comparable {
  /// Microseconds since 2000-01-01 00:00 UTC; negative before.
  package var microseconds: Int64

  /// Seconds from 1970-01-01 to 2000-01-01, UTC.
  private static let epoch = 946_684_800.0

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The instant, rounded to the microsecond; instants outside PostgreSQL's range are clamped.
  package init(_ date: Date) {
    let exact = ((date.timeIntervalSince1970 - Self.epoch) * 1_000_000).rounded()
    microseconds = Int64(exactly: exact) ?? (exact < 0 ? Int64.min : Int64.max)
  }

  /// The same instant; `infinity` and `-infinity` become dates far away.
  package var date: Date {
    Date(timeIntervalSince1970: Double(microseconds) / 1_000_000 + Self.epoch)
  }

  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  package static var postgresType: UInt32 { TypeID.timestamptz }

  package func encode(into bytes: inout [UInt8]) { microseconds.appendBigEndian(to: &bytes) }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> PostgresTimestamp {
    guard bytes.count == 8 else { throw .decoding("a timestamptz has \(bytes.count) bytes") }
    return PostgresTimestamp(microseconds: Int64.bigEndian(bytes))
  }
}
