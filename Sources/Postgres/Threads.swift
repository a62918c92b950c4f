import Glibc

/// A POSIX mutex.
///
/// `@unchecked Sendable`: the object lives at a fixed address from `init` to `deinit` and is only
/// touched by the pthread functions, which may be called from any thread.
final class Monitor: @unchecked Sendable {
  fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  @inline(__always)
  func locked<T, E: Error>(_ body: () throws(E) -> T) throws(E) -> T {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}

/// A POSIX condition variable of a ``Monitor``, whose lock a caller of `wait` holds.
///
/// `@unchecked Sendable`: as ``Monitor``.
final class Condition: @unchecked Sendable {
  private let monitor: Monitor
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init(_ monitor: Monitor) {
    self.monitor = monitor
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  func wait() {
    pthread_cond_wait(condition, monitor.mutex)
  }

  /// Waits for a signal or an instant of ``monotonicNow()``.
  func wait(until instant: UInt64) {
    var time = timespec()
    time.tv_sec = Int(min(instant / 1_000_000_000, 1 << 40))
    time.tv_nsec = Int(instant % 1_000_000_000)
    pthread_cond_timedwait(condition, monitor.mutex, &time)
  }

  func signal() {
    pthread_cond_signal(condition)
  }

  func broadcast() {
    pthread_cond_broadcast(condition)
  }
}

/// Nanoseconds of the monotonic clock.
func monotonicNow() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension Duration {
  /// Whole nanoseconds; 0 for a negative duration.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    return UInt64(min(seconds, 1_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}

/// Blocks the calling thread, which must not belong to the cooperative pool.
func pause(milliseconds: Int) {
  usleep(UInt32(milliseconds * 1000))
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a detached POSIX thread.
///
/// - Returns: false when the system gives no thread.
func startThread(_ run: @escaping @Sendable () -> Void) -> Bool {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, 2 << 20)
  var thread = pthread_t()
  let body = Unmanaged.passRetained(ThreadBody(run))
  let status = pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument else { return nil }
      Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, body.toOpaque())
  guard status == 0 else {
    body.release()
    return false
  }
  return true
}

/// Runs blocking work on a thread of its own, away from the cooperative pool.
func onOwnThread<T: Sendable>(
  _ body: @escaping @Sendable () throws -> T
) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    let isStarted = startThread { continuation.resume(with: Result { try body() }) }
    if !isStarted {
      continuation.resume(throwing: PostgresError.connection("the system gives no more threads"))
    }
  }
}
