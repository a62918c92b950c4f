package import SchoolCalendar

/// The three years that a sponsor promises: six instalments, one a semester, all written when the
/// pairing starts.
package struct InstalmentPlan: Sendable, Hashable {
  package struct Line: Sendable, Hashable {
    /// 1 to 6.
    package let number: Int
    package let semester: Semester
    package let dueOn: CalendarDate
    package let amount: Money
    /// The semester's last day.
    package let endsOn: CalendarDate

    /// The day by which the child has what it is assured: so many days after the sponsor's, within the
    /// semester.
    func payoutDue(days: Int) -> CalendarDate { max(dueOn, min(dueOn.adding(days: days), endsOn)) }
  }

  package static let semesters = 6

  package let total: Money
  package let lines: [Line]

  /// - Parameters:
  ///   - first: the semester that the first instalment is for.
  ///   - firstEnd: the last day of that semester.
  ///   - start: the day on which the pairing starts, not after `firstEnd`.
  ///   - amount: promised for each semester.
  /// - Throws: `MoneyError.overflow`.
  package init(
    first: Semester, firstEnd: CalendarDate, startingOn start: CalendarDate,
    amountPerSemester amount: Money
  ) throws(MoneyError) {
    precondition(start <= firstEnd, "a pairing starts before its first semester is over")
    total = try amount * Int64(Self.semesters)
    let parts = total.split(into: Self.semesters)
    lines = parts.enumerated().map { index, part in
      let semester = first.advanced(by: index)
      let end = index == 0 ? firstEnd : semester.defaultDates.upperBound
      let dueOn = Self.dueDate(semester, end: end, startingOn: start)
      return Line(number: index + 1, semester: semester, dueOn: dueOn, amount: part, endsOn: end)
    }
  }

  /// 30 September or 31 March; for a pairing that starts later, 30 days after its start, but within
  /// the semester. Each date comes from its own semester, so none drifts.
  static func dueDate(
    _ semester: Semester, end: CalendarDate, startingOn start: CalendarDate
  ) -> CalendarDate {
    let opening = semester.defaultDates.lowerBound
    // Autumn opens on 1 September, spring on 1 February: the payments of facts §6 are made in
    // September and March.
    let usual = opening.adding(months: semester.term == .autumn ? 1 : 2).adding(days: -1)
    if start <= usual { return usual }
    return min(start.adding(days: 30), max(end, start))
  }
}
