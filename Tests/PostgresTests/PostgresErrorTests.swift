import Foundation
import Postgres
import Testing

@Suite("errors by SQLSTATE")
struct PostgresErrorTests {
  @Test(
    "each kind is its own case, without the value that was refused",
    arguments: [
      ("insert into parent values (1)", "unique"),
      ("insert into child (id, n) values (1, -4711)", "check"),
      ("insert into child (id, s) values (1, '[4,6)')", "exclusion"),
      ("insert into child (id) values (4711)", "foreignKey"),
      ("insert into child (n) values (4711)", "notNull"),
      ("set role pg_monitor; select * from pg_authid", "privilege"),
      ("select 4711/0", "server 22012"),
      ("select '4711x'::int8", "server 22P02"),
      ("select pg_cancel_backend(pg_backend_pid())", "cancelled"),
      ("select * from absent", "server 42P01"),
    ])
  func kinds(sql: String, expected: String) async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.run { session in
          try session.script(
            """
            create table parent (id int8 primary key);
            create table child (id int8 not null references parent, n int8 check (n > 0),
              s int4range, exclude using gist (s with &&));
            insert into parent values (1);
            insert into child (id, s) values (1, '[1,5)')
            """)
          try session.script(SQL(trusted: sql))
        }
      }
    }
    let caught = try #require(error as? PostgresError)
    let name: String
    switch caught {
    case .unique: name = "unique"
    case .check: name = "check"
    case .exclusion: name = "exclusion"
    case .foreignKey: name = "foreignKey"
    case .notNull: name = "notNull"
    case .privilege: name = "privilege"
    case .cancelled: name = "cancelled"
    case .server(let detail): name = "server \(detail.sqlstate)"
    default: name = "\(caught)"
    }
    #expect(name == expected)
    #expect(!"\(caught)".contains("4711"))
    #expect(!caught.zh.isEmpty && !caught.en.isEmpty && caught.zh != caught.en)
  }

  @Test("a syntax error says which statement")
  func syntax() async throws {
    let error = await failure {
      try await TestServer.with { try await $0.run { try $0.execute("selekt $1", 1) } }
    }
    #expect((error as? PostgresError)?.detail?.sql == "selekt $1")
  }

  @Test("a deferred constraint fails a statement that is its own transaction, and work goes on")
  func deferredAlone() async throws {
    let (error, count) = try await TestServer.with(poolSize: 1) { database in
      let error = await failure {
        try await database.run { session in
          try session.script(
            """
            create table d (id int8 primary key,
              p int8 constraint up references d deferrable initially deferred)
            """)
          try session.execute("insert into d values ($1, $2)", 1, 2)
        }
      }
      let count: Int = try await database.run { try $0.query("select count(*) from d")[0].get(0) }
      return (error, count)
    }
    #expect((error as? PostgresError)?.detail?.constraint == "up")
    #expect(count == 0)
  }

  @Test("a deferred constraint fails at COMMIT with its name")
  func deferred() async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.run {
          try $0.script(
            """
            create table d (id int8 primary key,
              p int8 constraint up references d deferrable initially deferred)
            """)
        }
        try await database.transaction { try $0.execute("insert into d values (1, 2)") }
      }
    }
    #expect((error as? PostgresError)?.detail?.constraint == "up")
  }
}
