import Synchronization

/// A piece of work for a connection, and the task that waits for its outcome.
///
/// `@unchecked Sendable`: `state` and `outcome` are only touched under the pool's lock, except that
/// the worker alone has a running job's outcome; the rest is immutable or atomic.
class Job: @unchecked Sendable {
  enum State {
    case new
    case queued
    case running
    case done
  }

  enum Interruption: UInt8 {
    case none
    case taskCancelled
    case deadlinePassed
  }

  var state = State.new
  /// An instant of ``monotonicNow()``.
  let deadline: UInt64?
  private let interruptionCode = Atomic<UInt8>(Interruption.none.rawValue)

  init(deadline: UInt64?) {
    self.deadline = deadline
  }

  var interruption: Interruption {
    Interruption(rawValue: interruptionCode.load(ordering: .relaxed)) ?? .none
  }

  func interrupt(_ reason: Interruption) {
    interruptionCode.store(reason.rawValue, ordering: .relaxed)
  }

  /// The error with which a running job ends at its next statement.
  func interruptionError() -> PostgresError? {
    if interruption == .none, let deadline, monotonicNow() >= deadline {
      interrupt(.deadlinePassed)
    }
    switch interruption {
    case .none: return nil
    case .taskCancelled:
      return .cancelled(.init(sqlstate: "57014", message: "the task was cancelled"))
    case .deadlinePassed:
      return .cancelled(.init(sqlstate: "57014", message: "the deadline passed"))
    }
  }

  /// Does the work and keeps its outcome.
  func run(_ worker: Worker) {}

  /// Sets the outcome of a job that will not run.
  func refuse(_ error: any Error) {}

  /// Hands the outcome to the task that waits.
  func resume() {}
}

/// A job with a typed outcome.
///
/// `@unchecked Sendable`: as ``Job``; the continuation is set before the job is shared.
final class TypedJob<T: Sendable>: Job, @unchecked Sendable {
  var continuation: UnsafeContinuation<T, any Error>?
  private let body: @Sendable (Worker) throws -> T
  private var outcome: Result<T, any Error>?

  init(deadline: UInt64?, _ body: @escaping @Sendable (Worker) throws -> T) {
    self.body = body
    super.init(deadline: deadline)
  }

  override func run(_ worker: Worker) {
    outcome = Result { try body(worker) }
  }

  override func refuse(_ error: any Error) {
    outcome = .failure(error)
  }

  override func resume() {
    guard let outcome, let continuation else { return }
    self.continuation = nil
    continuation.resume(with: outcome)
  }
}

/// Jobs in the order in which they came.
struct JobQueue {
  private var jobs: [Job?] = []
  private var head = 0
  private(set) var count = 0

  mutating func append(_ job: Job) {
    jobs.append(job)
    count += 1
  }

  mutating func popFirst() -> Job? {
    while head < jobs.count {
      let job = jobs[head]
      jobs[head] = nil
      head += 1
      if head > 256 && head * 2 > jobs.count {
        jobs.removeFirst(head)
        head = 0
      }
      if let job {
        count -= 1
        return job
      }
    }
    jobs.removeAll(keepingCapacity: true)
    head = 0
    return nil
  }

  mutating func remove(_ job: Job) {
    guard let index = jobs[head...].firstIndex(where: { $0 === job }) else { return }
    jobs[index] = nil
    count -= 1
  }

  /// The jobs that still wait.
  var waiting: some Sequence<Job> {
    jobs[head...].lazy.compactMap { $0 }
  }
}
