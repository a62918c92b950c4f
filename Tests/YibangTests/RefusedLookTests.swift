import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Looks that were refused")
struct RefusedLookTests {
  private func school() async throws -> (TestDistrict, UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(RosterImportTests.roster)
    return (district, try await district.student(named: "试甲"))
  }

  private func log(_ context: Context) async throws -> [RefusedLooks.Entry] {
    try await RefusedLooks.list(limit: 1_000, in: context)
  }

  @Test("without right, of another school's pupil or over the limit: a row stays, and nothing else")
  func kept() async throws {
    let (district, student) = try await school()
    let matcher = try await district.person("matcher", .matcher)
    _ = await code { try await Students.reveal(student, reason: "核对", in: matcher) }
    _ = await code { try await Students.reveal(student, reason: "核对", in: district.otherOfficer) }
    try await district.earlier(30, by: district.officer, of: student, ago: "30 minutes")
    _ = await code { try await Students.reveal(student, reason: "核对", in: district.officer) }
    let found = try await log(district.admin)
    #expect(
      found.map(\.refusal) == ["reveal.too_many", "student.unknown", "access.forbidden"])
    #expect(found.map(\.by) == ["officer", "other-officer", "matcher"])
    #expect(found.allSatisfy { $0.student == student && $0.donor == nil && $0.way == .pupil })
    #expect(found.map(\.school) == ["第一小学", "第一中学", "第一小学"])
    #expect(try await district.reveals().count == 30)
    let one = try await RefusedLooks.list(by: "matcher", in: district.admin)
    #expect(one.map(\.role) == [.matcher])
    let next = try await RefusedLooks.list(after: found[0].id, limit: 1, in: district.admin)
    #expect(next.map(\.id) == [found[1].id])
  }

  @Test("a donor, a register, application forms, a payment sheet, categories: each by its way")
  func everyWay() async throws {
    let (district, student) = try await school()
    let matcher = try await district.person("matcher", .matcher)
    let donor = try await district.donor("试捐赠人", anonymous: false)
    _ = await code { try await Donors.reveal(donor, reason: "核对", in: matcher) }
    _ = await code { try await Donors.reveal(UUID.v7(), reason: "核对", in: district.admin) }
    _ = await code {
      try await Reports.make(district.request(.hardship, reveal: "核对"), in: matcher)
    }
    _ = await code { try await Recognitions.history(of: student, reveal: "核对", in: matcher) }
    let found = try await log(district.admin)
    #expect(found.map(\.way) == [.recognition, .report, .donor, .donor])
    #expect(found.map(\.student) == [student, nil, nil, nil])
    #expect(found[3].donor == donor && found[2].refusal == "donor.unknown")
  }

  @Test("what is badly put, or not private, leaves nothing")
  func nothing() async throws {
    let (district, student) = try await school()
    for reason in ["", "电话 19900000001", "试甲家长来电"] {
      _ = await code { try await Students.reveal(student, reason: reason, in: district.officer) }
    }
    _ = await code { try await Recognitions.history(of: UUID.v7(), in: district.officer) }
    _ = try await Students.reveal(student, reason: "核对", in: district.officer)
    #expect(try await log(district.admin).isEmpty)
  }

  @Test("a principal sees those of the own school, an auditor all, others none; no name in any")
  func readers() async throws {
    let (district, student) = try await school()
    let principal = try await district.person(
      "principal", .principal, school: district.school.id)
    let auditor = try await district.person("auditor", .auditor)
    let matcher = try await district.person("matcher", .matcher)
    for context in [matcher, district.otherOfficer] {
      _ = await code { try await Students.reveal(student, reason: "核对", in: context) }
    }
    #expect(try await log(principal).map(\.by) == ["matcher"])
    let all = try await log(auditor)
    #expect(all.count == 2 && !String(describing: all).contains("试甲"))
    #expect(await code { _ = try await log(district.officer) } == "access.forbidden")
  }

  @Test("five in a day are flagged, four are not")
  func flagged() async throws {
    let (district, student) = try await school()
    let matcher = try await district.person("matcher", .matcher)
    let today: CalendarDate = try await district.admin.read {
      try $0.query("select (clock_timestamp() at time zone 'Asia/Shanghai')::date")[0].get(0)
    }
    func flags() async throws -> [AccessLog.Flag] {
      try await AccessLog.flags(from: today.adding(days: -1), to: today, in: district.admin)
        .filter { $0.rule == .manyRefused }
    }
    for number in 1...5 {
      #expect(try await flags().isEmpty, "before \(number)")
      _ = await code { try await Students.reveal(student, reason: "核对", in: matcher) }
    }
    let found = try await flags()
    #expect(found.map(\.count) == [5] && found[0].by == "matcher" && found[0].role == .matcher)
  }

  @Test("no program takes a row back")
  func stays() async throws {
    let (district, _) = try await school()
    for statement in ["delete from reveal_refused", "update reveal_refused set login = 'x'"] {
      let error = await failure {
        try await district.admin.write { try $0.script(SQL(trusted: statement)) }
      }
      #expect((error as? PostgresError)?.detail?.sqlstate == "42501")
    }
  }
}
