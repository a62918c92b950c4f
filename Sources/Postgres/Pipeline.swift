import CLibPQ

/// One command sent in a pipeline, whose result is still to come.
enum Step {
  /// BEGIN, SET LOCAL and the like.
  case control(SQL, Prepared)
  case commit(SQL, Prepared)
  case prepare(Prepared, SQL)
  case execute(SQL, Prepared)
}

/// What a pipeline came to, once every result was read.
private struct PipelineOutcome {
  var rows: [Rows] = []
  var error: PostgresError?
  /// The connection broke, or the server said that it goes away.
  var isLost = false
  /// The server said so in place of a result, so that nothing after that point was done.
  var isRefusal = false
}

extension Connection {
  /// Sends what was deferred, the statements and, if asked, COMMIT as one pipeline, and reads all
  /// results: one round trip.
  func pipeline(
    _ statements: [Bound], prepareOnly: Bool = false, commit: Bool = false
  ) throws(PostgresError) -> [Rows] {
    let pg = try begin(statements.first?.sql)
    for statement in statements where statement.parameters.count > ParameterBuffer.limit {
      let message = "more than \(ParameterBuffer.limit) parameters"
      throw .server(.init(sqlstate: "54023", message: message, sql: statement.sql.text))
    }
    let before = mayHaveCommitted
    let isInTransaction = !deferred.isEmpty || PQtransactionStatus(pg) != PQTRANS_IDLE
    steps.removeAll(keepingCapacity: true)
    guard PQenterPipelineMode(pg) == 1 else { throw lose() }
    if commit || !isInTransaction { mayHaveCommitted = true }
    guard sendAll(pg, statements, prepareOnly: prepareOnly) else {
      // Without COMMIT, or Sync outside a transaction, the server commits nothing.
      mayHaveCommitted = before
      throw lose()
    }
    if commit && !sendControl(pg, "commit", isCommit: true) { throw lose() }
    guard PQpipelineSync(pg) == 1 else { throw lose() }
    deferred.removeAll(keepingCapacity: true)
    let outcome = readAll(pg)
    guard let error = outcome.error else {
      guard PQexitPipelineMode(pg) == 1 else { throw lose() }
      if prepareOnly { mayHaveCommitted = before }
      return outcome.rows
    }
    if !outcome.isLost || outcome.isRefusal { mayHaveCommitted = before }
    if outcome.isLost || PQexitPipelineMode(pg) != 1 { close() }
    throw error
  }

  /// Queues every message but COMMIT and Sync.
  private func sendAll(
    _ pg: OpaquePointer, _ statements: [Bound], prepareOnly: Bool
  ) -> Bool {
    for command in deferred where !sendControl(pg, command) { return false }
    for statement in statements {
      parameters.load(statement.parameters)
      guard let prepared = sendPrepare(pg, statement.sql) else { return false }
      if prepareOnly { continue }
      guard sendExecute(pg, prepared) else { return false }
      steps.append(.execute(statement.sql, prepared))
    }
    return true
  }

  private func sendControl(_ pg: OpaquePointer, _ sql: SQL, isCommit: Bool = false) -> Bool {
    parameters.load([])
    guard let prepared = sendPrepare(pg, sql) else { return false }
    steps.append(isCommit ? .commit(sql, prepared) : .control(sql, prepared))
    return sendExecute(pg, prepared)
  }

  /// The prepared statement for the loaded parameters; its Parse is queued when it is new.
  private func sendPrepare(_ pg: OpaquePointer, _ sql: SQL) -> Prepared? {
    if let known = statements.find(sql, parameters.types) { return known }
    let types = parameters.types
    let prepared = statements.add(sql, types)
    steps.append(.prepare(prepared, sql))
    let isSent = types.withUnsafeBufferPointer {
      PQsendPrepare(pg, prepared.name, sql.text, Int32($0.count), $0.baseAddress)
    }
    return isSent == 1 ? prepared : nil
  }

  private func sendExecute(_ pg: OpaquePointer, _ prepared: Prepared) -> Bool {
    let count = Int32(parameters.lengths.count)
    return parameters.withPointers { values, lengths, formats in
      PQsendQueryPrepared(pg, prepared.name, count, values, lengths, formats, 1) == 1
    }
  }

