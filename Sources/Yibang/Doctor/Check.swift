package import Postgres

/// A statement about the data that always holds, and the query that finds what breaks it.
package struct Check: Sendable {
  /// Stable, for programs: `ledger.accounts`.
  package let code: String
  /// What holds, as a person says it.
  package let text: Text
  /// $1 is the district, where it is used: the session sees no other. Returns the rows that break it:
  /// subject (which row), expected, found.
  package let sql: SQL

  package init(_ code: String, _ text: Text, _ sql: SQL) {
    self.code = code
    self.text = text
    self.sql = sql
  }

  func broken(_ session: borrowing Session, _ actor: Actor) throws -> Rows {
    sql.text.contains("$1")
      ? try session.query(sql, actor.districtID) : try session.query(sql)
  }
}

/// What a check found.
package struct Finding: Sendable, Codable {
  package struct Row: Sendable, Codable {
    /// Which row: its table and id, or what names it.
    package let subject: String
    package let expected: Int64?
    package let found: Int64?
  }

  package let check: String
  package let text: Text
  /// How many rows break it.
  package let broken: Int
  /// The first of them.
  package let rows: [Row]
}
