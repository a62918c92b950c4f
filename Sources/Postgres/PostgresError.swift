/// What went wrong, by what a caller can do about it.
///
/// No case carries the value of a parameter or the server's DETAIL line: those may be personal.
package enum PostgresError: Error, Sendable, Hashable {
  /// 23505: another row has this key.
  case unique(Detail)
  /// 23514: a CHECK refused the row.
  case check(Detail)
  /// 23P01: an exclusion constraint refused the row.
  case exclusion(Detail)
  /// 23503: the row that is referred to does not exist, or is still referred to.
  case foreignKey(Detail)
  /// 23502: a value is missing.
  case notNull(Detail)
  /// 42501: the role may not do this, or row-level security refused the row.
  case privilege(Detail)
  /// 40001: the transaction lost against another one; doing it again may succeed.
  case serialization(Detail)
  /// 40P01: two transactions waited for each other; doing it again may succeed.
  case deadlock(Detail)
  /// 57014 or a deadline that passed while the work was queued.
  case cancelled(Detail)
  /// No connection, or lost. At or after COMMIT the outcome is unknown.
  case connection(String)
  /// The queue of waiting work is full; try again later.
  case queueFull
  /// The database object was closed.
  case closed
  /// A value was not of the type it was read as.
  case decoding(String)
  /// Migrations cannot be applied.
  case migration(MigrationProblem)
  /// Any other error of the server.
  case server(Detail)

  /// What the server said, without values.
  package struct Detail: Sendable, Hashable {
    /// Five characters; see "PostgreSQL Error Codes".
    package var sqlstate: String
    /// The primary message. Text in quotes is left out where it may be a value.
    package var message: String
    package var constraint: String?
    package var table: String?
    package var column: String?
    /// The statement, whose parameters are `$1`, `$2` … and never values.
    package var sql: String?

    package init(
      sqlstate: String, message: String, constraint: String? = nil, table: String? = nil,
      column: String? = nil, sql: String? = nil
    ) {
      self.sqlstate = sqlstate
      self.message = Self.withoutValues(message, sqlstate: sqlstate)
      self.constraint = constraint
      self.table = table
      self.column = column
      self.sql = sql
    }

    /// Class 22 (data exception) quotes the refused value: `invalid input syntax …: "…"`.
    private static func withoutValues(_ message: String, sqlstate: String) -> String {
      guard sqlstate.hasPrefix("22"),
        let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"")
      else { return message }
      return message[..<first] + "\"…\"" + message[message.index(after: last)...]
    }
  }

  /// The details, where the server gave any.
  package var detail: Detail? {
    switch self {
    case .unique(let detail), .check(let detail), .exclusion(let detail),
      .foreignKey(let detail), .notNull(let detail), .privilege(let detail),
      .serialization(let detail), .deadlock(let detail), .cancelled(let detail),
      .server(let detail):
      detail
    case .connection, .queueFull, .closed, .decoding, .migration: nil
    }
  }

  /// The case that belongs to an SQLSTATE; a lost connection is told apart by the caller.
  init(_ detail: Detail) {
    self =
      switch detail.sqlstate {
      case "23505": .unique(detail)
      case "23514": .check(detail)
      case "23P01": .exclusion(detail)
      case "23503": .foreignKey(detail)
      case "23502": .notNull(detail)
      case "42501": .privilege(detail)
      case "40001": .serialization(detail)
      case "40P01": .deadlock(detail)
      case "57014": .cancelled(detail)
      default: .server(detail)
      }
  }
}

extension PostgresError.Detail: CustomStringConvertible {
  package var description: String {
    var text = "\(sqlstate) \(message)"
    if let constraint { text += ", constraint \(constraint)" }
    if let table { text += ", table \(table)" }
    if let column { text += ", column \(column)" }
    return text
  }
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .connection(let reason): "no connection to the database: \(reason)"
    case .queueFull: "too much work is waiting for the database"
    case .closed: "the database was closed"
    case .decoding(let reason): reason
    case .migration(let problem): problem.en
    default: detail?.description ?? ""
    }
  }

  /// For people, in Chinese.
  package var zh: String {
    switch self {
    case .unique(let detail): "数据重复：\(detail)"
    case .check(let detail), .exclusion(let detail): "数据库拒绝了不符合规则的数据：\(detail)"
    case .foreignKey(let detail): "所引用的记录不存在，或仍被引用：\(detail)"
    case .notNull(let detail): "缺少必填的数据：\(detail)"
    case .privilege(let detail): "没有权限进行此操作：\(detail)"
    case .serialization, .deadlock: "与其他操作冲突，请重试。"
    case .cancelled: "操作超时或已取消，请重试。"
    case .connection(let reason): "无法连接数据库：\(reason)。请检查数据库是否在运行、地址是否正确。"
    case .queueFull: "系统繁忙，请稍后重试。"
    case .closed: "数据库连接已关闭。"
    case .decoding(let reason): "读取数据库结果出错：\(reason)"
    case .migration(let problem): problem.zh
    case .server(let detail): "数据库出错：\(detail)"
    }
  }

  /// For people, in English.
  package var en: String {
    switch self {
    case .unique(let detail): "The data is already there: \(detail)"
    case .check(let detail), .exclusion(let detail):
      "The database refused data against its rules: \(detail)"
    case .foreignKey(let detail):
      "A record referred to does not exist, or is still referred to: \(detail)"
    case .notNull(let detail): "A required value is missing: \(detail)"
    case .privilege(let detail): "Not permitted: \(detail)"
    case .serialization, .deadlock: "Another operation got in the way. Try again."
    case .cancelled: "The operation took too long or was cancelled. Try again."
    case .connection(let reason):
      "Cannot reach the database: \(reason). Check that it runs and that its address is right."
    case .queueFull: "The system is busy. Try again shortly."
    case .closed: "The database was closed."
    case .decoding(let reason): "A result of the database could not be read: \(reason)"
    case .migration(let problem): problem.en
    case .server(let detail): "The database reported an error: \(detail)"
    }
  }
}
