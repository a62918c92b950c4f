import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct GoodsFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goods", abstract: "捐物 · Gifts in kind",
    discussion: """
      物品写成 书包=3 或 书包/个=3 · Goods are written 书包=3, or 书包/个=3 with their unit
      """,
    subcommands: [
      GoodsItem.self, GoodsPlace.self, GoodsReceive.self, GoodsAppraise.self, GoodsMove.self,
      GoodsCount.self, GoodsHandOut.self, GoodsImport.self, GoodsSign.self, GoodsOpen.self,
      GoodsReceived.self, GoodsWriteOff.self, GoodsKit.self, GoodsAssemble.self,
      GoodsReverse.self, GoodsStock.self, GoodsCard.self, GoodsTrace.self,
    ])
}

/// Where and when goods move, and on what paper.
struct GoodsOptions: ParsableArguments {
  @OptionGroup var school: SchoolOption
  @OptionGroup var day: DayOption
  @OptionGroup var semester: SemesterOption
  @Option(help: ArgumentHelp("凭证 · The paper that it rests on", valueName: "text"))
  var source: String?
  @OptionGroup var repetition: RepetitionOption
}

/// The place of a command.
struct PlaceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("存放点，默认“库房” · Place; 库房 if left out", valueName: "place"))
  var place: String?
}

extension Work {
  /// The school, day and semester of goods at work.
  func occasion(
    _ options: GoodsOptions, reason: String? = nil
  ) async throws -> (context: Context, school: UUID?, occasion: Goods.Occasion) {
    let day = try options.day.day(settings)
    let (context, school) = try await place(options.school)
    let semester = try await semester(options.semester, on: day, in: context)
    let occasion = Goods.Occasion(
      semester: semester, date: day, reason: reason, source: options.source)
    return (context, school?.id ?? context.actor.schoolID, occasion)
  }

  /// 书包=3 as an item and its quantity.
  func amounts(
    _ words: [String], school: UUID?, in context: Context
  ) async throws -> [Goods.Amount] {
    var amounts: [Goods.Amount] = []
    for word in words {
      let parts = word.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let quantity = Int64(parts[1]) else {
        throw ArgumentError.choice(word, option: "ITEM=N", known: ["书包=3", "书包/个=3"])
      }
      let item = try await Goods.item(named: String(parts[0]), school: school, in: context)
      amounts.append(.init(item: item.id, quantity: quantity))
    }
    return amounts
  }

  /// Tells what was done, and the event's id.
  func done(_ zh: String, _ en: String, event: UUID) throws {
    try printer.outcome(
      Text("\(zh)，记录编号 \(event.shown)。", "\(en), event \(event.shown)."), [("event", .id(event))])
  }
}

struct GoodsItem: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "列出或登记物品 · List the items, or add one")

  @Argument(help: "新物品的名称 · Name of a new item") var name: String?
  @Option(help: ArgumentHelp("计量单位，如 个 · Unit", valueName: "unit")) var unit: String?
  @Option(
    help: ArgumentHelp(
      "类别：books、stationery、daily、clothing、kit、other · Kind", valueName: "kind"),
    completion: .list(Goods.ItemKind.allCases.map(\.rawValue)))
  var kind: String?
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if name != nil, unit == nil { throw ValidationError("--unit 必填 · Give --unit.") }
  }

  func run(_ work: Work) async throws {
    let kind: Goods.ItemKind? = try kind.map {
      try readChoice($0, option: "--kind", word: Goods.ItemKind.init(word:))
    }
    let (context, school) = try await work.place(school)
    let home = school?.id ?? context.actor.schoolID
    if let name {
      let item = try await Goods.item(
        name: name, unit: unit ?? "", kind: kind, school: home, in: context)
      return try work.printer.outcome(
        Text(
          "物品 \(item.label)（\(item.kind.name.zh)）已登记。", "Item \(item.label), \(item.kind.name.en)."),
        [("id", .id(item.id)), ("item", .text(item.label)), ("kind", .text(item.kind.rawValue))])
    }
    try work.printer.list(
      await Goods.items(school: home, in: context),
      [
        Column("编号", "id") { .id($0.id) }, Column("物品", "item") { .text($0.name) },
        Column("单位", "unit") { .text($0.unit) },
        Column("类别", "kind") { .text($0.kind.name($1)) },
      ])
  }
}

