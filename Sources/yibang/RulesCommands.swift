import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct RulesFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "认定办法 · Rule sets of recognition",
    subcommands: [
      RulesList.self, RulesShow.self, RulesCheck.self, RulesImport.self, RulesUse.self,
      RulesExport.self, RulesCompare.self,
    ])
}

/// One rule set by its name, and a version where it is not the latest.
struct RuleSetOptions: ParsableArguments {
  @Argument(help: "认定办法，见 rules list · Rule set: see rules list") var ruleSet: String
  @Option(name: .customLong("rule-version"), help: ArgumentHelp("版本，默认最新 · Default: the latest"))
  var version: Int?

  func find(in book: RuleBook) throws -> RuleSet {
    try book.rules(ruleSet, version: version)
  }
}

struct RulesList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出认定办法，和本区从何时起用哪一个 · List the rule sets")

  private struct Entry: Encodable {
    let id: String
    let version: Int
    let region: String
    let document: String
    let from: String?
    let to: String?
    let mode: String
    let usedFrom: [String]

    enum CodingKeys: String, CodingKey {
      case id, version, region, document, from, to, mode
      case usedFrom = "used_from"
    }
  }

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let book = try await RuleSets.book(in: work.context())
    let english = work.language == .en
    let entries = book.sets.map { rules in
      Entry(
        id: rules.id, version: rules.version,
        region: english ? rules.region.label.en : rules.region.label.zh, document: rules.document,
        from: rules.effectiveFrom.map { "\($0)" }, to: rules.effectiveTo.map { "\($0)" },
        mode: rules.mode.rawValue,
        usedFrom: book.years(from: rules).map { "\($0)" })
    }
    try work.printer.list(
      entries,
      [
        Column("认定办法", "rule set") { .text($0.id) },
        Column("版本", "version", right: true) { .count($0.version) },
        Column("地区", "region") { .text($0.region) },
        Column("文件", "document") { .text($0.document) },
        Column("自", "from") { .optional($0.from) },
        Column("至", "to") { .optional($0.to) },
        Column("方式", "mode") { .text($0.mode) },
        Column("本区起用学年", "used from") { .text($0.usedFrom.joined(separator: " ")) },
      ])
  }
}

struct RulesShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "一个认定办法的类别、证明、因素和排除情形 · What a rule set says")

  @OptionGroup var which: RuleSetOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.show(try which.find(in: try await RuleSets.book(in: work.context())))
  }
}

extension Printer {
  /// A rule set: all of it as JSON, its categories as CSV, a story as a table.
  func show(_ rules: RuleSet) throws {
    let columns: [Column<HardshipRecognition.Category>] = [
      Column("类别", "category") { .text($0.code) },
      Column("序号", "numeral") { .text($0.numeral) },
      Column("名称", "name") { .text($1 == .zh ? $0.label.zh : $0.label.en) },
      Column("等级", "tier") { category, language in
        .optional(category.defaultTier.map { Text(rules.label(of: $0))(language) })
      },
      Column("证明部门（一家即可）", "proof, one of") {
        .text($0.departments.joined(separator: " "))
      },
      Column("已核实", "verified") { .yesNo($0.verified, $1) },
    ]
    switch format {
    case .json: try standardOutput(String(decoding: rules.json, as: UTF8.self) + "\n")
    case .csv: try list(rules.categories, columns, json: rules)
    case .table:
      try standardOutput(
        Text(
          "\(rules.region.label.zh) \(rules.document)（\(rules.id) 第 \(rules.version) 版）\n\n",
          "\(rules.region.label.en) \(rules.document) (\(rules.id) version \(rules.version))\n\n")(
            language))
      try standardOutput(table(rules.categories, columns))
      try tell(Text("因素", "Factors"), rules.factors.map { ($0.code, Text($0.label)) })
      try tell(Text("排除情形", "Disqualifiers"), rules.disqualifiers.map { ($0.code, Text($0.label)) })
      for item in rules.scoreCard?.items ?? [] {
        try tell(
          Text("评分项 \(item.code) \(item.label.zh)", "Score item \(item.code): \(item.label.en)"),
          item.options.map {
            (
              $0.code,
              Text("\($0.label.zh)（\($0.points) 分）", "\($0.label.en) (\($0.points) points)")
            )
          })
      }
    }
  }

  private func tell(_ title: Text, _ lines: [(code: String, label: Text)]) throws {
    guard !lines.isEmpty else { return }
    let listed = lines.map { "  \($0.code)  \($0.label(language))\n" }.joined()
    try standardOutput("\n\(title(language))\n\(listed)")
  }
}

extension Text {
  init(_ phrase: Phrase) {
    self.init(phrase.zh, phrase.en)
  }
}

