extension Semester {
  /// Reads a semester as people write it: `2026-2027-1`, `2026-2027学年第一学期`,
  /// `2026—2027学年度上学期`, `2026-2027(2)`, `2026年秋季学期`, `2027春`, with full-width digits and
  /// spaces anywhere.
  ///
  /// A season names the calendar year in which it lies: 2027年春季学期 is `2026-2027-2`. 上学期 and
  /// 下学期 are read only after a school year, because 2026年上学期 may mean either half.
  ///
  /// - Throws: ``CalendarError/unreadableSemester(_:)``.
  package init(parsing text: String) throws(CalendarError) {
    let plain = Array(compact(text))
    guard plain.count <= 32, plain.count > 4, let first = Self.year(plain[..<4]) else {
      throw .unreadableSemester(text)
    }
    let rest = plain[4...]
    let parsed = Self.afterDash(first, rest) ?? Self.afterYear(first, rest)
    guard let parsed else { throw .unreadableSemester(text) }
    self = parsed
  }

  /// The rest of `2026-2027学年第一学期`, from the dash on.
  private static func afterDash(_ first: Int, _ rest: ArraySlice<Character>) -> Semester? {
    let dashes: Set<Character> = ["-", "–", "—", "~", "～", "至", "/"]
    let second = rest.drop { dashes.contains($0) }
    guard (1...2).contains(rest.count - second.count), second.count > 4,
      year(second.prefix(4)) == first + 1, let schoolYear = SchoolYear(firstYear: first)
    else { return nil }
    let term: Term? =
      switch String(second.dropFirst(4)) {
      case "-1", "(1)", "学年第一学期", "学年度第一学期", "学年第1学期", "学年度第1学期", "学年上学期",
        "学年度上学期", "学年秋季学期", "学年度秋季学期", "第一学期", "第1学期":
        .autumn
      case "-2", "(2)", "学年第二学期", "学年度第二学期", "学年第2学期", "学年度第2学期", "学年下学期",
        "学年度下学期", "学年春季学期", "学年度春季学期", "第二学期", "第2学期":
        .spring
      default: nil
      }
    return term.map { Semester(schoolYear, $0) }
  }

  /// The rest of `2026年秋季学期`, from the 年 on.
  private static func afterYear(_ year: Int, _ rest: ArraySlice<Character>) -> Semester? {
    switch String(rest) {
    case "年秋季学期", "年秋季", "年秋", "年秋学期", "秋季学期", "秋季", "秋":
      SchoolYear(firstYear: year)?.autumn
    case "年春季学期", "年春季", "年春", "年春学期", "春季学期", "春季", "春":
      SchoolYear(firstYear: year - 1)?.spring
    default: nil
    }
  }

  private static func year(_ characters: ArraySlice<Character>) -> Int? {
    decimal(Array(String(characters).utf8))
  }
}
