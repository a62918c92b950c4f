import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct GoodsReceive: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive", abstract: "捐物入库 · Receive gifts in kind from one donor")

  @Argument(help: "物品=数量 · ITEM=N") var goods: [String]
  @Option(help: ArgumentHelp("捐赠人或单位 · Donor", valueName: "name")) var donor: String
  @OptionGroup var details: DonorOptions
  @Option(help: ArgumentHelp("成色：new、good、worn · Condition", valueName: "condition"))
  var condition = Goods.Condition.new.rawValue
  @Option(
    help: ArgumentHelp(
      "每件公允价值（一种物品） · Fair value of one piece, of one item", valueName: "amount"))
  var unitValue: String?
  @Option(
    help: ArgumentHelp("总公允价值（一种物品） · Fair value of all, of one item", valueName: "amount"))
  var value: String?
  @Option(help: ArgumentHelp("估价依据 · What the value rests on", valueName: "text"))
  var basis: String?
  @OptionGroup var place: PlaceOption
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if unitValue != nil || value != nil, goods.count > 1 || (unitValue != nil && value != nil) {
      throw ValidationError(
        "--unit-value 或 --value 用于一种物品 · Give one of --unit-value and --value, for one item.")
    }
  }

  func run(_ work: Work) async throws {
    let condition: Goods.Condition = try readChoice(
      condition, option: "--condition", word: Goods.Condition.init(word:))
    var worth: Goods.Worth?
    if let unitValue { worth = .each(try Money(parsing: unitValue)) }
    if let value { worth = .total(try Money(parsing: value)) }
    let giver = try details.details(name: donor)
    let (context, school, occasion) = try await work.occasion(options)
    let amounts = try await work.amounts(goods, school: school, in: context)
    let place = try await Goods.place(named: place.place, school: school, in: context)
    let event = try await Goods.receive(
      from: giver, school: school, occasion, key: options.repetition.idempotencyKey, in: context
    ) { donor in
      amounts.map { amount in
        Goods.NewLot(
          item: amount.item, donor: donor, place: place.id, quantity: amount.quantity,
          condition: condition, worth: worth, basis: basis)
      }
    }
    try work.done(
      "已入库 \(goods.joined(separator: "、"))", "Received \(goods.joined(separator: ", "))",
      event: event)
  }
}

struct GoodsAppraise: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "appraise", abstract: "为一个批次估价 · Say what a lot is worth")

  @Argument(help: "批次编号 · Lot's id") var lot: String
  @Option(help: ArgumentHelp("每件价值 · Value of one piece", valueName: "amount"))
  var unitValue: String?
  @Option(help: ArgumentHelp("总价值 · Value of all", valueName: "amount")) var value: String?
  @Option(help: ArgumentHelp("依据，如 购物发票 · Basis", valueName: "text")) var basis: String
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if (unitValue == nil) == (value == nil) {
      throw ValidationError("写 --unit-value 或 --value · Give one of --unit-value and --value.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(lot)
    let worth: Goods.Worth =
      if let unitValue {
        .each(try Money(parsing: unitValue))
      } else {
        .total(try Money(parsing: value ?? ""))
      }
    let (context, _, occasion) = try await work.occasion(options)
    let event = try await Goods.appraise(
      id, worth: worth, basis: basis, occasion, key: options.repetition.idempotencyKey,
      in: context)
    try work.done("已估价", "Appraised", event: event)
  }
}

struct GoodsMove: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "move", abstract: "移到另一个存放点 · Move goods to another place")

  @Argument(help: "物品=数量 · ITEM=N") var goods: [String]
  @Option(help: ArgumentHelp("从，默认“库房” · From", valueName: "place")) var from: String?
  @Option(help: ArgumentHelp("到 · To", valueName: "place")) var to: String
  @Option(help: ArgumentHelp("指定批次 · Out of this lot", valueName: "id")) var lot: String?
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let lot = try lot.map { try readID($0) }
    let (context, school, occasion) = try await work.occasion(options)
    let amounts = try await work.amounts(goods, school: school, in: context)
    let source = try await Goods.place(named: from, school: school, in: context)
    let target = try await Goods.place(named: to, school: school, in: context)
    let event = try await Goods.move(
      amounts, from: source.id, to: target.id, lot: lot, occasion,
      key: options.repetition.idempotencyKey, in: context)
    try work.done("已移到“\(target.name)”", "Moved to “\(target.name)”", event: event)
  }
}

struct GoodsWriteOff: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "write-off", abstract: "核销：破损、过期、丢失 · Write goods off")

  @Argument(help: "物品=数量 · ITEM=N") var goods: [String]
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("指定批次 · Out of this lot", valueName: "id")) var lot: String?
  @OptionGroup var place: PlaceOption
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let lot = try lot.map { try readID($0) }
    let (context, school, occasion) = try await work.occasion(options, reason: reason)
    let amounts = try await work.amounts(goods, school: school, in: context)
    let place = try await Goods.place(named: place.place, school: school, in: context)
    let event = try await Goods.writeOff(
      amounts, from: place.id, lot: lot, occasion, key: options.repetition.idempotencyKey,
      in: context)
    try work.done("已核销", "Written off", event: event)
  }
}

struct GoodsReverse: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reverse",
    abstract: "冲正一次收发，全部或部分；组合包则拆开 · Take an event back, whole or in part")

  @Argument(help: "记录编号 · Event's id") var event: String
  @Option(help: ArgumentHelp("原因 · Reason", valueName: "text")) var reason: String
  @Option(help: ArgumentHelp("只冲正这种物品 · This item alone", valueName: "item"))
  var item: String?
  @Option(help: ArgumentHelp("只冲正这条发放 · This hand-out alone", valueName: "id"))
  var handOut: String?
  @Option(help: ArgumentHelp("数量 · How many", valueName: "n")) var quantity: Int64?
  @Flag(help: "是物品退回，而非登记错误 · The goods came back") var returned = false
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if item != nil, quantity == nil {
      throw ValidationError("--item 需要 --quantity · Give --quantity.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(event)
    let handOut = try handOut.map { try readID($0) }
    let (context, school, occasion) = try await work.occasion(options, reason: reason)
    var extent = Goods.Extent.all
    if let handOut {
      extent = .handOut(handOut, quantity: quantity)
    } else if let quantity {
      var itemID: UUID?
      if let item { itemID = try await Goods.item(named: item, school: school, in: context).id }
      extent = .item(itemID, quantity: quantity)
    }
    let counter = try await Goods.reverse(
      id, extent, returned: returned, occasion, key: options.repetition.idempotencyKey,
      in: context)
    try work.done("已冲正", "Taken back", event: counter)
  }
}
