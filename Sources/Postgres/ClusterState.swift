import Glibc
import Logging

/// What `postmaster.pid` says.
struct PostmasterFile {
  let pid: Int32
  let isReady: Bool

  /// - Returns: nil when there is no such file or it is not complete.
  init?(dataDirectory: String) {
    guard let text = ClusterFiles.read("\(dataDirectory)/postmaster.pid") else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let pid = Int32(first), pid > 0 else { return nil }
    self.pid = pid
    isReady = lines.count > 7 && lines[7].hasPrefix("ready")
  }

  /// Whether the recorded process is a server of this data directory.
  ///
  /// A server's working directory is its data directory. Where that cannot be seen, its command line
  /// names the directory. A process that ended but was not collected has neither.
  func isServer(of dataDirectory: String) -> Bool {
    let arguments = (ClusterFiles.read("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
    guard let program = arguments.first?.split(separator: "/").last,
      program == "postgres" || program == "postmaster"
    else { return false }
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/\(pid)/cwd", &target, Int(PATH_MAX))
    if length > 0 {
      let bytes = target[..<length].map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self) == dataDirectory
    }
    return arguments.contains { $0 == dataDirectory }
  }
}

extension EmbeddedCluster {
  package enum Status: Sendable, Hashable {
    /// There are no data.
    case absent
    case stopped
    case running(pid: Int32)
  }

  /// Whether there are data and a server that uses them.
  package func status() -> Status {
    guard ClusterFiles.exists("\(dataDirectory)/PG_VERSION") else { return .absent }
    guard let file = PostmasterFile(dataDirectory: dataDirectory),
      file.isServer(of: dataDirectory)
    else { return .stopped }
    return .running(pid: file.pid)
  }

  /// Removes what a dead server left, when its number now belongs to another process. PostgreSQL
  /// itself clears away after a number that belongs to nobody.
  func removeStaleFiles() {
    guard let file = PostmasterFile(dataDirectory: dataDirectory), kill(file.pid, 0) == 0,
      !file.isServer(of: dataDirectory)
    else { return }
    logger.warning("removing the lock files of a server that died")
    unlink("\(dataDirectory)/postmaster.pid")
    unlink(socketPath)
    unlink("\(socketPath).lock")
  }

  /// Waits until the running server takes connections.
  ///
  /// - Returns: false when it ended, or cannot be reached through its socket.
  func waitUntilReady(seconds: UInt64) -> Bool {
    let end = monotonicNow() + seconds * 1_000_000_000
    while monotonicNow() < end {
      guard let file = PostmasterFile(dataDirectory: dataDirectory),
        file.isServer(of: dataDirectory)
      else { return false }
      if file.isReady { return ClusterFiles.exists(socketPath) }
      pause(milliseconds: 20)
    }
    return false
  }

  /// Ends the server: first without waiting for clients (SIGINT), then by force (SIGQUIT), which
  /// loses nothing committed either.
  func stopServer() throws(ClusterError) {
    for (signal, seconds) in [(SIGINT, UInt64(30)), (SIGQUIT, UInt64(10))] {
      guard case .running(let pid) = status() else { return }
      if kill(pid, signal) != 0 && errno != ESRCH {
        throw ClusterFiles.failure("\(dataDirectory)/postmaster.pid")
      }
      let end = monotonicNow() + seconds * 1_000_000_000
      while monotonicNow() < end {
        guard case .running(let now) = status(), now == pid else { return }
        pause(milliseconds: 10)
      }
    }
    if case .running(let pid) = status() { throw .stopFailed(pid: pid) }
  }
}
