import Synchronization

/// Work that is done together: what comes to a lane while a batch of it is under way goes out as the next
/// one. Where nobody waits nothing is held up, and nobody waits longer than for the batch before.
final class Gathering<Lane: Hashable & Sendable, Item: Sendable>: Sendable {
  private let most: Int
  /// What waits; a lane is there as long as somebody works in it.
  private let lanes = Mutex<[Lane: [Item]]>([:])

  /// - Parameter most: items of a batch at most.
  init(most: Int) {
    self.most = most
  }

  /// - Parameter run: does a batch; it lets whoever waits for an item know.
  func add(_ item: Item, to lane: Lane, run: @escaping @Sendable ([Item]) async -> Void) {
    let isFirst = lanes.withLock { lanes in
      guard lanes[lane] != nil else {
        lanes[lane] = []
        return true
      }
      lanes[lane]?.append(item)
      return false
    }
    if isFirst { Task { await self.work(lane, item, run) } }
  }

  private func work(
    _ lane: Lane, _ first: Item, _ run: @escaping @Sendable ([Item]) async -> Void
  ) async {
    var next = [first]
    while !next.isEmpty {
      await run(next)
      next = lanes.withLock { lanes in
        let waiting = lanes[lane] ?? []
        lanes[lane] = waiting.isEmpty ? nil : Array(waiting.dropFirst(most))
        return Array(waiting.prefix(most))
      }
    }
  }
}
