import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

extension API {
  static let goodsRoutes: [Endpoint] =
    goodsRegister + goodsMoves + goodsHandOuts + goodsCounts + goodsKits

  private static let goodsRegister: [Endpoint] = [
    .list("/goods/items", "goods.items", Text("物品", "Items"), .needs([.read])) {
      (input: AtSchool, call) in
      try await Goods.items(school: try await call.school(input.school), in: call.context)
    },
    .create(
      "/goods/items", "goods.item", Text("登记物品", "Add an item"), .needs([.manageGoods])
    ) { (input: NewItem, call) in
      try await Goods.item(
        name: input.name, unit: input.unit, kind: input.kind,
        school: try await call.school(input.school), in: call.context)
    },
    .list("/goods/places", "goods.places", Text("存放点", "Places"), .needs([.read])) {
      (input: AtSchool, call) in
      try await Goods.places(school: try await call.school(input.school), in: call.context)
    },
    .create(
      "/goods/places", "goods.place", Text("登记存放点", "Add a place"), .needs([.manageGoods])
    ) { (input: NewPlace, call) in
      try await Goods.place(
        name: input.name, school: try await call.school(input.school), in: call.context)
    },
    .parts(
      "/goods/stock", "goods.stock",
      Text("存量：哪里有什么、值多少", "What lies where, and its value"), .needs([.read]), by: "school",
      "place", "item", "lot"
    ) { (input: StockQuestion, call) in
      try await Goods.stock(
        school: try await call.school(input.school), item: input.item, place: input.place,
        byLot: input.byLot ?? false, in: call.context)
    },
    .get(
      "/goods/items/{id}/card", "goods.card",
      Text("存货卡：一种物品一学期的收发存", "The stock card of an item"), .needs([.read])
    ) { (input: CardQuestion, call) in
      let school = try await call.school(input.school)
      return try await Goods.card(
        try await Goods.item(input.id, school: school, in: call.context),
        try await call.semester(input.semester), school: school, place: input.place,
        in: call.context)
    },
    .get(
      "/goods/lots/{id}/trace", "goods.trace", Text("一个批次的去向", "Where a lot went"),
      .needs([.read])
    ) { (input: Identified, call) in try await Goods.trace(lot: input.id, in: call.context) },
    .pages(
      "/donors/{id}/goods", "goods.trace_donor",
      Text("一位捐赠人的捐物去向", "Where a donor's gifts in kind went"), .needs([.read])
    ) { (input: DonorGoodsPage, page, call) in
      try await page.page(by: \.lot) { after, limit in
        try await Goods.trace(donor: input.id, after: after, limit: limit, in: call.context)
      }
    },
  ]

  private static let goodsMoves: [Endpoint] = [
    .create(
      "/goods/receipts", "goods.receive", Text("捐物入库", "Receive gifts in kind from one donor"),
      .needs([.manageGoods])
    ) { (input: GoodsReceipt, call) in
      let (school, occasion) = try await input.occasion(call)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      let lots = try input.lots.map { ($0, try $0.worth?.worth) }
      try await Goods.require(
        items: input.lots.map(\.item), school: school, in: call.context)
      let event = try await Goods.receive(
        from: input.donor.details, school: school, occasion, in: call.context
      ) { donor in
        lots.map { lot, worth in
          Goods.NewLot(
            item: lot.item, donor: donor, place: place.id, quantity: lot.quantity,
            condition: lot.condition ?? .new, worth: worth, basis: lot.basis)
        }
      }
      return GoodsEvent(event: event)
    },
    .create(
      "/goods/lots/{id}/appraise", "goods.appraise", Text("为一个批次估价", "Say what a lot is worth"),
      .needs([.manageGoods])
    ) { (input: Appraisal, call) in
      let (_, occasion) = try await input.occasion(call)
      return GoodsEvent(
        event: try await Goods.appraise(
          input.id, worth: try input.worth.worth, basis: input.basis, occasion, in: call.context))
    },
    .create(
      "/goods/moves", "goods.move", Text("移到另一个存放点", "Move goods to another place"),
      .needs([.manageGoods])
    ) { (input: GoodsMovement, call) in
      let (school, occasion) = try await input.occasion(call)
      let from = try await Goods.place(input.from, school: school, in: call.context)
      return GoodsEvent(
        event: try await Goods.move(
          try await call.goods(input.goods, of: school), from: from.id, to: input.to,
          lot: input.lot, occasion,
          in: call.context))
    },
    .create(
      "/goods/write-offs", "goods.write_off", Text("核销：破损、过期、丢失", "Write goods off"),
      .needs([.manageGoods])
    ) { (input: WriteOff, call) in
      let (school, occasion) = try await input.occasion(call, reason: input.reason)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      return GoodsEvent(
        event: try await Goods.writeOff(
          try await call.goods(input.goods, of: school), from: place.id, lot: input.lot, occasion,
          in: call.context))
    },
    .create(
      "/goods/events/{id}/reverse", "goods.reverse",
      Text("冲正一次收发，全部或部分", "Take an event back, whole or in part"), .needs([.manageGoods])
    ) { (input: GoodsReversal, call) in
      let (_, occasion) = try await input.occasion(call, reason: input.reason)
      return GoodsEvent(
        event: try await Goods.reverse(
          input.id, try input.extent, returned: input.returned ?? false, occasion,
          in: call.context))
    },
  ]

