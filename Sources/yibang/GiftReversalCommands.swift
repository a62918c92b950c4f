import ArgumentParser
import Foundation
import SchoolCalendar
import Yibang

struct DonationReverse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reverse",
    abstract: "冲正或退还一笔捐款，可部分、可多次 · Take a donation back, in part or whole")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("金额，默认全部余额 · Amount, all that is left by default"))
  var amount: String?
  @Flag(help: "款项已退还捐赠人，而非登记有误 · The money went back to the donor") var refund = false
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(donation)
    let amount = try amount.map { try Money(parsing: $0) }
    let day = try day.day(work.settings)
    let context = try await work.context()
    let semester = try await work.semester(semester, on: day, in: context)
    let done = try await Giving.reverse(
      id, amount: amount, as: refund ? .refund : .reversal, on: day, semester: semester,
      reason: reason, key: repetition.idempotencyKey, in: context)
    let word = refund ? Text("退还", "refunded") : Text("冲正", "reversed")
    try work.printer.outcome(
      Text(
        "已\(word.zh) \(done.amount)，捐款 \(id.shown) 余 \(done.net)。",
        "\(done.amount) \(word.en); \(done.net) is left of the donation \(id.shown)."),
      done.fields(donation: id))
  }
}

struct DonationReinstate: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reinstate",
    abstract: "恢复冲正或退还的捐款 · Undo a reversal or refund")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("金额，默认全部 · Amount, all by default")) var amount: String?
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(donation)
    let amount = try amount.map { try Money(parsing: $0) }
    let day = try day.day(work.settings)
    let context = try await work.context()
    let semester = try await work.semester(semester, on: day, in: context)
    let done = try await Giving.reinstate(
      id, amount: amount, on: day, semester: semester, reason: reason,
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已恢复 \(done.amount)，捐款 \(id.shown) 现为 \(done.net)。",
        "\(done.amount) reinstated; the donation \(id.shown) is \(done.net) again."),
      done.fields(donation: id))
  }
}

extension Giving.Adjustment {
  fileprivate func fields(donation: UUID) -> [(name: String, value: OutcomeValue)] {
    [
      ("donation", .id(donation)), ("transfer", .id(transfers[0])), ("amount_fen", .fen(amount)),
      ("net_fen", .fen(net)),
    ]
  }
}

struct DonationRedirect: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "redirect",
    abstract: "经捐赠人同意改变用途 · Another use, with the donor's consent")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @OptionGroup(title: "转入的基金 · The fund it goes to") var fund: FundOption
  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("同意日期 · Day of the consent", valueName: "date"))
  var consentOn: String
  @Option(help: ArgumentHelp("同意书及存放处 · The document, and where it is kept"))
  var document: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("金额，默认全部余额 · Amount, all that is left by default"))
  var amount: String?
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(donation)
    let amount = try amount.map { try Money(parsing: $0) }
    let consent = ChangesOfUse.Consent(
      givenOn: try readDate(consentOn, option: "--consent-on"), document: document)
    let day = try day.day(work.settings)
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, on: day, in: context)
    let fund = try await work.fund(fund, semester, school: school, in: context)
    let change = try await ChangesOfUse.change(
      id, to: fund, amount: amount, consent: consent, on: day, semester: semester, reason: reason,
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已按捐赠人同意改变用途，编号 \(change.shown)。",
        "The use is changed with the donor's consent, id \(change.shown)."),
      [("id", .id(change)), ("donation", .id(id))])
  }
}
