import Foundation
import Glibc
import Postgres
import Synchronization

/// What the service counts of itself, for Prometheus. Names and labels say nothing of persons: an
/// endpoint stands by its name, never by its address.
final class Metrics: Sendable {
  private struct Series {
    /// Of each bound, then of all: not yet cumulated.
    var buckets = [Int](repeating: 0, count: Metrics.bounds.count + 1)
    var sum = 0.0
  }

  private struct Key: Hashable {
    let endpoint: String
    let method: String
  }

  private struct State {
    var answers: [Key: [Int: Int]] = [:]
    var seconds: [Key: Series] = [:]
    var refused = 0
    var atWork = 0
  }

  /// Seconds.
  private static let bounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  private let state = Mutex(State())
  private let started = Date.now.timeIntervalSince1970
  private let limit: Int

  /// - Parameter limit: requests at work at once.
  init(limit: Int) {
    self.limit = limit
  }

  /// Takes a request in, if fewer than the limit are at work.
  func begin() -> Bool {
    state.withLock { state in
      guard state.atWork < limit else {
        state.refused += 1
        return false
      }
      state.atWork += 1
      return true
    }
  }

  /// - Parameter endpoint: nil for an address that is none.
  func end(endpoint: String?, method: String, status: Int, seconds: Double) {
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].contains(method)
    let key = Key(endpoint: endpoint ?? "none", method: known ? method : "other")
    let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.atWork -= 1
      state.answers[key, default: [:]][status, default: 0] += 1
      state.seconds[key, default: Series()].buckets[place] += 1
      state.seconds[key]?.sum += seconds
    }
  }

  /// All of it in Prometheus' text format 0.0.4.
  func text(_ database: Database.Statistics) -> String {
    let (answers, seconds, refused, atWork) = state.withLock {
      ($0.answers, $0.seconds, $0.refused, $0.atWork)
    }
    var page = Page()
    page.family("yibang_http_requests_total", "counter", "Requests answered.")
    for (key, statuses) in answers.sorted(by: { Self.precedes($0.key, $1.key) }) {
      for (status, count) in statuses.sorted(by: { $0.key < $1.key }) {
        page.sample(
          "yibang_http_requests_total", Double(count),
          [("endpoint", key.endpoint), ("method", key.method), ("status", "\(status)")])
      }
    }
    page.family(
      "yibang_http_request_duration_seconds", "histogram", "Time from a request to its answer.")
    for (key, series) in seconds.sorted(by: { Self.precedes($0.key, $1.key) }) {
      page.histogram(
        "yibang_http_request_duration_seconds", Self.bounds, series.buckets, series.sum,
        [("endpoint", key.endpoint), ("method", key.method)])
    }
    page.single("yibang_http_requests_at_work", "gauge", "Requests being answered.", Double(atWork))
    page.single(
      "yibang_http_requests_refused_total", "counter",
      "Requests refused since too many were at work.", Double(refused))
    let counters = database.counters
    page.single(
      "yibang_database_connections", "gauge", "Connections of the pool.",
      Double(database.connections))
    page.single(
      "yibang_database_connections_busy", "gauge", "Connections at work.", Double(database.busy))
    page.single(
      "yibang_database_waiting", "gauge", "Pieces of work that wait for a connection.",
      Double(database.waiting))
    page.single(
      "yibang_database_jobs_total", "counter", "Pieces of work begun.", Double(counters.jobs))
    page.single(
      "yibang_database_refused_total", "counter", "Pieces of work refused: the queue was full.",
      Double(counters.refused))
    page.single(
      "yibang_database_reconnects_total", "counter", "Pieces of work begun anew: connection lost.",
      Double(counters.reconnects))
    page.family(
      "yibang_database_conflicts_total", "counter", "Attempts lost against other transactions.")
    page.sample(
      "yibang_database_conflicts_total", Double(counters.deadlocks), [("kind", "deadlock")])
    page.sample(
      "yibang_database_conflicts_total", Double(counters.conflicts), [("kind", "serialization")])
    page.single(
      "process_start_time_seconds", "gauge", "When the process began, by the Unix clock.", started)
    let process = ProcessStatistics.now()
    page.single(
      "process_resident_memory_bytes", "gauge", "Resident memory.", Double(process.residentBytes))
    page.single(
      "process_cpu_seconds_total", "counter", "Processor time spent.", process.cpuSeconds)
    page.single("process_open_fds", "gauge", "Open file descriptors.", Double(process.descriptors))
    return page.text
  }

  private static func precedes(_ one: Key, _ other: Key) -> Bool {
    (one.endpoint, one.method) < (other.endpoint, other.method)
  }
}

/// Lines of Prometheus' text format.
private struct Page {
  var text = ""

  mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// - Parameter labels: their values have none of the three characters that the format would escape.
  mutating func sample(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
    let shown = labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
    let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    text += "\(name)\(shown.isEmpty ? "" : "{\(shown)}") \(number)\n"
  }

  mutating func single(_ name: String, _ type: String, _ help: String, _ value: Double) {
    family(name, type, help)
    sample(name, value)
  }

  mutating func histogram(
    _ name: String, _ bounds: [Double], _ buckets: [Int], _ sum: Double,
    _ labels: [(String, String)]
  ) {
    var count = 0
    for (bound, bucket) in zip(bounds.map { "\($0)" } + ["+Inf"], buckets) {
      count += bucket
      sample("\(name)_bucket", Double(count), labels + [("le", bound)])
    }
    sample("\(name)_sum", sum, labels)
    sample("\(name)_count", Double(count), labels)
  }
}

/// What the system says of this process.
struct ProcessStatistics {
  let residentBytes: Int
  let cpuSeconds: Double
  let descriptors: Int

  static func now() -> ProcessStatistics {
    let pages =
      (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    let descriptors =
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
    return ProcessStatistics(
      residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)),
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), descriptors: descriptors)
  }
}
