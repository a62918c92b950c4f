import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct RecognitionAdjust: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "adjust",
    abstract: "登记学期调整的申请：情况有变或新来的学生 · A change of circumstances, or a new pupil",
    discussion: """
      由监护人申请（--guardian、--signed），或由学校提出重新评定已认定的学生；升、降、不再认定均从下学期起生效 · \
      A guardian applies, or the school has a recognised pupil assessed anew; what is decided, up, down \
      or none, holds from the next semester
      """)

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("有什么变化，加密保存 · What has changed; sealed", valueName: "text"))
  var changed: String
  @Option(
    help: ArgumentHelp(
      "申请的监护人；不写则由学校提出 · The guardian who applies; left out: the school", valueName: "name"))
  var guardian: String?
  @Option(
    help: ArgumentHelp("类别，可重复 · Category, repeatable: see recognition rules", valueName: "word"))
  var claim: [String] = []
  @Flag(help: "已签字并承诺属实 · Signed, with the promise that it is true") var signed = false
  @OptionGroup var semester: SemesterOption
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let student = try readID(student)
    let context = try await work.context()
    let day = try day.day(work.settings)
    let semester = try await work.semester(semester, on: day, in: context)
    let (id, replayed) = try await Cases.apply(
      .init(
        student: student, semester: semester, guardian: guardian, signed: signed, claims: claim,
        words: changed),
      on: day, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已登记调整申请，编号 \(id.shown)。", "The adjustment is recorded: case \(id.shown)."),
      [("id", .id(id)), ("semester", .text("\(semester)")), ("replayed", .flag(replayed))])
  }
}

struct RecognitionChange: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "调整申请说明的变化；查看会被记录 · What has changed; reading it is recorded")

  @Argument(help: "申请编号 · Case") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let words = try await Cases.change(of: id, in: work.context())
    try work.printer.outcome(
      Text(words ?? "不是调整申请。", words ?? "That is no adjustment."),
      [("case", .id(id)), ("changed", .text(words ?? ""))])
  }
}

extension Work {
  fileprivate func show(_ entries: [Recognitions.Entry], in context: Context) async throws {
    let book = try await RuleSets.book(in: context)
    try printer.list(
      entries,
      [
        Column("学生", "pupil") { .id($0.student) },
        Column("学校", "school") { .text($0.school) },
        Column("姓名", "name") { .text($0.name) },
        Column("等级", "tier") { .text($0.tier.name($1)) },
        Column("类别", "category") { entry, language in
          .optional(entry.category.map { book.categoryName($0)(language) })
        },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("自", "from") { .date($0.from) },
        Column("至", "until") { .date($0.until) },
        Column("办法", "rules") { .text("\($0.ruleSet) v\($0.ruleVersion)") },
        Column("备案日期", "filed on") { .date($0.filedOn) },
        Column("申请编号", "case") { .optional($0.recognitionCase?.shown) },
      ])
  }
}

struct RevealOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "显示类别的理由，会被记录 · Why categories are to be shown; recorded", valueName: "reason"))
  var reveal: String?
}

struct RecognitionHistory: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "一名学生历次认定及起止日期 · All that was recognised of a pupil, by date")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Flag(help: "也列出被更正的 · Also what was replaced") var replaced = false
  @OptionGroup var reveal: RevealOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let entries = try await Recognitions.history(
      of: readID(student), withReplaced: replaced, reveal: reveal.reveal, in: context)
    try await work.show(entries, in: context)
  }
}

struct RecognitionOn: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "on", abstract: "某一天有效的认定 · What was recognised on a day",
    discussion: "例：yibang recognition on 2027-03-01 --student …")

  @Argument(help: "日期 · Day") var date: String
  @Option(help: ArgumentHelp("只看一名学生 · One pupil", valueName: "id")) var student: String?
  @OptionGroup var school: SchoolOption
  @OptionGroup var reveal: RevealOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let day = try readDate(date, option: "DATE")
    let (context, school) = try await work.place(school)
    let entries = try await Recognitions.on(
      day, student: student.map { try readID($0) }, school: school?.id, reveal: reveal.reveal,
      in: context)
    try await work.show(entries, in: context)
  }
}
