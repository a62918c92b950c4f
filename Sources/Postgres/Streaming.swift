import CLibPQ

extension Connection {
  /// Runs a statement in single-row mode.
  func stream(_ statement: Bound, _ body: (Row) throws -> Void) throws {
    let sql = statement.sql
    parameters.load(statement.parameters)
    if !deferred.isEmpty || statements.find(sql, parameters.types) == nil {
      _ = try pipeline([statement], prepareOnly: true)
      parameters.load(statement.parameters)
    }
    let pg = try begin(sql)
    guard let prepared = statements.find(sql, parameters.types) else {
      throw PostgresError.connection("the prepared statement was lost")
    }
    if PQtransactionStatus(pg) == PQTRANS_IDLE { mayHaveCommitted = true }
    let count = Int32(parameters.lengths.count)
    let isSent = parameters.withPointers { values, lengths, formats in
      PQsendQueryPrepared(pg, prepared.name, count, values, lengths, formats, 1)
    }
    guard isSent == 1, PQsetSingleRowMode(pg) == 1 else { throw lose() }
    isStreaming = true
    while let pointer = PQgetResult(pg) {
      let result = ResultHandle(pointer)
      switch PQresultStatus(pointer) {
      case PGRES_SINGLE_TUPLE:
        do {
          try body(Row(result: result, index: 0))
        } catch {
          abandon(pg)
          throw error
        }
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      case PGRES_FATAL_ERROR:
        let error = failure(pointer, sql)
        drain()
        throw error
      default:
        close()
        let message = "this statement needs copyIn or copyOut"
        throw PostgresError.server(.init(sqlstate: "0A000", message: message, sql: sql.text))
      }
    }
    isStreaming = false
    if PQstatus(pg) != CONNECTION_OK { throw lose() }
    endSingleRows(pg)
  }

  /// Ends single-row mode. libpq 15 leaves it on until the next statement outside a pipeline begins, so
  /// that the first one of a pipeline would give its rows one by one. It ends as well where that statement
  /// is refused at once for having no name; nothing is sent.
  private func endSingleRows(_ pg: OpaquePointer) {
    _ = PQsendQueryPrepared(pg, nil, 0, nil, nil, nil, 1)
  }

  /// Stops what the server is sending and reads the rest. The worker's own thread may block here.
  func abandon(_ pg: OpaquePointer) {
    if let handle = PQgetCancel(pg) {
      var message = [CChar](repeating: 0, count: 256)
      _ = PQcancel(handle, &message, Int32(message.count))
      PQfreeCancel(handle)
    }
    drain()
  }

  /// Reads results until the statement is over.
  func drain() {
    guard let pg else { return }
    while let pointer = PQgetResult(pg) {
      let status = PQresultStatus(pointer)
      PQclear(pointer)
      switch status {
      case PGRES_COPY_OUT, PGRES_COPY_BOTH: discardCopy(pg)
      case PGRES_COPY_IN: _ = PQputCopyEnd(pg, "given up by the client")
      default: break
      }
      if PQstatus(pg) != CONNECTION_OK { break }
    }
    isStreaming = false
    if PQstatus(pg) == CONNECTION_OK { endSingleRows(pg) } else { close() }
  }

  private func discardCopy(_ pg: OpaquePointer) {
    var buffer: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(pg, &buffer, 0) > 0 {
      PQfreemem(buffer)
      buffer = nil
    }
  }
}
