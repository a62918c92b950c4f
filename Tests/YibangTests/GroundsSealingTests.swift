import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("what cases rest on, sealed where it was written in clear")
struct GroundsSealingTests {
  /// A database as version 40 left it, with cases of 2025 in clear.
  private struct Old {
    static let words = ["disability", "illness", "forged", "debt-ratio", "rented", "家中两人重病"]
    static let cases = 25

    let conninfo: String
    let keyFile: String

    static func make() async throws -> Old {
      let name = "grounds_\(UInt32.random(in: .min ... .max))"
      _ = try await TestPlatform.asOwner { session in
        try session.script(SQL(trusted: "create database \(name)"))
      }
      let old = Old(
        conninfo: TestPlatform.cluster.conninfo + " dbname='\(name)'",
        keyFile: "\(TestPlatform.directory)/\(name)")
      let conninfo = old.conninfo
      try await onThread {
        _ = try Migrator.migrate(
          conninfo: conninfo, migrations: Array(Platform.migrations.prefix(40)),
          logger: TestPlatform.logger)
      }
      _ = try await old.asOwner { try $0.script(fill) }
      return old
    }

    func asOwner<T: Sendable>(
      _ body: @escaping @Sendable (borrowing Session) throws -> T
    ) async throws -> T {
      let database = Database(.init(conninfo: conninfo, logger: TestPlatform.logger))
      let value = try await database.run(body)
      await database.close()
      return value
    }

    func open() async throws -> Platform {
      try await Platform.open(
        conninfo: conninfo, keyFile: keyFile, poolSize: 2, logger: TestPlatform.logger)
    }

    /// Brings the schema to the present, and seals no further than so many batches.
    func interrupted(batch: Int, batches: Int) async throws {
      let conninfo = conninfo
      try await onThread {
        _ = try Migrator.migrate(
          conninfo: conninfo, migrations: Platform.migrations, logger: TestPlatform.logger)
      }
      let platform = Platform(
        database: Database(.init(conninfo: conninfo, logger: TestPlatform.logger)),
        vault: try Vault.open(path: keyFile), logger: TestPlatform.logger)
      try await GroundsSealing.finish(
        conninfo: conninfo, on: platform, batch: batch, batches: batches)
      await platform.close()
    }

    /// Every file of the three tables, as it lies on the disk.
    func files() async throws -> Data {
      let paths = try await asOwner { session in
        try session.script("checkpoint")
        return try session.query(
          """
          select current_setting('data_directory') || '/' || pg_relation_filepath(oid)
          from pg_class
          where relnamespace = 'public'::regnamespace
            and (
              relname in ('recognition_case', 'case_assessment', 'recognition')
              or oid in (
                select reltoastrelid from pg_class
                where relname in ('recognition_case', 'case_assessment', 'recognition')
              )
            )
          """
        ).map { try $0.get(0) as String }
      }
      #expect(paths.count >= 3)
      return try paths.reduce(into: Data()) { $0 += try Data(contentsOf: URL(filePath: $1)) }
    }

    private static let fill: SQL = """
      insert into district (district_id, name) values ('990077', '旧县');
      insert into school (district_id, id, code, name)
      values ('990077', gen_random_uuid(), '9900770001', '旧小学');
      insert into app_user (district_id, id, login, name, role)
      values ('990077', gen_random_uuid(), 'old', '样旧', 'district_admin');
      insert into student (district_id, id, school_id, name)
      select '990077', gen_random_uuid(), s.id, '旧生' || n from school s, generate_series(1, 25) n;
      insert into guardian (district_id, id, school_id, student_id, name)
      select '990077', gen_random_uuid(), s.school_id, s.id, '旧家长' from student s;
      insert into recognition_round (
        district_id, id, school_id, school_year, rule_set, rule_version, announced_on, reach,
        apply_by, nominate_by, assess_by, decide_by, notice_working_days, answer_working_days,
        actor_id
      )
      select '990077', gen_random_uuid(), s.id, 2025, 'yunnan', 1, '2025-09-01', '家长会',
        '2025-09-10', '2025-09-15', '2025-09-20', '2025-10-01', 5, 5, u.id
      from school s, app_user u;
      insert into recognition_case (
        district_id, id, school_id, student_id, round_id, guardian_id, applied_on, claims, state,
        step_since, tier, category, reasons, disqualifiers
      )
      select '990077', gen_random_uuid(), r.school_id, g.student_id, r.id, g.id, '2025-09-05',
        array['disability', 'illness'], 'filed', '2025-10-01', 'difficult', 'other',
        '[{"code": "school-decided", "zh": "家中两人重病", "en": "two ill", "ruleRef": "一",
          "restsOnUnverified": false}]', array['forged']
      from guardian g, recognition_round r;
      insert into case_assessor (district_id, case_id, attempt, user_id)
      select c.district_id, c.id, 1, u.id from recognition_case c, app_user u;
      insert into case_assessment (
        district_id, id, case_id, attempt, method, assessor_id, assessed_on, shows_hardship,
        factors, answers
      )
      select a.district_id, gen_random_uuid(), a.case_id, 1, 'interview', a.user_id, '2025-09-18',
        true, array['debt-ratio'], '{"housing": "rented"}'
      from case_assessor a;
      insert into recognition (
        district_id, id, school_id, student_id, school_year, tier, category, rule_set,
        rule_version, state, filed_on, source, reasons, actor_id, valid_from, valid_until, case_id
      )
      select c.district_id, gen_random_uuid(), c.school_id, c.student_id, 2025, c.tier, c.category,
        'yunnan', 1, 'filed', '2025-10-01', 'case', c.reasons, u.id, '2025-10-01', '2026-08-31', c.id
      from recognition_case c, app_user u
      """
  }

