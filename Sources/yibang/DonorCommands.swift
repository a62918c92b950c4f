import ArgumentParser
import Spreadsheet
import Yibang

struct DonorFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "donor", abstract: "捐赠人 · Donors",
    subcommands: [DonorAdd.self, DonorList.self])
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
      kind: try readChoice(kind, option: "--kind", word: DonorKind.init(word:)),
      name: normalizeText(name),
      anonymous: anonymous || DonorDetails.unnamed.contains(normalizeText(name)),
      className: className)
  }
}

struct DonorAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记捐赠人 · Add a donor")

  @Argument(help: "姓名或单位 · Name of the person or organisation") var name: String
  @OptionGroup var donor: DonorOptions
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let details = try donor.details(name: name)
    let (context, school) = try await work.place(school)
    let id = try await Donors.donor(details, school: school?.id, in: context)
    try work.printer.outcome(
      Text("捐赠人已登记，编号 \(id.shown)。", "The donor is on record with the id \(id.shown)."),
      [("id", .id(id))])
  }
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
      ])
  }
}
