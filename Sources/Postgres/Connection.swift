import CLibPQ
import Glibc
import Logging

/// One libpq connection. It belongs to one thread at a time.
final class Connection {
  private(set) var pg: OpaquePointer?
  var statements = StatementCache()
  var parameters = ParameterBuffer()
  /// Commands such as BEGIN and SET LOCAL that travel with the next statement.
  var deferred: [SQL] = []
  /// What was sent in the pipeline that is being read.
  var steps: [Step] = []
  /// Names of prepared statements to deallocate when the connection is next idle.
  var doomed: [String] = []
  /// Savepoints that are open, for their names.
  var savepointDepth = 0
  /// Whether a COPY or a streamed query of this connection is still open.
  var isStreaming = false
  /// Whether something sent by the present job may have been committed.
  var mayHaveCommitted = false
  /// Whether the last error was a prepared statement that no longer fits the schema.
  var metStalePlan = false
  /// Asked before each statement: an error when the job was cancelled or is past its deadline.
  var interruption: (() -> PostgresError?)?

  /// Called before the socket is closed.
  var onClose: (() -> Void)?

  private let notices: NoticeSink

  init(logger: Logger) {
    notices = NoticeSink(logger)
  }

  deinit {
    close()
  }

  /// Opens the connection; the statements of a former one are forgotten.
  ///
  /// - Parameter conninfo: a URL or keywords, as `psql` takes them. TLS, passwords and services are
  ///   libpq's. Without `connect_timeout` it is 5 s.
  func open(_ conninfo: String, applicationName: String) throws(PostgresError) {
    close()
    let fresh = withConninfo(conninfo, applicationName) { PQconnectdbParams($0, $1, 1) }
    guard let fresh else { throw .connection("out of memory") }
    guard PQstatus(fresh) == CONNECTION_OK else {
      let reason = errorText(fresh)
      PQfinish(fresh)
      throw .connection(reason)
    }
    pg = fresh
    notices.sawFatal = false
    PQsetNoticeReceiver(
      fresh,
      { context, result in
        guard let context, let result else { return }
        Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().receive(result)
      }, Unmanaged.passUnretained(notices).toOpaque())
  }

  /// Whether a server takes connections there, which needs no right to any database.
  static func ping(_ conninfo: String) -> PGPing {
    withConninfo(conninfo, "ping") { PQpingParams($0, $1, 1) }
  }

  func close() {
    if let pg {
      onClose?()
      PQfinish(pg)
    }
    pg = nil
    statements.removeAll()
    doomed = []
    deferred = []
    isStreaming = false
  }

  /// Whether the connection is open and the server has not hung up since it was last used.
  ///
  /// An idle server sends nothing but notices and, when it goes away, a FATAL error and the end.
  func isUsable() -> Bool {
    guard let pg, PQstatus(pg) == CONNECTION_OK else { return false }
    var descriptor = pollfd(fd: PQsocket(pg), events: Int16(POLLIN), revents: 0)
    if poll(&descriptor, 1, 0) == 0 { return true }
    if PQconsumeInput(pg) == 0 { return false }
    while let result = PQgetResult(pg) { PQclear(result) }
    return PQstatus(pg) == CONNECTION_OK && !notices.sawFatal
  }

  /// Makes the connection fit for the next job: no transaction, no stream, a bounded cache.
  func settle() {
    guard let pg else { return }
    deferred = []
    if PQstatus(pg) != CONNECTION_OK || isStreaming {
      close()
      return
    }
    if PQtransactionStatus(pg) != PQTRANS_IDLE { rollback() }
    if self.pg == nil { return }
    doomed += statements.evict()
    if doomed.isEmpty { return }
    let names = doomed
    doomed = []
    do {
      try simple(SQL(trusted: names.map { "deallocate \($0)" }.joined(separator: ";")))
    } catch {
      close()
    }
  }

  /// A C string of libpq's with the reason of the last failure, on one line.
  func errorText(_ pg: OpaquePointer?) -> String {
    let text = PQerrorMessage(pg).map { String(cString: $0) } ?? ""
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.joined(separator: " ")
  }

  /// The open connection.
  func require() throws(PostgresError) -> OpaquePointer {
    guard let pg else { throw .connection("the connection was lost") }
    return pg
  }

  /// Ready for a new statement: open, not streaming, not cancelled.
  func begin(_ sql: SQL? = nil) throws(PostgresError) -> OpaquePointer {
    let pg = try require()
    if isStreaming {
      let message = "a statement was started while a stream or COPY of the session is open"
      throw .server(.init(sqlstate: "55006", message: message, sql: sql?.text))
    }
    if let interruption, let error = interruption() { throw error }
    return pg
  }
}

/// Calls `body` with keywords and values for libpq: the later ones win over what `conninfo` says.
private func withConninfo<R>(
  _ conninfo: String, _ applicationName: String,
  _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> R
) -> R {
  withCStrings(["connect_timeout", "dbname", "application_name", "client_encoding"]) { keywords in
    withCStrings(["5", conninfo, applicationName, "UTF8"]) { values in body(keywords, values) }
  }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
) -> R {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  var pointers = copies.map { $0.map { UnsafePointer($0) } }
  pointers.append(nil)
  return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// Takes the server's notices into the log. Their text may hold what a RAISE put in, so it is
/// written at debug level only.
private final class NoticeSink {
  let logger: Logger
  /// libpq hands a FATAL error that arrives while idle over as a notice.
  var sawFatal = false

  init(_ logger: Logger) {
    self.logger = logger
  }

  func receive(_ result: OpaquePointer) {
    let detail = PostgresError.Detail(result, sql: nil)
    switch resultField(result, "V") {
    case "FATAL", "PANIC": sawFatal = true
    case "WARNING":
      logger.warning("database warning", metadata: ["sqlstate": "\(detail.sqlstate)"])
    default: break
    }
    logger.debug(
      "database notice",
      metadata: ["sqlstate": "\(detail.sqlstate)", "text": "\(detail.message)"])
  }
}

/// A field of an error or notice, by its letter in the protocol.
func resultField(_ result: OpaquePointer, _ letter: Unicode.Scalar) -> String? {
  PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
}

extension PostgresError.Detail {
  /// Reads an error result: code, message, constraint, table and column, and nothing else.
  init(_ result: OpaquePointer, sql: String?) {
    self.init(
      sqlstate: resultField(result, "C") ?? "",
      message: resultField(result, "M") ?? "",
      constraint: resultField(result, "n"),
      table: resultField(result, "t"),
      column: resultField(result, "c"),
      sql: sql)
  }
}
