import ArgumentParser
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct MatchCompare: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "比较两份方案 · Two proposals side by side")

  @Argument(help: "前一份 · The first proposal's id") var first: String
  @Argument(help: "后一份 · The second proposal's id") var second: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let comparison = try await Proposals.compare(
      readID(first), readID(second), in: work.context())
    guard work.settings.format == .table else {
      return try work.printer.list(comparison.differences, Self.differences, json: comparison)
    }
    let sides = work.printer.table([comparison.first, comparison.second], Self.sides)
    let same = Text("相同 \(comparison.same) 对。\n", "\(comparison.same) pairs are the same.\n")
    let differences =
      comparison.differences.isEmpty
      ? "" : "\n" + work.printer.table(comparison.differences, Self.differences)
    try standardOutput(sides + "\n" + same(work.language) + differences)
  }

  private static let sides: [Column<Proposals.Comparison.Side>] =
    [
      Column("方案", "proposal") { .id($0.summary.id) },
      Column("配对", "pairs", right: true) { .integer(Int64($0.summary.pairs)) },
    ]
    + Tier.allCases.map { tier in
      Column(tier.name.zh, tier.name.en, right: true) {
        .integer(Int64($0.served[tier.rawValue] ?? 0))
      }
    }
    + [
      Column("意愿得分", "wishes' score", right: true) { .count($0.summary.score) },
      Column("每学期合计", "a semester", right: true) { .money($0.amount) },
      Column("未配上", "left over", right: true) {
        .integer(Int64($0.summary.unserved.map(\.count).reduce(0, +)))
      },
      Column("剩余名额", "free places", right: true) {
        .integer(Int64($0.summary.freePlaces.map(\.count).reduce(0, +)))
      },
    ]

  private static let differences: [Column<Proposals.Comparison.Difference>] = [
    Column("变化", "change") { .text($0.kind.name($1)) },
    Column("学生", "pupil") { .text($0.pupil) },
    Column("学校", "school") { .text($0.school) },
    Column("等级", "tier") { .optional($0.tier?.name($1)) },
    Column("前一份", "first") { .optional($0.first) },
    Column("后一份", "second") { .optional($0.second) },
  ]
}

struct MatchWhatIf: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if",
    abstract: "试算：增减一个意向或学生会怎样，不作登记 · What one more or one fewer would change; nothing is stored",
    discussion: "只用其一 · One of --offer, --pupil-at, --without-offer, --without-pupil")

  @Argument(help: "学期 · Semester") var semester: String
  @Option(help: ArgumentHelp("增加一个意向，每学期金额 · One more offer", valueName: "amount"))
  var offer: String?
  @Option(help: ArgumentHelp("其名额 · Its places", valueName: "count")) var places = 1
  @OptionGroup var wishes: WishOptions
  @Option(
    help: ArgumentHelp("增加一名该校学生 · One more pupil, of this school", valueName: "code"))
  var pupilAt: String?
  @Option(
    help: ArgumentHelp("其等级 · Its tier", valueName: "tier"),
    completion: .list(Tier.allCases.map(\.rawValue)))
  var tier = Tier.difficult.rawValue
  @Option(help: ArgumentHelp("其年级 · Its grade", valueName: "grade")) var grade: String?
  @Option(help: ArgumentHelp("其性别 · Its gender", valueName: "gender")) var gender: String?
  @Option(help: ArgumentHelp("其起始等待日期 · Waiting since", valueName: "date"))
  var waiting: String?
  @Option(help: ArgumentHelp("减去一个意向 · Without this offer", valueName: "id"))
  var withoutOffer: String?
  @Option(help: ArgumentHelp("减去一名学生 · Without this pupil", valueName: "id"))
  var withoutPupil: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard [offer, pupilAt, withoutOffer, withoutPupil].filter({ $0 != nil }).count == 1 else {
      throw ValidationError(
        "写明 --offer、--pupil-at、--without-offer、--without-pupil 之一 · Give one of them.")
    }
  }

  func run(_ work: Work) async throws {
    let semester = try Semester(parsing: semester)
    let context = try await work.context(school: pupilAt ?? wishes.school)
    let result = try await WhatIf.run(semester, change(work, context), in: context)
    guard work.settings.format == .table else {
      return try work.printer.list(result.lines, Self.columns, json: result)
    }
    let story = Text(
      "配对由 \(result.pairsBefore) 对变为 \(result.pairsAfter) 对，涉及 \(result.lines.count) 名学生；"
        + "新得到资助 \(result.lines.count(where: \.isServed)) 名。没有登记任何内容。\n",
      "\(result.pairsBefore) pairs become \(result.pairsAfter); \(result.lines.count) pupils are "
        + "reached, \(result.lines.count(where: \.isServed)) newly served. Nothing is stored.\n")
    let lines =
      result.lines.isEmpty ? "" : "\n" + work.printer.table(result.lines, Self.columns)
    try standardOutput(story(work.language) + lines)
  }

  private func change(_ work: Work, _ context: Context) async throws -> WhatIf.Change {
    if let withoutOffer { return .withoutOffer(try readID(withoutOffer)) }
    if let withoutPupil { return .withoutPupil(try readID(withoutPupil)) }
    if let offer {
      return .offer(
        amount: try Money(parsing: offer), places: places, wish: try await wishes.read(in: context))
    }
    let school = try await Schools.find(code: SchoolCode(pupilAt ?? "").text, in: context)
    return .pupil(
      school: school.id, grade: grade,
      gender: try WishOptions.gender(gender, option: "--gender"),
      tier: try readChoice(tier, option: "--tier") { word in
        Tier.allCases.first { $0.name.zh == word }
      },
      waitingSince: try waiting.map { try readDate($0, option: "--waiting") }
        ?? work.settings.today)
  }

  private static let columns: [Column<WhatIf.Line>] = [
    Column("学生", "pupil") { line, language in
      .text(line.student == nil ? Text("（新增）", "(added)")(language) : line.pupil)
    },
    Column("学校", "school") { .text($0.school) },
    Column("等级", "tier") { .text($0.tier.name($1)) },
    Column("原来", "before") { .optional($0.before) },
    Column("变为", "after") { .optional($0.after) },
    Column("理由", "reason") { .text($0.reason.text($1)) },
  ]
}
