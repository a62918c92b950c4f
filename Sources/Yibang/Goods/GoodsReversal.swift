package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// How much of an event is taken back.
  package enum Extent: Sendable, Hashable {
    case all
    /// So many of its one item, or of the item given.
    case item(UUID?, quantity: Int64)
    /// So many of what one pupil was given; all of it where nil.
    case handOut(UUID, quantity: Int64?)

    var digestParts: [String?] {
      switch self {
      case .all: ["all"]
      case .item(let item, let quantity): ["item", item?.uuidString, "\(quantity)"]
      case .handOut(let id, let quantity):
        ["hand_out", id.uuidString, quantity.map { "\($0)" }]
      }
    }
  }

  private static let event: SQL = """
    select kind from goods_event where district_id = $1 and id = $2
    """
  private static let places: SQL = """
    select distinct place_id, item_id from stock_line where district_id = $1 and event_id = $2
    """
  // A value laid on anew has no quantity and is nothing to take back.
  private static let lines: SQL = """
    select number, lot_id, item_id, place_id, net_quantity, net_value_fen, into_lot, hand_out_id
    from stock_line
    where district_id = $1 and event_id = $2 and of_event is null and quantity <> 0
    order by number
    """
  private static let piles: SQL = """
    select s.lot_id, s.place_id, s.quantity, s.value_fen from stock s
    where s.district_id = $1 and s.lot_id = any ($2) and s.quantity > 0
    """
  private static let lessValue: SQL = """
    update goods_lot l set value_fen = l.value_fen - u.value_fen
    from unnest($2::uuid[], $3::bigint[]) as u (lot_id, value_fen)
    where l.district_id = $1 and l.id = u.lot_id and l.value_fen is not null
    """

  /// Takes an event back, whole or in part, by a counter-event; never more than is left of it. Kits
  /// are taken apart into what they were made of.
  /// - Parameter returned: the goods came back, as opposed to an error that is put right.
  /// - Returns: the counter-event.
  /// - Throws: `GoodsError.unknownEvent`, `.notReversible`, `.moreThanTheEvent`, `.oneLineOnly`,
  ///   `.notBelowZero` where received goods have gone on, `AccessError`, `IdempotencyError`.
  package static func reverse(
    _ original: UUID, _ extent: Extent = .all, returned: Bool = false, _ occasion: Occasion,
    key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard occasion.reason?.nonEmpty != nil else { throw GoodsError.reasonMissing("") }
    let request =
      occasion.digestParts + [original.uuidString, "\(returned)"] + extent.digestParts
    return try await posting("goods.reverse", key: key, request: request, in: context) {
      session, id in
      guard let row = try session.query(event, actor.districtID, original).first,
        let kind = EventKind(rawValue: try row.get(0))
      else { throw GoodsError.unknownEvent(original) }
      let counter = try counterKind(of: kind, original, returned: returned)
      let pairs = try session.query(places, actor.districtID, original).map {
        (place: try $0.get(0) as UUID, item: try $0.get(1) as UUID)
      }
      try Stock.lock(session, pairs)
      var reversal = GoodsReversal(
        event: original, kind: kind,
        roots: try session.query(lines, actor.districtID, original).map { try root($0) })
      let lots = Array(Set(reversal.roots.map(\.lot)))
      for row in try session.query(piles, actor.districtID, lots) {
        let pile = StockShelf.Pile(
          lot: try row.get(0), quantity: try row.get(2), value: Money(fen: try row.get(3)))
        reversal.piles[.init(lot: pile.lot, place: try row.get(1))] = pile
      }
      let taken = try reversal.lines(extent)
      try Stock.post(
        session, event: id, counter, occasion, reverses: original, taken.lines, actor: actor)
      _ = try session.batch([
        Bound(
          lessValue, actor.districtID, Array(taken.lotValue.keys),
          taken.lotValue.values.map(\.fen)),
        Audit.statement(
          actor, "goods.\(counter.rawValue)", subject: "goods_event", id: id,
          before: ["event": original.uuidString.lowercased()],
          after: ["lines": "\(taken.lines.count)"]),
      ])
    }
  }

  private static func counterKind(
    of kind: EventKind, _ event: UUID, returned: Bool
  ) throws -> EventKind {
    switch kind {
    case .appraise, .reversal, .returned, .disassemble:
      throw GoodsError.notReversible(event, kind)
    case .assemble: .disassemble
    case .handOut: returned ? .returned : .reversal
    case .receive, .move, .writeOff, .count: .reversal
    }
  }

  private static func root(_ row: Row) throws -> GoodsReversal.Root {
    GoodsReversal.Root(
      number: try row.get(0), lot: try row.get(1), item: try row.get(2), place: try row.get(3),
      quantity: try row.get(4), value: Money(fen: try row.get(5)), into: try row.optional(6),
      handOut: try row.optional(7))
  }
}
