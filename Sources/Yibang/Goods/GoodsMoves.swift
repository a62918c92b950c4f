package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// Takes amounts off a place's shelves, the oldest lots first.
  /// - Throws: `GoodsError.short` with every item that is short, and by how many.
  static func take(
    _ amounts: [Amount], from place: Place, on date: CalendarDate, lot: UUID? = nil,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [(amount: Amount, piles: [StockShelf.Pile])] {
    guard !amounts.isEmpty else { throw GoodsError.nothingToDo }
    guard amounts.allSatisfy({ (1...largestQuantity).contains($0.quantity) }) else {
      throw GoodsError.quantity
    }
    let items = Array(Set(amounts.map(\.item)))
    var shelves = try Stock.levels(
      session, place: place.id, items: items, on: date, lot: lot, actor: actor)
    let wanted = Dictionary(amounts.map { ($0.item, $0.quantity) }, uniquingKeysWith: +)
    try refuseShort(wanted, shelves, at: place, session, actor)
    return amounts.map { amount in
      (amount, shelves[amount.item]?.take(amount.quantity) ?? [])
    }
  }

  /// - Throws: `GoodsError.short` where there is less on the shelves than wanted.
  static func refuseShort(
    _ wanted: [UUID: Int64], _ shelves: [UUID: StockShelf], at place: Place,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    let short = wanted.filter { (shelves[$0.key]?.quantity ?? 0) < $0.value }
    guard !short.isEmpty else { return }
    let labels = try labels(Array(short.keys), session, actor)
    let shortages = short.map { item, quantity in
      GoodsError.Shortage(
        item: labels[item] ?? item.uuidString, wanted: quantity,
        present: shelves[item]?.quantity ?? 0)
    }
    throw GoodsError.short(shortages.sorted { $0.item < $1.item }, place: place.name)
  }

  /// Moves goods to another place of the same school.
  /// - Parameter lot: takes them from this lot; else from the oldest ones.
  /// - Returns: the event.
  /// - Throws: `GoodsError.short`, `.otherSchool`, `AccessError`, `IdempotencyError`.
  package static func move(
    _ amounts: [Amount], from: UUID, to: UUID, lot: UUID? = nil, _ occasion: Occasion,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard from != to else { throw GoodsError.nothingToDo }
    let request =
      occasion.digestParts + [from.uuidString, to.uuidString, lot?.uuidString]
      + amounts.flatMap { [$0.item.uuidString, "\($0.quantity)"] }
    return try await posting("goods.move", key: key, request: request, in: context) {
      session, event in
      let source = try place(from, session, actor)
      let target = try place(to, session, actor)
      guard source.school == target.school else { throw GoodsError.otherSchool }
      try Stock.lock(session, amounts.flatMap { [(from, $0.item), (to, $0.item)] })
      let taken = try take(
        amounts, from: source, on: occasion.date, lot: lot, session, actor)
      let lines = taken.flatMap(\.piles).flatMap { pile in
        [
          Stock.Line(
            lot: pile.lot, place: from, quantity: -pile.quantity,
            value: Money(fen: -pile.value.fen)),
          Stock.Line(lot: pile.lot, place: to, quantity: pile.quantity, value: pile.value),
        ]
      }
      try Stock.post(session, event: event, .move, occasion, lines, actor: actor)
      try audit("goods.move", amounts, event, source, session, actor)
    }
  }

  /// Writes goods off: broken, spoilt, lost, with the reason.
  /// - Returns: the event.
  /// - Throws: `GoodsError.short`, `.reasonMissing`, `AccessError`, `IdempotencyError`.
  package static func writeOff(
    _ amounts: [Amount], from: UUID, lot: UUID? = nil, _ occasion: Occasion,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard occasion.reason?.nonEmpty != nil else { throw GoodsError.reasonMissing("") }
    let request =
      occasion.digestParts + [from.uuidString, lot?.uuidString]
      + amounts.flatMap { [$0.item.uuidString, "\($0.quantity)"] }
    return try await posting("goods.write_off", key: key, request: request, in: context) {
      session, event in
      let source = try place(from, session, actor)
      let taken = try take(
        amounts, from: source, on: occasion.date, lot: lot, session, actor)
      let lines = taken.flatMap(\.piles).map { $0.leaving(from) }
      try Stock.post(session, event: event, .writeOff, occasion, lines, actor: actor)
      try audit("goods.write_off", amounts, event, source, session, actor)
    }
  }

  static func audit(
    _ action: String, _ amounts: [Amount], _ event: UUID, _ place: Place,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.batch([
      Audit.statement(
        actor, action, subject: "goods_event", id: event, school: place.school,
        after: [
          "pieces": "\(amounts.reduce(0) { $0 + $1.quantity })",
          "items": "\(Set(amounts.map(\.item)).count)", "place": place.id.uuidString.lowercased(),
        ])
    ])
  }
}

extension StockShelf.Pile {
  /// The line by which the pile leaves a place.
  func leaving(_ place: UUID, into: UUID? = nil, handOut: UUID? = nil) -> Stock.Line {
    Stock.Line(
      lot: lot, place: place, quantity: -quantity, value: Money(fen: -value.fen), into: into,
      handOut: handOut)
  }
}
