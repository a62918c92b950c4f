import ArgumentParser
import Spreadsheet
import Yibang

struct DonorFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "donor", abstract: "捐赠人 · Donors",
    subcommands: [
      DonorAdd.self, DonorFind.self, DonorList.self, DonorStatementCommand.self, DonorCopy.self,
      DonorContact.self, DonorImportContacts.self, DonorRequests.self, DonorAnonymous.self,
      DonorDuplicates.self,
      DonorMerge.self,
      DonorUnmerge.self, DonorMergeList.self,
    ])
}

/// Who gives, as options say it.
struct DonorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "类别：教师、学生、企业、组织、个人、党员 · Kind of donor", valueName: "kind"),
    completion: .list(DonorKind.allCases.map(\.rawValue)))
  var kind: String = DonorKind.individual.rawValue
  @Flag(help: "不公开姓名 · The donor stays unnamed") var anonymous = false
  @Option(name: .customLong("class"), help: ArgumentHelp("班级 · Class", valueName: "class"))
  var className: String?

  func details(name: String) throws -> DonorDetails {
    DonorDetails(
      named: name, kind: try readChoice(kind, option: "--kind", word: DonorKind.init(word:)),
      anonymous: anonymous, className: className)
  }
}

/// The numbers by which a donor is known.
struct DonorNumberOptions: ParsableArguments {
  @Option(help: ArgumentHelp("身份证号（加密保存） · Resident ID, stored sealed", valueName: "number"))
  var residentID: String?
  @Option(help: ArgumentHelp("统一社会信用代码 · Credit code of an organisation", valueName: "code"))
  var creditCode: String?
  @Option(help: ArgumentHelp("手机号（加密保存） · Mobile number, stored sealed", valueName: "number"))
  var phone: String?

  func numbers() throws -> DonorNumbers {
    DonorNumbers(
      residentID: try residentID.map { try ResidentID($0) },
      creditCode: try creditCode.map { try CreditCode($0) },
      mobile: try phone.map { try Mobile($0) }
    )
  }
}

struct DonorAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记捐赠人 · Add a donor",
    discussion: "同一证件号只有一位捐赠人 · One identity number is one donor")

  @Argument(help: "姓名或单位 · Name of the person or organisation") var name: String
  @OptionGroup var donor: DonorOptions
  @OptionGroup var numbers: DonorNumberOptions
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donor = IdentifiedDonor(try donor.details(name: name), try numbers.numbers())
    let (context, school) = try await work.place(school)
    let (id, added) = try await Donors.add(donor, school: school?.id, in: context)
    try work.printer.outcome(
      added
        ? Text("捐赠人已登记，编号 \(id.shown)。", "The donor is on record with the id \(id.shown).")
        : Text(
          "这位捐赠人早已登记，编号 \(id.shown)。", "This donor was on record before, id \(id.shown)."),
      [("id", .id(id)), ("added", .flag(added))])
  }
}

struct DonorFind: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "按证件号或手机号查找捐赠人 · Find a donor by a number",
    discussion: "结果打码；--reveal 写明理由后显示全部，记入审计 · Masked, unless a reason is given")

  @OptionGroup var numbers: DonorNumberOptions
  @Option(help: ArgumentHelp("或：捐赠人编号，与 --reveal 同用 · Or its id", valueName: "id"))
  var id: String?
  @Option(
    help: ArgumentHelp("显示证件号的理由，记入审计 · Why numbers are shown", valueName: "reason"))
  var reveal: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if id != nil && reveal == nil {
      throw ValidationError("--id 须与 --reveal 同用 · --id goes with --reveal.")
    }
  }

  func run(_ work: Work) async throws {
    let numbers = try numbers.numbers()
    let known = try id.map { try readID($0) }
    let context = try await work.context()
    guard let reveal else {
      return try work.printer.list(await Donors.find(numbers, in: context), Self.found)
    }
    var ids = [known].compactMap { $0 }
    if ids.isEmpty { ids = try await Donors.find(numbers, in: context).map(\.id) }
    var identities: [Donors.Identity] = []
    for id in ids where !identities.contains(where: { $0.id == id }) {
      identities += try await Donors.reveal(id, reason: reveal, in: context)
    }
    try work.printer.list(identities, Self.revealed)
  }

  private static let found: [Column<Donors.Found>] = [
    Column("编号", "id") { .id($0.id) },
    Column("类别", "kind") { .text($0.kind.name($1)) },
    Column("名称", "name") { .text($0.name) },
    Column("学校", "school") { .optional($0.school) },
    Column("有证件号", "identity") { .yesNo($0.hasIdentity, $1) },
    Column("有手机号", "phone") { .yesNo($0.hasPhone, $1) },
    Column("并入", "merged into") { .optional($0.mergedInto?.shown) },
  ]
  private static let revealed: [Column<Donors.Identity>] = [
    Column("编号", "id") { .id($0.id) },
    Column("类别", "kind") { .text($0.kind.name($1)) },
    Column("名称", "name") { .text($0.name) },
    Column("身份证号", "resident ID") { .optional($0.residentID) },
    Column("信用代码", "credit code") { .optional($0.creditCode) },
    Column("手机号", "mobile") { .optional($0.mobile) },
    Column("单位", "employer") { .optional($0.employer) },
  ]
}

struct DonorList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出捐赠人 · List the donors")

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Donors.list(school: school?.id, in: context),
      [
        Column("编号", "id") { .id($0.id) },
        Column("类别", "kind") { .text($0.kind.name($1)) },
        Column("名称", "name") { .text($0.name) },
        Column("班级", "class") { .optional($0.className) },
        Column("并入", "merged into") { .optional($0.mergedInto?.shown) },
      ])
  }
}

struct DonorAnonymous: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "anonymous", abstract: "公开或不公开姓名 · Whether a donor is named",
    discussion: "off 须有捐赠人的同意 · off needs the donor's recorded consent")

  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case on, off
  }

  @Argument(help: "捐赠人编号 · The donor's id") var donor: String
  @Argument(help: "on 不公开 · off 公开") var choice: Choice
  @Option(help: ArgumentHelp("同意书所在 · Where the consent is kept", valueName: "proof"))
  var consent: String?
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donor = try readID(donor)
    let context = try await work.context()
    let (id, changed) = try await Donors.setAnonymous(
      donor, choice == .on, consent: consent, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      choice == .on
        ? Text("今后各处不显示这位捐赠人的姓名。", "From now on the donor is named nowhere.")
        : Text("今后显示这位捐赠人的姓名。", "From now on the donor is named."),
      [("id", .id(id)), ("anonymous", .flag(choice == .on)), ("changed", .flag(changed))])
  }
}
