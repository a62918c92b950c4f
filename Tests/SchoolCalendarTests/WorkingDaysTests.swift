import Testing

@testable import SchoolCalendar

@Suite("Working days")
struct WorkingDaysTests {
  @Test(
    "the fifth working day after posting, around weekends, holidays and make-up days",
    arguments: [
      ("2025-09-26", "2025-10-10"), ("2026-02-12", "2026-02-26"), ("2026-04-30", "2026-05-11"),
      ("2026-09-28", "2026-10-10"), ("2024-09-12", "2024-09-20"), ("2024-09-29", "2024-10-11"),
      ("2020-01-20", "2020-02-04"), ("2026-09-18", "2026-09-24"),
    ])
  func fifthDay(posted: String, last: String) throws {
    let deadline = try WorkingDays.national.deadline(after: date(posted), workingDays: 5)
    #expect(deadline == (try date(last)))
  }

  @Test("the national data is the published one: 2018 to 2026, 263 holidays, 59 make-up days")
  func data() throws {
    let entries = try WorkingDays.entries(csv: PackageResources.cn_working_days_csv)
    #expect(entries.filter { $0.kind == .holiday }.count == 263)
    #expect(entries.filter { $0.kind == .makeup }.count == 59)
    #expect(WorkingDays.national.years == Set(2018...2026))
    #expect(entries.filter { $0.kind == .makeup }.allSatisfy { $0.date.weekday.isWeekend })
  }

  @Test(
    "a day is worked or not",
    arguments: [
      ("2026-10-01", false), ("2026-10-10", true), ("2026-09-19", false), ("2026-09-21", true),
    ])
  func isWorkingDay(day: String, expected: Bool) throws {
    #expect(try WorkingDays.national.isWorkingDay(date(day)) == expected)
  }

  @Test("a holiday is known by its name")
  func names() throws {
    #expect(WorkingDays.national.entry(on: try date("2026-10-01"))?.name == "国庆节")
    #expect(WorkingDays.national.entry(on: try date("2026-09-15")) == nil)
  }

  @Test("a year without data is refused by name and in both languages", arguments: [2017, 2027])
  func missingYear(year: Int) throws {
    let day = try #require(CalendarDate(year: year, month: 3, day: 1))
    #expect(throws: CalendarError.noDataForYear(year)) {
      try WorkingDays.national.isWorkingDay(day)
    }
    let error = CalendarError.noDataForYear(year)
    #expect(error.zh.contains("\(year)年"))
    #expect(error.en.contains("\(year)"))
  }

  @Test("a period that runs into a year without data is refused, and one that ends before is not")
  func acrossYears() throws {
    let posted = try date("2026-12-24")
    #expect(
      try WorkingDays.national.deadline(after: posted, workingDays: 5) == date("2026-12-31"))
    #expect(throws: CalendarError.noDataForYear(2027)) {
      try WorkingDays.national.deadline(after: posted, workingDays: 6)
    }
  }

  @Test("an imported year is counted")
  func importedYear() throws {
    let csv = "\u{FEFF}date,kind,name\r\n2027-01-01,holiday,元旦\r\n2027-01-03,makeup,元旦\r\n"
    let entries = try WorkingDays.entries(csv: Array(csv.utf8))
    let calendar = WorkingDays.national.adding(entries, completing: [2027])
    #expect(try calendar.deadline(after: date("2026-12-31"), workingDays: 2) == date("2027-01-04"))
    #expect(try calendar.isWorkingDay(date("2026-10-10")))
  }

  @Test("a school's closure takes its days, and does not make the rest of its year known")
  func closure() throws {
    let closure = [
      WorkingDays.Entry(date: try date("2026-09-22"), kind: .holiday, name: "停课"),
      WorkingDays.Entry(date: try date("2027-03-01"), kind: .holiday, name: "停课"),
    ]
    let calendar = WorkingDays.national.adding(closure)
    #expect(try calendar.deadline(after: date("2026-09-18"), workingDays: 3) == date("2026-09-23"))
    #expect(throws: CalendarError.noDataForYear(2027)) {
      try calendar.isWorkingDay(date("2027-03-01"))
    }
  }

  @Test("a later entry takes the place of an earlier one")
  func replaced() throws {
    let entry = WorkingDays.Entry(date: try date("2026-10-10"), kind: .holiday, name: "校庆")
    #expect(try WorkingDays.national.adding([entry]).isWorkingDay(date("2026-10-10")) == false)
  }

  @Test(
    "an unreadable line of a holiday file is refused by its number",
    arguments: [
      "2027-01-01,holiday", "2027-02-30,holiday,春节", "2027-01-01,off,元旦", "2027-01-01,holiday,",
      "20270101,holiday,元旦", "元旦", "2027-01-01,holiday,元旦,1",
    ])
  func unreadableLine(line: String) {
    let csv = "date,kind,name\n2027-05-01,holiday,劳动节\n\(line)\n"
    #expect(throws: CalendarError.unreadableHolidayLine(3)) {
      try WorkingDays.entries(csv: Array(csv.utf8))
    }
  }

  @Test("a file that names a date twice is refused")
  func repeatedDate() throws {
    let csv = "2027-01-01,holiday,元旦\n2027-01-01,makeup,元旦"
    let repeated = CalendarError.repeatedHoliday(try date("2027-01-01"), line: 2)
    #expect(throws: repeated) { try WorkingDays.entries(csv: Array(csv.utf8)) }
  }
}
