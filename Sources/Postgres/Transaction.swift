import CLibPQ

/// How much of other transactions a transaction sees.
package enum Isolation: String, Sendable {
  case readCommitted = "read committed"
  case repeatableRead = "repeatable read"
  case serializable = "serializable"
}

/// What a transaction begins with.
struct TransactionStart: Sendable {
  var isolation = Isolation.readCommitted
  var isReadOnly = false
  /// Settings for this transaction only.
  var settings: [(String, String)] = []
}

extension Connection {
  /// Defers BEGIN and SET LOCAL, which travel with the first statement.
  ///
  /// `set_config()` would take the values as parameters, but Citus passes on SET LOCAL only.
  func deferStart(_ start: TransactionStart) throws(PostgresError) {
    let access = start.isReadOnly ? "read only" : "read write"
    deferred.removeAll(keepingCapacity: true)
    deferred.append(SQL(trusted: "begin isolation level \(start.isolation.rawValue) \(access)"))
    for (name, value) in start.settings {
      let command = "set local \(try quotedName(name)) = \(try quotedValue(value))"
      deferred.append(SQL(trusted: command))
    }
  }

  /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws.
  func transaction<T>(
    _ start: TransactionStart = .init(), _ body: (borrowing Session) throws -> T
  ) throws -> T {
    try deferStart(start)
    let value: T
    do {
      value = try body(Session(self))
    } catch {
      rollback()
      throw error
    }
    try commit()
    return value
  }

  /// COMMIT; nothing is sent when the transaction sent nothing.
  ///
  /// - Throws: 25P02 when a statement failed and the error was not passed on, so that nobody takes a
  ///   rolled back transaction for a committed one; 25P01 when the body ended the transaction itself.
  private func commit() throws(PostgresError) {
    let pg = try require()
    switch PQtransactionStatus(pg) {
    case PQTRANS_IDLE where !deferred.isEmpty:
      deferred.removeAll(keepingCapacity: true)
    case PQTRANS_INTRANS:
      do {
        _ = try pipeline([], commit: true)
      } catch {
        rollback()
        throw error
      }
    case PQTRANS_INERROR:
      rollback()
      throw .server(
        .init(sqlstate: "25P02", message: "an earlier statement failed; all was rolled back"))
    default:
      throw .server(.init(sqlstate: "25P01", message: "the transaction was ended from within"))
    }
  }

  /// ROLLBACK, if a transaction is open. A connection on which that fails is closed.
  func rollback() {
    deferred.removeAll(keepingCapacity: true)
    guard let pg, PQtransactionStatus(pg) != PQTRANS_IDLE else { return }
    let result = PQexec(pg, "rollback")
    PQclear(result)
    if PQtransactionStatus(pg) != PQTRANS_IDLE { close() }
  }

  /// Sends what was deferred, alone.
  func flushDeferred() throws(PostgresError) {
    if !deferred.isEmpty { _ = try pipeline([]) }
  }

  /// Runs `body` under a savepoint; what it did is undone when it throws.
  func savepoint<T>(_ body: (borrowing Session) throws -> T) throws -> T {
    let pg = try begin()
    guard !deferred.isEmpty || PQtransactionStatus(pg) != PQTRANS_IDLE else {
      throw PostgresError.server(
        .init(sqlstate: "25P01", message: "a savepoint needs a transaction"))
    }
    savepointDepth += 1
    defer { savepointDepth -= 1 }
    let name = "p\(savepointDepth)"
    let command = SQL(trusted: "savepoint \(name)")
    deferred.append(command)
    do {
      let value = try body(Session(self))
      if deferred.last == command {
        deferred.removeLast()
      } else {
        deferred.append(SQL(trusted: "release savepoint \(name)"))
      }
      return value
    } catch {
      try undo(name, command)
      throw error
    }
  }

  private func undo(_ name: String, _ command: SQL) throws(PostgresError) {
    if let index = deferred.lastIndex(of: command) {
      deferred.removeSubrange(index...)
      return
    }
    guard pg != nil else { return }
    deferred = [
      SQL(trusted: "rollback to savepoint \(name)"), SQL(trusted: "release savepoint \(name)"),
    ]
    let asked = interruption
    interruption = nil
    defer { interruption = asked }
    try flushDeferred()
  }

  /// A setting's name, each part quoted: `yibang.user` would else meet a reserved word.
  private func quotedName(_ name: String) throws(PostgresError) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isValid = parts.allSatisfy { part in
      guard let first = part.utf8.first, !(48...57).contains(first) else { return false }
      return part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }
    guard isValid else {
      throw .server(.init(sqlstate: "42602", message: "not the name of a setting: \(name)"))
    }
    return parts.map { "\"\($0)\"" }.joined(separator: ".")
  }

  private func quotedValue(_ value: String) throws(PostgresError) -> String {
    let pg = try require()
    guard !value.utf8.contains(0), let quoted = PQescapeLiteral(pg, value, value.utf8.count) else {
      throw .server(.init(sqlstate: "22021", message: "the value of a setting is not text"))
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}
