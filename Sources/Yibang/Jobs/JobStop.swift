import Synchronization

/// Wakes a worker that serves, and stops it.
package final class JobStop: Sendable {
  let wakes: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let stopped = Atomic(false)

  package init() {
    (wakes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    wake()
  }

  func wake() { continuation.yield() }

  package var isStopped: Bool { stopped.load(ordering: .acquiring) }

  package func stop() {
    stopped.store(true, ordering: .releasing)
    continuation.finish()
  }
}
