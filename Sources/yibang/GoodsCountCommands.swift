import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct GoodsCount: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "count", abstract: "盘点 · Count goods at a place",
    discussion: """
      写 书包=18，或先用 --sheet 开表、填好后用 --filled 导入；没有盘点的物品不变
      Give 书包=18, or draw a sheet with --sheet and read it back with --filled; what is not counted stays
      """)

  @Argument(help: "物品=实盘数量 · ITEM=COUNTED") var counted: [String] = []
  @Option(help: ArgumentHelp("差异原因 · Why it differs", valueName: "text")) var reason: String?
  @Option(
    help: ArgumentHelp("写出盘点表 .xlsx 或 .csv · Write a count sheet", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var sheet: String?
  @Option(
    help: ArgumentHelp("导入填好的盘点表 · Read a filled count sheet", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var filled: String?
  @Flag(help: "只查看，不写入 · Show the report and write nothing") var dryRun = false
  @OptionGroup var place: PlaceOption
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    let ways = [!counted.isEmpty, sheet != nil, filled != nil].filter { $0 }.count
    if ways != 1 {
      throw ValidationError(
        "写 物品=数量、--sheet 或 --filled 之一 · Give one of ITEM=N, --sheet and --filled.")
    }
  }

  func run(_ work: Work) async throws {
    let (context, school, occasion) = try await work.occasion(options, reason: reason)
    let place = try await Goods.place(named: place.place, school: school, in: context)
    if let sheet { return try await draw(sheet, of: place, occasion.date, work, context) }
    if let filled { return try await read(filled, at: place, occasion, work, context) }
    let amounts = try await work.amounts(counted, school: school, in: context)
    let (id, differences) = try await Goods.count(
      amounts.map { .init(item: $0.item, quantity: $0.quantity) }, at: place.id, occasion,
      key: options.repetition.idempotencyKey, in: context)
    if work.settings.format == .json { return try work.printer.json(differences) }
    work.printer.notice(
      Text(
        "已盘点 \(amounts.count) 种物品，\(differences.count) 处差异（\(id.shown)）。",
        "Counted \(amounts.count) items, \(differences.count) differences (\(id.shown))."))
    try work.printer.list(
      differences,
      [
        Column("物品", "item") { .text($0.item) },
        Column("账面", "booked", right: true) { .integer($0.booked) },
        Column("实盘", "counted", right: true) { .integer($0.counted) },
        Column("原因", "reason") { .text($0.reason) }, Column("编号", "event") { .id($0.event) },
      ])
  }

  private func draw(
    _ path: String, of place: Goods.Place, _ day: CalendarDate, _ work: Work, _ context: Context
  ) async throws {
    let table = try await Goods.countSheet(of: place, on: day, in: context)
    if path.lowercased().hasSuffix(".xlsx") {
      try writeXlsx([(name: place.name, table: table)], to: path)
    } else if path.lowercased().hasSuffix(".csv") {
      try Data(csvBytes(table)).write(to: URL(filePath: path))
    } else {
      throw ArgumentError.choice(path, option: "--sheet", known: [".xlsx", ".csv"])
    }
    try work.printer.outcome(
      Text(
        "已写出“\(place.name)”盘点表，\(table.rows.count) 种物品：\(path)",
        "Wrote the count sheet of “\(place.name)”, \(table.rows.count) items: \(path)"),
      [("path", .text(path)), ("rows", .number(Int64(table.rows.count)))])
  }

  private func read(
    _ path: String, at place: Goods.Place, _ occasion: Goods.Occasion, _ work: Work,
    _ context: Context
  ) async throws {
    let code = try await Schools.list(in: context).first { $0.id == place.school }
    let request = ImportRequest(
      path: path, school: code, semester: occasion.semester, today: work.settings.today,
      dryRun: dryRun)
    let report = try await Goods.importCount(request, at: place, on: occasion.date, in: context)
    try work.tell(report, skippedRefused: false)
    if report.hasRefusals { throw ExitCode(ExitStatus.badData) }
  }
}

struct GoodsKit: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "kit", abstract: "规定组合包的内容，或列出 · Say what a kit holds, or list the kits")

  @Argument(help: "组合包 · Kit") var kit: String?
  @Argument(help: "物品=数量 · ITEM=N") var components: [String] = []
  @OptionGroup var school: SchoolOption
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let home = school?.id ?? context.actor.schoolID
    if let kit {
      let item = try await Goods.item(named: kit, school: home, in: context)
      let amounts = try await work.amounts(components, school: home, in: context)
      let id = try await Goods.define(
        kit: item.id, of: amounts, key: repetition.idempotencyKey, in: context)
      return try work.printer.outcome(
        Text(
          "已规定 \(item.label) 的内容：\(components.joined(separator: "、"))。",
          "\(item.label) now holds \(components.joined(separator: ", "))."), [("id", .id(id))])
    }
    let kits = try await Goods.kits(in: context)
    try work.printer.list(
      kits.flatMap { kit in kit.components.map { (kit, $0) } },
      [
        Column("组合包", "kit") { .text($0.0.name) },
        Column("版本", "version", right: true) { .integer(Int64($0.0.version)) },
        Column("物品", "item") { .text($0.1.name) },
        Column("数量", "quantity", right: true) { .integer($0.1.quantity) },
      ], json: kits)
  }
}

struct GoodsAssemble: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "assemble", abstract: "组包 · Assemble kits at a place")

  @Argument(help: "组合包 · Kit") var kit: String
  @Argument(help: "数量 · How many") var count: Int64
  @OptionGroup var place: PlaceOption
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school, occasion) = try await work.occasion(options)
    let item = try await Goods.item(named: kit, school: school, in: context)
    let place = try await Goods.place(named: place.place, school: school, in: context)
    let event = try await Goods.assemble(
      kit: item.id, count: count, at: place.id, occasion,
      key: options.repetition.idempotencyKey, in: context)
    try work.done("已组 \(item.label) \(count)", "Assembled \(count) of \(item.label)", event: event)
  }
}
