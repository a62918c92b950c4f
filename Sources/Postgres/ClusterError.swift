/// Why the embedded server cannot be used, and what to do.
package enum ClusterError: Error, Sendable, Hashable {
  /// PostgreSQL's programs are not installed.
  case noBinaries
  /// Running as root, there is no user to run the server as.
  case noServerUser(name: String)
  /// Running as root, the server's user cannot reach the data through this directory.
  case notTraversable(directory: String, user: String)
  /// A file operation failed.
  case file(path: String, reason: String)
  /// The socket's directory belongs to somebody else.
  case socketDirectory(path: String)
  /// initdb failed; nothing of it remains.
  case initFailed(output: String)
  /// The server did not start; the end of its log.
  case startFailed(log: String)
  /// The server did not stop.
  case stopFailed(pid: Int32)
  /// The server runs but refuses to be used.
  case unusable(String)

  package var en: String {
    switch self {
    case .noBinaries:
      "PostgreSQL is not installed. Install it (Debian: apt-get install postgresql), "
        + "or set PG_BINDIR to the directory of its programs."
    case .noServerUser(let name):
      "PostgreSQL does not run as root, and there is no user \(name). "
        + "Create that user or run this program as a normal user."
    case .notTraversable(let directory, let user):
      "The user \(user), as whom PostgreSQL runs, cannot pass through \(directory). "
        + "Choose another home, such as /var/lib/yibang, or run: chmod o+x '\(directory)'"
    case .file(let path, let reason): "\(path): \(reason). Check the directory and its owner."
    case .socketDirectory(let path):
      "\(path) belongs to somebody else or is open to others. Remove it or choose a shorter home."
    case .initFailed(let output): "The database could not be created: \(output)"
    case .startFailed(let log): "PostgreSQL did not start. The end of its log:\n\(log)"
    case .stopFailed(let pid): "PostgreSQL (process \(pid)) did not stop. See its log."
    case .unusable(let reason): "PostgreSQL runs but cannot be used: \(reason)"
    }
  }

  package var zh: String {
    switch self {
    case .noBinaries:
      "没有安装 PostgreSQL。请安装（Debian：apt-get install postgresql），"
        + "或将 PG_BINDIR 设为其程序所在目录。"
    case .noServerUser(let name):
      "PostgreSQL 不能以 root 运行，而系统中没有用户 \(name)。请创建该用户，或以普通用户运行本程序。"
    case .notTraversable(let directory, let user):
      "运行 PostgreSQL 的用户 \(user) 无法进入目录 \(directory)。"
        + "请改用其他数据目录（如 /var/lib/yibang），或执行：chmod o+x '\(directory)'"
    case .file(let path, let reason): "\(path)：\(reason)。请检查目录及其所有者。"
    case .socketDirectory(let path):
      "\(path) 属于其他用户或对他人开放。请删除它，或改用较短的数据目录。"
    case .initFailed(let output): "无法创建数据库：\(output)"
    case .startFailed(let log): "PostgreSQL 未能启动。日志末尾：\n\(log)"
    case .stopFailed(let pid): "PostgreSQL（进程 \(pid)）未能停止。请查看其日志。"
    case .unusable(let reason): "PostgreSQL 在运行但无法使用：\(reason)"
    }
  }
}

extension ClusterError: CustomStringConvertible {
  package var description: String { en }
}
