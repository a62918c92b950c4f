import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct ConsentFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consent", abstract: "个人信息的单独同意 · Consents, each by itself",
    discussion: """
      事项 · Scopes: \(ConsentScope.allCases.map { "\($0.rawValue) \($0.name.zh)" }.joined(separator: "、"))
      """,
    subcommands: [
      ConsentGive.self, ConsentWithdraw.self, ConsentList.self, ConsentShow.self,
      ConsentForm.self, ConsentShare.self, ConsentTakeDown.self, ConsentTasks.self,
    ])
}

/// For what, and for which sponsor.
struct ScopeOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("事项，如 pairing、照片 · Scope", valueName: "scope"),
    completion: .list(ConsentScope.allCases.map(\.rawValue)))
  var scope: String

  @Option(help: ArgumentHelp("只对这位资助人 · For this sponsor alone", valueName: "id"))
  var donor: String?

  func read() throws -> (scope: ConsentScope, donor: UUID?) {
    (try readScope(scope), try donor.map { try readID($0) })
  }
}

private func readScope(_ text: String) throws -> ConsentScope {
  try readChoice(text, option: "--scope") { word in
    ConsentScope.allCases.first { $0.name.zh == word }
  }
}

struct ConsentGive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "give", abstract: "登记同意 · Record a consent",
    discussion: "未满 14 周岁由监护人同意；满 14 周岁还须学生本人（--pupil）· From fourteen on the pupil consents too")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup var scope: ScopeOption
  @Option(help: ArgumentHelp("同意的监护人 · The guardian who consents", valueName: "name"))
  var by: String?
  @Flag(help: "学生本人同意 · The pupil consents") var pupil = false
  @Option(help: ArgumentHelp("最后一天 · Last day", valueName: "date")) var until: String?
  @Option(help: ArgumentHelp("纸质同意书存放处 · Where the signed paper lies", valueName: "place"))
  var paper: String?
  @Option(
    help: ArgumentHelp("扫描件，记下其校验值 · A scan, kept by its checksum", valueName: "file"),
    completion: .file())
  var file: String?
  @Option(help: ArgumentHelp("当面同意的见证人 · Witness", valueName: "name")) var witness: String?
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (by == nil) == pupil else {
      throw ValidationError("写明监护人 --by 或学生本人 --pupil · Give --by or --pupil.")
    }
    guard [paper, file, witness].filter({ $0 != nil }).count == 1 else {
      throw ValidationError(
        "写明 --paper、--file 或 --witness 之一 · Give one of --paper, --file, --witness.")
    }
  }

  func run(_ work: Work) async throws {
    let (scope, donor) = try scope.read()
    let until = try until.map { try readDate($0, option: "--until") }
    let (id, added) = try await Consents.give(
      Consents.Grant(
        student: readID(student), scope: scope, giver: by.map { .guardian($0) } ?? .pupil,
        donor: donor, on: day.day(work.settings), until: until, proof: proof()),
      in: work.context())
    try work.printer.outcome(
      added
        ? Text("已登记同意：\(scope.name.zh)。", "The consent is recorded: \(scope.name.en).")
        : Text("早已登记过同意，没有变化。", "A consent was recorded before."),
      [("id", .id(id)), ("scope", .text(scope.rawValue)), ("added", .flag(added))])
  }

  private func proof() throws -> ConsentProof {
    if let paper { return .paper(paper) }
    if let witness { return .inPerson(witness: witness) }
    return try .file(at: file ?? "")
  }
}

struct ConsentWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "撤回同意，立即生效 · Withdraw a consent, at once",
    discussion: "等待接受的配对即失效；在进行的结对资助继续，但不再向资助人提供孩子的任何信息")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup var scope: ScopeOption
  @Option(help: ArgumentHelp("撤回的监护人 · The guardian who withdraws", valueName: "name"))
  var by: String?
  @Flag(help: "满 14 周岁的学生本人撤回 · The pupil of fourteen withdraws") var pupil = false
  @Option(help: ArgumentHelp("怎样撤回的，如书面、电话 · How", valueName: "text")) var how: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (by == nil) == pupil else {
      throw ValidationError("写明监护人 --by 或学生本人 --pupil · Give --by or --pupil.")
    }
  }

  func run(_ work: Work) async throws {
    let (scope, donor) = try scope.read()
    let ended = try await Consents.withdraw(
      student: readID(student), scope, donor: donor, by: by.map { .guardian($0) } ?? .pupil,
      how: how, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text(
        "已撤回同意：\(scope.name.zh)；失效的待接受配对 \(ended.lapsed.count) 个。待办见 yibang consent tasks。",
        "The consent is withdrawn: \(scope.name.en); \(ended.lapsed.count) open pairs lapsed. "
          + "What is to be done: yibang consent tasks."),
      [
        ("scope", .text(scope.rawValue)), ("consents", .number(Int64(ended.consents.count))),
        ("lapsed", .number(Int64(ended.lapsed.count))),
      ])
  }
}

