import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Where a gift went")
struct GiftTraceTests {
  private static func pay(_ fen: Int64, _ purpose: Purpose, _ district: TestDistrict) async throws {
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    _ = try await Payments.pay(
      Payments.Payment(
        fund: fund, purpose: purpose, amount: Money(fen: fen), date: TestDistrict.today,
        semester: TestDistrict.autumn, note: "测试"), in: district.admin)
  }

  @Test("money is spent in the order in which it came, every fen once")
  func firstIn() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.give(10_000)
    let second = try await district.give(20_000)
    let third = try await district.give(5_000)
    try await Self.pay(15_000, .study, district)
    try await Self.pay(8_000, .living, district)
    var traces: [GiftTrace] = []
    for gift in [first, second, third] {
      traces.append(try await Giving.trace(gift, in: district.officer))
    }
    #expect(traces[0].uses.map(\.amount.fen) == [10_000])
    #expect(traces[0].uses.map(\.purpose.en) == ["school supplies"])
    #expect(traces[0].unspent == .zero)
    #expect(traces[1].uses.map(\.amount.fen) == [8_000, 5_000])
    #expect(traces[1].unspent.fen == 7_000)
    #expect(traces[2].uses.isEmpty && traces[2].unspent.fen == 5_000)
    let spent = try traces.flatMap(\.uses).map(\.amount).total()
    #expect(spent.fen == 23_000)
    #expect(try await traces.map(\.unspent).total() == district.general().closing)
  }

  @Test("a refunded part is followed no further, and the next gift takes its place")
  func refunded() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.give(10_000)
    let second = try await district.give(20_000)
    try await Self.pay(15_000, .study, district)
    _ = try await Giving.reverse(
      first, amount: Money(fen: 4_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    let one = try await Giving.trace(first, in: district.admin)
    #expect((one.reversed.fen, one.unspent.fen) == (4_000, 0))
    #expect(one.uses.map(\.amount.fen) == [6_000])
    let two = try await Giving.trace(second, in: district.admin)
    #expect(two.uses.map(\.amount.fen) == [9_000])
    #expect(two.unspent.fen == 11_000)
  }

  @Test("a gift whose use changed is followed in both funds")
  func redirected() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let other = try await Funds.open(
      name: "明眸基金", purposes: [.study], school: district.school.id, in: district.admin)
    _ = try await ChangesOfUse.change(
      gift, to: other, amount: Money(fen: 4_000),
      consent: .init(givenOn: TestDistrict.today, document: "同意书-1"), on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "原用途已完成", in: district.admin)
    try await Self.pay(1_000, .living, district)
    _ = try await Payments.pay(
      Payments.Payment(
        fund: other, purpose: .study, amount: Money(fen: 3_000), date: TestDistrict.today,
        semester: TestDistrict.autumn, note: "测试"), in: district.admin)
    let trace = try await Giving.trace(gift, in: district.admin)
    #expect(trace.uses.map(\.fund) == ["爱心基金", "明眸基金"])
    #expect(trace.uses.map(\.amount.fen) == [1_000, 3_000])
    #expect(trace.unspent.fen == 6_000)
  }
}
