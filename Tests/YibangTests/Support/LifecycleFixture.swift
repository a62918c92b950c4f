import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  /// A day of the autumn semester after the grace of its instalment is over.
  static let afterGrace = CalendarDate("2026-11-02")!

  func pay(
    _ pairing: UUID, _ fen: Int64, on date: String = "2026-09-28", payer: UUID? = nil,
    surplusConsent: String? = nil, key: String? = nil
  ) async throws -> Instalments.Payment {
    try await Instalments.pay(
      pairing: pairing, amount: Money(fen: fen), on: try #require(CalendarDate(date)),
      method: .transfer, payer: payer, surplusConsent: surplusConsent, key: key, in: admin)
  }

  func end(
    _ pairing: UUID, _ reason: String, on date: String = "2026-10-20",
    balance: Pairings.BalanceDecision? = nil, key: String? = nil, in context: Context? = nil
  ) async throws -> Pairings.Ending {
    try await Pairings.end(
      pairing, reason: try #require(PairingEndReason(word: reason)),
      on: try #require(CalendarDate(date)), balance: balance, key: key, in: context ?? admin)
  }

  /// Pays out what is funded of a school: a batch made, submitted, approved by the second, paid.
  @discardableResult
  func payOut(
    on date: String = "2026-11-05", school: Schools.School? = nil
  ) async throws -> Payouts.Batch {
    let made = try await Payouts.makeBatch(
      Self.autumn, school: school ?? self.school, title: "一帮一", in: admin)
    _ = try await PaymentBatches.submit(made.batch, in: admin)
    _ = try await PaymentBatches.approve(made.batch, today: Self.approval, in: second)
    _ = try await PaymentBatches.pay(made.batch, on: try #require(CalendarDate(date)), in: admin)
    return made
  }

  func closing(_ kind: FundKind, school: Schools.School? = nil) async throws -> Int64 {
    let statements = try await Funds.statements(
      Self.autumn, school: (school ?? self.school).id, in: admin)
    return try #require(statements.first { $0.kind == kind }).closing.fen
  }

  func instalments(_ pairing: UUID) async throws -> [Instalment] {
    try await Commitments.show(pairing: pairing, today: Self.today, in: admin).instalments
  }

  func payouts(of pairing: UUID, _ semester: Semester? = nil) async throws -> [Payouts.Payout] {
    try await Payouts.list(semester, in: admin).filter { $0.pairing == pairing }
  }

  func coverage(_ today: String = "2026-12-01") async throws -> Coverage.Line {
    let lines = try await Coverage.list(
      Self.autumn, today: try #require(CalendarDate(today)), in: admin)
    return try #require(lines.first)
  }
}
