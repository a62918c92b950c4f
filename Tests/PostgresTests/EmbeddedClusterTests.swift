import Foundation
import Glibc
import Postgres
import Testing

@Suite("the embedded cluster")
struct EmbeddedClusterTests {
  private func query(_ cluster: EmbeddedCluster, _ sql: String) async throws -> String {
    let database = Database(.init(conninfo: cluster.conninfo, logger: TestServer.quiet))
    let result = await Task {
      try await database.run { session in
        try session.query(SQL(trusted: sql)).first.map { try $0.get(0) as String } ?? ""
      }
    }.result
    await database.close()
    return try result.get()
  }

  private func script(_ cluster: EmbeddedCluster, _ sql: String) async throws {
    let database = Database(.init(conninfo: cluster.conninfo, logger: TestServer.quiet))
    let result = await Task { try await database.run { try $0.script(SQL(trusted: sql)) } }.result
    await database.close()
    try result.get()
  }

  private func pid(_ cluster: EmbeddedCluster) throws -> Int32 {
    guard case .running(let pid) = cluster.status() else { throw GaveUp() }
    return pid
  }

  @Test("it is made once, started later, adopted while it runs, and stopped")
  func life() async throws {
    try await TestServer.withCluster { cluster in
      #expect(cluster.status() == .absent)
      #expect(try await cluster.start() == .initialised)
      #expect(try await cluster.start() == .adopted)
      #expect(try await query(cluster, "select current_database()::text") == "yibang")
      try await script(cluster, "create table kept ()")
      try await cluster.stop()
      #expect(cluster.status() == .stopped)
      try await cluster.stop()
      #expect(try await cluster.start() == .started)
      #expect(try await query(cluster, "select to_regclass('kept')::text") == "kept")
    }
  }

