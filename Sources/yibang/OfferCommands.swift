import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct OfferFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "帮扶意向 · Sponsors' offers",
    subcommands: [OfferImport.self, OfferRecord.self, OfferWithdraw.self, OfferList.self])
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
  @Option(help: ArgumentHelp("希望的学校 · Wished school's code", valueName: "code"))
  var wishSchool: String?
  @Option(help: ArgumentHelp("希望的年级 · Wished grade", valueName: "grade"))
  var wishGrade: String?
  @Option(help: ArgumentHelp("希望的性别：男、女 · Wished gender", valueName: "gender"))
  var wishGender: String?
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
    let gender = try wishGender.map { try Self.gender($0) }
    let context = try await work.context(school: wishSchool)
    var wish = Wish(grade: wishGrade, gender: gender)
    if let wishSchool {
      wish.school = try await Schools.find(code: SchoolCode(wishSchool).text, in: context).id
    }
    let offer = Offers.NewOffer(
      sponsor: details, firstSemester: try await work.semester(semester, in: context),
      amount: amount, places: places, wish: wish, note: note)
    let id = try await Offers.record(offer, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text(
        "已登记帮扶意向：每学期 \(amount)，\(places) 个名额，编号 \(id.shown)。",
        "The offer is recorded: \(amount) a semester, \(places) places, id \(id.shown)."),
      [("id", .id(id)), ("amount_fen", .fen(amount)), ("places", .number(Int64(places)))])
  }

  private static func gender(_ word: String) throws(ArgumentError) -> ResidentID.Gender {
    switch word {
    case "男", "male": .male
    case "女", "female": .female
    default: throw .choice(word, option: "--wish-gender", known: ["male", "female"])
    }
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
      await Offers.list(openOnly: open, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("帮扶人", "sponsor") { .text($0.sponsor) },
        Column("类别", "kind") { .text($0.sponsorKind.name($1)) },
        Column("起始学期", "from") { .text("\($0.firstSemester)") },
        Column("每学期", "a semester", right: true) { .money($0.amount) },
        Column("名额", "places", right: true) { .integer(Int64($0.places)) },
        Column("已结对", "taken", right: true) { .integer(Int64($0.taken)) },
        Column("意愿", "wishes") { offer, language in .text(offer.wishes(language)) },
        Column("有效", "open") { .yesNo($0.isOpen, $1) },
      ])
  }
}

extension Offers.Offer {
  fileprivate func wishes(_ language: Language) -> String {
    [wishSchool, wishGrade, wishGender?.name(language)].compactMap { $0 }.joined(separator: " ")
  }
}
