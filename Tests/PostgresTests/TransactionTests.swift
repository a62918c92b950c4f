import Dispatch
import Foundation
import Postgres
import Testing

@Suite("transactions")
struct TransactionTests {
  @Test("settings hold in the transaction only, also with quotes and reserved words")
  func settings() async throws {
    let texts: [String] = try await TestServer.with(poolSize: 1) { database in
      let settings = [("app.user", "a'b\\c\"; drop"), ("app.district", "990000")]
      let inside: String = try await database.transaction(settings: settings) { session in
        let sql: SQL = "select current_setting('app.user') || current_setting('app.district')"
        return try session.query(sql)[0].get(0)
      }
      let after: String = try await database.run { session in
        try session.query("select coalesce(current_setting('app.user', true), '')")[0].get(0)
      }
      return [inside, after]
    }
    #expect(texts == ["a'b\\c\"; drop990000", ""])
  }

  @Test("the name of a setting cannot smuggle in SQL", arguments: ["a\"b", "x; drop", "", "1a"])
  func settingName(name: String) async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.transaction(settings: [(name, "1")]) { try $0.query("select 1").count }
      }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "42602")
  }

  @Test("what a body that throws did is undone, and its error comes out")
  func rollback() async throws {
    struct Own: Error {}
    let (error, count) = try await TestServer.with(poolSize: 1) { database in
      try await database.run { try $0.script("create table t (a int8)") }
      let error = await failure {
        try await database.transaction { session in
          try session.execute("insert into t values (1)")
          throw Own()
        }
      }
      let count: Int = try await database.run { session in
        try session.query("select count(*) from t")[0].get(0)
      }
      return (error, count)
    }
    #expect(error is Own)
    #expect(count == 0)
  }

  @Test("a body that hides an error does not pass for committed")
  func hiddenError() async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.transaction { session in _ = try? session.query("select 1/0") }
      }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "25P02")
  }

  @Test("a transaction that is ended from within is an error")
  func endedWithin() async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.transaction { try $0.script("select 1; commit") }
      }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "25P01")
  }

  @Test("a transaction without statements, and one that only reads, are fine")
  func emptyAndReadOnly() async throws {
    let error = try await TestServer.with { database in
      try await database.transaction { _ in }
      try await database.run { try $0.script("create table ro (a int8)") }
      return await failure {
        try await database.transaction(isolation: .repeatableRead, readOnly: true) { session in
          try session.execute("insert into ro values (1)")
        }
      }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "25006")
  }

  @Test("a savepoint undoes its own part only")
  func savepoint() async throws {
    let values: [Int] = try await TestServer.with { database in
      try await database.run { try $0.script("create table s (a int8 primary key)") }
      try await database.transaction { session in
        _ = try? session.savepoint { _ in throw GaveUp() }
        try session.savepoint { _ in }
        try session.execute("insert into s values (1)")
        try session.savepoint { try $0.execute("insert into s values (2)") }
        for _ in 0..<3 {
          _ = try? session.savepoint { inner in
            try inner.execute("insert into s values (3)")
            try inner.savepoint { try $0.execute("insert into s values (4)") }
            try inner.execute("insert into s values (1)")
          }
        }
        try session.savepoint { try $0.execute("insert into s values (5)") }
      }
      return try await database.run { session in
        try session.query("select a from s order by a").map { try $0.get(0) }
      }
    }
    #expect(values == [1, 2, 5])
  }

  @Test("lost updates are tried again until all are there")
  func serialization() async throws {
    let total: Int = try await TestServer.with { database in
      try await database.run { try $0.script("create table a (n int8); insert into a values (0)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            for _ in 0..<20 {
              try await database.transaction(isolation: .serializable, attempts: 50) { session in
                let n: Int = try session.query("select n from a")[0].get(0)
                try session.execute("select pg_sleep(0.002)")
                try session.execute("update a set n = $1", n + 1)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      return try await database.run { try $0.query("select n from a")[0].get(0) }
    }
    #expect(total == 40)
  }

  @Test("what another has written since it was read is read again")
  func lostUpdate() async throws {
    let rounds = Counter()
    let (isRead, isWritten) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let total: Int = try await TestServer.with { database in
      try await database.run { try $0.script("create table a (n int8); insert into a values (0)") }
      async let first: Void = database.transaction(isolation: .serializable) { session in
        rounds.next()
        let n: Int = try session.query("select n from a")[0].get(0)
        if rounds.value == 1 {
          isRead.signal()
          isWritten.wait()
        }
        try session.execute("update a set n = $1", n + 1)
      }
      try await database.run { session in
        isRead.wait()
        try session.execute("update a set n = n + 10")
        isWritten.signal()
      }
      try await first
      return try await database.run { try $0.query("select n from a")[0].get(0) }
    }
    #expect(total == 11)
    #expect(rounds.value == 2)
  }

  @Test("a serialization failure comes out when the attempts are used up")
  func attemptsUsedUp() async throws {
    let rounds = Counter()
    let error = await failure {
      try await TestServer.with { database in
        try await database.transaction(attempts: 3) { session in
          rounds.next()
          try session.script(
            "do $$ begin raise exception 'again' using errcode = '40001'; end $$")
        }
      }
    }
    guard case .serialization = error as? PostgresError else {
      Issue.record("not a serialization failure: \(String(describing: error))")
      return
    }
    #expect(rounds.value == 3)
  }

  @Test("two transactions that lock crosswise both get through")
  func deadlock() async throws {
    let rounds = Counter()
    let locked = Counter()
    let total: Int = try await TestServer.with { database in
      try await database.run {
        try $0.script("create table l (id int8, n int8); insert into l values (1, 0), (2, 0)")
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (first, second) in [(1, 2), (2, 1)] {
          group.addTask {
            try await database.transaction { session in
              let round = rounds.next()
              try session.execute("update l set n = n + 1 where id = $1", first)
              locked.next()
              while round <= 2 && locked.value < 2 { sched_yield() }
              try session.execute("update l set n = n + 1 where id = $1", second)
            }
          }
        }
        try await group.waitForAll()
      }
      return try await database.run { try $0.query("select sum(n)::int8 from l")[0].get(0) }
    }
    #expect(total == 4)
    #expect(rounds.value >= 3)
  }

  @Test("a batch is one transaction with its settings")
  func batch() async throws {
    let (rows, error, count) = try await TestServer.with(poolSize: 1) { database in
      try await database.run { try $0.script("create table q (a int8 primary key, u text)") }
      let insert: SQL = "insert into q values ($1, current_setting('app.user'))"
      let settings = [("app.user", "me")]
      let changed = try await database.batch(
        settings: settings, [Bound(insert, 1), Bound("insert into q select $1 + 1, 'x'", 1)])
      let error = await failure {
        try await database.batch(settings: settings, [Bound(insert, 3), Bound(insert, 1)])
      }
      let texts: [String] = try await database.batch(
        settings: settings, [Bound("select u from q order by a")]
      ) { rows in try rows[0].map { try $0.get(0) } }
      return (texts, error, changed)
    }
    #expect(rows == ["me", "x"])
    #expect(count == [1, 1])
    guard case .unique = error as? PostgresError else {
      Issue.record("not a unique violation: \(String(describing: error))")
      return
    }
  }
}
