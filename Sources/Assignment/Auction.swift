extension Market {
  /// Finds prices near the best, and an assignment that is best but for a little a row.
  ///
  /// Rows bid for what they like best, and push out who had it, until none is free; then again from
  /// the prices reached, with finer steps. A bid raises a price to where the next best is as good,
  /// and by the step. Whatever the rounds leave undone is left to the exact search.
  /// - Parameter ceiling: no price passes it.
  func bid(ceiling: Int64) {
    guard rowCount > 0 else { return }
    var step = max(range / 2, 1)
    while true {
      rowOfColumn.fill(-1)
      columnOfRow.fill(-1)
      round(step: step, ceiling: ceiling)
      if step == 1 { return }
      step = max(step / 5, 1)
    }
  }

  private func round(step: Int64, ceiling: Int64) {
    var free: [Int32] = []
    free.reserveCapacity(rowCount)
    for row in (0..<Int32(rowCount)).reversed() { free.append(row) }
    // Some fifty bids a row are a hard instance; without an end, a war of prices could be long.
    var left = 400 * rowCount + 10_000
    while let row = free.popLast() {
      left -= 1
      let choice = choice(of: row)
      if left == 0 || choice.column < 0 { return }
      let rise = choice.hasSecond ? choice.value - choice.second : range
      if prices[choice.column] > ceiling - rise - step { return }
      prices[choice.column] += rise + step
      let former = seat(row, at: choice.column, weight: choice.weight)
      if former >= 0 { free.append(former) }
    }
  }

  /// Takes prices down to whole units, at which many rows like several columns equally.
  func roundPrices(to unit: Int64) {
    for column in 0..<columnCount { prices[column] -= prices[column] % unit }
    for bundle in bundles.indices { bundles[bundle].rebuild(prices: prices) }
  }
}
