import SchoolCalendar
import Yibang

extension API {
  static let calendarRoutes: [Endpoint] = [
    .post(
      "/calendar/holidays", "calendar.import",
      Text("登记一年的放假调休安排", "Record a year's holidays and make-up days"), .needs([.administer])
    ) { (input: Holidays, call) in
      let entries = input.days.map {
        WorkingDays.Entry(date: $0.date, kind: $0.kind, name: $0.name)
      }
      let (years, changed) = try await Calendars.importHolidays(
        entries, from: "days", in: call.context)
      return HolidaysKnown(years: years, changed: changed)
    },
    .post(
      "/calendar/closures", "calendar.close",
      Text("登记学校停课日", "Record a school's closure"), .needs([.recognise])
    ) { (input: Closure, call) in
      let school = try await call.schoolRecord(input.school)
      let changed = try await Calendars.close(
        school: school.id, from: input.from, until: input.until, name: input.name,
        in: call.context)
      return ClosureRecorded(changed: changed)
    },
    .get(
      "/calendar/deadline", "calendar.deadline",
      Text("从某日起第几个工作日是哪天", "The last of so many working days after a day"), .signedIn
    ) { (input: DeadlineQuestion, call) in
      let day = try await Calendars.deadline(
        after: input.from, workingDays: input.workingDays, school: call.school(input.school),
        in: call.context)
      return Deadline(deadline: day)
    },
  ]

  struct Holidays: Codable, Sendable {
    struct Day: Codable, Sendable {
      let date: CalendarDate
      let kind: WorkingDays.Entry.Kind
      let name: String
    }

    let days: [Day]
  }

  struct HolidaysKnown: Codable, Sendable {
    let years: [Int]
    /// Days that are new or changed.
    let changed: Int
  }

  struct Closure: Codable, Sendable {
    let school: SchoolCode
    let from: CalendarDate
    let until: CalendarDate?
    let name: String
  }

  struct ClosureRecorded: Codable, Sendable {
    let changed: Int
  }

  struct DeadlineQuestion: Codable, Sendable {
    let from: CalendarDate
    let workingDays: Int
    let school: SchoolCode?
  }

  struct Deadline: Codable, Sendable {
    let deadline: CalendarDate
  }
}
