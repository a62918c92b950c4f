package import Postgres
package import SchoolCalendar

extension CalendarDate: PostgresValue {
  package static var postgresType: UInt32 { PostgresDate.postgresType }

  package func encode(into bytes: inout [UInt8]) {
    PostgresDate(days: daysSince2000).encode(into: &bytes)
  }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> CalendarDate {
    let date = try PostgresDate.decode(bytes)
    guard let date = CalendarDate(daysSince2000: date.days) else {
      throw PostgresError.decoding("date")
    }
    return date
  }
}

extension CalendarDate: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { PostgresDate.postgresArrayType }
}

extension JSON: PostgresArrayElement {
  /// `jsonb[]`.
  package static var postgresArrayType: UInt32 { 3807 }
}
