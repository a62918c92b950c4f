import CLibPQ
import Glibc
import Logging

/// What `NOTIFY` sent, or the news that listening (re)started.
package struct Notification: Sendable, Hashable {
  package let channel: String
  /// The text sent with the notification, which may be empty; nil when listening (re)started.
  package let payload: String?

  package init(channel: String, payload: String?) {
    self.channel = channel
    self.payload = payload
  }
}

/// A thread that waits for notifications on its own connection.
final class Listener: Sendable {
  /// Notifications kept for a slow reader; when there are more, the oldest are dropped.
  private static let bufferSize = 4096

  private let channel: String
  private let pool: Pool
  private let continuation: AsyncStream<Notification>.Continuation
  private let wakeRead: Int32
  private let wakeWrite: Int32

  private init(
    channel: String, pool: Pool, continuation: AsyncStream<Notification>.Continuation
  ) {
    self.channel = channel
    self.pool = pool
    self.continuation = continuation
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wakeRead = ends[0]
    wakeWrite = ends[1]
  }

  deinit {
    Glibc.close(wakeRead)
    Glibc.close(wakeWrite)
  }

  static func stream(channel: String, pool: Pool) -> AsyncStream<Notification> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Notification.self, bufferingPolicy: .bufferingNewest(bufferSize))
    let listener = Listener(channel: channel, pool: pool, continuation: continuation)
    continuation.onTermination = { _ in listener.stop() }
    guard listener.wakeRead >= 0, pool.add(listener) else {
      continuation.finish()
      return stream
    }
    let isStarted = startThread { listener.run() }
    if !isStarted {
      pool.remove(listener)
      continuation.finish()
    }
    return stream
  }

  /// Makes the thread end, from any thread.
  func stop() {
    var byte: UInt8 = 0
    _ = write(wakeWrite, &byte, 1)
  }

  private func run() {
    let connection = Connection(logger: pool.configuration.logger)
    var wait: Int32 = 20
    while true {
      do {
        try listen(connection)
        wait = 20
        if receive(connection) { break }
        pool.configuration.logger.warning("the listening connection was lost")
      } catch {
        pool.configuration.logger.warning(
          "cannot listen; trying again", metadata: ["error": "\(error)"])
      }
      connection.close()
      if isStopped(within: wait) { break }
      wait = min(wait * 2, 5000)
    }
    connection.close()
    continuation.finish()
    pool.remove(self)
  }

  private func listen(_ connection: Connection) throws {
    let configuration = pool.configuration
    try configuration.beforeConnect?()
    try connection.open(configuration.conninfo, applicationName: configuration.applicationName)
    for sql in configuration.onConnect { try connection.simple(sql) }
    let pg = try connection.require()
    guard let name = PQescapeIdentifier(pg, channel, channel.utf8.count) else {
      throw PostgresError.server(.init(sqlstate: "42602", message: "not the name of a channel"))
    }
    defer { PQfreemem(name) }
    try connection.simple(SQL(trusted: "listen " + String(cString: name)))
    continuation.yield(Notification(channel: channel, payload: nil))
  }

  /// Passes notifications on until the connection is lost (false) or the listener stopped (true).
  private func receive(_ connection: Connection) -> Bool {
    guard let pg = connection.pg else { return false }
    while true {
      while let notify = PQnotifies(pg) {
        let payload = String(cString: notify.pointee.extra)
        PQfreemem(notify)
        continuation.yield(Notification(channel: channel, payload: payload))
      }
      var descriptors = [
        pollfd(fd: PQsocket(pg), events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&descriptors, 2, -1) < 0 && errno != EINTR { return false }
      if descriptors[1].revents != 0 { return true }
      if PQconsumeInput(pg) == 0 || PQstatus(pg) != CONNECTION_OK { return false }
    }
  }

  private func isStopped(within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0
  }
}
