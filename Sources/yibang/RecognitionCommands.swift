import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct RecognitionFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recognition", abstract: "困难认定 · Recognition of hardship",
    discussion: """
      宣传告知 open → 申请 apply → 班级提名 nominate → 评议 panel、assess → 提出意见 propose
      → 领导小组表决 vote → 公示 notice post → 备案 file
      """,
    subcommands: [
      RecognitionOpen.self, RecognitionGroup.self, RecognitionRules.self, RecognitionApply.self,
      RecognitionNominate.self, RecognitionPanel.self, RecognitionAssess.self,
      RecognitionFindings.self, RecognitionPreview.self, RecognitionPropose.self,
      RecognitionProofs.self,
      RecognitionVote.self, RecognitionFile.self, RecognitionWithdraw.self, RecognitionList.self,
      RecognitionShow.self, RecognitionAdjust.self, RecognitionChange.self,
      RecognitionHistory.self, RecognitionOn.self, RecognitionRevoke.self,
      RecognitionShow.self, RecognitionForm.self, RecognitionImportApplications.self,
      RecognitionExportNational.self,
    ])
}

struct RecognitionOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "开始认定或学期调整：登记宣传告知 · Begin with the announcement",
    discussion: "截止日期默认：申请 10 个工作日，其后每步 5 个 · Ten working days to apply, five for each step")

  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Flag(help: "本学期的调整，下学期起生效 · This semester's adjustment, to hold from the next")
  var adjustment = false
  @OptionGroup var semester: SemesterOption
  @OptionGroup var day: DayOption
  @Option(help: ArgumentHelp("怎样告知、证明存放处 · How families were told", valueName: "text"))
  var reach: String
  @Option(help: ArgumentHelp("申请截止 · Applications until", valueName: "date")) var applyBy: String?
  @Option(help: ArgumentHelp("班级提名截止 · Nomination until", valueName: "date"))
  var nominateBy: String?
  @Option(help: ArgumentHelp("学校认定截止 · Assessment until", valueName: "date"))
  var assessBy: String?
  @Option(help: ArgumentHelp("领导小组决定截止 · Decision until", valueName: "date"))
  var decideBy: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let day = try day.day(work.settings)
    let semester = try await work.semester(semester, on: day, in: context)
    let year = semester.schoolYear
    var opening = Rounds.Opening(
      school: school, semester: semester, isAdjustment: adjustment, announcedOn: day, reach: reach)
    opening.applyBy = try applyBy.map { try readDate($0, option: "--apply-by") }
    opening.nominateBy = try nominateBy.map { try readDate($0, option: "--nominate-by") }
    opening.assessBy = try assessBy.map { try readDate($0, option: "--assess-by") }
    opening.decideBy = try decideBy.map { try readDate($0, option: "--decide-by") }
    let (round, added) = try await Rounds.open(opening, in: context)
    let dates = round.deadlines
    try work.printer.outcome(
      added
        ? Text(
          "\(round.school)\(round.adjusts.map { "\($0.zh)调整" } ?? "\(year.zh)认定")开始：申请至 \(dates.apply)，提名至 \(dates.nominate)，认定至 "
            + "\(dates.assess)，决定至 \(dates.decide)。",
          "\(round.adjusts.map { "The adjustment of the \($0.en)" } ?? "Recognition of \(year)") begins at \(round.school): applications until \(dates.apply), "
            + "nomination \(dates.nominate), assessment \(dates.assess), decision \(dates.decide).")
        : Text("早已开始，没有变化。", "It has begun before; nothing changed."),
      [
        ("id", .id(round.id)), ("school_year", .text("\(year)")),
        ("apply_by", .text("\(dates.apply)")), ("decide_by", .text("\(dates.decide)")),
        ("added", .flag(added)),
      ])
  }
}

struct RecognitionGroup: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "认定工作领导小组成员 · Members of the leading group")

  enum Change: String, ExpressibleByArgument, CaseIterable { case add, remove }

  @Argument(help: "add 加入，remove 退出") var change: Change
  @Argument(help: "登录名 · Login") var login: String
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    let day = try day.day(work.settings)
    let changed =
      switch change {
      case .add:
        try await Rounds.addMember(login, school: school.id, since: day, in: context)
      case .remove:
        try await Rounds.removeMember(login, school: school.id, on: day, in: context)
      }
    let sentence =
      switch (change, changed) {
      case (.add, true): Text("\(login) 加入领导小组。", "\(login) joins the leading group.")
      case (.remove, true): Text("\(login) 退出领导小组。", "\(login) leaves the leading group.")
      case (_, false): Text("没有变化。", "Nothing changed.")
      }
    try work.printer.outcome(sentence, [("login", .text(login)), ("changed", .flag(changed))])
  }
}

struct RecognitionRules: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "本学年认定办法的类别、等级和证明 · The categories of the year's rules")

  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let year = try await work.semester(semester, in: context).schoolYear
    try work.printer.show(try await RuleSets.book(in: context).chosen(for: year))
  }
}