  private func readAll(_ pg: OpaquePointer) -> PipelineOutcome {
    var outcome = PipelineOutcome()
    for step in steps {
      readOne(pg, step, &outcome)
      if outcome.isLost { return outcome }
    }
    guard let result = PQgetResult(pg) else {
      outcome.isLost = true
      outcome.error = lostError(pg)
      return outcome
    }
    defer { PQclear(result) }
    if PQresultStatus(result) == PGRES_PIPELINE_SYNC { return outcome }
    // What fails at the Sync of an implicit transaction is its commit: a deferred constraint.
    let detail = PostgresError.Detail(result, sql: nil)
    outcome.isLost = isFatal(result, pg)
    outcome.error = outcome.isLost ? lostError(pg) : PostgresError(detail)
    if outcome.isLost { return outcome }
    while let next = PQgetResult(pg) {
      let isEnd = PQresultStatus(next) == PGRES_PIPELINE_SYNC
      PQclear(next)
      if isEnd { break }
    }
    outcome.isLost = PQstatus(pg) != CONNECTION_OK
    return outcome
  }

  /// Reads the result of one step and the NULL after it.
  private func readOne(_ pg: OpaquePointer, _ step: Step, _ outcome: inout PipelineOutcome) {
    guard let result = PQgetResult(pg) else {
      outcome.isLost = true
      outcome.error = lostError(pg)
      return
    }
    let status = PQresultStatus(result)
    switch (status, step) {
    case (PGRES_TUPLES_OK, .execute), (PGRES_COMMAND_OK, .execute),
      (PGRES_EMPTY_QUERY, .execute):
      outcome.rows.append(Rows(ResultHandle(result)))
    case (PGRES_COMMAND_OK, .control), (PGRES_COMMAND_OK, .commit), (PGRES_COMMAND_OK, .prepare):
      PQclear(result)
    default:
      fail(pg, step, result, &outcome)
      PQclear(result)
      if outcome.isLost { return }
    }
    while PQstatus(pg) == CONNECTION_OK, let extra = PQgetResult(pg) { PQclear(extra) }
  }

  private func fail(
    _ pg: OpaquePointer, _ step: Step, _ result: OpaquePointer, _ outcome: inout PipelineOutcome
  ) {
    var sql: SQL?
    // A server that goes away while it commits may have committed.
    var isRefusalPossible = true
    switch step {
    case .control: break
    case .commit: isRefusalPossible = false
    case .prepare(let prepared, let text):
      sql = text
      statements.remove(prepared, of: text)
    case .execute(let text, _): sql = text
    }
    if outcome.error != nil { return }
    if PQresultStatus(result) != PGRES_FATAL_ERROR {
      // COPY is not possible in a pipeline, and libpq cannot go on after it.
      outcome.isLost = true
      outcome.isRefusal = true
      let message = "this statement needs copyIn or copyOut"
      outcome.error = .server(.init(sqlstate: "0A000", message: message, sql: sql?.text))
      return
    }
    let detail = PostgresError.Detail(result, sql: sql?.text)
    if isFatal(result, pg) {
      outcome.isLost = true
      outcome.isRefusal = isRefusalPossible && !detail.sqlstate.isEmpty
      outcome.error = .connection(detail.sqlstate.isEmpty ? errorText(pg) : detail.description)
      return
    }
    outcome.error = PostgresError(detail)
    switch step {
    case .prepare: break
    case .control(let text, let prepared), .commit(let text, let prepared),
      .execute(let text, let prepared):
      guard isStalePlan(result) else { return }
      metStalePlan = true
      statements.remove(prepared, of: text)
      if detail.sqlstate != "26000" { doomed.append(prepared.name) }
    }
  }

  /// Whether an error means that the prepared statement must be prepared again: a column changed
  /// its type, or somebody deallocated it.
  private func isStalePlan(_ result: OpaquePointer) -> Bool {
    resultField(result, "C") == "26000" || resultField(result, "R") == "RevalidateCachedQuery"
  }

  /// Whether an error result is the end of the connection: the server goes away, or libpq made the
  /// result itself because the stream ended.
  func isFatal(_ result: OpaquePointer, _ pg: OpaquePointer) -> Bool {
    let severity = resultField(result, "V")
    return severity == "FATAL" || severity == "PANIC" || PQstatus(pg) != CONNECTION_OK
  }

  func lostError(_ pg: OpaquePointer?) -> PostgresError {
    .connection(errorText(pg))
  }

  /// Closes the connection and gives the error to throw.
  func lose() -> PostgresError {
    let error = lostError(pg)
    close()
    return error
  }
}
