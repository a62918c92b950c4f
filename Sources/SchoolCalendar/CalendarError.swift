/// What the calendar refuses, in words for the person who asked.
package enum CalendarError: Error, Hashable, Sendable {
  /// No public-holiday data covers this year, so a working day in it cannot be told.
  case noDataForYear(Int)
  /// A text that is no semester.
  case unreadableSemester(String)
  /// A line of a holiday file that does not say `date,kind,name`; lines count from 1.
  case unreadableHolidayLine(Int)
  /// A holiday file that names one date twice; lines count from 1.
  case repeatedHoliday(CalendarDate, line: Int)

  /// The message in Chinese: what is wrong and what to do.
  package var zh: String {
    switch self {
    case .noDataForYear(let year):
      "没有\(year)年的放假调休安排，无法计算工作日；请先导入\(year)年的放假安排（国务院办公厅通知）"
    case .unreadableSemester(let text):
      "无法识别学期“\(text)”；请写成 2026-2027-1、2026-2027学年第一学期或2026年秋季学期"
    case .unreadableHolidayLine(let line):
      "放假安排第\(line)行无法识别；每行应为“日期,holiday或makeup,名称”，如 2026-10-01,holiday,国庆节"
    case .repeatedHoliday(let date, let line):
      "放假安排第\(line)行重复了日期\(date)；每个日期只能出现一次"
    }
  }

  /// The message in English: what is wrong and what to do.
  package var en: String {
    switch self {
    case .noDataForYear(let year):
      "there is no public-holiday data for \(year), so working days in it cannot be counted; "
        + "import the holidays of \(year) first (notice of the State Council's General Office)"
    case .unreadableSemester(let text):
      "“\(text)” is not a semester; write 2026-2027-1, 2026-2027学年第一学期 or 2026年秋季学期"
    case .unreadableHolidayLine(let line):
      "line \(line) of the holiday file is unreadable; each line is “date,holiday or makeup,name”, "
        + "as in 2026-10-01,holiday,国庆节"
    case .repeatedHoliday(let date, let line):
      "line \(line) of the holiday file repeats \(date); a date may stand there only once"
    }
  }
}
