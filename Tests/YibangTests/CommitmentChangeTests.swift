import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What a sponsor promises, changes and pays")
struct CommitmentChangeTests {
  private let day = CalendarDate("2026-10-10")!
  private let third = TestDistrict.autumn.advanced(by: 2)

  private func amend(
    _ pairing: UUID, _ fen: Int64, from semester: Semester, lowersChild: Bool = false,
    _ district: TestDistrict
  ) async throws -> Commitments.Change {
    try await Commitments.amend(
      pairing: pairing, amount: Money(fen: fen), from: semester, lowersChild: lowersChild,
      reason: "资助人来函", on: day, in: district.admin)
  }

  @Test(
    "early, late, in parts, ahead: a payment goes to the oldest that is open and on to the next")
  func spread() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 40_000)
    let payment = try await district.pay(pairing, 170_000, key: "p")
    #expect(payment.parts.map(\.number) == [1, 2, 3])
    #expect(payment.parts.map(\.amount.fen) == [60_000, 100_000, 10_000])
    let again = try await district.pay(pairing, 170_000, key: "p")
    #expect(again.parts.map(\.receipt) == payment.parts.map(\.receipt))
    #expect(try await district.closing(.sponsorship) == 210_000)
    try await district.healthy()
  }

  @Test(
    "what is beyond all six is refused, or with the sponsor's consent a gift to the general fund")
  func surplus() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let error = await failure { try await district.pay(pairing, 600_001) }
    #expect((error as? LifecycleError)?.text.zh.contains("¥0.01") == true)
    #expect(try await district.closing(.sponsorship) == 0)
    let payment = try await district.pay(pairing, 605_000, surplusConsent: "同意书 9 号", key: "s")
    #expect(payment.parts.count == 6 && payment.surplus != nil)
    #expect(try await district.closing(.sponsorship) == 600_000)
    #expect(try await district.closing(.general) == 5_000)
    #expect(
      try await district.pay(pairing, 605_000, surplusConsent: "同意书 9 号", key: "s").surplus
        == payment.surplus)
    let only = try await district.pay(pairing, 700, surplusConsent: "同意书 9 号")
    #expect(only.parts.isEmpty && only.surplus != nil)
    try await district.healthy()
  }

  @Test("somebody else may pay, and is the one whose kind the fund's income shows")
  func payer() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let payer = try await Donors.donor(
      DonorDetails(kind: .individual, name: "代付人", anonymous: false), school: nil,
      in: district.admin)
    _ = try await district.pay(pairing, 50_000, payer: payer)
    let statements = try await Funds.statements(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    #expect(
      statements.first { $0.kind == .sponsorship }?.income.map(\.code) == ["individual"])
    #expect(
      await refusal { try await district.pay(pairing, 50_000, payer: UUID()) }
        == "giving.unknown_donor")
    #expect(try await district.closing(.sponsorship) == 50_000)
    try await district.healthy()
  }

  @Test("raised from a semester on, the child gets more; the history and the total tell it")
  func raised() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await amend(pairing, 150_000, from: third, district)
    #expect(
      try await district.instalments(pairing).map(\.amount.fen)
        == [100_000, 100_000, 150_000, 150_000, 150_000, 150_000])
    #expect(
      try await district.payouts(of: pairing).sorted { $0.semester < $1.semester }.map(\.amount.fen)
        == [100_000, 100_000, 150_000, 150_000, 150_000, 150_000])
    let changes = try await Commitments.changes(pairing: pairing, in: district.admin)
    #expect(changes.map(\.before.fen) == [100_000] && changes.map(\.after.fen) == [150_000])
    let show = try await Commitments.show(
      pairing: pairing, today: TestDistrict.today, in: district.admin)
    #expect(show.promised.fen == 800_000)
    try await district.healthy()
  }

  @Test("lowered, the child is assured as before unless it is said otherwise")
  func lowered() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    _ = try await amend(pairing, 60_000, from: TestDistrict.autumn, district)
    #expect(try await district.payouts(of: pairing).allSatisfy { $0.amount.fen == 100_000 })
    _ = try await district.pay(pairing, 60_000)
    let run = try await Covers.run(on: TestDistrict.afterGrace, in: district.admin)
    #expect(run.amount.fen == 40_000)
    _ = try await amend(pairing, 50_000, from: third, lowersChild: true, district)
    let amounts = try await district.payouts(of: pairing).sorted { $0.semester < $1.semester }
    #expect(amounts.map(\.amount.fen) == [100_000, 100_000, 50_000, 50_000, 50_000, 50_000])
    try await district.healthy()
  }

  @Test("a change below what came in, outside the six, or of an ended pairing is refused")
  func refused() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 150_000)
    #expect(
      await refusal { try await amend(pairing, 99_999, from: TestDistrict.autumn, district) }
        == "commitment.paid_already")
    #expect(
      await refusal { try await amend(pairing, 1, from: TestDistrict.spring, district) }
        == "commitment.not_its_semester")
    #expect(
      await refusal { try await amend(pairing, 0, from: third, district) }
        == "fund.amount_not_positive")
    _ = try await district.end(pairing, "sponsor_request", balance: .init(.returned))
    #expect(
      await refusal { try await amend(pairing, 120_000, from: third, district) } == "pairing.ended")
  }

  @Test("what was excused stays so, and what is in a batch is not changed")
  func changedAfter() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let second = try await district.instalments(pairing)[1].id
    _ = try await Commitments.excuse(
      instalment: second, reason: "失业", on: day, in: district.admin)
    _ = try await amend(pairing, 150_000, from: TestDistrict.autumn, district)
    #expect(
      try await district.instalments(pairing).map(\.outstanding.fen)
        == [150_000, 0, 150_000, 150_000, 150_000, 150_000])
    _ = try await district.pay(pairing, 150_000)
    try await district.payOut()
    #expect(
      await refusal { try await amend(pairing, 200_000, from: TestDistrict.autumn, district) }
        == "commitment.paid_out")
    _ = try await amend(pairing, 200_000, from: third, district)
    try await district.healthy()
  }

  @Test(
    "for the sponsor's finances an instalment is excused; the child's payout stays and is bridged")
  func excused() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 30_000)
    let instalment = try await district.instalments(pairing)[0].id
    let amount = try await Commitments.excuse(
      instalment: instalment, reason: "失业", on: day, in: district.admin)
    #expect(amount.fen == 70_000)
    let line = try await district.instalments(pairing)[0]
    #expect(line.state == .excused && line.outstanding == .zero)
    #expect(
      await refusal { try await district.pay(pairing, 600_000) } == "instalment.surplus")
    #expect(
      await refusal {
        try await Commitments.excuse(
          instalment: instalment, reason: "失业", on: day, in: district.admin)
      } == "instalment.nothing_open")
    // Nobody is waited for any more.
    #expect(try await Covers.run(on: day, in: district.admin).amount.fen == 70_000)
    try await district.healthy()
  }

  @Test("support follows the child to its next school, also of another stage, with the money")
  func nextSchool() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 130_000)
    let student = try #require(
      try await Pairings.list(in: district.admin).first { $0.id == pairing }
    ).student
    let moved = try await StudentMoves.move(
      student, to: try SchoolCode("3199000001"), on: day, today: TestDistrict.today,
      in: district.admin)
    #expect(moved.state == .done)
    #expect(try await district.closing(.sponsorship) == 0)
    #expect(try await district.closing(.sponsorship, school: district.otherSchool) == 130_000)
    #expect(try await district.instalments(pairing).map(\.received.fen).reduce(0, +) == 130_000)
    #expect(
      try await district.payouts(of: pairing, TestDistrict.autumn).map(\.school) == ["第一中学"])
    let made = try await district.payOut(on: "2026-11-21", school: district.otherSchool)
    #expect(made.total.fen == 100_000)
    try await district.healthy()
    // Ahead of time for the second semester, and given back when the pairing ends.
    let ending = try await district.end(
      pairing, "sponsor_request", on: "2026-11-22", balance: .init(.returned))
    #expect(ending.unspent.fen == 30_000)
    try await district.healthy()
  }

  @Test("cover that is not paid out stays with the general fund when the child moves")
  func coverStays() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    _ = try await Covers.run(on: TestDistrict.afterGrace, in: district.admin)
    #expect(try await district.closing(.general) == 400_000)
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    _ = try await StudentMoves.move(
      student, to: try SchoolCode("3199000001"), on: TestDistrict.today, today: TestDistrict.today,
      in: district.admin)
    #expect(try await district.closing(.general) == 500_000)
    #expect(try await district.payouts(of: pairing, TestDistrict.autumn)[0].covered == .zero)
    try await district.healthy()
  }
}
