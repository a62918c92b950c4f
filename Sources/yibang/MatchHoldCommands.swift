import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

/// The last day of a hold.
struct UntilOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("保留至，默认按区设定的天数 · Last day; by the district's days", valueName: "date"))
  var until: String?

  func read() throws(ArgumentError) -> CalendarDate? {
    guard let until else { return nil }
    return try readDate(until, option: "--until")
  }
}

struct MatchSend: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "把已批准的方案告知资助人，学生为其保留 · Tell the sponsors; their pupils are kept for them")

  @Argument(help: "方案编号 · Proposal's id") var proposal: String
  @OptionGroup var until: UntilOption
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let sending = try await Proposals.send(
      readID(proposal), on: day.day(work.settings), until: until.read(),
      key: repetition.idempotencyKey, in: work.context())
    try work.printer.outcome(
      words(sending),
      [
        ("proposal", .id(sending.proposal)), ("held", .number(Int64(sending.held))),
        ("until", .text("\(sending.until)")), ("withheld", .number(Int64(sending.withheld))),
        ("earlier", .number(Int64(sending.earlier))),
        ("earlier_until", sending.earlierUntil.map { .text("\($0)") } ?? .text("")),
        ("lapsed", .number(Int64(sending.lapsed.count))),
      ])
    for lapse in sending.lapsed {
      work.printer.notice(
        Text(
          "已失效：\(lapse.pupil)，资助人\(lapse.why.zh)（配对 \(lapse.pair.shown)）。",
          "Lapsed: \(lapse.pupil), whose sponsor is in conflict of interest: \(lapse.why.en) "
            + "(pair \(lapse.pair.shown))."))
    }
    if sending.held > 0 {
      work.printer.notice(
        Text(
          "给资助人的函：yibang match letter \(sending.proposal.shown)",
          "The letters to the sponsors: yibang match letter \(sending.proposal.shown)"))
    }
  }
}

extension MatchSend {
  private func words(_ sending: Proposals.Sending) -> Text {
    var words =
      sending.held == 0 && sending.earlier > 0
      ? Text("没有新告知的资助人。", "No further sponsor is told.")
      : Text(
        "已为资助人保留 \(sending.held) 名学生，至 \(sending.until)。",
        "\(sending.held) pupils are kept for their sponsors until \(sending.until).")
    if let until = sending.earlierUntil {
      words = Text(
        words.zh + "此前已告知的 \(sending.earlier) 名仍保留至 \(until)，期限不变；延长用 yibang match extend。",
        words.en
          + " \(sending.earlier) of whom sponsors were told before stay kept until \(until): "
          + "extend that with yibang match extend.")
    }
    if sending.withheld > 0 {
      words = Text(
        words.zh + "另有 \(sending.withheld) 名没有有效的同意，未告知。",
        words.en + " \(sending.withheld) more have no consent in force and are not told of.")
    }
    return words
  }
}

struct MatchLetter: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "letter",
    abstract: "给资助人的函，学生姓名隐去 · Letters to sponsors; pupils by their masked names")

  @Argument(help: "方案或配对编号 · Proposal's or pair's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let notices = try await HoldNotices.notices(
      of: readID(id), on: work.settings.today, in: work.context())
    if work.settings.format == .json { return try work.printer.json(notices) }
    try standardOutput(
      notices.map { HoldNotices.letter($0, work.language) }.joined(separator: "\n"))
  }
}

struct MatchHoldList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold-list", abstract: "列出保留中的配对，先到期的在前 · Held pairs, the next to end first")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Proposals.holds(on: work.settings.today, in: work.context()),
      [
        Column("配对", "pair") { .id($0.pair) },
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("学生", "pupil") { .text($0.pupil) },
        Column("学校", "school") { .text($0.school) },
        Column("帮扶人", "sponsor") { .text($0.sponsor) },
        Column("告知", "told") { .date($0.sentOn) },
        Column("保留至", "until") { .date($0.until) },
        Column("剩余天数", "days left", right: true) { .integer(Int64($0.daysLeft)) },
        Column("延长", "extended", right: true) { .integer(Int64($0.extensions)) },
        Column("方案", "proposal") { .id($0.proposal) },
      ])
  }
}

struct MatchExtend: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "extend", abstract: "延长保留，至多两次 · Keep a pupil longer, twice at most")

  @Argument(help: "配对编号 · Pair's id") var pair: String
  @OptionGroup var until: UntilOption
  @OptionGroup var day: DayOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(pair)
    let until = try await Proposals.extend(
      pair: id, on: day.day(work.settings), until: until.read(), key: repetition.idempotencyKey,
      in: work.context())
    try work.printer.outcome(
      Text("已延长至 \(until)。", "The pupil is kept until \(until)."),
      [("pair", .id(id)), ("until", .text("\(until)"))])
  }
}

struct MatchExpire: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "expire",
    abstract: "结束逾期未答复的保留，宜每天运行 · End the holds that are over; for every day",
    discussion: "可重复、可中断 · May be run again and may be stopped")

  @Option(
    name: .customLong("on"),
    help: ArgumentHelp("日期，默认今天 · Day; today if left out", valueName: "date"))
  var day: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let day = try day.map { try readDate($0, option: "--on") } ?? work.settings.today
    let context = try await work.context()
    let ended = try await Proposals.expireHolds(on: day, today: work.settings.today, in: context)
    let lapsed = try await Proposals.lapseConflicts(on: day, in: context)
    try work.printer.outcome(
      Text(
        "\(ended) 个保留已到期失效；\(lapsed) 对因利害关系失效。",
        "\(ended) holds ended; \(lapsed) pairs lapsed for a conflict of interest."),
      [("expired", .number(Int64(ended))), ("lapsed", .number(Int64(lapsed)))])
  }
}
