import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Clawback")
struct ClawbackTests {
  private static let today = TestDistrict.today

  private static func open(
    _ payment: UUID, _ fen: Int64, _ district: TestDistrict
  ) async throws -> UUID {
    try await Clawbacks.open(
      payment: payment, amount: Money(fen: fen), reason: .falseInformation, note: "核查不符",
      on: today, in: district.admin)
  }

  private static func recover(
    _ id: UUID, _ fen: Int64, key: String? = nil, _ district: TestDistrict
  ) async throws -> UUID {
    try await Clawbacks.recover(
      id, amount: Money(fen: fen), on: today, semester: TestDistrict.autumn, key: key,
      in: district.admin)
  }

  /// Due, recovered, waived, left.
  private static func money(_ id: UUID, _ district: TestDistrict) async throws -> [Int64] {
    let clawback = try await Clawbacks.show(id, in: district.admin).clawback
    return [clawback.due.fen, clawback.recovered.fen, clawback.waived.fen, clawback.left.fen]
  }

  /// A district that paid one pupil 1,000 fen.
  private static func paid() async throws -> (TestDistrict, batch: UUID, payment: UUID) {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 1_000)
    let line = try await PaymentBatches.lines(batch, in: district.admin)[0]
    return (district, batch, line.transfers[0])
  }

  @Test("what is left is computed from transfers, never a running number (SIMS #759)")
  func parts() async throws {
    let (district, batch, payment) = try await Self.paid()
    let id = try await Self.open(payment, 800, district)
    #expect(try await Self.money(id, district) == [800, 0, 0, 800])
    let first = try await Self.recover(id, 300, key: "r1", district)
    #expect(try await Self.recover(id, 300, key: "r1", district) == first)
    _ = try await Self.recover(id, 100, district)
    #expect(try await Self.money(id, district) == [800, 400, 0, 400])
    #expect(try await district.general().closing.fen == 400)
    #expect(try await district.figures(batch) == [1_000, 1_000, 0, 400])
    let detail = try await Clawbacks.show(id, in: district.admin)
    #expect(detail.steps.map(\.amount.fen) == [300, 100])
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let transfers = try await Funds.transfers(fund: fund, TestDistrict.autumn, in: district.admin)
    for step in detail.steps {
      let transfer = transfers.first { $0.id == step.transfer }
      #expect(transfer?.amount == step.amount)
      #expect(transfer?.reverses == payment)
      #expect(transfer?.kind == .recovery)
    }
    #expect(try await Clawbacks.list(openOnly: true, in: district.admin).map(\.id) == [id])
    try await district.healthy()
  }

  @Test("a wrong deduction can be undone, in part or whole, and no more than it was (SIMS #3340)")
  func undone() async throws {
    let (district, _, payment) = try await Self.paid()
    let id = try await Self.open(payment, 1_000, district)
    let first = try await Self.recover(id, 600, district)
    func undo(_ fen: Int64?) async -> String? {
      await code {
        try await Clawbacks.undo(
          recovery: first, amount: fen.map { Money(fen: $0) }, on: Self.today,
          semester: TestDistrict.autumn, note: "扣错", in: district.admin)
      }
    }
    #expect(await undo(601) == "clawback.more_than_recovered")
    #expect(await undo(200) == nil)
    #expect(try await Self.money(id, district) == [1_000, 400, 0, 600])
    #expect(await undo(401) == "clawback.more_than_recovered")
    #expect(await undo(nil) == nil)
    #expect(await undo(nil) == "clawback.more_than_recovered")
    #expect(try await Self.money(id, district) == [1_000, 0, 0, 1_000])
    #expect(try await district.general().closing == .zero)
    let steps = try await Clawbacks.show(id, in: district.admin).steps
    #expect(steps.map(\.kind) == [.recovery, .undo, .undo])
    #expect(steps.map(\.undoes) == [nil, first, first])
    try await district.healthy()
  }

  @Test("the rest is waived by a second person alone, and then nothing is left")
  func waived() async throws {
    let (district, _, payment) = try await Self.paid()
    let id = try await Self.open(payment, 1_000, district)
    _ = try await Self.recover(id, 400, district)
    #expect(
      await code { try await Clawbacks.waive(id, reason: "家庭困难", in: district.admin) }
        == "clawback.same_person")
    let waived = try await Clawbacks.waive(id, reason: "家庭困难", in: district.second)
    #expect(waived.fen == 600)
    #expect(try await Self.money(id, district) == [1_000, 400, 600, 0])
    #expect(
      await code { try await Self.recover(id, 1, district) } == "clawback.more_than_left")
    #expect(
      await code { try await Clawbacks.waive(id, reason: "再次", in: district.second) }
        == "clawback.more_than_left")
    #expect(try await Clawbacks.list(openOnly: true, in: district.admin).isEmpty)
    try await district.healthy()
  }

  @Test("no more is claimed than was paid and did not come back, by all cases together")
  func withinThePayment() async throws {
    let (district, batch, payment) = try await Self.paid()
    _ = try await PaymentBatches.confirm(
      batch, lines: [1], as: .issue(received: Money(fen: 900), note: "少发"), on: Self.today,
      in: district.admin)
    #expect(await code { try await Self.open(payment, 901, district) } == "clawback.more_than_paid")
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<8 {
        group.addTask { await code { try await Self.open(payment, 300, district) } }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 3)
    let gift = try await district.give(100)
    #expect(await code { try await Self.open(gift, 1, district) } == "clawback.not_a_payment")
    #expect(await code { try await Self.open(UUID(), 1, district) } == "clawback.not_a_payment")
    #expect(
      await code { try await Self.open(payment, 0, district) } == "fund.amount_not_positive")
    try await district.healthy()
  }

  @Test("eight clients recover the last 100 fen: one of them does")
  func lastFen() async throws {
    let (district, _, payment) = try await Self.paid()
    let id = try await Self.open(payment, 1_000, district)
    _ = try await Self.recover(id, 900, district)
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<8 {
        group.addTask { await code { try await Self.recover(id, 100, district) } }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 == "clawback.more_than_left" } == 7)
    #expect(try await Self.money(id, district) == [1_000, 1_000, 0, 0])
    #expect(try await district.general().closing.fen == 1_000)
    try await district.healthy()
  }

  @Test("spending that went to no pupil can be clawed back too, by those who may pay out")
  func directPayment() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let payment = try await Payments.pay(
      Payments.Payment(
        fund: fund, purpose: .education, amount: Money(fen: 500), date: Self.today,
        semester: TestDistrict.autumn, note: "主题班会"), in: district.admin)
    #expect(
      await code {
        try await Clawbacks.open(
          payment: payment, amount: Money(fen: 500), reason: .wrongAmount, note: nil,
          on: Self.today, in: district.officer)
      } == "access.forbidden")
    let id = try await Self.open(payment, 500, district)
    _ = try await Self.recover(id, 500, district)
    #expect(try await district.general().closing.fen == 1_000)
    #expect(try await Clawbacks.list(in: district.officer).map(\.left.fen) == [0])
    #expect(try await Clawbacks.list(in: district.otherOfficer).isEmpty)
    try await district.healthy()
  }
}
