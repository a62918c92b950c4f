/// SQL text. Only a literal can make one, so a statement is never joined from input.
package struct SQL: ExpressibleByStringLiteral, Hashable, Sendable {
  package let text: String

  package init(stringLiteral text: String) {
    self.text = text
  }

  /// SQL that is not a literal of the program: migrations and tools only.
  ///
  /// Whoever calls this vouches that no part of the text comes from a user.
  package init(trusted text: String) {
    self.text = text
  }
}

/// A statement with the values of its parameters `$1`, `$2` …, ready to travel in a batch.
package struct Bound: Sendable {
  package let sql: SQL
  package let parameters: [(any PostgresValue)?]

  package init(_ sql: SQL, _ parameters: (any PostgresValue)?...) {
    self.init(sql, parameters: parameters)
  }

  package init(_ sql: SQL, parameters: [(any PostgresValue)?]) {
    self.sql = sql
    self.parameters = parameters
  }
}
