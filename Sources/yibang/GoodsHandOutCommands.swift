import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

/// Who signed for goods.
struct SignatureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("签收人：pupil、guardian、other · Who signed", valueName: "signer"))
  var signedBy: String?
  @Option(help: ArgumentHelp("与学生的关系 · The signer's relation", valueName: "text"))
  var relation: String?
  @Option(help: ArgumentHelp("签收日期 · Day of the signature", valueName: "date"))
  var signedOn: String?
  @Option(help: ArgumentHelp("凭据存放处 · Where the signed paper lies", valueName: "place"))
  var proof: String?

  func signature(_ day: CalendarDate) throws -> Goods.Signature? {
    guard let signedBy else { return nil }
    let signer: Goods.Signer = try readChoice(signedBy, option: "--signed-by")
    let on = try signedOn.map { try readDate($0, option: "--signed-on") } ?? day
    return Goods.Signature(by: signer, relation: relation, on: on, proof: proof)
  }
}

struct GoodsHandOut: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "hand-out", abstract: "发放给学生 · Hand goods out to pupils",
    discussion: "每名学生各得所列数量 · Each pupil gets the quantities given")

  @Argument(help: "物品=数量 · ITEM=N") var goods: [String]
  @Option(help: ArgumentHelp("学生编号，可多次 · Pupil's id, once or more", valueName: "pupil"))
  var to: [String]
  @Option(help: ArgumentHelp("指定批次 · Out of this lot", valueName: "id")) var lot: String?
  @OptionGroup var signature: SignatureOptions
  @OptionGroup var place: PlaceOption
  @OptionGroup var options: GoodsOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let pupils = try to.map { try readID($0) }
    let lot = try lot.map { try readID($0) }
    let (context, school, occasion) = try await work.occasion(options)
    let signature = try signature.signature(occasion.date)
    let amounts = try await work.amounts(goods, school: school, in: context)
    let place = try await Goods.place(named: place.place, school: school, in: context)
    let grants = pupils.flatMap { pupil in
      amounts.map {
        Goods.Grant(
          student: pupil, item: $0.item, quantity: $0.quantity, signature: signature)
      }
    }
    let event = try await Goods.handOut(
      grants, from: place.id, lot: lot, occasion, key: options.repetition.idempotencyKey,
      in: context)
    try work.done(
      "已发放给 \(pupils.count) 名学生\(signature == nil ? "，待签收" : "")",
      "Handed out to \(pupils.count) pupils\(signature == nil ? ", not signed yet" : "")",
      event: event)
  }
}

struct GoodsImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入发放表 · Import a signed list of goods handed out",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @Option(
    help: ArgumentHelp("表中未写日期的行的日期 · The day of lines without one", valueName: "date"))
  var date: String?
  @OptionGroup var place: PlaceOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let dateOfAll = try date.map { try readDate($0, option: "--date") }
    let (context, school) = try await work.place(school: school)
    let place = try await Goods.place(named: place.place, school: school.id, in: context)
    try await work.importSheet(options, school: school) {
      try await Goods.importHandOuts(
        $0, school: school, from: place, dateOfAll: dateOfAll, in: context)
    }
  }
}

struct GoodsSign: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "补登签收 · Record the signature for a hand-out")

  @Argument(help: "发放编号 · Hand-out's id") var handOut: String
  @OptionGroup var signature: SignatureOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if signature.signedBy == nil { throw ValidationError("--signed-by 必填 · Give --signed-by.") }
  }

  func run(_ work: Work) async throws {
    let id = try readID(handOut)
    let context = try await work.context()
    guard let signature = try signature.signature(work.settings.today) else { return }
    try await Goods.sign(id, signature, in: context)
    try work.printer.outcome(
      Text("已登记签收。", "The signature is recorded."), [("hand_out", .id(id))])
  }
}

struct GoodsOpen: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "已发放、未签收的 · Handed out and not signed for")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try work.printer.list(
      await Goods.open(semester.named(), school: school?.id, in: context), handedOutColumns)
  }
}

struct GoodsReceived: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "received", abstract: "一名学生领到的物品 · What a pupil received")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @OptionGroup var semester: SemesterOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(student)
    let context = try await work.context()
    try work.printer.list(
      await Goods.received(student: id, semester: semester.named(), in: context),
      handedOutColumns)
  }
}

private var handedOutColumns: [Column<Goods.HandedOut>] {
  [
    Column("编号", "id") { .id($0.id) }, Column("日期", "date") { .date($0.date) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) }, Column("姓名", "name") { .text($0.name) },
    Column("物品", "item") { .text($0.item) },
    Column("数量", "quantity", right: true) { .integer($0.quantity) },
    Column("单位", "unit") { .text($0.unit) },
    Column("签收", "signed by") { .optional($0.signedBy?.name($1)) },
    Column("签收日期", "signed on") { $0.signedOn.map(TableCell.date) ?? .empty },
  ]
}
