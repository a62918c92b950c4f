import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Budgets")
struct BudgetTests {
  private static func budget(_ fund: UUID, _ district: TestDistrict) async throws -> Budget {
    try await Budgets.list(TestDistrict.autumn, school: district.school.id, in: district.admin)
      .first { $0.fundID == fund }!
  }

  private static func hold(_ fund: UUID, _ fen: Int64, _ district: TestDistrict) async throws {
    try await district.admin.write { session in
      try Ledger.hold(
        session, fund: fund, semester: TestDistrict.autumn, amount: Money(fen: fen))
    }
  }

  private static func pay(_ fund: UUID, _ fen: Int64, _ district: TestDistrict) async throws {
    _ = try await Payments.pay(
      Payments.Payment(
        fund: fund, purpose: .study, amount: Money(fen: fen), date: TestDistrict.today,
        semester: TestDistrict.autumn, note: "测试"), in: district.admin)
  }

  @Test("planned, committed, spent and free follow what happens")
  func figures() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    #expect(try await Self.budget(fund, district).free.fen == 100_000)
    try await Budgets.plan(
      fund: fund, TestDistrict.autumn, amount: Money(fen: 60_000), in: district.admin)
    #expect(try await Self.budget(fund, district).free.fen == 60_000)
    try await Self.hold(fund, 25_000, district)
    try await Self.pay(fund, 10_000, district)
    let budget = try await Self.budget(fund, district)
    #expect(budget.planned?.fen == 60_000)
    #expect(budget.committed.fen == 25_000)
    #expect(budget.spent.fen == 10_000)
    #expect(budget.free.fen == 25_000)
    let over = await failure { try await Self.hold(fund, 25_001, district) }
    #expect((over as? any YibangError)?.code == "fund.over_budget")
    let spent = await failure { try await Self.pay(fund, 25_001, district) }
    #expect((spent as? any YibangError)?.code == "fund.over_budget")
    let cut = await failure {
      try await Budgets.plan(
        fund: fund, TestDistrict.autumn, amount: Money(fen: 34_999), in: district.admin)
    }
    #expect((cut as? any YibangError)?.code == "fund.over_budget")
    try await Budgets.plan(fund: fund, TestDistrict.autumn, amount: nil, in: district.admin)
    #expect(try await Self.budget(fund, district).free.fen == 65_000)
  }

  @Test("what is approved can be neither spent nor refunded")
  func held() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    try await Self.hold(fund, 8_000, district)
    let spend = await failure { try await Self.pay(fund, 2_001, district) }
    #expect((spend as? any YibangError)?.code == "fund.insufficient")
    let refund = await failure {
      try await Giving.reverse(
        gift, as: .refund, on: TestDistrict.today, semester: TestDistrict.autumn, reason: "退还",
        in: district.admin)
    }
    #expect((refund as? any YibangError)?.code == "fund.insufficient")
    let release = await failure { try await Self.hold(fund, -8_001, district) }
    #expect((release as? any YibangError)?.code == "fund.not_held")
    try await Self.hold(fund, -8_000, district)
    try await Self.pay(fund, 10_000, district)
  }

  @Test("clients who approve at once never approve more than is free", arguments: 0..<10)
  func concurrent(round: Int) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    try await Budgets.plan(
      fund: fund, TestDistrict.autumn, amount: Money(fen: 50_000), in: district.admin)
    let approved = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask { await failure { try await Self.hold(fund, 7_000, district) } == nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(approved == 7)
    let budget = try await Self.budget(fund, district)
    #expect(budget.committed.fen == 49_000)
    #expect(budget.free.fen == 1_000)
  }
}
