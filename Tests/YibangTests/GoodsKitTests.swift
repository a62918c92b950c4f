import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Kits")
struct GoodsKitTests {
  static func kit(_ goods: GoodsFixture, pencils: Int64 = 2) async throws -> Goods.Item {
    let kit = try await Goods.item(
      name: "开学包", unit: "套", kind: .kit, school: goods.school, in: goods.context)
    _ = try await Goods.define(
      kit: kit.id,
      of: [
        .init(item: goods.bag.id, quantity: 1), .init(item: goods.pencil.id, quantity: pencils),
      ],
      in: goods.context)
    return kit
  }

  static func assemble(_ kit: Goods.Item, _ count: Int64, _ goods: GoodsFixture) async throws
    -> UUID
  {
    try await Goods.assemble(
      kit: kit.id, count: count, at: goods.store.id, GoodsFixture.on("2026-10-01"),
      in: goods.context)
  }

  @Test("a school bag of eight things is assembled and worth what went into it")
  func eightThings() async throws {
    let goods = try await GoodsFixture.make()
    let names = ["书包", "铅笔", "橡皮", "尺子", "本子", "字典", "水杯", "毛巾"]
    var parts: [Goods.Amount] = []
    for (index, name) in names.enumerated() {
      let unit = name == "铅笔" ? "支" : "个"
      let item = try await Goods.item(
        name: name, unit: unit, school: goods.school, in: goods.context)
      try await goods.receive(item, 20, worth: .total(Money(fen: Int64(1_000 + index * 7))))
      parts.append(.init(item: item.id, quantity: 1))
    }
    let kit = try await Goods.item(
      name: "爱心书包", unit: "套", kind: .kit, school: goods.school, in: goods.context)
    _ = try await Goods.define(kit: kit.id, of: parts, in: goods.context)
    _ = try await Self.assemble(kit, 20, goods)
    let levels = try await Goods.stock(school: goods.school, in: goods.context)
    #expect(levels.map(\.item) == ["爱心书包"])
    #expect(levels.map(\.quantity) == [20])
    #expect(levels.map(\.value.fen) == [8_196])
    #expect(try await goods.faults() == [])
  }

  @Test("kits are refused entire where a component is short, naming which and how many")
  func shortComponents() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Self.kit(goods)
    try await goods.receive(goods.bag, 4)
    try await goods.receive(goods.pencil, 9)
    let error = await failure { try await Self.assemble(kit, 5, goods) }
    guard case .short(let shortages, _)? = error as? GoodsError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      Set(shortages) == [
        .init(item: "书包/个", wanted: 5, present: 4), .init(item: "铅笔/支", wanted: 10, present: 9),
      ])
    #expect(try await goods.quantity(goods.bag) == 4)
    #expect(try await goods.quantity(kit) == 0)
  }

  @Test("a changed definition never rewrites what was assembled before")
  func versions() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Self.kit(goods)
    try await goods.receive(goods.bag, 4)
    try await goods.receive(goods.pencil, 20)
    _ = try await Self.assemble(kit, 1, goods)
    _ = try await Self.kit(goods, pencils: 5)
    #expect(try await Goods.kits(in: goods.context).map(\.version) == [2])
    _ = try await Self.assemble(kit, 1, goods)
    #expect(try await goods.quantity(goods.pencil) == 13)
    #expect(try await goods.faults() == [])
  }

  @Test("a donor's pencils are followed through the kits to the pupils who signed for them")
  func donorsPencil() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Self.kit(goods)
    let other = try await Donors.donor(
      DonorDetails(kind: .teacher, name: "捐乙", anonymous: true), school: goods.school,
      in: goods.context)
    try await goods.receive(goods.bag, 10)
    let first = try await goods.receive(
      goods.pencil, 5, worth: .total(Money(fen: 1_001)), on: "2026-09-01")
    let second = try await goods.receive(goods.pencil, 20, on: "2026-09-02", from: other)
    _ = try await Self.assemble(kit, 4, goods)
    _ = try await goods.handOut(kit, 1, to: 0)
    _ = try await goods.handOut(kit, 2, to: 1)
    let trace = try await Goods.trace(lot: first, in: goods.context)
    // Kits 1 and 2 hold two of the first donor's pencils each, kit 3 one of them.
    #expect(trace.rows.reduce(0) { $0 + $1.quantity } == 5)
    #expect(trace.rows.reduce(0) { $0 + $1.value.fen } == 1_001)
    let handed = trace.rows.filter { $0.fate == .handedOut }
    #expect(handed.reduce(0) { $0 + $1.quantity } == 5)
    #expect(handed.allSatisfy { $0.kit == "开学包/套" })
    #expect(handed.flatMap(\.pupils).map(\.name.description) == ["样*", "样*", "样*"])
    let anonymous = try await Goods.trace(donor: other, in: goods.context)
    #expect(anonymous.map(\.lot) == [second])
    #expect(anonymous.map(\.donor) == ["匿名"])
    #expect(anonymous[0].rows.reduce(0) { $0 + $1.quantity } == 20)
    #expect(try await goods.faults() == [])
  }

  @Test("kits taken apart give back the very lots, to the fen")
  func disassemble() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Self.kit(goods)
    try await goods.receive(goods.bag, 3, worth: .total(Money(fen: 1_000)))
    let pencils = try await goods.receive(goods.pencil, 7, worth: .total(Money(fen: 500)))
    let event = try await Self.assemble(kit, 3, goods)
    let hand = try await goods.handOut(kit, 1)
    _ = try await Goods.reverse(
      event, .item(kit.id, quantity: 1), GoodsFixture.on("2026-10-10", "拆用"), in: goods.context)
    #expect(try await goods.quantity(goods.pencil) == 3)
    #expect(try await goods.faults() == [])
    let tooMany = await failure {
      try await Goods.reverse(
        event, .item(kit.id, quantity: 2), GoodsFixture.on("2026-10-10", "拆用"), in: goods.context)
    }
    #expect(code(tooMany) == "goods.not_below_zero")
    _ = try await Goods.reverse(
      hand, .all, returned: true, GoodsFixture.on("2026-10-11", "退回"), in: goods.context)
    _ = try await Goods.reverse(
      event, .all, GoodsFixture.on("2026-10-12", "拆用"), in: goods.context)
    let levels = try await Goods.stock(school: goods.school, in: goods.context)
    #expect(levels.map(\.item).sorted() == ["书包", "铅笔"])
    #expect(levels.reduce(0) { $0 + $1.value.fen } == 1_500)
    let trace = try await Goods.trace(lot: pencils, in: goods.context)
    #expect(trace.rows.map(\.fate) == [.stock])
    #expect(trace.rows.map(\.quantity) == [7])
    #expect(try await goods.faults() == [])
    let again = await failure {
      try await Goods.reverse(
        event, .all, GoodsFixture.on("2026-10-12", "拆用"), in: goods.context)
    }
    #expect(code(again) == "goods.more_than_the_event")
  }

  @Test("a kit holds no kit, and only a kit has a definition")
  func kitsOfKits() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Self.kit(goods)
    let nested = await failure {
      try await Goods.define(
        kit: kit.id, of: [.init(item: kit.id, quantity: 1)], in: goods.context)
    }
    #expect(code(nested) == "goods.kit_of_kits")
    let bag = await failure {
      try await Goods.define(
        kit: goods.bag.id, of: [.init(item: goods.pencil.id, quantity: 1)], in: goods.context)
    }
    #expect(code(bag) == "goods.not_a_kit")
  }
}
