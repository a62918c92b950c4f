import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What the database itself refuses and hides")
struct SchemaTests {
  /// Runs statements as the application's role in a district, whatever the operations would do.
  private func asApplication(
    _ district: TestDistrict, school: UUID? = nil,
    _ body: @escaping @Sendable (borrowing Session) throws -> Void
  ) async -> PostgresError? {
    let settings = [
      ("yibang.district", district.code),
      ("yibang.school", school?.uuidString.lowercased() ?? ""),
    ]
    let error = await failure {
      try await district.platform.database.transaction(settings: settings, body)
    }
    return error as? PostgresError
  }

  private func sqlstate(_ error: PostgresError?) -> String? {
    switch error {
    case .unique(let detail), .check(let detail), .exclusion(let detail), .foreignKey(let detail),
      .notNull(let detail), .privilege(let detail), .server(let detail):
      detail.sqlstate
    default: nil
    }
  }

  @Test(
    "the application's role cannot write, change or delete a transfer or change the trail",
    arguments: [
      "update transfer set amount_fen = 1", "delete from transfer",
      "update audit set action = 'x'", "delete from audit", "truncate transfer",
      "update account set credits = 0", "delete from donation",
      "update donation set amount_fen = 1",
      "insert into account (district_id, fund_id, id, kind, label) "
        + "select district_id, id, gen_random_uuid(), 'use', 'x' from fund",
      "insert into transfer select * from transfer",
    ])
  func appendOnly(statement: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let error = await asApplication(district) { try $0.script(SQL(trusted: statement)) }
    #expect(sqlstate(error) == "42501")
  }