  private static let columns: SQL = """
    select count(*) from pg_attribute
    where attrelid in ('recognition_case'::regclass, 'case_assessment'::regclass)
      and attname in ('claims', 'reasons', 'disqualifiers', 'factors', 'answers')
      and not attisdropped
    """

  private func clearColumns(_ old: Old) async throws -> Int64 {
    try await old.asOwner { try $0.query(Self.columns)[0].get(0) }
  }

  @Test("an interrupted step goes on at the next start, and nothing clear is left in the files")
  func sealed() async throws {
    let old = try await Old.make()
    let before = try await old.files()
    for word in Old.words { #expect(before.range(of: Data(word.utf8)) != nil, "\(word)") }

    try await old.interrupted(batch: 10, batches: 1)
    let half: [Int64] = try await old.asOwner { session in
      let row = try session.query(
        """
        select count(*) filter (where claims_sealed is null), count(*) filter (where claims <> '{}')
        from recognition_case
        """)[0]
      return [try row.get(0), try row.get(1)]
    }
    #expect(half == [15, 15])

    // Two processes start at once, while a third has a transaction open that began before.
    let (begun, over) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    async let earlier: Void = old.asOwner { session in
      try session.script("begin; select pg_current_xact_id()")
      begun.signal()
      over.wait()
      try session.script("commit")
    }
    defer { over.signal() }
    try await onThread { begun.wait() }
    async let first = old.open()
    async let second = old.open()
    let (platform, other) = try await (first, second)
    over.signal()
    try await earlier
    await other.close()
    #expect(try await clearColumns(old) == 0)
    let after = try await old.files()
    for word in Old.words { #expect(after.range(of: Data(word.utf8)) == nil, "\(word)") }
    try await check(old, platform.vault)
    let rotated = try await Keys.using(conninfo: old.conninfo, login: "owner", on: platform) {
      try await $0.rotate()
    }
    #expect(rotated.key == 2 && rotated.resealed == 3 * Old.cases && rotated.left == 0)
    try await check(old, platform.vault)
    await platform.close()
    let third = try await old.open()
    await third.close()
  }

  /// Every value opens in its place and says what stood there.
  private func check(_ old: Old, _ vault: Vault) async throws {
    try await old.asOwner { session in
      let cases = try session.query(
        "select id, claims_sealed, grounds_sealed from recognition_case")
      #expect(cases.count == Old.cases)
      for row in cases {
        let id: UUID = try row.get(0)
        #expect(try vault.claims(try row.get(1), of: id) == ["disability", "illness"])
        let proposal = try vault.openJSON(
          CaseGrounds.Proposal.self, try row.get(2), at: CaseGrounds.proposal(of: id))
        #expect(proposal?.disqualifiers == ["forged"])
        #expect(proposal?.reasons.map(\.code) == [.schoolDecided])
        #expect(proposal?.reasons.map(\.zh) == ["家中两人重病"])
      }
      let findings = try session.query("select id, grounds_sealed from case_assessment")
      #expect(findings.count == Old.cases)
      for row in findings {
        let id: UUID = try row.get(0)
        let found = try vault.openJSON(
          CaseGrounds.Finding.self, try row.get(1), at: CaseGrounds.finding(id))
        #expect(found?.factors == ["debt-ratio"] && found?.answers == ["housing": "rented"])
      }
      let copies: Int64 = try session.query(
        "select count(*) from recognition where reasons <> '{}'")[0].get(0)
      #expect(copies == 0)
    }
  }

  @Test("with a key that is not this database's nothing is sealed")
  func otherKey() async throws {
    let old = try await Old.make()
    let stranger = KeyRing(first: Data(repeating: 7, count: 32))
    _ = try await old.asOwner { session in
      try session.execute(
        "insert into key_check (key_id, digest) values (1, $1)", stranger.hashDigest)
    }
    #expect(await code { try await old.open() } == "vault.other_key")
    #expect(try await clearColumns(old) == 5)
    let left: Int64 = try await old.asOwner {
      try $0.query("select count(*) from recognition_case where claims_sealed is null")[0].get(0)
    }
    #expect(left == Int64(Old.cases))
  }
}
