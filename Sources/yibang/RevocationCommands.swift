import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct RecognitionRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "因虚假信息撤销认定 · Revoke a recognition that rests on false statements",
    discussion: """
      提出 propose → 听取家庭意见 hear → 另一人决定 decide 或 dismiss；决定有误的由两人改正 reverse · \
      Proposed, the family heard, decided by another person; undone by two where it was wrong
      """,
    subcommands: [
      RevokePropose.self, RevokeHear.self, RevokeDecide.self, RevokeDismiss.self,
      RevokeReverse.self, RevokeList.self, RevokeShow.self, RevokeWords.self, RevokeLetter.self,
    ])
}

struct RevokePropose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "提出撤销一名学生的认定 · Propose to revoke a pupil's recognition")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(
    help: ArgumentHelp(
      "自哪天起不当享受，此后所得应追回 · Undue since: what was received from then on is claimed back",
      valueName: "date"))
  var since: String
  @Option(help: ArgumentHelp("何处不实，加密保存 · What was false; sealed", valueName: "text"))
  var because: String
  @Option(help: ArgumentHelp("证据存放处，加密保存 · Where the proof lies; sealed", valueName: "text"))
  var evidence: String
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let student = try readID(student)
    let since = try readDate(since, option: "--since")
    let (id, replayed) = try await Revocations.propose(
      student, since: since, because: because, evidence: evidence, on: day.day(work.settings),
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      Text(
        "已提出撤销，编号 \(id.shown)。请先听取家庭意见（recognition revoke hear），再由另一人决定。",
        "Proposed: \(id.shown). Hear the family (recognition revoke hear); another person decides."),
      [("id", .id(id)), ("student", .id(student)), ("replayed", .flag(replayed))])
  }
}

struct RevokeHear: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "hear", abstract: "登记家庭的意见 · Record what the family answers")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @Option(help: ArgumentHelp("家庭的意见，加密保存 · The answer; sealed", valueName: "text"))
  var answer: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Revocations.hear(
      id, answer: answer, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("已登记家庭的意见。", "The family's answer is recorded."), [("id", .id(id))])
  }
}

struct RevokeDecide: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "决定撤销：停发并追回 · Revoke: stop aid and claim back",
    discussion: "提出撤销的人不能决定 · Who proposed it does not decide")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let outcome = try await Revocations.decide(
      id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text(
        "认定已撤销：移出未支付的发放 \(outcome.linesTakenOut) 笔，立案追回 \(outcome.clawbacks) 笔共 "
          + "\(outcome.claimed)\(outcome.pairing == nil ? "" : "，结对已结束")。",
        "Revoked: \(outcome.linesTakenOut) unpaid lines taken out, \(outcome.claimed) claimed back in "
          + "\(outcome.clawbacks) cases\(outcome.pairing == nil ? "" : ", the pairing has ended")."),
      [
        ("id", .id(id)), ("cases", .number(Int64(outcome.cases))),
        ("lines_taken_out", .number(Int64(outcome.linesTakenOut))),
        ("clawbacks", .number(Int64(outcome.clawbacks))), ("claimed_fen", .fen(outcome.claimed)),
        ("pairing", .text(outcome.pairing?.shown ?? "")),
      ])
    if outcome.pairing != nil {
      work.printer.notice(
        Text(
          "请告知资助人：yibang recognition revoke letter \(id.shown)",
          "Tell the sponsor: yibang recognition revoke letter \(id.shown)"))
    }
  }
}

struct RevokeDismiss: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "dismiss", abstract: "决定不予撤销 · Decide not to revoke")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Revocations.dismiss(id, on: day.day(work.settings), in: work.context())
    try work.printer.outcome(
      Text("不予撤销，认定照旧。", "Dismissed: the recognition holds."), [("id", .id(id))])
  }
}

struct RevokeReverse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reverse", abstract: "改正有误的撤销：一人提出、另一人确认 · Undo a revocation, by two people")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @Option(
    help: ArgumentHelp(
      "提出改正的理由，加密保存 · Propose it, and why; sealed", valueName: "text"))
  var because: String?
  @Flag(help: "确认改正 · Confirm what another person proposed") var confirm = false
  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard confirm == (because == nil) else {
      throw ValidationError("用 --because 提出，或用 --confirm 确认 · Either --because or --confirm.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(id)
    let day = try day.day(work.settings)
    let context = try await work.context()
    if let because {
      try await Revocations.proposeReversal(id, because: because, on: day, in: context)
      return try work.printer.outcome(
        Text("已提出改正，请另一人确认（--confirm）。", "Proposed: another person confirms (--confirm)."),
        [("id", .id(id)), ("state", "decided")])
    }
    let waived = try await Revocations.reverse(id, on: day, in: context)
    try work.printer.outcome(
      Text(
        "认定已恢复，尚未追回的 \(waived) 不再追回。已追回的请付还后登记（clawback undo）。",
        "The recognition holds again; \(waived) is no longer claimed. Pay back what was recovered and "
          + "book it (clawback undo)."),
      [("id", .id(id)), ("state", "reversed"), ("waived_fen", .fen(waived))])
  }
}
