/// A day of the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31, with neither a time
/// nor a time zone.
///
/// It is written and coded as `2026-09-01`, and stored as the number of days that PostgreSQL's
/// binary `date` uses, so that a date costs four bytes and no conversion.
package struct CalendarDate: Hashable, Sendable {
  /// Days since 2000-01-01, negative before it: the value of PostgreSQL's binary `date`.
  package let daysSince2000: Int32

  /// Makes a date from PostgreSQL's binary `date`.
  ///
  /// - Returns: nil outside the years 1 to 9999, which includes `infinity` and `-infinity`.
  package init?(daysSince2000: Int32) {
    guard Self.representable.contains(Int(daysSince2000)) else { return nil }
    self.daysSince2000 = daysSince2000
  }

  /// Makes a date from its parts.
  ///
  /// - Returns: nil if there is no such day, as for 30 February.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= Self.daysInMonth(month, year: year)
    else { return nil }
    self.init(existingYear: year, month: month, day: day)
  }

  /// The day on clocks in China (UTC+8, no summer time since 1992) at a Unix time.
  ///
  /// - Returns: nil outside the years 1 to 9999.
  package init?(inChinaAtUnixSeconds seconds: Int64) {
    let (local, overflow) = seconds.addingReportingOverflow(8 * 3600)
    guard !overflow else { return nil }
    let unixDays = local.flooredQuotient(by: 86_400)
    guard let days = Int32(exactly: unixDays - 10_957) else { return nil }
    self.init(daysSince2000: days)
  }

  /// Trusts its caller that the day exists.
  init(existingYear year: Int, month: Int, day: Int) {
    daysSince2000 = Int32(Self.dayNumber(year: year, month: month, day: day))
  }

  private init(dayNumber: Int) {
    precondition(Self.representable.contains(dayNumber), "a date outside the years 1 to 9999")
    daysSince2000 = Int32(dayNumber)
  }
}

extension CalendarDate {
  package var year: Int { parts.year }

  /// 1 to 12.
  package var month: Int { parts.month }

  /// 1 to 31.
  package var day: Int { parts.day }

  /// All three parts, worked out once.
  package var parts: (year: Int, month: Int, day: Int) {
    // Counts from 1 March of year 0 in eras of 400 years, so that a leap day ends its year.
    let shifted = Int(daysSince2000) + Self.daysFromMarchOfYear0To2000
    let era = shifted.flooredQuotient(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
    let yearOfEra = (dayOfEra - leapDays) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  package var weekday: Weekday {
    // 2000-01-01 was a Saturday.
    let index = (Int(daysSince2000) + 5) % 7
    return Weekday(rawValue: (index + 7) % 7 + 1) ?? .monday
  }

  /// How many days a month has.
  ///
  /// - Precondition: `month` is 1 to 12.
  package static func daysInMonth(_ month: Int, year: Int) -> Int {
    precondition((1...12).contains(month), "a month from 1 to 12")
    if month == 2 { return isLeap(year) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private static let daysFromMarchOfYear0To2000 = 730_425

  private static let representable = -730_119...2_921_939

  private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let yearFromMarch = month <= 2 ? year - 1 : year
    let era = yearFromMarch.flooredQuotient(by: 400)
    let yearOfEra = yearFromMarch - era * 400
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - daysFromMarchOfYear0To2000
  }
}

extension CalendarDate: Comparable {
  package static func < (left: Self, right: Self) -> Bool {
    left.daysSince2000 < right.daysSince2000
  }

  /// The date that many days later, or earlier if negative.
  ///
  /// - Precondition: the result lies in the years 1 to 9999.
  package func adding(days: Int) -> Self {
    let (sum, overflow) = Int(daysSince2000).addingReportingOverflow(days)
    precondition(!overflow, "a date outside the years 1 to 9999")
    return Self(dayNumber: sum)
  }

  /// How many days `other` lies after this date; negative if before.
  package func days(until other: Self) -> Int {
    Int(other.daysSince2000) - Int(daysSince2000)
  }

  /// The same day of the month that many months later, or the month's last day if it has no such
  /// day. A series must count from its first date, `first.adding(months: n)`, to keep its day:
  /// 31 January, 28 February, 31 March.
  ///
  /// - Precondition: the result lies in the years 1 to 9999.
  package func adding(months: Int) -> Self {
    let (year, month, day) = parts
    let (index, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
    precondition(!overflow && (12..<120_000).contains(index), "a date outside the years 1 to 9999")
    let newMonth = index % 12 + 1
    let lastDay = Self.daysInMonth(newMonth, year: index / 12)
    return Self(existingYear: index / 12, month: newMonth, day: min(day, lastDay))
  }

  /// The full years from this date to `other`, as ages are counted: a birthday completes a year,
  /// and one on 29 February is completed on 1 March of other years.
  ///
  /// - Returns: a negative number only if `other` is before this date.
  package func fullYears(until other: Self) -> Int {
    let (start, end) = (parts, other.parts)
    let reached = (end.month, end.day) >= (start.month, start.day)
    return end.year - start.year - (reached ? 0 : 1)
  }
}

extension CalendarDate: LosslessStringConvertible, Codable {
  /// Reads exactly `2026-09-01`; for what people write, see ``parseChineseDate(_:)``.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
      let year = decimal(bytes[0..<4]), let month = decimal(bytes[5..<7]),
      let day = decimal(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// `2026-09-01`.
  package var description: String {
    let (year, month, day) = parts
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
  }

  /// `2026年9月1日`.
  package var chinese: String {
    let (year, month, day) = parts
    return "\(year)年\(month)月\(day)日"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let date = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a date is written like 2026-09-01")
    }
    self = date
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A day of the week, numbered as in ISO 8601.
package enum Weekday: Int, Sendable, CaseIterable {
  case monday = 1
  case tuesday, wednesday, thursday, friday, saturday, sunday

  package var isWeekend: Bool { self == .saturday || self == .sunday }

  /// `星期一`.
  package var zh: String {
    "星期\(["一", "二", "三", "四", "五", "六", "日"][rawValue - 1])"
  }
}
