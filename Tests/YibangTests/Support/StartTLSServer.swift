import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// A mail server on the loopback that encrypts when it is asked to, takes every mail, and remembers what
/// was said to it and whether in the clear.
final class StartTLSServer: Sendable {
  struct Line: Sendable, Equatable {
    let text: String
    let isEncrypted: Bool
  }

  /// Of its own making, for 127.0.0.1.
  let certificate: String
  let port: Int
  private let channel: any Channel
  private let heard = Mutex<[Line]>([])

  var lines: [Line] { heard.withLock { $0 } }
  var url: String { "smtp://127.0.0.1:\(port)" }

  /// - Parameter folder: for its certificate.
  static func start(in folder: String) async throws -> StartTLSServer {
    let path = "\(folder)/mail-\(UUID().uuidString)"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
      "-keyout", "\(path).key", "-out", "\(path).pem",
    ]
    process.standardError = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch { done.resume(throwing: error) }
    }
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile("\(path).pem").map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(path).key", format: .pem))))
    return try await StartTLSServer("\(path).pem", context)
  }

  private init(_ certificate: String, _ context: NIOSSLContext) async throws {
    self.certificate = certificate
    let link = Link()
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Conversation(context) { line in link.server.withLock { $0?.hear(line) } })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    link.server.withLock { $0 = self }
  }

  func close() async throws { try await channel.close() }

  private func hear(_ line: Line) { heard.withLock { $0.append(line) } }

  private final class Link: Sendable {
    let server = Mutex<StartTLSServer?>(nil)
  }
}

/// One conversation.
private final class Conversation: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let certificate: NIOSSLContext
  private let hear: @Sendable (StartTLSServer.Line) -> Void
  private var received = ByteBuffer()
  private var isEncrypted = false
  private var isInMail = false

  init(_ certificate: NIOSSLContext, _ hear: @escaping @Sendable (StartTLSServer.Line) -> Void) {
    self.certificate = certificate
    self.hear = hear
  }

  func channelActive(context: ChannelHandlerContext) { say("220 here", context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var more = unwrapInboundIn(data)
    received.writeBuffer(&more)
    while let end = received.readableBytesView.firstIndex(of: 0x0A),
      let line = received.readString(length: end - received.readerIndex + 1)
    {
      let text = line.trimmingCharacters(in: .newlines)
      hear(.init(text: text, isEncrypted: isEncrypted))
      answer(text, context)
    }
  }

  private func answer(_ line: String, _ context: ChannelHandlerContext) {
    if isInMail {
      guard line == "." else { return }
      isInMail = false
      return say("250 taken", context)
    }
    switch line.split(separator: " ").first {
    case "EHLO": say("250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS", context)
    case "STARTTLS":
      say("220 go on", context)
      isEncrypted = true
      try? context.pipeline.syncOperations.addHandler(
        NIOSSLServerHandler(context: certificate), position: .first)
    case "AUTH": say(line == "AUTH PLAIN" ? "334 " : "235 welcome", context)
    case "DATA":
      isInMail = true
      say("354 go on", context)
    case "MAIL", "RCPT": say("250 fine", context)
    case "QUIT": say("221 bye", context)
    // The login, after 334.
    default: say("235 welcome", context)
    }
  }

  private func say(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
  }
}
