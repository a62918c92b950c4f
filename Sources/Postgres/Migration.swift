/// One numbered step of the schema.
package struct Migration: Sendable, Hashable {
  /// From 1, without gaps.
  package let number: Int
  package let name: String
  /// The text, whose checksum is kept.
  package let sql: [UInt8]

  package init(number: Int, name: String, sql: [UInt8]) {
    self.number = number
    self.name = name
    self.sql = sql
  }
}

/// Where a migration stands.
package struct MigrationStatus: Sendable, Hashable {
  package let number: Int
  package let name: String
  package let isApplied: Bool
}

/// Why migrations were refused, or which one failed. Nothing of a failed one remains.
package enum MigrationProblem: Error, Sendable, Hashable {
  /// An applied migration has another text now.
  case edited(number: Int, name: String)
  /// An applied migration is not among the program's.
  case missing(number: Int, name: String)
  /// The schema was made by a newer program.
  case newer(applied: Int, known: Int)
  /// A number is skipped, or applied without the ones before it.
  case gap(number: Int)
  /// A number is used twice.
  case duplicate(number: Int)
  /// The server refused it.
  case failed(number: Int, name: String, PostgresError.Detail)
  /// It contains COMMIT, ROLLBACK or the like.
  case endsTransaction(number: Int, name: String)
  /// It is not UTF-8 text.
  case unreadable(number: Int, name: String)

  package var en: String {
    switch self {
    case .edited(let number, let name):
      "Migration \(number) (\(name)) was changed after it was applied. "
        + "Restore its text and put the change into a new migration."
    case .missing(let number, let name):
      "Migration \(number) (\(name)) was applied but is not in this program. "
        + "Use the program that belongs to this database."
    case .newer(let applied, let known):
      "The database is at migration \(applied), newer than this program, which knows \(known). "
        + "Update the program."
    case .gap(let number): "Migration \(number) is missing in the order."
    case .duplicate(let number): "There are two migrations with the number \(number)."
    case .failed(let number, let name, let detail):
      "Migration \(number) (\(name)) failed and left nothing behind: \(detail)"
    case .endsTransaction(let number, let name):
      "Migration \(number) (\(name)) ends its transaction itself. Take COMMIT or ROLLBACK out."
    case .unreadable(let number, let name): "Migration \(number) (\(name)) is not UTF-8 text."
    }
  }

  package var zh: String {
    switch self {
    case .edited(let number, let name):
      "迁移 \(number)（\(name)）在应用之后被改动。请恢复原文，把改动写进新的迁移。"
    case .missing(let number, let name):
      "迁移 \(number)（\(name)）已应用，但本程序中没有。请使用与该数据库相符的程序。"
    case .newer(let applied, let known):
      "数据库已到迁移 \(applied)，比本程序（\(known)）新。请升级程序。"
    case .gap(let number): "迁移编号不连续：缺少 \(number)。"
    case .duplicate(let number): "有两个编号为 \(number) 的迁移。"
    case .failed(let number, let name, let detail):
      "迁移 \(number)（\(name)）失败，未留下任何改动：\(detail)"
    case .endsTransaction(let number, let name):
      "迁移 \(number)（\(name)）自行结束了事务。请去掉其中的 COMMIT 或 ROLLBACK。"
    case .unreadable(let number, let name): "迁移 \(number)（\(name)）不是 UTF-8 文本。"
    }
  }
}
