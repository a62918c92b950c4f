import CLibPQ

/// One libpq result, cleared when the last row that refers to it is gone.
final class ResultHandle {
  let pointer: OpaquePointer
  private var numbers: [String: Int]?

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  var columnCount: Int { Int(PQnfields(pointer)) }

  func name(_ column: Int) -> String {
    PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "?"
  }

  func number(_ name: String) -> Int? {
    if let numbers { return numbers[name] }
    var fresh: [String: Int] = [:]
    for column in 0..<columnCount {
      let name = self.name(column)
      if fresh[name] == nil { fresh[name] = column }
    }
    numbers = fresh
    return fresh[name]
  }
}

/// The rows of one statement. They stay on the thread of their session.
package struct Rows: RandomAccessCollection {
  private let result: ResultHandle
  package let count: Int

  init(_ result: ResultHandle) {
    self.result = result
    count = Int(PQntuples(result.pointer))
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> Row {
    precondition(index >= 0 && index < count, "row \(index) of \(count)")
    return Row(result: result, index: Int32(index))
  }

  /// Names of the columns, in order.
  package var columns: [String] {
    (0..<result.columnCount).map { result.name($0) }
  }

  /// Rows that the statement inserted, updated, deleted, copied or returned.
  package var affected: Int {
    guard let text = PQcmdTuples(result.pointer) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }
}

/// A view of one row.
package struct Row {
  let result: ResultHandle
  let index: Int32

  /// The value of a column, numbered from 0.
  ///
  /// - Throws: ``PostgresError/decoding(_:)`` when there is no such column, it is NULL, or its type
  ///   cannot be read as `T`; the error names the column and its type.
  package func get<T: PostgresValue>(_ column: Int) throws(PostgresError) -> T {
    if let value: T = try optional(column) { return value }
    throw .decoding("column \"\(result.name(column))\" is NULL; read it with optional(_:)")
  }

  /// The value of a column, numbered from 0; nil for NULL.
  ///
  /// - Throws: ``PostgresError/decoding(_:)`` as ``get(_:)-(Int)``.
  package func optional<T: PostgresValue>(_ column: Int) throws(PostgresError) -> T? {
    let pointer = result.pointer
    guard column >= 0 && column < result.columnCount else {
      throw .decoding("there is no column \(column); the row has \(result.columnCount)")
    }
    let number = Int32(column)
    if PQgetisnull(pointer, index, number) == 1 { return nil }
    let type = PQftype(pointer, number)
    guard T.accepts(type), PQfformat(pointer, number) == 1 else {
      throw mismatch(column, T.self, "cannot be read as \(T.self)")
    }
    let bytes = UnsafeRawBufferPointer(
      start: PQgetvalue(pointer, index, number), count: Int(PQgetlength(pointer, index, number)))
    do {
      return try T.decode(bytes)
    } catch .decoding(let reason) {
      throw mismatch(column, T.self, reason)
    }
  }

  /// Calls `body` with the bytes of a column as the server sent them, in the binary format of the
  /// column's own type, or with nil for NULL. They are gone when `body` returns.
  package func withBytes<R>(
    _ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R
  ) rethrows -> R {
    let pointer = result.pointer
    let number = Int32(column)
    precondition(column >= 0 && column < result.columnCount, "there is no column \(column)")
    precondition(PQfformat(pointer, number) == 1, "the column is not in the binary format")
    if PQgetisnull(pointer, index, number) == 1 { return try body(nil) }
    return try body(
      UnsafeRawBufferPointer(
        start: PQgetvalue(pointer, index, number), count: Int(PQgetlength(pointer, index, number))))
  }

  /// The value of the first column of this name.
  package func get<T: PostgresValue>(_ name: String) throws(PostgresError) -> T {
    try get(try number(name))
  }

  /// The value of the first column of this name; nil for NULL.
  package func optional<T: PostgresValue>(_ name: String) throws(PostgresError) -> T? {
    try optional(try number(name))
  }

  private func number(_ name: String) throws(PostgresError) -> Int {
    guard let number = result.number(name) else {
      throw .decoding("there is no column \"\(name)\"")
    }
    return number
  }

  private func mismatch<T: PostgresValue>(
    _ column: Int, _ type: T.Type, _ reason: String
  ) -> PostgresError {
    let server = TypeID.describe(PQftype(result.pointer, Int32(column)))
    return .decoding("column \"\(result.name(column))\" of \(server): \(reason)")
  }
}
