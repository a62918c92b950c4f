import Glibc
import Subprocess

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
    if let configured = Self.configuredDirectory(), Self.hasServer(configured) {
      directory = configured
      return
    }
    let installed = ClusterFiles.names(in: Self.versions).compactMap { Int($0) }.sorted(by: >)
    let candidates = installed.map { "\(Self.versions)/\($0)/bin" } + ["/usr/bin", "/usr/local/bin"]
    guard let found = candidates.first(where: Self.hasServer) else { throw .noBinaries }
    directory = found
  }

  private static func hasServer(_ directory: String) -> Bool {
    access("\(directory)/postgres", X_OK) == 0 && access("\(directory)/initdb", X_OK) == 0
  }

  private static func configuredDirectory() -> String? {
    let output = waitFor { () async -> String? in
      let result = try? await Subprocess.run(
        .name("pg_config"), arguments: ["--bindir"], output: .string(limit: 4096))
      guard let result, result.terminationStatus.isSuccess else { return nil }
      return result.standardOutput
    }
    return output?.split(whereSeparator: \.isNewline).first.map { String($0) }
  }

  /// Runs a program to its end, as the server's user, with nothing of this process's environment
  /// but the time zone.
  ///
  /// - Returns: whether it succeeded, and what it wrote to its standard error.
  func run(_ name: String, _ arguments: [String]) -> (isSuccess: Bool, errors: String) {
    var variables: [Environment.Key: String] = [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
    ]
    if let zone = getenv("TZ") { variables["TZ"] = String(cString: zone) }
    var options = PlatformOptions()
    if let user {
      options.userID = user.id
      options.groupID = user.group
      options.supplementaryGroups = [user.group]
    }
    // PostgreSQL's programs want to return to their working directory, which the server's user may
    // not enter.
    let command = ["-c", "cd / && exec \"$@\"", "sh", "\(directory)/\(name)"] + arguments
    return waitFor { [variables, options] () async -> (Bool, String) in
      do {
        let result = try await Subprocess.run(
          .name("sh"), arguments: Arguments(command), environment: .custom(variables),
          platformOptions: options, output: .discarded, error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardError)
      } catch {
        return (false, "\(name): \(error)")
      }
    }
  }
}

/// The value of asynchronous work, for a thread that may block.
private func waitFor<T: Sendable>(_ body: @escaping @Sendable () async -> T) -> T {
  let box = Box<T>()
  Task.detached { box.set(await body()) }
  return box.wait()
}

/// One value handed from a task to a thread.
///
/// `@unchecked Sendable`: `value` is only touched under the monitor.
private final class Box<T: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private let arrived: Condition
  private var value: T?

  init() {
    arrived = Condition(monitor)
  }

  func set(_ value: T) {
    monitor.locked {
      self.value = value
      arrived.signal()
    }
  }

  func wait() -> T {
    monitor.locked {
      while true {
        if let value { return value }
        arrived.wait()
      }
    }
  }
}
