import Testing

@testable import SchoolCalendar

@Suite("Dates in Chinese sheets")
struct ChineseDateTests {
  @Test(
    "a full date is read",
    arguments: [
      "2026年9月1日", "2026年09月01日", "2026年9月1号", "2026.09.01", "2026.9.1", "2026/9/1",
      "2026-09-01", "2026-9-1", "20260901", "２０２６年９月１日", "２０２６．９．１", "2026 年 9 月 1 日",
      "2026年　9月　1日", "二〇二六年九月一日", "二○二六年九月一日", "二零二六年九月一日", "46266",
      "46266.0", "46266.75", "2026-09-01 08:30:00", "2026/9/1 0:00", "2026-09-01T00:00:00",
      "\u{FEFF}2026-09-01\n", "2026年九月1日", "2026、9、1",
    ])
  func fullDate(text: String) throws {
    let parsed = try #require(parseChineseDate(text))
    #expect(parsed.date?.description == "2026-09-01")
    #expect(parsed.precision == .day)
    #expect(!parsed.mayHaveLostAZero)
  }

  @Test(
    "a month is read with its precision",
    arguments: [
      ("2026年9月", 2026, 9), ("2026.9", 2026, 9), ("2026.09", 2026, 9), ("2026.10", 2026, 10),
      ("2026-9", 2026, 9), ("2026/12", 2026, 12), ("201503", 2015, 3), ("二〇一五年十二月", 2015, 12),
    ])
  func month(text: String, year: Int, month: Int) throws {
    let parsed = try #require(parseChineseDate(text))
    #expect(parsed.year == year)
    #expect(parsed.month == month)
    #expect(parsed.precision == .month)
    #expect(parsed.date == nil)
    #expect(!parsed.mayHaveLostAZero)
  }

  @Test("2026.1 is January, marked as perhaps an October that lost its zero")
  func lostZero() throws {
    let parsed = try #require(parseChineseDate("2026.1"))
    #expect(parsed.month == 1)
    #expect(parsed.mayHaveLostAZero)
  }

  @Test(
    "a day without a year takes it from the semester",
    arguments: [
      ("9月1日", "2026-2027-1", "2026-09-01"), ("1月5日", "2026-2027-1", "2027-01-05"),
      ("十二月二十五日", "2026-2027-1", "2026-12-25"), ("2月29日", "2027-2028-2", "2028-02-29"),
    ])
  func withoutYear(text: String, semester: String, expected: String) throws {
    let parsed = try #require(parseChineseDate(text))
    let period = try #require(Semester(semester)).defaultDates
    #expect(parsed.year == nil)
    #expect(parsed.date == nil)
    #expect(parsed.date(within: period) == (try date(expected)))
  }

  @Test("a day that the period has not, or has twice, is not guessed")
  func notGuessed() throws {
    let autumn = try #require(Semester("2026-2027-1")).defaultDates
    let twoYears = (try date("2026-01-01"))...(try date("2027-12-31"))
    #expect(parseChineseDate("3月1日")?.date(within: autumn) == nil)
    #expect(parseChineseDate("3月1日")?.date(within: twoYears) == nil)
    #expect(parseChineseDate("2026年9月")?.date(within: autumn) == nil)
    #expect(parseChineseDate("2020年3月1日")?.date(within: autumn) == (try date("2020-03-01")))
  }

  @Test(
    "what is no date is refused",
    arguments: [
      "", " ", "2026-02-30", "2026年2月29日", "2026.13", "2026年13月1日", "2月30日", "26年9月1日",
      "26.9.1", "9.1", "9/1", "2026", "2026年", "9月", "19999", "80001", "1000", "123456789",
      "20261301", "202613", "2026-9.1", "2026-9-1-1", "2026--1", "-2026-9-1", "2026年9月1",
      "2026年9月日", "2026年月1日", "昨天", "2026年9月1日前", "46266.", "46266.0.0", "4.6266E4",
      "2026年二十十月", "2026年9月三十二日", "2026年9月〇日", "1899年1月1日", "2200年1月1日", "08:30",
      "2026-09-01 8:30下午", "2026年9月1日9月1日", String(repeating: "9", count: 1000),
    ])
  func refused(text: String) {
    #expect(parseChineseDate(text) == nil)
  }

  @Test(
    "Excel's day numbers fit",
    arguments: [("20000", "1954-10-03"), ("36526", "2000-01-01"), ("80000", "2119-01-11")])
  func serial(text: String, expected: String) {
    #expect(parseChineseDate(text)?.date?.description == expected)
  }

  @Test("every day of fifty years is read in every form")
  func everyForm() throws {
    var day = try date("2000-01-01")
    while day < (try date("2050-01-01")) {
      let (y, m, d) = day.parts
      let serial = Int(day.daysSince2000) + 36_526
      for text in ["\(y)年\(m)月\(d)日", "\(y).\(m).\(d)", "\(y)/\(m)/\(d)", "\(serial)"] {
        #expect(parseChineseDate(text)?.date == day)
      }
      day = day.adding(days: 17)
    }
  }

  @Test("no text makes a reader crash", arguments: [UInt64(1), 2])
  func anyText(seed: UInt64) {
    var state = seed
    let alphabet = Array("0123456789年月日号.-/: T十一二〇学期第春秋上下()～９／　\u{FEFF}")
    for _ in 0..<5000 {
      var text = ""
      for _ in 0..<(state >> 33) % 14 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if let date = parseChineseDate(text)?.date {
        #expect(parseChineseDate(date.chinese)?.date == date, "\(text)")
      }
      if let semester = try? Semester(parsing: text) {
        #expect((try? Semester(parsing: semester.zh)) == semester, "\(text)")
      }
    }
  }
}
