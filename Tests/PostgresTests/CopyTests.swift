import Foundation
import Postgres
import Testing

@Suite("COPY")
struct CopyTests {
  private static let table: SQL = "create table copied (id int8, name text, at date, data bytea)"
  private static let copyIn: SQL =
    "copy copied (id, name, at, data) from stdin with (format binary)"

  @Test("100,000 rows go in and come out")
  func inAndOut() async throws {
    let (written, counted, sum, bytes) = try await TestServer.with { database in
      try await database.transaction { session in
        try session.script(Self.table)
        let written = try session.copyIn(Self.copyIn) { writer in
          for number in 0..<50_000 {
            try writer.row(number, "name \(number)", PostgresDate(days: 1), nil)
          }
          for number in 50_000..<100_000 {
            try writer.beginRow(4)
            writer.append(number)
            writer.append("一")
            writer.null()
            writer.append([UInt8(1)] as [UInt8]?)
          }
        }
        let row = try session.query("select count(*), sum(id)::int8 from copied")[0]
        var bytes = 0
        try session.copyOut("copy copied (id) to stdout") { bytes += $0.count }
        return (written, try row.get(0) as Int, try row.get(1) as Int, bytes)
      }
    }
    #expect(written == 100_000)
    #expect(counted == 100_000)
    #expect(sum == 4_999_950_000)
    #expect(bytes == 588_890)
  }

  @Test("a COPY that is given up leaves nothing, and the session works afterwards")
  func givenUp() async throws {
    struct Enough: Error {}
    let count: Int = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        try session.script(Self.table)
        do {
          try session.copyIn(Self.copyIn) { writer in
            for number in 0..<20_000 { try writer.row(number, "x", nil, nil) }
            throw Enough()
          }
        } catch is Enough {}
        return try session.query("select count(*) from copied")[0].get(0)
      }
    }
    #expect(count == 0)
  }

  @Test("an error of the server ends a COPY with its kind")
  func refused() async throws {
    let (error, one) = try await TestServer.with(poolSize: 1) { database in
      let error = await failure {
        try await database.run { session in
          try session.script("create table k (id int8 primary key)")
          try session.copyIn("copy k from stdin with (format binary)") { writer in
            for _ in 0..<2 { try writer.row(1) }
          }
        }
      }
      return (error, try await database.run { try $0.query("select 1")[0].get(0) as Int })
    }
    guard case .unique = error as? PostgresError else {
      Issue.record("not a unique violation: \(String(describing: error))")
      return
    }
    #expect(one == 1)
  }

  @Test("reading a COPY can be given up")
  func outGivenUp() async throws {
    struct Enough: Error {}
    let one: Int = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        do {
          try session.copyOut("copy (select generate_series(1, 100000000)) to stdout") { _ in
            throw Enough()
          }
        } catch is Enough {}
        return try session.query("select 1")[0].get(0)
      }
    }
    #expect(one == 1)
  }
}
