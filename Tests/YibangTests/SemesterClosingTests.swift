import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Closing a semester")
struct SemesterClosingTests {
  private static func codes(_ items: [OpenItem]) -> [OpenItem.Kind] { items.map(\.kind) }

  private static func items(
    _ district: TestDistrict, today: CalendarDate = TestDistrict.afterAutumn
  ) async throws -> [OpenItem] {
    try await SemesterClosing.openItems(
      TestDistrict.autumn, today: today, in: district.admin)
  }

  @Test("what stands in the way is listed, and refuses the closing")
  func openItems() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    try await district.admin.write { session in
      try Ledger.hold(
        session, fund: fund, semester: TestDistrict.autumn, amount: Money(fen: 4_000))
    }
    let items = try await Self.items(district, today: TestDistrict.today)
    #expect(Self.codes(items) == [.earlierSemester, .notOver, .committed])
    #expect(items[2].what.zh.contains("¥40.00"))
    let error = await failure {
      try await SemesterClosing.close(
        TestDistrict.autumn, today: TestDistrict.today, in: district.admin)
    }
    guard case .openItems(_, let refused)? = error as? ClosingError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refused.count == 3)
    _ = try await district.give(1)
  }

  @Test("closing fixes the balances, and the next semester opens with them")
  func balances() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(3_000, on: "2026-03-01", semester: TestDistrict.spring)
    _ = try await district.give(10_000)
    _ = try await district.close(TestDistrict.autumn)
    let code = district.code
    let fixed = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select c.semester, b.opening_fen, b.closing_fen from semester_closing c
        join closing_balance b on b.district_id = c.district_id and b.closing_id = c.id
        join account a on a.district_id = b.district_id and a.id = b.account_id
        where c.district_id = $1 and a.kind = 'balance' order by 1
        """, code
      ).map { [try $0.get(0) as Int64, try $0.get(1), try $0.get(2)] }
    }
    #expect(
      fixed == [
        [Int64(TestDistrict.spring.ordinal), 0, 3_000],
        [Int64(TestDistrict.autumn.ordinal), 3_000, 13_000],
      ])
    let next = Semester("2026-2027-2")!
    _ = try await Semesters.open(next, in: district.admin)
    let opening = try await Funds.statements(next, school: district.school.id, in: district.admin)
      .first { $0.kind == .general }?.opening
    #expect(opening?.fen == 13_000)
    #expect(try await Doctor.examine(in: district.admin).isEmpty)
    #expect(try await district.close(TestDistrict.autumn) == nil)
  }

  @Test("nothing posts to a closed semester, not even a refund or an approval")
  func closedTakesNothing() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    _ = try await district.close(TestDistrict.autumn)
    let refund = await failure {
      try await Giving.reverse(
        gift, on: TestDistrict.today, semester: TestDistrict.autumn, reason: "退还",
        in: district.admin)
    }
    #expect((refund as? any YibangError)?.code == "fund.semester_closed")
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let hold = await failure {
      try await district.admin.write { session in
        try Ledger.hold(session, fund: fund, semester: TestDistrict.autumn, amount: Money(fen: 1))
      }
    }
    #expect((hold as? any YibangError)?.code == "fund.semester_closed")
    let plan = await failure {
      try await Budgets.plan(
        fund: fund, TestDistrict.autumn, amount: Money(fen: 1), in: district.admin)
    }
    #expect((plan as? any YibangError)?.code == "fund.semester_closed")
  }

  @Test("reopening needs two people, and both closings stay on record")
  func reopening() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    _ = try await district.close(TestDistrict.autumn)
    let early = await failure {
      try await SemesterClosing.approveReopening(TestDistrict.autumn, in: district.second)
    }
    #expect((early as? any YibangError)?.code == "closing.not_requested")
    _ = try await SemesterClosing.requestReopening(
      TestDistrict.autumn, reason: "漏记一笔", in: district.admin)
    let same = await failure {
      try await SemesterClosing.approveReopening(TestDistrict.autumn, in: district.admin)
    }
    #expect((same as? any YibangError)?.code == "closing.same_person")
    let closed = await failure { try await district.give(1) }
    #expect((closed as? any YibangError)?.code == "fund.semester_closed")
    try await SemesterClosing.approveReopening(TestDistrict.autumn, in: district.second)
    _ = try await district.give(500)
    _ = try await district.close(TestDistrict.autumn)
    let code = district.code
    let closings = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select c.in_force, r.requested_by <> r.approved_by from semester_closing c
        left join semester_reopening r on r.district_id = c.district_id and r.closing_id = c.id
        where c.district_id = $1 and c.semester = $2 order by c.id
        """, code, TestDistrict.autumn.ordinal
      ).map { [try $0.get(0) as Bool, try $0.optional(1) as Bool?] }
    }
    #expect(closings == [[false, true], [true, nil]])
    let trail = try await Audit.list(in: district.admin).map(\.action)
    #expect(trail.contains("semester.request_reopening") && trail.contains("semester.reopen"))
    #expect(try await district.general().closing.fen == 10_500)
  }

  @Test("an earlier semester is not reopened under a closed later one")
  func order() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.close(TestDistrict.autumn)
    _ = try await SemesterClosing.requestReopening(
      TestDistrict.spring, reason: "漏记一笔", in: district.admin)
    let error = await failure {
      try await SemesterClosing.approveReopening(TestDistrict.spring, in: district.second)
    }
    #expect((error as? any YibangError)?.code == "closing.later_closed")
  }

  @Test("the application's role cannot open a closed semester by itself")
  func noBackDoor() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.close(TestDistrict.autumn)
    let error = await failure {
      try await district.admin.write { session in
        try session.execute(
          "update semester set state = 'open' where district_id = $1", district.code)
      }
    }
    guard case .privilege? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
