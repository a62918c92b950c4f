import Foundation
import MailSink
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Who pays in a sponsor's place")
struct PayerStatementTests {
  private struct Fixture {
    let district: TestDistrict
    let pairing: UUID
    let sponsor: UUID
    let payer: UUID

    func lines(_ donor: UUID) async throws -> [DonorStatement.Line] {
      try await Donors.wholeStatement(donor, in: district.admin).lines
    }

    func totals(_ donor: UUID) async throws -> DonorStatement.Totals {
      try #require(try await Donors.wholeStatement(donor, in: district.admin).totals)
    }
  }

  /// The sponsor paid 400 yuan, somebody else 600 for it.
  private static func make() async throws -> Fixture {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let sponsor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let payer = try await Donors.donor(
      DonorDetails(kind: .individual, name: "代付人", anonymous: false), school: nil,
      in: district.admin)
    _ = try await district.pay(pairing, 40_000)
    _ = try await district.pay(pairing, 60_000, on: "2026-09-29", payer: payer)
    return Fixture(district: district, pairing: pairing, sponsor: sponsor, payer: payer)
  }

  @Test("what somebody paid stands in its own statement, for what, and without the child's name")
  func ownStatement() async throws {
    let fixture = try await Self.make()
    let line = try #require(try await fixture.lines(fixture.payer).first)
    #expect(line.kind == .paidForAnother && line.pupil == nil)
    #expect(line.amount.fen == 60_000 && line.net.fen == 60_000)
    #expect(line.semester == TestDistrict.autumn && line.fund.contains("一帮一"))
    let paid = try await fixture.totals(fixture.payer)
    #expect(paid.receipts == 1 && paid.received.fen == 60_000 && paid.net.fen == 60_000)

    let own = try await fixture.lines(fixture.sponsor)
    #expect(own.map(\.kind) == [.instalment] && own[0].pupil == "样*例")
    let totals = try await fixture.totals(fixture.sponsor)
    #expect(totals.receipts == 1 && totals.received.fen == 40_000 && totals.net.fen == 40_000)
    #expect(totals.paidByOthers.fen == 60_000 && paid.paidByOthers == .zero)
    try await fixture.district.healthy()
  }

  @Test("what goes back, or on to the general fund, is of whoever paid it")
  func balance() async throws {
    let fixture = try await Self.make()
    let district = fixture.district
    let receipts = try await Instalments.receipts(
      of: try await district.instalments(fixture.pairing)[0].id, in: district.admin)
    let receipt = try #require(receipts.first { $0.payer != nil })
    _ = try await Instalments.reverse(
      receipt: receipt.id, amount: Money(fen: 10_000), as: .refund,
      on: try #require(CalendarDate("2026-10-10")), semester: TestDistrict.autumn, reason: "退还",
      in: district.admin)
    _ = try await district.end(
      fixture.pairing, "moved_away",
      balance: .init(.general, consentOn: CalendarDate("2026-10-18"), consent: "同意书 4 号"))
    let paid = try await fixture.totals(fixture.payer)
    #expect(paid.received.fen == 60_000 && paid.takenBack.fen == 10_000)
    #expect(paid.given == .zero && paid.moved == .zero && paid.net.fen == 50_000)
    let gift = try #require(try await fixture.lines(fixture.payer).first { $0.kind == .gift })
    #expect(gift.isMoved && gift.net.fen == 50_000)
    let own = try await fixture.totals(fixture.sponsor)
    #expect(own.received.fen == 40_000 && own.net.fen == 40_000 && own.moved == .zero)
    let issued = try await Receipts.issue(
      .init(.donation(gift.id), on: TestDistrict.today), in: district.admin)
    #expect(issued.receipt.donor == "代付人")
    try await district.healthy()
  }

  @Test("the copy of the records tells it too (慈善法 42)")
  func copy() async throws {
    let fixture = try await Self.make()
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let copy = try await Donors.copy(
      fixture.payer, reason: "捐赠人书面申请", askedOn: TestDistrict.today,
      today: TestDistrict.today, language: .zh, to: path, in: fixture.district.admin)
    #expect(copy.movements == 1)
    let file = try TableFile.open(path: path)
    var text = ""
    for sheet in file.sheets.indices {
      try file.rows(sheet: sheet) { row, _ in text += row.cells.map(\.text).joined(separator: "|") }
    }
    #expect(text.contains("代付资助款") && text.contains("2026-2027-1"))
    #expect(!text.contains("样*例") && !text.contains("样小例") && !text.contains("测试有限公司"))
  }

  @Test("somebody who turns out to be the sponsor is told of the own pupil again")
  func merged() async throws {
    let fixture = try await Self.make()
    _ = try await fixture.district.merge(fixture.payer, into: fixture.sponsor)
    let lines = try await fixture.lines(fixture.sponsor)
    #expect(lines.map(\.kind) == [.instalment, .instalment])
    #expect(lines.allSatisfy { $0.pupil == "样*例" })
    let totals = try await fixture.totals(fixture.sponsor)
    #expect(totals.received.fen == 100_000 && totals.paidByOthers == .zero)
  }

