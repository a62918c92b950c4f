/// A date as a sheet writes it, which may lack the year or the day.
package struct ParsedDate: Hashable, Sendable {
  package enum Precision: Sendable {
    case month
    case day
  }

  /// Nil for 9月1日.
  package let year: Int?
  package let month: Int
  /// Nil for 2026年9月.
  package let day: Int?
  /// Whether the text is like `2026.1`, which a spreadsheet also makes of 2026.10: worth a word to
  /// the person who imports it.
  package let mayHaveLostAZero: Bool

  package var precision: Precision { day == nil ? .month : .day }

  /// The day, if the text says year, month and day.
  package var date: CalendarDate? {
    guard let year, let day else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }

  /// The day, where a missing year is taken from a period such as a semester.
  ///
  /// - Returns: nil if the day is missing, or the period holds no such day or several.
  package func date(within period: ClosedRange<CalendarDate>) -> CalendarDate? {
    guard year == nil else { return date }
    guard let day else { return nil }
    let years = period.lowerBound.year...period.upperBound.year
    let candidates = years.lazy
      .compactMap { CalendarDate(year: $0, month: month, day: day) }
      .filter { period.contains($0) }
      .prefix(2)
    return candidates.count == 1 ? candidates.first : nil
  }

  /// Checks that the day exists; without a year, in some year.
  init?(year: Int?, month: Int, day: Int?, mayHaveLostAZero: Bool = false) {
    if let year, !(1900...2199).contains(year) { return nil }
    guard CalendarDate(year: year ?? 2000, month: month, day: day ?? 1) != nil else { return nil }
    self.year = year
    self.month = month
    self.day = day
    self.mayHaveLostAZero = mayHaveLostAZero
  }
}

/// Reads a date as Chinese sheets write it: `2026年9月1日`, `2026年9月`, `9月1日`, `2026.9`,
/// `2026.09.01`, `2026/9/1`, `2026-09-01`, `20260901`, `201503`, `二〇二六年九月一日`, and the day
/// numbers of Excel such as `46266` or `46266.0`. Full-width digits, spaces and a time of day after
/// the date do no harm.
///
/// - Returns: nil for anything else, for days that do not exist, for years outside 1900 to 2199
///   or of two digits, and for numbers outside 20000 to 80000 (1954 to 2119) as day numbers.
package func parseChineseDate(_ text: String) -> ParsedDate? {
  guard text.utf8.count <= 100 else { return nil }
  let plain = Array(withoutTime(text).unicodeScalars)[...]
  if plain.contains("月") { return withCharacters(plain) }
  return separated(plain) ?? digitsOnly(plain)
}

/// The compact date without a time of day, which follows a space or a T: `2026-09-01 08:30:00`.
private func withoutTime(_ text: String) -> String {
  guard let colon = text.firstIndex(where: { $0 == ":" || $0 == "：" }) else {
    return compact(text)
  }
  let head = text[..<colon]
  guard let gap = head.lastIndex(where: { $0.isWhitespace || $0 == "T" }) else { return "" }
  let time = text[text.index(after: gap)...]
  guard time.count <= 12, time.allSatisfy({ $0.isNumber || ":：.".contains($0) }) else { return "" }
  return compact(String(text[..<gap]))
}

private let separators: Set<Unicode.Scalar> = ["-", "/", ".", "–", "—", "、"]

/// `2026-09-01`, `2026/9/1`, `2026.9`: two or three numbers with one kind of separator.
private func separated(_ text: ArraySlice<Unicode.Scalar>) -> ParsedDate? {
  guard let separator = text.first(where: { separators.contains($0) }) else { return nil }
  let fields = text.split(separator: separator, omittingEmptySubsequences: false)
  let numbers = fields.map(number)
  guard fields[0].count == 4, (2...3).contains(fields.count),
    fields.dropFirst().allSatisfy({ $0.count <= 2 }),
    let year = numbers[0], let month = numbers[1]
  else { return nil }
  guard fields.count == 3 else {
    let mayHaveLostAZero = separator == "." && fields[1] == ["1"]
    return ParsedDate(year: year, month: month, day: nil, mayHaveLostAZero: mayHaveLostAZero)
  }
  guard let day = numbers[2] else { return nil }
  return ParsedDate(year: year, month: month, day: day)
}

