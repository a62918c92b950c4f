/// The columns of a bundle, the most valuable first, while prices only rise.
///
/// A key may be older than its column's price, and is then too high: it is put right when it comes
/// to the top, so that a rise costs nothing until somebody asks.
struct PriceHeap {
  struct Entry: BitwiseCopyable {
    var key: Int64
    let weight: Int64
    let column: Int32
  }

  private(set) var entries: [Entry]

  /// At prices of nothing.
  init(_ members: [(column: Int32, weight: Int64)]) {
    entries = members.map { Entry(key: $0.weight, weight: $0.weight, column: $0.column) }
    heapify()
  }

  /// Takes prices that may have fallen.
  mutating func rebuild(prices: borrowing Store<Int64>) {
    for index in entries.indices {
      entries[index].key = entries[index].weight - prices[entries[index].column]
    }
    heapify()
  }

  private mutating func heapify() {
    var index = entries.count / 2
    while index > 0 {
      index -= 1
      siftDown(index)
    }
  }

  /// An upper bound on the value of the best column.
  @inline(__always) var bound: Int64? { entries.isEmpty ? nil : entries[0].key }

  /// The best column.
  @inline(__always)
  mutating func top(_ prices: borrowing Store<Int64>) -> Entry? {
    if entries.isEmpty { return nil }
    refresh(0, prices)
    return entries[0]
  }

  /// The best column but one. The best must be up to date.
  @inline(__always)
  mutating func second(_ prices: borrowing Store<Int64>) -> Entry? {
    let count = entries.count
    if count < 2 { return nil }
    refresh(1, prices)
    if count == 2 { return entries[1] }
    refresh(2, prices)
    return entries[2].key > entries[1].key ? entries[2] : entries[1]
  }

  @inline(__always)
  private mutating func refresh(_ index: Int, _ prices: borrowing Store<Int64>) {
    while true {
      let fresh = entries[index].weight - prices[entries[index].column]
      if fresh == entries[index].key { return }
      entries[index].key = fresh
      siftDown(index)
    }
  }

  mutating func pop(_ prices: borrowing Store<Int64>) -> Entry? {
    guard let best = top(prices) else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      siftDown(0)
    }
    return best
  }

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    entries.withUnsafeMutableBufferPointer { heap in
      var index = heap.count - 1
      while index > 0 {
        let parent = (index - 1) / 2
        if heap[parent].key >= entry.key { break }
        heap[index] = heap[parent]
        index = parent
      }
      heap[index] = entry
    }
  }

  private mutating func siftDown(_ start: Int) {
    entries.withUnsafeMutableBufferPointer { heap in
      let count = heap.count
      let moved = heap[start]
      var index = start
      while true {
        var child = 2 * index + 1
        if child >= count { break }
        if child + 1 < count, heap[child + 1].key > heap[child].key { child += 1 }
        if heap[child].key <= moved.key { break }
        heap[index] = heap[child]
        index = child
      }
      heap[index] = moved
    }
  }
}
