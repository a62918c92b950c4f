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
