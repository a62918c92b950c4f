import Foundation
import Postgres
import Testing

@Suite("values in binary form")
struct PostgresValueTests {
  private func roundTrip<T: PostgresValue & Equatable>(
    _ values: [T], _ sql: SQL, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let back = try await TestServer.with { database in
      try await database.run { session in
        try values.map { try session.query(sql, $0)[0].get(0) as T }
      }
    }
    #expect(back == values, sourceLocation: sourceLocation)
  }

  @Test("scalars come back as they were sent, extremes too")
  func scalars() async throws {
    try await roundTrip([true, false], "select $1::bool")
    try await roundTrip([Int16.min, -1, 0, 1, .max], "select $1::int2")
    try await roundTrip([Int32.min, -1, 0, 1, .max], "select $1::int4")
    try await roundTrip([Int64.min, -1, 0, 1, .max], "select $1::int8")
    try await roundTrip([Int.min, -1, 0, 1, .max], "select $1::int8")
    try await roundTrip([0, -0.5, .greatestFiniteMagnitude, .infinity], "select $1::float8")
    try await roundTrip(["", "一帮一 \u{1F600} 'quoted' \\ \"", "e\u{301}"], "select $1::text")
    try await roundTrip([UUID(), UUID.v7()], "select $1::uuid")
    try await roundTrip(
      [[], [0, 255, 0], [UInt8](repeating: 7, count: 100_000)], "select $1::bytea")
  }

