import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct PaymentList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出批次，新的在前 · List the batches, newest first")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(PaymentState.allCases.map(\.rawValue)))
  var state: String?
  @Option(help: ArgumentHelp("上一页最后一批的编号 · The last batch of the page before"))
  var after: String?
  @Option(help: ArgumentHelp("每页条数 · Rows of a page", valueName: "count")) var limit = 50
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (1...1_000).contains(limit) else {
      throw ValidationError("--limit 应为 1 到 1000 · --limit is 1 to 1000.")
    }
  }

  func run(_ work: Work) async throws {
    let state: PaymentState? = try state.map { try readChoice($0, option: "--state") }
    let after = try after.map { try readID($0) }
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await PaymentBatches.list(
        school: school?.id, semester: semester.named(), state: state, after: after, limit: limit,
        in: context),
      Self.columns)
  }

  static let columns: [Column<PaymentBatch>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学校", "school") { .text($0.school) },
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("名称", "title") { .text($0.title) },
    Column("用途", "purpose") { .text($0.purpose.name($1)) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("人数", "lines", right: true) { .count($0.lines) },
    Column("应发", "due", right: true) { .money($0.figures.due) },
    Column("已支付", "paid", right: true) { .money($0.figures.paid) },
    Column("已签收", "confirmed", right: true) { .money($0.figures.confirmed) },
    Column("已追回", "recovered", right: true) { .money($0.figures.recovered) },
    Column("未了", "unsettled", right: true) { .count($0.unsettled) },
  ]
}

struct PaymentShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "一个批次：审批、应发与实付、差额 · A batch: approvals, due and paid, differences")

  @Argument(help: "批次编号 · Batch") var batch: String
  @Flag(help: "列出每一行及其收支编号 · List its lines, with their transfers") var lines = false
  @Option(help: ArgumentHelp("从此序号之后列起 · Lines after this number", valueName: "number"))
  var after = 0
  @Option(help: ArgumentHelp("每页行数 · Lines of a page", valueName: "count")) var limit = 1_000
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  /// What programs read.
  private struct Document: Encodable {
    let detail: PaymentBatches.Detail
    let lines: [PaymentLine]?

    enum CodingKeys: String, CodingKey {
      case lines
      case paidInFull = "paid_in_full"
    }

    func encode(to encoder: any Encoder) throws {
      try detail.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(detail.isPaidInFull, forKey: .paidInFull)
      try container.encodeIfPresent(lines, forKey: .lines)
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(batch)
    let context = try await work.context()
    let detail = try await PaymentBatches.show(id, in: context)
    let lines =
      lines
      ? try await PaymentBatches.lines(id, after: after, limit: limit, in: context) : nil
    switch work.settings.format {
    case .json: try work.printer.json(Document(detail: detail, lines: lines))
    case .csv:
      if let lines {
        try work.printer.list(lines, Self.columns)
      } else {
        try work.printer.list([detail.batch], PaymentList.columns)
      }
    case .table:
      var story = Self.story(detail)(work.language) + "\n"
      if let lines { story += "\n" + work.printer.table(lines, Self.columns) }
      try standardOutput(story)
    }
  }

  private static func story(_ detail: PaymentBatches.Detail) -> Text {
    let parts =
      [head(detail), approvals(detail)] + detail.differences.map(difference) + ending(detail)
    return Text(
      parts.map(\.zh).joined(separator: "\n"), parts.map(\.en).joined(separator: "\n"))
  }

  private static func head(_ detail: PaymentBatches.Detail) -> Text {
    let batch = detail.batch
    let (due, paid) = (batch.figures.due, batch.figures.paid)
    let (confirmed, recovered) = (batch.figures.confirmed, batch.figures.recovered)
    let zh = "\(batch.title)（\(batch.state.name.zh)）\(batch.school) \(batch.semester.zh) "
    let en = "\(batch.title) (\(batch.state.name.en)), \(batch.school), \(batch.semester.en), "
    return Text(
      zh + "\(batch.purpose.name.zh)，\(batch.lines) 人\n"
        + "应发 \(due)，已支付 \(paid)，已签收 \(confirmed)，已追回 \(recovered)",
      en + "\(batch.purpose.name.en), \(batch.lines) pupils\n"
        + "due \(due), paid \(paid), confirmed \(confirmed), recovered \(recovered)")
  }

  private static func approvals(_ detail: PaymentBatches.Detail) -> Text {
    let logins = detail.approvals.filter(\.counts).map(\.login)
    let zh = logins.isEmpty ? "无" : logins.joined(separator: "、")
    let en = logins.isEmpty ? "nobody" : logins.joined(separator: ", ")
    let needed = detail.approvalsNeeded.map { Text("（须 \($0) 人）", " (\($0) needed)") }
    return Text(
      "编制 \(detail.maker)；审批 \(zh)\(needed?.zh ?? "")",
      "made by \(detail.maker); approved by \(en)\(needed?.en ?? "")")
  }

  private static func difference(_ difference: PaymentBatches.Difference) -> Text {
    let why: Text
    if let batch = difference.followedBy {
      why = Text("转入补发批次 \(batch.shown)", "paid again in \(batch.shown)")
    } else if let explanation = difference.explanation {
      why = Text("说明：\(explanation)", "because: \(explanation)")
    } else {
      why = Text(
        "没有说明（payment explain 或 follow-up）", "not explained (payment explain or follow-up)")
    }
    return Text(
      "第 \(difference.number) 行少发 \(difference.missing)，\(why.zh)",
      "line \(difference.number): \(difference.missing) less than due, \(why.en)")
  }

  private static func ending(_ detail: PaymentBatches.Detail) -> [Text] {
    let batch = detail.batch
    guard batch.state == .paid || batch.state == .closed else { return [] }
    var parts = [
      detail.isPaidInFull
        ? Text("足额：应发 = 已支付 + 有说明的差额", "in full: due = paid + explained differences")
        : Text("未足额：有差额没有说明", "NOT in full: a difference is unexplained")
    ]
    if batch.unsettled > 0 {
      parts.append(
        Text(
          "未了 \(batch.unsettled) 行（未签收或差额未说明）",
          "\(batch.unsettled) lines are unconfirmed or unexplained"))
    }
    return parts
  }

  static let columns: [Column<PaymentLine>] = [
    Column("序号", "number", right: true) { .count($0.number) },
    Column("班级", "class") { .optional([$0.grade, $0.className].compactMap { $0 }.joined()) },
    Column("姓名", "name") { .text($0.name) },
    Column("等级", "tier") { .optional($0.tier?.name($1)) },
    Column("依据", "why") { .text($0.rule.name($1)) },
    Column("应发", "due", right: true) { .money($0.figures.due) },
    Column("已支付", "paid", right: true) { .money($0.figures.paid) },
    Column("已签收", "confirmed", right: true) { .money($0.figures.confirmed) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("备注", "note") { .optional($0.note) },
    Column("支付编号", "payment") { .optional($0.transfers.first?.shown) },
  ]
}
