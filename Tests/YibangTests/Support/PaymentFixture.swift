import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  static let october = CalendarDate("2026-10-08")!

  /// Recognised pupils of the first school, named 样1, 样2 and so on.
  func pupils(_ count: Int, tier: String = "difficult") async throws {
    for number in 1...count {
      var pupil = TestPupil()
      pupil.name = "样\(number)"
      pupil.tier = Tier(rawValue: tier)
      pupil.guardian = "家\(number)"
      _ = try await self.pupil(pupil)
    }
  }

  func newBatch(
    _ purpose: Purpose = .study, title: String = "十月补助", fund: UUID? = nil
  ) async throws -> NewPaymentBatch {
    let general = try await Funds.fund(for: nil, school: school.id, in: admin)
    return NewPaymentBatch(
      school: school, fund: fund ?? general, purpose: purpose, semester: Self.autumn, title: title)
  }

  /// A draft with the same amount for each recognised pupil.
  func draft(
    _ purpose: Purpose = .study, _ fen: Int64, key: String? = nil, in context: Context? = nil
  ) async throws -> UUID {
    try await PaymentBatches.make(
      newBatch(purpose), rule: .fixed(Money(fen: fen)), key: key, in: context ?? admin)
  }

  func approvedBatch(_ purpose: Purpose = .study, _ fen: Int64) async throws -> UUID {
    let batch = try await draft(purpose, fen)
    _ = try await PaymentBatches.submit(batch, in: admin)
    _ = try await PaymentBatches.approve(batch, today: Self.approval, in: second)
    return batch
  }

  func paidBatch(
    _ purpose: Purpose = .study, _ fen: Int64, on date: CalendarDate = TestDistrict.october
  ) async throws -> UUID {
    let batch = try await approvedBatch(purpose, fen)
    _ = try await PaymentBatches.pay(batch, on: date, in: admin)
    return batch
  }

  func figures(_ batch: UUID) async throws -> [Int64] {
    let figures = try await PaymentBatches.show(batch, in: admin).batch.figures
    return [figures.due.fen, figures.paid.fen, figures.confirmed.fen, figures.recovered.fen]
  }

  func healthy() async throws {
    let findings = try await Doctor.examine(in: admin)
    #expect(findings.map(\.check) == [])
  }
}

/// The code of the error that an operation ends with; nil if it succeeds.
func code<T>(_ body: () async throws -> T) async -> String? {
  let error = await failure(body)
  if let error, !(error is any YibangError) { Issue.record("\(error)") }
  return (error as? any YibangError)?.code
}
