import Foundation
import Postgres
import Testing

@Suite("migrations")
struct MigratorTests {
  private static let one = Migration(number: 1, name: "one", sql: Array("create table a ();".utf8))
  private static let two = Migration(
    number: 2, name: "two", sql: Array("create table b (); insert into b default values".utf8))

  /// Runs a test with the address of an empty database.
  private func withDatabase<T: Sendable>(_ body: (String) async throws -> T) async throws -> T {
    try await TestServer.with { database in
      let name = "m\(UUID.v7().uuidString.lowercased().filter { $0 != "-" })"
      try await database.run { try $0.script(SQL(trusted: "create database \(name)")) }
      return try await body(TestServer.cluster.conninfo + " dbname=\(name)")
    }
  }

  private func migrate(_ conninfo: String, _ migrations: [Migration]) async throws -> [Int] {
    try await blocking {
      try Migrator.migrate(
        conninfo: conninfo, migrations: migrations, logger: TestServer.quiet)
    }
  }

  private func problem(_ body: () async throws -> some Any) async -> MigrationProblem? {
    guard case .migration(let problem) = await failure(body) as? PostgresError else { return nil }
    return problem
  }

  @Test("what is pending is applied in order, once")
  func once() async throws {
    try await withDatabase { conninfo in
      #expect(try await migrate(conninfo, [Self.one]) == [1])
      let before = try Migrator.pending(
        conninfo: conninfo, migrations: [Self.two, Self.one], logger: TestServer.quiet)
      #expect(before.map(\.number) == [2])
      #expect(try await migrate(conninfo, [Self.two, Self.one]) == [2])
      #expect(try await migrate(conninfo, [Self.one, Self.two]) == [])
      let status = try Migrator.status(
        conninfo: conninfo, migrations: [Self.one, Self.two], logger: TestServer.quiet)
      #expect(status.map(\.isApplied) == [true, true])
    }
  }

  @Test("looking at a database that was never migrated changes nothing")
  func untouched() async throws {
    try await withDatabase { conninfo in
      for _ in 0..<2 {
        let pending = try Migrator.pending(
          conninfo: conninfo, migrations: [Self.one], logger: TestServer.quiet)
        #expect(pending.map(\.name) == ["one"])
      }
    }
  }

  @Test("an edited, missing, skipped, doubled or newer migration is refused")
  func refused() async throws {
    try await withDatabase { conninfo in
      let three = Migration(number: 3, name: "three", sql: Array("select 3".utf8))
      let edited = Migration(number: 1, name: "one", sql: Self.one.sql + [0x20])
      #expect(await problem { try await migrate(conninfo, [Self.two]) } == .gap(number: 1))
      #expect(
        await problem { try await migrate(conninfo, [Self.one, three]) } == .gap(number: 2))
      #expect(
        await problem { try await migrate(conninfo, [Self.one, edited]) } == .duplicate(number: 1))
      let applied = try await migrate(conninfo, [Self.one, Self.two])
      #expect(applied == [1, 2])
      #expect(
        await problem { try await migrate(conninfo, [edited, Self.two]) }
          == .edited(number: 1, name: "one"))
      #expect(
        await problem { try await migrate(conninfo, [Self.one, three]) }
          == .missing(number: 2, name: "two"))
      #expect(
        await problem { try await migrate(conninfo, [Self.one]) } == .newer(applied: 2, known: 1))
    }
  }

  @Test("a failing migration leaves nothing behind, and those before it stay")
  func failing() async throws {
    try await withDatabase { conninfo in
      let broken = Migration(
        number: 3, name: "broken", sql: Array("create table c (); select 1/0".utf8))
      let found = await problem { try await migrate(conninfo, [Self.one, Self.two, broken]) }
      guard case .failed(3, "broken", let detail) = found else {
        Issue.record("another problem: \(String(describing: found))")
        return
      }
      #expect(detail.sqlstate == "22012")
      let fixed = Migration(number: 3, name: "fixed", sql: Array("create table c ()".utf8))
      let applied = try await migrate(conninfo, [Self.one, Self.two, fixed])
      #expect(applied == [3])
    }
  }

  @Test("a migration that commits by itself or is not text is refused")
  func ends() async throws {
    try await withDatabase { conninfo in
      let ending = Migration(number: 1, name: "e", sql: Array("select 1; commit; select 2".utf8))
      let binary = Migration(number: 1, name: "b", sql: [0xFF, 0xFE])
      #expect(
        await problem { try await migrate(conninfo, [ending]) }
          == .endsTransaction(number: 1, name: "e"))
      #expect(
        await problem { try await migrate(conninfo, [binary]) }
          == .unreadable(number: 1, name: "b"))
      let applied = try await migrate(conninfo, [Self.one])
      #expect(applied == [1])
    }
  }

  @Test("of two processes that migrate at once, the second finds nothing to do")
  func concurrent() async throws {
    try await withDatabase { conninfo in
      let slow = Migration(
        number: 1, name: "slow", sql: Array("create table s (); select pg_sleep(0.2)".utf8))
      let results = try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<3 {
          group.addTask { try await migrate(conninfo, [slow]) }
        }
        return try await group.reduce(into: [[Int]]()) { $0.append($1) }
      }
      #expect(results.sorted { $0.count < $1.count } == [[], [], [1]])
    }
  }

  @Test("every problem speaks both languages")
  func languages() {
    let problems: [MigrationProblem] = [
      .edited(number: 1, name: "n"), .missing(number: 1, name: "n"),
      .newer(applied: 2, known: 1), .gap(number: 1), .duplicate(number: 1),
      .failed(number: 1, name: "n", .init(sqlstate: "42601", message: "m")),
      .endsTransaction(number: 1, name: "n"), .unreadable(number: 1, name: "n"),
    ]
    for problem in problems {
      #expect(problem.en.contains("igration") && !problem.zh.isEmpty)
      #expect(problem.en != problem.zh)
    }
  }
}
