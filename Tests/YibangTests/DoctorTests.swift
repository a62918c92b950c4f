import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("The doctor")
struct DoctorTests {
  /// A district in which something of everything happened.
  private static func busy() async throws -> TestDistrict {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100_000)
    _ = try await district.give(50_000)
    _ = try await Giving.reverse(
      gift, amount: Money(fen: 10_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let other = try await Funds.open(
      name: "明眸基金", purposes: [.study], school: district.school.id, in: district.admin)
    _ = try await ChangesOfUse.change(
      gift, to: other, amount: Money(fen: 5_000),
      consent: .init(givenOn: TestDistrict.today, document: "同意书-1"), on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "原用途已完成", in: district.admin)
    _ = try await Payments.pay(
      Payments.Payment(
        fund: fund, purpose: .study, amount: Money(fen: 20_000), date: TestDistrict.today,
        semester: TestDistrict.autumn, note: "测试"), in: district.admin)
    // Two batches for the same pupils: one paid, of which some money came back and some was clawed
    // back, and one approved.
    try await district.pupils(3)
    let paid = try await district.paidBatch(.study, 2_000)
    _ = try await PaymentBatches.confirm(
      paid, lines: [1], as: .notReceived(note: "卡已注销"), on: TestDistrict.today,
      in: district.admin)
    _ = try await PaymentBatches.confirm(
      paid, lines: [2], as: .received, on: TestDistrict.today, in: district.admin)
    let lines = try await PaymentBatches.lines(paid, in: district.admin)
    let clawback = try await Clawbacks.open(
      payment: lines[1].transfers[0], amount: Money(fen: 2_000), reason: .leftSchool, note: nil,
      on: TestDistrict.today, in: district.admin)
    _ = try await Clawbacks.recover(
      clawback, amount: Money(fen: 500), on: TestDistrict.today, semester: TestDistrict.autumn,
      in: district.admin)
    _ = try await district.approvedBatch(.living, 1_000)
    return district
  }

  @Test("finds nothing where all is well")
  func healthy() async throws {
    let district = try await Self.busy()
    let findings = try await Doctor.examine(in: district.admin)
    #expect(findings.map(\.check) == [])
  }

  /// What somebody with all rights on the database might do, and the check that finds it.
  static let damages: [(damage: SQL, check: String)] = [
    (
      "update account_semester set credits = credits + 1 where district_id = $1", "ledger.semesters"
    ),
    ("update account set credits = credits + 1 where district_id = $1", "ledger.accounts"),
    (
      "update transfer set amount_fen = amount_fen + 1 where district_id = $1 and kind = 'payment'",
      "ledger.semesters"
    ),
    ("delete from transfer where district_id = $1 and kind = 'payment'", "ledger.semesters"),
    (
      "update transfer_reversed set reversed_fen = 9999 where district_id = $1 and amount_fen > 9999",
      "ledger.reversals"
    ),
    ("delete from transfer_reversed where district_id = $1", "ledger.reversals"),
    ("update transfer set occurred_on = '2026-02-03' where district_id = $1", "ledger.dates"),
    ("update budget set spent_fen = spent_fen - 1 where district_id = $1", "budget.spent"),
    ("update budget set committed_fen = 0 where district_id = $1", "budget.committed"),
    (
      "update account set held = 999 where district_id = $1 and kind = 'balance' and held > 0",
      "budget.committed"
    ),
    ("update donation set amount_fen = amount_fen - 1 where district_id = $1", "giving.donations"),
    ("delete from donation where district_id = $1", "giving.donations"),
    ("update change_of_use set amount_fen = 4999 where district_id = $1", "fund.changes"),
    ("update payment_batch set total_fen = 1 where district_id = $1", "payments.total"),
    (
      """
      update payment_batch set state = 'submitted', approved_on = null
      where district_id = $1 and state = 'approved'
      """,
      "payments.held"
    ),
    (
      """
      update payment_batch set state = 'draft', approved_on = null
      where district_id = $1 and state = 'approved'
      """,
      "payments.committed"
    ),
    (
      "update payment_line set amount_fen = 1999 where district_id = $1 and state = 'waiting'",
      "payments.transfers"
    ),
    (
      "update payment_line set state = 'issue', received_fen = 1 where district_id = $1 and state = 'received'",
      "payments.received"
    ),
    ("delete from payment_approval where district_id = $1", "payments.approvals"),
    ("delete from clawback_entry where district_id = $1", "clawback.entries"),
    ("update clawback set due_fen = 1 where district_id = $1", "clawback.left"),
    (
      "update transfer t set fund_id = f.id from fund f where t.district_id = $1 and t.kind = 'payment' and f.district_id = t.district_id and f.kind = 'nutrition' and f.school_id is null",
      "ledger.one_fund"
    ),
  ]

  @Test("names the rows that somebody altered behind its back", arguments: damages.indices)
  func damaged(index: Int) async throws {
    let (damage, check) = Self.damages[index]
    let district = try await Self.busy()
    let code = district.code
    try await TestPlatform.asOwner { session in
      try session.execute("set session_replication_role = replica")
      _ = try session.execute(damage, code)
    }
    let findings = try await Doctor.examine(in: district.admin)
    #expect(findings.map(\.check).contains(check), "\(damage.text): \(findings.map(\.check))")
    let row = findings.first { $0.check == check }?.rows.first
    #expect(row?.subject.isEmpty == false)
  }

  @Test("work going on meanwhile is no difference")
  func liveData() async throws {
    let district = try await Self.busy()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<4 {
        group.addTask {
          for number in 0..<25 { _ = try await district.give(100, key: "\(client)-\(number)") }
        }
      }
      group.addTask {
        for _ in 0..<10 {
          let findings = try await Doctor.examine(in: district.admin)
          #expect(findings.map(\.check) == [])
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("somebody who sees one school only cannot examine the district")
  func schoolUser() async throws {
    let district = try await TestDistrict.make()
    _ = try await Users.add(
      login: "head", name: "校长", role: .principal, school: district.school.id, in: district.admin)
    let head = try await district.asUser("head")
    let error = await failure { try await Doctor.examine(in: head) }
    #expect((error as? any YibangError)?.code == "access.other_school")
  }
}
