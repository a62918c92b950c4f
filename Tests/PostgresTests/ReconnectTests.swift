import Foundation
import Glibc
import Postgres
import Testing

@Suite("lost connections")
struct ReconnectTests {
  private func pid(_ database: Database) async throws -> Int {
    try await database.run { try $0.query("select pg_backend_pid()")[0].get(0) }
  }

  private func kill(_ pid: Int) async throws {
    try await TestServer.with { other in
      try await other.run { _ = try $0.query("select pg_terminate_backend($1::int4, 5000)", pid) }
    }
  }

  @Test("a connection that ended between two jobs is replaced, its statements prepared again")
  func between() async throws {
    let values: [Int] = try await TestServer.with(poolSize: 1) { database in
      var values: [Int] = []
      for number in 0..<5 {
        values.append(
          try await database.run { try $0.query("select $1::int8", number)[0].get(0) })
        try await kill(try await pid(database))
      }
      return values
    }
    #expect(values == [0, 1, 2, 3, 4])
  }

  @Test("a transaction whose connection ends before COMMIT is done again, once")
  func during() async throws {
    let rounds = Counter()
    let values: [Int] = try await TestServer.with(poolSize: 1) { database in
      try await database.run { try $0.script("create table r (n int8)") }
      try await database.transaction { session in
        let round = rounds.next()
        try session.execute("insert into r values ($1)", round)
        if round == 1 { try session.execute("select pg_terminate_backend(pg_backend_pid())") }
      }
      return try await database.run { session in
        try session.query("select n from r").map { try $0.get(0) }
      }
    }
    #expect(values == [2])
  }

  @Test("work outside a transaction is not done again when some of it may be committed")
  func outside() async throws {
    let rounds = Counter()
    let (error, count) = try await TestServer.with(poolSize: 1) { database in
      try await database.run { try $0.script("create table o (n int8)") }
      let error = await failure {
        try await database.run { session in
          rounds.next()
          try session.execute("insert into o values (1)")
          try session.execute("select pg_terminate_backend(pg_backend_pid())")
        }
      }
      let count: Int = try await database.run { try $0.query("select count(*) from o")[0].get(0) }
      return (error, count)
    }
    guard case .connection = error as? PostgresError else {
      Issue.record("not a connection error: \(String(describing: error))")
      return
    }
    #expect(count == 1)
    #expect(rounds.value == 1)
  }

  @Test("the first statement outside a transaction is done again when the server refused it")
  func firstStatement() async throws {
    let rounds = Counter()
    let value: Int = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        let isFirst = rounds.next() == 1
        let rows = try session.query(
          "select case when $1 then pg_terminate_backend(pg_backend_pid()) end, 5", isFirst)
        return try rows[0].get(1)
      }
    }
    #expect(value == 5)
    #expect(rounds.value == 2)
  }

  @Test("an unknown server is an error soon, and says so in both languages")
  func unknownServer() async throws {
    let database = Database(
      .init(conninfo: "host=/nonexistent dbname=x", logger: TestServer.quiet))
    let error = await failure { try await database.run { _ in } }
    await database.close()
    guard case .connection = error as? PostgresError else {
      Issue.record("not a connection error: \(String(describing: error))")
      return
    }
    #expect((error as? PostgresError)?.zh.contains("数据库") == true)
  }

  @Test("a database that does not exist is an error, not a wait")
  func unknownDatabase() async throws {
    try await TestServer.ready()
    let conninfo = TestServer.cluster.conninfo + " dbname=absent"
    let database = Database(.init(conninfo: conninfo, logger: TestServer.quiet))
    let error = await failure { try await database.run { _ in } }
    await database.close()
    #expect("\(try #require(error as? PostgresError))".contains("absent"))
  }

  @Test("a server killed between two jobs is started again and the next job succeeds")
  func serverKilled() async throws {
    let values: [Int] = try await TestServer.withCluster { cluster in
      let database = Database(
        .init(
          conninfo: cluster.conninfo, logger: TestServer.quiet, poolSize: 3,
          beforeConnect: { _ = try cluster.startBlocking() }))
      try await database.run { try $0.script("create table k (n int8)") }
      for round in 0..<3 {
        _ = try await cluster.start()
        guard case .running(let pid) = cluster.status() else { throw GaveUp() }
        Glibc.kill(pid, SIGKILL)
        try await database.batch([Bound("insert into k values ($1)", round)])
      }
      let values: [Int] = try await database.run { session in
        try session.query("select n from k order by n").map { try $0.get(0) }
      }
      await database.close()
      return values
    }
    #expect(values == [0, 1, 2])
  }
}

@Suite("LISTEN")
struct ListenTests {
  @Test("notifications arrive in order and go on after the connection was lost")
  func deliversAndSurvives() async throws {
    try await TestServer.with(applicationName: "listening") { database in
      var stream = database.listen(channel: "News of \"today\"").makeAsyncIterator()
      #expect(await stream.next()?.payload == nil)
      for round in 0..<3 {
        for number in 0..<10 {
          try await database.run { session in
            try session.execute(
              "select pg_notify('News of \"today\"', $1)", "\(round) 条 \(number)")
          }
        }
        for number in 0..<10 {
          #expect(await stream.next()?.payload == "\(round) 条 \(number)")
        }
        _ = try await database.run { session in
          try session.query(
            """
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where application_name = 'listening' and query like 'listen%'
            """)[0].get(0) as Bool
        }
        #expect(await stream.next() == Notification(channel: "News of \"today\"", payload: nil))
      }
    }
  }

  @Test(
    "cancelling the task that listens closes its connection; closing the database ends the rest")
  func ends() async throws {
    try await TestServer.with(applicationName: "ending") { database in
      let count: SQL = """
        select count(*) from pg_stat_activity
        where application_name = 'ending' and query like 'listen%'
        """
      func listeners() async throws -> Int {
        try await database.run { try $0.query(count)[0].get(0) }
      }
      let tasks = (0..<2).map { _ in
        Task { for await _ in database.listen(channel: "c") {} }
      }
      try await until { try await listeners() == 2 }
      tasks[0].cancel()
      await tasks[0].value
      try await until { try await listeners() == 1 }
      await database.close()
      await tasks[1].value
    }
  }
}