struct RecognitionApply: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "登记监护人的申请 · Record a family's application")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("申请的监护人 · The guardian who applies", valueName: "name"))
  var guardian: String
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
    let year = try await work.semester(semester, on: day, in: context).schoolYear
    let (id, replayed) = try await Cases.apply(
      student: student, year: year, guardian: guardian, claims: claim, signed: signed, on: day,
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已登记申请，编号 \(id.shown)。", "The application is recorded: \(id.shown)."),
      [("id", .id(id)), ("replayed", .flag(replayed))])
  }
}

/// Which cases a step is for: some, or all that wait for it.
struct CaseSelection: ParsableArguments {
  @Argument(help: "申请编号 · Cases") var cases: [String] = []
  @Flag(help: "所有等着这一步的申请 · All cases that wait for this step") var all = false
  @OptionGroup var school: SchoolOption
  @Option(
    name: .customLong("class"), help: ArgumentHelp("只限一个班 · Of one class", valueName: "class"))
  var className: String?
  @OptionGroup var semester: SemesterOption

  func validate() throws {
    guard all != !cases.isEmpty else {
      throw ValidationError("写明申请编号，或用 --all · Name the cases, or use --all.")
    }
  }

  func find(
    _ state: CaseState, _ work: Work
  ) async throws -> (context: Context, cases: [UUID]) {
    let (context, school) = try await work.place(school)
    guard all else { return (context, try cases.map { try readID($0) }) }
    let year = try await work.semester(semester, in: context).schoolYear
    let selection = Cases.Selection.all(school: school?.id, className: className, year: year)
    let found = try await Cases.selected(
      selection, in: state, today: work.settings.today, in: context)
    return (context, found)
  }
}

struct RecognitionNominate: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "nominate", abstract: "班级提名 · The class nominates")

  @OptionGroup var selection: CaseSelection
  @Flag(name: .customLong("not"), help: "未提名 · Not nominated") var isNot = false
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, cases) = try await selection.find(.applied, work)
    try await Cases.nominate(
      cases, nominated: !isNot, on: day.day(work.settings), in: context)
    try work.printer.outcome(
      isNot
        ? Text("\(cases.count) 人未提名。", "\(cases.count) not nominated.")
        : Text("已提名 \(cases.count) 人。", "\(cases.count) nominated."),
      [("cases", .number(Int64(cases.count))), ("nominated", .flag(!isNot))])
  }
}

struct RecognitionPanel: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel", abstract: "指定评议人，至少两名 · Name the assessors, two at least")

  @OptionGroup var selection: CaseSelection
  @Option(help: ArgumentHelp("评议人，逗号分隔 · Logins", valueName: "a,b")) var assessors: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, cases) = try await selection.find(.nominated, work)
    let logins = assessors.split { ",，、 ".contains($0) }.map(String.init)
    try await Cases.setPanel(
      cases, assessors: logins, on: day.day(work.settings), in: context)
    try work.printer.outcome(
      Text(
        "\(cases.count) 份申请由 \(logins.joined(separator: "、")) 评议。",
        "\(cases.count) cases are assessed by \(logins.joined(separator: ", "))."),
      [("cases", .number(Int64(cases.count)))])
  }
}

struct RecognitionWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "按家庭意愿撤回申请 · End a case at the family's wish")

  @Argument(help: "申请编号 · Case") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Cases.withdraw(id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("申请已撤回。", "The case is withdrawn."), [("id", .id(id))])
  }
}

struct RecognitionList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "申请停在哪一步 · Where each case stands")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("只列某状态 · Only in this state", valueName: "state"),
    completion: .list(CaseState.allCases.map(\.rawValue)))
  var state: String?
  @Option(
    name: .customLong("class"), help: ArgumentHelp("只限一个班 · Of one class", valueName: "class"))
  var className: String?
  @Flag(help: "只列逾期的 · Only what is past its day") var late = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let year = try await work.semester(semester, in: context).schoolYear
    var filter = Cases.Filter(school: school?.id, year: year)
    filter.state = try state.map { try readChoice($0, option: "--state") }
    filter.className = className
    filter.lateOnly = late
    try work.printer.list(
      await Cases.list(filter, today: work.settings.today, in: context),
      [
        Column("编号", "case") { .id($0.id) },
        Column("学校", "school") { .text($0.school) },
        Column("年级", "grade") { .optional($0.grade) },
        Column("班级", "class") { .optional($0.className) },
        Column("姓名", "name") { .text($0.name) },
        Column("调整", "adjusts") { .optional($0.adjusts.map { "\($0)" }) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("等级", "tier") { .optional($0.tier.flatMap(Tier.init(rawValue:))?.name($1)) },
        Column("自", "since") { .date($0.since) },
        Column("应于", "due") { $0.due.map(TableCell.date) ?? .empty },
        Column("逾期天数", "days late", right: true) { .count($0.daysLate) },
      ])
  }
}

struct RecognitionShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一份申请走过的每一步 · What happened to a case")

  @Argument(help: "申请编号 · Case") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Cases.steps(readID(id), in: work.context()),
      [
        Column("日期", "on") { .date($0.on) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("第几次评议", "attempt", right: true) { .count($0.attempt) },
        Column("办理人", "by") { .text($0.by) },
      ])
  }
}
