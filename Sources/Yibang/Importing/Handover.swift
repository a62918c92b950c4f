import Foundation

/// Runs `produce` on a thread of its own and `consume` on the caller's: the file is read and sealed
/// while the database writes. At most two chunks wait, so memory does not grow with the file.
/// - Throws: what either side throws; the other then ends too.
func overlapped<Chunk: Sendable>(
  produce: @escaping @Sendable (_ hand: (Chunk) throws -> Void) throws -> Void,
  consume: (Chunk) throws -> Void
) throws {
  let handover = Handover<Chunk>()
  Thread.detachNewThread {
    handover.finish(Result { try produce { try handover.put($0) } })
  }
  defer { handover.abandon() }
  while let chunk = try handover.take() { try consume(chunk) }
}

/// Chunks on their way from one thread to another.
///
/// `@unchecked Sendable`: its variables are only touched while `condition` is locked.
private final class Handover<Chunk: Sendable>: @unchecked Sendable {
  private struct Abandoned: Error {}

  private let condition = NSCondition()
  private var waiting: [Chunk] = []
  private var end: Result<Void, any Error>?
  private var isAbandoned = false

  func put(_ chunk: Chunk) throws {
    condition.lock()
    defer { condition.unlock() }
    while waiting.count >= 2, !isAbandoned { condition.wait() }
    if isAbandoned { throw Abandoned() }
    waiting.append(chunk)
    condition.signal()
  }

  func finish(_ result: Result<Void, any Error>) {
    condition.lock()
    defer { condition.unlock() }
    end = result
    condition.signal()
  }

  /// The next chunk; nil after the last.
  func take() throws -> Chunk? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, end == nil { condition.wait() }
    if waiting.isEmpty {
      try end?.get()
      return nil
    }
    condition.signal()
    return waiting.removeFirst()
  }

  func abandon() {
    condition.lock()
    defer { condition.unlock() }
    isAbandoned = true
    condition.signal()
  }
}
