import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  /// The log, oldest first.
  func reveals() async throws -> [AccessLog.Entry] {
    try await AccessLog.list(limit: 10_000, in: admin).reversed()
  }

  /// Somebody of a role, registered.
  func person(_ login: String, _ role: Role, school: UUID? = nil) async throws -> Context {
    _ = try await Users.add(login: login, name: login, role: role, school: school, in: admin)
    return try await asUser(login)
  }

  /// Looks that somebody took earlier, so long ago.
  func earlier(
    _ count: Int, by context: Context, of student: UUID, ago: String, way: Reveals.Way = .pupil,
    records: Int = 1
  ) async throws {
    let (code, actor) = (code, context.actor)
    let insert = SQL(
      trusted: """
        with entry as (
          insert into audit (district_id, id, school_id, actor_id, action, subject)
          select $1, gen_random_uuid(), s.school_id, $2, 'identity.reveal', 'student'
          from generate_series(1, $5::int8), student s
          where s.district_id = $1 and s.id = $4
          returning id, school_id
        )
        insert into reveal (
          district_id, id, audit_id, school_id, at, actor_id, login, role, way, subject, subject_id,
          what, reason, records
        )
        select $1, gen_random_uuid(), id, school_id, clock_timestamp() - interval '\(ago)', $2, $3,
          $6, $7, 'student', $4, '{resident_id}', '核对', $8::int8
        from entry
        """)
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        insert, code, actor.userID, actor.login, student, count, actor.role.rawValue,
        way.rawValue, records)
    }
  }
}

@Suite("Showing identities")
struct RevealTests {
  private func school() async throws -> (TestDistrict, UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    return (district, try await district.student(named: "试甲"))
  }

  @Test("a pupil's identity is shown for a reason, and who, when, what and why is kept with it")
  func onePupil() async throws {
    let (district, student) = try await school()
    let shown = try await Students.reveal(student, reason: "银行退汇核对", in: district.officer)
    #expect(shown.name == "试甲" && shown.residentID == "990000201503010017")
    #expect(shown.guardians.map(\.name) == ["试父"])
    #expect(shown.guardians.map(\.phone) == ["19900000001"])
    let log = try await district.reveals()
    let entry = try #require(log.first)
    #expect(log.count == 1 && entry.student == student && entry.by == "officer")
    #expect(entry.role == .schoolOfficer && entry.way == .pupil && entry.reason == "银行退汇核对")
    #expect(entry.what.contains(.residentID) && entry.school == "第一小学")
    let trail = try await Audit.list(.init(subject: student), limit: 1, in: district.admin)
    #expect(trail.first?.id == entry.act && trail.first?.action == "identity.reveal")
    #expect(trail.first?.after?.contains("9900002015") == false)
  }