  private static let goodsHandOuts: [Endpoint] = [
    .create(
      "/goods/hand-outs", "goods.hand_out", Text("发放给学生", "Hand goods out to pupils"),
      .needs([.manageGoods])
    ) { (input: NewHandOut, call) in
      let (school, occasion) = try await input.occasion(call)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      return GoodsEvent(
        event: try await Goods.handOut(
          input.grants(try await call.goods(input.goods, of: school), on: occasion.date),
          from: place.id, lot: input.lot, occasion,
          in: call.context))
    },
    .sheet(
      "/goods/hand-outs/import", "goods.import",
      Text("导入发放表", "Import a signed list of goods handed out"), .needs([.manageGoods])
    ) { (input: HandOutSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      let place = try await Goods.place(input.place, school: school.id, in: call.context)
      return try await Goods.importHandOuts(
        request, school: school, from: place, dateOfAll: input.date, in: call.context)
    },
    .post(
      "/goods/hand-outs/{id}/sign", "goods.sign",
      Text("补登签收", "Record the signature for a hand-out"), .needs([.manageGoods])
    ) { (input: SignedHandOut, call) in
      try await Goods.sign(
        input.id,
        .init(
          by: input.by, relation: input.relation, on: input.on ?? call.today, proof: input.proof),
        in: call.context)
    },
    .parts(
      "/goods/hand-outs/open", "goods.open",
      Text("已发放、未签收的", "Handed out and not signed for"), .needs([.read]), by: "id"
    ) { (input: AtSchoolInSemester, call) in
      try await Goods.open(
        input.semester, school: try await call.school(input.school), in: call.context)
    },
    .list(
      "/students/{id}/goods", "goods.received", Text("一名学生领到的物品", "What a pupil received"),
      .needs([.read])
    ) { (input: ReceivedGoods, call) in
      try await Goods.received(student: input.id, semester: input.semester, in: call.context)
    },
  ]

  private static let goodsCounts: [Endpoint] = [
    .create(
      "/goods/counts", "goods.count", Text("盘点", "Count goods at a place"), .needs([.manageGoods])
    ) { (input: NewCount, call) in
      let (school, occasion) = try await input.occasion(call, reason: input.reason)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      let counted = input.counted.map {
        Goods.Counted(
          item: $0.item, quantity: $0.quantity, reason: $0.reason, version: $0.version)
      }
      try await Goods.require(
        items: counted.map(\.item), school: school, in: call.context)
      let (id, differences) = try await Goods.count(
        counted, at: place.id, occasion, in: call.context)
      return Count(id: id, differences: differences)
    },
    .file(
      "/goods/count-sheet", "goods.count_sheet", Text("盘点表 .xlsx", "A count sheet as .xlsx"),
      .needs([.manageGoods]), type: SheetType.xlsx.mediaType
    ) { (input: CountSheetQuestion, call) in
      let school = try await call.school(input.school)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      let table = try await Goods.countSheet(
        of: place, on: try call.day(input.date), in: call.context)
      let bytes = try await call.file("xlsx") {
        try writeXlsx([(name: place.name, table: table)], to: $0)
      }
      return (bytes, "盘点表.xlsx")
    },
    .sheet(
      "/goods/counts/import", "goods.import_count",
      Text("导入填好的盘点表", "Read a filled count sheet"), .needs([.manageGoods])
    ) { (input: FilledCountSheet, upload, call) in
      let home = try await call.school(input.school)
      let place = try await Goods.place(input.place, school: home, in: call.context)
      let day = try call.day(input.date)
      let school = try await Schools.list(in: call.context).first { $0.id == place.school }
      let request = ImportRequest(
        path: upload.path, school: school,
        semester: try await call.semester(input.semester, on: day), today: call.today,
        dryRun: input.dryRun ?? false)
      return try await Goods.importCount(request, at: place, on: day, in: call.context)
    },
  ]

  private static let goodsKits: [Endpoint] = [
    .list("/goods/kits", "goods.kits", Text("组合包", "Kits"), .needs([.read])) {
      (_: NoInput, call) in try await Goods.kits(in: call.context)
    },
    .create(
      "/goods/kits", "goods.kit", Text("规定组合包的内容", "Say what a kit holds"),
      .needs([.manageGoods])
    ) { (input: NewKit, call) in
      let school = try await call.school(input.school)
      try await Goods.require(items: [input.kit], school: school, in: call.context)
      return Identified(
        id: try await Goods.define(
          kit: input.kit, of: try await call.goods(input.components, of: school),
          in: call.context))
    },
    .create(
      "/goods/assemblies", "goods.assemble", Text("组包", "Assemble kits at a place"),
      .needs([.manageGoods])
    ) { (input: Assembly, call) in
      let (school, occasion) = try await input.occasion(call)
      let place = try await Goods.place(input.place, school: school, in: call.context)
      try await Goods.require(items: [input.kit], school: school, in: call.context)
      return GoodsEvent(
        event: try await Goods.assemble(
          kit: input.kit, count: input.count, at: place.id, occasion, in: call.context))
    },
  ]
}
