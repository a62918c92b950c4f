import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct LetterFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "letter", abstract: "学生给资助人的信（感恩信） · Pupils' letters to their sponsors",
    discussion: """
      只由学生本校的资助专干和校长办理；每次打开都记入审计 · \
      For the pupil's own school alone; each opening stands in the trail
      """,
    subcommands: [
      LetterAdd.self, LetterSubmit.self, LetterList.self, LetterReview.self, LetterOpen.self,
      LetterRedact.self, LetterRelease.self, LetterDeliver.self, LetterWithdraw.self,
    ])
}

struct LetterAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记一封信，或换上修改稿 · Record a letter, or an amended one",
    discussion: "文字从标准输入读取，扫描件用 --file · Text from the standard input, a scan by --file")

  @Argument(help: "学生编号；修改时为信件编号 · Pupil's id; with --amend the letter's") var id: String
  @Flag(help: "换上草稿或退回信件的修改稿 · Amend a draft or a returned letter") var amend = false
  @Option(
    help: ArgumentHelp("扫描件：PDF、JPEG、PNG，最大 10 MB · A scan", valueName: "file"),
    completion: .file())
  var file: String?
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let content = try file.map { try Letters.scan(at: $0) } ?? .text(Self.standardInput())
    let context = try await work.context()
    let letter: UUID
    let findings: [LetterFinding]
    if amend {
      letter = id
      findings = try await Letters.amend(id, content, in: context)
    } else {
      (letter, findings) = try await Letters.add(
        student: id, content, on: day.day(work.settings), in: context)
    }
    let kinds = Set(findings.map(\.kind)).sorted { $0.rawValue < $1.rawValue }
    let zh = kinds.isEmpty ? "没有发现问题" : "发现：" + kinds.map(\.name.zh).joined(separator: "、")
    let en =
      kinds.isEmpty ? "nothing found" : "found: " + kinds.map(\.name.en).joined(separator: ", ")
    try work.printer.outcome(
      Text("信件已登记，编号 \(letter.shown)；\(zh)。", "The letter is recorded as \(letter.shown); \(en)."),
      [
        ("id", .id(letter)), ("findings", .number(Int64(findings.count))),
        ("kinds", .text(kinds.map(\.rawValue).joined(separator: " "))),
      ])
  }

  private static func standardInput() -> String {
    String(
      decoding: (try? FileHandle.standardInput.read(upToCount: 100_000)) ?? Data(), as: UTF8.self)
  }
}

struct LetterSubmit: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "提交审核，须有同意 · Give a letter into review, by consent")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let state = try await Letters.submit(id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("已提交：\(state.name.zh)。", "Submitted: \(state.name.en)."),
      [("id", .id(id)), ("state", .text(state.rawValue))])
  }
}

struct LetterList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "本校的信件，不含内容 · The school's letters, without what they say")

  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(Letters.State.allCases.map(\.rawValue)))
  var state: String?
  @Option(help: ArgumentHelp("学生编号 · Pupil's id", valueName: "id")) var student: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Letters.list(
        state: state.map { try readChoice($0, option: "--state") },
        student: student.map { try readID($0) }, on: work.settings.today, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("学生", "pupil") { .text($0.pupil) },
        Column("班级", "class") { .optional($0.className) },
        Column("资助人", "sponsor") { .text($0.sponsor) },
        Column("日期", "written on") { .date($0.writtenOn) },
        Column("状态", "state") { entry, language in
          .text(
            entry.state.name(language)
              + (entry.isStopped ? Text("，同意已撤回，停止转交", ", stopped: no consent")(language) : ""))
        },
        Column("版本", "version", right: true) { .count($0.version) },
        Column("发现", "found") { entry, language in
          .text(entry.issues.map { $0.name(language) }.joined(separator: " "))
        },
      ])
  }
}

struct LetterReview: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "退回、暂扣，或由校长放回审核 · Return, hold, or (principal) let it go on")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @Flag(name: .customLong("return"), help: "退回修改 · To be written anew") var isReturned = false
  @Flag(help: "暂扣，交校长 · Hold for the principal") var hold = false
  @Flag(help: "校长已处理，放回审核 · The principal lets it go on") var goOn = false
  @Option(
    help: ArgumentHelp("看到的问题，如扫描件中的 phone · What was seen", valueName: "kind"),
    completion: .list(LetterFinding.Kind.allCases.map(\.rawValue)))
  var seen: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard [isReturned, hold, goOn].filter({ $0 }).count == 1 else {
      throw ValidationError(
        "写明 --return、--hold 或 --go-on 之一 · Give one of --return, --hold, --go-on.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let verdict: Letters.Verdict = isReturned ? .returned : hold ? .held : .goesOn
    try await Letters.review(
      id, verdict, seen: seen.map { try readChoice($0, option: "--seen") }, in: work.context())
    try work.printer.outcome(
      Text("已登记。", "Recorded."), [("id", .id(id)), ("state", .text(verdict.rawValue))])
  }
}

struct LetterOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "打开信件，理由记入审计 · Open a letter; the reason is kept in the trail")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @Option(help: ArgumentHelp("理由 · Why", valueName: "text")) var reason: String
  @Option(
    name: .shortAndLong, help: ArgumentHelp("写入文件，扫描件必填 · Write to this file", valueName: "file"),
    completion: .file())
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let content = try await Letters.open(
      readID(id), reason: reason, on: work.settings.today, in: work.context())
    switch (content, output) {
    case (_, let path?):
      try Letters.write(content, to: path)
      try work.printer.outcome(Text("已写出：\(path)", "Wrote \(path)"), [("path", .text(path))])
    case (.text(let text), nil): try standardOutput(text.hasSuffix("\n") ? text : text + "\n")
    case (.scan, nil):
      work.printer.notice(Text("这是扫描件，请用 -o 写入文件。", "This is a scan: write it to a file with -o."))
      throw ExitCode(ExitStatus.usage)
    }
  }
}

struct LetterRedact: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact", abstract: "遮盖审核中信件的联系方式 · Block out contact data of a letter in review")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let places = try await Letters.redact(id, on: work.settings.today, in: work.context())
    try work.printer.outcome(
      Text("已遮盖 \(places) 处。", "Blocked out \(places) places."),
      [("id", .id(id)), ("places", .number(Int64(places)))])
  }
}

struct LetterRelease: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "放行，由提交人以外的审核人办理 · Release; by another than who submitted")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Letters.release(id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("已放行，可转交资助人。", "Released: it may be handed to the sponsor."), [("id", .id(id))])
  }
}

struct LetterDeliver: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver", abstract: "登记送达 · Record that a letter was received")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @Option(help: ArgumentHelp("谁确认收到 · Who confirmed", valueName: "sponsor|school"))
  var by: String = Letters.Receiver.sponsor.rawValue
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let receiver: Letters.Receiver = try readChoice(by, option: "--by")
    try await Letters.deliver(id, by: receiver, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("已登记送达（\(receiver.name.zh)）。", "Received (\(receiver.name.en))."), [("id", .id(id))])
  }
}

struct LetterWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "撤回信件，不可恢复 · Take a letter back, for good")

  @Argument(help: "信件编号 · Letter's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Letters.withdraw(id, in: work.context())
    try work.printer.outcome(Text("已撤回。", "It is withdrawn."), [("id", .id(id))])
  }
}
