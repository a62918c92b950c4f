import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What payees received")
struct PaymentConfirmationTests {
  private static let today = TestDistrict.today

  @Test("paid is never shown as received before it is confirmed (Open Collective #6934)")
  func unconfirmed() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(3)
    let batch = try await district.paidBatch(.study, 1_000)
    #expect(try await district.figures(batch) == [3_000, 3_000, 0, 0])
    _ = try await PaymentBatches.confirm(
      batch, lines: [2], as: .received, on: Self.today, in: district.officer)
    #expect(try await district.figures(batch) == [3_000, 3_000, 1_000, 0])
    _ = try await PaymentBatches.confirm(
      batch, lines: [3], as: .issue(received: nil, note: "金额待核"), on: Self.today,
      in: district.officer)
    #expect(try await district.figures(batch) == [3_000, 3_000, 1_000, 0])
    let states = try await PaymentBatches.lines(batch, in: district.admin).map(\.state)
    #expect(states == [.waiting, .received, .issue])
    #expect(
      await code { try await PaymentBatches.close(batch, in: district.admin) }
        == "payment.unsettled")
    #expect(
      await code {
        try await PaymentBatches.confirm(
          batch, lines: [4], as: .received, on: Self.today, in: district.officer)
      } == "payment.unknown_line")
    #expect(
      await code {
        try await PaymentBatches.confirm(
          batch, lines: [1], as: .received, on: CalendarDate("2026-10-07")!, in: district.officer)
      } == "fund.before_original")
    try await district.healthy()
  }

  @Test("what was not received is back in the fund, and is paid again in a follow-up, once")
  func followUp() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(3_000)
    try await district.pupils(3)
    let batch = try await district.paidBatch(.study, 1_000)
    #expect(
      await code { try await PaymentBatches.followUp(batch, in: district.admin) }
        == "payment.nothing_failed")
    _ = try await PaymentBatches.confirm(
      batch, lines: [1], as: .notReceived(note: "卡已注销"), on: Self.today, in: district.admin)
    _ = try await PaymentBatches.confirm(
      batch, lines: [2], as: .issue(received: Money(fen: 400), note: "银行扣错"), on: Self.today,
      in: district.admin)
    _ = try await PaymentBatches.confirm(
      batch, lines: [3], as: .received, on: Self.today, in: district.admin)
    #expect(try await district.general().closing.fen == 1_600)
    #expect(try await district.figures(batch) == [3_000, 1_400, 1_400, 0])
    var detail = try await PaymentBatches.show(batch, in: district.admin)
    #expect(!detail.isPaidInFull)
    #expect(detail.differences.map(\.number) == [1, 2])
    #expect(detail.differences.map(\.missing.fen) == [1_000, 600])
    #expect(
      await code { try await PaymentBatches.close(batch, in: district.admin) }
        == "payment.unsettled")

    let outcomes = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<4 {
        group.addTask {
          await code { try await PaymentBatches.followUp(batch, in: district.admin) }
        }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 1, "\(outcomes)")
    let next = try await PaymentBatches.list(state: .draft, in: district.admin)[0]
    #expect(next.follows == batch)
    #expect(next.figures.due.fen == 1_600)
    let lines = try await PaymentBatches.lines(next.id, in: district.admin)
    #expect(lines.map(\.name) == ["样1", "样2"])
    #expect(lines.map(\.figures.due.fen) == [1_000, 600])
    #expect(
      await code {
        try await PaymentBatches.amend(
          next.id, line: 2, amount: Money(fen: 601), in: district.admin)
      } == "payment.nothing_failed")
    #expect(await code { try await district.draft(.study, 1_000) } == "payment.already_paid")
    // What is paid again can no longer be confirmed in the first batch.
    #expect(
      await code {
        try await PaymentBatches.confirm(
          batch, lines: [1], as: .received, on: Self.today, in: district.admin)
      } == "payment.superseded")
    detail = try await PaymentBatches.show(batch, in: district.admin)
    #expect(detail.isPaidInFull)
    #expect(detail.differences.map(\.followedBy) == [next.id, next.id])

    _ = try await PaymentBatches.submit(next.id, in: district.admin)
    _ = try await PaymentBatches.approve(next.id, today: TestDistrict.approval, in: district.second)
    _ = try await PaymentBatches.pay(next.id, on: Self.today, in: district.admin)
    #expect(try await district.general().closing == .zero)
    _ = try await PaymentBatches.confirm(
      next.id, lines: nil, as: .received, on: Self.today, in: district.admin)
    for id in [next.id, batch] { try await PaymentBatches.close(id, in: district.admin) }
    #expect(
      await code {
        try await PaymentBatches.confirm(
          batch, lines: [3], as: .received, on: Self.today, in: district.admin)
      } == "payment.state")
    try await district.healthy()
  }

  @Test("a cancelled follow-up leaves its lines to another one")
  func cancelledFollowUp() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(3_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 1_000)
    _ = try await PaymentBatches.confirm(
      batch, lines: [1], as: .issue(received: Money(fen: 1), note: "少发"), on: Self.today,
      in: district.admin)
    let first = try await PaymentBatches.followUp(batch, in: district.admin)
    try await PaymentBatches.cancel(first, reason: "暂缓", in: district.admin)
    let second = try await PaymentBatches.followUp(batch, in: district.admin)
    try await PaymentBatches.amend(second, line: 1, amount: nil, in: district.admin)
    let third = try await PaymentBatches.followUp(batch, in: district.admin)
    #expect(try await district.figures(third) == [999, 0, 0, 0])
    try await district.healthy()
  }

  @Test("a mistaken confirmation can be corrected, and the money follows")
  func corrected() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 1_000)
    func confirm(_ outcome: PaymentOutcome) async throws -> [Int64] {
      _ = try await PaymentBatches.confirm(
        batch, lines: [1], as: outcome, on: Self.today, in: district.admin)
      return [try await district.general().closing.fen] + (try await district.figures(batch))
    }
    #expect(try await confirm(.notReceived(note: "退票")) == [1_000, 1_000, 0, 0, 0])
    #expect(try await confirm(.notReceived(note: "退票")) == [1_000, 1_000, 0, 0, 0])
    #expect(
      try await confirm(.issue(received: Money(fen: 300), note: "部分")) == [700, 1_000, 300, 300, 0])
    #expect(try await confirm(.received) == [0, 1_000, 1_000, 1_000, 0])
    let transfers = try await PaymentBatches.lines(batch, in: district.admin)[0].transfers
    #expect(transfers.count == 4)
    #expect(
      await code { try await confirm(.issue(received: Money(fen: 1_001), note: "多")) }
        == "payment.too_much_received")
    try await district.healthy()
  }

  @Test("a difference without an explanation is listed until somebody explains it (足额发放)")
  func explained() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(2_000)
    try await district.pupils(2)
    let batch = try await district.paidBatch(.study, 1_000)
    _ = try await PaymentBatches.confirm(
      batch, lines: [1], as: .notReceived(note: "已转学"), on: Self.today, in: district.admin)
    _ = try await PaymentBatches.confirm(
      batch, lines: [2], as: .received, on: Self.today, in: district.admin)
    func isInFull() async throws -> Bool {
      try await PaymentBatches.show(batch, in: district.admin).isPaidInFull
    }
    #expect(try await !isInFull())
    #expect(
      await code {
        try await PaymentBatches.explain(batch, line: 2, reason: "无", in: district.admin)
      } == "payment.no_difference")
    #expect(
      await code {
        try await PaymentBatches.explain(
          batch, line: 1, reason: "家长 13800138000", in: district.admin)
      } == "payment.note_identifies")
    try await PaymentBatches.explain(batch, line: 1, reason: "学生已转出，不再补发", in: district.admin)
    #expect(try await isInFull())
    #expect(
      await code { try await PaymentBatches.followUp(batch, in: district.admin) }
        == "payment.nothing_failed")
    try await PaymentBatches.close(batch, in: district.admin)
    try await district.healthy()
  }

  @Test("confirming at the same time moves the money back once")
  func parallel() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1_000)
    try await district.pupils(1)
    let batch = try await district.paidBatch(.study, 1_000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          _ = try await PaymentBatches.confirm(
            batch, lines: [1], as: .notReceived(note: "退票"), on: Self.today, in: district.admin)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await district.general().closing.fen == 1_000)
    let line = try await PaymentBatches.lines(batch, in: district.admin)[0]
    #expect(line.transfers.count == 2)
    try await district.healthy()
  }
}
