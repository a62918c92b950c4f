import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Payment batches")
struct PaymentBatchTests {
  private static let today = TestDistrict.today

  @Test("a batch is a snapshot: what changes about a pupil later does not change it")
  func snapshot() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    try await district.pupils(2)
    let batch = try await district.draft(.study, 500)
    let code = district.code
    try await TestPlatform.asOwner { session in
      _ = try session.execute(
        "update student set name = '改名', grade = '六年级' where district_id = $1", code)
      _ = try session.execute(
        "update recognition set tier = 'special' where district_id = $1", code)
    }
    let lines = try await PaymentBatches.lines(batch, in: district.admin)
    #expect(lines.map(\.name) == ["样1", "样2"])
    #expect(lines.map(\.grade) == ["三年级", "三年级"])
    #expect(lines.map(\.tier) == [.difficult, .difficult])
    #expect(lines.map(\.guardian) == ["家1", "家2"])
    #expect(lines.map(\.figures.due.fen) == [500, 500])
    let finance = try await Self.user("fin", .finance, district)
    #expect(
      try await PaymentBatches.lines(batch, in: finance).map(\.name) == ["样*", "样*"])
  }

  static func user(
    _ login: String, _ role: Role, _ district: TestDistrict
  ) async throws -> Context {
    let school = role.belongsToSchool ? district.school.id : nil
    _ = try await Users.add(
      login: login, name: login, role: role, school: school, in: district.admin)
    return try await district.asUser(login)
  }

  @Test("by tier, each gets the amount due and not the maximum (openspp #728)")
  func byTier() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    try await district.pupils(2, tier: "special")
    try await district.pupils(1, tier: "difficult")
    try await district.pupils(1, tier: "general")
    let batch = try await PaymentBatches.make(
      district.newBatch(), rule: .byTier([.special: Money(fen: 750), .difficult: Money(fen: 500)]),
      in: district.admin)
    #expect(try await district.figures(batch) == [2_000, 0, 0, 0])
    _ = try await PaymentBatches.submit(batch, in: district.admin)
    _ = try await PaymentBatches.approve(batch, today: TestDistrict.approval, in: district.second)
    _ = try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
    #expect(try await district.general().closing.fen == 98_000)
    #expect(try await district.figures(batch) == [2_000, 2_000, 0, 0])
    try await district.healthy()
  }

  @Test("a payment of nothing is refused (SIMS #4357)")
  func nothing() async throws {
    let district = try await TestDistrict.make()
    try await district.pupils(1)
    #expect(await code { try await district.draft(.study, 0) } == "fund.amount_not_positive")
    let batch = try await district.draft(.study, 5)
    #expect(
      await code {
        try await PaymentBatches.amend(batch, line: 1, amount: .zero, in: district.admin)
      } == "fund.amount_not_positive")
    let tenant = district.code
    let error = await failure {
      try await TestPlatform.asOwner { session in
        try session.execute("update payment_line set amount_fen = 0 where district_id = $1", tenant)
      }
    }
    guard case .check(let detail)? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.constraint == "payment_line_amount")
  }

  @Test("only pupils recognised for the school year are paid, and no more once that is revoked")
  func recognition() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    #expect(await code { try await district.draft(.study, 500) } == "payment.no_payee")
    var earlier = TestPupil()
    earlier.schoolYear = 2025
    _ = try await district.pupil(earlier)
    #expect(await code { try await district.draft(.study, 500) } == "payment.no_payee")
    try await district.pupils(1)
    let batch = try await district.approvedBatch(.study, 500)
    let tenant = district.code
    try await TestPlatform.asOwner { session in
      _ = try session.execute(
        "update recognition set state = 'revoked' where district_id = $1", tenant)
    }
    #expect(
      await code {
        try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
      } == "payment.not_recognised")
    try await PaymentBatches.withdraw(batch, in: district.admin)
    #expect(
      await code { try await PaymentBatches.submit(batch, in: district.admin) }
        == "payment.not_recognised")
    #expect(try await district.general().closing.fen == 100_000)
    try await district.healthy()
  }

  @Test("the same key makes one batch")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    try await district.pupils(2)
    let first = try await district.draft(.study, 500, key: "b1")
    #expect(try await district.draft(.study, 500, key: "b1") == first)
    #expect(await code { try await district.draft(.study, 501, key: "b1") } != nil)
    #expect(try await PaymentBatches.list(in: district.admin).count == 1)
  }

  @Test("two batches made at once for the same pupils: one is refused")
  func onceAtTheSameTime() async throws {
    let district = try await TestDistrict.make()
    try await district.pupils(3)
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<8 {
        group.addTask { await code { try await district.draft(.study, 500) } }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 == "payment.already_paid" } == 7)
    // Another purpose, and what is left out, are no conflict.
    _ = try await district.draft(.living, 500)
    var pupil = TestPupil()
    pupil.name = "新来"
    _ = try await district.pupil(pupil)
    var batch = try await district.newBatch()
    batch.leavesOutPaid = true
    let third = try await PaymentBatches.make(
      batch, rule: .fixed(Money(fen: 500)), in: district.admin)
    let lines = try await PaymentBatches.lines(third, in: district.admin)
    #expect(lines.map(\.name) == ["新来"])
  }

  @Test("after a cancellation the pupils can be in another batch")
  func cancelled() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(2)
    let batch = try await district.approvedBatch(.study, 500)
    try await PaymentBatches.cancel(batch, reason: "名单有误", in: district.admin)
    let again = try await district.approvedBatch(.study, 600)
    #expect(
      await code { try await PaymentBatches.cancel(batch, reason: "再次", in: district.admin) }
        == "payment.state")
    _ = try await PaymentBatches.pay(again, on: TestDistrict.october, in: district.admin)
    #expect(
      await code { try await PaymentBatches.cancel(again, reason: "x", in: district.admin) }
        == "payment.state")
    #expect(try await district.general().closing.fen == 8_800)
    try await district.healthy()
  }

  @Test("paying twice pays once, also at the same time")
  func paidOnce() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(3)
    let batch = try await district.approvedBatch(.study, 1_000)
    let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
        }
      }
      return try await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(answers.count { $0 } == 1)
    #expect(try await district.general().closing.fen == 7_000)
    let lines = try await PaymentBatches.lines(batch, in: district.admin)
    #expect(Set(lines.flatMap(\.transfers)).count == 3)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let transfers = try await Funds.transfers(
      fund: fund, TestDistrict.autumn, in: district.admin)
    for line in lines {
      let payment = transfers.first { $0.id == line.transfers[0] }
      #expect(payment?.source == line.id)
      #expect(payment?.amount.fen == -1_000)
    }
    try await district.healthy()
  }

  @Test("a single person pays out little, and learns that more takes a batch")
  func directLimit() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    func pay(_ fen: Int64) async -> String? {
      await code {
        try await Payments.pay(
          Payments.Payment(
            fund: fund, purpose: .education, amount: Money(fen: fen), date: Self.today,
            semester: TestDistrict.autumn, note: "主题班会"), in: district.admin)
      }
    }
    #expect(await pay(100_000) == nil)
    #expect(await pay(100_001) == "payment.above_direct_limit")
    _ = try await Payments.setLimits(
      school: district.school.id, thirdAbove: nil, direct: Money(fen: 200), in: district.admin)
    #expect(await pay(201) == "payment.above_direct_limit")
    #expect(await pay(200) == nil)
    let other = try await Payments.limits(school: district.otherSchool.id, in: district.admin)
    #expect(other.direct.fen == 100_000)
    #expect(other.thirdAbove.fen == 5_000_000)
    #expect(
      await code {
        try await Payments.setLimits(
          school: nil, thirdAbove: .zero, direct: nil, in: district.officer)
      } == "access.forbidden")
  }

  @Test("batches and lines are listed page by page")
  func pages() async throws {
    let district = try await TestDistrict.make()
    try await district.pupils(5)
    let purposes = [Purpose.study, .living, .emergency]
    for purpose in purposes { _ = try await district.draft(purpose, 100) }
    let first = try await PaymentBatches.list(limit: 2, in: district.admin)
    let rest = try await PaymentBatches.list(after: first.last?.id, limit: 2, in: district.admin)
    #expect((first + rest).map(\.purpose) == purposes.reversed())
    #expect(first.map(\.lines) == [5, 5])
    let start = try await PaymentBatches.lines(first[0].id, limit: 3, in: district.admin)
    let end = try await PaymentBatches.lines(
      first[0].id, after: start.last?.number ?? 0, limit: 3, in: district.admin)
    #expect((start + end).map(\.number) == [1, 2, 3, 4, 5])
    #expect(try await PaymentBatches.list(in: district.otherOfficer).isEmpty)
    #expect(try await PaymentBatches.list(in: district.officer).count == 3)
    #expect(
      await code { try await PaymentBatches.show(first[0].id, in: district.otherOfficer) }
        == "payment.unknown_batch")
  }
}
