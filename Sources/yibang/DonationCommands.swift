import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct DonationFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "donation", abstract: "捐款 · Donations",
    subcommands: [
      DonationImport.self, DonationRecord.self, DonationStream.self, DonationReverse.self,
      DonationReinstate.self, DonationRedirect.self, DonationTrace.self, DonationList.self,
    ])
}

struct DonationImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入捐款情况表 · Import a sheet of donations",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(
    help: ArgumentHelp("表中未写日期的行的日期 · The day of lines without one", valueName: "date"))
  var date: String?
  @Option(help: ArgumentHelp("所属募捐活动 · The campaign it is the list of", valueName: "id"))
  var campaign: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let dateOfAll = try date.map { try readDate($0, option: "--date") }
    let campaign = try campaign.map { try readID($0) }
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Giving.importSheet(
        $0, school: school, dateOfAll: dateOfAll, campaign: campaign, in: context)
    }
  }
}

struct DonationRecord: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "登记一笔捐款 · Record a donation")

  @Argument(help: "金额，如 1000、1,234.50、五百元 · Amount") var amount: String
  @Option(help: ArgumentHelp("捐赠人或单位 · Donor", valueName: "name")) var donor: String
  @OptionGroup var details: DonorOptions
  @OptionGroup var school: SchoolOption
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("方式：现金、转账、微信、支付宝 · How it was paid", valueName: "method"),
    completion: .list(Giving.Method.allCases.map(\.rawValue)))
  var method: String = Giving.Method.unknown.rawValue
  @Option(help: ArgumentHelp("指定用途 · What the donor meant it for", valueName: "words"))
  var designation: String?
  @Option(help: ArgumentHelp("票据号 · Receipt number", valueName: "number")) var receipt: String?
  @Option(help: ArgumentHelp("经手人 · Who took it", valueName: "name")) var handler: String?
  @Option(help: ArgumentHelp("备注 · Note", valueName: "text")) var note: String?
  @Option(help: ArgumentHelp("所属募捐活动 · The campaign it belongs to", valueName: "id"))
  var campaign: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let amount = try Money(parsing: amount)
    let day = try day.day(work.settings)
    let method = try readChoice(method, option: "--method", word: Giving.Method.init(word:))
    let giver = try details.details(name: donor)
    let semester = try semester.named()
    let campaign = try campaign.map { try readID($0) }
    let (context, school) = try await work.place(school)
    var donation = Giving.NamedDonation(
      giver, amount, on: day, semester: semester, school: school?.id, method: method)
    donation.designation = designation
    donation.handler = handler
    donation.receiptNumber = receipt
    donation.note = note
    donation.campaign = campaign
    let recorded = try await Giving.record(
      donation, key: repetition.idempotencyKey, in: context)
    let (id, replayed) = (recorded.id, recorded.replayed)
    try work.printer.outcome(
      replayed
        ? Text("这笔捐款早已登记：\(amount)，编号 \(id.shown)。", "Recorded before: \(amount), id \(id.shown).")
        : Text(
          "已登记捐款 \(amount)（\(amount.uppercase)），编号 \(id.shown)。",
          "Recorded \(amount), id \(id.shown)."),
      [
        ("id", .id(id)), ("amount_fen", .fen(amount)),
        ("semester", .text("\(recorded.semester)")),
        ("replayed", .flag(replayed)),
      ])
  }
}

struct DonationList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出捐款 · List the donations")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Giving.list(school: school?.id, semester: semester.named(), in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("学校", "school") { .optional($0.school) },
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("日期", "date") { .date($0.receivedOn) },
        Column("捐赠人", "donor") { .text($0.donor) },
        Column("类别", "kind") { .text($0.donorKind.name($1)) },
        Column("班级", "class") { .optional($0.className) },
        Column("金额", "amount", right: true) { .money($0.amount) },
        Column("方式", "method") { .text($0.method.name($1)) },
        Column("基金", "fund") { .text($0.fund) },
        Column("票据号", "receipt") { .optional($0.receiptNumber) },
        Column("净额", "net", right: true) { .money($0.net) },
        Column("状态", "state") { donation, language in
          .text(donation.stateText(language))
        },
        Column("已对账", "reconciled") { .text($0.reconciled.name($1)) },
        Column("募捐活动", "campaign") { .optional($0.campaign) },
        Column("凭证号", "voucher") { .optional($0.voucherNumber) },
      ])
  }
}

extension Giving.Donation {
  /// What the gift is now, said as it is.
  func stateText(_ language: Language) -> String {
    if reversed { return Text("已冲回", "taken back")(language) }
    if net < amount { return Text("部分冲回", "partly taken back")(language) }
    return Text("有效", "whole")(language)
  }
}

/// A repeated command has one effect.
struct RepetitionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "幂等键：同键重复只生效一次 · The same key has one effect, however often", valueName: "key"))
  var idempotencyKey: String?
}
