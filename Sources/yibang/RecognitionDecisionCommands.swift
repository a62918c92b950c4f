import ArgumentParser
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct RecognitionAssess: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "assess", abstract: "评议人提交意见 · An assessor's finding",
    discussion: """
      全部评议人提交之前，各人只看到自己的意见 · Until all have answered, each sees their own alone.
      方式 · Methods: home_visit 家访, interview 访谈, letter 信函, data_match 比对, score 量化评估, \
      appraisal 民主评议
      """)

  @Argument(help: "申请编号 · Case") var id: String
  @Option(
    help: ArgumentHelp("方式 · Method", valueName: "method"),
    completion: .list(AssessmentMethod.allCases.map(\.rawValue)))
  var method: String
  @Flag(inversion: .prefixedNo, help: "是否表明困难 · Whether it shows hardship")
  var hardship: Bool
  @Option(help: ArgumentHelp("量化评估的分数 · The score", valueName: "points")) var score: Int?
  @Option(
    help: ArgumentHelp(
      "或：评分表各项所选，可重复 · Or what was chosen for an item of the score card, repeatable",
      valueName: "item=option"))
  var answer: [String] = []
  @Option(
    help: ArgumentHelp(
      "所及认定因素，可重复 · A factor that the finding speaks of, repeatable: see rules show",
      valueName: "code"))
  var factor: [String] = []
  @Option(help: ArgumentHelp("发现的情况，加密保存 · What was found; sealed", valueName: "text"))
  var found: String = ""
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let method: AssessmentMethod = try readChoice(method, option: "--method") { word in
      AssessmentMethod.allCases.first { $0.name.zh == word }
    }
    let finding = try await Cases.assess(
      id, method: method, showsHardship: hardship, score: score, answers: try readAnswers(answer),
      factors: factor, words: found, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("意见已提交（\(method.name.zh)）。", "The finding is in (\(method.name.en))."),
      [("id", .id(finding)), ("case", .id(id))])
  }
}

/// Answers on a score card, each as item=option.
private func readAnswers(_ words: [String]) throws -> [String: String] {
  var answers: [String: String] = [:]
  for word in words {
    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, answers.updateValue(parts[1], forKey: parts[0]) == nil else {
      throw ArgumentError.answer(word)
    }
  }
  return answers
}

struct RecognitionFindings: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "findings", abstract: "评议意见；查看会被记录 · The findings; reading them is recorded")

  @Argument(help: "申请编号 · Case") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Cases.findings(readID(id), in: work.context()),
      [
        Column("日期", "on") { .date($0.on) },
        Column("方式", "method") { .text($0.method.name($1)) },
        Column("评议人", "assessor") { .text($0.assessor) },
        Column("表明困难", "hardship") { finding, language in
          finding.showsHardship.map { .yesNo($0, language) } ?? .text("…")
        },
        Column("分数", "score", right: true) { .count($0.score) },
        Column("情况", "found") { .optional($0.words) },
      ])
  }
}

/// What the school brings to a case.
struct GroundOptions: ParsableArguments {
  @Argument(help: "申请编号 · Case") var id: String
  @Option(
    help: ArgumentHelp(
      "看到哪个部门的证明，可重复 · A department's proof that was seen, repeatable",
      valueName: "department"),
    completion: .list(departmentCodes))
  var proof: [String] = []
  @Option(help: ArgumentHelp("学校认定的等级 · The tier that the school decides", valueName: "tier"))
  var tier: String?
  @Option(help: ArgumentHelp("理由 · Why", valueName: "text")) var because: String?
  @Option(
    help: ArgumentHelp(
      "查实的排除情形，可重复 · What excludes, found to be true, repeatable: see rules show",
      valueName: "code"))
  var disqualifier: [String] = []

  var proofs: [Proof] { proof.map { Proof(department: $0, form: .certificate) } }

  func decision(_ context: Context) async throws -> SchoolDecision? {
    guard let tier else { return nil }
    let book = try await RuleSets.book(in: context)
    return SchoolDecision(
      tier: try readTier(tier, option: "--tier", book), justification: because ?? "")
  }
}

extension Printer {
  /// The reasons of an assessment, beside the result.
  fileprivate func tell(_ result: Assessment) {
    for reason in result.reasons {
      notice(Text("· \(reason.zh)（\(reason.ruleRef)）", "· \(reason.en) (\(reason.ruleRef))"))
    }
    if result.restsOnUnverified {
      notice(
        Text("以上有未核实的条文，请对照文件核对。", "Some of this was not verified: compare it with the rule."))
    }
  }
}

