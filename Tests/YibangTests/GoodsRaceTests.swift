import Foundation
import Postgres
import SchoolCalendar
import Synchronization
import Testing

@testable import Yibang

@Suite("Goods under many hands")
struct GoodsRaceTests {
  /// #4923 and its like: stock that two people take from at once.
  @Test("eight clients after the last pieces: never more goes than there is, in hundreds of rounds")
  func lastPieces() async throws {
    let goods = try await GoodsFixture.make()
    for round in 0..<200 {
      let present = Int64.random(in: 1...7)
      try await goods.receive(goods.bag, present)
      let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
        for client in 0..<8 {
          group.addTask {
            let error = await failure {
              try await goods.handOut(goods.bag, 1, to: client % 3)
            }
            #expect(error == nil || code(error) == "goods.short", "\(String(describing: error))")
            return error == nil
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(taken == Int(present), "round \(round)")
      #expect(try await goods.quantity(goods.bag) == 0)
    }
    #expect(try await goods.faults() == [])
  }

  @Test("the database itself refuses what is not there, whatever the program read before")
  func databaseRefuses() async throws {
    let goods = try await GoodsFixture.make()
    for round in 0..<30 {
      let lot = try await goods.receive(goods.bag, 3)
      let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let error = await failure {
              try await goods.context.write { session in
                try Stock.post(
                  session, event: UUID.v7(), .writeOff, GoodsFixture.on("2026-10-01", "试"),
                  [.init(lot: lot, place: goods.store.id, quantity: -1, value: .zero)],
                  actor: goods.context.actor)
              }
            }
            #expect(error == nil || code(error) == "goods.not_below_zero")
            return error == nil
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(taken == 3, "round \(round)")
    }
    #expect(try await goods.faults() == [])
  }

  /// What should lie where, by place and item; every client adds what it was told was done.
  private final class Model: Sendable {
    struct Key: Hashable {
      let place: UUID
      let item: UUID
    }
    struct Totals {
      var present: [Key: Int64] = [:]
      var received: Int64 = 0
      var out: Int64 = 0
      var done = 0
      var refused = 0
    }
    let totals = Mutex(Totals())
  }

  /// human-essentials #3447, #3949: stock drifts away from its history.
  @Test(
    "ten thousand random operations by eight clients: stock equals its events and no piece is lost")
  func randomOperations() async throws {
    let goods = try await GoodsFixture.make()
    let model = Model()
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 {
        group.addTask {
          var random = SeededGenerator(seed: seed &+ UInt64(client))
          var events: [(id: UUID, item: UUID, out: Bool)] = []
          for _ in 0..<1_250 {
            try await step(goods, model, &random, &events, seed: seed)
          }
        }
      }
      try await group.waitForAll()
    }
    let totals = model.totals.withLock { $0 }
    let stock = try await goods.context.read { session in
      var stock: [Model.Key: Int64] = [:]
      for row in try session.query(
        "select place_id, item_id, quantity from stock_item where quantity > 0")
      {
        stock[.init(place: try row.get(0), item: try row.get(1))] = try row.get(2)
      }
      return stock
    }
    #expect(stock == totals.present.filter { $0.value != 0 }, "seed \(seed)")
    #expect(stock.values.allSatisfy { $0 > 0 })
    #expect(totals.received - totals.out == stock.values.reduce(0, +), "seed \(seed)")
    #expect(totals.done > 5_000, "seed \(seed): \(totals.refused) refused")
    #expect(try await goods.faults() == [], "seed \(seed)")
  }

  private func step(
    _ goods: GoodsFixture, _ model: Model, _ random: inout SeededGenerator,
    _ events: inout [(id: UUID, item: UUID, out: Bool)], seed: UInt64
  ) async throws {
    let places = [goods.store.id, goods.cupboard.id].shuffled(using: &random)
    let item = Bool.random(using: &random) ? goods.bag : goods.pencil
    let quantity = Int64.random(in: 1...6, using: &random)
    let amount = [Goods.Amount(item: item.id, quantity: quantity)]
    let day = GoodsFixture.on("2026-10-0\(Int.random(in: 1...9, using: &random))", "试")
    let here = Model.Key(place: places[0], item: item.id)
    let there = Model.Key(place: places[1], item: item.id)
    var deltas: [Model.Key: Int64] = [:]
    var received: Int64 = 0
    do {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<3:
        let worth = Int64.random(in: 0...999, using: &random)
        let event = try await Goods.receive(
          [
            .init(
              item: item.id, donor: goods.donor, place: places[0], quantity: quantity,
              worth: .total(Money(fen: worth)))
          ], day, in: goods.context)
        events.append((event, item.id, false))
        (deltas, received) = ([here: quantity], quantity)
      case 3..<5:
        _ = try await Goods.move(
          amount, from: places[0], to: places[1], day, in: goods.context)
        deltas = [here: -quantity, there: quantity]
      case 5..<8:
        let event = try await Goods.handOut(
          [.init(student: goods.pupils[0], item: item.id, quantity: quantity)], from: places[0],
          day, in: goods.context)
        if places[0] == goods.store.id { events.append((event, item.id, true)) }
        deltas = [here: -quantity]
      case 8:
        _ = try await Goods.writeOff(amount, from: places[0], day, in: goods.context)
        deltas = [here: -quantity]
      default:
        guard let event = events.randomElement(using: &random), event.out else { return }
        _ = try await Goods.reverse(
          event.id, .item(nil, quantity: 1), returned: true, GoodsFixture.on("2026-10-10", "退"),
          in: goods.context)
        deltas = [.init(place: goods.store.id, item: event.item): 1]
      }
    } catch let error as GoodsError {
      #expect(
        ["goods.short", "goods.more_than_the_event"].contains(error.code),
        "seed \(seed): \(error)")
      model.totals.withLock { $0.refused += 1 }
      return
    }
    let (changes, came) = (deltas, received)
    model.totals.withLock { totals in
      for (key, change) in changes { totals.present[key, default: 0] += change }
      totals.received += came
      totals.out += came - changes.values.reduce(0, +)
      totals.done += 1
    }
  }

  @Test("kits assembled, components received and handed out at once never deadlock or lose a piece")
  func kitsAtOnce() async throws {
    let goods = try await GoodsFixture.make()
    let kit = try await Goods.item(
      name: "开学包", unit: "套", kind: .kit, school: goods.school, in: goods.context)
    _ = try await Goods.define(
      kit: kit.id,
      of: [.init(item: goods.bag.id, quantity: 1), .init(item: goods.pencil.id, quantity: 2)],
      in: goods.context)
    try await goods.receive(goods.bag, 60, worth: .each(Money(fen: 333)))
    try await goods.receive(goods.pencil, 100, worth: .total(Money(fen: 7_777)))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 {
        group.addTask {
          for _ in 0..<10 {
            let error = await failure {
              switch client % 3 {
              case 0:
                try await Goods.assemble(
                  kit: kit.id, count: 2, at: goods.store.id, GoodsFixture.on("2026-10-01"),
                  in: goods.context)
              case 1: try await goods.handOut(goods.pencil, 1)
              default: try await goods.handOut(kit, 1, to: 1)
              }
            }
            #expect(
              error == nil || code(error) == "goods.short", "\(String(describing: error))")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await goods.faults() == [])
  }
}
