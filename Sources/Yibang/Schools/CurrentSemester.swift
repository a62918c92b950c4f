package import SchoolCalendar

extension Semesters {
  /// The semester of what is done on a day, where none is named: the district's one that holds the
  /// day, else its latest, else the calendar's.
  package static func current(
    on day: CalendarDate, in context: Context
  ) async throws -> Semester {
    current(on: day, among: try await list(in: context))
  }

  static func current(on day: CalendarDate, among known: [Record]) -> Semester {
    (known.last { $0.dates.contains(day) } ?? known.last)?.semester ?? Semester.of(day)
  }
}