  @Test("dates, instants and JSON come back as they were sent")
  func times() async throws {
    try await roundTrip([-2_451_545, -1, 0, 9740, .max].map(PostgresDate.init(days:)), "select $1")
    try await roundTrip(
      [.min, -211_813_488_000_000_000, -1, 0, 1, 9_223_371_331_199_999_999, .max].map(
        PostgresTimestamp.init(microseconds:)), "select $1")
    try await roundTrip([JSON(text: #"{"a": [1, null]}"#)], "select $1::jsonb")
    try await roundTrip([JSON(text: #"{"a": 1}"#)], "select $1::jsonb::text::json")
  }

  @Test("dates and instants mean what the server thinks they mean")
  func meaning() async throws {
    let texts = try await TestServer.with { database in
      try await database.run { session in
        let row = try session.query(
          "select $1::text, ($2 at time zone 'UTC')::text, 'epoch'::timestamptz",
          PostgresDate(days: 9740), PostgresTimestamp(Date(timeIntervalSince1970: 1_800_000_000.25))
        )[0]
        let epoch: PostgresTimestamp = try row.get(2)
        return [try row.get(0), try row.get(1), "\(epoch.date.timeIntervalSince1970)"]
      }
    }
    #expect(texts == ["2026-09-01", "2027-01-15 08:00:00.25", "0.0"])
  }

  @Test("arrays come back as they were sent, empty ones and NULL elements too")
  func arrays() async throws {
    try await roundTrip([[], [true, false]], "select $1::bool[]")
    try await roundTrip([[], [Int32.min, .max]], "select $1::int4[]")
    try await roundTrip([[], [Int64.min, .max]], "select $1::int8[]")
    try await roundTrip([[Int](), [1, 2, 3]], "select $1::int8[]")
    try await roundTrip([[], ["", "汉字", "a,b\"{}"]], "select $1::text[]")
    try await roundTrip([[], [UUID(), UUID()]], "select $1::uuid[]")
    try await roundTrip([[[UInt8]](), [[], [0, 255]]], "select $1::bytea[]")
    try await roundTrip([[], [PostgresDate(days: 0)]], "select $1::date[]")
    try await roundTrip([[Int64?](), [1, nil, 3]], "select $1::int8[]")
    try await roundTrip([["a", nil, ""]], "select $1::text[]")
    try await roundTrip([[UUID(), nil]], "select $1::uuid[]")
  }

  @Test("an array is one parameter")
  func arrayParameter() async throws {
    let count: Int = try await TestServer.with { database in
      try await database.run { session in
        let wanted = [2, 4, 6, 100]
        let rows = try session.query(
          "select count(*) from generate_series(1, 10) n where n = any($1)", wanted)
        return try rows[0].get("count")
      }
    }
    #expect(count == 3)
  }

  @Test("NULL goes in as nil and comes out as nil, whatever was prepared before")
  func nulls() async throws {
    let texts = try await TestServer.with(poolSize: 1) { database in
      try await database.run { session in
        try session.script("create table n (a int4, b text)")
        try session.execute("insert into n values ($1, $2)", nil, nil)
        try session.execute("insert into n values ($1, $2)", 7, nil)
        try session.execute("insert into n values ($1, $2)", nil, "x")
        try session.execute("insert into n values ($1, $2)", 8, "y")
        return try session.query("select a, b from n order by ctid").map { row in
          let a: Int? = try row.optional("a")
          let b: String? = try row.optional("b")
          return "\(a.map { "\($0)" } ?? "-")\(b ?? "-")"
        }
      }
    }
    #expect(texts == ["--", "7-", "-x", "8y"])
  }

  @Test("narrow integers, enums, names and domains are read as what they mean")
  func widening() async throws {
    let values = try await TestServer.with { database in
      try await database.run { session in
        try session.script(
          "create type mood as enum ('sad', 'glad'); create domain fen as int8 check (value >= 0)")
        let row = try session.query(
          """
          select 7::int2, 8::int4, 'glad'::mood, 'n'::name, 'c '::char(3), 9::fen, \
          array['sad']::mood[], 1.5::float4
          """)[0]
        let numbers: [Int] = [try row.get(0), try row.get(1), try row.get(5)]
        let moods: [String] = try row.get(6)
        let real: Double = try row.get(7)
        return "\(numbers) \(try row.get(2) as String) \(try row.get(3) as String)"
          + "|\(try row.get(4) as String)| \(moods) \(real)"
      }
    }
    #expect(values == #"[7, 8, 9] glad n|c  | ["sad"] 1.5"#)
  }

  @Test("an enum takes text with a cast")
  func enumParameter() async throws {
    let moods: [String] = try await TestServer.with { database in
      try await database.run { session in
        try session.script("create type mood as enum ('sad', 'glad')")
        return [try session.query("select $1::text::mood", "glad")[0].get(0)]
      }
    }
    #expect(moods == ["glad"])
  }

  @Test(
    "reading a column as the wrong type names the column and its type",
    arguments: [
      ("select 1::int8 as amount", "column \"amount\" of int8: cannot be read as String"),
      ("select 'x'::text as amount", "column \"amount\" of text: cannot be read as Int"),
      ("select 1.5::numeric as amount", "column \"amount\" of numeric: cannot be read as Int"),
      ("select null::int8 as amount", "column \"amount\" is NULL; read it with optional(_:)"),
      ("select 1 as other", "there is no column \"amount\""),
    ])
  func mismatch(sql: String, message: String) async throws {
    let error = await failure {
      try await TestServer.with { database in
        try await database.run { session in
          let row = try session.query(SQL(trusted: sql))[0]
          if sql.contains("int8 as") && !sql.contains("null") {
            _ = try row.get("amount") as String
          } else {
            _ = try row.get("amount") as Int
          }
        }
      }
    }
    #expect("\(try #require(error as? PostgresError))" == message)
  }

  @Test("rows know their count, names and how many were changed")
  func rows() async throws {
    try await TestServer.with { database in
      try await database.run { session in
        try session.script("create table r (a int8)")
        let inserted = try session.query("insert into r select generate_series(1, 5)")
        let none = try session.query("select a as first, a as \"第二\" from r where a > 9")
        #expect(inserted.affected == 5)
        #expect(try session.execute("delete from r where a < 3") == 2)
        #expect(none.isEmpty)
        #expect(none.first == nil)
        #expect(none.columns == ["first", "第二"])
        #expect(try session.query("select a from r").map { try $0.get(0) as Int } == [3, 4, 5])
      }
    }
  }
}

@Suite("UUIDv7")
struct UUIDv7Tests {
  @Test("identifiers are version 7, ordered in a thread and unique over threads")
  func order() async throws {
    let lists = await withTaskGroup(of: [UUID].self) { group in
      for _ in 0..<8 {
        group.addTask { (0..<20_000).map { _ in UUID.v7() } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for list in lists {
      #expect(zip(list, list.dropFirst()).allSatisfy { $0.uuidString < $1.uuidString })
    }
    let all = lists.flatMap { $0 }
    #expect(Set(all).count == 160_000)
    #expect(all.allSatisfy { $0.uuid.6 >> 4 == 7 && $0.uuid.8 >> 6 == 2 })
  }

  @Test("the time of an identifier is the time it was made")
  func time() {
    let before = UInt64(Date().timeIntervalSince1970 * 1000)
    let bytes = UUID.v7().uuid
    let parts = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5]
    let time = parts.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    #expect(time >= before && time < before + 60_000)
  }
}
