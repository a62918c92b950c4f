/// A statement prepared on one connection.
final class Prepared {
  let name: String
  let types: [UInt32]
  var lastUse: UInt64 = 0

  init(name: String, types: [UInt32]) {
    self.name = name
    self.types = types
  }

  /// A NULL fits any type; a value needs its own. 0 is a type that the server inferred for a NULL.
  func fits(_ wanted: [UInt32]) -> Bool {
    guard types.count == wanted.count else { return false }
    for (own, want) in zip(types, wanted) where want != 0 && own != want { return false }
    return true
  }
}

/// The prepared statements of one connection, by text and parameter types.
struct StatementCache {
  /// Above this many, the least recently used are deallocated when a job ends.
  static let limit = 512

  private var statements: [SQL: [Prepared]] = [:]
  private(set) var count = 0
  private var uses: UInt64 = 0
  private var namesGiven = 0

  mutating func find(_ sql: SQL, _ types: [UInt32]) -> Prepared? {
    guard let found = statements[sql]?.first(where: { $0.fits(types) }) else { return nil }
    uses += 1
    found.lastUse = uses
    return found
  }

  mutating func add(_ sql: SQL, _ types: [UInt32]) -> Prepared {
    namesGiven += 1
    uses += 1
    let prepared = Prepared(name: "s\(namesGiven)", types: types)
    prepared.lastUse = uses
    statements[sql, default: []].append(prepared)
    count += 1
    return prepared
  }

  mutating func remove(_ prepared: Prepared, of sql: SQL) {
    guard let index = statements[sql]?.firstIndex(where: { $0 === prepared }) else { return }
    statements[sql]?.remove(at: index)
    if statements[sql]?.isEmpty == true { statements[sql] = nil }
    count -= 1
  }

  /// Takes out the least recently used quarter, and gives their names, once the limit is passed.
  mutating func evict() -> [String] {
    guard count > Self.limit else { return [] }
    let all = statements.flatMap { sql, list in list.map { (sql, $0) } }
    let oldest = all.sorted { $0.1.lastUse < $1.1.lastUse }.prefix(count - Self.limit * 3 / 4)
    for (sql, prepared) in oldest { remove(prepared, of: sql) }
    return oldest.map { $0.1.name }
  }

  mutating func removeAll() {
    statements = [:]
    count = 0
  }
}