/// `20260901`, `202609`, or Excel's day number with an optional fraction for the time of day.
private func digitsOnly(_ text: ArraySlice<Unicode.Scalar>) -> ParsedDate? {
  let fields = text.split(separator: ".", omittingEmptySubsequences: false)
  guard let whole = fields.first, let value = number(whole) else { return nil }
  switch (whole.count, fields.count) {
  case (8, 1):
    return ParsedDate(year: value / 10_000, month: value / 100 % 100, day: value % 100)
  case (6, 1):
    return ParsedDate(year: value / 100, month: value % 100, day: nil)
  case (5, 1), (5, 2):
    let fractionIsDigits = fields.dropFirst().allSatisfy { $0.allSatisfy(isDigit) && !$0.isEmpty }
    guard (20_000...80_000).contains(value), fractionIsDigits else { return nil }
    // Day 36526 is 2000-01-01: Excel counts from 1900 with a 29 February that never was.
    let parts = CalendarDate(existingYear: 2000, month: 1, day: 1).adding(days: value - 36_526)
      .parts
    return ParsedDate(year: parts.year, month: parts.month, day: parts.day)
  default:
    return nil
  }
}

/// `2026年9月1日`, `2026年9月`, `9月1日`, with digits or Chinese numerals.
private func withCharacters(_ text: ArraySlice<Unicode.Scalar>) -> ParsedDate? {
  var rest = text
  var year: Int?
  if let mark = rest.firstIndex(of: "年") {
    let digits = rest[..<mark]
    guard digits.count == 4, let value = number(digits) ?? chineseYear(digits) else { return nil }
    year = value
    rest = rest[(mark + 1)...]
  }
  guard let mark = rest.firstIndex(of: "月") else { return nil }
  guard let month = numberUpTo99(rest[..<mark]) else { return nil }
  rest = rest[(mark + 1)...]
  if rest.isEmpty {
    return year == nil ? nil : ParsedDate(year: year, month: month, day: nil)
  }
  guard let last = rest.last, last == "日" || last == "号",
    let day = numberUpTo99(rest.dropLast())
  else { return nil }
  return ParsedDate(year: year, month: month, day: day)
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

/// The number that one to nine ASCII digits write.
private func number(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
  guard (1...9).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
  return digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
}

private let chineseDigits: [Unicode.Scalar: Int] = [
  "〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8,
  "九": 9,
]

private func chineseDigit(_ scalar: Unicode.Scalar) -> Int? { chineseDigits[scalar] }

private func chineseYear(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
  var year = 0
  for digit in digits {
    guard let value = chineseDigit(digit) else { return nil }
    year = year * 10 + value
  }
  return year
}

/// One or two digits, or a Chinese numeral such as 九, 十, 十二, 二十, 三十一.
private func numberUpTo99(_ text: ArraySlice<Unicode.Scalar>) -> Int? {
  if text.count <= 2, let value = number(text) { return value }
  guard let ten = text.firstIndex(of: "十") else {
    return text.count == 1 ? text.first.flatMap(chineseDigit) : nil
  }
  let (tens, ones) = (text[..<ten], text[(ten + 1)...])
  guard tens.count <= 1, ones.count <= 1 else { return nil }
  let high = tens.isEmpty ? 1 : tens.first.flatMap(chineseDigit)
  let low = ones.isEmpty ? 0 : ones.first.flatMap(chineseDigit)
  guard let high, let low, high > 0, ones.isEmpty || low > 0 else { return nil }
  return high * 10 + low
}
