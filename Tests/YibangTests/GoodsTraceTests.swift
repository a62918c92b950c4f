import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Following goods")
struct GoodsTraceTests {
  @Test("where a lot's pieces went adds up to the lot, and their value to its value")
  func addsUp() async throws {
    let goods = try await GoodsFixture.make()
    let lot = try await goods.receive(goods.pencil, 100, worth: .total(Money(fen: 9_999)))
    _ = try await Goods.move(
      [.init(item: goods.pencil.id, quantity: 30)], from: goods.store.id, to: goods.cupboard.id,
      GoodsFixture.on("2026-10-01"), in: goods.context)
    _ = try await goods.handOut(goods.pencil, 7, to: 0)
    _ = try await goods.handOut(goods.pencil, 11, to: 2, signed: false)
    _ = try await Goods.writeOff(
      [.init(item: goods.pencil.id, quantity: 3)], from: goods.cupboard.id,
      GoodsFixture.on("2026-10-09", "折断"), in: goods.context)
    _ = try await Goods.count(
      [.init(item: goods.pencil.id, quantity: 50, reason: "短少")], at: goods.store.id,
      GoodsFixture.on("2026-10-10"), in: goods.context)
    let trace = try await Goods.trace(lot: lot, in: goods.context)
    var fates: [Goods.Trace.Fate: Int64] = [:]
    for row in trace.rows { fates[row.fate, default: 0] += row.quantity }
    #expect(fates == [.stock: 77, .handedOut: 18, .writtenOff: 3, .missing: 2])
    #expect(trace.rows.reduce(0) { $0 + $1.quantity } == trace.quantity)
    #expect(trace.rows.reduce(0) { $0 + $1.value.fen } == 9_999)
    #expect(trace.rows.first { $0.fate == .writtenOff }?.reason == "折断")
    let pupils = trace.rows.flatMap(\.pupils)
    #expect(pupils.map(\.name.description) == ["样*", "样*丁"])
    #expect(pupils.map(\.signed) == [true, false])
    #expect(try await goods.faults() == [])
  }

