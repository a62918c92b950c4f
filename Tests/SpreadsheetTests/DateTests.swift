import Spreadsheet
import Testing

@Suite("Dates in workbooks")
struct DateTests {
  private func styled(
    _ serial: String, format: Int, code: String? = nil, is1904: Bool = false
  ) throws -> Cell {
    let escaped = code?.replacing("\"", with: "&quot;")
    let custom = escaped.map { "<numFmt numFmtId=\"\(format)\" formatCode=\"\($0)\"/>" } ?? ""
    let styles =
      "<numFmts>\(custom)</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
      + "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"\(format)\"/></cellXfs>"
    return try cell("<c s=\"1\"><v>\(serial)</v></c>", styles: styles, is1904: is1904)
  }

  @Test(
    "every built-in date format makes a date",
    arguments: Array(14...17) + [22] + Array(27...31) + [36] + Array(50...54) + [57, 58])
  func builtIn(format: Int) throws {
    #expect(try styled("46266", format: format).value == .date(year: 2026, month: 9, day: 1))
  }

  @Test(
    "other built-in formats leave the number", arguments: [0, 1, 2, 4, 9, 11, 12, 37, 44, 48, 49])
  func notDates(format: Int) throws {
    #expect(try styled("46266", format: format).value == .number("46266", lostDigits: false))
  }

  @Test(
    "a custom date format makes a date",
    arguments: [
      "yyyy\"年\"m\"月\"d\"日\"", "yyyy年m月d日", "[$-804]yyyy\"年\"m\"月\"", "yyyy/m/d;@", "m.d", "mmm-yy",
      "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\";@", "YYYY-MM-DD", "\\第e\\年",
      "[$-F800]dddd, mmmm dd, yyyy",
      "aaaa", "[Red]yyyy", "_ yyyy", "\"0\"yyyy",
    ])
  func custom(code: String) throws {
    let read = try styled("46266", format: 176, code: code)
    #expect(read.value == .date(year: 2026, month: 9, day: 1))
  }

  @Test(
    "letters of dates in quotes, brackets, escapes or words make none",
    arguments: [
      "General", "G/通用格式", "0\"年\"", "#,##0.00;[Red]-#,##0.00", "\"day\" 0", "0.00E+00", "\\d0",
      "_d0",
      "[Blue]0", "@", "[$¥-804]#,##0.00", "\"ymd\"General", "0;yyyy", "GENERAL",
    ])
  func customNumbers(code: String) throws {
    let read = try styled("46266", format: 176, code: code)
    #expect(read.value == .number("46266", lostDigits: false))
  }

  @Test(
    "days count from 1900 with its false leap day, or from 1904",
    arguments: [
      ("1", false, Cell.Value.date(year: 1900, month: 1, day: 1)),
      ("59", false, .date(year: 1900, month: 2, day: 28)), ("60", false, .text("1900-02-29")),
      ("61", false, .date(year: 1900, month: 3, day: 1)), ("0", false, .text("1900-01-00")),
      ("36526", false, .date(year: 2000, month: 1, day: 1)),
      ("45351", false, .date(year: 2024, month: 2, day: 29)),
      ("2958465", false, .date(year: 9999, month: 12, day: 31)),
      ("2958466", false, .number("2958466", lostDigits: false)),
      ("-1", false, .number("-1", lostDigits: false)),
      ("1E9", false, .number("1000000000", lostDigits: false)),
      ("0", true, .date(year: 1904, month: 1, day: 1)),
      ("60", true, .date(year: 1904, month: 3, day: 1)),
      ("44804", true, .date(year: 2026, month: 9, day: 1)),
    ])
  func epochs(serial: String, is1904: Bool, expected: Cell.Value) throws {
    #expect(try styled(serial, format: 14, is1904: is1904).value == expected)
  }

  @Test("a time of day is kept beside its date, or alone")
  func times() throws {
    let both = try styled("46266.604166666664", format: 22)
    #expect(both.value == .date(year: 2026, month: 9, day: 1))
    #expect(both.note == .timeOfDay(seconds: 52_200))
    #expect(both.text == "2026-09-01")
    let time = try styled("0.604166666666667", format: 20)
    #expect(time == Cell(.time(seconds: 52_200)))
    #expect(time.text == "14:30:00")
    let long = try styled("1.25", format: 46)
    #expect(long.text == "30:00:00")
    let carried = try styled("46265.999999999", format: 22)
    #expect(carried == Cell(.date(year: 2026, month: 9, day: 1)))
  }

  @Test(
    "ISO dates that do not exist stay text",
    arguments: ["2026-02-30", "2026-13-01", "2026", "abc", "2026-09-01T25:00", "-"])
  func impossibleISO(text: String) throws {
    #expect(try cell("<c t=\"d\"><v>\(text)</v></c>") == Cell(.text(text)))
  }
}
