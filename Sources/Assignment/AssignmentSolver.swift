extension AssignmentProblem {
  /// The best assignment: first the best set of takers, in the order of priority, that can be served
  /// together; of the ways to serve it those of the highest weight; of these one with the fewest
  /// changes from the earlier assignment; of these the same one for the same problem, in whatever
  /// order hubs' members, wishes and pairs are given.
  /// - Throws: `AssignmentError` if the problem contradicts itself or its weights are too large.
  package func solve() throws(AssignmentError) -> AssignmentResult {
    let instance = try Instance(self)
    let set = ServedSet(instance)
    let builder = try MarketBuilder(instance, serving: set.isServed)
    let market = Market(builder.parts)
    market.bid(ceiling: builder.ceiling)
    market.roundPrices(to: builder.scale)
    let search = PathSearch(market)
    for row in TightMatching.run(market) {
      let isSeated = search.augment(from: row)
      precondition(isSeated, "every taker of the served set has a place")
    }
    var giverOfTaker = [Int32](repeating: -1, count: instance.takerCount)
    for (row, taker) in builder.takers.enumerated() {
      giverOfTaker[Int(taker)] = market.giverOfColumn[market.columnOfRow[row]]
    }
    useFirstGiversFirst(&giverOfTaker, instance, builder)
    for pair in fixed { giverOfTaker[Int(pair.taker)] = pair.giver }
    return AssignmentResult(
      giverOfTaker: giverOfTaker,
      certificate: certificate(market, builder, instance, closedAt: set.closedAt))
  }

  /// Among givers of a class whom no taker tells apart, the first are used first, by the takers who
  /// come first.
  private func useFirstGiversFirst(
    _ giverOfTaker: inout [Int32], _ instance: Instance, _ builder: MarketBuilder
  ) {
    var takersOfClass = [[Int32]](repeating: [], count: instance.giversOfClass.count)
    for taker in builder.takers {
      let giver = Int(giverOfTaker[Int(taker)])
      if !builder.isTouched[giver] { takersOfClass[Int(giverClasses[giver])].append(taker) }
    }
    for (kind, takers) in takersOfClass.enumerated() where !takers.isEmpty {
      var next = 0
      for giver in instance.giversOfClass[kind] where !builder.isTouched[Int(giver)] {
        let end = min(next + instance.places[Int(giver)], takers.count)
        for taker in takers[next..<end] { giverOfTaker[Int(taker)] = giver }
        next = end
      }
    }
  }

  private func certificate(
    _ market: Market, _ builder: MarketBuilder, _ instance: Instance, closedAt: [Int32]
  ) -> AssignmentCertificate {
    // Weights are multiples of the scale, and so are differences of exact prices: rounding all of
    // them down keeps every inequality and equality.
    let scale = builder.scale
    func floored(_ price: Int64) -> Int64 { price / scale - (price % scale < 0 ? 1 : 0) }
    var base = Int64.max
    for column in 0..<market.columnCount { base = min(base, floored(market.prices[column])) }
    var takerPrices = [Int64](repeating: 0, count: instance.takerCount)
    var lowest: Int64 = 0
    for (row, taker) in builder.takers.enumerated() {
      let price = floored(market.prices[market.columnOfRow[row]]) - base
      takerPrices[Int(taker)] = market.weightOfRow[row] / scale - price
      lowest = min(lowest, takerPrices[Int(taker)])
    }
    // Nobody can have what is not there: its price may be anything that is high enough.
    let unavailable = builder.prohibitive - lowest
    let giverPrices = builder.columnsOfGiver.enumerated().map { giver, columns -> Int64 in
      if columns.isEmpty { return instance.places[giver] > 0 ? 0 : unavailable }
      return columns.map { floored(market.prices[$0]) }.min().map { $0 - base } ?? 0
    }
    return AssignmentCertificate(
      takerPrices: takerPrices, giverPrices: giverPrices, closedAt: closedAt)
  }
}
