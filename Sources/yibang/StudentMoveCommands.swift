import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct StudentTransfer: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "学生转到本区另一所学校 · A pupil goes to another school",
    discussion: """
      转出学校提出后由转入学校接收（student receive）；区里办理的立即生效。监护人、同意、认定、结对随学生转；发放批次和\
      已办的申请留在原学校 · What a school proposes the new one accepts; what the district does is done. \
      Guardians, consents, recognition and pairing follow; payment lines and cases stay
      """)

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("转入学校的标识码 · The new school", valueName: "code")) var to: String
  @Option(help: ArgumentHelp("到新学校的第一天 · The first day there", valueName: "date"))
  var on: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let student = try readID(student)
    let day = try readDate(on, option: "--on")
    let outcome = try await StudentMoves.move(
      student, to: SchoolCode(to), on: day, today: work.settings.today,
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(outcome)
  }
}

struct StudentReceive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive", abstract: "接收转来的学生 · Take a pupil whom another school proposed",
    discussion: "编号见 yibang student transfers · See student transfers for its number")

  @Argument(help: "转学编号 · Transfer") var move: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.outcome(
      await StudentMoves.accept(
        readID(move), today: work.settings.today, in: work.context()))
  }
}

struct StudentKeep: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "keep", abstract: "取消尚未接收的转学 · Give up a transfer that was not accepted")

  @Argument(help: "转学编号 · Transfer") var move: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let move = try readID(move)
    try await StudentMoves.cancel(move, in: work.context())
    try work.printer.outcome(
      Text("转学已取消。", "The transfer is given up."), [("transfer", .id(move))])
  }
}

struct StudentTransfers: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfers", abstract: "转入转出本校的学生 · Pupils who come and go")

  @Flag(help: "只列待接收的 · Only those that wait to be accepted") var open = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await StudentMoves.list(openOnly: open, in: work.context()),
      [
        Column("编号", "transfer") { .id($0.id) },
        Column("学生", "pupil") { .id($0.student) },
        Column("姓名", "name") { .text($0.name.description) },
        Column("年级", "grade") { .optional($0.grade) },
        Column("转出学校", "from") { .text($0.from) },
        Column("转入学校", "to") { .text($0.to) },
        Column("日期", "on") { .date($0.on) },
        Column("状态", "state") { .text($0.state.name($1)) },
      ])
  }
}

struct StudentShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "学生就读过的学校及起止日期 · The schools of a pupil, by date")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await StudentMoves.stays(of: readID(student), in: work.context()),
      [
        Column("学校", "school") { .text($0.school) },
        Column("自", "from") { $0.from.map(TableCell.date) ?? .empty },
        Column("至", "until") { $0.until.map(TableCell.date) ?? .empty },
      ])
  }
}

extension Printer {
  fileprivate func outcome(_ outcome: StudentMoves.Outcome) throws {
    let sentence =
      outcome.state == .done
      ? Text("学生已转入新学校。", "The pupil is at the new school.")
      : Text(
        "已提出转学，编号 \(outcome.move.shown)，待转入学校接收（student receive）。",
        "The transfer \(outcome.move.shown) waits for the new school (student receive).")
    try self.outcome(
      sentence,
      [
        ("transfer", .id(outcome.move)), ("state", .text(outcome.state.rawValue)),
        ("case_ended", .flag(outcome.caseEnded)), ("case_goes_on", .flag(outcome.caseGoesOn)),
      ])
    if outcome.caseEnded {
      notice(
        outcome.caseGoesOn
          ? Text(
            "原学校未办完的认定申请转为新学校的申请。",
            "The case that was under way goes on as an application at the new school.")
          : Text(
            "原学校未办完的认定申请已结束，新学校开始认定后请家长再申请。",
            "The case that was under way has ended: the family applies at the new school."))
    }
  }
}