  private func account(_ donor: UUID, _ district: TestDistrict) -> Context {
    Context(
      platform: district.platform,
      actor: Yibang.Actor(
        districtID: district.code, userID: district.admin.actor.userID, login: "payer",
        role: .sponsor, schoolID: nil, donorID: donor))
  }

  @Test(
    "the payer's own view tells day, amount and semester, and neither pupil, school nor sponsor")
  func ownView() async throws {
    let fixture = try await Self.make()
    let payer = account(fixture.payer, fixture.district)
    let own = try await OwnRecords.statement(withTotals: true, in: payer)
    let line = try #require(own.lines.first)
    #expect(own.lines.count == 1 && line.kind == .paidForAnother)
    #expect(line.amount.fen == 60_000 && line.semester == TestDistrict.autumn)
    #expect(line.school == nil && line.pupil == nil && line.fund == "一帮一")
    #expect(own.totals == (try await fixture.totals(fixture.payer)))
    let json = String(decoding: try JSONEncoder().encode(own), as: UTF8.self)
    for word in ["样", "第一小学", "测试有限公司"] { #expect(!json.contains(word), "\(word)") }
    #expect(try await OwnRecords.pairings(today: TestDistrict.today, in: payer).isEmpty)
    let next = try await OwnRecords.statement(after: line.id, in: payer)
    #expect(next.lines.isEmpty)

    let sponsor = account(fixture.sponsor, fixture.district)
    let theirs = try await OwnRecords.statement(withTotals: true, in: sponsor)
    #expect(theirs.lines.map(\.kind) == [.instalment] && theirs.totals?.paidByOthers.fen == 60_000)
    #expect(
      await code { _ = try await OwnRecords.statement(after: line.id, in: sponsor) }
        == "donor.unknown_line")
  }

  @Test("what went back or on to another fund stands in the payer's own view as in the district's")
  func ownBalance() async throws {
    let fixture = try await Self.make()
    let district = fixture.district
    let receipts = try await Instalments.receipts(
      of: try await district.instalments(fixture.pairing)[0].id, in: district.admin)
    let receipt = try #require(receipts.first { $0.payer != nil })
    _ = try await Instalments.reverse(
      receipt: receipt.id, amount: Money(fen: 10_000), as: .refund,
      on: try #require(CalendarDate("2026-10-10")), semester: TestDistrict.autumn, reason: "退还",
      in: district.admin)
    _ = try await district.end(
      fixture.pairing, "moved_away",
      balance: .init(.general, consentOn: CalendarDate("2026-10-18"), consent: "同意书 4 号"))
    let own = try await OwnRecords.statement(
      withTotals: true, in: account(fixture.payer, district))
    #expect(own.totals == (try await fixture.totals(fixture.payer)))
    let theirs = try await fixture.lines(fixture.payer)
    #expect(own.lines.map(\.net) == theirs.map(\.net))
    #expect(own.lines.map(\.isMoved) == theirs.map(\.isMoved))
    #expect(own.lines.map(\.adjustments.count) == theirs.map(\.adjustments.count))
  }

  @Test("of the other sponsor's rows the payer's transactions find the payment alone")
  func rows() async throws {
    let fixture = try await Self.make()
    let payer = account(fixture.payer, fixture.district)
    let seen: [Int64] = try await payer.readOwn { session, _ in
      let row = try session.query(
        """
        select (select count(*) from instalment_receipt), (select count(*) from transfer),
          (select count(*) from instalment), (select count(*) from commitment),
          (select count(*) from pairing), (select count(*) from student),
          (select count(*) from sponsor_paid_for_others(array[$1, $2])),
          (select count(*) from sponsor_paid_for_others(array[$2]))
        """, fixture.payer, fixture.sponsor)[0]
      return try (0..<8).map { try row.get($0) }
    }
    #expect(seen == [1, 1, 0, 0, 0, 0, 1, 0])
  }

  @Test("the pupil's school sees who paid")
  func school() async throws {
    let fixture = try await Self.make()
    let instalment = try await fixture.district.instalments(fixture.pairing)[0].id
    let receipts = try await Instalments.receipts(of: instalment, in: fixture.district.officer)
    #expect(receipts.map(\.payer) == [nil, "代付人"])
  }

  @Test("whoever paid is thanked, and told nothing of the pupil")
  func thanked() async throws {
    let fixture = try await MailFixture.make()
    let district = fixture.district
    let payer = try await Donors.donor(
      DonorDetails(kind: .individual, name: "代付人", anonymous: false), school: nil,
      in: district.admin)
    try await DonorReach.set(
      .mail(try MailAddress("payer@example.cn")), language: .zh, of: payer, in: district.admin)
    _ = try await Instalments.receive(
      .number(1, ofPairing: fixture.pairing), amount: Money(fen: 40_000), on: TestDistrict.today,
      payer: payer, in: district.admin)
    let sink = try MailSink()
    defer { sink.close() }
    #expect(try await fixture.worker(sink).drain() == (1, 0))
    let mail = try #require(sink.mails.first)
    #expect(mail.to == "payer@example.cn")
    #expect(mail.text.contains("尊敬的代付人") && mail.text.contains("¥400.00"))
    for word in ["样*例", "第一小学", "助小例"] { #expect(!mail.text.contains(word), "\(word)") }
  }
}
