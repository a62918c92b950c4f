/// Shortest augmenting paths over reduced costs.
final class PathSearch {
  private struct Item: BitwiseCopyable {
    let distance: Int64
    /// A column, or ~ the number of a generator.
    let node: Int32
  }

  /// A row's way into a bundle, whose columns come in the order of their distance.
  private struct Generator: BitwiseCopyable {
    let row: Int32
    let bundle: Int32
    let extra: Int64
    let base: Int64
    let isPicky: Bool
    var next: Int32 = 0
  }

  private let market: Market
  private let distance: Store<Int64>
  private let stamp: Store<Int32>
  private let isDone: Store<Int32>
  private let fromRow: Store<Int32>
  private let fromWeight: Store<Int64>
  private var now: Int32 = 0
  private var queue: [Item] = []
  private var scanned: [Int32] = []
  private var generators: [Generator] = []
  private var bundleStamp: [Int32]
  private var bundleDistance: [Int64]
  private var bundleGenerator: [Int32]
  private var prefix: [[PriceHeap.Entry]]
  private var touched: [Int32] = []

  init(_ market: Market) {
    self.market = market
    distance = Store(repeating: 0, count: market.columnCount)
    stamp = Store(repeating: 0, count: market.columnCount)
    isDone = Store(repeating: 0, count: market.columnCount)
    fromRow = Store(repeating: -1, count: market.columnCount)
    fromWeight = Store(repeating: 0, count: market.columnCount)
    bundleStamp = Array(repeating: 0, count: market.bundles.count)
    bundleDistance = Array(repeating: 0, count: market.bundles.count)
    bundleGenerator = Array(repeating: -1, count: market.bundles.count)
    prefix = Array(repeating: [], count: market.bundles.count)
  }

  /// Gives a free row a column by moving others where that is best.
  func augment(from source: Int32) -> Bool {
    now += 1
    queue.removeAll(keepingCapacity: true)
    scanned.removeAll(keepingCapacity: true)
    generators.removeAll(keepingCapacity: true)
    touched.removeAll(keepingCapacity: true)
    var profit = market.choice(of: source).value
    scan(source, profit)
    var target: Int32 = -1
    var reached: Int64 = 0
    while let item = pop() {
      guard let column = settle(item) else { continue }
      let row = market.rowOfColumn[column]
      if row < 0 {
        (target, reached) = (column, item.distance)
        break
      }
      scanned.append(column)
      profit = market.weightOfRow[row] - market.prices[column]
      scan(row, item.distance + profit)
    }
    for bundle in touched {
      for entry in prefix[Int(bundle)] { market.bundles[Int(bundle)].push(entry) }
      prefix[Int(bundle)].removeAll(keepingCapacity: true)
    }
    guard target >= 0 else { return false }
    for column in scanned { market.prices[column] += reached - distance[column] }
    market.shift(to: target, from: source, fromRow, fromWeight)
    return true
  }

  /// The column that an item of the queue reaches for good; nil if it is out of date.
  @inline(__always)
  private func settle(_ item: Item) -> Int32? {
    if item.node >= 0 {
      if isDone[item.node] == now || distance[item.node] != item.distance { return nil }
      isDone[item.node] = now
      return item.node
    }
    let number = Int(~item.node)
    let generator = generators[number]
    let bundle = Int(generator.bundle)
    if !generator.isPicky, bundleGenerator[bundle] != Int32(number) { return nil }
    let entry = prefix[bundle][Int(generator.next)]
    generators[number].next += 1
    advance(number)
    if isDone[entry.column] == now { return nil }
    if stamp[entry.column] == now, distance[entry.column] < item.distance { return nil }
    stamp[entry.column] = now
    distance[entry.column] = item.distance
    fromRow[entry.column] = generator.row
    fromWeight[entry.column] = entry.weight + generator.extra
    isDone[entry.column] = now
    return entry.column
  }

  /// Queues a generator at its next column that is still of use.
  private func advance(_ number: Int) {
    var generator = generators[number]
    let bundle = Int(generator.bundle)
    while true {
      if Int(generator.next) == prefix[bundle].count {
        guard let entry = market.bundles[bundle].pop(market.prices) else { break }
        prefix[bundle].append(entry)
      }
      let entry = prefix[bundle][Int(generator.next)]
      if isDone[entry.column] != now
        && !(generator.isPicky && market.excludes(generator.row, entry.column))
      {
        push(Item(distance: generator.base - entry.key, node: ~Int32(number)))
        break
      }
      generator.next += 1
    }
    generators[number] = generator
  }

  /// - Parameter base: the row's distance and its profit.
  private func scan(_ row: Int32, _ base: Int64) {
    let market = market
    var index = Int(market.singleStart[row])
    let end = Int(market.singleStart[row + 1])
    while index < end {
      let column = market.singleColumn[index]
      let weight = market.singleWeight[index]
      let far = base - weight + market.prices[column]
      if stamp[column] != now || far < distance[column] {
        stamp[column] = now
        distance[column] = far
        fromRow[column] = row
        fromWeight[column] = weight
        push(Item(distance: far, node: column))
      }
      index += 1
    }
    let kind = market.classOfRow[row]
    var slot = market.classStart[kind]
    while slot < market.classStart[kind + 1] {
      enter(market.classBundle[slot], 0, row, base)
      slot += 1
    }
    slot = market.linkStart[row]
    while slot < market.linkStart[row + 1] {
      enter(market.linkBundle[slot], market.linkWeight[slot], row, base)
      slot += 1
    }
  }

  @inline(__always)
  private func enter(_ bundle: Int32, _ extra: Int64, _ row: Int32, _ base: Int64) {
    let isPicky = market.hasExceptions(row)
    let number = Int(bundle)
    if !isPicky, bundleStamp[number] == now, bundleDistance[number] <= base - extra { return }
    if prefix[number].isEmpty {
      guard let entry = market.bundles[number].pop(market.prices) else { return }
      prefix[number].append(entry)
      touched.append(bundle)
    }
    if !isPicky {
      bundleStamp[number] = now
      bundleDistance[number] = base - extra
      bundleGenerator[number] = Int32(generators.count)
    }
    generators.append(
      Generator(row: row, bundle: bundle, extra: extra, base: base - extra, isPicky: isPicky))
    advance(generators.count - 1)
  }

  @inline(__always)
  private func push(_ item: Item) {
    queue.append(item)
    queue.withUnsafeMutableBufferPointer { heap in
      var index = heap.count - 1
      while index > 0 {
        let parent = (index - 1) / 2
        if heap[parent].distance <= item.distance { break }
        heap[index] = heap[parent]
        index = parent
      }
      heap[index] = item
    }
  }

  @inline(__always)
  private func pop() -> Item? {
    guard let first = queue.first else { return nil }
    let moved = queue.removeLast()
    if queue.isEmpty { return first }
    queue.withUnsafeMutableBufferPointer { heap in
      let count = heap.count
      var index = 0
      while true {
        var child = 2 * index + 1
        if child >= count { break }
        if child + 1 < count, heap[child + 1].distance < heap[child].distance { child += 1 }
        if heap[child].distance >= moved.distance { break }
        heap[index] = heap[child]
        index = child
      }
      heap[index] = moved
    }
    return first
  }
}
