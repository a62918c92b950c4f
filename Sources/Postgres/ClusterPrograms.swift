import Glibc

/// PostgreSQL's programs, and how they are run.
struct ClusterPrograms {
  let directory: String
  let user: ServerUser?

  /// Where Debian and Ubuntu keep each version, in a directory of its number.
  private static let versions = "/usr/lib/postgresql"

  /// Looks in `$PG_BINDIR`, then where the data's own version would be, then where `pg_config`
  /// says, then in the newest version installed.
  ///
  /// - Parameter version: the major version that made the data, if there are data.
  init(version: String?, user: ServerUser?) throws(ClusterError) {
    self.user = user
    if let given = getenv("PG_BINDIR") {
      directory = String(cString: given)
      if !Self.hasServer(directory) { throw .noBinaries }
      return
    }
    if let version, Self.hasServer("\(Self.versions)/\(version)/bin") {
      directory = "\(Self.versions)/\(version)/bin"
      return
    }
    let configured = Process.run(["sh", "-c", "pg_config --bindir >&2"])
    let line = configured.errors.split(separator: "\n").first.map { String($0) }
    if configured.isSuccess, let line, Self.hasServer(line) {
      directory = line
      return
    }
    let installed = ClusterFiles.names(in: Self.versions).compactMap { Int($0) }.sorted(by: >)
    let candidates =
      installed.map { "\(Self.versions)/\($0)/bin" } + ["/usr/bin", "/usr/local/bin"]
    guard let found = candidates.first(where: Self.hasServer) else { throw .noBinaries }
    directory = found
  }

  private static func hasServer(_ directory: String) -> Bool {
    access("\(directory)/postgres", X_OK) == 0 && access("\(directory)/initdb", X_OK) == 0
  }

  /// Runs a program to its end, as the server's user.
  ///
  /// `setpriv` changes the user in a process that has one thread. To do that in a child forked from
  /// this process can wait for ever for a lock that another thread held.
  ///
  /// - Returns: whether it succeeded, and what it wrote to its standard error.
  func run(_ name: String, _ arguments: [String]) -> (isSuccess: Bool, errors: String) {
    var command = ["\(directory)/\(name)"] + arguments
    if let user {
      command =
        ["setpriv", "--reuid=\(user.id)", "--regid=\(user.group)", "--init-groups"] + command
    }
    // The programs want to return to their working directory, which the user may not enter.
    return Process.run(["sh", "-c", "cd / && exec \"$@\"", "sh"] + command)
  }
}

/// A child process that inherits nothing: no descriptors, signals or environment.
private enum Process {
  /// Blocks until the process ends. Its output goes nowhere; its errors are collected in a file, as
  /// a pipe would stay open as long as the server that it starts.
  static func run(_ command: [String]) -> (isSuccess: Bool, errors: String) {
    var template = "/tmp/postgres-errors.XXXXXX".utf8CString.map { $0 }
    let errors = mkstemp(&template)
    guard errors >= 0 else { return (false, "/tmp: \(String(cString: strerror(errno)))") }
    unlink(template)
    defer { close(errors) }
    var pid = pid_t()
    let status = spawn(command, errors, &pid)
    guard status == 0 else { return (false, "\(command[0]): \(String(cString: strerror(status)))") }
    var ending: Int32 = 0
    while waitpid(pid, &ending, 0) < 0 && errno == EINTR {}
    var bytes = [UInt8](repeating: 0, count: 64 * 1024)
    let count = max(0, pread(errors, &bytes, bytes.count, 0))
    return (ending == 0, String(decoding: bytes[..<count], as: UTF8.self))
  }

  private static func spawn(_ command: [String], _ errors: Int32, _ pid: inout pid_t) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    for name in ClusterFiles.names(in: "/proc/self/fd") {
      if let descriptor = Int32(name), descriptor > 2 {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var environment = ["LC_ALL=C.UTF-8", "PATH=\(searchPath)"]
    if let zone = getenv("TZ") { environment.append("TZ=" + String(cString: zone)) }
    let arguments = (command.map { strdup($0) }) + [nil]
    let variables = (environment.map { strdup($0) }) + [nil]
    defer {
      for string in arguments + variables { free(string) }
    }
    return posix_spawnp(&pid, command[0], &actions, &attributes, arguments, variables)
  }

  private static var searchPath: String {
    let own = getenv("PATH").map { String(cString: $0) } ?? ""
    return own.isEmpty ? "/usr/bin:/bin" : own
  }
}
