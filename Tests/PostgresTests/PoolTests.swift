import Foundation
import Postgres
import Testing

@Suite("the pool")
struct PoolTests {
  @Test("1,000 jobs at once on four connections all finish")
  func many() async throws {
    let (sum, connections) = try await TestServer.with(applicationName: "many") { database in
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<1000 {
          group.addTask {
            try await database.run { try $0.query("select $1::int8", number)[0].get(0) }
          }
        }
        return try await group.reduce(0, +)
      }
      let connections: Int = try await database.run { session in
        let sql: SQL = "select count(*) from pg_stat_activity where application_name = 'many'"
        return try session.query(sql)[0].get(0)
      }
      return (sum, connections)
    }
    #expect(sum == 499_500)
    #expect((1...4).contains(connections))
  }

  @Test("jobs one after the other need one connection")
  func oneConnection() async throws {
    let connections: Int = try await TestServer.with(applicationName: "single") { database in
      for _ in 0..<20 { _ = try await database.run { try $0.query("select 1").count } }
      return try await database.run { session in
        let sql: SQL = "select count(*) from pg_stat_activity where application_name = 'single'"
        return try session.query(sql)[0].get(0)
      }
    }
    #expect(connections == 1)
  }

  @Test("a full queue refuses at once, a waiting job can be cancelled, and its place is free again")
  func fullQueue() async throws {
    try await TestServer.with(poolSize: 1, queueLimit: 2) { database in
      let gate = DispatchSemaphore(value: 0)
      let isRunning = Counter()
      let first = Task {
        try await database.run { _ in
          isRunning.next()
          gate.wait()
        }
      }
      try await until { isRunning.value == 1 }
      defer { gate.signal() }
      let ran = Counter()
      let second = Task { try await database.run { _ in _ = ran.next() } }
      try await until { database.statistics.waiting == 1 }
      let third = Task { try await database.run { try $0.query("select 3").count } }
      try await until { database.statistics.waiting == 2 }
      let refused = await failure { try await database.run { _ in } }
      #expect(refused as? PostgresError == .queueFull)
      second.cancel()
      #expect(await failure { try await second.value } is CancellationError)
      #expect(database.statistics.waiting == 1)
      let fourth = Task { try await database.run { try $0.query("select 4").count } }
      try await until { database.statistics.waiting == 2 }
      gate.signal()
      #expect(try await third.value == 1)
      #expect(try await fourth.value == 1)
      try await first.value
      #expect(ran.value == 0)
    }
  }

  @Test("a deadline counts the time in the queue")
  func deadlineInQueue() async throws {
    try await TestServer.with(poolSize: 1) { database in
      let gate = DispatchSemaphore(value: 0)
      let isRunning = Counter()
      let first = Task {
        try await database.run { _ in
          isRunning.next()
          gate.wait()
        }
      }
      try await until { isRunning.value == 1 }
      let error = await failure {
        try await database.run(deadline: .milliseconds(30)) { _ in }
      }
      gate.signal()
      try await first.value
      guard case .cancelled = error as? PostgresError else {
        Issue.record("not cancelled: \(String(describing: error))")
        return
      }
    }
  }

  @Test("a deadline ends a running statement and the connection goes on")
  func deadlineRunning() async throws {
    let (error, same) = try await TestServer.with(poolSize: 1) { database in
      let pid: Int = try await database.run { try $0.query("select pg_backend_pid()")[0].get(0) }
      let error = await failure {
        try await database.transaction(deadline: .milliseconds(50)) { session in
          try session.execute("select pg_sleep(60)")
        }
      }
      let now: Int = try await database.run { try $0.query("select pg_backend_pid()")[0].get(0) }
      return (error, pid == now)
    }
    guard case .cancelled(let detail) = error as? PostgresError else {
      Issue.record("not cancelled: \(String(describing: error))")
      return
    }
    #expect(detail.sqlstate == "57014")
    #expect(same)
  }

  @Test("a deadline ends a body that runs statement after statement")
  func deadlineBetween() async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.run(deadline: .milliseconds(50)) { session in
          while true { _ = try session.query("select 1") }
        }
      }
    }
    guard case .cancelled = error as? PostgresError else {
      Issue.record("not cancelled: \(String(describing: error))")
      return
    }
  }

  @Test("cancelling the task ends its running statement, not the next job's")
  func taskCancelled() async throws {
    try await TestServer.with(poolSize: 1) { database in
      for _ in 0..<20 {
        let isRunning = Counter()
        let task = Task {
          try await database.run { session in
            isRunning.next()
            try session.execute("select pg_sleep(60)")
          }
        }
        try await until { isRunning.value == 1 }
        task.cancel()
        let error = await failure { try await task.value }
        guard case .cancelled = error as? PostgresError else {
          Issue.record("not cancelled: \(String(describing: error))")
          return
        }
        let one: Int = try await database.run { session in
          try session.query("select 1 from pg_sleep(0.01)")[0].get(0)
        }
        #expect(one == 1)
      }
    }
  }

  @Test("a task that is cancelled before it asks gets CancellationError")
  func cancelledBefore() async throws {
    try await TestServer.with { database in
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        try await database.run { _ in }
      }
      task.cancel()
      #expect(await failure { try await task.value } is CancellationError)
    }
  }

  @Test("closing lets queued work end and refuses new work")
  func closing() async throws {
    try await TestServer.with(poolSize: 1) { database in
      let tasks = (0..<20).map { number in
        Task { try await database.run { try $0.query("select $1::int8", number)[0].get(0) as Int } }
      }
      var sum = 0
      sum += try await tasks[0].value
      await database.close()
      for task in tasks.dropFirst() {
        switch await task.result {
        case .success(let number): sum += number
        case .failure(let error): #expect(error as? PostgresError == .closed)
        }
      }
      #expect(await failure { try await database.run { _ in } } as? PostgresError == .closed)
    }
  }

  @Test("a database that is let go closes its connections")
  func letGo() async throws {
    try await TestServer.with { watcher in
      do {
        let database = Database(
          .init(
            conninfo: TestServer.cluster.conninfo, logger: TestServer.quiet,
            applicationName: "let go"))
        try await database.run { _ = try $0.query("select 1") }
      }
      try await until {
        try await watcher.run { session in
          let sql: SQL = "select 1 from pg_stat_activity where application_name = 'let go'"
          return try session.query(sql).isEmpty
        }
      }
    }
  }
}
