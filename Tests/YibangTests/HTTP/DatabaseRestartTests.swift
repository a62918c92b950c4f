import Foundation
import HTTPTypes
import Postgres
import SchoolCalendar
import Synchronization
import Testing

@testable import Yibang
@testable import YibangHTTP

/// A database that goes away under load and comes back, with the server running on.
@Suite("the database restarted under load")
struct DatabaseRestartTests {
  private static let clients = 8

  private final class End: Sendable {
    let hasCome = Atomic(false)
  }

  /// A server whose database is its own, so that it can be stopped.
  private func open(_ cluster: EmbeddedCluster) async throws -> (TestAPI, Platform, Context) {
    _ = try await cluster.start()
    let platform = try await Platform.open(
      conninfo: cluster.conninfo, keyFile: "\(cluster.directory)/key", poolSize: 4,
      logger: TestPlatform.logger)
    let district = "990000"
    _ = try await Districts.add(code: district, name: "测试区", login: "admin", on: platform)
    let actor = try await Users.actor(login: "admin", district: district, on: platform)
    let context = Context(platform: platform, actor: actor)
    _ = try await Schools.add(code: "2199000001", name: "第一小学", in: context)
    _ = try await Semesters.open(TestDistrict.autumn, in: context)
    let api = API(
      platform: platform, today: { TestDistrict.today }, caller: { _ in Caller(actor: actor) })
    return (try await TestAPI(api), platform, context)
  }

  @Test("meanwhile answers say to come again, afterwards all goes on, and nothing is done twice")
  func restarted() async throws {
    let cluster = EmbeddedCluster(
      directory: "\(TestPlatform.directory).restart", settings: ["fsync": "off"],
      logger: TestPlatform.logger)
    let error = await failure { try await restart(cluster) }
    try await cluster.stop()
    try FileManager.default.removeItem(atPath: cluster.directory)
    if let error { throw error }
  }

  private func restart(_ cluster: EmbeddedCluster) async throws {
    let (api, platform, context) = try await open(cluster)
    let (events, told) = AsyncStream.makeStream(of: Int.self)
    let end = End()
    let keys = try await withThrowingTaskGroup(of: [String].self) { group in
      for client in 0..<Self.clients {
        group.addTask {
          try await Self.give(client, api, until: end, told)
        }
      }
      var answers = events.makeAsyncIterator()
      for _ in 0..<50 { _ = await answers.next() }
      try await cluster.stop()
      while let status = await answers.next(), status != 503 {}
      _ = try await cluster.start()
      for _ in 0..<50 { while let status = await answers.next(), status != 201 {} }
      end.hasCome.store(true, ordering: .relaxed)
      return try await group.reduce([], +)
    }
    let gifts = try await Giving.list(in: context)
    #expect(gifts.count == keys.count && Set(gifts.map(\.id)).count == keys.count)
    #expect(try await Doctor.examine(in: context).isEmpty)
    await platform.close()
  }

  /// Records gifts until it is over, each again by its key until it is acknowledged.
  /// - Parameter told: is told each status.
  /// - Returns: the keys.
  private static func give(
    _ client: Int, _ api: TestAPI, until end: End, _ told: AsyncStream<Int>.Continuation
  ) async throws -> [String] {
    var keys: [String] = []
    while !end.hasCome.load(ordering: .relaxed) {
      let key = "\(client)-\(keys.count)"
      var answer: TestAPI.Answer
      repeat {
        answer = try await api.post(
          "/donations",
          [
            "donor": ["name": .string("师\(client)"), "kind": "teacher"], "amount": ["fen": 100],
            "school": "2199000001", "date": "2026-09-10",
          ], key: key)
        #expect([201, 503].contains(answer.status), "\(answer.text)")
        if answer.status == 503 {
          #expect(answer.code == "service.database_unavailable", "\(answer.text)")
          #expect(answer.headers[.retryAfter] == "2")
        }
        told.yield(answer.status)
      } while answer.status == 503
      keys.append(key)
    }
    return keys
  }
}
