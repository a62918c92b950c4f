import Foundation
import Glibc
import Testing
import Yibang

@Suite("serve, killed")
struct ServeCrashTests {
  private static let clients = 8
  private static let giftsOfClient = 40
  private static let rounds = 20

  /// What clients and the one who kills know of each other.
  ///
  /// `@unchecked Sendable`: everything is read and written under the condition's lock.
  private final class Board: @unchecked Sendable {
    private let condition = NSCondition()
    private var port = 0
    private var generation = 0
    private var ids: [String: String] = [:]
    private var finished = 0
    private var isLast = false
    private var isOver = false

    /// A server listens.
    func open(_ port: Int, isLast: Bool = false) {
      condition.withLock {
        self.port = port
        self.isLast = isLast
        generation += 1
        condition.broadcast()
      }
    }

    /// No server comes any more.
    func end() {
      condition.withLock {
        isOver = true
        condition.broadcast()
      }
    }

    /// The server after that of a generation, once there is one; the last stays. Nil: none comes.
    func next(after seen: Int) -> (port: Int, generation: Int)? {
      condition.withLock {
        while generation <= seen, !isLast, !isOver { condition.wait() }
        return isOver ? nil : (port, generation)
      }
    }

    func acknowledge(_ key: String, _ id: String) {
      condition.withLock {
        ids[key] = id
        condition.broadcast()
      }
    }

    func finish() {
      condition.withLock {
        finished += 1
        condition.broadcast()
      }
    }

    /// Waits until so many are acknowledged, or every client has finished.
    func wait(for count: Int) {
      condition.withLock {
        while ids.count < count, finished < ServeCrashTests.clients { condition.wait() }
      }
    }

    var acknowledged: [String: String] { condition.withLock { ids } }
  }

  private static func request(_ number: Int, token: String) -> String {
    let body = """
      {"donor":{"name":"试教师\(number % 7)","kind":"teacher"},"amount":{"fen":\(10_000 + number)},\
      "school":"\(TestHome.school)","date":"2026-09-10"}
      """
    return "POST /api/v1/donations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
      + "Authorization: Bearer \(token)\r\nIdempotency-Key: gift-\(number)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// Records its gifts one after the other, each again by its key until it is acknowledged.
  private static func client(_ client: Int, token: String, _ board: Board) {
    defer { board.finish() }
    guard var server = board.next(after: 0) else { return }
    var number = client * giftsOfClient
    while number < (client + 1) * giftsOfClient {
      guard let answer = exchange(request(number, token: token), port: server.port) else {
        guard let next = board.next(after: server.generation) else { return }
        server = next
        continue
      }
      if answer.status == 201, let id = id(answer.body) {
        board.acknowledge("gift-\(number)", id)
        number += 1
      } else if answer.status != 503 {
        Issue.record("gift \(number): \(answer.status) \(answer.body)")
        return
      }
    }
  }

  private static func id(_ body: String) -> String? {
    (try? JSONDecoder().decode(JSONValue.self, from: Data(body.utf8)))?["id"].text
  }

  /// Starts and kills servers under the clients' load; the last one serves them to the end.
  private static func kill(_ home: String, _ board: Board) throws {
    defer { board.end() }
    for round in 1...rounds {
      let server = try ServerProcess(home: home)
      board.open(server.port)
      board.wait(for: board.acknowledged.count + 8)
      server.kill()
      if round % 5 == 0, let pid = postmaster(home) { Glibc.kill(pid, SIGKILL) }
    }
    let server = try ServerProcess(home: home)
    board.open(server.port, isLast: true)
    board.wait(for: clients * giftsOfClient)
    #expect(server.stop() == 0)
  }

  private static func postmaster(_ home: String) -> pid_t? {
    let file = try? String(contentsOfFile: "\(home)/postgres/postmaster.pid", encoding: .utf8)
    return file?.split(separator: "\n").first.flatMap { pid_t($0) }
  }

  private static func token(_ home: TestHome) async throws -> String {
    _ = try await home("user", "add", "boss", "--name", "测", "--role", "district_admin")
    let made = try await home(
      "--format", "json", "--as", "boss", "user", "token", "add", "程序", "--scope", "all",
      "--days", "1")
    let token = made.output.firstMatch(of: #/ybp_[A-Za-z0-9_-]+/#).map { String($0.0) }
    return try #require(token, "\(made.errors)")
  }

  @Test("twenty times under load: each acknowledged gift is there once, none twice, and all agrees")
  func killed() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let token = try await Self.token(home)
      let board = Board()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<Self.clients {
          group.addTask { try await onThread { Self.client(number, token: token, board) } }
        }
        group.addTask { try await onThread { try Self.kill(home.path, board) } }
        try await group.waitForAll()
      }
      let acknowledged = board.acknowledged
      let count = Self.clients * Self.giftsOfClient
      #expect(acknowledged.count == count && Set(acknowledged.values).count == count)
      let listed = try await home(
        "donation", "list", "--school", TestHome.school, "--format", "json"
      ).json()
      #expect(listed.count == count)
      let amounts = (0..<count).compactMap { listed[$0]["amount"]["fen"].number }
      #expect(Set(amounts) == Set(10_000..<10_000 + count))
      let ids = (0..<count).compactMap { listed[$0]["id"].text?.lowercased() }
      #expect(Set(ids) == Set(acknowledged.values))
      #expect(try await home("--as", "boss", "doctor").status == 0)
      #expect(try await home("--as", "boss", "seal", "make").status == 0)
      #expect(try await home("--as", "boss", "audit", "verify").status == 0)
    }
  }
}
