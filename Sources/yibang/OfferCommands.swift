import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct OfferFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "帮扶意向 · Sponsors' offers",
    subcommands: [
      OfferImport.self, OfferRecord.self, OfferRenew.self, OfferWithdraw.self, OfferList.self,
      OfferShow.self,
    ])
}

struct OfferImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入帮扶意向表 · Import a sheet of offers",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    try await work.importSheet(options, school: nil) {
      try await Offers.importSheet($0, in: context)
    }
  }
}

struct OfferRecord: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "登记一个帮扶意向 · Record an offer")

  @Argument(help: "帮扶人或单位 · The sponsor") var sponsor: String
  @Option(help: ArgumentHelp("每名学生每学期的金额 · For each pupil and semester", valueName: "amount"))
  var amount: String
  @Option(help: ArgumentHelp("名额 · How many pupils", valueName: "count")) var places = 1
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("类别 · Kind of sponsor", valueName: "kind"),
    completion: .list(DonorKind.allCases.map(\.rawValue)))
  var kind: String = DonorKind.individual.rawValue
  @Flag(help: "不公开姓名 · The sponsor stays unnamed") var anonymous = false
  @Option(help: ArgumentHelp("身份证号 · Resident ID number", valueName: "number"))
  var residentID: String?
  @Option(help: ArgumentHelp("统一社会信用代码 · Unified social credit code", valueName: "code"))
  var creditCode: String?
  @Option(help: ArgumentHelp("手机号 · Mobile number", valueName: "number")) var mobile: String?
  @Option(help: ArgumentHelp("工作单位 · Where the sponsor works", valueName: "name"))
  var employer: String?
  @OptionGroup var wishes: WishOptions
  @Option(
    help: ArgumentHelp("指定学生的学籍号 · A pupil whom the sponsor names", valueName: "code"))
  var student: String?
  @Option(help: ArgumentHelp("备注 · Note", valueName: "text")) var note: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let details = SponsorDetails(
      kind: try readChoice(kind, option: "--kind", word: DonorKind.init(word:)), name: sponsor,
      anonymous: anonymous, residentID: try residentID.map { try ResidentID($0) },
      creditCode: try creditCode.map { try CreditCode($0) },
      mobile: try mobile.map { try Mobile($0) }, employer: employer)
    let amount = try Money(parsing: amount)
    let named = try student.map { try StudentCode($0) }
    let context = try await work.context(school: wishes.school)
    let offer = Offers.NewOffer(
      sponsor: details, firstSemester: try await work.semester(semester, in: context),
      amount: amount, places: places, wish: try await wishes.read(in: context), named: named,
      note: note)
    let id = try await Offers.record(offer, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已登记帮扶意向：每学期 \(amount)，\(places) 个名额，编号 \(id.shown)。",
        "The offer is recorded: \(amount) a semester, \(places) places, id \(id.shown)."),
      [("id", .id(id)), ("amount_fen", .fen(amount)), ("places", .number(Int64(places)))])
  }
}

struct OfferWithdraw: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "撤回帮扶意向，进行中的结对不受影响 · Take an offer back; pairings go on")

  @Argument(help: "意向编号 · Offer's id") var offer: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(offer)
    let lapsed = try await Offers.withdraw(id, in: work.context())
    let sentence =
      switch lapsed {
      case nil: Text("该意向早已撤回。", "The offer was withdrawn before.")
      case 0: Text("已撤回该意向。", "The offer is withdrawn.")
      case .some(let count):
        Text(
          "已撤回该意向，\(count) 个待接受的配对随之失效。", "The offer is withdrawn; \(count) proposed pairs lapse.")
      }
    try work.printer.outcome(
      sentence,
      [
        ("offer", .id(id)), ("withdrawn", .flag(lapsed != nil)),
        ("lapsed_pairs", .number(Int64(lapsed ?? 0))),
      ])
  }
}

struct OfferList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出帮扶意向 · List the offers")

  @Flag(help: "只列未撤回的 · Only open ones") var open = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Offers.list(openOnly: open, in: work.context()), Offers.Offer.columns)
  }
}

struct OfferShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一个帮扶意向 · One offer")

  @Argument(help: "意向编号 · Offer's id") var offer: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let offer = try await Offers.show(readID(offer), in: work.context())
    try work.printer.list([offer], Offers.Offer.columns, json: offer)
  }
}

struct OfferRenew: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew",
    abstract: "登记续助：原资助人优先资助原学生 · A sponsor goes on with its pupil, before all others")

  @Argument(help: "原结对编号 · The pairing's id") var pairing: String
  @Option(
    help: ArgumentHelp("每学期的金额，默认同前 · For each semester; as before", valueName: "amount"))
  var amount: String?
  @Option(
    help: ArgumentHelp("起始学期，默认原结对期满之后 · First semester", valueName: "semester"))
  var first: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try await Offers.renew(
      readID(pairing), amount: amount.map { try Money(parsing: $0) },
      first: first.map { try Semester(parsing: $0) }, key: repetition.idempotencyKey,
      in: work.context())
    try work.printer.outcome(
      Text(
        "已登记续助意向，编号 \(id.shown)；原学生优先。",
        "The renewal is recorded, id \(id.shown); its pupil comes first."), [("id", .id(id))])
  }
}

extension Offers.Offer {
  static let columns: [Column<Offers.Offer>] = [
    Column("编号", "id") { .id($0.id) },
    Column("帮扶人", "sponsor") { .text($0.sponsor) },
    Column("类别", "kind") { .text($0.sponsorKind.name($1)) },
    Column("起始学期", "from") { .text("\($0.firstSemester)") },
    Column("每学期", "a semester", right: true) { .money($0.amount) },
    Column("名额", "places", right: true) { .integer(Int64($0.places)) },
    Column("已结对", "taken", right: true) { .integer(Int64($0.taken)) },
    Column("意愿", "wishes") { offer, language in .text(offer.wishes(language)) },
    Column("限定", "limited to") { offer, language in .text(offer.limited(language)) },
    Column("指定学生", "named pupil") { .optional($0.named) },
    Column("续助", "renews") { $0.renews.map { .id($0) } ?? .empty },
    Column("有效", "open") { .yesNo($0.isOpen, $1) },
  ]

  private func words(_ language: Language, limits isLimit: Bool) -> String {
    let words: [(Wish.Item, String?)] = [
      (.region, wishRegion),
      (.school, wishSchool.map { ([$0] + otherSchools).joined(separator: "、") }),
      (.grade, wishGrade),
      (.gender, wishGender?.name(language)),
    ]
    let weights = Dictionary(uniqueKeysWithValues: zip(Wish.Item.allCases, weights ?? []))
    return words.compactMap { item, word in
      guard let word, limits.contains(item) == isLimit else { return nil }
      let weight = weights[item] ?? 1
      return weight == 1 || isLimit ? word : "\(word)×\(weight)"
    }.joined(separator: " ")
  }

  fileprivate func wishes(_ language: Language) -> String { words(language, limits: false) }

  fileprivate func limited(_ language: Language) -> String { words(language, limits: true) }
}
