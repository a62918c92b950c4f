import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Receipts of gifts")
struct ReceiptTests {
  static let day = CalendarDate("2026-10-08")!

  static func issue(_ gift: UUID, _ district: TestDistrict) async throws -> Receipts.Receipt {
    try await Receipts.issue(.init(.donation(gift), on: day), in: district.admin).receipt
  }

  private static func refund(
    _ gift: UUID, _ fen: Int64?, _ district: TestDistrict
  ) async throws {
    _ = try await Giving.reverse(
      gift, amount: fen.map { Money(fen: $0) }, as: .refund, on: day,
      semester: TestDistrict.autumn, reason: "捐赠人要求", in: district.admin)
  }

  private static func show(
    _ receipt: Receipts.Receipt, _ district: TestDistrict
  ) async throws -> Receipts.Receipt {
    try await Receipts.show(.id(receipt.id), in: district.admin)
  }

  private static func code(_ error: (any Error)?) -> String? {
    (error as? any YibangError)?.code
  }

  @Test("names donor, kind, amount in figures and 大写, date, use, handler and school (慈善法 38)")
  func content() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.importDonations(
      "\(DonationImportTests.header)\n1,2026-09-10,试单位,企业,,\"1,234.56\",转账,图书,纸-7,经办甲,\n")
    let gift = try #require(try await Giving.list(in: district.admin).first)
    #expect(gift.receiptNumber == "纸-7")
    let receipt = try await Self.issue(gift.id, district)
    #expect(receipt.number.description == "2199000001-2026-000001")
    #expect(receipt.state == .valid)
    #expect(receipt.giftState == .whole)
    #expect(receipt.handler == "经办甲")
    let paper = receipt.paper.map { "\($0.label.zh) \($0.value.zh)" }.joined(separator: "\n")
    for part in [
      "试单位（企业）", "货币", "¥1,234.56（人民币壹仟贰佰叁拾肆元伍角陆分）", "2026年9月10日", "图书",
      "经办甲", "第一小学", "2026年10月8日", gift.fund,
    ] {
      #expect(paper.contains(part), "\(part) in \(paper)")
    }
    let english = receipt.paper.map { "\($0.label.en) \($0.value.en)" }.joined(separator: "\n")
    #expect(english.contains("¥1,234.56") && english.contains("2026-09-10"))
  }

  @Test("one gift has one running receipt")
  func oneRunning() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    _ = try await Self.issue(gift, district)
    #expect(Self.code(await failure { try await Self.issue(gift, district) }) == "receipt.running")
    #expect(try await Receipts.list(in: district.admin).count == 1)
  }

  @Test("a voided receipt stays with reason, actor and day, and its number is never used again")
  func voided() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.issue(gift, district)
    let void = try await Receipts.void(
      .number(first.number), reason: "经手人写错", on: Self.day, in: district.officer
    ).receipt
    #expect(void.state == .void)
    #expect(void.voidReason == "经手人写错")
    #expect(void.voidedBy == "officer")
    #expect(void.voidedOn == Self.day)
    let again = await failure {
      try await Receipts.void(.id(first.id), reason: "又", on: Self.day, in: district.admin)
    }
    #expect(Self.code(again) == "receipt.voided_before")
    let second = try await Self.issue(gift, district)
    #expect(second.number.number == 2)
    #expect(second.replaces == first.number)
    #expect(try await Self.show(first, district).replacedBy == second.number)
    #expect(try await Receipts.list(in: district.admin).map(\.number.number) == [1, 2])
  }

  @Test(
    "a gift refunded in part: its receipt is to be replaced, and the new one is over what is left")
  func partlyRefunded() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.issue(gift, district)
    try await Self.refund(gift, 4_000, district)
    let marked = try await Self.show(first, district)
    #expect(marked.state == .toBeReplaced)
    #expect(marked.giftState == .partlyTakenBack)
    #expect(marked.amount?.fen == 10_000)
    #expect(marked.net?.fen == 6_000)
    let listed = try await Receipts.list(.init(state: .toBeReplaced), in: district.admin)
    #expect(listed.map(\.id) == [first.id])
    let second = try await Receipts.reissue(
      .id(first.id), reason: "部分退款", on: Self.day, in: district.admin
    ).receipt
    #expect(second.amount?.fen == 6_000)
    #expect(second.state == .valid)
    #expect(second.giftState == .partlyTakenBack)
    #expect(second.replaces == first.number)
    #expect(second.number.number == 2)
    #expect(try await Self.show(first, district).state == .void)
  }

  @Test("a refund that was undone: the receipt shows the whole gift (OpenPetra #448)")
  func cancelledAdjustment() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.issue(gift, district)
    try await Self.refund(gift, 4_000, district)
    #expect(try await Self.show(first, district).state == .toBeReplaced)
    let second = try await Receipts.reissue(
      .id(first.id), reason: "部分退款", on: Self.day, in: district.admin
    ).receipt
    _ = try await Giving.reinstate(
      gift, on: Self.day, semester: TestDistrict.autumn, reason: "退款未成功", in: district.admin)
    let marked = try await Self.show(second, district)
    #expect(marked.state == .toBeReplaced)
    #expect(marked.net?.fen == 10_000)
    #expect(marked.giftState == .whole)
    let third = try await Receipts.reissue(
      .id(second.id), reason: "退款撤销", on: Self.day, in: district.admin
    ).receipt
    #expect(third.amount?.fen == 10_000)
    #expect(third.state == .valid)

    let other = try await district.give(5_000)
    let kept = try await Self.issue(other, district)
    try await Self.refund(other, nil, district)
    #expect(try await Self.show(kept, district).state == .toBeVoided)
    _ = try await Giving.reinstate(
      other, on: Self.day, semester: TestDistrict.autumn, reason: "退款未成功", in: district.admin)
    #expect(try await Self.show(kept, district).state == .valid)
  }

  @Test("a gift taken back wholly: its receipt is to be voided, not reissued, and none is issued")
  func whollyRefunded() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let receipt = try await Self.issue(gift, district)
    try await Self.refund(gift, nil, district)
    let listed = try await Receipts.list(.init(state: .toBeVoided), in: district.admin)
    #expect(listed.map(\.giftState) == [.takenBack])
    let reissue = await failure {
      try await Receipts.reissue(.id(receipt.id), reason: "退款", on: Self.day, in: district.admin)
    }
    #expect(Self.code(reissue) == "receipt.nothing_left")
    #expect(try await Self.show(receipt, district).state == .toBeVoided)
    _ = try await Receipts.void(
      .id(receipt.id), reason: "全部退款", on: Self.day, in: district.admin)
    let issue = await failure { try await Self.issue(gift, district) }
    #expect(Self.code(issue) == "receipt.nothing_left")
    #expect(try await Receipts.list(in: district.admin).map(\.number.number) == [1])
  }

  @Test("what came back after a change of use counts too")
  func changeOfUse() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let receipt = try await Self.issue(gift, district)
    let other = try await Funds.open(
      name: "明眸基金", purposes: [.study], school: district.school.id, in: district.admin)
    _ = try await ChangesOfUse.change(
      gift, to: other, amount: Money(fen: 6_000),
      consent: .init(givenOn: Self.day, document: "同意书-1"), on: Self.day,
      semester: TestDistrict.autumn, reason: "原用途已完成", in: district.admin)
    #expect(try await Self.show(receipt, district).state == .valid)
    try await Self.refund(gift, 2_000, district)
    #expect(try await Self.show(receipt, district).net?.fen == 8_000)
    let listed = try await Receipts.list(.init(state: .toBeReplaced), in: district.admin)
    #expect(listed.map(\.id) == [receipt.id])
    try await Self.refund(gift, 5_000, district)
    #expect(try await Self.show(receipt, district).net?.fen == 3_000)
  }

  @Test("a repeated request has one effect and the same answer")
  func repeated() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    func issue(_ key: String) async throws -> Receipts.Outcome {
      try await Receipts.issue(.init(.donation(gift), on: Self.day), key: key, in: district.admin)
    }
    let first = try await issue("i-1")
    #expect(try await issue("i-1").receipt.id == first.receipt.id)
    let reference = Receipts.Reference.id(first.receipt.id)
    func reissue() async throws -> Receipts.Outcome {
      try await Receipts.reissue(
        reference, reason: "重打", on: Self.day, key: "r-1", in: district.admin)
    }
    let second = try await reissue()
    let replayed = try await reissue()
    #expect(replayed.replayed)
    #expect(replayed.receipt.number == second.receipt.number)
    let other = await failure {
      try await Receipts.void(reference, reason: "x", on: Self.day, key: "r-1", in: district.admin)
    }
    #expect(Self.code(other) == "idempotency.other_request")
    for _ in 0..<2 {
      let void = try await Receipts.void(
        .id(second.receipt.id), reason: "作废", on: Self.day, key: "v-1", in: district.admin)
      #expect(void.receipt.state == .void)
    }
    #expect(try await Receipts.list(in: district.admin).count == 2)
  }

  @Test("issue, void and reissue of one gift at once leave one running receipt and no gap")
  func racing() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let first = try await Self.issue(gift, district)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<12 {
        group.addTask {
          let error = await failure {
            switch task % 3 {
            case 0: _ = try await Self.issue(gift, district)
            case 1:
              _ = try await Receipts.reissue(
                .id(first.id), reason: "换", on: Self.day, in: district.admin)
            default:
              _ = try await Receipts.void(
                .id(first.id), reason: "废", on: Self.day, in: district.admin)
            }
          }
          let codes = ["receipt.running", "receipt.voided_before"]
          #expect(
            error == nil || codes.contains(Self.code(error) ?? ""), "\(String(describing: error))")
        }
      }
    }
    let all = try await Receipts.list(in: district.admin)
    #expect(all.map(\.number.number) == Array(1...all.count))
    #expect(all.filter { $0.state != .void }.count <= 1)
    #expect(try await Doctor.examine(checks: Receipts.checks, in: district.admin).isEmpty)
  }

  @Test("a donor who wants no receipt gets none until the waiver is withdrawn")
  func waived() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(10_000)
    let subject = Receipts.Subject.donation(gift)
    let notAnonymous = await failure {
      try await Receipts.waive(subject, cause: .anonymous, on: Self.day, in: district.admin)
    }
    #expect(Self.code(notAnonymous) == "receipt.not_anonymous")
    _ = try await Receipts.waive(subject, cause: .declined, on: Self.day, in: district.officer)
    let twice = await failure {
      try await Receipts.waive(subject, cause: .declined, on: Self.day, in: district.officer)
    }
    #expect(Self.code(twice) == "receipt.waived_before")
    #expect(Self.code(await failure { try await Self.issue(gift, district) }) == "receipt.waived")
    let stranger = await failure {
      try await Receipts.withdrawWaiver(subject, on: Self.day, in: district.otherOfficer)
    }
    #expect(Self.code(stranger) == "receipt.not_waived")
    let early = await failure {
      try await Receipts.withdrawWaiver(
        subject, on: Self.day.adding(days: -1), in: district.officer)
    }
    #expect(Self.code(early) == "receipt.withdrawn_before_waiver")
    let ended = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await Receipts.withdrawWaiver(subject, on: Self.day, key: "w", in: district.officer)
            .id
        }
      }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(ended.count == 1)
    let gone = await failure {
      try await Receipts.withdrawWaiver(subject, on: Self.day, in: district.officer)
    }
    #expect(Self.code(gone) == "receipt.not_waived")
    #expect(try await Self.issue(gift, district).number.number == 1)
    let late = await failure {
      try await Receipts.waive(subject, cause: .declined, on: Self.day, in: district.officer)
    }
    #expect(Self.code(late) == "receipt.running")
  }

  @Test("the official receipt's number is recorded, once in the district, and can be corrected")
  func official() async throws {
    let district = try await TestDistrict.make()
    let first = try await Self.issue(district.give(100), district)
    let second = try await Self.issue(district.give(100), district)
    func record(_ receipt: Receipts.Receipt, _ number: String) async throws -> Receipts.Receipt {
      try await Receipts.recordOfficial(.id(receipt.id), number: number, in: district.admin).receipt
    }
    #expect(try await record(first, "５３０１ 0120 26000001").officialNumber == "5301012026000001")
    let taken = await failure { try await record(second, "5301012026000001") }
    #expect(Self.code(taken) == "receipt.official_taken")
    let odd = await failure { try await record(second, "第一号") }
    #expect(Self.code(odd) == "receipt.official_form")
    #expect(try await record(first, "5301012026000002").officialNumber == "5301012026000002")
    #expect(try await record(second, "5301012026000001").officialNumber == "5301012026000001")
    #expect(try await Self.show(first, district).number == first.number)
    _ = try await Receipts.void(.id(first.id), reason: "废", on: Self.day, in: district.admin)
    let void = await failure { try await record(first, "5301012026000003") }
    #expect(Self.code(void) == "receipt.voided_before")
  }

  @Test("a receipt is not earlier than its gift, nor void before it was issued")
  func dates() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100, on: "2026-10-10")
    #expect(
      Self.code(await failure { try await Self.issue(gift, district) }) == "receipt.before_gift")
    let receipt = try await Receipts.issue(
      .init(.donation(gift), on: TestDistrict.today), in: district.admin
    ).receipt
    let early = await failure {
      try await Receipts.void(.id(receipt.id), reason: "废", on: Self.day, in: district.admin)
    }
    #expect(Self.code(early) == "receipt.voided_before_issue")
  }
}
