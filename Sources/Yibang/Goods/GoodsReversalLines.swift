import Foundation

/// What an event's counter-event consists of. Pure: decided from the event's lines and the stock of
/// their lots, both locked.
struct GoodsReversal {
  /// A line of the event and what is left of it.
  struct Root: Sendable {
    let number: Int32
    let lot: UUID
    let item: UUID
    let place: UUID
    let quantity: Int64
    let value: Money
    let into: UUID?
    let handOut: UUID?
  }

  struct PileKey: Hashable {
    let lot: UUID
    let place: UUID
  }

  /// What can only be taken back together: one line, both ends of a move, a run of kits with its parts.
  private struct Unit {
    /// The line that counts: what came, or what went.
    let root: Root
    /// Where it came from: the other end, or the parts.
    var sources: [Root] = []
  }

  let event: UUID
  let kind: Goods.EventKind
  let roots: [Root]
  var piles: [PileKey: StockShelf.Pile] = [:]

  private var lines: [Stock.Line] = []
  /// By how much lots are worth less as a whole.
  private var lotValue: [UUID: Money] = [:]

  init(event: UUID, kind: Goods.EventKind, roots: [Root]) {
    self.event = event
    self.kind = kind
    self.roots = roots
  }

  private var units: [Unit] {
    switch kind {
    case .move:
      return zip(roots.filter { $0.number % 2 == 0 }, roots.filter { $0.number % 2 == 1 })
        .map { Unit(root: $0, sources: [$1]) }
    case .assemble:
      return roots.filter { $0.into == nil }.map { kits in
        Unit(root: kits, sources: roots.filter { $0.into == kits.lot })
      }
    default: return roots.map { Unit(root: $0) }
    }
  }

  /// The counter-event's lines, and by how much which lots are worth less.
  /// - Throws: `GoodsError.moreThanTheEvent`, `.oneLineOnly`, `.quantity`, `.notBelowZero`.
  mutating func lines(
    _ extent: Goods.Extent
  ) throws -> (lines: [Stock.Line], lotValue: [UUID: Money]) {
    var chosen = units.filter { $0.root.quantity != 0 }
    var wanted: Int64?
    switch extent {
    case .all: break
    case .item(let item, let quantity):
      if let item { chosen.removeAll { $0.root.item != item } }
      if Set(chosen.map(\.root.item)).count > 1 { throw GoodsError.oneLineOnly }
      wanted = quantity
    case .handOut(let id, let quantity):
      chosen.removeAll { $0.root.handOut != id }
      wanted = quantity
    }
    let left = chosen.reduce(0) { $0 + abs($1.root.quantity) }
    if let wanted, wanted < 1 { throw GoodsError.quantity }
    guard left > 0, wanted ?? left <= left else {
      throw GoodsError.moreThanTheEvent(left: left)
    }
    var rest = wanted ?? left
    // What went last comes back first.
    for unit in chosen.reversed() where rest > 0 {
      let count = min(rest, abs(unit.root.quantity))
      try take(back: unit, count)
      rest -= count
    }
    return (lines, lotValue)
  }

  private mutating func take(back unit: Unit, _ count: Int64) throws {
    if unit.root.quantity < 0 {
      add(unit.root, count, Self.share(of: unit.root, count))
      return
    }
    let key = PileKey(lot: unit.root.lot, place: unit.root.place)
    guard var pile = piles[key], pile.quantity >= count else { throw GoodsError.notBelowZero }
    let taken = pile.take(count)
    piles[key] = pile
    add(unit.root, -count, Money(fen: -taken.value.fen))
    guard !unit.sources.isEmpty else {
      lotValue[unit.root.lot, default: .zero] =
        Money(fen: (lotValue[unit.root.lot]?.fen ?? 0) + taken.value.fen)
      return
    }
    if kind == .assemble { lotValue[unit.root.lot] = taken.value }
    var rest = taken.value.fen
    for (index, source) in unit.sources.enumerated() {
      let back = -source.quantity / unit.root.quantity * count
      let isLast = index == unit.sources.count - 1
      // The whole fen of a kit's share that its parts do not make up go with the last of them.
      let value = isLast ? rest : Self.share(of: source, back).fen
      rest -= value
      add(source, back, Money(fen: value))
    }
  }

  /// What some pieces of a line that went are worth; all of them take the remainder.
  private static func share(of root: Root, _ count: Int64) -> Money {
    let gone = -root.quantity
    return Money(fen: count == gone ? -root.value.fen : -root.value.fen / gone * count)
  }

  private mutating func add(_ root: Root, _ quantity: Int64, _ value: Money) {
    lines.append(
      Stock.Line(
        lot: root.lot, place: root.place, quantity: quantity, value: value, into: root.into,
        handOut: root.handOut, of: Stock.LineKey(event: event, number: root.number)))
  }
}
