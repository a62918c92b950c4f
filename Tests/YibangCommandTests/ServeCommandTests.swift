import Foundation
import FoundationNetworking
import Glibc
import Testing

@Suite("serve")
struct ServeCommandTests {
  @Test("answers while it runs, drains on SIGTERM and gives the database back")
  func life() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      let process = Command.process(["--home", home.path, "serve", "--port", "0"])
      let pipe = Pipe()
      process.standardError = pipe
      process.standardOutput = FileHandle.nullDevice
      let status = try await Command.end(of: process) {
        try process.run()
        Thread.detachNewThread {
          let port = Self.port(pipe.fileHandleForReading)
          Task {
            await Self.check(port)
            // Also ends a server that did not answer.
            process.terminate()
          }
          while !pipe.fileHandleForReading.availableData.isEmpty {}
        }
      }
      #expect(status == 0)
      let state = try await home("db", "status", "--format", "json").json()["state"].text
      #expect(state == "stopped")
    }
  }

  /// Serves with settings while `body` asks, and ends the server.
  private func serve(
    _ home: TestHome, _ environment: [String: String],
    _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> (status: Int32, log: String) {
    let log = "\(home.path)/serve.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let process = Command.process(["--home", home.path, "serve", "--port", "0"], environment)
    process.standardError = try FileHandle(forWritingTo: URL(filePath: log))
    process.standardOutput = FileHandle.nullDevice
    func text() throws -> String { try String(contentsOfFile: log, encoding: .utf8) }
    let status = try await Command.end(of: process) {
      try process.run()
      Task {
        defer { process.terminate() }
        while process.isRunning {
          if let match = try text().firstMatch(of: #/https?://127\.0\.0\.1:(\d+)\s/#),
            let port = Int(match.1)
          {
            do {
              try await body(port)
            } catch {
              Issue.record(error)
            }
            return
          }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
    }
    return (status, try text())
  }

  /// Runs a program to its end and gives what it wrote.
  private static func run(_ name: String, _ arguments: String...) async throws -> CommandRun {
    let path = "/tmp/yibang-command.\(UUID())"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/\(name)")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
    process.standardError = FileHandle.nullDevice
    let status = try await Command.end(of: process) { try process.run() }
    return CommandRun(
      status: status, output: try String(contentsOfFile: path, encoding: .utf8), errors: "")
  }

  private static func makeCertificate(in folder: String) async throws {
    let made = try await run(
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
      "-keyout", "\(folder)/new.key", "-out", "\(folder)/new.pem")
    try #require(made.status == 0)
    for kind in ["key", "pem"] {
      try #require(rename("\(folder)/new.\(kind)", "\(folder)/tls.\(kind)") == 0)
    }
  }

  @Test("speaks TLS 1.2 and later, and takes a new certificate while it runs")
  func certificates() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      try await Self.makeCertificate(in: home.path)
      let folder = home.path
      let settings = [
        "YIBANG_HTTP_CERTIFICATE": "\(folder)/tls.pem", "YIBANG_HTTP_KEY": "\(folder)/tls.key",
      ]
      let ended = try await serve(home, settings) { port in
        func ask(_ more: String...) async throws -> CommandRun {
          try await Self.run(
            "curl", "-s", "--cacert", more.first ?? "\(folder)/tls.pem",
            more.dropFirst().first ?? "-s",
            more.dropFirst(2).first ?? "-s", "https://127.0.0.1:\(port)/healthz")
        }
        let first = try await ask()
        #expect(first.output == "{\"status\":\"ok\"}\n")
        #expect(try await ask("\(folder)/tls.pem", "--tls-max", "1.1").status != 0)
        try FileManager.default.copyItem(atPath: "\(folder)/tls.pem", toPath: "\(folder)/old.pem")
        try await Self.makeCertificate(in: folder)
        // It looks every two seconds.
        var isNew = false
        for _ in 1...100 where !isNew {
          isNew = try await ask().status == 0
          if !isNew { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(isNew)
        #expect(try await ask("\(folder)/old.pem").status != 0)
        // Files that are no certificate leave the one in use.
        try Data("no key\n".utf8).write(to: URL(filePath: "\(folder)/tls.key"))
        try await Task.sleep(for: .seconds(3))
        #expect(try await ask().status == 0)
      }
      #expect(ended.status == 0)
      let unusable = try await Command.run(
        ["--home", home.path, "--lang", "en", "serve", "--port", "0"], environment: settings)
      #expect(unusable.status == 78 && unusable.errors.contains("tls.key"))
    }
  }

  @Test("cuts off a request that trickles in, and logs in JSON without addresses")
  func trickle() async throws {
    try await TestHome.use { home in
      _ = try await home("district", "add", "990000", "测试区")
      let settings = ["YIBANG_HTTP_RECEIVE_SECONDS": "1", "YIBANG_LOG_FORMAT": "json"]
      let ended = try await serve(home, settings) { port in
        for start in [
          "GET /healthz HTTP/1.1\r\nX-Slow: ",
          "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
        ] {
          #expect(try Self.trickle(start, to: port) < 100)
        }
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        _ = try await Self.run(
          "curl", "-s", "-H", "traceparent: \(trace)",
          "http://127.0.0.1:\(port)/api/v1/donors?name=%E8%AF%95%E7%94%B2")
      }
      #expect(ended.status == 0)
      let lines = ended.log.split(separator: "\n").compactMap {
        try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
      }
      let request = lines.first { $0["trace_id"].text == "4bf92f3577b34da6a3ce929d0e0e4736" }
      #expect(request?["status"].text == "401" && request?["endpoint"].text == "donor.list")
      #expect(!ended.log.contains("%E8%AF%95") && !ended.log.contains("试甲"))
    }
  }

  /// Sends a byte every 100 ms until the server closes.
  /// - Returns: how many it took.
  private static func trickle(_ start: String, to port: Int) throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isOpen = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isOpen)
    _ = start.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    for count in 1...100 {
      if send(descriptor, "x", 1, Int32(MSG_NOSIGNAL)) < 0 { return count }
      var byte: UInt8 = 0
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // Readable is the end, or an answer that ends the connection.
      if poll(&wanted, 1, 100) > 0, recv(descriptor, &byte, 1, 0) <= 0 { return count }
    }
    return 100
  }

  /// The port that the server says it listens on; nil if it ended before.
  private static func port(_ errors: FileHandle) -> Int? {
    var text = ""
    while true {
      let data = errors.availableData
      if data.isEmpty { return nil }
      text += String(decoding: data, as: UTF8.self)
      if let match = text.firstMatch(of: #/http://127\.0\.0\.1:(\d+)\s/#) { return Int(match.1) }
    }
  }

  private static func check(_ port: Int?) async {
    guard let port else {
      Issue.record("the server did not listen")
      return
    }
    for (path, word) in [("healthz", "ok"), ("readyz", "ready")] {
      guard let url = URL(string: "http://127.0.0.1:\(port)/\(path)") else { continue }
      do {
        let (body, response) = try await URLSession.shared.data(from: url)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
        #expect(String(decoding: body, as: UTF8.self) == "{\"status\":\"\(word)\"}\n")
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test("a port that is taken is a clear error")
  func portTaken() async throws {
    try await TestHome.use { home in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0
            && getsockname(descriptor, $0, &size) == 0
        }
      }
      try #require(isBound)
      let port = UInt16(bigEndian: address.sin_port)
      let run = try await home("serve", "--port", "\(port)", "--quiet")
      #expect(run.status == 69)
      #expect(run.errors.contains("端口可能已被占用"))
    }
  }
}
