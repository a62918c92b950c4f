import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("A revocation and the pupil's sponsor")
struct RevocationPairingTests {
  typealias Fixture = RevocationFixture

  /// A pupil with a sponsor who paid one instalment, of which a part reached the pupil.
  private static func sponsored(
    _ fixture: Fixture
  ) async throws -> (student: UUID, pairing: UUID) {
    let district = fixture.district
    let pairing = try await district.pairing()
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    _ = try await Instalments.receive(
      .number(1, ofPairing: pairing), amount: Money(fen: 100_000),
      on: CalendarDate("2026-09-28")!, in: district.admin)
    let fund = try await Funds.fund(
      for: FundKind.sponsorship.name.zh, school: district.school.id, in: district.admin)
    let batch = try await PaymentBatches.make(
      district.newBatch(.sponsorship, fund: fund), rule: .fixed(Money(fen: 30_000)),
      in: district.admin)
    _ = try await PaymentBatches.submit(batch, in: district.admin)
    _ = try await PaymentBatches.approve(batch, today: TestDistrict.approval, in: district.second)
    _ = try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
    return (student, pairing)
  }

  @Test("the pairing ends, what did not come in is awaited no more, what came in is shown")
  func ends() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let (student, pairing) = try await Self.sponsored(fixture)
    let id = try await fixture.heard(student)
    #expect(
      await refusal { try await SponsorNotices.notice(ofRevocation: id, in: fixture.principal) }
        == "revocation.no_pairing")
    let outcome = try await fixture.decide(id)
    #expect(outcome.pairing == pairing && outcome.claimed == Money(fen: 30_000))
    let show = try await Commitments.show(
      pairing: pairing, today: CalendarDate("2027-06-01")!, in: district.admin)
    #expect(!show.isRunning && show.outstanding == .zero && show.received == Money(fen: 100_000))
    #expect(show.instalments.map(\.state) == [.received] + Array(repeating: .noLongerDue, count: 5))
    let due = try await Instalments.list(
      Semester("2026-2027-2")!, state: .overdue, today: CalendarDate("2027-06-01")!,
      in: district.admin)
    #expect(due.isEmpty)
    #expect(
      await refusal {
        try await Instalments.receive(
          .number(2, ofPairing: pairing), amount: Money(fen: 1), on: TestDistrict.today,
          in: district.admin)
      } == "instalment.pairing_ended")
    try await district.healthy()

    let notice = try await SponsorNotices.notice(ofRevocation: id, in: fixture.principal)
    #expect(notice.moneyKept == Money(fen: 70_000))
    let claim = try #require(try await Revocations.show(id, in: district.admin).claims.first)
    _ = try await Clawbacks.recover(
      claim.clawback, amount: Money(fen: 10_000), on: TestDistrict.today,
      semester: TestDistrict.autumn, in: district.admin)
    let later = try await SponsorNotices.notice(ofRevocation: id, in: fixture.principal)
    #expect(later.moneyKept == Money(fen: 80_000))
    #expect(
      await refusal {
        try await SponsorNotices.notice(ofRevocation: id, in: try await district.principalOfOther())
      } == "revocation.no_pairing")
  }

  @Test("nothing of the reason, the category or the child's name is in what a sponsor can see")
  func nothingPrivate() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let (student, pairing) = try await Self.sponsored(fixture)
    _ = try await TestPlatform.asOwner { [code = district.code] session in
      try session.execute("update recognition set category = 'orphan' where district_id = $1", code)
    }
    let id = try await fixture.heard(student)
    _ = try await fixture.decide(id)
    let notice = try await SponsorNotices.notice(ofRevocation: id, in: fixture.principal)
    let donor: UUID = try await district.admin.read {
      try $0.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    _ = try await Donors.copy(
      donor, reason: "本人申请", askedOn: TestDistrict.today, today: TestDistrict.today, language: .zh,
      to: path, in: district.admin)
    let file = try TableFile.open(path: path)
    var copy = ""
    for sheet in file.sheets.indices {
      try file.rows(sheet: sheet) { row, _ in copy += "\(row)" }
    }
    let encoder = JSONEncoder()
    let outputs = [
      SponsorNotices.letter(notice, .zh), SponsorNotices.letter(notice, .en),
      String(decoding: try encoder.encode(notice), as: UTF8.self), copy,
      String(
        decoding: try encoder.encode(try await Pairings.list(in: district.admin)), as: UTF8.self),
      String(
        decoding: try encoder.encode(
          try await Commitments.show(
            pairing: pairing, today: TestDistrict.today, in: district.admin)), as: UTF8.self),
    ]
    let hidden = [
      Fixture.because, Fixture.evidence, Fixture.answer, "orphan", "孤儿", "撤销", "虚假", "不实", "追回",
      "revo", "false statement", "false info", "样小例", "困难", "停止发放",
    ]
    for output in outputs {
      for word in hidden { #expect(!output.contains(word), "\(word)") }
    }
    #expect(outputs[0].contains("样*例") && outputs[0].contains("第一小学"))
    #expect(outputs[0].contains("退还给您"))
  }

  @Test("an open pair lapses with its proposal; undone, the pupil waits as long as it did before")
  func waits() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let student = try await district.pupil(TestPupil(name: "样久等", filedOn: "2026-09-02"))
    _ = try await district.pupil(TestPupil(name: "样后来", filedOn: "2026-09-05"))
    _ = try await district.offer()
    let proposal = try await district.approved()
    let id = try await fixture.heard(student)
    _ = try await fixture.decide(id)
    let shown = try await Proposals.show(proposal, in: district.admin)
    #expect(shown.pairs.map(\.state) == [.lapsed] && shown.summary.state == .withdrawn)
    #expect(await refusal { try await district.accept(proposal) } == "pairing.already_withdrawn")

    try await Revocations.proposeReversal(
      id, because: "查错人", on: Fixture.day, in: fixture.other)
    _ = try await Revocations.reverse(id, on: Fixture.day, in: district.admin)
    let acceptance = try await district.accept(try await district.approved(), on: "2026-10-01")
    let again = try await fixture.heard(student)
    #expect(try await fixture.decide(again).pairing == acceptance.pairings.first)
    try await Revocations.proposeReversal(
      again, because: "又查错", on: Fixture.day, in: fixture.other)
    _ = try await Revocations.reverse(again, on: Fixture.day, in: district.admin)
    let pairs = try await Proposals.show(try await district.propose().id, in: district.admin).pairs
    #expect(pairs.map(\.student) == [student])
    #expect(pairs.first?.reason.zh.contains("自 2026-09-02 起等待") == true)
    try await district.healthy()
  }

  @Test("goods that were handed out since are listed with their value")
  func goods() async throws {
    let goods = try await GoodsFixture.make()
    let district = goods.district
    _ = try await district.importRoster(
      "年级,班级,姓名,等级\n一年级,1班,样甲,困难\n")
    _ = try await goods.receive(
      goods.bag, 10, worth: .each(Money(fen: 3_000)))
    _ = try await goods.handOut(goods.bag, 1, on: "2026-09-20")
    _ = try await goods.handOut(goods.bag, 2, on: "2026-10-08")
    let fixture = Fixture(
      district: district,
      principal: try await PaymentBatchTests.user("pri", .principal, district),
      other: district.admin)
    let id = try await fixture.heard(goods.pupils[0])
    _ = try await fixture.decide(id)
    let listed = try await Revocations.show(id, in: fixture.principal).goods
    #expect(listed.map(\.quantity) == [2])
    #expect(listed.map(\.value.fen) == [6_000])
  }
}
