import Testing

@testable import SchoolCalendar

@Suite("Calendar dates")
struct CalendarDateTests {
  @Test("a date is written and read back", arguments: ["0001-01-01", "2000-02-29", "9999-12-31"])
  func roundTrip(text: String) throws {
    #expect(try date(text).description == text)
  }

  @Test(
    "a text that is no existing day in the strict form is refused",
    arguments: [
      "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31",
      "0000-01-01",
      "2026-9-1", "26-09-01", "2026/09/01", "2026-09-01 ", "２０２６-09-01", "", "+026-09-01",
    ])
  func refused(text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test(
    "PostgreSQL's day number fits",
    arguments: [
      ("2000-01-01", 0), ("1999-12-31", -1), ("2026-09-01", 9740), ("1970-01-01", -10_957),
      ("0001-01-01", -730_119), ("9999-12-31", 2_921_939),
    ] as [(String, Int32)])
  func dayNumber(text: String, number: Int32) throws {
    #expect(try date(text).daysSince2000 == number)
    #expect(CalendarDate(daysSince2000: number)?.description == text)
  }

  @Test(
    "PostgreSQL's infinities and days out of range are no dates",
    arguments: [Int32.max, Int32.min, -730_120, 2_921_940])
  func infinity(number: Int32) {
    #expect(CalendarDate(daysSince2000: number) == nil)
  }

  @Test("every day of four centuries follows the one before by the plain rules of months")
  func everyDay() throws {
    var (year, month, day) = (1800, 1, 1)
    var current = try date("1800-01-01")
    for _ in 0..<146_097 {
      #expect(current.parts == (year, month, day))
      #expect(CalendarDate(year: year, month: month, day: day) == current)
      let lengths = [31, year % 4 == 0 && year % 100 != 0 || year % 400 == 0 ? 29 : 28]
      let length =
        month <= 2
        ? lengths[month - 1]
        : month == 4 || month == 6 || month == 9
          || month == 11 ? 30 : 31
      day += 1
      if day > length { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
      current = current.adding(days: 1)
    }
    #expect(current.description == "2200-01-01")
  }

  @Test(
    "the weekday is right before and after 2000",
    arguments: [
      ("2026-09-01", Weekday.tuesday), ("2000-01-01", .saturday), ("1999-12-31", .friday),
      ("1970-01-01", .thursday), ("2026-11-22", .sunday), ("0001-01-01", .monday),
    ])
  func weekday(text: String, weekday: Weekday) throws {
    #expect(try date(text).weekday == weekday)
  }

  @Test("a series of months from the 31st keeps its day where the month has one")
  func monthsDoNotDrift() throws {
    let first = try date("2026-01-31")
    let series = (0...13).map { first.adding(months: $0).description }
    #expect(
      series == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
        "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31",
        "2027-01-31", "2027-02-28",
      ])
    #expect(first.adding(months: -2).description == "2025-11-30")
    #expect(first.adding(months: 25).description == "2028-02-29")
  }

  @Test(
    "full years are completed on the birthday",
    arguments: [
      ("2012-09-01", "2026-08-31", 13), ("2012-09-01", "2026-09-01", 14),
      ("2012-02-29", "2026-02-28", 13), ("2012-02-29", "2026-03-01", 14),
      ("2026-09-01", "2026-09-01", 0),
    ])
  func fullYears(birth: String, today: String, years: Int) throws {
    #expect(try date(birth).fullYears(until: date(today)) == years)
  }

  @Test(
    "a moment lies on the day that clocks in China show",
    arguments: [
      (1_788_191_999, "2026-08-31"), (1_788_192_000, "2026-09-01"), (0, "1970-01-01"),
      (-28_801, "1969-12-31"),
    ] as [(Int64, String)])
  func dayInChina(seconds: Int64, text: String) {
    #expect(CalendarDate(inChinaAtUnixSeconds: seconds)?.description == text)
  }

  @Test("a moment beyond the calendar has no day", arguments: [Int64.max, Int64.min])
  func momentOutOfRange(seconds: Int64) {
    #expect(CalendarDate(inChinaAtUnixSeconds: seconds) == nil)
  }

  @Test("dates are ordered, and the days between them counted")
  func order() throws {
    let (first, second) = (try date("2025-12-31"), try date("2026-09-01"))
    #expect(first < second)
    #expect(first.days(until: second) == 244)
    #expect(second.days(until: first) == -244)
  }
}