  @Test("without right, reason or pupil nothing is shown and nothing logged")
  func refused() async throws {
    let (district, student) = try await school()
    let matcher = try await district.person("matcher", .matcher)
    let auditor = try await district.person("auditor", .auditor)
    for context in [matcher, auditor] {
      #expect(
        await code { _ = try await Students.reveal(student, reason: "核对", in: context) }
          == "access.forbidden")
    }
    let reasons = [
      ("", "report.reason_missing"), ("核", "report.reason_missing"),
      ("电话 19900000001", "report.reason_identifies"), ("试甲家长来电", "reveal.reason_names"),
    ]
    for (reason, expected) in reasons {
      #expect(
        await code { _ = try await Students.reveal(student, reason: reason, in: district.officer) }
          == expected)
    }
    #expect(
      await code { _ = try await Students.reveal(student, reason: "核对", in: district.otherOfficer) }
        == "student.unknown")
    #expect(try await district.reveals().isEmpty)
  }

  @Test("thirty an hour and two hundred in a day, each told when to come back")
  func limits() async throws {
    let (district, student) = try await school()
    try await district.earlier(30, by: district.officer, of: student, ago: "30 minutes")
    let error = await failure {
      try await Students.reveal(student, reason: "核对", in: district.officer)
    }
    guard case .tooMany(let seconds)? = error as? RevealError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect((1700...1800).contains(seconds))
    #expect((error as? RevealError)?.category == .tooMany(retryAfter: seconds))
    // Another's looks are another's, also of donors.
    _ = try await Students.reveal(student, reason: "核对", in: district.admin)
    let donor = try await district.donor("试捐赠人", anonymous: false)
    #expect(
      await code { _ = try await Donors.reveal(donor, reason: "核对", in: district.officer) }
        == "reveal.too_many")
    try await district.earlier(198, by: district.admin, of: student, ago: "23 hours")
    _ = try await Students.reveal(student, reason: "核对", in: district.admin)
    let second = await failure {
      try await Students.reveal(student, reason: "核对", in: district.admin)
    }
    guard case .tooMany(let day)? = second as? RevealError else {
      Issue.record("\(String(describing: second))")
      return
    }
    #expect((3500...3600).contains(day))
  }

  @Test("what is older than an hour and a day counts no more, nor do whole lists")
  func passed() async throws {
    let (district, student) = try await school()
    try await district.earlier(100, by: district.officer, of: student, ago: "61 minutes")
    try await district.earlier(300, by: district.officer, of: student, ago: "25 hours")
    try await district.earlier(
      400, by: district.officer, of: student, ago: "1 minute", way: .report, records: 400)
    _ = try await Students.reveal(student, reason: "核对", in: district.officer)
  }

  @Test("forty at once by twenty clients are never more than the limit")
  func atOnce() async throws {
    let (district, student) = try await school()
    try await district.earlier(10, by: district.officer, of: student, ago: "1 minute")
    let shown = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 {
        group.addTask {
          var shown = 0
          for _ in 0..<2 {
            do {
              _ = try await Students.reveal(student, reason: "核对", in: district.officer)
              shown += 1
            } catch RevealError.tooMany {}
          }
          return shown
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(shown == 20)
    #expect(try await district.reveals().count == 30)
  }

  @Test("counting reads the looks of one user along the index")
  func plan() async throws {
    let (district, student) = try await school()
    let (code, user) = (district.code, district.officer.actor.userID)
    try await district.earlier(50, by: district.officer, of: student, ago: "1 minute")
    let lines: [String] = try await TestPlatform.asOwner { session in
      // Among many looks of others: of a few rows any plan is as good.
      try session.script(
        SQL(
          trusted: """
            begin; set local session_replication_role = replica;
            insert into reveal (
              district_id, id, audit_id, actor_id, login, role, way, subject, subject_id, what,
              reason, records
            )
            select '\(code)', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'u' || n,
              'matcher', 'pupil', 'student', gen_random_uuid(), '{address}', '核对', 1
            from generate_series(1, 3000) n;
            analyze reveal; set local role yibang_app; set local enable_sort = off;
            set local yibang.district = '\(code)'
            """))
      defer { try? session.script("rollback") }
      return try session.query(
        SQL(trusted: "explain \(Reveals.earlier.text)"), code, user, 29, 199
      ).map { try $0.get(0) }
    }
    #expect(lines.count { $0.contains("using reveal_one_by_one") } == 2, "\(lines)")
    #expect(!lines.contains { $0.contains("Sort") }, "\(lines)")
  }

  @Test("an export of a whole list leaves one row a pupil, of one act")
  func export() async throws {
    let (district, student) = try await school()
    let report = try await Reports.make(
      district.request(.hardship, reveal: "上报区里"), in: district.officer)
    let log = try await district.reveals()
    #expect(log.count == report.rowCount && log.count == 2)
    #expect(Set(log.map(\.act)).count == 1 && log.allSatisfy { $0.records == 2 })
    #expect(log.contains { $0.student == student } && Set(log.compactMap(\.student)).count == 2)
    #expect(log.allSatisfy { $0.way == .report && !$0.what.contains(.residentID) })
    _ = try await Reports.make(district.request(.hardship), in: district.officer)
    #expect(try await district.reveals().count == 2, "masked, it reveals nothing")
  }

  @Test("a sheet of payment, application forms and categories are logged by pupil")
  func otherPapers() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(3)
    let batch = try await district.approvedBatch(.living, 1_000)
    let path = "\(TestPlatform.directory)/\(UUID().lowercase).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try await PaymentSheet.write(
      batch, to: path, as: .xlsx, reveal: "银行代发", date: TestDistrict.today, in: district.officer)
    _ = try await ApplicationForm.write(
      .init(
        school: district.school, year: TestDistrict.autumn.schoolYear, pupils: .all,
        reveal: "家长签字"), to: path, in: district.officer)
    let log = try await district.reveals()
    #expect(log.filter { $0.way == .paymentSheet && $0.what == [.residentID] }.count == 3)
    #expect(log.filter { $0.way == .applicationForm && $0.records == 3 }.count == 3)
    #expect(Set(log.map(\.act)).count == 2 && log.count == 6)
  }

  @Test("a donor's numbers are logged with the donor, and no name in the log")
  func donor() async throws {
    let district = try await TestDistrict.make()
    let donor = try await district.donor("试捐赠人", anonymous: true)
    _ = try await Donors.reveal(donor, reason: "开票", in: district.officer)
    let entry = try #require(try await district.reveals().first)
    #expect(entry.donor == donor && entry.student == nil && entry.name == nil)
    #expect(entry.way == .donor && entry.what == [.residentID, .creditCode, .phone])
  }
}
