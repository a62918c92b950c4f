import Foundation
import Postgres
import Testing

@Suite("a session")
struct SessionTests {
  @Test("a statement is prepared once and used again")
  func preparedOnce() async throws {
    let names: [String] = try await TestServer.with(poolSize: 1) { database in
      for number in 0..<50 {
        _ = try await database.run { try $0.query("select $1::int8 + 1", number).count }
      }
      return try await database.run { session in
        let sql: SQL = "select name from pg_prepared_statements where statement = $1"
        return try session.query(sql, "select $1::int8 + 1").map { try $0.get(0) }
      }
    }
    #expect(names.count == 1)
  }

  @Test("the statements kept on a connection are bounded, and dropped ones work again")
  func bounded() async throws {
    let (count, value) = try await TestServer.with(poolSize: 1) { database in
      for number in 0..<1300 {
        _ = try await database.run { try $0.execute(SQL(trusted: "select \(number)")) }
      }
      return try await database.run { session in
        let count: Int = try session.query("select count(*) from pg_prepared_statements")[0].get(0)
        return (count, try session.query("select 0")[0].get(0) as Int)
      }
    }
    #expect(count <= 513)
    #expect(value == 0)
  }

  @Test("a statement whose columns changed their type is prepared again")
  func changedSchema() async throws {
    let values: [String] = try await TestServer.with(poolSize: 2) { database in
      try await database.run { session in
        try session.script("create table c (a int8); insert into c values (1)")
        _ = try session.query("select * from c")
      }
      try await database.run { try $0.script("alter table c alter a type text") }
      let outside: String = try await database.run { try $0.query("select * from c")[0].get(0) }
      try await database.run { try $0.script("alter table c add b int8") }
      let inside: Int = try await database.transaction { session in
        try session.query("select * from c").columns.count
      }
      return [outside, "\(inside)"]
    }
    #expect(values == ["1", "2"])
  }

  @Test("a batch outside a transaction is one: an error in the middle leaves nothing")
  func batchIsOne() async throws {
    let (error, count) = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        try session.script("create table b (a int8 primary key)")
        var caught: PostgresError?
        do throws(PostgresError) {
          try session.batch([
            Bound("insert into b values ($1)", 1), Bound("insert into b values ($1)", 2),
            Bound("insert into b values ($1)", 1), Bound("select never_prepared from b"),
          ])
        } catch { caught = error }
        let count: Int = try session.query("select count(*) from b")[0].get(0)
        return (caught, count)
      }
    }
    guard case .unique(let detail) = error else {
      Issue.record("not a unique violation: \(String(describing: error))")
      return
    }
    #expect(detail.constraint == "b_pkey")
    #expect(detail.table == "b")
    #expect(count == 0)
  }

  @Test("the results of a batch come in order")
  func batchResults() async throws {
    let texts: [String] = try await TestServer.with { database in
      try await database.run { session in
        let numbers = (0..<300).map { Bound("select $1::int8", $0) }
        return try session.batch(numbers).map { "\(try $0[0].get(0) as Int)" }
      }
    }
    #expect(texts == (0..<300).map { "\($0)" })
  }

  @Test("a large batch in both directions does not lock up")
  func largeBatch() async throws {
    let sizes: [Int] = try await TestServer.with { database in
      try await database.run { session in
        let big = [UInt8](repeating: 1, count: 200_000)
        let statements = (0..<100).map { _ in Bound("select $1::bytea", big) }
        return try session.batch(statements).map { (try $0[0].get(0) as [UInt8]).count }
      }
    }
    #expect(sizes == [Int](repeating: 200_000, count: 100))
  }

  @Test("COPY in a query is refused and the next statement works")
  func copyAsQuery() async throws {
    let one: Int = try await TestServer.with(poolSize: 1) { database in
      let error = await failure {
        try await database.run { try $0.execute("copy (select 1) to stdout") }
      }
      #expect(error is PostgresError)
      return try await database.run { try $0.query("select 1")[0].get(0) }
    }
    #expect(one == 1)
  }

  @Test("too many parameters are an error, not a crash")
  func tooMany() async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.run { session in
          _ = try session.query(
            "select 1", parameters: [(any PostgresValue)?](repeating: 1, count: 65_536))
        }
      }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "54023")
  }

  @Test("many rows are streamed one by one, and streaming can be given up")
  func streaming() async throws {
    struct Enough: Error {}
    let (sum, after, nested) = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        var sum = 0
        try session.forEach("select generate_series(1, $1::int8)", 100_000) { row in
          sum += try row.get(0)
        }
        var seen = 0
        do {
          try session.forEach("select generate_series(1, 100000000)") { _ in
            seen += 1
            if seen == 10 { throw Enough() }
          }
        } catch is Enough {}
        var nested: String?
        try session.forEach("select 1") { _ in
          do throws(PostgresError) { _ = try session.query("select 2") } catch {
            nested = error.detail?.sqlstate
          }
        }
        return (sum, try session.query("select 3")[0].get(0) as Int, nested)
      }
    }
    #expect(sum == 5_000_050_000)
    #expect(after == 3)
    #expect(nested == "55006")
  }

  @Test("streaming inside a transaction sees what it wrote")
  func streamingInTransaction() async throws {
    let total: Int = try await TestServer.with { database in
      try await database.transaction(settings: [("work_mem", "8MB")]) { session in
        var total = 0
        try session.forEach("select current_setting('work_mem') = '8MB', 5::int8") { row in
          if try row.get(0) { total = try row.get(1) }
        }
        return total
      }
    }
    #expect(total == 5)
  }

  @Test("a statement right after streaming gives all its rows, prepared before or not")
  func afterStreaming() async throws {
    let counts = try await TestServer.with(poolSize: 1) { database in
      try await database.transaction { session in
        var counts: [Int] = []
        for _ in 0..<200 {
          counts.append(try session.query("select generate_series(1, 3)").count)
          try session.forEach("select generate_series(1, $1::int8)", 5) { _ in }
        }
        return counts
      }
    }
    #expect(counts == Array(repeating: 3, count: 200))
  }
}
