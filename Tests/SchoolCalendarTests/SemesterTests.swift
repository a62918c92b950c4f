import Testing

@testable import SchoolCalendar

@Suite("Semesters")
struct SemesterTests {
  private func semester(_ text: String) throws -> Semester {
    try #require(Semester(text))
  }

  @Test("a semester is read in its strict form only")
  func strict() throws {
    #expect(try semester("2026-2027-1").description == "2026-2027-1")
    for text in [
      "2026-2028-1", "2026-2027-3", "2026-2027-0", "2026-2027", "2026-2027-01", "2027-2026-1",
      " 2026-2027-1", "２０２６-2027-1", "9999-0000-1", "",
    ] {
      #expect(Semester(text) == nil, "\(text)")
    }
  }

  @Test("three years are six consecutive semesters")
  func threeYears() throws {
    let first = try semester("2026-2027-1")
    let texts = (0..<6).map { first.advanced(by: $0).description }
    #expect(
      texts == [
        "2026-2027-1", "2026-2027-2", "2027-2028-1", "2027-2028-2", "2028-2029-1", "2028-2029-2",
      ])
    #expect(first.successor.predecessor == first)
    #expect(first.distance(to: try semester("2028-2029-2")) == 5)
    #expect(first.advanced(by: -1).description == "2025-2026-2")
    #expect(first.ordinal == 4052)
    #expect(Semester(ordinal: 4052) == first)
    #expect(try semester("2026-2027-2") < semester("2027-2028-1"))
  }

  @Test(
    "semesters beyond four-digit years do not exist", arguments: [19_998, -1, Int.max, Int.min])
  func outOfRange(ordinal: Int) {
    #expect(Semester(ordinal: ordinal) == nil)
  }

  @Test("every day of ten years lies in exactly one semester's default dates")
  func everyDay() throws {
    var day = try date("2020-01-01")
    let last = try date("2029-12-31")
    var previous = Semester.of(day)
    while day <= last {
      let semester = Semester.of(day)
      #expect(semester.defaultDates.contains(day))
      #expect(semester == previous || semester == previous.successor)
      previous = semester
      day = day.adding(days: 1)
    }
  }

  @Test(
    "a day belongs to its semester",
    arguments: [
      ("2026-09-01", "2026-2027-1"), ("2027-01-31", "2026-2027-1"), ("2027-02-01", "2026-2027-2"),
      ("2027-08-31", "2026-2027-2"), ("2026-12-31", "2026-2027-1"),
    ])
  func ofDate(day: String, expected: String) throws {
    #expect(Semester.of(try date(day)).description == expected)
  }

  @Test("the first and the last day of the calendar lie in a semester")
  func extremes() throws {
    #expect(Semester.of(try date("0001-01-01")).description == "0000-0001-1")
    #expect(Semester.of(try date("9999-08-31")).description == "9998-9999-2")
    #expect(Semester.of(try date("9999-12-31")).defaultDates.contains(try date("9999-12-31")))
  }

  @Test("default dates run from September to January and from February to August")
  func defaultDates() throws {
    let year = try #require(SchoolYear("2026-2027"))
    #expect(year.autumn.defaultDates == (try date("2026-09-01"))...(try date("2027-01-31")))
    #expect(year.spring.defaultDates == (try date("2027-02-01"))...(try date("2027-08-31")))
  }

  @Test("titles name the semester in both languages")
  func titles() throws {
    #expect(try semester("2026-2027-1").zh == "2026-2027学年第一学期")
    #expect(try semester("2026-2027-2").zh == "2026-2027学年第二学期")
    #expect(try semester("2026-2027-2").en == "second semester of 2026-2027")
  }

  @Test(
    "a semester is read as people write it",
    arguments: [
      ("2026-2027-1", "2026-2027-1"), ("2026-2027学年第一学期", "2026-2027-1"),
      ("2026—2027学年度第二学期", "2026-2027-2"), ("２０２６－２０２７学年 第２学期", "2026-2027-2"),
      ("2026-2027学年上学期", "2026-2027-1"), ("2026~2027学年下学期", "2026-2027-2"),
      ("2026年秋季学期", "2026-2027-1"), ("2027年春季学期", "2026-2027-2"),
      ("2027 春", "2026-2027-2"), ("2026-2027（2）", "2026-2027-2"),
      ("2026－2027学年秋季学期", "2026-2027-1"), ("\u{FEFF}2026-2027-1　", "2026-2027-1"),
      ("2026——2027学年第一学期", "2026-2027-1"), ("2026至2027学年第一学期", "2026-2027-1"),
    ])
  func forgiving(text: String, expected: String) throws {
    #expect(try Semester(parsing: text).description == expected)
  }

  @Test(
    "what is no semester, or may be two, is refused with what to write instead",
    arguments: [
      "", "2026", "2026年", "2026年上学期", "2026-2028学年第一学期", "2026-2027学年", "2026-2027-3",
      "秋季学期", "26年秋季学期", "2026-2027学年第三学期", "2026---2027-1", "2026-2027-1补",
      String(repeating: "2026-2027-1", count: 10),
    ])
  func unreadable(text: String) {
    #expect(throws: CalendarError.unreadableSemester(text)) { try Semester(parsing: text) }
  }

  @Test("semesters, school years and dates are coded as their text")
  func coding() throws {
    #expect(try json(try semester("2026-2027-1")) == #"["2026-2027-1"]"#)
    #expect(try decoded([Semester].self, #"["2026-2027-2"]"#) == [semester("2026-2027-2")])
    #expect(try json(SchoolYear("2026-2027")) == #"["2026-2027"]"#)
    #expect(try json(try date("2026-09-01")) == #"["2026-09-01"]"#)
    #expect(try decoded([CalendarDate].self, #"["2026-09-01"]"#) == [date("2026-09-01")])
    #expect(throws: DecodingError.self) { try decoded([Semester].self, #"["2026"]"#) }
    #expect(throws: DecodingError.self) { try decoded([SchoolYear].self, #"["2026-2028"]"#) }
    #expect(throws: DecodingError.self) { try decoded([CalendarDate].self, #"["2026-02-30"]"#) }
  }
}
