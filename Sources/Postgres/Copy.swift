import CLibPQ

/// Writes rows in the binary COPY format, about 64 KiB at a time.
package struct CopyWriter: ~Copyable {
  /// Bytes that are collected before they are handed to libpq.
  private static let flushSize = 64 * 1024

  private let connection: Connection
  private var bytes: [UInt8] = []
  private var fieldsMissing = 0
  /// Rows begun so far.
  package private(set) var rowCount = 0

  init(_ connection: Connection) {
    self.connection = connection
    bytes.reserveCapacity(Self.flushSize + 8192)
    // Signature, flags, length of the header's extension.
    bytes.append(contentsOf: [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0])
    bytes.append(contentsOf: [UInt8](repeating: 0, count: 8))
  }

  /// Writes one row.
  ///
  /// - Throws: ``PostgresError`` when the connection is lost or the job was cancelled.
  package mutating func row(_ columns: (any PostgresValue)?...) throws(PostgresError) {
    try beginRow(columns.count)
    for column in columns {
      if let column { append(column) } else { null() }
    }
  }

  /// Begins a row of `columns` values; exactly so many must follow.
  ///
  /// - Throws: as ``row(_:)``.
  package mutating func beginRow(_ columns: Int) throws(PostgresError) {
    precondition(fieldsMissing == 0, "the row before misses \(fieldsMissing) values")
    precondition(columns <= Int(Int16.max), "a row has at most 32,767 columns")
    if bytes.count >= Self.flushSize { try flush() }
    fieldsMissing = columns
    rowCount += 1
    Int16(columns).appendBigEndian(to: &bytes)
  }

  /// The next value of the row.
  package mutating func append<T: PostgresValue>(_ value: T) {
    takeField()
    appendField(value, to: &bytes)
  }

  /// The next value of the row; nil is NULL.
  package mutating func append<T: PostgresValue>(_ value: T?) {
    takeField()
    appendField(value, to: &bytes)
  }

  /// NULL as the next value of the row.
  package mutating func null() {
    takeField()
    Int32(-1).appendBigEndian(to: &bytes)
  }

  private mutating func takeField() {
    precondition(fieldsMissing > 0, "more values than the row was begun with")
    fieldsMissing -= 1
  }

  private mutating func flush() throws(PostgresError) {
    let pg = try connection.require()
    if let interruption = connection.interruption, let error = interruption() { throw error }
    let isSent = bytes.withUnsafeBytes { raw in
      PQputCopyData(pg, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count))
    }
    guard isSent == 1 else { throw connection.lose() }
    bytes.removeAll(keepingCapacity: true)
  }

  fileprivate mutating func finish() throws(PostgresError) {
    precondition(fieldsMissing == 0, "the last row misses \(fieldsMissing) values")
    Int16(-1).appendBigEndian(to: &bytes)
    try flush()
  }
}

extension Connection {
  /// Starts a COPY; the result tells its direction.
  private func startCopy(
    _ sql: SQL, _ expected: ExecStatusType
  ) throws(PostgresError) -> OpaquePointer {
    try flushDeferred()
    let pg = try begin(sql)
    if PQtransactionStatus(pg) == PQTRANS_IDLE { mayHaveCommitted = true }
    guard PQsendQuery(pg, sql.text) == 1, let result = PQgetResult(pg) else { throw lose() }
    defer { PQclear(result) }
    if PQresultStatus(result) == expected {
      isStreaming = true
      return pg
    }
    if PQresultStatus(result) == PGRES_FATAL_ERROR {
      let error = failure(result, sql)
      drain()
      throw error
    }
    close()
    let message = "the statement is not the COPY that was expected"
    throw .server(.init(sqlstate: "0A000", message: message, sql: sql.text))
  }

  func copyIn(_ sql: SQL, _ body: (inout CopyWriter) throws -> Void) throws -> Int {
    let pg = try startCopy(sql, PGRES_COPY_IN)
    var writer = CopyWriter(self)
    do {
      try body(&writer)
      try writer.finish()
    } catch {
      if self.pg != nil {
        _ = PQputCopyEnd(pg, "given up by the client")
        drain()
      }
      throw error
    }
    guard PQputCopyEnd(pg, nil) == 1 else { throw lose() }
    return try endCopy(pg, sql)
  }

  func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let pg = try startCopy(sql, PGRES_COPY_OUT)
    var buffer: UnsafeMutablePointer<CChar>?
    while true {
      let length = PQgetCopyData(pg, &buffer, 0)
      if length == -2 { throw lose() }
      guard length > 0, let chunk = buffer else { break }
      defer { PQfreemem(chunk) }
      do {
        try body(UnsafeRawBufferPointer(start: chunk, count: Int(length)))
      } catch {
        abandon(pg)
        throw error
      }
    }
    _ = try endCopy(pg, sql)
  }

  /// Reads the outcome of a COPY: the number of rows.
  private func endCopy(_ pg: OpaquePointer, _ sql: SQL) throws(PostgresError) -> Int {
    guard let result = PQgetResult(pg) else { throw lose() }
    let handle = ResultHandle(result)
    let error = PQresultStatus(result) == PGRES_COMMAND_OK ? nil : failure(result, sql)
    drain()
    if let error { throw error }
    return Rows(handle).affected
  }
}