  @Test("a transfer of nothing or less is refused", arguments: [0, -1] as [Int64])
  func amounts(fen: Int64) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let error = await failure {
      try await district.admin.write { session in
        let from = try Ledger.account(session, fund: fund, .source(.teacher))
        let to = try Ledger.account(session, fund: fund, .balance)
        let movement = Ledger.Movement(
          from: from, to: to, amount: Money(fen: fen), date: TestDistrict.today, source: UUID.v7())
        try Ledger.post(
          session, [movement], kind: .donation, semester: TestDistrict.autumn,
          actor: district.admin.actor)
      }
    }
    #expect((error as? any YibangError)?.code == "fund.amount_not_positive")
  }

  @Test("no transfer connects two funds")
  func oneFund() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let school = district.school.id
    let general = try await Funds.fund(for: nil, school: school, in: district.admin)
    let nutrition = try await Funds.fund(for: "营养改善", school: school, in: district.admin)
    let error = await failure {
      try await district.admin.write { session in
        let movement = Ledger.Movement(
          from: try Ledger.account(session, fund: general, .balance),
          to: try Ledger.account(session, fund: nutrition, .balance), amount: Money(fen: 1),
          date: TestDistrict.today, source: UUID.v7())
        try Ledger.post(
          session, [movement], kind: .payment, semester: TestDistrict.autumn, purpose: .living,
          actor: district.admin.actor)
      }
    }
    #expect(sqlstate(error as? PostgresError) == "23503")
  }

  @Test("overlapping semesters are refused")
  func overlap() async throws {
    let district = try await TestDistrict.make()
    let error = await failure {
      try await Semesters.open(
        Semester("2026-2027-2")!, from: CalendarDate("2027-01-31")!, in: district.admin)
    }
    #expect((error as? any YibangError)?.code == "semester.overlap")
    #expect(try await Semesters.open(Semester("2026-2027-2")!, in: district.admin))
    #expect(try await !Semesters.open(Semester("2026-2027-2")!, in: district.admin))
  }

  @Test("every table is protected by row, and its keys start with the district")
  func keysStartWithTheDistrict() async throws {
    let (unprotected, keys): ([String], [String]) = try await TestPlatform.asOwner { session in
      let tables = try session.query(
        """
        select c.relname::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and not c.relrowsecurity and c.relname not in ('schema_migration', 'key_check')
        """)
      let constraints = try session.query(
        """
        select (c.conrelid::regclass || ' ' || c.conname)::text
        from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f', 'x')
          and a.attname <> 'district_id'
          and c.conrelid::regclass::text not in ('schema_migration', 'key_check')
        """)
      return (try tables.map { try $0.get(0) }, try constraints.map { try $0.get(0) })
    }
    #expect(unprotected == [])
    #expect(keys == [])
  }

  @Test("another school, and another district, sees no row of this one in any table")
  func otherSchoolSeesNothing() async throws {
    let district = try await TestDistrict.make()
    let stranger = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster, in: district.officer)
    _ = try await district.importDonations(
      "\(DonationImportTests.header)\n1,2026-09-10,试,教师,,100,,购书,,,\n", in: district.officer)
    let tables: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select c.relname::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
          and has_table_privilege('yibang_app', c.oid, 'select')
        """
      ).map { try $0.get(0) }
    }
    // What a whole district shares; and the other school's own funds, users and name.
    let shared: Set = ["district", "semester", "purpose", "idempotency"]
    let school = district.otherSchool.id.uuidString.lowercased()
    for table in tables {
      let count = SQL(
        trusted: """
          select count(*) from \(table) t
          where to_jsonb(t) ->> 'school_id' is distinct from '\(school)'
            and to_jsonb(t) ->> 'id' is distinct from '\(school)'
            and not exists (
              select from fund f
              where f.id::text = to_jsonb(t) ->> 'fund_id' and f.school_id = '\(school)'
            )
          """)
      let seen: Int64 = try await district.otherOfficer.read { try $0.query(count)[0].get(0) }
      #expect(seen == 0 || shared.contains(table), "\(table)")
      let code = district.code
      let foreign = SQL(trusted: "select count(*) from \(table) where district_id = '\(code)'")
      let abroad: Int64 = try await stranger.admin.read { try $0.query(foreign)[0].get(0) }
      #expect(abroad == 0, "\(table)")
    }
  }

  @Test("every list operation run as another school gives nothing")
  func listsOfAnotherSchool() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    _ = try await district.importDonations(
      "\(DonationImportTests.header)\n1,2026-09-10,试,教师,,100,,购书,,,\n")
    let other = district.otherOfficer
    #expect(try await Students.list(year: TestDistrict.autumn.schoolYear, in: other).isEmpty)
    #expect(try await Giving.list(in: other).isEmpty)
    #expect(try await Donors.list(in: other).isEmpty)
    #expect(try await Schools.list(in: other).map(\.id) == [district.otherSchool.id])
    let funds = try await Funds.statements(TestDistrict.autumn, in: other)
    #expect(funds.allSatisfy { $0.schoolCode == district.otherSchool.code })
    #expect(funds.allSatisfy { $0.closing == .zero })
    #expect(try await Users.list(in: other).map(\.login) == ["other-officer"])
    let forbidden = await failure {
      try await Students.list(
        school: district.school.id, year: TestDistrict.autumn.schoolYear, in: other)
    }
    #expect((forbidden as? any YibangError)?.code == "access.other_school")
  }

  @Test("an officer cannot give to another school's fund")
  func foreignFund() async throws {
    let district = try await TestDistrict.make()
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let donor = try await Donors.donor(
      DonorDetails(kind: .teacher, name: "试", anonymous: false),
      school: district.otherSchool.id, in: district.otherOfficer)
    let error = await failure {
      try await Giving.record(
        .init(
          donor: donor, fund: fund, school: district.otherSchool.id, semester: TestDistrict.autumn,
          amount: Money(fen: 100), receivedOn: TestDistrict.today), in: district.otherOfficer)
    }
    #expect(sqlstate(error as? PostgresError) == "42501")
  }

  @Test("the embedded migrations are the files of the folder, in order")
  func migrationsAreAllThere() throws {
    let folder = SampleDistrictTests.folder.deletingLastPathComponent()
      .appending(path: "sql/migrations")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.path(percentEncoded: false)
    ).sorted()
    #expect(Platform.migrations.map(\.name) == names)
    for migration in Platform.migrations {
      #expect(
        try Data(contentsOf: folder.appending(path: migration.name)) == Data(migration.sql))
    }
  }

  @Test("a database sealed with one key does not open with another")
  func otherKey() async throws {
    _ = try await TestPlatform.ready()
    let error = await failure {
      try await Platform.open(
        conninfo: TestPlatform.cluster.conninfo,
        keyFile: "\(TestPlatform.directory)/other-key", logger: TestPlatform.logger)
    }
    #expect((error as? any YibangError)?.code == "vault.other_key")
  }
}
