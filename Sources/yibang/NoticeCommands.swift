import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct NoticeFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notice", abstract: "认定结果公示 · Notices of recognition",
    subcommands: [NoticePost.self, NoticeShow.self])
}

struct NoticePost: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "post", abstract: "公示所有已决定的申请 · Post all decided cases",
    discussion: "公示当天不算，到期自动撤下 · The day of posting does not count; it ends by itself")

  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Flag(help: "本学期调整的结果 · Of this semester's adjustment") var adjustment = false
  @OptionGroup var semester: SemesterOption
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let day = try day.day(work.settings)
    let semester = try await work.semester(semester, on: day, in: context)
    let posted = try await Notices.post(
      semester.schoolYear, adjusts: adjustment ? semester : nil, school: school.id, on: day,
      in: context)
    try work.printer.outcome(
      Text(
        "公示 \(posted.lines) 人，至 \(posted.endsOn) 止，编号 \(posted.id.shown)。",
        "\(posted.lines) posted until \(posted.endsOn): notice \(posted.id.shown)."),
      [
        ("id", .id(posted.id)), ("lines", .number(Int64(posted.lines))),
        ("ends_on", .text("\(posted.endsOn)")),
      ])
  }
}

struct NoticeShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "正在公示的名单 · The notices that are running")

  @OptionGroup var day: DayOption
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入 .xlsx 以便打印 · Write an .xlsx to print", valueName: "file"),
    completion: .file(extensions: ["xlsx"]))
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private struct Row {
    let notice: Notices.Notice
    let line: Notices.Line
  }

  func run(_ work: Work) async throws {
    let notices = try await Notices.running(on: day.day(work.settings), in: work.context())
    if let output {
      try await Notices.write(notices, to: output)
      return try work.printer.outcome(
        Text("已写出 \(notices.count) 份公示：\(output)", "Wrote \(notices.count) notices: \(output)"),
        [("path", .text(output)), ("notices", .number(Int64(notices.count)))])
    }
    let rows = notices.flatMap { notice in
      notice.lines.map { Row(notice: notice, line: $0) }
    }
    let labels = zip(
      Notices.Line.labels(inEnglish: false), Notices.Line.labels(inEnglish: true))
    let fields = labels.enumerated().map { index, label in
      Column<Row>(label.0, label.1) { row, language in
        .text(row.line.values(inEnglish: language == .en)[index])
      }
    }
    try work.printer.list(
      rows,
      [Column("公示编号", "notice") { .id($0.notice.id) }] + fields + [
        Column("公示至", "until") { .date($0.notice.endsOn) }
      ],
      json: notices)
  }
}

struct ObjectionFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "objection", abstract: "异议与复核 · Objections and their review",
    subcommands: [
      ObjectionFile.self, ObjectionStatus.self, ObjectionList.self, ObjectionRead.self,
      ObjectionAnswer.self,
    ])
}

struct ObjectionFile: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "file", abstract: "受理异议，可以匿名 · Take an objection, also anonymous")

  @Argument(help: "公示编号 · Notice") var notice: String
  @Option(help: ArgumentHelp("公示序号；不写则针对整份公示 · Line; none for the whole", valueName: "number"))
  var line: Int?
  @Option(help: ArgumentHelp("内容，加密保存 · What it says; sealed", valueName: "text"))
  var words: String
  @Option(help: ArgumentHelp("联系方式；不写则匿名 · Contact; none is anonymous", valueName: "text"))
  var contact: String?
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (number, answerBy) = try await Objections.file(
      notice: readID(notice), line: line, words: words, contact: contact,
      on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text(
        "异议已受理，受理编号 \(number)，\(answerBy) 前答复。查询：objection status \(number)",
        "The objection has the number \(number) and is answered by \(answerBy). Follow it: "
          + "objection status \(number)"),
      [("number", .text(number)), ("answer_by", .text("\(answerBy)"))])
  }
}

struct ObjectionStatus: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "按受理编号查询 · What became of an objection")

  @Argument(help: "受理编号 · Number") var number: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      [await Objections.status(number, in: work.context())],
      [
        Column("受理日期", "received") { .date($0.receivedOn) },
        Column("应于", "answer by") { .date($0.answerBy) },
        Column("答复日期", "answered") { $0.answeredOn.map(TableCell.date) ?? .empty },
        Column("成立", "upheld") { status, language in
          status.upheld.map { .yesNo($0, language) } ?? .empty
        },
        Column("答复", "answer") { .optional($0.answer) },
      ])
  }
}

struct ObjectionList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "异议及答复期限 · Objections and when they are due")

  @OptionGroup var school: SchoolOption
  @Flag(help: "只列未答复的 · Only open ones") var open = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Objections.list(school: school?.id, openOnly: open, in: context),
      [
        Column("受理编号", "number") { .text($0.number) },
        Column("学校", "school") { .text($0.school) },
        Column("公示编号", "notice") { .id($0.notice) },
        Column("序号", "line", right: true) { .count($0.line) },
        Column("受理日期", "received") { .date($0.receivedOn) },
        Column("应于", "answer by") { .date($0.answerBy) },
        Column("匿名", "anonymous") { .yesNo($0.anonymous, $1) },
        Column("答复日期", "answered") { $0.answeredOn.map(TableCell.date) ?? .empty },
      ])
  }
}

struct ObjectionRead: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "查看异议内容；查看会被记录 · Read an objection; that is recorded")

  @Argument(help: "受理编号 · Number") var number: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (words, contact) = try await Objections.read(number, in: work.context())
    try work.printer.outcome(
      Text("\(words)\(contact.map { "（联系：\($0)）" } ?? "")", words),
      [("words", .text(words)), ("contact", .text(contact ?? ""))])
  }
}

struct ObjectionAnswer: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "复核并答复；由未参与决定的人办理 · Answer after review by somebody else")

  @Argument(help: "受理编号 · Number") var number: String
  @Flag(
    inversion: .prefixedNo,
    help: "异议是否成立；成立的重新评议 · Whether it is upheld: the case is assessed anew")
  var upheld: Bool
  @Option(help: ArgumentHelp("答复 · The answer", valueName: "text")) var words: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try await Objections.answer(
      number, upheld: upheld, words: words, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      upheld
        ? Text("异议成立，申请重新评议。", "Upheld: the case is assessed anew.")
        : Text("异议不成立，已答复。", "Not upheld; it is answered."),
      [("number", .text(number)), ("upheld", .flag(upheld))])
  }
}