struct RulesCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "检查认定办法文件 · Check rule sets in files",
    discussion: "不写入；多个文件一起检查日期是否重叠 · Writes nothing; dates are checked across the files")

  private struct Line: Encodable {
    let severity: String
    let path: String
    let code: String
    let message: String
  }

  @Argument(help: "文件 · Files", completion: .file(extensions: ["json"])) var files: [String]
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let printer = try Settings(global).printer
    let sets = try files.map { try RuleSets.read($0) }
    let lines = RuleSets.findings(in: sets).map { finding in
      Line(
        severity: finding.severity.rawValue, path: finding.path, code: finding.code.rawValue,
        message: printer.language == .zh ? finding.zh : finding.en)
    }
    try printer.list(
      lines,
      [
        Column("程度", "severity") { .text($0.severity) },
        Column("位置", "path") { .text($0.path) },
        Column("代码", "code") { .text($0.code) },
        Column("问题", "problem") { .text($0.message) },
      ])
    if lines.contains(where: { $0.severity == "error" }) { throw ExitCode(ExitStatus.badData) }
  }
}

struct RulesImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入本区的认定办法（JSON） · Import a rule set",
    discussion: "已导入的版本不可更改，改动用新版本号 · A stored version never changes: a change is a new version")

  @Argument(help: "文件 · File", completion: .file(extensions: ["json"])) var file: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let rules = try RuleSets.read(file)
    let added = try await RuleSets.store(rules, in: work.context())
    for finding in rules.findings {
      work.printer.notice(Text(finding.zh, finding.en))
    }
    try work.printer.outcome(
      added
        ? Text(
          "已导入 \(rules.id) 第 \(rules.version) 版。起用：yibang rules use \(rules.id)。",
          "Imported \(rules.id) version \(rules.version). To use it: yibang rules use \(rules.id).")
        : Text("早已导入，没有变化。", "It was imported before; nothing changed."),
      [
        ("id", .text(rules.id)), ("version", .number(Int64(rules.version))),
        ("added", .flag(added)),
      ])
  }
}

struct RulesUse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "use", abstract: "本区从某学年起用哪个认定办法 · Choose the rules from a school year on")

  @OptionGroup var which: RuleSetOptions
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let year = try await work.semester(semester, in: context).schoolYear
    let (rules, changed) = try await RuleSets.use(
      which.ruleSet, version: which.version, from: year, in: context)
    try work.printer.outcome(
      changed
        ? Text(
          "自\(year.zh)起用 \(rules.id) 第 \(rules.version) 版；已开始的认定不变。",
          "From \(year) on \(rules.id) version \(rules.version) holds; what has begun keeps its rules."
        )
        : Text("没有变化。", "Nothing changed."),
      [
        ("id", .text(rules.id)), ("version", .number(Int64(rules.version))),
        ("school_year", .text("\(year)")), ("changed", .flag(changed)),
      ])
  }
}

struct RulesExport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "输出认定办法的 JSON，可修改后导入 · A rule set as JSON",
    discussion: "格式见 --schema · For the format see --schema")

  @OptionGroup var which: RuleSetOptions
  @Flag(help: "改为输出 JSON Schema · The JSON Schema instead") var schema = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let rules = try which.find(in: try await RuleSets.book(in: work.context()))
    try standardOutput(String(decoding: schema ? RuleSet.schema : rules.json, as: UTF8.self) + "\n")
  }
}

struct RulesCompare: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "改用某认定办法，谁的等级会变 · Who gains and loses under other rules",
    discussion: """
      按已登记的事实重新得出等级，不改变任何认定；查看会被记录 · Nothing is changed; reading is recorded. \
      --format csv、json 边读边写 · csv and json (a line each) are written while pupils are read
      """)

  /// More than this many lines of a table nobody reads.
  private static let tableRows = 500

  @OptionGroup var which: RuleSetOptions
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private static let columns: [Column<Reassessment.Change>] = [
    Column("学生", "pupil") { .id($0.student) },
    Column("学校", "school") { .text($0.school) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) },
    Column("姓名", "name") { .text($0.name) },
    Column("变化", "change") {
      .text(($0.direction == .gains ? Text("提高", "gains") : Text("降低", "loses"))($1))
    },
    Column("原等级", "before") { .optional($0.before?.name($1)) },
    Column("新等级", "after") { .optional($0.after?.name($1)) },
    Column("缺证明的类别", "lacks proof of") { .text($0.missing.joined(separator: " ")) },
  ]

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let year = try await work.semester(semester, in: context).schoolYear
    let rules = try which.find(in: try await RuleSets.book(in: context))
    let printer = work.printer
    let rows = RowPrinter(printer, Self.columns, tableRows: Self.tableRows)
    let totals = try await Reassessment.compare(
      school: school?.id, year: year, with: rules, in: context
    ) { try rows.print($0) }
    try rows.finish()
    printer.notice(
      Text(
        "共 \(totals.pupils) 人，提高 \(totals.gain) 人，降低 \(totals.lose) 人。没有改变任何认定。",
        "Of \(totals.pupils) pupils \(totals.gain) gain and \(totals.lose) lose. Nothing was changed."
      ))
  }
}
