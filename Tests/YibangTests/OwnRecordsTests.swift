import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What a sponsor sees")
struct OwnRecordsTests {
  private struct Fixture {
    let letters: LetterFixture
    /// The sponsor of the pairing, and another donor with an account.
    let sponsor: Context
    let stranger: Context

    static func make() async throws -> Fixture {
      let letters = try await LetterFixture.make()
      let district = letters.district
      let other = try await Donors.donor(
        DonorDetails(kind: .individual, name: "旁人", anonymous: false), school: nil,
        in: district.admin)
      func account(_ login: String, _ donor: UUID) -> Context {
        Context(
          platform: district.platform,
          actor: Actor(
            districtID: district.code, userID: district.admin.actor.userID, login: login,
            role: .sponsor, schoolID: nil, donorID: donor))
      }
      return Fixture(
        letters: letters, sponsor: account("sponsor", letters.mail.donor),
        stranger: account("stranger", other))
    }
  }

  @Test("the own pairing with its instalments, the pupil as its consents allow")
  func pairings() async throws {
    let fixture = try await Fixture.make()
    let today = TestDistrict.today
    _ = try await fixture.letters.district.pay(fixture.letters.mail.pairing, 30_000)
    let own = try await OwnRecords.pairings(today: today, in: fixture.sponsor)
    #expect(own.map(\.id) == [fixture.letters.mail.pairing])
    #expect(own[0].instalments.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(own[0].amountReceived.fen == 30_000)
    #expect(own[0].pupil?.contains("*") == true && own[0].school == "第一小学")
    try await fixture.letters.mail.withdraw("pairing")
    let after = try await OwnRecords.pairings(today: today, in: fixture.sponsor)
    #expect(after[0].pupil == nil && after[0].school == nil && after[0].grade == nil)
    #expect(try await OwnRecords.pairings(today: today, in: fixture.stranger).isEmpty)
  }

  @Test("the own gifts and receipts, and nobody else's")
  func gifts() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.letters.district
    _ = try await district.pay(fixture.letters.mail.pairing, 30_000)
    _ = try await district.give(5_000)
    let statement = try await OwnRecords.statement(withTotals: true, in: fixture.sponsor)
    #expect(statement.lines.map(\.amount.fen) == [30_000])
    #expect(statement.totals?.received.fen == 30_000)
    #expect(try await OwnRecords.statement(in: fixture.stranger).lines.isEmpty)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let gift = try await Giving.record(
      Giving.NewDonation(
        donor: fixture.letters.mail.donor, fund: fund, school: district.school.id,
        semester: TestDistrict.autumn, amount: Money(fen: 700), receivedOn: TestDistrict.approval),
      key: nil, in: district.admin)
    _ = try await Receipts.issue(
      .init(.donation(gift.id), on: TestDistrict.today), in: district.admin)
    let receipts = try await OwnRecords.receipts(in: fixture.sponsor)
    #expect(receipts.map(\.amount?.fen) == [700] && receipts[0].donation == gift.id)
    #expect(try await OwnRecords.receipts(in: fixture.stranger).isEmpty)
  }

  @Test("a released letter alone, as long as its consents hold; its reading stands in the trail")
  func letters() async throws {
    let fixture = try await Fixture.make()
    let (letters, today) = (fixture.letters, TestDistrict.today)
    let id = try await letters.submitted("谢谢您的帮助。")
    #expect(try await OwnRecords.letters(today: today, in: fixture.sponsor).isEmpty)
    #expect(
      await refusal { try await OwnRecords.letter(id, today: today, in: fixture.sponsor) }
        == "letter.unknown")
    _ = try await letters.open(id)
    try await letters.release(id)
    #expect(try await OwnRecords.letters(today: today, in: fixture.sponsor).map(\.id) == [id])
    #expect(
      try await OwnRecords.letter(id, today: today, in: fixture.sponsor) == .text("谢谢您的帮助。"))
    let trail = try await Audit.list(.init(subject: id), in: letters.district.admin)
    #expect(trail.filter { $0.action == "letter.read" }.count == 1)
    #expect(
      await refusal { try await OwnRecords.letter(id, today: today, in: fixture.stranger) }
        == "letter.unknown")
    #expect(
      await refusal { try await OwnRecords.letters(today: today, in: letters.district.admin) }
        == "access.forbidden")
    try await letters.mail.withdraw("letter")
    #expect(try await OwnRecords.letters(today: today, in: fixture.sponsor).isEmpty)
    #expect(
      await refusal { try await OwnRecords.letter(id, today: today, in: fixture.sponsor) }
        == "letter.unknown")
  }
}
