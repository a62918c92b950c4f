import Glibc

/// A child process that inherits nothing: no signals or environment, and no descriptors but those
/// given. Its errors are collected in a file, as a pipe would stay open as long as a server that it
/// starts.
struct Process: ~Copyable {
  private let pid: pid_t
  private let errors: Int32

  /// - Parameters:
  ///   - input: its standard input; nil: nothing.
  ///   - output: its standard output; nil: goes nowhere.
  /// - Throws: `ProcessError` where it cannot be started.
  init(_ command: [String], input: Int32? = nil, output: Int32? = nil) throws(ProcessError) {
    var template = "/tmp/postgres-errors.XXXXXX".utf8CString.map { $0 }
    let errors = mkstemp(&template)
    guard errors >= 0 else { throw ProcessError(text: "/tmp: \(String(cString: strerror(errno)))") }
    unlink(template)
    var pid = pid_t()
    let status = Self.spawn(command, input, output, errors, &pid)
    guard status == 0 else {
      close(errors)
      throw ProcessError(text: "\(command[0]): \(String(cString: strerror(status)))")
    }
    self.pid = pid
    self.errors = errors
  }

  /// Blocks until the process ends.
  consuming func wait() -> (isSuccess: Bool, errors: String) {
    var ending: Int32 = 0
    while waitpid(pid, &ending, 0) < 0 && errno == EINTR {}
    var bytes = [UInt8](repeating: 0, count: 64 * 1024)
    let count = max(0, pread(errors, &bytes, bytes.count, 0))
    close(errors)
    return (ending == 0, String(decoding: bytes[..<count], as: UTF8.self))
  }

  /// Runs a command to its end.
  static func run(_ command: [String]) -> (isSuccess: Bool, errors: String) {
    do {
      return try Process(command).wait()
    } catch {
      return (false, error.text)
    }
  }

  private static func spawn(
    _ command: [String], _ input: Int32?, _ output: Int32?, _ errors: Int32, _ pid: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
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

struct ProcessError: Error {
  let text: String
}
