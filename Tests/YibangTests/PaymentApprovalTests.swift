import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Approving payment batches")
struct PaymentApprovalTests {
  private static let today = TestDistrict.today

  private static func approve(
    _ batch: UUID, _ context: Context, today: CalendarDate = TestDistrict.approval
  ) async -> String? {
    await code { try await PaymentBatches.approve(batch, today: today, in: context) }
  }

  @Test("the maker never approves, and a second person is enough below the limit")
  func makerNotChecker() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(2)
    let batch = try await district.draft(.study, 500)
    #expect(await Self.approve(batch, district.second) == "payment.state")
    let submission = try await PaymentBatches.submit(batch, in: district.admin)
    #expect(submission.total.fen == 1_000)
    #expect(submission.approvalsNeeded == 1)
    #expect(await Self.approve(batch, district.admin) == "payment.maker_approves")
    #expect(
      await code {
        try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
      } == "payment.state")
    let state = try await PaymentBatches.approve(
      batch, today: TestDistrict.approval, in: district.second)
    #expect(state == .approved)
    let budgets = try await Budgets.list(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    #expect(budgets.first { $0.kind == .general }?.committed.fen == 1_000)
    try await district.healthy()
  }

  @Test("above the limit it takes a third person, another than the second")
  func thirdPerson() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(2)
    let third = try await PaymentBatchTests.user("third", .finance, district)
    _ = try await Payments.setLimits(
      school: nil, thirdAbove: Money(fen: 999), direct: nil, in: district.admin)
    let batch = try await district.draft(.study, 500)
    #expect(try await PaymentBatches.submit(batch, in: district.admin).approvalsNeeded == 2)
    #expect(
      try await PaymentBatches.approve(batch, today: TestDistrict.approval, in: district.second)
        == .submitted)
    #expect(await Self.approve(batch, district.second) == "payment.approved_before")
    #expect(await Self.approve(batch, district.admin) == "payment.maker_approves")
    // The limit of the day it was submitted holds.
    _ = try await Payments.setLimits(
      school: nil, thirdAbove: Money(fen: 1_000_000), direct: nil, in: district.admin)
    #expect(
      try await PaymentBatches.approve(batch, today: TestDistrict.approval, in: third) == .approved)
    let detail = try await PaymentBatches.show(batch, in: district.admin)
    #expect(detail.approvals.map(\.login) == ["second", "third"])
  }

  @Test("a changed draft loses its approvals, and lines change in a draft alone")
  func changed() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(3)
    let batch = try await district.approvedBatch(.study, 500)
    #expect(
      await code {
        try await PaymentBatches.amend(
          batch, line: 1, amount: Money(fen: 9_000), in: district.admin)
      } == "payment.state")
    try await PaymentBatches.withdraw(batch, in: district.admin)
    #expect(
      await code {
        try await PaymentBatches.amend(batch, line: 1, amount: Money(fen: 9), in: district.second)
      } == "payment.only_maker")
    try await PaymentBatches.amend(batch, line: 1, amount: Money(fen: 700), in: district.admin)
    try await PaymentBatches.amend(batch, line: 3, amount: nil, in: district.admin)
    #expect(try await PaymentBatches.submit(batch, in: district.admin).total.fen == 1_200)
    let detail = try await PaymentBatches.show(batch, in: district.admin)
    #expect(detail.approvals.map(\.counts) == [false])
    #expect(
      await code {
        try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
      } == "payment.state")
    #expect(await Self.approve(batch, district.second) == nil)
    _ = try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
    #expect(try await district.general().closing.fen == 8_800)
    try await district.healthy()
  }

  @Test(
    "the application's role cannot change a line or a state behind the operations' back",
    arguments: [
      "update payment_line set amount_fen = 1", "delete from payment_line",
      "update payment_batch set state = 'approved'", "delete from payment_approval",
      "insert into payment_approval select * from payment_approval",
      "update payment_line set state = 'received'",
      "insert into payment_batch (district_id, id, state) values ('1', gen_random_uuid(), 'paid')",
      "select payment_batch_lock(gen_random_uuid(), '{draft}')",
      "update clawback set due_fen = 1", "delete from clawback_entry",
    ])
  func noBackDoor(statement: String) async throws {
    let district = try await TestDistrict.make()
    let error = await failure {
      try await district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    guard case .privilege? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("nothing is approved before its semester has begun or is open (openspp #538)")
  func beforeTheSemester() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let batch = try await district.draft(.study, 500)
    _ = try await PaymentBatches.submit(batch, in: district.admin)
    #expect(
      await Self.approve(batch, district.second, today: CalendarDate("2026-08-31")!)
        == "payment.not_begun")
    let next = Semester("2026-2027-2")!
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    #expect(
      await code {
        try await PaymentBatches.make(
          NewPaymentBatch(
            school: district.school, fund: fund, purpose: .study, semester: next, title: "春季"),
          rule: .fixed(Money(fen: 5)), in: district.admin)
      } == "semester.unknown")
    #expect(await Self.approve(batch, district.second) == nil)
  }

  @Test("no payment is dated before its approval, whatever came of an earlier one")
  func beforeTheApproval() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let batch = try await district.approvedBatch(.study, 500)
    try await PaymentBatches.withdraw(batch, in: district.admin)
    _ = try await PaymentBatches.submit(batch, in: district.admin)
    #expect(await Self.approve(batch, district.second, today: Self.today) == nil)
    let error = await failure {
      try await PaymentBatches.pay(
        batch, on: try #require(CalendarDate("2026-11-19")), in: district.admin)
    }
    guard case .beforeApproval(let day)? = error as? PaymentError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(day == Self.today)
    #expect((error as? any YibangError)?.code == "payment.before_approval")
    #expect(try await district.general().closing.fen == 10_000)
    _ = try await PaymentBatches.pay(batch, on: Self.today, in: district.admin)
    #expect(try await district.general().closing.fen == 9_500)
    try await district.healthy()
  }

  @Test("what is paid after its semester keeps its day, and is booked on the semester's last")
  func afterTheSemester() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 100_000)
    let made = try await Payouts.makeBatch(
      TestDistrict.autumn, school: district.school, title: "一帮一", in: district.admin)
    _ = try await PaymentBatches.submit(made.batch, in: district.admin)
    let approval = TestDistrict.afterAutumn
    #expect(await Self.approve(made.batch, district.second, today: approval) == nil)
    let lastDay = try #require(CalendarDate("2027-01-31"))
    #expect(
      await code { try await PaymentBatches.pay(made.batch, on: lastDay, in: district.admin) }
        == "payment.before_approval")
    _ = try await PaymentBatches.pay(made.batch, on: approval, in: district.admin)
    #expect(try await PaymentBatches.show(made.batch, in: district.admin).batch.paidOn == approval)
    #expect(try await district.closing(.sponsorship) == 0)
    let line = try await district.coverage("2027-02-02")
    #expect((line.children, line.bySponsor, line.late) == (1, 0, 1))
    #expect(line.gaps.map(\.paidOn) == [approval])
    try await district.healthy()
  }

  @Test("a submitted batch does not survive its semester's closing unnoticed")
  func closing() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 500)
    let error = await failure { try await district.close(TestDistrict.autumn) }
    guard case .openItems(_, let items)? = error as? ClosingError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(items.map(\.kind) == [.paymentBatch])
    #expect(items[0].what.zh.contains("十月补助"))
    _ = try await PaymentBatches.confirm(
      batch, lines: nil, as: .received, on: Self.today, in: district.admin)
    #expect(try await district.close(TestDistrict.autumn) != nil)
  }

  @Test("of parallel approvals only as many pass as the fund can pay", arguments: [0, 1])
  func parallelApprovals(budgeted: Int) async throws {
    let district = try await TestDistrict.make()
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    _ = try await district.give(budgeted == 1 ? 100_000 : 3_500)
    if budgeted == 1 {
      try await Budgets.plan(
        fund: fund, TestDistrict.autumn, amount: Money(fen: 3_500), in: district.admin)
    }
    for number in 0..<8 {
      try await Funds.addPurpose(
        code: "aid\(number)", name: Text("用途\(number)", ""), in: district.admin)
      try await Funds.allow(Purpose(rawValue: "aid\(number)"), fund: fund, in: district.admin)
    }
    try await district.pupils(1)
    var batches: [UUID] = []
    for number in 0..<8 {
      let batch = try await district.draft(Purpose(rawValue: "aid\(number)"), 1_000)
      _ = try await PaymentBatches.submit(batch, in: district.admin)
      batches.append(batch)
    }
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for batch in batches { group.addTask { await Self.approve(batch, district.second) } }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 3)
    let refusal = budgeted == 1 ? "fund.over_budget" : "fund.insufficient"
    #expect(outcomes.count { $0 == refusal } == 5)
    let approved = try await PaymentBatches.list(state: .approved, in: district.admin)
    for batch in approved {
      _ = try await PaymentBatches.pay(batch.id, on: TestDistrict.october, in: district.admin)
    }
    let paid = try await PaymentBatches.list(state: .paid, in: district.admin)
    #expect(paid.count == 3)
    try await district.healthy()
  }

  @Test("approved money can be neither spent nor taken back otherwise")
  func held() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(1_000)
    try await district.pupils(1)
    let batch = try await district.approvedBatch(.study, 800)
    let refund = await code {
      try await Giving.reverse(
        gift, amount: Money(fen: 201), as: .refund, on: Self.today,
        semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    }
    #expect(refund == "fund.insufficient")
    try await PaymentBatches.withdraw(batch, in: district.admin)
    _ = try await Giving.reverse(
      gift, amount: Money(fen: 201), as: .refund, on: Self.today, semester: TestDistrict.autumn,
      reason: "退还", in: district.admin)
    try await district.healthy()
  }

  @Test("a school's own people cannot approve the district's money")
  func districtFund() async throws {
    let district = try await TestDistrict.make()
    let fund = try await Funds.fund(for: nil, school: nil, in: district.admin)
    try await district.pupils(1)
    let principal = try await PaymentBatchTests.user("head", .principal, district)
    let batch = try await PaymentBatches.make(
      district.newBatch(fund: fund), rule: .fixed(Money(fen: 5)), in: district.admin)
    _ = try await PaymentBatches.submit(batch, in: district.admin)
    #expect(await Self.approve(batch, principal) == "payment.other_place")
    let other = try await Funds.fund(
      for: nil, school: district.otherSchool.id, in: district.admin)
    #expect(
      await code {
        try await PaymentBatches.make(
          district.newBatch(.living, fund: other), rule: .fixed(Money(fen: 5)), in: district.admin)
      } == "fund.unknown")
  }
}
