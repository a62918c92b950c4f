import SchoolCalendar
import Spreadsheet

/// Reads one line of a 发放表.
struct GoodsHandOutReader {
  struct Refused: Error {
    let refusal: Refusal
  }

  let data: DataRow<GoodsHandOutColumn>
  let dates: ClosedRange<CalendarDate>
  let semester: Semester

  func refused(_ column: GoodsHandOutColumn, _ error: GoodsError) -> Refused {
    Refused(refusal: data.refusal(column, error))
  }

  func date(else dateOfAll: CalendarDate?) throws -> CalendarDate {
    let text = data.text(.date)
    let parsed = text.isEmpty ? nil : parseChineseDate(text)
    let written = parsed.flatMap { $0.date ?? $0.date(within: dates) }
    guard let date = written ?? (text.isEmpty ? dateOfAll : nil) else {
      throw Refused(
        refusal: data.refusal(
          .date,
          problem: text.isEmpty
            ? Text("日期为空", "the date is empty") : Text("不是存在的日期", "there is no such date"),
          advice: Text(
            "写成 2026-09-10 这样，或用 --date 指定整表日期",
            "write it like 2026-09-10, or give one for the list with --date")))
    }
    guard dates.contains(date) else {
      throw Refused(refusal: data.refusal(.date, outside: semester, dates))
    }
    return date
  }

  func quantity() throws -> Int64 {
    let text = data.text(.quantity).filter { !$0.isWhitespace && $0 != "," }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = data.text(.unit)
    let isBare = digits.count == text.count || (!unit.isEmpty && text.hasSuffix(unit))
    guard isBare, let quantity = Int64(digits), (1...1_000_000).contains(quantity) else {
      throw refused(.quantity, .quantity)
    }
    return quantity
  }

  private static let ticks: Set<String> = ["√", "✓", "是", "已签", "已签字", "已签收", "已领", "本人"]
  private static let guardians: Set<String> = [
    "父亲", "母亲", "爸爸", "妈妈", "父", "母", "监护人", "家长", "爷爷", "奶奶", "外公", "外婆", "祖父", "祖母",
    "外祖父", "外祖母",
  ]

  /// - Returns: nil for a line that nobody signed. A signer's name is not kept: the paper has it.
  func signature(on date: CalendarDate, proof: String) throws -> Goods.Signature? {
    guard let text = data.meaning(.signature) else { return nil }
    if ["未签", "未领", "缺"].contains(text) { return nil }
    let relation = data.meaning(.relation)
    func signed(_ by: Goods.Signer, _ relation: String?) -> Goods.Signature {
      Goods.Signature(by: by, relation: relation, on: date, proof: proof)
    }
    if let relation, relation != "本人" {
      return signed(Self.guardians.contains(relation) ? .guardian : .other, relation)
    }
    let isPupil = normalizeName(text) == normalizeName(data.text(.name))
    if isPupil || relation == "本人" || Self.ticks.contains(text) { return signed(.pupil, nil) }
    if Self.guardians.contains(text) { return signed(.guardian, text) }
    throw Refused(
      refusal: data.refusal(
        .signature, problem: Text("不是学生本人的签字", "this is not the pupil's own signature"),
        advice: Text(
          "写明签收人与学生的关系（“关系”列，如 母亲）",
          "write how the signer is related to the pupil (column 关系, as 母亲)")))
  }
}
