import Glibc
import Synchronization

extension EmbeddedCluster {
  /// Says that this process uses the cluster: it will not be stopped by others that leave.
  ///
  /// Take it before ``startBlocking()``. Blocks while another process is stopping the server.
  ///
  /// - Throws: ``ClusterError/file(path:reason:)``.
  package func lease() throws(ClusterError) -> Lease {
    try makeHome(try ServerUser.current())
    return Lease(self, try ClusterFiles.lock(leaseFile, LOCK_SH))
  }

  /// Lets the server run on when the last user leaves, until it is stopped explicitly.
  package func keepRunning() throws(ClusterError) {
    try makeHome(try ServerUser.current())
    try ClusterFiles.write("", to: keepFile, owner: nil)
  }

  /// A share in the use of the cluster, given back when it is released or dies with its process.
  package final class Lease: Sendable {
    private let cluster: EmbeddedCluster
    private let descriptor: Mutex<Int32>

    fileprivate init(_ cluster: EmbeddedCluster, _ descriptor: Int32) {
      self.cluster = cluster
      self.descriptor = Mutex(descriptor)
    }

    deinit {
      release()
    }

    /// Gives the lease back and leaves the server as it is.
    package func release() {
      let taken = take()
      if taken >= 0 { close(taken) }
    }

    /// Gives the lease back; the last one out stops the server, unless it is to keep running.
    ///
    /// Blocks until the server has stopped. Newcomers wait for that and start it again.
    ///
    /// - Returns: whether the server was stopped.
    @discardableResult
    package func releaseAndStopIfLast() throws(ClusterError) -> Bool {
      let taken = take()
      guard taken >= 0 else { return false }
      defer { close(taken) }
      // The shared lock is dropped before the exclusive one is tried, so of two that leave together
      // one sees nobody else.
      guard flock(taken, LOCK_EX | LOCK_NB) == 0 else { return false }
      if ClusterFiles.exists(cluster.keepFile) { return false }
      try cluster.stopUnderLock()
      return true
    }

    private func take() -> Int32 {
      descriptor.withLock { held in
        defer { held = -1 }
        return held
      }
    }
  }
}