  @Test(
    "a lot appraised late is valued wherever its pieces are, in kits too, and the trail keeps both")
  func appraisal() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await GoodsKitTests.kit(goods)
    try await goods.receive(goods.bag, 4, worth: .each(Money(fen: 100)))
    let lot = try await goods.receive(goods.pencil, 11)
    _ = try await Goods.move(
      [.init(item: goods.pencil.id, quantity: 2)], from: goods.store.id, to: goods.cupboard.id,
      GoodsFixture.on("2026-09-20"), in: goods.context)
    _ = try await GoodsKitTests.assemble(kit, 3, goods)
    _ = try await goods.handOut(kit, 1)
    _ = try await goods.handOut(goods.pencil, 3, to: 1)
    let before = try await Goods.stock(school: goods.school, in: goods.context)
    #expect(before.reduce(0) { $0 + $1.unappraised } == 2)
    func appraise(_ worth: Goods.Worth) async throws {
      _ = try await Goods.appraise(
        lot, worth: worth, basis: "市场价", GoodsFixture.on("2026-10-20"), in: goods.context)
      let trace = try await Goods.trace(lot: lot, in: goods.context)
      #expect(trace.rows.reduce(0) { $0 + $1.quantity } == 11)
      #expect(trace.rows.reduce(0) { $0 + $1.value.fen } == trace.value?.fen)
      #expect(try await goods.faults() == [])
    }
    try await appraise(.total(Money(fen: 1_000)))
    try await appraise(.each(Money(fen: 37)))
    let same = await failure { try await appraise(.total(Money(fen: 407))) }
    #expect(code(same) == "goods.same_value")
    let trail = try await Audit.list(.init(subject: lot), in: goods.district.admin)
    #expect(trail.count == 2)
    #expect(trail[0].before?.contains("1000") == true)
    #expect(trail[0].after?.contains("407") == true)
    let kits = try await Goods.stock(school: goods.school, item: kit.id, in: goods.context)
    #expect(kits.map(\.value.fen) == [348])
    let kitLot = try await goods.context.read { session in
      try session.query("select id from goods_lot where kit_id is not null")[0].get(0) as UUID
    }
    let ofKit = await failure {
      try await Goods.appraise(
        kitLot, worth: .each(Money(fen: 1)), basis: "x", GoodsFixture.on("2026-10-20"),
        in: goods.context)
    }
    #expect(code(ofKit) == "goods.kit_lot")
  }

  @Test("an event is taken back whole or in part, never more than it was")
  func reversal() async throws {
    let goods = try await GoodsFixture.make()
    let lot = try await goods.receive(goods.bag, 10, worth: .total(Money(fen: 1_003)))
    let hand = try await goods.handOut(goods.bag, 4)
    func reverse(_ event: UUID, _ extent: Goods.Extent = .all) async throws -> UUID {
      try await Goods.reverse(
        event, extent, GoodsFixture.on("2026-10-20", "登记有误"), in: goods.context)
    }
    let counter = try await reverse(hand, .item(nil, quantity: 1))
    #expect(try await goods.quantity(goods.bag) == 7)
    let tooMany = await failure { try await reverse(hand, .item(nil, quantity: 4)) }
    #expect(code(tooMany) == "goods.more_than_the_event")
    #expect(code(await failure { try await reverse(counter) }) == "goods.not_reversible")
    let receipt = try await goods.event(of: lot)
    let gone = await failure { try await reverse(receipt) }
    #expect(code(gone) == "goods.not_below_zero")
    _ = try await reverse(hand)
    _ = try await reverse(receipt, .item(goods.bag.id, quantity: 4))
    #expect(try await goods.faults() == [])
    let trace = try await Goods.trace(lot: lot, in: goods.context)
    #expect(trace.rows.map(\.fate) == [.stock, .reversed])
    #expect(trace.rows.map(\.quantity) == [6, 4])
    #expect(trace.rows.reduce(0) { $0 + $1.value.fen } == trace.value?.fen)
  }

  @Test("eight clients reverse one hand-out at once: it comes back once")
  func reversedOnce() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 10)
    for _ in 0..<20 {
      let hand = try await goods.handOut(goods.bag, 4)
      let done = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let error = await failure {
              try await Goods.reverse(
                hand, .all, GoodsFixture.on("2026-10-20", "错"), in: goods.context)
            }
            #expect(error == nil || code(error) == "goods.more_than_the_event")
            return error == nil
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(done == 1)
      #expect(try await goods.quantity(goods.bag) == 10)
    }
    #expect(try await goods.faults() == [])
  }

  @Test("the checks find stock that was changed behind the books")
  func checksCanFail() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await GoodsKitTests.kit(goods)
    let lot = try await goods.receive(goods.bag, 10, worth: .each(Money(fen: 5)))
    try await goods.receive(goods.pencil, 20)
    _ = try await GoodsKitTests.assemble(kit, 2, goods)
    _ = try await goods.handOut(goods.bag, 1)
    #expect(try await goods.faults() == [])
    let code = goods.district.code
    let damages = [
      "update stock set quantity = quantity + 1 where lot_id = '\(lot.lowercase)'",
      "update goods_lot set value_fen = value_fen + 1 where id = '\(lot.lowercase)'",
      "update goods_lot set quantity = quantity + 1 where id = '\(lot.lowercase)'",
      "update goods_kit_component set quantity = quantity + 1 where district_id = '\(code)'",
      "update goods_hand_out set quantity = quantity + 1 where district_id = '\(code)'",
      """
      update stock_line set net_quantity = 0 where district_id = '\(code)' and quantity < 0
      """,
      "update stock_item set quantity = quantity + 1 where district_id = '\(code)'",
    ]
    for damage in damages {
      let found = try await TestPlatform.asOwner { session in
        try session.script("begin")
        try session.script(SQL(trusted: damage))
        var found = 0
        for check in Goods.checks { found += try session.query(check.sql).count }
        try session.script("rollback")
        return found
      }
      #expect(found > 0, "\(damage)")
    }
  }
}
