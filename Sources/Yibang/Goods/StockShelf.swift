import Foundation

/// One item at one place: its lots, the oldest first. Pure: what is taken leaves the shelf at hand, and
/// is posted by the caller.
struct StockShelf: Sendable {
  /// What is left of one lot.
  struct Pile: Sendable, Equatable {
    let lot: UUID
    var quantity: Int64
    var value: Money

    /// Takes pieces off. Each is worth the same whole fen; the last one takes the remainder, as
    /// `Money.split` does, so that no fen is lost.
    mutating func take(_ count: Int64) -> Pile {
      precondition(count >= 0 && count <= quantity)
      let share = count == quantity ? value.fen : value.fen / max(1, quantity) * count
      quantity -= count
      value = Money(fen: value.fen - share)
      return Pile(lot: lot, quantity: count, value: Money(fen: share))
    }
  }

  var piles: [Pile] = []

  var quantity: Int64 { piles.reduce(0) { $0 + $1.quantity } }

  /// Takes pieces, the oldest lots first.
  /// - Returns: what was taken of each lot; nil, and nothing changed, where there are too few.
  mutating func take(_ count: Int64) -> [Pile]? {
    guard count <= quantity else { return nil }
    var taken: [Pile] = []
    var wanted = count
    for index in piles.indices where wanted > 0 && piles[index].quantity > 0 {
      let part = piles[index].take(min(wanted, piles[index].quantity))
      wanted -= part.quantity
      taken.append(part)
    }
    piles.removeAll { $0.quantity == 0 }
    return taken
  }
}

/// Kits that hold the same: of each component the same number out of the same lots.
struct KitRun: Sendable {
  var count: Int64
  /// What all kits of the run took together.
  var parts: [StockShelf.Pile]
  /// What one kit holds, by lot.
  let content: [UUID: Int64]

  /// Packs kits one after the other, the oldest lots first. Kits out of different lots come apart in
  /// different runs, so that a donor's piece can be followed into the very kits that hold it.
  /// - Returns: nil where a component is short; the shelves are then half empty.
  static func pack(
    _ kits: Int64, of components: [(item: UUID, quantity: Int64)],
    from shelves: inout [UUID: StockShelf]
  ) -> [KitRun]? {
    var runs: [KitRun] = []
    for _ in 0..<kits {
      var parts: [StockShelf.Pile] = []
      for component in components {
        guard let taken = shelves[component.item]?.take(component.quantity) else { return nil }
        parts += taken
      }
      let content = Dictionary(parts.map { ($0.lot, $0.quantity) }, uniquingKeysWith: +)
      if runs.last?.content == content {
        runs[runs.count - 1].add(parts)
      } else {
        runs.append(KitRun(count: 1, parts: parts, content: content))
      }
    }
    return runs
  }

  private mutating func add(_ more: [StockShelf.Pile]) {
    count += 1
    for (index, part) in more.enumerated() {
      parts[index].quantity += part.quantity
      parts[index].value = Money(fen: parts[index].value.fen + part.value.fen)
    }
  }
}
