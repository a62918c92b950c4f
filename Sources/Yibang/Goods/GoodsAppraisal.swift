package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  private static let lotOf: SQL = """
    select l.origin, l.value_fen, l.value_basis, l.school_id from goods_lot l
    where l.district_id = $1 and l.id = $2
    """
  private static let kitLots: SQL = """
    select distinct into_lot from stock_line
    where district_id = $1 and lot_id = $2 and into_lot is not null and of_event is null
      and net_quantity <> 0
    """
  private static let placesOf: SQL = """
    select distinct place_id, item_id from stock where district_id = $1 and lot_id = any ($2)
    """
  private static let pilesOf: SQL = """
    select lot_id, place_id, quantity, value_fen from stock
    where district_id = $1 and lot_id = any ($2) and quantity > 0
    order by place_id
    """
  private static let rootsOf: SQL = """
    select l.lot_id, l.event_id, l.number, l.place_id, l.net_quantity, l.net_value_fen, l.into_lot,
      l.hand_out_id, l.quantity > 0
    from stock_line l
    join goods_event e on e.district_id = l.district_id and e.id = l.event_id
    join goods_lot o on o.district_id = l.district_id and o.id = l.lot_id
    where l.district_id = $1 and l.lot_id = any ($2) and l.of_event is null
      and (l.net_quantity < 0 or l.event_id = o.event_id) and l.quantity <> 0 and e.kind <> 'move'
    order by l.event_id, l.number
    """
  private static let value: SQL = """
    update goods_lot set value_fen = $3, value_basis = $4 where district_id = $1 and id = $2
    """
  private static let kitValue: SQL = """
    update goods_lot l set value_fen = coalesce(l.value_fen, 0) + u.difference
    from unnest($2::uuid[], $3::bigint[]) as u (lot_id, difference)
    where l.district_id = $1 and l.id = u.lot_id
    """

  /// Appraises a lot, for the first time or anew. What lies in stock, what went out and the kits that
  /// hold pieces of it are all valued anew by one event; the value before stays in the audit trail.
  /// - Parameter basis: where the value comes from, such as 购物发票.
  /// - Throws: `GoodsError.unknownLot`, `.kitLot`, `.sameValue`, `.reasonMissing`, `AccessError`.
  package static func appraise(
    _ lot: UUID, worth: Worth, basis: String, _ occasion: Occasion, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard let basis = normalizeText(basis).nonEmpty else { throw GoodsError.reasonMissing("") }
    var occasion = occasion
    occasion.reason = occasion.reason ?? basis
    let posted = occasion
    let request = occasion.digestParts + [lot.uuidString, worth.digestPart, basis]
    return try await posting("goods.appraise", key: key, request: request, in: context) {
      session, event in
      guard let row = try session.query(lotOf, actor.districtID, lot).first else {
        throw GoodsError.unknownLot(lot)
      }
      if try row.get(0) == "assembled" { throw GoodsError.kitLot }
      let before: Int64? = try row.optional(1)
      var valuation = try locked(lot, session, actor)
      guard let quantity = valuation.quantity(of: lot) else { throw GoodsError.notBelowZero }
      let fresh = try worth.total(of: quantity)
      guard fresh.fen != before else { throw GoodsError.sameValue }
      try valuation.revalue(lot, fresh)
      if !valuation.lines.isEmpty {
        try Stock.post(
          session, event: event, .appraise, posted, valuation.lines, actor: actor)
      }
      let kits = valuation.kitDifference
      _ = try session.batch([
        Bound(value, actor.districtID, lot, fresh.fen, basis),
        Bound(kitValue, actor.districtID, Array(kits.keys), kits.values.map(\.fen)),
        Audit.statement(
          actor, "goods.appraise", subject: "goods_lot", id: lot, school: try row.optional(3),
          before: ["value_fen": before.map { "\($0)" }, "basis": try row.optional(2)],
          after: ["value_fen": "\(fresh.fen)", "basis": basis]),
      ])
    }
  }

  /// The lot, and the kits that hold pieces of it, locked at every place.
  private static func locked(
    _ lot: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> GoodsValuation {
    var lots: [UUID] = []
    repeat {
      lots = [lot] + (try session.query(kitLots, actor.districtID, lot).map { try $0.get(0) })
      let pairs = try session.query(placesOf, actor.districtID, lots).map {
        (place: try $0.get(0) as UUID, item: try $0.get(1) as UUID)
      }
      try Stock.lock(session, pairs)
      // Kits assembled while the lock was waited for.
    } while try session.query(kitLots, actor.districtID, lot).count + 1 != lots.count
    var valuation = GoodsValuation()
    for row in try session.query(pilesOf, actor.districtID, lots) {
      let pile = StockShelf.Pile(
        lot: try row.get(0), quantity: try row.get(2), value: Money(fen: try row.get(3)))
      valuation.piles[pile.lot, default: []].append((place: try row.get(1), pile: pile))
    }
    for row in try session.query(rootsOf, actor.districtID, lots) {
      let root = GoodsValuation.Root(
        key: Stock.LineKey(event: try row.get(1), number: try row.get(2)), place: try row.get(3),
        quantity: try row.get(4), value: Money(fen: try row.get(5)), into: try row.optional(6),
        handOut: try row.optional(7))
      let id: UUID = try row.get(0)
      if try row.get(8) {
        valuation.origins[id] = root
      } else {
        valuation.gone[id, default: []].append(root)
      }
    }
    return valuation
  }
}

