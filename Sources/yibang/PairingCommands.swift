import ArgumentParser
import SchoolCalendar
import Spreadsheet
import Yibang

struct PairingFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairing", abstract: "结对 · Pairings",
    subcommands: [
      PairingList.self, PairingShow.self, PairingCoverage.self, PairingCover.self,
      PairingCovers.self, PairingAmend.self, PairingChanges.self, PairingEnd.self,
      PairingReasons.self, PairingSettings.self, PairingImport.self,
      PairingHistory.self, PairingComplete.self,
    ])
}

struct PairingList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出结对 · List the pairings")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Option(
    help: ArgumentHelp("状态：running、ended · State", valueName: "state"),
    completion: .list(Pairings.State.allCases.map(\.rawValue)))
  var state: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let state: Pairings.State? = try state.map { try readChoice($0, option: "--state") }
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Pairings.list(
        school: school?.id, semester: semester.named(), state: state, in: context),
      Self.columns)
  }

  static let columns: [Column<Pairings.Pairing>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学生", "pupil") { .text($0.pupil) },
    Column("学校", "school") { .text($0.school) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) },
    Column("帮扶人", "sponsor") { .text($0.sponsor) },
    Column("起", "from") { .text("\($0.firstSemester)") },
    Column("止", "to") { .text("\($0.lastSemester)") },
    Column("承诺", "promised", right: true) { .money($0.promised) },
    Column("已到账", "received", right: true) { .money($0.received) },
    Column("状态", "state") {
      .text($0.seeksAnother ? Text("另找资助人", "another is looked for")($1) : $0.state.name($1))
    },
  ]
}

struct PairingShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一对及其六期资助款 · A pairing and its six instalments")

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws { try await work.tellCommitment(of: pairing) }
}

struct CommitmentFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commitment", abstract: "三年承诺 · Commitments",
    subcommands: [CommitmentShow.self])
}

struct CommitmentShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一对的三年承诺：六期 · The six instalments of a pairing")

  @Argument(help: "结对编号 · Pairing's id") var pairing: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws { try await work.tellCommitment(of: pairing) }
}

extension Work {
  fileprivate func tellCommitment(of pairing: String) async throws {
    let commitment = try await Commitments.show(
      pairing: readID(pairing), today: settings.today, in: context())
    guard settings.format == .table else {
      return try printer.list(commitment.instalments, Instalment.columns, json: commitment)
    }
    try standardOutput(story(commitment))
  }

  /// Who is supported by whom, and what of the promise has come in.
  func story(_ commitment: Commitments.Commitment) -> String {
    let semesters = "\(commitment.firstSemester) – \(commitment.lastSemester)"
    let head = Text(
      "\(commitment.school) \(commitment.pupil) ← \(commitment.sponsor)，\(semesters)\n"
        + "承诺 \(commitment.promised)，已到账 \(commitment.received)，"
        + "未到账 \(commitment.outstanding)\n",
      "\(commitment.pupil) of \(commitment.school) ← \(commitment.sponsor), \(semesters)\n"
        + "promised \(commitment.promised), received \(commitment.received), "
        + "outstanding \(commitment.outstanding)\n")
    return head(language) + printer.table(commitment.instalments, Instalment.columns)
  }
}
