import Glibc
package import Logging

/// A private PostgreSQL under a directory, reached through a socket that only its owner can open.
///
/// The server is a process of its own that outlives this one and is adopted by the next. As root it
/// runs as the user `postgres`. Functions named `…Blocking` block the calling thread, which must not
/// belong to the cooperative pool.
package struct EmbeddedCluster: Sendable {
  /// What ``start()`` did.
  package enum Outcome: Sendable, Hashable {
    /// Made the data and started the server.
    case initialised
    case started
    /// The server was running.
    case adopted
  }

  /// The directory that holds `postgres/` (data), `run/` (socket) and `postgres.log`.
  package let directory: String
  package let socketDirectory: String
  package let owner: String
  package let database: String
  let settings: [String: String]
  let logger: Logger

  var dataDirectory: String { "\(directory)/postgres" }
  var logFile: String { "\(directory)/postgres.log" }
  var leaseFile: String { "\(directory)/postgres.lease" }
  var keepFile: String { "\(directory)/postgres.keep" }
  private var lockFile: String { "\(directory)/postgres.lock" }
  var socketPath: String { "\(socketDirectory)/.s.PGSQL.5432" }

  /// The longest path of a socket: `sun_path` without its end mark.
  private static let longestSocketPath = 107

  /// - Parameters:
  ///   - directory: made when it is missing.
  ///   - settings: of the server, over the defaults.
  ///   - owner: the superuser.
  ///   - database: made on the first start.
  package init(
    directory: String, settings: [String: String] = [:], owner: String = "yibang_owner",
    database: String = "yibang", logger: Logger
  ) {
    let directory = ClusterFiles.canonical(directory)
    self.directory = directory
    self.settings = settings
    self.owner = owner
    self.database = database
    self.logger = logger
    let usual = "\(directory)/run"
    let isShort = usual.utf8.count + "/.s.PGSQL.5432".utf8.count <= Self.longestSocketPath
    socketDirectory = isShort ? usual : "/tmp/postgres-\(Self.hash(directory))"
  }

  /// FNV-1a, 64 bits: only to give long paths short names.
  private static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }

  /// How to connect to ``database`` as ``owner``.
  package var conninfo: String { conninfo(to: database) }

  private func conninfo(to database: String) -> String {
    let pairs = [
      ("host", socketDirectory), ("port", "5432"), ("user", owner), ("dbname", database),
    ]
    let quoted = pairs.map { key, value in
      var text = ""
      for character in value {
        if character == "'" || character == "\\" { text.append("\\") }
        text.append(character)
      }
      return "\(key)='\(text)'"
    }
    return quoted.joined(separator: " ")
  }

  /// Makes sure that the server runs and the database exists.
  package func start() async throws(ClusterError) -> Outcome {
    try await away { () throws(ClusterError) in try startBlocking() }
  }

  /// Stops the server, also for others that use it, and forgets ``keepRunning()``.
  package func stop() async throws(ClusterError) {
    try await away { () throws(ClusterError) in try stopBlocking() }
  }

  private func away<T: Sendable>(
    _ body: @escaping @Sendable () throws(ClusterError) -> T
  ) async throws(ClusterError) -> T {
    do {
      return try await onOwnThread(body)
    } catch let error as ClusterError {
      throw error
    } catch {
      throw .unusable("\(error)")
    }
  }

  /// As ``stop()``, on the calling thread.
  package func stopBlocking() throws(ClusterError) {
    if !ClusterFiles.exists(directory) { return }
    unlink(keepFile)
    try stopUnderLock()
  }

  func stopUnderLock() throws(ClusterError) {
    let lock = try ClusterFiles.lock(lockFile, LOCK_EX)
    defer { close(lock) }
    try stopServer()
  }

  /// As ``start()``, on the calling thread. Of two processes that start at once, one does it.
  package func startBlocking() throws(ClusterError) -> Outcome {
    let user = try ServerUser.current()
    try makeHome(user)
    let lock = try ClusterFiles.lock(lockFile, LOCK_EX)
    defer { close(lock) }
    if case .running = status() {
      if waitUntilReady(seconds: 120) { return .adopted }
      // It ended meanwhile, or its socket is gone and nobody can reach it.
      try stopServer()
    }
    let version = ClusterFiles.read("\(dataDirectory)/PG_VERSION")?.split(separator: "\n").first
    let programs = try ClusterPrograms(version: version.map { String($0) }, user: user)
    let isNew = version == nil
    if isNew { try initialise(programs) }
    removeStaleFiles()
    try writeSettings(user)
    try makeSocketDirectory(user)
    try makeLogFile(user)
    try launch(programs)
    try makeDatabase()
    return isNew ? .initialised : .started
  }

  func makeHome(_ user: ServerUser?) throws(ClusterError) {
    try ClusterFiles.makeDirectories(directory, mode: user == nil ? 0o700 : 0o755)
    try user?.checkCanReach(directory)
  }

  /// initdb beside the final place, then one rename: nothing half-made is ever taken for data.
  private func initialise(_ programs: ClusterPrograms) throws(ClusterError) {
    let prefix = "postgres.initdb."
    for name in ClusterFiles.names(in: directory) where name.hasPrefix(prefix) {
      try ClusterFiles.removeTree("\(directory)/\(name)")
    }
    if ClusterFiles.exists(dataDirectory) {
      // Without PG_VERSION it is no data directory; an empty one may have been made beforehand.
      if rmdir(dataDirectory) != 0 { throw ClusterFiles.failure(dataDirectory) }
    }
    let fresh = "\(directory)/\(prefix)\(getpid())"
    try ClusterFiles.makeDirectories(fresh, mode: 0o700)
    try ClusterFiles.give(fresh, to: programs.user)
    var arguments = [
      "-D", fresh, "-U", owner, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust",
      "--no-instructions",
    ]
    if settings["fsync"] == "off" { arguments.append("--no-sync") }
    let result = programs.run("initdb", arguments)
    guard result.isSuccess else {
      try ClusterFiles.removeTree(fresh)
      throw .initFailed(output: result.errors)
    }
    try ClusterFiles.append(
      "\ninclude_if_exists = 'embedded.conf'  # written at every start\n",
      to: "\(fresh)/postgresql.conf")
    if rename(fresh, dataDirectory) != 0 { throw ClusterFiles.failure(dataDirectory) }
  }

  /// Settings of the server: reached by the socket only, durable, and with nothing personal in its
  /// log. `log_min_messages = log` leaves out errors, whose text may quote a value.
  private func writeSettings(_ user: ServerUser?) throws(ClusterError) {
    var all = [
      "listen_addresses": "",
      "port": "5432",
      "unix_socket_directories": "\"\(socketDirectory)\"",
      "unix_socket_permissions": "0700",
      "max_connections": "100",
      "shared_buffers": "128MB",
      "jit": "off",
      "log_min_messages": "log",
      "log_statement": "none",
      "log_min_error_statement": "panic",
      "log_error_verbosity": "terse",
      "log_parameter_max_length": "0",
      "log_parameter_max_length_on_error": "0",
    ]
    all.merge(settings) { $1 }
    let lines = all.sorted { $0.key < $1.key }.map { name, value in
      "\(name) = '\(value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    }
    try ClusterFiles.write(
      lines.joined(separator: "\n") + "\n", to: "\(dataDirectory)/embedded.conf", owner: user)
  }

  private func makeSocketDirectory(_ user: ServerUser?) throws(ClusterError) {
    if mkdir(socketDirectory, 0o700) == 0 {
      try ClusterFiles.give(socketDirectory, to: user)
    } else if errno != EEXIST {
      throw ClusterFiles.failure(socketDirectory)
    }
    let expected = user?.id ?? geteuid()
    guard let information = ClusterFiles.information(socketDirectory),
      information.st_uid == expected, information.st_mode & S_IFMT == S_IFDIR,
      information.st_mode & 0o077 == 0
    else { throw .socketDirectory(path: socketDirectory) }
  }

  private func makeLogFile(_ user: ServerUser?) throws(ClusterError) {
    let descriptor = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ClusterFiles.failure(logFile) }
    close(descriptor)
    try ClusterFiles.give(logFile, to: user)
  }

  /// Starts the server and waits until it takes connections; recovery after a crash is waited for.
  private func launch(_ programs: ClusterPrograms) throws(ClusterError) {
    let end = monotonicNow() + 10_000_000_000
    while true {
      let before = ClusterFiles.information(logFile)?.st_size ?? 0
      let result = programs.run(
        "pg_ctl", ["start", "-D", dataDirectory, "-l", logFile, "-w", "-t", "300", "-s"])
      if result.isSuccess { return }
      let size = ClusterFiles.information(logFile)?.st_size ?? 0
      let log = size > before ? ClusterFiles.tail(logFile, lines: 12) : result.errors
      // The processes of a server that was killed need a moment to notice.
      let isStillLeaving = log.contains("shared memory block") || log.contains("lock file")
      if !isStillLeaving || monotonicNow() > end { throw .startFailed(log: log) }
      pause(milliseconds: 100)
    }
  }

  private func makeDatabase() throws(ClusterError) {
    do throws(PostgresError) {
      let connection = Connection(logger: logger)
      defer { connection.close() }
      try connection.open(conninfo(to: "postgres"), applicationName: "start")
      let session = Session(connection)
      let known = try session.query("select 1 from pg_database where datname = $1", database)
      if !known.isEmpty { return }
      let quoted = database.split(separator: "\"", omittingEmptySubsequences: false)
      let name = quoted.joined(separator: "\"\"")
      try session.script(SQL(trusted: "create database \"\(name)\""))
    } catch {
      throw .unusable("\(error)")
    }
  }
}
