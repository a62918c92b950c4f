import Foundation
import Glibc
import Testing

@Suite("A crash in the middle of a proposal")
struct MatchCrashTests {
  private static let size = 40

  private func prepare(_ home: TestHome) async throws {
    try await home.setUp()
    var roster = "姓名,班级,性别,等级,监护人同意\n"
    var offers = "帮扶人,类别,联系电话,每学期金额\n"
    for number in 0..<Self.size {
      roster += "样第\(number),\(number % 6 + 1)年级1班,女,困难,是\n"
      offers += "助第\(number),个人,199\(10_000_000 + number),1000\n"
    }
    let pupils = try await home.importRoster(try home.sheet("roster.csv", roster))
    #expect(pupils.status == 0, "\(pupils.errors)")
    let given = try await home(
      "offer", "import", home.sheet("offers.csv", offers), "--semester", TestHome.semester)
    #expect(given.status == 0, "\(given.errors)")
  }

  private static let waiting = """
    select count(*) from pg_locks where not granted and locktype = 'relation'
    """
  private static let clients = """
    select count(*) from pg_stat_activity where backend_type = 'client backend'
    """

  /// Runs a command, and kills it while the database makes it wait to write into a table.
  private func kill(
    _ home: TestHome, _ psql: PsqlSession, writing table: String, _ words: [String]
  ) async throws {
    let before = try #require(try await psql.ask(Self.clients))
    _ = try await psql.ask("begin; lock table \(table) in share mode; select 'locked'")
    let process = Command.process(["--home", home.path] + words)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try await psql.wait(for: "1", Self.waiting)
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    _ = try await psql.ask("commit; select 'free'")
    try await psql.wait(for: before, Self.clients)
  }

  @Test("killed while it proposes: no part of a proposal is left, and the same key makes one")
  func propose() async throws {
    try await TestHome.use { home in
      try await prepare(home)
      let psql = try PsqlSession(home)
      let words = [
        "match", "propose", "--semester", TestHome.semester, "--as", "A", "--idempotency-key", "p",
      ]
      for table in ["proposal", "proposal_pair", "audit"] {
        try await kill(home, psql, writing: table, words)
        for part in ["proposal", "proposal_pair", "proposal_left", "idempotency"] {
          #expect(try await psql.ask("select count(*) from \(part)") == "0", "\(table): \(part)")
        }
      }
      var ids: Set<String> = []
      for _ in 0..<2 {
        let run = try await Command.run(["--home", home.path] + words + ["--format", "json"])
        #expect(try run.json()["pairs"].number == Self.size, "\(run.errors)")
        ids.insert(try #require(try run.json()["id"].text))
      }
      #expect(ids.count == 1)
      #expect(try await psql.ask("select count(*) from proposal") == "1")
      try psql.close()
    }
  }

  @Test("killed while it accepts, sends or expires: all or nothing, and the same key goes on")
  func accept() async throws {
    try await TestHome.use { home in
      try await prepare(home)
      let psql = try PsqlSession(home)
      let proposed = try await home(
        "match", "propose", "--semester", TestHome.semester, "--as", "A", "--format", "json")
      let id = try #require(try proposed.json()["id"].text)
      #expect(
        try await home("--today", "2026-09-20", "match", "approve", id, "--as", "B").status == 0)

      let send = ["match", "send", id, "--date", "2026-09-20", "--idempotency-key", "s"]
      try await kill(home, psql, writing: "audit", send)
      let held = "select count(*) from proposal_pair where held_until is not null"
      #expect(try await psql.ask(held) == "0")
      #expect(try await Command.run(["--home", home.path] + send).status == 0)
      #expect(try await psql.ask(held) == "\(Self.size)")

      let accept = ["match", "accept", id, "--date", "2026-09-21", "--idempotency-key", "a"]
      for table in ["pairing", "commitment", "instalment", "audit"] {
        try await kill(home, psql, writing: table, accept)
        for part in ["pairing", "commitment", "instalment"] {
          #expect(try await psql.ask("select count(*) from \(part)") == "0", "\(table): \(part)")
        }
      }
      let pairs = try await home("match", "show", id, "--state", "held", "--format", "json").json()
      let one = try #require(pairs["pairs"][0]["id"].text)
      #expect(try await home("match", "accept", one, "--date", "2026-09-21").status == 0)

      let expire = ["match", "expire", "--on", "2026-11-01"]
      try await kill(home, psql, writing: "audit", expire)
      #expect(try await psql.ask(held + " and state = 'expired'") == "0")
      let expired = try await Command.run(["--home", home.path] + expire + ["--format", "json"])
      #expect(try expired.json()["expired"].number == Self.size - 1)
      let again = try await Command.run(["--home", home.path] + expire + ["--format", "json"])
      #expect(try again.json()["expired"].number == 0)
      #expect(try await psql.ask("select count(*) from instalment") == "6")
      try psql.close()
    }
  }
}
