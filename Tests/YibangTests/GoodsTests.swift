import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Goods in stock")
struct GoodsTests {
  @Test("what was received lies at its place, with its value")
  func receipt() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 20, worth: .each(Money(fen: 6_550)))
    let levels = try await Goods.stock(school: goods.school, in: goods.context)
    #expect(levels.map(\.item) == ["书包"])
    #expect(levels.map(\.place) == ["库房"])
    #expect(levels.map(\.quantity) == [20])
    #expect(levels.map(\.value.fen) == [131_000])
    #expect(try await goods.faults() == [])
  }

  @Test("the oldest lot goes first; a lot that is named goes itself")
  func firstInFirstOut() async throws {
    let goods = try await GoodsFixture.make()
    let young = try await goods.receive(goods.pencil, 10, on: "2026-09-20")
    let old = try await goods.receive(goods.pencil, 10, on: "2026-09-02")
    _ = try await goods.handOut(goods.pencil, 12)
    func left() async throws -> [UUID: Int64] {
      let levels = try await Goods.stock(
        school: goods.school, item: goods.pencil.id, byLot: true, in: goods.context)
      return Dictionary(uniqueKeysWithValues: levels.map { ($0.lot!, $0.quantity) })
    }
    #expect(try await left() == [young: 8])
    let third = try await goods.receive(goods.pencil, 5, on: "2026-09-25")
    _ = try await goods.handOut(goods.pencil, 2, to: 1, lot: third)
    #expect(try await left() == [young: 8, third: 3])
    #expect(old != young)
    #expect(try await goods.faults() == [])
  }

  @Test("nothing is handed out before it came")
  func notBeforeReceipt() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.pencil, 10, on: "2026-10-20")
    let error = await failure { try await goods.handOut(goods.pencil, 1, on: "2026-10-08") }
    #expect(code(error) == "goods.short")
  }

  @Test("too many are refused with what is missing, and nothing is written")
  func shortage() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    try await goods.receive(goods.pencil, 10)
    let error = await failure {
      try await Goods.move(
        [.init(item: goods.pencil.id, quantity: 4), .init(item: goods.bag.id, quantity: 5)],
        from: goods.store.id, to: goods.cupboard.id, GoodsFixture.on("2026-10-01"),
        in: goods.context)
    }
    guard case .short(let shortages, _)? = error as? GoodsError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(shortages == [.init(item: "书包/个", wanted: 5, present: 3)])
    #expect(try await goods.quantity(goods.pencil, at: goods.store) == 10)
  }

  @Test("a move keeps quantity and value, to the fen")
  func move() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.pencil, 3, worth: .total(Money(fen: 1_000)))
    let event = try await Goods.move(
      [.init(item: goods.pencil.id, quantity: 2)], from: goods.store.id, to: goods.cupboard.id,
      GoodsFixture.on("2026-10-01"), in: goods.context)
    func values() async throws -> [String: Int64] {
      let levels = try await Goods.stock(school: goods.school, in: goods.context)
      return Dictionary(uniqueKeysWithValues: levels.map { ($0.place, $0.value.fen) })
    }
    #expect(try await values() == ["库房": 334, "一年级柜": 666])
    _ = try await Goods.reverse(
      event, .item(nil, quantity: 1), GoodsFixture.on("2026-10-02", "搬错"), in: goods.context)
    #expect(try await goods.quantity(goods.pencil, at: goods.store) == 2)
    #expect(try await values().values.reduce(0, +) == 1_000)
    #expect(try await goods.faults() == [])
  }

  @Test("a write-off needs a reason")
  func writeOff() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.pencil, 10)
    func writeOff(_ reason: String?) async throws -> UUID {
      try await Goods.writeOff(
        [.init(item: goods.pencil.id, quantity: 4)], from: goods.store.id,
        GoodsFixture.on("2026-10-01", reason), in: goods.context)
    }
    #expect(code(await failure { try await writeOff(nil) }) == "goods.reason_missing")
    _ = try await writeOff("受潮")
    #expect(try await goods.quantity(goods.pencil) == 6)
  }

  @Test("the same key receives and hands out once; a retried request books nothing twice")
  func idempotent() async throws {
    let goods = try await GoodsFixture.make()
    let first = try await goods.receive(goods.bag, 5, key: "r1")
    let again = try await goods.receive(goods.bag, 5, key: "r1")
    #expect(first == again)
    #expect(try await goods.quantity(goods.bag) == 5)
    let events = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<8 { group.addTask { try await goods.handOut(goods.bag, 2, key: "h1") } }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(events.count == 1)
    #expect(try await goods.quantity(goods.bag) == 3)
    let other = await failure { try await goods.handOut(goods.bag, 1, key: "h1") }
    #expect(code(other) == "idempotency.other_request")
  }

  @Test("nothing moves in a closed semester or outside its dates")
  func semesters() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 5)
    let outside = await failure { try await goods.handOut(goods.bag, 1, on: "2027-03-01") }
    #expect(code(outside) == "goods.date_outside_semester")
    try await goods.district.close(TestDistrict.autumn)
    let closed = await failure { try await goods.handOut(goods.bag, 1) }
    #expect(code(closed) == "goods.semester_closed")
    #expect(try await goods.quantity(goods.bag) == 5)
  }

  @Test("closing a semester waits for goods on their way, which are then in it")
  func closingRace() async throws {
    for _ in 0..<10 {
      let goods = try await GoodsFixture.make()
      try await goods.receive(goods.bag, 5)
      async let handed = failure { try await goods.handOut(goods.bag, 1) }
      async let closed = failure { try await goods.district.close(TestDistrict.autumn) }
      let (refusal, open) = await (handed, closed)
      #expect(open == nil)
      #expect(refusal == nil || code(refusal) == "goods.semester_closed")
      #expect(try await goods.quantity(goods.bag) == (refusal == nil ? 4 : 5))
    }
  }

  @Test("a stock card opens with what was there, runs its balance and closes with the stock")
  func card() async throws {
    let goods = try await GoodsFixture.make()
    _ = try await Goods.receive(
      [
        .init(
          item: goods.bag.id, donor: goods.donor, place: goods.store.id, quantity: 10)
      ],
      .init(semester: TestDistrict.spring, date: CalendarDate("2026-03-02")!), in: goods.context)
    try await goods.receive(goods.bag, 20)
    _ = try await goods.handOut(goods.bag, 3)
    let card = try await Goods.card(
      goods.bag, TestDistrict.autumn, school: goods.school, in: goods.context)
    #expect(card.opening == 10)
    #expect(card.lines.map(\.quantity) == [20, -3])
    #expect(card.lines.map(\.balance) == [30, 27])
    #expect(card.closing == 27)
    #expect(try await goods.quantity(goods.bag) == 27)
  }

  @Test("an item of another school is neither received, nor counted in, nor put into a kit")
  func itemOfOtherSchool() async throws {
    let goods = try await GoodsFixture.make()
    let admin = goods.district.admin
    let strange = try await Goods.item(
      name: "篮球", unit: "个", school: goods.district.otherSchool.id, in: admin)
    let kit = try await Goods.item(
      name: "礼包", unit: "套", kind: .kit, school: goods.school, in: goods.context)
    for context in [goods.context, admin] {
      let received = await refusal {
        try await Goods.receive(
          [.init(item: strange.id, donor: goods.donor, place: goods.store.id, quantity: 1)],
          GoodsFixture.on("2026-09-10"), in: context)
      }
      #expect(received == "goods.unknown_item")
      let counted = await refusal {
        try await Goods.count(
          [.init(item: strange.id, quantity: 3)], at: goods.store.id,
          GoodsFixture.on("2026-09-10", "盘盈"), in: context)
      }
      #expect(counted == "goods.unknown_item")
      let packed = await refusal {
        try await Goods.define(
          kit: kit.id, of: [.init(item: strange.id, quantity: 1)], in: context)
      }
      #expect(packed == "goods.unknown_item")
    }
    #expect(try await goods.faults() == [])
  }

  @Test("another school sees nothing of it and cannot touch it")
  func otherSchool() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 5)
    let other = goods.district.otherOfficer
    #expect(try await Goods.stock(in: other).isEmpty)
    #expect(try await Goods.items(in: other).isEmpty)
    #expect(try await Goods.places(in: other).isEmpty)
    _ = try await goods.handOut(goods.bag, 1)
    for table in [
      "goods_item", "goods_place", "goods_event", "goods_lot", "goods_hand_out", "stock_item",
      "stock", "stock_line", "stock_semester",
    ] {
      let count = SQL(trusted: "select count(*) from \(table)")
      let seen: Int64 = try await other.read { try $0.query(count)[0].get(0) }
      let own: Int64 = try await goods.context.read { try $0.query(count)[0].get(0) }
      #expect(seen == 0 && own > 0, "\(table)")
    }
    let foreign = await failure {
      try await other.write { session in
        try Stock.lock(session, [(goods.store.id, goods.bag.id)])
      }
    }
    #expect(code(foreign) == "goods.other_school")
    let error = await failure {
      try await Goods.writeOff(
        [.init(item: goods.bag.id, quantity: 1)], from: goods.store.id,
        GoodsFixture.on("2026-10-01", "x"), in: other)
    }
    #expect(code(error) == "goods.unknown_place")
    let auditor = await failure {
      _ = try await Users.add(
        login: "auditor", name: "auditor", role: .auditor, school: nil, in: goods.district.admin)
      return try await Goods.writeOff(
        [.init(item: goods.bag.id, quantity: 1)], from: goods.store.id,
        GoodsFixture.on("2026-10-01", "x"), in: goods.district.asUser("auditor"))
    }
    #expect(code(auditor) == "access.forbidden")
  }

  @Test("goods of the district's store go to a pupil of any school, a school's only to its own")
  func districtStore() async throws {
    let goods = try await GoodsFixture.make()
    let admin = goods.district.admin
    let store = try await Goods.place(name: "区库", school: nil, in: admin)
    let item = try await Goods.item(name: "棉被", unit: "床", school: nil, in: admin)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "捐区", anonymous: false), school: nil, in: admin)
    _ = try await Goods.receive(
      [.init(item: item.id, donor: donor, place: store.id, quantity: 2)],
      GoodsFixture.on("2026-09-10"), in: admin)
    _ = try await Goods.handOut(
      [.init(student: goods.pupils[0], item: item.id, quantity: 1)], from: store.id,
      GoodsFixture.on("2026-10-01"), in: admin)
    let received = try await Goods.received(student: goods.pupils[0], in: goods.context)
    #expect(received.map(\.item) == ["棉被"])
    let away = await failure {
      try await Goods.move(
        [.init(item: item.id, quantity: 1)], from: store.id, to: goods.store.id,
        GoodsFixture.on("2026-10-01"), in: admin)
    }
    #expect(code(away) == "goods.other_school")
    let foreign = try await Goods.place(
      name: "中学库", school: goods.district.otherSchool.id, in: admin)
    let bags = try await Goods.item(
      name: "书包", unit: "个", school: goods.district.otherSchool.id, in: admin)
    _ = try await Goods.receive(
      [.init(item: bags.id, donor: donor, place: foreign.id, quantity: 2)],
      GoodsFixture.on("2026-09-10"), in: admin)
    let stranger = await failure {
      try await Goods.handOut(
        [.init(student: goods.pupils[0], item: bags.id, quantity: 1)], from: foreign.id,
        GoodsFixture.on("2026-10-01"), in: admin)
    }
    #expect(code(stranger) == "goods.pupil_of_other_school")
  }

  @Test(
    "the application's role cannot write stock, its lines or events",
    arguments: [
      "update stock set quantity = 1", "update stock_item set quantity = 1",
      "delete from stock_line", "update stock_line set net_quantity = 0",
      "update goods_event set reason = 'x'", "delete from goods_event",
      "update goods_lot set quantity = 1", "delete from goods_hand_out",
      "update goods_hand_out set quantity = 1", "insert into stock select * from stock",
      "insert into stock_line select * from stock_line", "update stock_semester set came = 0",
    ])
  func appendOnly(statement: String) async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 5)
    let error = await failure {
      try await goods.district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    guard case .privilege? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
