import ArgumentParser
import HardshipRecognition
import SchoolCalendar
import Yibang

struct MatchFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match", abstract: "配对方案 · Matching pupils and offers",
    subcommands: [
      MatchPropose.self, MatchShow.self, MatchCompare.self, MatchWhatIf.self, MatchPin.self,
      MatchForbid.self, MatchChoiceList.self, MatchUnchoose.self, MatchApprove.self,
      MatchSend.self, MatchLetter.self, MatchHoldList.self, MatchExtend.self, MatchExpire.self,
      MatchAccept.self, MatchDecline.self, MatchNext.self, MatchWithdraw.self, MatchList.self,
    ])
}

struct MatchPropose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "提出配对方案，最困难的优先 · Propose pairs, most needy first")

  @Option(help: ArgumentHelp("学期 · Semester", valueName: "semester")) var semester: String
  @Flag(help: "撤回本学期待批准的方案 · Withdraw the semester's proposal that waits for approval")
  var replace = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let summary = try await Proposals.propose(
      Semester(parsing: semester), replacing: replace, key: repetition.idempotencyKey,
      in: work.context())
    try work.tellProposed(summary)
  }
}

struct MatchNext: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "为未接受、逾期的配对另作安排，须再批准 · The next best for what was declined or expired",
    discussion: "已接受和保留中的配对不变 · Accepted and held pairs stay")

  @Argument(help: "原方案编号 · The proposal's id") var proposal: String
  @Flag(help: "撤回另一份待批准的 · Withdraw another that waits for approval") var replace = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.tellProposed(
      try await Proposals.next(
        after: readID(proposal), replacing: replace, key: repetition.idempotencyKey,
        in: work.context()))
  }
}

struct MatchShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "配对方案的每一对及理由 · A proposal's pairs and reasons")

  @Argument(help: "方案编号 · Proposal's id") var proposal: String
  @OptionGroup var school: SchoolOption
  @Option(
    help: ArgumentHelp("等级 · Tier", valueName: "tier"),
    completion: .list(Tier.allCases.map(\.rawValue)))
  var tier: String?
  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(Proposals.PairState.allCases.map(\.rawValue)))
  var state: String?
  @Option(help: ArgumentHelp("理由代码，如 no_place · Reason's code", valueName: "code"))
  var reason: String?
  @Flag(help: "只看没有配上的 · Only what is left over") var left = false
  @Flag(help: "列出学生与意向的编号，供 match pin · Pupils' and offers' ids, for match pin")
  var ids = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(proposal)
    let tier: Tier? = try tier.map { text in
      try readChoice(text, option: "--tier") { word in
        Tier.allCases.first { $0.name.zh == word }
      }
    }
    let state: Proposals.PairState? = try state.map { text in
      try readChoice(text, option: "--state") { word in
        Proposals.PairState.allCases.first { $0.name.zh == word }
      }
    }
    let (context, school) = try await work.place(school)
    let filter = Proposals.Filter(
      school: school?.id, tier: tier, state: state, reason: reason, leftOnly: left)
    try work.tell(try await Proposals.show(id, filter, in: context), ids: ids)
  }
}

struct MatchApprove: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "批准方案，提出者不能批准 · Approve; the proposer cannot")

  @Argument(help: "方案编号 · Proposal's id") var proposal: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.tell(
      try await Proposals.approve(
        readID(proposal), on: work.settings.today, key: repetition.idempotencyKey,
        in: work.context()))
  }
}

struct MatchAccept: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "接受方案或其中一对，三年六期随即生效 · Accept a proposal or a pair: six instalments begin")

  @Argument(help: "方案或配对编号 · Proposal's or pair's id") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let acceptance = try await Proposals.accept(
      readID(id), on: day.day(work.settings), key: repetition.idempotencyKey, in: work.context())
    if work.settings.format == .json { return try work.printer.json(acceptance) }
    let count = acceptance.pairings.count
    let before = count - acceptance.added
    try work.printer.outcome(
      Text(
        (before == 0
          ? "已结对 \(count) 名学生" : "本次结对 \(acceptance.added) 名学生，此前 \(before) 名，共 \(count) 名")
          + "，三年共承诺 \(acceptance.promised)（尚未到账）。方案状态：\(acceptance.state.name.zh)。",
        (before == 0
          ? "\(count) pupils are paired; "
          : "\(acceptance.added) pupils are paired now and \(before) were before, \(count) in all; ")
          + "\(acceptance.promised) are promised over three years and not yet received. The proposal "
          + "is \(acceptance.state.name.en)."),
      [
        ("proposal", .id(acceptance.proposal)), ("state", .text(acceptance.state.rawValue)),
        ("pairings", .number(Int64(count))), ("added", .number(Int64(acceptance.added))),
        ("promised_fen", .fen(acceptance.promised)),
      ])
  }
}

struct MatchDecline: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "否决其中一对 · Decline one pair")

  @Argument(help: "配对编号，见 match show · Pair's id") var pair: String
  @Option(help: ArgumentHelp("原因，不写个人信息 · Why; no personal data", valueName: "text"))
  var reason: String?
  @Flag(
    help: "资助人不愿意：今后不再向其推荐该生；保留中的配对即视为如此 · The sponsor's word: never again offered")
  var sponsor = false
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.tell(
      try await Proposals.decline(
        pair: readID(pair), by: sponsor ? .sponsor : nil, reason: reason,
        key: repetition.idempotencyKey, in: work.context()))
  }
}

struct MatchWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "撤回方案，已接受的不变 · Withdraw a proposal; accepted pairs stay")

  @Argument(help: "方案编号 · Proposal's id") var proposal: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.tell(
      try await Proposals.withdraw(
        readID(proposal), key: repetition.idempotencyKey, in: work.context()))
  }
}

struct MatchList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出配对方案 · List the proposals")

  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Proposals.list(semester: semester.named(), in: work.context()),
      Proposals.Summary.columns)
  }
}
