import Foundation
import FoundationNetworking
import Logging
import Postgres
import Testing
import Yibang

@testable import YibangHTTP

@Suite("health over HTTP")
struct HTTPHealthTests {
  /// Serves `health` on a free port while `body` asks.
  private func serve(
    _ health: Health, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let api = try await TestAPI.make()
    let server = HTTPServer(
      health, api, HTTPServer.Options(host: "127.0.0.1", port: 0), logger: TestPlatform.logger
    ) {
      listening.yield($0)
      listening.finish()
    }
    try await withThrowingTaskGroup { group in
      group.addTask {
        defer { listening.finish() }
        try await server.run()
      }
      for await port in ports { try await body(port) }
      group.cancelAll()
      // The server ends by cancellation, which is no failure here.
      while let result = await group.nextResult() { _ = result }
    }
  }

  private static func get(_ path: String, _ port: Int) async throws -> (status: Int?, body: String)
  {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    let (data, response) = try await URLSession.shared.data(from: url)
    return ((response as? HTTPURLResponse)?.statusCode, String(decoding: data, as: UTF8.self))
  }

  @Test("alive and ready where the database answers and its schema is up to date")
  func ready() async throws {
    let platform = try await TestPlatform.ready()
    let health = Health(platform: platform, conninfo: TestPlatform.cluster.conninfo)
    try await serve(health) { port in
      let alive = try await Self.get("/healthz", port)
      #expect(alive.status == 200)
      #expect(alive.body == "{\"status\":\"ok\"}\n")
      let ready = try await Self.get("/readyz", port)
      #expect(ready.status == 200)
      #expect(ready.body == "{\"status\":\"ready\"}\n")
      #expect(try await Self.get("/nothing", port).status == 404)
    }
  }

  @Test("alive and not ready where no database answers")
  func noDatabase() async throws {
    let good = try await TestPlatform.ready()
    let nowhere = "host=\(TestPlatform.directory)/none"
    let database = Database(.init(conninfo: nowhere, logger: TestPlatform.logger, poolSize: 1))
    let platform = Platform(
      database: database, vault: good.vault, logger: TestPlatform.logger)
    let health = Health(platform: platform, conninfo: nowhere, deadline: .milliseconds(500))
    try await serve(health) { port in
      #expect(try await Self.get("/healthz", port).status == 200)
      let ready = try await Self.get("/readyz", port)
      #expect(ready.status == 503)
      #expect(ready.body.contains("database_unavailable"))
    }
    await database.close()
  }

  @Test("not ready while migrations are pending")
  func pending() async throws {
    let platform = try await TestPlatform.ready()
    let other = TestPlatform.cluster.conninfo + " dbname=template1"
    let health = Health(platform: platform, conninfo: other)
    #expect(await health.readiness() == .migrationsPending(Platform.migrations.count))
    try await serve(health) { port in
      let ready = try await Self.get("/readyz", port)
      #expect(ready.status == 503)
      #expect(ready.body.contains("migrations_pending"))
    }
  }
}
