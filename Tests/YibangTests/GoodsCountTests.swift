import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Counting goods")
struct GoodsCountTests {
  private func count(
    _ goods: GoodsFixture, _ counted: [Goods.Counted], key: String? = nil
  ) async throws -> [Goods.Difference] {
    try await Goods.count(
      counted, at: goods.store.id, GoodsFixture.on("2026-10-20"), key: key, in: goods.context
    ).differences
  }

  @Test("human-essentials #4923: what was not counted stays as it is")
  func partialCount() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 10)
    try await goods.receive(goods.pencil, 50)
    let differences = try await count(
      goods, [.init(item: goods.bag.id, quantity: 8, reason: "被雨淋坏")])
    #expect(differences.map(\.booked) == [10])
    #expect(differences.map(\.counted) == [8])
    #expect(try await goods.quantity(goods.pencil) == 50)
    #expect(try await goods.quantity(goods.bag) == 8)
    #expect(try await goods.faults() == [])
  }

  @Test("human-essentials #3447: a count posts its differences, and the history gives the stock")
  func stockIsItsHistory() async throws {
    let goods = try await GoodsFixture.make()
    let lot = try await goods.receive(goods.bag, 10, worth: .total(Money(fen: 999)))
    _ = try await count(goods, [.init(item: goods.bag.id, quantity: 7, reason: "短少")])
    _ = try await count(goods, [.init(item: goods.bag.id, quantity: 12, reason: "另柜找到")])
    let levels = try await Goods.stock(
      school: goods.school, item: goods.bag.id, byLot: true, in: goods.context)
    // Three make good what was missing, two are nobody's.
    #expect(Dictionary(uniqueKeysWithValues: levels.map { ($0.lot!, $0.quantity) })[lot] == 10)
    #expect(levels.reduce(0) { $0 + $1.quantity } == 12)
    #expect(levels.reduce(0) { $0 + $1.value.fen } == 999)
    let card = try await Goods.card(
      goods.bag, TestDistrict.autumn, school: goods.school, in: goods.context)
    #expect(card.lines.map(\.quantity) == [10, -3, 5])
    #expect(card.closing == 12)
    #expect(try await goods.faults() == [])
  }

  @Test("human-essentials #3949: no count makes stock negative")
  func noNegative() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 2)
    let negative = await failure {
      try await count(goods, [.init(item: goods.bag.id, quantity: -1, reason: "x")])
    }
    #expect(code(negative) == "goods.quantity")
    _ = try await count(goods, [.init(item: goods.bag.id, quantity: 0, reason: "全部丢失")])
    #expect(try await goods.quantity(goods.bag) == 0)
    #expect(try await goods.faults() == [])
  }

  @Test("a difference without a reason is refused, and so is the whole count")
  func reasonless() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 10)
    try await goods.receive(goods.pencil, 5)
    let error = await failure {
      try await count(
        goods,
        [
          .init(item: goods.bag.id, quantity: 9, reason: "破损"),
          .init(item: goods.pencil.id, quantity: 4),
        ])
    }
    #expect(code(error) == "goods.reason_missing")
    #expect(try await goods.quantity(goods.bag) == 10)
    #expect(try await count(goods, [.init(item: goods.bag.id, quantity: 10)]).isEmpty)
  }

  @Test("a count is refused when the item moved after the sheet was drawn, and says what moved")
  func movedSince() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 10)
    try await goods.receive(goods.pencil, 5)
    let sheet = try await Goods.countSheet(
      of: goods.store, on: CalendarDate("2026-10-20")!, in: goods.context)
    #expect(sheet.rows.count == 2)
    _ = try await goods.handOut(goods.bag, 3)
    func filled(_ bags: String, _ pencils: String) -> String {
      let lines = sheet.rows.map { row in
        let counted = row[0].text == "书包" ? bags : pencils
        return "\(row[0].text),\(row[1].text),\(row[2].text),\(counted),盘点,\(row[5].text)"
      }
      return (["库房盘点表", "物品,单位,账面数量,实盘数量,原因,版本"] + lines).joined(separator: "\n")
    }
    func importCount(_ text: String) async throws -> ImportReport {
      try await goods.district.sheet(text) { path in
        try await Goods.importCount(
          goods.district.request(path), at: goods.store, on: CalendarDate("2026-10-20")!,
          in: goods.context)
      }
    }
    let refused = try await importCount(filled("10", "4"))
    #expect(!refused.written)
    #expect(refused.refused.first?.problem.zh.contains("2026-10-08 发放 -3") == true)
    #expect(try await goods.quantity(goods.pencil) == 5)
    let partial = try await importCount(filled("", "4"))
    #expect((partial.accepted, partial.updated, partial.written) == (1, 1, true))
    #expect(try await goods.quantity(goods.pencil) == 4)
    #expect(try await goods.quantity(goods.bag) == 7)
  }

  @Test("counts and hand-outs at once: stock equals its events")
  func countsAtOnce() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 200)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 {
        group.addTask {
          for number in 0..<10 {
            if client % 2 == 0 {
              _ = try await count(
                goods,
                [.init(item: goods.bag.id, quantity: Int64(100 + number), reason: "盘点")])
            } else {
              _ = try await goods.handOut(goods.bag, 1, to: client % 3)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await goods.faults() == [])
  }
}
