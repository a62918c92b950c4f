import SchoolCalendar
import Spreadsheet

/// Reads the lines of one 德育活动登记表.
struct ActivityReader {
  let semester: Semester
  let dates: ClosedRange<CalendarDate>
  let schoolName: String

  /// - Returns: what the line says, or the reasons why it is refused.
  func read(
    _ data: DataRow<ActivityColumn>
  ) -> (content: ActivityContent?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    checkSchool(data, &refusals)
    let kind = kind(data, &refusals)
    let date = date(data, kind: kind, &refusals)
    let theme = text(data, .theme)
    if theme.isEmpty {
      refusals.append(
        data.refusal(
          .theme, problem: Text("主题为空", "the theme is empty"),
          advice: Text("补上主题，或删除这一行", "write the theme, or delete the row")))
    }
    let participants = participants(data, &refusals)
    for column in [ActivityColumn.theme, .host, .place, .outcome, .note] {
      guard let trace = IdentityTrace.first(in: data.text(column)) else { continue }
      refusals.append(
        data.refusal(
          column,
          problem: Text(
            "有像\(trace.name.zh)的数字", "a number that may identify a person (\(trace.name.en))"),
          advice: Text(
            "活动记录不写学生身份，请删去这个数字", "an activity identifies no pupil: take the number out")))
    }
    guard refusals.isEmpty, let kind, let date else { return (nil, refusals) }
    let content = ActivityContent(
      heldOn: date, kind: kind, theme: theme, host: normalizeName(data.text(.host)).nonEmpty,
      participants: participants, place: text(data, .place).nonEmpty,
      outcome: text(data, .outcome).nonEmpty, note: text(data, .note).nonEmpty)
    return (content, [])
  }

  private func text(_ data: DataRow<ActivityColumn>, _ column: ActivityColumn) -> String {
    asWritten(data.cell(column).text)
  }

  /// A line of another school in a sheet of the whole district is not this school's.
  private func checkSchool(_ data: DataRow<ActivityColumn>, _ refusals: inout [Refusal]) {
    let school = data.text(.school)
    if school.isEmpty || school.hasSuffix(schoolName) || schoolName.hasSuffix(school) { return }
    refusals.append(
      data.refusal(
        .school,
        problem: Text("不是“\(schoolName)”的活动", "not an activity of “\(schoolName)”"),
        advice: Text("导入到所属的学校，或更正学校名称", "import it for its school, or correct the name")))
  }

  private func kind(
    _ data: DataRow<ActivityColumn>, _ refusals: inout [Refusal]
  ) -> ActivityKind? {
    let word = data.text(.kind)
    if let kind = ActivityKind(word: word) { return kind }
    let known = ActivityKind.allCases.map(\.name.zh)
    let problem =
      word.isEmpty
      ? Text("活动类型为空", "the kind of activity is empty")
      : Text("不认识的活动类型", "this kind of activity is not known")
    refusals.append(
      data.refusal(
        .kind, problem: problem,
        advice: Text(
          "写：\(known.joined(separator: "、"))", "write one of: \(known.joined(separator: ", "))")))
    return nil
  }

  private func date(
    _ data: DataRow<ActivityColumn>, kind: ActivityKind?, _ refusals: inout [Refusal]
  ) -> CalendarDate? {
    let text = data.text(.date)
    guard let parsed = parseChineseDate(text),
      let date = parsed.date ?? parsed.date(within: dates) ?? firstDay(of: parsed, kind: kind)
    else {
      let problem =
        text.isEmpty
        ? Text("日期为空", "the date is empty") : Text("不是存在的日期", "there is no such date")
      refusals.append(
        data.refusal(
          .date, problem: problem,
          advice: Text("写成 2026-09-10 这样；持续多日的写第一天", "write it like 2026-09-10, the first day")))
      return nil
    }
    guard dates.contains(date) else {
      refusals.append(data.refusal(.date, outside: semester, dates))
      return nil
    }
    return date
  }

  /// A campaign month stands under the first day of its month.
  private func firstDay(of parsed: ParsedDate, kind: ActivityKind?) -> CalendarDate? {
    guard kind == .campaignMonth, parsed.precision == .month, let year = parsed.year else {
      return nil
    }
    return CalendarDate(year: year, month: parsed.month, day: 1)
  }

  private func participants(
    _ data: DataRow<ActivityColumn>, _ refusals: inout [Refusal]
  ) -> Int? {
    var text = data.text(.participants).filter { !$0.isWhitespace && $0 != "," }
    guard !text.isEmpty else { return nil }
    for unit in ["人次", "人", "名", "位"] where text.hasSuffix(unit) {
      text.removeLast(unit.count)
      break
    }
    let isNumber = text.count <= 7 && text.allSatisfy { $0.isASCII && $0.isNumber }
    if isNumber, let count = Int(text) { return count }
    refusals.append(
      data.refusal(
        .participants, problem: Text("不是人数", "this is no number of people"),
        advice: Text("写数字，如 120；没有统计就留空", "write a number like 120, or nothing if uncounted")))
    return nil
  }
}
