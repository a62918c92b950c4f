import Foundation
import Glibc
import Synchronization

/// A server that speaks SMTP on the loopback, takes mail, and misbehaves where it is told to.
package final class MailSink: Sendable {
  /// Where in a conversation.
  package enum Stage: String, Sendable, CaseIterable {
    case greeting, hello, sender, recipient, data
    /// Amid the mail's own lines.
    case body
    /// After the line with the dot that ends it.
    case end
  }

  package enum Behaviour: Sendable, Hashable {
    case take
    /// Answers this instead of consent.
    case reply(Stage, String)
    /// Closes the connection without an answer.
    case drop(Stage)
    /// Answers no more, and waits until the other side goes.
    case hang(Stage)
    /// Takes the mail, and closes the connection before the answer.
    case takeAndDrop
  }

  package struct Mail: Sendable {
    package let to: String
    package let lines: [String]

    /// The text of the mail, decoded.
    package var text: String {
      let body = lines.drop { !$0.isEmpty }.dropFirst().joined()
      return Data(base64Encoded: body).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    package func header(_ name: String) -> String? {
      lines.prefix { !$0.isEmpty }.first { $0.hasPrefix("\(name): ") }
        .map { String($0.dropFirst(name.count + 2)) }
    }
  }

  package let port: UInt16
  /// A stage of a conversation, as soon as it is reached.
  package let events: AsyncStream<Stage>
  private let descriptor: Int32
  private let continuation: AsyncStream<Stage>.Continuation
  private let behaviours: Mutex<[Behaviour]>
  private let taken = Mutex<[Mail]>([])
  private let count = Mutex(0)

  /// - Parameter behaviours: of the conversations in order; the last one's goes on.
  package init(_ behaviours: Behaviour...) throws {
    self.behaviours = Mutex(behaviours.isEmpty ? [.take] : behaviours)
    (events, continuation) = AsyncStream.makeStream()
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in accept() }
  }

  package var url: String { "smtp://127.0.0.1:\(port)" }
  /// What it took, in order.
  package var mails: [Mail] { taken.withLock { $0 } }
  package var conversations: Int { count.withLock { $0 } }

  package func close() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection < 0 { break }
      count.withLock { $0 += 1 }
      let behaviour = behaviours.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      Thread.detachNewThread { [self] in
        var conversation = Conversation(connection, behaviour) { self.continuation.yield($0) }
        if let mail = conversation.hold() { taken.withLock { $0.append(mail) } }
        conversation.answer()
        Glibc.close(connection)
      }
    }
    Glibc.close(descriptor)
    continuation.finish()
  }
}

/// One conversation, on a thread of its own.
private struct Conversation {
  private let connection: Int32
  private let behaviour: MailSink.Behaviour
  private let reached: (MailSink.Stage) -> Void
  private var buffer: [UInt8] = []
  private var isOver = false

  init(
    _ connection: Int32, _ behaviour: MailSink.Behaviour,
    _ reached: @escaping (MailSink.Stage) -> Void
  ) {
    self.connection = connection
    self.behaviour = behaviour
    self.reached = reached
  }

  /// - Returns: a mail that was taken, before the answer to it.
  mutating func hold() -> MailSink.Mail? {
    guard answer(.greeting, "220 sink") else { return nil }
    var recipient = ""
    while !isOver, let line = line() {
      switch line.prefix(4).uppercased() {
      case "EHLO", "HELO": _ = answer(.hello, "250 sink")
      case "MAIL": _ = answer(.sender, "250 ok")
      case "RCPT":
        recipient = String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
        _ = answer(.recipient, "250 ok")
      case "DATA":
        guard answer(.data, "354 go on"), let lines = body() else { continue }
        let mail = MailSink.Mail(to: recipient, lines: lines)
        if behaviour == .takeAndDrop {
          isOver = true
          return mail
        }
        if answer(.end, nil) { return mail }
      case "QUIT":
        say("221 bye")
        isOver = true
      default: say("502 no")
      }
    }
    return nil
  }

  /// The answer to a mail taken, and what follows.
  mutating func answer() {
    if isOver { return }
    say("250 taken")
    while let line = line() { if line.uppercased() == "QUIT" { return say("221 bye") } }
  }

  private mutating func body() -> [String]? {
    var lines: [String] = []
    while let line = line() {
      if line == "." { return lines }
      lines.append(line)
      if lines.count == 3, !answer(.body, nil) { return nil }
    }
    return nil
  }

  /// - Returns: whether this stage was consented to.
  private mutating func answer(_ stage: MailSink.Stage, _ words: String?) -> Bool {
    reached(stage)
    switch behaviour {
    case .reply(stage, let other):
      say(other)
      isOver = stage == .greeting
      return false
    case .drop(stage):
      isOver = true
      return false
    case .hang(stage):
      while line() != nil {}
      return false
    default:
      if let words { say(words) }
      return true
    }
  }

  private mutating func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = buffer[..<end].filter { $0 != 0x0D }
        buffer.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      var chunk = [UInt8](repeating: 0, count: 4_096)
      let size = recv(connection, &chunk, chunk.count, 0)
      if size <= 0 {
        isOver = true
        return nil
      }
      buffer += chunk[..<size]
    }
  }

  private func say(_ words: String) {
    let bytes = Array("\(words)\r\n".utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