  @Test("it can be reached through its socket only, by its owner only, and keeps its word")
  func closed() async throws {
    try await TestServer.ready()
    let cluster = TestServer.cluster
    let settings = try await query(
      cluster,
      """
      select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in
        ('listen_addresses', 'synchronous_commit', 'full_page_writes', 'log_statement',
         'log_min_error_statement', 'log_error_verbosity', 'jit', 'server_encoding')
      """)
    #expect(
      settings == """
        full_page_writes=on jit=off listen_addresses= log_error_verbosity=terse \
        log_min_error_statement=panic log_statement=none server_encoding=UTF8 \
        synchronous_commit=on
        """)
    var information = stat()
    #expect(stat(cluster.socketDirectory, &information) == 0)
    #expect(information.st_mode & 0o777 == 0o700)
  }

  @Test("a value that the server refuses does not reach its log")
  func silentLog() async throws {
    try await TestServer.withCluster { cluster in
      _ = try await cluster.start()
      _ = await failure { try await query(cluster, "select 'secret 4711'::int8::text") }
      let error = await failure {
        try await script(
          cluster,
          """
          create table u (v text unique); insert into u values ('secret 4711'), ('secret 4711')
          """)
      }
      #expect((error as? PostgresError)?.detail?.constraint == "u_v_key")
      let log = try String(contentsOfFile: "\(cluster.directory)/postgres.log", encoding: .utf8)
      #expect(log.contains("ready to accept connections"))
      #expect(!log.contains("4711"))
    }
  }

  @Test("starts at the same time make one server")
  func concurrentStarts() async throws {
    try await TestServer.withCluster { cluster in
      let outcomes = try await withThrowingTaskGroup(of: EmbeddedCluster.Outcome.self) { group in
        for _ in 0..<4 { group.addTask { try await cluster.start() } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { $0 == .initialised } == 1)
      #expect(outcomes.count { $0 == .adopted } == 3)
    }
  }

  @Test("after SIGKILL it starts again with everything that was committed")
  func killed() async throws {
    try await TestServer.withCluster { cluster in
      _ = try await cluster.start()
      let database = Database(.init(conninfo: cluster.conninfo, logger: TestServer.quiet))
      try await database.run { try $0.script("create table t as select generate_series(1, 1000)") }
      kill(try pid(cluster), SIGKILL)
      try await until { cluster.status() == .stopped }
      #expect(try await cluster.start() == .started)
      await database.close()
      #expect(try await query(cluster, "select count(*)::text from t") == "1000")
    }
  }

  @Test("a recorded number that now belongs to another process is cleared away")
  func stalePid() async throws {
    try await TestServer.withCluster { cluster in
      _ = try await cluster.start()
      let file = "\(cluster.directory)/postgres/postmaster.pid"
      let lock = "\(cluster.socketDirectory)/.s.PGSQL.5432.lock"
      let (text, lockText) = (try read(file), try read(lock))
      try await cluster.stop()
      for (path, text) in [(file, text), (lock, lockText)] {
        let rest = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        let stale = (["\(getppid())"] + rest).joined(separator: "\n")
        try stale.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o666)
      }
      #expect(cluster.status() == .stopped)
      #expect(try await cluster.start() == .started)
    }
  }

  private func read(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("what an interrupted initdb left is cleared away")
  func interruptedInit() async throws {
    try await TestServer.withCluster { cluster in
      let left = "\(cluster.directory)/postgres.initdb.1/base"
      try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
      let empty = "\(cluster.directory)/postgres"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      #expect(cluster.status() == .absent)
      #expect(try await cluster.start() == .initialised)
      #expect(!FileManager.default.fileExists(atPath: left))
    }
  }

  @Test("a path too long for a socket gets a short private directory")
  func longPath() async throws {
    let directory = "/tmp/postgres-tests.\(getpid()).long/" + String(repeating: "长", count: 30)
    try await TestServer.withCluster(directory: directory) { cluster in
      #expect(!cluster.socketDirectory.hasPrefix(directory))
      _ = try await cluster.start()
      #expect(try await query(cluster, "select 'ok'") == "ok")
      var information = stat()
      #expect(stat(cluster.socketDirectory, &information) == 0)
      #expect(information.st_mode & 0o777 == 0o700)
    }
    try FileManager.default.removeItem(atPath: "/tmp/postgres-tests.\(getpid()).long")
  }

  @Test("a socket directory that is open to others is refused")
  func openSocketDirectory() async throws {
    try await TestServer.withCluster { cluster in
      try FileManager.default.createDirectory(
        atPath: cluster.socketDirectory, withIntermediateDirectories: true)
      chmod(cluster.socketDirectory, 0o777)
      let error = await failure { try await cluster.start() }
      #expect(error as? ClusterError == .socketDirectory(path: cluster.socketDirectory))
    }
  }

  @Test(
    "as root, a directory that the server's user cannot enter is named",
    .enabled(if: geteuid() == 0))
  func notTraversable() async throws {
    let closed = "/tmp/postgres-tests.\(getpid()).closed"
    try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: true)
    chmod(closed, 0o700)
    try await TestServer.withCluster(directory: "\(closed)/home") { cluster in
      let error = await failure { try await cluster.start() } as? ClusterError
      #expect(error == .notTraversable(directory: closed, user: "postgres"))
      #expect(error?.zh.contains(closed) == true && error?.en.contains(closed) == true)
    }
    try FileManager.default.removeItem(atPath: closed)
  }

  @Test("a start that fails tells the end of the server's log")
  func failedStart() async throws {
    try await TestServer.withCluster { good in
      let cluster = EmbeddedCluster(
        directory: good.directory, settings: ["max_connections": "-1"], logger: TestServer.quiet)
      let error = await failure { try await cluster.start() } as? ClusterError
      guard case .startFailed(let log) = error else {
        Issue.record("another error: \(String(describing: error))")
        return
      }
      #expect(log.contains("max_connections"))
      let outcome = try await good.start()
      #expect(outcome == .started)
    }
  }

  @Test("the last one out stops the server, unless it is to keep running")
  func leases() async throws {
    try await TestServer.withCluster { cluster in
      let first = try await blocking { try cluster.lease() }
      let second = try await blocking { try cluster.lease() }
      _ = try await cluster.start()
      #expect(try await blocking { try first.releaseAndStopIfLast() } == false)
      #expect(try await blocking { try first.releaseAndStopIfLast() } == false)
      _ = try pid(cluster)
      #expect(try await blocking { try second.releaseAndStopIfLast() } == true)
      #expect(cluster.status() == .stopped)

      let third = try await blocking { try cluster.lease() }
      _ = try await cluster.start()
      try cluster.keepRunning()
      #expect(try await blocking { try third.releaseAndStopIfLast() } == false)
      _ = try pid(cluster)
      try await cluster.stop()

      let fourth = try await blocking { try cluster.lease() }
      _ = try await cluster.start()
      #expect(try await blocking { try fourth.releaseAndStopIfLast() } == true)
    }
  }

  @Test("comers and goers at once: each finds a running server, and at the end none runs")
  func comersAndGoers() async throws {
    try await TestServer.withCluster { cluster in
      _ = try await cluster.start()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 {
          group.addTask {
            for _ in 0..<3 {
              let lease = try await blocking {
                let lease = try cluster.lease()
                _ = try cluster.startBlocking()
                return lease
              }
              #expect(try await query(cluster, "select 'ok'") == "ok")
              try await blocking { _ = try lease.releaseAndStopIfLast() }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(cluster.status() == .stopped)
    }
  }

  @Test("a server whose starter was killed is adopted, and stopped by the last one out")
  func orphan() async throws {
    try await TestServer.withCluster { cluster in
      _ = try await cluster.start()
      let orphan = try pid(cluster)
      // The server is nobody's child: it went on its own when it was started.
      let status = try read("/proc/\(orphan)/status")
      #expect(!status.contains("PPid:\t\(getpid())\n"))
      let lease = try await blocking { try cluster.lease() }
      #expect(try await cluster.start() == .adopted)
      #expect(try pid(cluster) == orphan)
      #expect(try await blocking { try lease.releaseAndStopIfLast() } == true)
    }
  }

  @Test("every error speaks both languages and names the place")
  func languages() {
    let errors: [ClusterError] = [
      .noBinaries, .noServerUser(name: "postgres"),
      .notTraversable(directory: "/d", user: "postgres"), .file(path: "/d", reason: "r"),
      .socketDirectory(path: "/d"), .initFailed(output: "o"), .startFailed(log: "l"),
      .stopFailed(pid: 7), .unusable("u"),
    ]
    for error in errors { #expect(error.en != error.zh) }
    #expect(errors[2].zh.contains("/d") && errors[2].en.contains("chmod o+x"))
  }
}
