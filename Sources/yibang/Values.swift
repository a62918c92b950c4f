import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

/// A word of the command line that is not what it should be.
enum ArgumentError: YibangError {
  case date(String, option: String)
  case future(String, option: String)
  case identifier(String)
  case choice(String, option: String, known: [String])
  case answer(String)

  var code: String {
    switch self {
    case .date: "argument.date"
    case .future: "argument.future"
    case .identifier: "argument.identifier"
    case .choice: "argument.choice"
    case .answer: "argument.answer"
    }
  }

  var category: ErrorCategory { .usage }

  var text: Text {
    switch self {
    case .date(let value, let option):
      Text(
        "\(option) 的值“\(value)”不是日期，请写成 2026-09-01。",
        "The value “\(value)” of \(option) is no date. Write it as 2026-09-01.")
    case .future(let value, let option):
      Text(
        "\(option) 的日期 \(value) 还没有到，请核对。",
        "The day \(value) of \(option) has not come. Check it.")
    case .identifier(let value):
      Text(
        "“\(value)”不是编号。编号形如 01990000-0000-7000-8000-000000000000，可用 list 子命令查看。",
        "“\(value)” is no id. Ids look like 01990000-0000-7000-8000-000000000000: see the list "
          + "subcommands.")
    case .answer(let value):
      Text(
        "--answer 的值“\(value)”应写成 项目=选项，每项一次。",
        "The value “\(value)” of --answer is written item=option, each item once.")
    case .choice(let value, let option, let known):
      Text(
        "\(option) 不能是“\(value)”，可选：\(known.joined(separator: "、"))。",
        "\(option) cannot be “\(value)”. Choose one of: \(known.joined(separator: ", ")).")
    }
  }
}

/// The day that an option says, in any way that `parseChineseDate` reads.
func readDate(_ text: String, option: String) throws(ArgumentError) -> CalendarDate {
  guard let date = parseChineseDate(text)?.date else {
    throw .date(text, option: option)
  }
  return date
}

func readID(_ text: String) throws(ArgumentError) -> UUID {
  guard let id = UUID(uuidString: text) else { throw .identifier(text) }
  return id
}

/// An enum's case by its code (`party_member`, also `party-member`) or a word that people use.
func readChoice<Choice: RawRepresentable<String> & CaseIterable>(
  _ text: String, option: String, word: (String) -> Choice? = { _ in nil }
) throws(ArgumentError) -> Choice {
  let code = String(text.map { $0 == "-" ? "_" : $0 })
  guard let choice = Choice(rawValue: code) ?? word(text) else {
    throw .choice(text, option: option, known: Choice.allCases.map(\.rawValue))
  }
  return choice
}

/// A tier by its code, its usual name or what a rule set of the district calls it.
func readTier(_ text: String, option: String, _ book: RuleBook) throws(ArgumentError) -> Tier {
  try readChoice(text, option: option) { word in
    Tier.allCases.first { $0.name.zh == word }
      ?? book.sets.lazy.compactMap { $0.tier(matching: word) }.first
  }
}

extension UUID {
  /// As commands print ids.
  var shown: String { uuidString.lowercased() }
}

extension TableCell {
  static func optional(_ text: String?) -> TableCell { text.map { .text($0) } ?? .empty }

  static func money(_ money: Money) -> TableCell { .money(fen: money.fen) }

  static func date(_ date: CalendarDate) -> TableCell {
    .date(year: date.year, month: date.month, day: date.day)
  }

  static func count(_ number: Int?) -> TableCell { number.map { .integer(Int64($0)) } ?? .empty }

  static func id(_ id: UUID) -> TableCell { .text(id.shown) }

  static func yesNo(_ flag: Bool, _ language: Language) -> TableCell {
    .text(language == .zh ? (flag ? "是" : "否") : (flag ? "yes" : "no"))
  }
}

extension ResidentID.Gender {
  /// From its code; nil for none.
  init?(_ code: String?) {
    guard let code, let gender = Self(rawValue: code) else { return nil }
    self = gender
  }

  var name: Text {
    switch self {
    case .male: Text("男", "boy")
    case .female: Text("女", "girl")
    }
  }
}

extension Tier {
  /// What the rule set calls it.
  var name: Text {
    switch self {
    case .special: Text("特别困难", "special hardship")
    case .difficult: Text("困难", "hardship")
    case .general: Text("一般困难", "general hardship")
    }
  }
}
