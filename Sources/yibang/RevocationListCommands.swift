import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct RevokeList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "撤销事项 · Revocations")

  @OptionGroup var school: SchoolOption
  @Option(
    help: ArgumentHelp("只列某状态 · Only in this state", valueName: "state"),
    completion: .list(Revocations.State.allCases.map(\.rawValue)))
  var state: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Revocations.list(
        school: school?.id, state: state.map { try readChoice($0, option: "--state") }, in: context),
      [
        Column("编号", "revocation") { .id($0.id) },
        Column("学校", "school") { .text($0.school) },
        Column("学生", "pupil") { .id($0.student) },
        Column("姓名", "name") { .text($0.name) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("不当享受自", "undue since") { .date($0.undueSince) },
        Column("提出", "proposed") { .date($0.proposedOn) },
        Column("提出人", "by") { .text($0.proposedBy) },
        Column("听取意见", "heard") { $0.heardOn.map(TableCell.date) ?? .empty },
        Column("决定", "decided") { $0.decidedOn.map(TableCell.date) ?? .empty },
        Column("决定人", "by") { .optional($0.decidedBy) },
      ])
  }
}

struct RevokeShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "自不当享受之日起从各基金得到的一切 · Everything received from every fund since")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  static let received: [Column<Revocations.Received>] = [
    Column("基金", "fund") { .text($0.fund) },
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("用途", "purpose") { .text($0.purpose.name($1)) },
    Column("批次", "batch") { .text($0.title) },
    Column("日期", "paid on") { .date($0.paidOn) },
    Column("支付", "paid", right: true) { .money($0.paid) },
    Column("退回", "returned", right: true) { .money($0.returned) },
    Column("已追回", "recovered", right: true) { .money($0.recovered) },
    Column("应追回未立案", "unclaimed", right: true) { .money($0.unclaimed) },
    Column("支出编号", "transfer") { .id($0.transfer) },
  ]
  static let goods: [Column<Revocations.ReceivedGoods>] = [
    Column("物资", "item") { .text($0.item) },
    Column("单位", "unit") { .text($0.unit) },
    Column("日期", "handed on") { .date($0.handedOn) },
    Column("数量", "quantity", right: true) { .integer($0.quantity) },
    Column("价值", "value", right: true) { .money($0.value) },
  ]
  static let claims: [Column<Revocations.Claim>] = [
    Column("追回编号", "clawback") { .id($0.clawback) },
    Column("支出编号", "transfer") { .id($0.payment) },
    Column("应追回", "due", right: true) { .money($0.due) },
    Column("已追回", "recovered", right: true) { .money($0.recovered) },
    Column("免除", "waived", right: true) { .money($0.waived) },
    Column("未追回", "left", right: true) { .money($0.left) },
  ]
  static let stopped: [Column<Revocations.StoppedLine>] = [
    Column("批次", "batch") { .id($0.batch) },
    Column("序号", "line", right: true) { .count($0.number) },
    Column("金额", "amount", right: true) { .money($0.amount) },
    Column("当时状态", "state then") { .text($0.state.name($1)) },
  ]

  func run(_ work: Work) async throws {
    let detail = try await Revocations.show(readID(id), in: work.context())
    let printer = work.printer
    switch printer.format {
    case .json: try printer.json(detail)
    case .csv: try printer.list(detail.received, Self.received)
    case .table:
      let revocation = detail.revocation
      let head = Text(
        "\(revocation.school) \(revocation.name)，自 \(revocation.undueSince) 起不当享受，"
          + "\(revocation.state.name.zh)。",
        "\(revocation.name) of \(revocation.school), undue since \(revocation.undueSince), "
          + "\(revocation.state.name.en).")
      let parts = [
        (Text("收到的款项", "Money received"), printer.table(detail.received, Self.received)),
        (Text("领到的物资", "Goods received"), printer.table(detail.goods, Self.goods)),
        (Text("追回", "Claimed back"), printer.table(detail.claims, Self.claims)),
        (Text("支付前移出的", "Taken out before payment"), printer.table(detail.stopped, Self.stopped)),
      ]
      let story = parts.map { "\n\($0.0(work.language))\n\($0.1)" }
      try standardOutput(head(work.language) + "\n" + story.joined())
    }
  }
}

struct RevokeWords: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "words", abstract: "所写的理由和意见；查看会被记录 · What was written; reading it is recorded")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let words = try await Revocations.read(readID(id), in: work.context())
    try work.printer.outcome(
      Text(
        "理由：\(words.because)\n证据：\(words.evidence)\n家庭的意见：\(words.answer ?? "—")\n改正的理由："
          + (words.reversal ?? "—"),
        "Why: \(words.because)\nEvidence: \(words.evidence)\nThe family's answer: "
          + "\(words.answer ?? "—")\nWhy it is undone: \(words.reversal ?? "—")"),
      [
        ("because", .text(words.because)), ("evidence", .text(words.evidence)),
        ("answer", .text(words.answer ?? "")), ("reversal", .text(words.reversal ?? "")),
      ])
  }
}

struct RevokeLetter: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "letter", abstract: "给资助人的信，不含原因 · The letter to the sponsor, without the reason")

  @Argument(help: "撤销编号 · Revocation") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let notice = try await SponsorNotices.notice(ofRevocation: readID(id), in: work.context())
    guard work.printer.format == .table else { return try work.printer.json(notice) }
    try standardOutput(SponsorNotices.letter(notice, work.language))
  }
}
