/// The two ways in which spreadsheets count days.
enum DateEpoch: Sendable {
  /// Day 1 is 1900-01-01, and day 60 is 1900-02-29, which never was.
  case year1900
  /// Day 0 is 1904-01-01.
  case year1904

  /// What a person sees in a cell with a date or time format that holds this number of days.
  ///
  /// - Returns: `nil` when no spreadsheet shows it as a date: before the epoch, after the year 9999.
  func cell(serial: Double, isElapsed: Bool) -> Cell? {
    guard serial.isFinite, serial >= 0, serial < 2_958_466 else { return nil }
    let total = Int((serial * 86_400).rounded())
    let (days, seconds) = total.quotientAndRemainder(dividingBy: 86_400)
    if isElapsed || (serial < 1 && seconds > 0) { return Cell(.time(seconds: total)) }
    let note: Cell.Note? = seconds > 0 ? .timeOfDay(seconds: seconds) : nil
    switch (self, days) {
    case (.year1900, 0): return Cell(.text("1900-01-00"), note: note)
    case (.year1900, 60): return Cell(.text("1900-02-29"), note: note)
    case (.year1900, ..<60): return Cell(civilDate(days - 25_568), note: note)
    case (.year1900, _): return Cell(civilDate(days - 25_569), note: note)
    case (.year1904, _):
      let date = civilDate(days - 24_107)
      if case .date(let year, _, _) = date, year > 9_999 { return nil }
      return Cell(date, note: note)
    }
  }
}

/// The day so many days after 1970-01-01, proleptic Gregorian.
private func civilDate(_ daysSince1970: Int) -> Cell.Value {
  // Years that begin in March put the leap day last; eras are 400 years of 146,097 days.
  let shifted = daysSince1970 + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
  let yearOfEra = (dayOfEra - leapDays) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return .date(year: year, month: month, day: day)
}

func isRealDate(year: Int, month: Int, day: Int) -> Bool {
  guard (1...9_999).contains(year), (1...12).contains(month) else { return false }
  let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return (1...lengths[month - 1]).contains(day)
}

/// A cell that stores its date as ISO 8601 text (`t="d"`): a date, a time or both.
func isoCell(_ text: String) -> Cell {
  let halves = text.split(separator: "T", maxSplits: 1)
  var seconds: Int?
  if let clock = halves.last, clock.contains(":") {
    let parts = clock.prefix { $0 != "Z" && $0 != "+" }.split(separator: ":").map { Double($0) }
    guard parts.count >= 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
      (0..<60).contains(minute)
    else { return Cell(.text(text)) }
    let second = parts.count > 2 ? parts[2] ?? 0 : 0
    guard (0..<60).contains(second) else { return Cell(.text(text)) }
    seconds = Int(hour) * 3_600 + Int(minute) * 60 + Int(second)
    if halves.count == 1 { return Cell(.time(seconds: seconds ?? 0)) }
  }
  let numbers = (halves.first ?? "").split(separator: "-").compactMap { Int($0) }
  guard numbers.count == 3, isRealDate(year: numbers[0], month: numbers[1], day: numbers[2]) else {
    return Cell(.text(text))
  }
  let note: Cell.Note? = (seconds ?? 0) > 0 ? .timeOfDay(seconds: seconds ?? 0) : nil
  return Cell(.date(year: numbers[0], month: numbers[1], day: numbers[2]), note: note)
}

func isoDate(year: Int, month: Int, day: Int) -> String {
  "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
}

func clockTime(seconds: Int) -> String {
  "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
