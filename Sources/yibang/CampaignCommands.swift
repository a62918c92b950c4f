import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct CampaignFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaign", abstract: "募捐活动 · Campaigns",
    subcommands: [
      CampaignAdd.self, CampaignList.self, CampaignShow.self, CampaignImport.self,
      CampaignClose.self,
    ])
}

struct CampaignAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记一次募捐活动 · Register a campaign",
    discussion: "捐款自愿，不设个人指标 · Giving is voluntary: no person has an amount to give")

  @Argument(help: "名称 · Name") var name: String
  @OptionGroup var school: SchoolOption
  @Option(help: ArgumentHelp("开始日期，默认今天 · First day; today if left out", valueName: "date"))
  var from: String?
  @Option(help: ArgumentHelp("结束日期，默认同开始 · Last day; the first if left out", valueName: "date"))
  var to: String?
  @Option(help: ArgumentHelp("凭证号，全表共用 · The voucher of the whole list", valueName: "number"))
  var voucher: String?
  @Option(help: ArgumentHelp("指定用途 · What it is for", valueName: "words"))
  var designation: String?
  @Option(help: ArgumentHelp("经手人 · Who takes the money", valueName: "name")) var handler: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let first = try from.map { try readDate($0, option: "--from") } ?? work.settings.today
    let last = try to.map { try readDate($0, option: "--to") } ?? first
    let (context, school) = try await work.place(school)
    let id = try await Campaigns.add(
      Campaigns.NewCampaign(
        name: name, school: school?.id, from: first, to: last, voucherNumber: voucher,
        designation: designation, handler: handler),
      key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已登记募捐活动“\(name)”，编号 \(id.shown)。", "The campaign “\(name)” is registered, id \(id.shown)."),
      [("id", .id(id)), ("name", .text(name))])
  }
}

struct CampaignList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出募捐活动 · List the campaigns")

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Campaigns.list(school: school?.id, in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("学校", "school") { .text($0.school ?? Text("（区）", "(district)")($1)) },
        Column("名称", "name") { .text($0.name) },
        Column("开始", "from") { .date($0.startsOn) },
        Column("结束", "to") { .date($0.endsOn) },
        Column("凭证号", "voucher") { .optional($0.voucherNumber) },
        Column("指定用途", "designation") { .optional($0.designation) },
        Column("状态", "state") { .text($0.state.name($1)) },
      ])
  }
}

struct CampaignShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "募捐汇总：按班级、按类别、全校 · A campaign's totals",
    discussion: "--lines 按班级、姓名列出明细 · --lines lists the gifts by class and name")

  @Argument(help: "募捐活动编号 · Campaign's id") var campaign: String
  @Flag(help: "列出明细 · List the gifts") var lines = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(campaign)
    let context = try await work.context()
    if lines {
      let gifts = try await Campaigns.lines(id, in: context)
      return try work.printer.list(gifts, Self.lineColumns)
    }
    let summary = try await Campaigns.summary(id, in: context)
    switch work.settings.format {
    case .json: try work.printer.json(summary)
    case .csv: try work.printer.list(summary.byClass, Self.classColumns)
    case .table: try standardOutput(story(summary, work))
    }
  }

  private func story(_ summary: Campaigns.Summary, _ work: Work) -> String {
    let campaign = summary.campaign
    let voucher = campaign.voucherNumber.map { Text("　凭证号 \($0)", ", voucher \($0)") }
    let head = Text(
      "\(campaign.name)（\(campaign.startsOn)–\(campaign.endsOn)，\(campaign.state.name.zh)）"
        + (voucher?.zh ?? ""),
      "\(campaign.name) (\(campaign.startsOn)–\(campaign.endsOn), \(campaign.state.name.en))"
        + (voucher?.en ?? ""))
    let sum = Text(
      "合计 \(summary.count) 笔，到账 \(summary.received)（\(summary.receivedInWords)），"
        + "其中已对账 \(summary.reconciled)。",
      "\(summary.count) gifts, received \(summary.received), of which reconciled "
        + "\(summary.reconciled).")
    let reversed = Text(
      "另有 \(summary.reversedCount) 笔已冲正，不计入。",
      "\(summary.reversedCount) more were reversed and do not count.")
    return [
      head(work.language) + "\n\n", work.printer.table(summary.byClass, Self.classColumns), "\n",
      work.printer.table(summary.byKind, Self.kindColumns), "\n", sum(work.language) + "\n",
      summary.reversedCount > 0 ? reversed(work.language) + "\n" : "",
    ].joined()
  }

  private static let classColumns: [Column<Campaigns.Part>] = [
    Column("学校", "school") { .optional($0.school) },
    Column("班级/部门", "class") { .text($0.name ?? Text("（未注明）", "(not stated)")($1)) },
    Column("笔数", "gifts", right: true) { .count($0.count) },
    Column("金额", "amount", right: true) { .money($0.amount) },
  ]

  private static let kindColumns: [Column<Campaigns.Part>] = [
    Column("类别", "kind") {
      .text($0.name.flatMap(DonorKind.init(rawValue:))?.name($1) ?? $0.name ?? "")
    },
    Column("笔数", "gifts", right: true) { .count($0.count) },
    Column("金额", "amount", right: true) { .money($0.amount) },
  ]

  private static let lineColumns: [Column<Campaigns.Line>] = [
    Column("学校", "school") { .optional($0.school) },
    Column("班级/部门", "class") { .optional($0.className) },
    Column("捐赠人", "donor") { .text($0.donor) },
    Column("类别", "kind") { .text($0.donorKind.name($1)) },
    Column("日期", "date") { .date($0.receivedOn) },
    Column("金额", "amount", right: true) { .money($0.net) },
    Column("方式", "method") { .text($0.method.name($1)) },
    Column("票据号", "receipt") { .optional($0.receiptNumber) },
    Column("已冲正", "reversed") { .yesNo($0.net == .zero, $1) },
  ]
}

struct CampaignImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入募捐的捐款情况表 · Import the list of a campaign",
    discussion: "已登记的捐款归入本次募捐，不重复登记 · "
      + "Gifts recorded before join the campaign and are not booked again")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("募捐活动编号 · Campaign's id", valueName: "id")) var campaign: String
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(
    help: ArgumentHelp("表中未写日期的行的日期 · The day of lines without one", valueName: "date"))
  var date: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(campaign)
    let dateOfAll = try date.map { try readDate($0, option: "--date") }
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Giving.importSheet(
        $0, school: school, dateOfAll: dateOfAll, campaign: id, in: context)
    }
  }
}

struct CampaignClose: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "结束募捐活动 · End a campaign")

  @Argument(help: "募捐活动编号 · Campaign's id") var campaign: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(campaign)
    let closed = try await Campaigns.close(id, in: work.context())
    try work.printer.outcome(
      closed
        ? Text("募捐活动已结束。", "The campaign is closed.")
        : Text("募捐活动早已结束。", "The campaign was closed before."),
      [("id", .id(id)), ("closed", .flag(closed))])
  }
}
