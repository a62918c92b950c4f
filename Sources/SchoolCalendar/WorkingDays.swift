/// Which days are worked in mainland China: weekdays except public holidays, and the weekend days
/// that make up for them.
///
/// The calendar knows whole years. A day in a year it does not know is an error and never a guess,
/// because the next year's holidays are published only in the autumn before.
package struct WorkingDays: Hashable, Sendable {
  /// One day that differs from the plain week.
  package struct Entry: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
      /// Not worked, whatever the weekday: a public holiday or a school's own closure.
      case holiday
      /// Worked although it is a weekend day (调休上班).
      case makeup
    }

    package let date: CalendarDate
    package let kind: Kind
    /// The holiday's name, such as 国庆节.
    package let name: String

    package init(date: CalendarDate, kind: Kind, name: String) {
      self.date = date
      self.kind = kind
      self.name = name
    }
  }

  /// The years for which all public holidays are known.
  package let years: Set<Int>

  private let exceptions: [CalendarDate: Entry]

  /// A calendar that knows these entries, and that they are all there are in these years.
  package init(_ entries: [Entry], years: Set<Int>) {
    self.years = years
    exceptions = Dictionary(entries.map { ($0.date, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// The holidays of the State Council's yearly notices, 2018 to 2026.
  package static let national: WorkingDays = {
    do throws(CalendarError) {
      let entries = try Self.entries(csv: PackageResources.cn_working_days_csv)
      return WorkingDays(entries, years: Set(entries.map(\.date.year)))
    } catch {
      preconditionFailure(error.en)
    }
  }()

  /// This calendar with further days, which take the place of those it knows for the same dates.
  ///
  /// - Parameters:
  ///   - entries: A new year's holidays, or a school's closures.
  ///   - completing: The years that are fully known with these entries. Leave it empty for a
  ///     closure: one day off tells nothing of the rest of its year.
  package func adding(_ entries: [Entry], completing years: Set<Int> = []) -> WorkingDays {
    WorkingDays(Array(exceptions.values) + entries, years: self.years.union(years))
  }

  /// What makes this day differ from the plain week, if anything does.
  package func entry(on date: CalendarDate) -> Entry? {
    exceptions[date]
  }

  /// Whether the day is worked.
  ///
  /// - Throws: ``CalendarError/noDataForYear(_:)``.
  package func isWorkingDay(_ date: CalendarDate) throws(CalendarError) -> Bool {
    let year = date.year
    guard years.contains(year) else { throw .noDataForYear(year) }
    switch exceptions[date]?.kind {
    case .holiday: return false
    case .makeup: return true
    case nil: return !date.weekday.isWeekend
    }
  }

  /// The last day of a period of working days. The day of posting does not count (民法典 201), so a
  /// notice posted on 2026-09-18 for five working days runs through 2026-09-24.
  ///
  /// - Parameters:
  ///   - posted: The day on which the period's cause happens; it need not be a working day.
  ///   - workingDays: The length of the period, at least 1.
  /// - Throws: ``CalendarError/noDataForYear(_:)`` if the period reaches a year without data.
  package func deadline(
    after posted: CalendarDate, workingDays: Int
  ) throws(CalendarError) -> CalendarDate {
    precondition(workingDays >= 1, "a period of at least one working day")
    var day = posted
    var remaining = workingDays
    while remaining > 0 {
      day = day.adding(days: 1)
      if try isWorkingDay(day) { remaining -= 1 }
    }
    return day
  }
}

extension WorkingDays {
  /// Reads a holiday file: a header line `date,kind,name`, then lines such as
  /// `2026-10-01,holiday,国庆节`. A byte-order mark, CRLF and empty lines do no harm.
  ///
  /// - Parameter bytes: The file, in UTF-8.
  /// - Throws: ``CalendarError/unreadableHolidayLine(_:)`` or
  ///   ``CalendarError/repeatedHoliday(_:line:)``.
  package static func entries(csv bytes: [UInt8]) throws(CalendarError) -> [Entry] {
    var entries: [Entry] = []
    var seen: Set<CalendarDate> = []
    var number = 0
    for bytes in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      let line = String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\u{FEFF}" }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      if line.isEmpty || (number == 1 && fields.first == "date") { continue }
      guard fields.count == 3, let date = CalendarDate(String(fields[0])),
        let kind = Entry.Kind(rawValue: String(fields[1])), !fields[2].isEmpty
      else { throw .unreadableHolidayLine(number) }
      guard seen.insert(date).inserted else { throw .repeatedHoliday(date, line: number) }
      entries.append(Entry(date: date, kind: kind, name: String(fields[2])))
    }
    return entries
  }
}
