import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Activities")
struct ActivityTests {
  @Test("a logged activity is listed with all that was said of it")
  func logAndList() async throws {
    let district = try await TestDistrict.make()
    var activity = district.activity("　学会感恩，与爱同行 ")
    activity.host = "试 老师"
    activity.participants = 120
    activity.place = "操场"
    activity.outcome = "学生踊跃发言"
    let (id, replayed) = try await Activities.log(activity, in: district.officer)
    #expect(!replayed)
    let listed = try await Activities.list(in: district.officer)
    let line = try #require(listed.first)
    #expect(listed.count == 1)
    #expect((line.id, line.theme, line.host) == (id, "学会感恩，与爱同行", "试老师"))
    #expect((line.participants, line.place, line.outcome) == (120, "操场", "学生踊跃发言"))
    #expect((line.kind, line.semester) == (.gratitude, TestDistrict.autumn))
    let trail = try await Audit.list(.init(subject: id), in: district.admin)
    #expect(trail.map(\.action) == ["activity.log"])
  }

  @Test("a repeated request has one effect and the same answer")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    let first = try await Activities.log(district.activity(), key: "k1", in: district.officer)
    let again = try await Activities.log(district.activity(), key: "k1", in: district.officer)
    #expect((again.id, again.replayed) == (first.id, true))
    #expect(try await Activities.list(in: district.officer).count == 1)
    let error = await failure {
      try await Activities.log(district.activity("另一主题"), key: "k1", in: district.officer)
    }
    #expect((error as? IdempotencyError)?.code == "idempotency.other_request")
  }

  @Test("without a key, two equal activities are two")
  func equalActivities() async throws {
    let district = try await TestDistrict.make()
    async let first = Activities.log(district.activity(), in: district.officer)
    async let second = Activities.log(district.activity(), in: district.officer)
    _ = try await (first, second)
    #expect(try await Activities.list(in: district.officer).count == 2)
  }

  @Test(
    "what an activity cannot be is refused",
    arguments: [
      ("主题", "2026-08-31", 10, "activity.date_outside_semester"),
      ("  ", "2026-09-10", 10, "activity.empty_theme"),
      ("主题", "2026-09-10", -1, "activity.negative_participants"),
      ("感谢来电 13900001234", "2026-09-10", 10, "activity.identifies"),
    ])
  func refused(theme: String, date: String, participants: Int, code: String) async throws {
    let district = try await TestDistrict.make()
    var activity = district.activity(theme, on: date)
    activity.participants = participants
    let error = await failure { try await Activities.log(activity, in: district.officer) }
    #expect((error as? ActivityError)?.code == code)
    #expect(try await Activities.list(in: district.officer).isEmpty)
  }

  @Test("a closed semester takes no activity")
  func closedSemester() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.close(TestDistrict.autumn)
    let error = await failure {
      try await Activities.log(district.activity(), in: district.officer)
    }
    #expect((error as? ActivityError)?.code == "activity.semester_closed")
  }

  @Test(
    "a number that may identify a person is found in free text",
    arguments: [
      ("联系 13900001234", IdentityTrace.mobile), ("电话139 0000 1234。", .mobile),
      ("+86 139-0000-1234", .mobile), ("１３９００００１２３４", .mobile),
      ("走访990000201503010017家", .longNumber), ("990000 20150301 0017", .longNumber),
      ("99000020170520002x", .longNumber), ("990000201503010018", .longNumber),
      ("G990000201503010017", .longNumber), ("6222 0000 0000 0000", .longNumber),
    ] as [(String, IdentityTrace)])
  func traces(text: String, trace: IdentityTrace) {
    #expect(IdentityTrace.first(in: text) == trace)
  }

  @Test(
    "dates, amounts and numbers of documents identify nobody",
    arguments: [
      "2026-09-01 - 2026-09-30", "20260901-20260930", "教财〔2018〕16号", "募集 1,234,567.89 元",
      "参加 199 人", "0871-65100000", "2026 2027 1", "",
    ])
  func noTraces(text: String) {
    #expect(IdentityTrace.first(in: text) == nil)
  }

  @Test("an activity is linked to pairings and donors once, and shows no more of them than it may")
  func links() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster("姓名,班级\n试学生,1班\n")
    let named = try await district.donor("公开捐赠人", anonymous: false)
    let hidden = try await district.donor("隐名捐赠人", anonymous: true)
    let pairing = try await district.pair(district.student(named: "试学生"), with: hidden)
    var activity = district.activity()
    activity.donors = [named]
    let id = try await Activities.log(activity, in: district.officer).id
    let added = try await Activities.link(
      id, pairings: [pairing], donors: [named, hidden], in: district.officer)
    #expect(added == 2)
    let again = try await Activities.link(id, donors: [hidden], in: district.officer)
    #expect(again == 0)
    let line = try #require(try await Activities.list(in: district.officer).first)
    #expect(line.pairings == [pairing])
    #expect(line.donors == ["公开捐赠人", "匿名"])
  }

  @Test("nothing that the actor cannot see can be linked")
  func foreignLinks() async throws {
    let district = try await TestDistrict.make()
    let id = try await Activities.log(district.activity(), in: district.officer).id
    let foreign = try await district.donor(
      "他校捐赠人", anonymous: false, school: district.otherSchool.id)
    let unseen = await failure {
      try await Activities.link(id, donors: [foreign], in: district.officer)
    }
    #expect((unseen as? ActivityError)?.code == "activity.unknown_donor")
    let noPairing = await failure {
      try await Activities.link(id, pairings: [UUID()], in: district.officer)
    }
    #expect((noPairing as? ActivityError)?.code == "activity.unknown_pairing")
    let fromOutside = await failure {
      try await Activities.link(id, donors: [foreign], in: district.otherOfficer)
    }
    #expect((fromOutside as? ActivityError)?.code == "activity.unknown")
  }

  @Test("lists keep to the school, semester and kind asked for")
  func filters() async throws {
    let district = try await TestDistrict.make()
    _ = try await Activities.log(district.activity("秋季感恩"), in: district.officer)
    var spring = district.activity("春季班会", on: "2026-03-10")
    spring.semester = TestDistrict.spring
    spring.kind = .classMeeting
    _ = try await Activities.log(spring, in: district.officer)
    var other = district.activity("他校家访")
    other.school = district.otherSchool.id
    other.kind = .homeVisit
    _ = try await Activities.log(other, in: district.otherOfficer)

    let all = try await Activities.list(in: district.admin)
    #expect(all.map(\.theme) == ["春季班会", "秋季感恩", "他校家访"])
    let autumn = try await Activities.list(
      school: district.school.id, semester: TestDistrict.autumn, in: district.admin)
    #expect(autumn.map(\.theme) == ["秋季感恩"])
    let visits = try await Activities.list(kind: .homeVisit, in: district.admin)
    #expect(visits.map(\.theme) == ["他校家访"])
  }

  @Test("another school sees nothing and writes nothing here")
  func isolation() async throws {
    let district = try await TestDistrict.make()
    _ = try await Activities.log(district.activity(), in: district.officer)
    #expect(try await Activities.list(in: district.otherOfficer).isEmpty)
    let summary = try await Activities.summary(TestDistrict.autumn, in: district.otherOfficer)
    #expect(summary.activities == 0)
    let log = await failure {
      try await Activities.log(district.activity(), in: district.otherOfficer)
    }
    #expect((log as? AccessError)?.code == "access.other_school")
    let list = await failure {
      try await Activities.list(school: district.school.id, in: district.otherOfficer)
    }
    #expect((list as? AccessError)?.code == "access.other_school")
  }

  @Test("who may not log activities is refused")
  func permission() async throws {
    let district = try await TestDistrict.make()
    _ = try await Users.add(
      login: "auditor", name: "审计", role: .auditor, school: nil, in: district.admin)
    let auditor = try await district.asUser("auditor")
    let error = await failure { try await Activities.log(district.activity(), in: auditor) }
    #expect((error as? AccessError)?.code == "access.forbidden")
    #expect(try await Activities.list(in: auditor).isEmpty)
  }

  @Test("a semester's summary counts by kind, with participants and days")
  func summary() async throws {
    let district = try await TestDistrict.make()
    for (date, count) in [("2026-09-10", 100), ("2026-10-10", 50), ("2026-11-10", nil)] {
      var activity = district.activity("感恩教育", on: date)
      activity.participants = count
      _ = try await Activities.log(activity, in: district.officer)
    }
    let summary = try await Activities.summary(
      TestDistrict.autumn, school: district.school.id, in: district.officer)
    #expect((summary.activities, summary.participants, summary.uncounted) == (3, 150, 1))
    #expect(summary.firstOn == CalendarDate("2026-09-10"))
    #expect(summary.lastOn == CalendarDate("2026-11-10"))
    #expect(summary.kinds.map(\.kind) == ActivityKind.allCases)
    #expect(summary.kinds.map(\.activities) == [0, 0, 0, 0, 3, 0, 0])
    let spring = try await Activities.summary(TestDistrict.spring, in: district.officer)
    #expect((spring.activities, spring.firstOn) == (0, nil))
  }
}
