import Foundation
import Postgres
import SchoolCalendar

/// Stock and the events that change it. Quantities are whole pieces of an item's unit; values are fen.
/// `stock_post` writes; nothing else can.
enum Stock {
  /// A movement of one lot at one place.
  struct Line: Sendable {
    var lot: UUID
    var place: UUID
    /// Negative: it goes.
    var quantity: Int64
    var value: Money
    /// The kits that it goes into.
    var into: UUID?
    var handOut: UUID?
    /// The line of an earlier event that it takes back or values anew.
    var of: LineKey?
  }

  struct LineKey: Sendable, Hashable {
    let event: UUID
    let number: Int32
  }

  // event, kind, semester, date, reason, source, reverses, actor, lots, places, quantities, values,
  // into, hand-outs, events and numbers of earlier lines
  private static let post: SQL = """
    select stock_post(
      $1, $2, $3::int, $4, $5::text, $6::text, $7::uuid, $8, $9, $10, $11, $12, $13::uuid[],
      $14::uuid[], $15::uuid[], $16::int[])
    """

  /// Posts an event with its lines, in the caller's transaction, all or none.
  /// - Throws: `GoodsError` where the database refuses.
  static func post(
    _ session: borrowing Session, event: UUID, _ kind: Goods.EventKind, _ occasion: Goods.Occasion,
    reverses: UUID? = nil, _ lines: [Line], actor: Actor
  ) throws {
    guard !lines.isEmpty else { throw GoodsError.nothingToDo }
    let statement = Bound(
      post, event, kind.rawValue, occasion.semester.ordinal, occasion.date, occasion.reason,
      occasion.source, reverses, actor.userID, lines.map(\.lot), lines.map(\.place),
      lines.map(\.quantity), lines.map(\.value.fen), lines.map(\.into), lines.map(\.handOut),
      lines.map(\.of?.event), lines.map(\.of?.number))
    do {
      _ = try session.batch([statement])
    } catch {
      throw GoodsError.refusal(error)
    }
  }

  private static let lock: SQL = "select stock_lock($1, $2)"

  /// Locks items at places until the end of the transaction, in the order all postings keep.
  static func lock(
    _ session: borrowing Session, _ pairs: [(place: UUID, item: UUID)]
  ) throws {
    guard !pairs.isEmpty else { return }
    let statement = Bound(lock, pairs.map(\.place), pairs.map(\.item))
    do {
      _ = try session.batch([statement])
    } catch {
      throw GoodsError.refusal(error)
    }
  }

  private static let levels: SQL = """
    select s.item_id, s.lot_id, s.quantity, s.value_fen from stock s
    join goods_lot l on l.district_id = s.district_id and l.id = s.lot_id
    where s.district_id = $1 and s.place_id = $2 and s.item_id = any ($3) and s.quantity > 0
      and l.received_on <= $4 and ($5::uuid is null or l.id = $5)
    order by l.received_on, l.id
    """

  /// What lies at a place of some items, by item, the oldest lot first; locked.
  /// - Parameters:
  ///   - date: lots received later are left out.
  ///   - lot: only this one.
  static func levels(
    _ session: borrowing Session, place: UUID, items: [UUID], on date: CalendarDate,
    lot: UUID? = nil, actor: Actor
  ) throws -> [UUID: StockShelf] {
    try lock(session, items.map { (place, $0) })
    var shelves: [UUID: StockShelf] = [:]
    let rows = try session.query(levels, actor.districtID, place, items, date, lot)
    for row in rows {
      let pile = StockShelf.Pile(
        lot: try row.get(1), quantity: try row.get(2), value: Money(fen: try row.get(3)))
      shelves[try row.get(0), default: StockShelf()].piles.append(pile)
    }
    return shelves
  }
}
