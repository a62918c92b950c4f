import Foundation
import Glibc

/// `yibang serve` as a process of its own, on a free port.
///
/// Its functions block, and belong on a thread.
final class ServerProcess {
  enum Failure: Error { case ended(String) }

  private let process: Process
  let port: Int

  /// Starts it, and waits until it listens.
  /// - Throws: `Failure.ended` with what it said, if it does not.
  init(home: String) throws {
    process = Command.process(["--home", home, "serve", "--port", "0"])
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let reading = errors.fileHandleForReading
    var text = ""
    while true {
      let data = reading.availableData
      text += String(decoding: data, as: UTF8.self)
      if let match = text.firstMatch(of: #/http://127\.0\.0\.1:(\d+)\s/#) {
        port = Int(match.1) ?? 0
        break
      }
      if data.isEmpty { throw Failure.ended(text) }
    }
    // What is not read would stop it in the end.
    Thread.detachNewThread { while !reading.availableData.isEmpty {} }
  }

  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// - Returns: its exit status, after it drained.
  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// One HTTP/1.1 request on a connection of its own. Blocks.
/// - Returns: nil where the connection did not give a whole answer.
func exchange(_ request: String, port: Int) -> (status: Int, body: String)? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var patience = timeval(tv_sec: 30, tv_usec: 0)
  setsockopt(
    descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let isConnected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  guard isConnected else { return nil }
  let bytes = Array(request.utf8)
  guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
    return nil
  }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 16_384)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { break }
    answer += buffer.prefix(count)
  }
  let text = String(decoding: answer, as: UTF8.self)
  guard let end = text.range(of: "\r\n\r\n"),
    let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
    let length = text.firstMatch(of: #/(?i)content-length: (\d+)/#).flatMap({ Int($0.1) })
  else { return nil }
  let body = text[end.upperBound...]
  return body.utf8.count == length ? (status, String(body)) : nil
}
