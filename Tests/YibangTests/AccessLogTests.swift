import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("The log of who saw whose data")
struct AccessLogTests {
  private func school() async throws -> (TestDistrict, UUID, UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    return (
      district, try await district.student(named: "试甲"), try await district.student(named: "试乙")
    )
  }

  /// Today in China, by the clock that the log goes by.
  private func today(_ district: TestDistrict) async throws -> CalendarDate {
    try await district.admin.read {
      try $0.query("select (clock_timestamp() at time zone 'Asia/Shanghai')::date")[0].get(0)
    }
  }

  @Test("the list goes by pupil, by user and by day, page by page, newest first")
  func filters() async throws {
    let (district, one, other) = try await school()
    for (student, context) in [
      (one, district.officer), (other, district.officer), (one, district.admin),
    ] {
      _ = try await Students.reveal(student, reason: "核对", in: context)
    }
    try await district.earlier(2, by: district.officer, of: one, ago: "3 days")
    func count(_ filter: AccessLog.Filter) async throws -> Int {
      try await AccessLog.list(filter, in: district.admin).count
    }
    let today = try await today(district)
    #expect(try await count(.init()) == 5)
    #expect(try await count(.init(person: one)) == 4)
    #expect(try await count(.init(person: one, by: "officer")) == 3)
    #expect(try await count(.init(by: "admin")) == 1)
    #expect(try await count(.init(by: "nobody")) == 0)
    #expect(try await count(.init(from: today.adding(days: -1))) == 3)
    #expect(try await count(.init(to: today.adding(days: -2))) == 2)
    let whole = try await AccessLog.list(in: district.admin)
    #expect(whole.map(\.at) == whole.map(\.at).sorted(by: >))
    var pages: [UUID] = []
    while true {
      let page = try await AccessLog.list(after: pages.last, limit: 2, in: district.admin)
      if page.isEmpty { break }
      pages += page.map(\.id)
    }
    #expect(pages == whole.map(\.id))
    #expect(
      await code { _ = try await AccessLog.list(after: UUID.unknown, in: district.admin) }
        == "page.cursor")
  }

  @Test("a principal sees the own school alone, an auditor all with names masked, others nothing")
  func readers() async throws {
    let (district, one, _) = try await school()
    _ = try await Students.reveal(one, reason: "核对", in: district.admin)
    _ = try await Reports.make(
      Reports.Request(
        .hardship, semester: TestDistrict.autumn, date: TestDistrict.today, reveal: "上报"),
      in: district.admin)
    let principal = try await district.person("principal", .principal, school: district.school.id)
    let other = try await district.person(
      "other-principal", .principal, school: district.otherSchool.id)
    let own = try await AccessLog.list(in: principal)
    #expect(own.count == 3 && own.allSatisfy { $0.by == "admin" && $0.school == "第一小学" })
    #expect(own.contains { $0.name == "试甲" })
    #expect(try await AccessLog.list(in: other).isEmpty)
    #expect(try await AccessLog.list(.init(person: one), in: other).isEmpty)
    let auditor = try await district.person("auditor", .auditor)
    #expect(try await AccessLog.list(in: auditor).allSatisfy { $0.name?.contains("*") == true })
    let matcher = try await district.person("matcher", .matcher)
    for context in [matcher, district.officer] {
      let today = TestDistrict.today
      #expect(await code { _ = try await AccessLog.list(in: context) } == "access.forbidden")
      #expect(
        await code { _ = try await AccessLog.flags(from: today, to: today, in: context) }
          == "access.forbidden")
      #expect(
        await code { _ = try await AccessLog.statement(of: one, askedBy: "母亲", in: context) }
          == "access.forbidden")
    }
    #expect(
      await code { _ = try await AccessLog.statement(of: one, askedBy: "母亲", in: other) }
        == "student.unknown")
  }

  @Test("the guardian is told days, roles, kinds of data and reasons: no login, no other child")
  func statement() async throws {
    let (district, one, other) = try await school()
    _ = try await Students.reveal(one, reason: "银行退汇", in: district.officer)
    _ = try await Students.reveal(other, reason: "另一名学生的事", in: district.officer)
    _ = try await Reports.make(
      district.request(.hardship, reveal: "上报区里"), in: district.admin)
    let principal = try await district.person("principal", .principal, school: district.school.id)
    let told = try await AccessLog.statement(of: one, askedBy: "母亲", in: principal)
    #expect(told.lines.map(\.reason) == ["银行退汇", "上报区里"])
    #expect(told.lines.map(\.role) == [.schoolOfficer, .districtAdmin])
    #expect(told.lines.first?.what.contains(.guardianPhone) == true)
    let path = "\(TestPlatform.directory)/\(UUID().lowercase).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await told.write(.zh, on: TestDistrict.today, asXlsx: true, to: path)
    let text = try TestDistrict.allText(path)
    #expect(text.contains("试甲") && text.contains("学校资助专干") && text.contains("银行退汇"))
    for hidden in ["officer", "admin", "试乙", "另一名", "990000"] {
      #expect(!text.contains(hidden), "\(hidden)")
    }
    let trail = try await Audit.list(
      .init(subject: one, action: "access.statement"), in: district.admin)
    #expect(trail.count == 1 && trail[0].after?.contains("母亲") == true)
    for asked in ["", "  ", "13900000000"] {
      #expect(
        await code { _ = try await AccessLog.statement(of: one, askedBy: asked, in: principal) }
          == "access.asked_by_missing")
    }
  }

  @Test("after a move the new school tells also what the old one saw")
  func statementAfterMove() async throws {
    let (district, one, _) = try await school()
    _ = try await Students.reveal(one, reason: "转学前核对", in: district.officer)
    _ = try await StudentMoves.move(
      one, to: SchoolCode(district.otherSchool.code), on: TestDistrict.today,
      today: TestDistrict.today, in: district.admin)
    let old = try await district.person("principal", .principal, school: district.school.id)
    let new = try await district.person(
      "new-principal", .principal, school: district.otherSchool.id)
    let told = try await AccessLog.statement(of: one, askedBy: "父亲", in: new)
    #expect(told.lines.map(\.reason) == ["转学前核对"])
    #expect(
      await code { _ = try await AccessLog.statement(of: one, askedBy: "父亲", in: old) }
        == "student.unknown")
    #expect(try await AccessLog.list(in: new).isEmpty)
  }

  @Test("unusual looks are flagged by rule, and usual ones are not")
  func flags() async throws {
    let (district, one, other) = try await school()
    let today = try await today(district)
    func flags(_ context: Context? = nil) async throws -> [AccessLog.Flag] {
      try await AccessLog.flags(
        from: today.adding(days: -9), to: today, in: context ?? district.admin)
    }
    /// Time since a moment of an earlier day in China, as an interval.
    func since(_ days: Int, _ time: String) async throws -> String {
      let day = today.adding(days: -days)
      return try await district.admin.read {
        try $0.query(
          """
          select (clock_timestamp() - ($1::date + $2::text::time) at time zone 'Asia/Shanghai')::text
          """, day, time
        )[0].get(0)
      }
    }
    let colleague = try await district.person(
      "colleague", .schoolOfficer, school: district.school.id)
    try await district.earlier(
      2, by: district.officer, of: one, ago: try await since(3, "10:00"))
    try await district.earlier(
      14, by: district.officer, of: other, ago: try await since(4, "10:00"))
    #expect(try await flags().isEmpty)

    try await district.earlier(1, by: district.officer, of: other, ago: try await since(4, "10:30"))
    let many = try await flags()
    #expect(many.map(\.rule) == [.manyInAnHour] && many[0].by == "officer" && many[0].count == 15)

    try await district.earlier(3, by: colleague, of: other, ago: try await since(5, "22:10"))
    try await district.earlier(1, by: colleague, of: other, ago: try await since(6, "05:59"))
    try await district.earlier(1, by: colleague, of: other, ago: try await since(6, "06:01"))
    let late = try await flags().filter { $0.rule == .outsideHours }
    #expect(late.map(\.count) == [3, 1] && late.allSatisfy { $0.by == "colleague" })

    try await district.earlier(1, by: colleague, of: one, ago: try await since(3, "11:00"))
    #expect(try await flags().filter { $0.rule == .onePupilByMany }.isEmpty)
    try await district.earlier(1, by: district.admin, of: one, ago: try await since(3, "12:00"))
    let same = try await flags().filter { $0.rule == .onePupilByMany }
    #expect(same.map(\.student) == [one] && same[0].count == 3 && same[0].by == nil)

    try await district.earlier(2, by: district.admin, of: other, ago: try await since(7, "10:00"))
    try await district.earlier(1, by: district.admin, of: one, ago: try await since(7, "16:00"))
    let own = district.code
    #expect(try await flags().filter { $0.rule == .manySchools }.isEmpty)
    try await TestPlatform.asOwner { session in
      _ = try session.query(
        "update reveal set school_id = gen_random_uuid() where district_id = $1 and login = 'admin'",
        own)
    }
    let schools = try await flags().filter { $0.rule == .manySchools }
    #expect(schools.map(\.count) == [3] && schools[0].by == "admin")

    _ = try await Reports.make(
      district.request(.hardship, reveal: "上报区里"), in: district.officer)
    _ = try await Reports.make(
      district.request(.hardship, reveal: "再次上报"), in: district.officer)
    let first = try await flags().filter { $0.rule == .firstExport }
    #expect(first.count == 1 && first[0].by == "officer" && first[0].count == 2)

    let principal = try await district.person(
      "other-principal", .principal, school: district.otherSchool.id)
    #expect(try await flags(principal).isEmpty)
    #expect(
      await code {
        _ = try await AccessLog.flags(from: today, to: today.adding(days: -1), in: district.admin)
      } == "access.period_reversed")
    #expect(
      await code {
        _ = try await AccessLog.flags(from: today.adding(days: -366), to: today, in: district.admin)
      } == "access.period_too_long")
  }

  @Test("the trail goes by who, what, record and day, each along its index")
  func auditFilters() async throws {
    let (district, one, _) = try await school()
    _ = try await Students.reveal(one, reason: "核对", in: district.officer)
    _ = try await district.give(100)
    func list(_ filter: Audit.Filter) async throws -> [Audit.Entry] {
      try await Audit.list(filter, limit: 1_000, in: district.admin)
    }
    let whole = try await list(.init())
    #expect(whole.map(\.at) == whole.map(\.at).sorted(by: >))
    #expect(try await list(.init(by: "officer")).map(\.action) == ["identity.reveal"])
    #expect(try await list(.init(action: "donation.record")).count == 1)
    #expect(try await list(.init(by: "officer", action: "donation.record")).isEmpty)
    let today = try await today(district)
    #expect(try await list(.init(from: today)).count == whole.count)
    #expect(try await list(.init(to: today.adding(days: -1))).isEmpty)
    var pages: [UUID] = []
    while true {
      let page = try await Audit.list(
        .init(by: "admin"), after: pages.last, limit: 3, in: district.admin)
      if page.isEmpty { break }
      pages += page.map(\.id)
    }
    #expect(pages == (try await list(.init(by: "admin"))).map(\.id))
  }

  @Test(
    "a filtered list is read along the index of its filter",
    arguments: [
      ("audit_by_time", "plain"), ("audit_by_actor", "by"), ("audit_by_action", "action"),
      ("audit_by_subject", "subject"), ("audit_by_school", "school"),
    ])
  func plans(index: String, filter: String) async throws {
    let (district, one, _) = try await school()
    let code = district.code
    let lines: [String] = try await TestPlatform.asOwner { session in
      try session.script(
        SQL(
          trusted: """
            begin;
            insert into audit (district_id, id, school_id, at, actor_id, action, subject, subject_id)
            select '\(code)', gen_random_uuid(), gen_random_uuid(), now() - n * interval '1 minute',
              gen_random_uuid(), 'x.' || n % 50, 'x', gen_random_uuid()
            from generate_series(1, 3000) n;
            analyze audit; set local role yibang_app; set local enable_sort = off;
            set local plan_cache_mode = force_custom_plan; set local yibang.district = '\(code)'
            """))
      defer { try? session.script("rollback") }
      let named = (subject: filter == "subject" ? one : nil, school: filter == "school" ? one : nil)
      return try session.query(
        SQL(trusted: "explain \(Audit.list.text)"), code, named.subject, nil as UUID?, 100,
        filter == "by" ? "officer" : nil, filter == "action" ? "x.7" : nil,
        CalendarDate("2020-01-01"), nil as CalendarDate?, named.school
      ).map { try $0.get(0) }
    }
    #expect(lines.contains { $0.contains("using \(index)") }, "\(lines.joined(separator: "\n"))")
    #expect(!lines.contains { $0.contains("Sort") || $0.contains("Seq Scan on audit") }, "\(lines)")
  }
}