struct GoodsPlace: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "place", abstract: "列出或登记存放点 · List the places, or add one")

  @Argument(help: "新存放点的名称 · Name of a new place") var name: String?
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let home = school?.id ?? context.actor.schoolID
    if let name {
      let place = try await Goods.place(name: name, school: home, in: context)
      return try work.printer.outcome(
        Text("存放点 \(place.name) 已登记。", "Place \(place.name)."),
        [("id", .id(place.id)), ("place", .text(place.name))])
    }
    try work.printer.list(
      await Goods.places(school: home, in: context),
      [Column("编号", "id") { .id($0.id) }, Column("存放点", "place") { .text($0.name) }])
  }
}

struct GoodsStock: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "stock", abstract: "存量：哪里有什么、值多少 · What lies where, and its value")

  @Option(help: ArgumentHelp("只看这种物品 · This item alone", valueName: "item")) var item: String?
  @Option(help: ArgumentHelp("只看这个存放点 · This place alone", valueName: "place"))
  var place: String?
  @Flag(help: "按批次列出 · List the lots") var lots = false
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let home = school?.id ?? context.actor.schoolID
    var itemID: UUID?
    if let item { itemID = try await Goods.item(named: item, school: home, in: context).id }
    var placeID: UUID?
    if let place { placeID = try await Goods.place(named: place, school: home, in: context).id }
    var columns: [Column<Goods.Level>] = [
      Column("学校", "school") { .optional($0.school) },
      Column("存放点", "place") { .text($0.place) }, Column("物品", "item") { .text($0.item) },
      Column("单位", "unit") { .text($0.unit) },
      Column("数量", "quantity", right: true) { .integer($0.quantity) },
      Column("公允价值", "value", right: true) { .money($0.value) },
      Column("未估价", "unappraised", right: true) { .integer($0.unappraised) },
    ]
    if lots {
      columns += [
        Column("入库日期", "received") { $0.receivedOn.map(TableCell.date) ?? .empty },
        Column("批次", "lot") { $0.lot.map(TableCell.id) ?? .empty },
      ]
    }
    try work.printer.list(
      await Goods.stock(
        school: home, item: itemID, place: placeID, byLot: lots, in: context), columns)
  }
}

struct GoodsCard: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "存货卡：一种物品一学期的收发存 · The stock card of an item")

  @Argument(help: "物品，如 书包/个 · Item") var item: String
  @Option(help: ArgumentHelp("只看这个存放点 · This place alone", valueName: "place"))
  var place: String?
  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let home = school?.id ?? context.actor.schoolID
    let semester = try await work.semester(semester, in: context)
    let item = try await Goods.item(named: item, school: home, in: context)
    var placeID: UUID?
    if let place { placeID = try await Goods.place(named: place, school: home, in: context).id }
    let card = try await Goods.card(item, semester, school: home, place: placeID, in: context)
    if work.settings.format == .json { return try work.printer.json(card) }
    work.printer.notice(
      Text(
        "\(card.item) \(card.semester)：期初 \(card.opening)，期末 \(card.closing)",
        "\(card.item) \(card.semester): opening \(card.opening), closing \(card.closing)"))
    try work.printer.list(
      card.lines,
      [
        Column("日期", "date") { .date($0.date) }, Column("事由", "event") { .text($0.kind.name($1)) },
        Column("存放点", "place") { .text($0.place) },
        Column("数量", "quantity", right: true) { .integer($0.quantity) },
        Column("结存", "balance", right: true) { .integer($0.balance) },
        Column("原因", "reason") { .optional($0.reason) },
        Column("编号", "id") { .id($0.event) },
      ])
  }
}
