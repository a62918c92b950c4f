/// Seats free rows by moves among what each row likes best, at prices that stay as they are.
final class TightMatching {
  private let market: Market
  private let profit: [Int64]
  private let visited: Store<Int32>
  private let fromRow: Store<Int32>
  private let fromWeight: Store<Int64>
  private var now: Int32 = 0
  private var stack: [Int32] = []
  private var lists: [BestOfBundle]
  private var opened: [Int] = []

  /// The columns of a bundle that are worth most, not yet visited in this phase.
  private struct BestOfBundle {
    var phase: Int32 = 0
    var value: Int64 = 0
    var unvisited: [PriceHeap.Entry] = []
    var taken: [PriceHeap.Entry] = []
  }

  /// Rows that no such moves seat.
  static func run(_ market: Market) -> [Int32] {
    TightMatching(market).run()
  }

  private init(_ market: Market) {
    self.market = market
    profit = (0..<Int32(market.rowCount)).map { market.choice(of: $0).value }
    visited = Store(repeating: 0, count: market.columnCount)
    fromRow = Store(repeating: -1, count: market.columnCount)
    fromWeight = Store(repeating: 0, count: market.columnCount)
    lists = Array(repeating: BestOfBundle(), count: market.bundles.count)
  }

  private func run() -> [Int32] {
    var free = unseatDiscontented()
    while !free.isEmpty {
      now += 1
      // A column visited in vain leads nowhere for the rest of the phase.
      let still = free.filter { !seat($0) }
      for bundle in opened {
        for entry in lists[bundle].taken { market.bundles[bundle].push(entry) }
        lists[bundle].taken = []
      }
      opened = []
      if still.count == free.count { return still }
      free = still
    }
    return []
  }

  private func unseatDiscontented() -> [Int32] {
    var free: [Int32] = []
    for row in 0..<Int32(market.rowCount) {
      let column = market.columnOfRow[row]
      if column >= 0 {
        if market.weightOfRow[row] - market.prices[column] == profit[Int(row)] { continue }
        market.rowOfColumn[column] = -1
        market.columnOfRow[row] = -1
      }
      free.append(row)
    }
    return free
  }

  private func seat(_ source: Int32) -> Bool {
    stack.removeAll(keepingCapacity: true)
    stack.append(source)
    while let row = stack.popLast() {
      guard let target = expand(row) else { continue }
      for waiting in stack { visited[market.columnOfRow[waiting]] = 0 }
      market.shift(to: target, from: source, fromRow, fromWeight)
      return true
    }
    return false
  }

  /// Visits what a row likes best; the first that is free, if any is.
  private func expand(_ row: Int32) -> Int32? {
    let market = market
    let wanted = profit[Int(row)]
    var index = Int(market.singleStart[row])
    let end = Int(market.singleStart[row + 1])
    while index < end {
      let column = market.singleColumn[index]
      let weight = market.singleWeight[index]
      if weight - market.prices[column] == wanted, visited[column] != now,
        visit(column, row, weight)
      {
        return column
      }
      index += 1
    }
    let kind = market.classOfRow[row]
    for slot in market.classStart[kind]..<market.classStart[kind + 1] {
      if let free = expand(row, Int(market.classBundle[slot]), 0) { return free }
    }
    for slot in market.linkStart[row]..<market.linkStart[row + 1] {
      if let free = expand(row, Int(market.linkBundle[slot]), market.linkWeight[slot]) {
        return free
      }
    }
    return nil
  }

  private func expand(_ row: Int32, _ bundle: Int, _ extra: Int64) -> Int32? {
    open(bundle)
    guard lists[bundle].value + extra == profit[Int(row)] else { return nil }
    var index = lists[bundle].unvisited.count - 1
    while index >= 0, index < lists[bundle].unvisited.count {
      let entry = lists[bundle].unvisited[index]
      if visited[entry.column] == now {
        lists[bundle].unvisited.swapAt(index, lists[bundle].unvisited.count - 1)
        lists[bundle].unvisited.removeLast()
      } else if !market.excludes(row, entry.column),
        visit(entry.column, row, entry.weight + extra)
      {
        return entry.column
      }
      index -= 1
    }
    return nil
  }

  /// Takes the best columns out of the bundle's heap for this phase.
  private func open(_ bundle: Int) {
    if lists[bundle].phase == now { return }
    lists[bundle].phase = now
    lists[bundle].unvisited = []
    guard let top = market.bundles[bundle].top(market.prices)?.key else { return }
    while let entry = market.bundles[bundle].top(market.prices), entry.key == top {
      lists[bundle].unvisited.append(entry)
      _ = market.bundles[bundle].pop(market.prices)
    }
    lists[bundle].value = top
    lists[bundle].taken = lists[bundle].unvisited
    opened.append(bundle)
  }

  /// - Returns: whether the column is free.
  @inline(__always)
  private func visit(_ column: Int32, _ row: Int32, _ weight: Int64) -> Bool {
    visited[column] = now
    fromRow[column] = row
    fromWeight[column] = weight
    let next = market.rowOfColumn[column]
    if next < 0 { return true }
    stack.append(next)
    return false
  }
}
