import Foundation
import Glibc
import Postgres

@testable import Yibang
@testable import YibangHTTP

/// Speaks to a port of this machine in bytes, as a client that keeps to no rule.
final class RawClient {
  struct Answer: Sendable {
    let status: Int
    let head: String
    let body: [UInt8]
  }

  enum Failure: Error { case notConnected, silent }

  private let descriptor: Int32
  private var received: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else {
      close(descriptor)
      throw Failure.notConnected
    }
  }

  deinit { close(descriptor) }

  /// Sends as much as the server takes: it may have ended the connection.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// The next answer; nil where the server ended the connection without one.
  /// - Throws: `Failure.silent` if it does neither for twenty seconds.
  func answer() throws -> Answer? {
    let mark = Array("\r\n\r\n".utf8)
    while true {
      if let end = received.firstRange(of: mark) {
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        let length = Self.length(head)
        if received.count - end.upperBound >= length {
          let body = Array(received[end.upperBound..<end.upperBound + length])
          received.removeFirst(end.upperBound + length)
          let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
          return Answer(status: status, head: head, body: body)
        }
      }
      guard try readMore() else { return nil }
    }
  }

  private static func length(_ head: String) -> Int {
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      return Int(line.split(separator: " ").last ?? "") ?? 0
    }
    return 0
  }

  /// Whether the server ends the connection, whatever it sends before.
  func ends() throws -> Bool {
    while try readMore() {}
    return true
  }

  private func readMore() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      received += buffer.prefix(count)
      return true
    }
    if count < 0, errno == EAGAIN { throw Failure.silent }
    return false
  }
}

/// A server of the API that listens on a free port while `body` runs.
func serving<T: Sendable>(
  _ api: API, _ body: @escaping @Sendable (_ port: Int) async throws -> T
) async throws -> T {
  let health = Health(platform: api.platform, conninfo: TestPlatform.cluster.conninfo)
  let (ports, listening) = AsyncStream.makeStream(of: Int.self)
  let server = HTTPServer(
    health, api, .init(host: "127.0.0.1", port: 0), logger: TestPlatform.logger
  ) {
    listening.yield($0)
    listening.finish()
  }
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      defer { listening.finish() }
      try await server.run()
    }
    var result: T?
    for await port in ports { result = try await body(port) }
    group.cancelAll()
    // The server ends by cancellation, which is no failure here.
    while let ended = await group.nextResult() { _ = ended }
    guard let result else { throw RawClient.Failure.notConnected }
    return result
  }
}
