package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// How many of an item somebody counted at a place.
  package struct Counted: Sendable {
    package var item: UUID
    package var quantity: Int64
    /// Why it differs from the books; needed where it does.
    package var reason: String?
    /// The stock's version when the count sheet was drawn.
    package var version: Int64?

    package init(item: UUID, quantity: Int64, reason: String? = nil, version: Int64? = nil) {
      self.item = item
      self.quantity = quantity
      self.reason = reason
      self.version = version
    }
  }

  /// What a count found.
  package struct Difference: Sendable, Codable {
    package let event: UUID
    package let item: String
    package let booked: Int64
    package let counted: Int64
    package let reason: String
  }

  private static let booked: SQL = """
    select item_id, quantity, version from stock_item
    where district_id = $1 and place_id = $2 and item_id = any ($3)
    """
  private static let movedSince: SQL = """
    select e.occurred_on, e.kind, sum(l.quantity)::bigint from stock_line l
    join goods_event e on e.district_id = l.district_id and e.id = l.event_id
    where l.district_id = $1 and l.place_id = $2 and l.item_id = $3 and l.version > $4
    group by e.id, e.occurred_on, e.kind
    order by min(l.version)
    limit 20
    """
  private static let lostAtCounts: SQL = """
    select l.event_id, l.number, l.lot_id, -l.net_quantity, -l.net_value_fen from stock_line l
    join goods_event e on e.district_id = l.district_id and e.id = l.event_id
    where l.district_id = $1 and l.place_id = $2 and l.item_id = $3 and e.kind = 'count'
      and l.of_event is null and l.net_quantity < 0
    order by l.version desc
    limit 1000
    """

  /// Posts what a count found (盘点): each difference with its reason. Items that were not counted stay
  /// as they are. Pieces missing go from the oldest lots; surplus ones first make good what earlier
  /// counts missed, the rest becomes a lot of its own that nobody has appraised.
  /// - Returns: the differences; none where the books are right.
  /// - Throws: `GoodsError.reasonMissing`, `.movedSinceDrawn`, `.countedTwice`, `.quantity`,
  ///   `AccessError`, `IdempotencyError`.
  package static func count(
    _ counted: [Counted], at: UUID, _ occasion: Occasion, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, differences: [Difference]) {
    let actor = context.actor
    try actor.require(.manageGoods)
    let request =
      occasion.digestParts + [at.uuidString]
      + counted.flatMap {
        [$0.item.uuidString, "\($0.quantity)", $0.reason, $0.version.map { "\($0)" }]
      }
    let claim = IdempotencyKey(key, operation: "goods.count", request: request)
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, [])
      }
      let place = try place(at, session, actor)
      return (id, try count(counted, at: place, id: id, occasion, session, actor))
    }
  }

  static func count(
    _ counted: [Counted], at place: Place, id: UUID, _ occasion: Occasion,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [Difference] {
    let items = counted.map(\.item)
    let labels = try labels(items, session, actor)
    func label(_ item: UUID) -> String { labels[item] ?? item.uuidString.lowercased() }
    guard !counted.isEmpty else { throw GoodsError.nothingToDo }
    guard counted.allSatisfy({ (0...largestQuantity).contains($0.quantity) }) else {
      throw GoodsError.quantity
    }
    if let twice = Dictionary(grouping: items, by: { $0 }).first(where: { $1.count > 1 }) {
      throw GoodsError.countedTwice(label(twice.key))
    }
    try Stock.lock(session, items.map { (place.id, $0) })
    var books: [UUID: (quantity: Int64, version: Int64)] = [:]
    for row in try session.query(booked, actor.districtID, place.id, items) {
      books[try row.get(0)] = (try row.get(1), try row.get(2))
    }
    var differences: [Difference] = []
    for line in counted {
      let (quantity, version) = books[line.item] ?? (0, 0)
      if let drawn = line.version, drawn != version {
        throw GoodsError.movedSinceDrawn(
          item: label(line.item),
          events: try moves(of: line.item, at: place, since: drawn, session, actor))
      }
      guard line.quantity != quantity else { continue }
      guard let reason = (line.reason ?? occasion.reason)?.nonEmpty else {
        throw GoodsError.reasonMissing(label(line.item))
      }
      var own = occasion
      own.reason = reason
      let event = UUID.v7()
      try post(
        line.quantity - quantity, of: line.item, at: place, event: event, own, session, actor)
      differences.append(
        Difference(
          event: event, item: label(line.item), booked: quantity, counted: line.quantity,
          reason: reason))
    }
    _ = try session.batch([
      Audit.statement(
        actor, "goods.count", subject: "goods_count", id: id, school: place.school,
        after: [
          "items": "\(counted.count)", "differences": "\(differences.count)",
          "place": place.id.uuidString.lowercased(), "date": "\(occasion.date)",
        ])
    ])
    return differences
  }

  /// What moved an item at a place after the stock had this version, as 2026-11-20 发放 -3.
  static func moves(
    of item: UUID, at place: Place, since version: Int64, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [String] {
    try session.query(movedSince, actor.districtID, place.id, item, version).map { row in
      let date: CalendarDate = try row.get(0)
      let kind = EventKind(rawValue: try row.get(1))?.name.zh ?? ""
      let quantity: Int64 = try row.get(2)
      return "\(date) \(kind) \(quantity > 0 ? "+" : "")\(quantity)"
    }
  }

  private static func post(
    _ difference: Int64, of item: UUID, at place: Place, event: UUID, _ occasion: Occasion,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    var lines: [Stock.Line] = []
    if difference < 0 {
      let amount = Amount(item: item, quantity: -difference)
      lines = try take([amount], from: place, on: occasion.date, session, actor)
        .flatMap(\.piles).map { $0.leaving(place.id) }
    } else {
      var rest = difference
      let lost = try session.query(lostAtCounts, actor.districtID, place.id, item)
      for row in lost where rest > 0 {
        var pile = StockShelf.Pile(
          lot: try row.get(2), quantity: try row.get(3), value: Money(fen: try row.get(4)))
        let found = pile.take(min(rest, pile.quantity))
        rest -= found.quantity
        lines.append(
          Stock.Line(
            lot: found.lot, place: place.id, quantity: found.quantity, value: found.value,
            of: Stock.LineKey(event: try row.get(0), number: try row.get(1))))
      }
      if rest > 0 {
        let lot = LotRecord(item: item, origin: "found", condition: .good, quantity: rest)
        try insert([lot], school: place.school, event: event, occasion, session, actor)
        lines.append(Stock.Line(lot: lot.id, place: place.id, quantity: rest, value: .zero))
      }
    }
    try Stock.post(session, event: event, .count, occasion, lines, actor: actor)
  }
}
