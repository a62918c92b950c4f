import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Gifts taken back, in part and repeatedly")
struct GiftReversalTests {
  private static let day = CalendarDate("2026-10-08")!

  private static func refund(
    _ gift: UUID, _ fen: Int64?, _ district: TestDistrict, key: String? = nil
  ) async throws -> Giving.Adjustment {
    try await Giving.reverse(
      gift, amount: fen.map { Money(fen: $0) }, as: .refund, on: day,
      semester: TestDistrict.autumn, reason: "捐赠人要求", key: key, in: district.admin)
  }

  private static func reinstate(
    _ gift: UUID, _ fen: Int64?, _ district: TestDistrict
  ) async throws -> Giving.Adjustment {
    try await Giving.reinstate(
      gift, amount: fen.map { Money(fen: $0) }, on: day, semester: TestDistrict.autumn,
      reason: "退款未成功", in: district.admin)
  }

  @Test("totals go down with a refund at once (NPSP #4617, Open Collective #4814)")
  func totalsFollow() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.refund(gift, 2_500, district)
    #expect(first.net.fen == 7_500)
    let second = try await Self.refund(gift, 500, district)
    #expect(second.net.fen == 7_000)
    let fund = try await district.general()
    #expect(fund.closing.fen == 7_000)
    #expect(fund.income.map(\.amount.fen) == [7_000])
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(listed.map(\.amount.fen) == [10_000])
    #expect(listed.map(\.net.fen) == [7_000])
    #expect(listed.map(\.reversed) == [false])
  }

  @Test("no more is taken back than was given")
  func neverMore() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(50_000)
    let gift = try await district.give(10_000)
    _ = try await Self.refund(gift, 9_000, district)
    let error = await failure { try await Self.refund(gift, 1_001, district) }
    #expect((error as? any YibangError)?.code == "fund.more_than_left")
    _ = try await Self.refund(gift, nil, district)
    let nothing = await failure { try await Self.refund(gift, nil, district) }
    #expect((nothing as? any YibangError)?.code == "fund.reversed_before")
    #expect(try await district.general().closing.fen == 50_000)
  }

  @Test("eight clients refund the last 100 fen at once: 100 fen go back")
  func concurrentRefunds() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(50_000)
    let gift = try await district.give(100)
    let done = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { await failure { try await Self.refund(gift, 40, district) } == nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(done == 2)
    #expect(try await district.general().closing.fen == 50_020)
  }

  @Test("a wrong refund is taken back itself, and the gift is whole again (OpenPetra #448)")
  func reinstated() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    _ = try await Self.refund(gift, 4_000, district)
    let part = try await Self.reinstate(gift, 1_000, district)
    #expect(part.net.fen == 7_000)
    let whole = try await Self.reinstate(gift, nil, district)
    #expect(whole.net.fen == 10_000)
    let error = await failure { try await Self.reinstate(gift, 1, district) }
    #expect((error as? any YibangError)?.code == "fund.more_than_left")
    #expect(try await district.general().closing.fen == 10_000)
    let again = try await Self.refund(gift, 10_000, district)
    #expect(again.net == .zero)
  }

  @Test("a repeated refund has one effect and the same answer")
  func repeated() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.refund(gift, 1_000, district, key: "refund-1")
    let second = try await Self.refund(gift, 1_000, district, key: "refund-1")
    #expect(first.transfers == second.transfers)
    #expect(first.amount == second.amount)
    #expect(try await district.general().closing.fen == 9_000)
  }

  @Test("a refund dated before the gift is refused")
  func beforeTheGift() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000, on: "2026-10-10")
    let error = await failure { try await Self.refund(gift, 1_000, district) }
    #expect((error as? any YibangError)?.code == "fund.before_original")
  }

  @Test("a partly refunded gift stands in the sheet with what is left, and why")
  func sheet() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    _ = try await Self.refund(gift, 2_500, district)
    let rows = try await district.report(
      district.request(.donations), as: .csv, in: district.officer
    ) { try TestDistrict.compactRows($0) }
    #expect(Money(fen: 7_500) == (try Money(parsing: rows[3][5])))
    #expect(rows[3][11].contains("原额 ¥100.00"))
    #expect(rows[4][0] == "合计")
    #expect(Money(fen: 7_500) == (try Money(parsing: rows[4][5])))
  }
}
