import CLibPQ
import Glibc
import Logging

/// Worker threads with a connection each, and the queue that feeds them.
///
/// `@unchecked Sendable`: every mutable property is only touched under `monitor`.
final class Pool: @unchecked Sendable {
  let configuration: Database.Configuration
  private let monitor = Monitor()
  private let workArrived: Condition
  private let watcherWanted: Condition
  private let cancelEnded: Condition

  private var queue = JobQueue()
  private var workers: [Worker] = []
  /// Workers without a job, those included that have not looked at the queue yet.
  private var freeCount = 0
  private var isClosing = false
  private var hasWatcher = false
  /// When the watcher looks next, by ``monotonicNow()``.
  private var nextLook = UInt64.max
  private var hasEverConnected = false
  private var listeners: [ObjectIdentifier: Listener] = [:]
  private var closers: [UnsafeContinuation<Void, Never>] = []
  private var counters = Database.Statistics.Counters()

  init(_ configuration: Database.Configuration) {
    precondition(configuration.poolSize > 0 && configuration.queueLimit > 0)
    self.configuration = configuration
    workArrived = Condition(monitor)
    watcherWanted = Condition(monitor)
    cancelEnded = Condition(monitor)
  }

  /// Queues the work and waits for its outcome.
  func submit<T: Sendable>(
    deadline: UInt64?, _ body: @escaping @Sendable (Worker) throws -> T
  ) async throws -> T {
    let job = TypedJob<T>(deadline: deadline, body)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        job.continuation = continuation
        enqueue(job)
      }
    } onCancel: {
      cancel(job)
    }
  }

  private func enqueue(_ job: Job) {
    let refusal: (any Error)? = monitor.locked {
      if job.interruption == .taskCancelled { return CancellationError() }
      if isClosing { return PostgresError.closed }
      if queue.count >= configuration.queueLimit {
        counters.refused += 1
        return PostgresError.queueFull
      }
      if let error = job.interruptionError() { return error }
      if freeCount <= queue.count && workers.count < configuration.poolSize {
        let worker = Worker(self)
        let isStarted = startThread { self.work(worker) }
        if isStarted {
          workers.append(worker)
          freeCount += 1
        }
        if workers.isEmpty { return PostgresError.connection("the system gives no more threads") }
      }
      job.state = .queued
      queue.append(job)
      workArrived.signal()
      if let deadline = job.deadline { look(at: deadline) }
      return nil
    }
    if let refusal { refuse(job, refusal) }
  }

  /// Drops a waiting job, or has the watcher cancel a running one.
  private func cancel(_ job: Job) {
    let isDropped = monitor.locked {
      if job.state == .done { return false }
      job.interrupt(.taskCancelled)
      switch job.state {
      case .queued:
        queue.remove(job)
        job.state = .done
        return true
      case .running: look(at: 0)
      case .new, .done: break
      }
      return false
    }
    if isDropped { refuse(job, CancellationError()) }
  }

  private func refuse(_ job: Job, _ error: any Error) {
    job.refuse(error)
    job.resume()
  }

  private func work(_ worker: Worker) {
    while let job = take(worker) {
      job.run(worker)
      finish(job, worker)
    }
    worker.connection.close()
    let waiting = monitor.locked {
      workers.removeAll { $0 === worker }
      freeCount -= 1
      watcherWanted.signal()
      return takeClosers()
    }
    for closer in waiting { closer.resume() }
  }

  private func take(_ worker: Worker) -> Job? {
    monitor.locked {
      while true {
        if let job = queue.popFirst() {
          freeCount -= 1
          counters.jobs += 1
          job.state = .running
          worker.job = job
          return job
        }
        if isClosing { return nil }
        workArrived.wait()
      }
    }
  }

  /// A cancel request that is on its way must not meet the next job.
  private func finish(_ job: Job, _ worker: Worker) {
    let isBeingCancelled = monitor.locked {
      job.state = .done
      worker.job = nil
      freeCount += 1
      return worker.isBeingCancelled
    }
    if isBeingCancelled {
      job.resume()
      monitor.locked {
        while worker.isBeingCancelled { cancelEnded.wait() }
      }
      worker.connection.settle()
    } else {
      worker.connection.settle()
      job.resume()
    }
  }

  /// Notes how to cancel what the worker's new connection runs.
  func connected(_ worker: Worker, _ pg: OpaquePointer) {
    let handle = CancelHandle(pg)
    monitor.locked {
      worker.cancelHandle = handle
      worker.socket = PQsocket(pg)
      hasEverConnected = true
    }
  }

  func disconnected(_ worker: Worker) {
    monitor.locked {
      worker.cancelHandle = nil
      worker.socket = -1
    }
  }

  var statistics: Database.Statistics {
    monitor.locked {
      .init(
        waiting: queue.count, busy: workers.count - freeCount, connections: workers.count,
        counters: counters)
    }
  }

  func count(_ counter: WritableKeyPath<Database.Statistics.Counters, Int>) {
    monitor.locked { counters[keyPath: counter] += 1 }
  }

  /// Whether the server was ever reached, so that it is worth waiting for.
  var isServerKnown: Bool {
    monitor.locked { hasEverConnected }
  }

  /// Has the watcher look at the jobs at an instant; the caller holds the lock.
  private func look(at instant: UInt64) {
    if instant >= nextLook { return }
    nextLook = instant
    if hasWatcher {
      watcherWanted.signal()
    } else {
      hasWatcher = startThread { self.watch() }
    }
  }

  private func watch() {
    while true {
      let expired: [Job]? = monitor.locked {
        let now = monotonicNow()
        if nextLook > now { watcherWanted.wait(until: nextLook) }
        if isClosing && workers.isEmpty { return nil }
        return lookAtJobs()
      }
      guard let expired else { return }
      for job in expired {
        refuse(job, job.interruptionError() ?? CancellationError())
      }
    }
  }

  /// Takes out waiting jobs past their deadline and cancels running ones that should end.
  private func lookAtJobs() -> [Job] {
    let now = monotonicNow()
    nextLook = .max
    var expired: [Job] = []
    for job in queue.waiting {
      guard let deadline = job.deadline else { continue }
      if deadline <= now { expired.append(job) } else { nextLook = min(nextLook, deadline) }
    }
    for job in expired {
      queue.remove(job)
      job.state = .done
    }
    for worker in workers {
      guard let job = worker.job else { continue }
      if job.interruptionError() != nil {
        nextLook = min(nextLook, cancelRunning(worker, job, now))
      } else if let deadline = job.deadline {
        nextLook = min(nextLook, deadline)
      }
    }
    return expired
  }

  /// Asks the server to cancel, again and again until the job ends: a request that arrives between
  /// two statements is lost. If that does not help within 5 s, the socket is shut down.
  ///
  /// - Returns: when to look again.
  private func cancelRunning(_ worker: Worker, _ job: Job, _ now: UInt64) -> UInt64 {
    if worker.cancelledJob !== job {
      worker.cancelledJob = job
      worker.cancelledSince = now
      worker.cancelAgain = now
    }
    if now - worker.cancelledSince > 5_000_000_000 && worker.socket >= 0 {
      shutdown(worker.socket, Int32(SHUT_RDWR))
    }
    if worker.cancelAgain > now { return worker.cancelAgain }
    worker.cancelAgain = now + max(50_000_000, min((now - worker.cancelledSince), 1_000_000_000))
    if let handle = worker.cancelHandle, !worker.isBeingCancelled {
      worker.isBeingCancelled = startThread {
        handle.cancel()
        self.monitor.locked {
          worker.isBeingCancelled = false
          self.cancelEnded.broadcast()
        }
      }
    }
    return worker.cancelAgain
  }

  /// - Returns: false when the pool is closing.
  func add(_ listener: Listener) -> Bool {
    monitor.locked {
      if isClosing { return false }
      listeners[ObjectIdentifier(listener)] = listener
      return true
    }
  }

  func remove(_ listener: Listener) {
    let waiting = monitor.locked {
      listeners[ObjectIdentifier(listener)] = nil
      return takeClosers()
    }
    for closer in waiting { closer.resume() }
  }

  /// Lets queued work end and threads go; returns at once.
  func shutDown() {
    let listeners = monitor.locked {
      isClosing = true
      workArrived.broadcast()
      watcherWanted.signal()
      return self.listeners.values.map { $0 }
    }
    for listener in listeners { listener.stop() }
  }

  /// Waits until every worker and listener has closed its connection.
  func waitForEnd() async {
    await withUnsafeContinuation { continuation in
      let waiting = monitor.locked {
        closers.append(continuation)
        return takeClosers()
      }
      for closer in waiting { closer.resume() }
    }
  }

  /// The tasks to wake, once nothing is left; the caller holds the lock.
  private func takeClosers() -> [UnsafeContinuation<Void, Never>] {
    guard isClosing && workers.isEmpty && listeners.isEmpty else { return [] }
    defer { closers = [] }
    return closers
  }
}