struct ConsentList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出同意，含已撤回的 · List the consents, past ones too")

  @Option(help: ArgumentHelp("学生编号 · Pupil's id", valueName: "id")) var student: String?
  @Option(help: ArgumentHelp("事项 · Scope", valueName: "scope")) var scope: String?
  @Flag(help: "只列有效的 · Only running ones") var running = false
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    var filter = Consents.Filter(school: school?.id, student: try student.map { try readID($0) })
    filter.scope = try scope.map { try readScope($0) }
    filter.runningOnly = running
    try work.printer.list(
      await Consents.list(filter, on: work.settings.today, in: context), Self.columns)
  }

  static let columns: [Column<Consents.Consent>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学生", "pupil") { .text($0.pupil) },
    Column("班级", "class") { .optional($0.className) },
    Column("事项", "scope") { .text($0.scope.name($1)) },
    Column("提供给", "recipient") { .text($0.recipient($1)) },
    Column("资助人", "sponsor") { $0.donor.map { .id($0) } ?? .empty },
    Column("同意人", "given by") { .text($0.givenBy) },
    Column("起", "from") { .date($0.from) },
    Column("止", "until") { $0.until.map { .date($0) } ?? .empty },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("撤回", "withdrawn") { $0.withdrawnOn.map { .date($0) } ?? .empty },
    Column("证明", "proof") { .text("\($0.proofKind($1))：\($0.proof)") },
  ]
}

struct ConsentShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一份同意的全部记载 · All that is kept of a consent")

  @Argument(help: "同意编号 · Consent's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let consent = try await Consents.show(
      readID(id), on: work.settings.today, in: work.context())
    let words = consent.scope.words
    let lines: [(Text, String?)] = [
      (Text("学生", "pupil"), consent.pupil),
      (Text("事项", "scope"), words.name(work.language)),
      (Text("提供的信息", "what is shared"), words.shared(work.language)),
      (Text("提供给", "recipient"), words.recipient(work.language)),
      (Text("目的", "purpose"), words.purpose(work.language)),
      (Text("同意人", "given by"), consent.givenBy), (Text("关系", "relation"), consent.relation),
      (Text("起", "from"), "\(consent.from)"), (Text("止", "until"), consent.until.map { "\($0)" }),
      (Text("证明", "proof"), "\(consent.proofKind(work.language))：\(consent.proof)"),
      (Text("校验值", "SHA-256"), consent.sha256),
      (Text("文本版本", "version of the words"), consent.textVersion.map { "\($0)" }),
      (Text("状态", "state"), consent.state.name(work.language)),
      (Text("撤回日期", "withdrawn on"), consent.withdrawnOn.map { "\($0)" }),
      (Text("撤回人", "withdrawn by"), consent.withdrawnBy),
      (Text("撤回方式", "how"), consent.withdrawnHow),
    ]
    try work.printer.list(
      lines.filter { $0.1 != nil },
      [Column("项目", "item") { .text($0.0($1)) }, Column("内容", "content") { .optional($0.1) }],
      json: consent)
  }
}

struct ConsentForm: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "form", abstract: "打印单独同意书，每名学生一页 · Sheets to sign, one for each pupil")

  @Option(help: ArgumentHelp("只打一名学生 · One pupil", valueName: "id")) var student: String?
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(
    name: .customLong("class"), help: ArgumentHelp("只打一个班 · One class", valueName: "class"))
  var className: String?
  @Option(help: ArgumentHelp("事项，可重复；默认全部 · Scopes; all by default", valueName: "scope"))
  var scope: [String] = []
  @Option(
    name: .shortAndLong, help: ArgumentHelp("写入 .xlsx 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx"]))
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    var request = Consents.FormRequest(
      student: try student.map { try readID($0) }, school: school.id, className: className,
      on: work.settings.today)
    if !scope.isEmpty { request.scopes = try scope.map { try readScope($0) } }
    let count = try await Consents.writeForms(request, to: output, in: context)
    try work.printer.outcome(
      Text("已写出同意书 \(count) 份：\(output)", "Wrote \(count) consent sheets: \(output)"),
      [("path", .text(output)), ("forms", .number(Int64(count)))])
  }
}

struct ConsentShare: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "share", abstract: "凭同意提供或公开，先核对再登记 · Share by consent: checked, then recorded")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup var scope: ScopeOption
  @Option(help: ArgumentHelp("提供了什么，不写个人信息 · What, without personal data", valueName: "text"))
  var what: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (scope, donor) = try scope.read()
    let use = try await Consents.share(
      student: readID(student), scope, donor: donor, what: what,
      on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("有同意，已登记，编号 \(use.shown)。", "A consent covers it; recorded as \(use.shown)."),
      [("id", .id(use)), ("scope", .text(scope.rawValue))])
  }
}

struct ConsentTakeDown: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "take-down", abstract: "登记已撤下 · Record that something was taken down")

  @Argument(help: "登记编号，见 consent tasks · See consent tasks") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Consents.takeDown(id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(Text("已登记撤下。", "Taken down."), [("id", .id(id))])
  }
}

struct ConsentTasks: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "因同意撤回或到期要办的事 · What is to be done about consents")

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Consents.tasks(school: school?.id, on: work.settings.today, in: context),
      [
        Column("要办的事", "task") { .text($0.kind.name($1)) },
        Column("学生", "pupil") { .text($0.name) },
        Column("学生编号", "pupil's id") { .id($0.student) },
        Column("事项", "scope") { .text($0.scope.name($1)) },
        Column("内容", "what") { .optional($0.what) },
        Column("编号", "id") { $0.subject.map { .id($0) } ?? .empty },
      ])
  }
}