struct RecognitionPreview: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "按认定办法会是什么等级，缺什么 · What the rules would say, and what is missing",
    discussion: "不提出意见；查看会被记录 · Nothing is proposed; reading is recorded")

  @OptionGroup var grounds: GroundOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(grounds.id)
    let context = try await work.context()
    let result = try await Cases.preview(
      id, proofs: grounds.proofs, decision: try await grounds.decision(context),
      disqualifiers: grounds.disqualifier, in: context)
    if work.settings.printer.format == .json { return try work.printer.json(result) }
    let tier = result.tier?.name ?? Text("还得不出等级", "no tier yet")
    try work.printer.outcome(
      Text("按认定办法：\(tier.zh)。", "By the rules: \(tier.en)."),
      [("case", .id(id)), ("tier", .text(result.tier?.rawValue ?? ""))])
    work.printer.tell(result)
    for change in result.changes {
      work.printer.notice(Text("→ \(change.zh)", "→ \(change.en)"))
    }
  }
}

struct RecognitionPropose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "学校提出认定意见 · The school proposes a tier",
    discussion: """
      不写 --tier 时按认定办法得出；比对名单上的证明自动计入 · Without --tier the rules decide; hits on \
      comparison lists are taken as proofs
      """)

  @OptionGroup var grounds: GroundOptions
  @Option(help: ArgumentHelp("不予认定的理由 · Why not to recognise", valueName: "text"))
  var reject: String?
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(grounds.id)
    let context = try await work.context()
    let result = try await Cases.propose(
      id, proofs: grounds.proofs, decision: try await grounds.decision(context),
      rejection: reject, disqualifiers: grounds.disqualifier, on: day.day(work.settings),
      in: context)
    let tier = result.tier?.name ?? Text("不予认定", "none")
    try work.printer.outcome(
      Text("提出：\(tier.zh)。", "Proposed: \(tier.en)."),
      [("case", .id(id)), ("tier", .text(result.tier?.rawValue ?? ""))])
    work.printer.tell(result)
  }
}

struct RecognitionProofs: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "proofs", abstract: "认定所依据的证明 · The proofs that an assessment rests on")

  @Argument(help: "申请编号 · Case") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let book = try await RuleSets.book(in: context)
    try work.printer.list(
      await Cases.proofs(readID(id), in: context),
      [
        Column("第几次评议", "attempt", right: true) { .count($0.attempt) },
        Column("类别", "category") { .text(book.categoryName($0.category)($1)) },
        Column("部门", "department") { .text($0.department) },
        Column("形式", "form") { .text(formName($0.form)($1)) },
        Column("名单", "list") { .optional($0.list) },
        Column("名单日期", "as of") { .optional($0.asOf.map { "\($0)" }) },
        Column("查看日期", "seen on") { .date($0.seenOn) },
      ])
  }

  private func formName(_ form: Proof.Form) -> Text {
    switch form {
    case .certificate: Text("证明", "certificate")
    case .dataMatch: Text("数据比对", "data match")
    case .screenshot: Text("数据库截图", "screenshot")
    }
  }
}

struct RecognitionVote: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "vote", abstract: "领导小组成员表决 · A member of the leading group votes",
    discussion: "全体成员过半数同意即决定 · More than half of all members decide")

  @OptionGroup var selection: CaseSelection
  @Flag(help: "反对 · Against") var against = false
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, cases) = try await selection.find(.assessed, work)
    let states = try await Cases.vote(
      cases, agrees: !against, on: day.day(work.settings), in: context)
    let decided = states.values.filter { $0 != .assessed }.count
    try work.printer.outcome(
      Text(
        "已对 \(cases.count) 份申请投\(against ? "反对" : "同意")票，其中 \(decided) 份有了结果。",
        "Voted \(against ? "against" : "for") \(cases.count) cases; \(decided) are settled."),
      [("cases", .number(Int64(cases.count))), ("settled", .number(Int64(decided)))])
  }
}

struct RecognitionFile: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "file", abstract: "公示结束后建档备案 · File after the notice")

  @OptionGroup var selection: CaseSelection
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, cases) = try await selection.find(.onNotice, work)
    try await Cases.file(cases, on: day.day(work.settings), in: context)
    try work.printer.outcome(
      Text("已备案 \(cases.count) 人。", "\(cases.count) filed."),
      [("cases", .number(Int64(cases.count)))])
  }
}