/// Values lots anew. Every piece of a lot is worth the same whole fen; the last piece, which is one in
/// stock or else the last that went, takes the remainder. Pure.
struct GoodsValuation {
  struct Root {
    let key: Stock.LineKey
    let place: UUID
    let quantity: Int64
    let value: Money
    let into: UUID?
    let handOut: UUID?
  }

  var piles: [UUID: [(place: UUID, pile: StockShelf.Pile)]] = [:]
  /// The lines by which lots came to be.
  var origins: [UUID: Root] = [:]
  /// The lines by which pieces went, and are gone.
  var gone: [UUID: [Root]] = [:]

  private(set) var lines: [Stock.Line] = []
  /// By how much kits are worth more.
  private(set) var kitDifference: [UUID: Money] = [:]

  func quantity(of lot: UUID) -> Int64? {
    origins[lot].flatMap { $0.quantity > 0 ? $0.quantity : nil }
  }

  /// - Throws: `MoneyError.overflow`.
  mutating func revalue(_ lot: UUID, _ value: Money) throws {
    guard let origin = origins[lot], origin.quantity > 0 else { return }
    let share = value.fen / origin.quantity
    var remainder = value.fen - share * origin.quantity
    // Value that comes to a place with no line of its own, so that every place adds up.
    var balance: [UUID: Int64] = [:]
    for (place, pile) in (piles[lot] ?? []).reversed() {
      balance[place, default: 0] += share * pile.quantity + remainder - pile.value.fen
      remainder = 0
    }
    let difference = try value - origin.value
    balance[origin.place, default: 0] -= difference.fen
    add(lot, origin, difference)
    var kits: [UUID: Money] = [:]
    for root in (gone[lot] ?? []).reversed() {
      let more = share * -root.quantity + remainder + root.value.fen
      remainder = 0
      balance[root.place, default: 0] += more
      add(lot, root, Money(fen: -more))
      if let into = root.into { kits[into] = try (kits[into] ?? .zero) + Money(fen: more) }
    }
    for (place, fen) in balance where fen != 0 {
      lines.append(Stock.Line(lot: lot, place: place, quantity: 0, value: Money(fen: fen)))
    }
    for (kit, more) in kits where more != .zero {
      kitDifference[kit] = more
      try revalue(kit, (origins[kit]?.value ?? .zero) + more)
    }
  }

  private mutating func add(_ lot: UUID, _ root: Root, _ difference: Money) {
    guard difference != .zero else { return }
    lines.append(
      Stock.Line(
        lot: lot, place: root.place, quantity: 0, value: difference, into: root.into,
        handOut: root.handOut, of: root.key))
  }
}
