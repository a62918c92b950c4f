import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Sponsors' offers")
struct PairingOfferTests {
  private func donors(_ district: TestDistrict) async throws -> Int {
    try await district.count("select count(*) from donor where district_id = $1")
  }

  @Test("an offer is listed with its wishes, places and what is taken of them")
  func list() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    let wish = Wish(school: district.school.id, grade: "三 年级", gender: .female)
    _ = try await district.offer(
      SponsorDetails(kind: .organisation, name: "试基金会"), amount: 80_000, places: 3, wish: wish)
    _ = try await district.accept(try await district.approved())
    let offer = try #require(try await Offers.list(in: district.admin).first)
    #expect(offer.sponsor == "试基金会" && offer.sponsorKind == .organisation && offer.isOpen)
    #expect(offer.places == 3 && offer.taken == 1 && offer.amount == Money(fen: 80_000))
    #expect(offer.wishSchool == "第一小学" && offer.wishGrade == "三年级")
    #expect(offer.wishGender == .female && offer.firstSemester == TestDistrict.autumn)
  }

  @Test("one person is one sponsor: found by identity number, or by phone and name")
  func sameSponsor() async throws {
    let district = try await TestDistrict.make()
    let (id, phone) = (try ResidentID("990000201503010017"), try Mobile("13800000001"))
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试好人", mobile: phone))
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试　好人", residentID: id, mobile: phone))
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试好人", residentID: id, employer: "试单位"))
    #expect(try await donors(district) == 1)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试好人"))
    #expect(try await donors(district) == 2, "a name alone does not make it the same person")
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试他人", mobile: phone))
    #expect(try await donors(district) == 3, "a shared phone does not either")
  }

  @Test("what is known of a sponsor is sealed and completed, and never replaced")
  func sealed() async throws {
    let district = try await TestDistrict.make()
    let id = try ResidentID("990000201503010017")
    let (phone, other) = (try Mobile("13800000001"), try Mobile("13800000002"))
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试好人", mobile: phone))
    _ = try await district.offer(
      SponsorDetails(
        kind: .individual, name: "试好人", anonymous: true, residentID: id, mobile: phone))
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试好人", residentID: id, mobile: other))
    let (code, vault) = (district.code, district.platform.vault)
    let fields = try await district.admin.read { session in
      let rows = try session.query(
        "select id, private_sealed, anonymous from donor where district_id = $1", code)
      #expect(rows.count == 1)
      #expect(try rows[0].get(2) as Bool)
      let place = SealedPlace("donor", try rows[0].get(0), "private")
      return SealedFields(bytes: try vault.open(try rows[0].get(1), at: place))
    }
    #expect(fields["resident"] == id.text && fields["phone"] == phone.text)
  }

  @Test("an identity number under another name is refused without telling either")
  func otherName() async throws {
    let district = try await TestDistrict.make()
    let code = try CreditCode("91990000MA0AAAA1XB")
    _ = try await district.offer(
      SponsorDetails(kind: .company, name: "试甲公司", creditCode: code))
    let error = await failure {
      try await district.offer(SponsorDetails(kind: .company, name: "试乙公司", creditCode: code))
    }
    let refused = try #require(error as? PairingError)
    #expect(refused.code == "offer.sponsor_other_name")
    #expect(!refused.text.zh.contains("试") && !refused.text.zh.contains(code.text))
  }

  @Test(
    "an offer that cannot be is refused",
    arguments: [
      (" ", 100_000, 1, "offer.empty_name"), ("试甲", 0, 1, "offer.amount"),
      ("试甲", -1, 1, "offer.amount"), ("试甲", Int64.max / 2, 1, "offer.amount"),
      ("试甲", 100_000, 0, "offer.places"), ("试甲", 100_000, 1001, "offer.places"),
    ] as [(String, Int64, Int, String)])
  func refused(name: String, fen: Int64, places: Int, code: String) async throws {
    let district = try await TestDistrict.make()
    let sponsor = SponsorDetails(kind: .individual, name: name)
    #expect(
      await refusal { try await district.offer(sponsor, amount: fen, places: places) } == code)
    #expect(try await donors(district) == 0)
  }

  @Test("a wish for a school that is not registered is refused")
  func unknownSchool() async throws {
    let district = try await TestDistrict.make()
    #expect(
      await refusal { try await district.offer(wish: Wish(school: UUID())) }
        == "offer.unknown_school")
  }

  @Test("a line of a sheet is recorded once, a key too")
  func once() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let offer = Offers.NewOffer(
      sponsor: SponsorDetails(kind: .teacher, name: "试教师"), firstSemester: TestDistrict.autumn,
      amount: Money(fen: 100_000), places: 2, lineHash: [1, 2, 3])
    let added = try await admin.write { session in
      let first = try Offers.record(offer, session, admin.platform.vault, admin.actor)
      let again = try Offers.record(offer, session, admin.platform.vault, admin.actor)
      #expect(first.id == again.id)
      return [first.added, again.added]
    }
    #expect(added == [true, false])
    var other = offer
    other.lineHash = nil
    let keyed = try await Offers.record(other, key: "o1", in: admin)
    #expect(try await Offers.record(other, key: "o1", in: admin) == keyed)
    #expect(try await Offers.list(in: admin).count == 2)
    #expect(
      try await district.count("select count(*) from offer_place where district_id = $1") == 4)
  }

  @Test("recording an offer needs the right to")
  func permission() async throws {
    let district = try await TestDistrict.make()
    let offer = Offers.NewOffer(
      sponsor: SponsorDetails(kind: .teacher, name: "试教师"), firstSemester: TestDistrict.autumn,
      amount: Money(fen: 1))
    #expect(
      await refusal { try await Offers.record(offer, in: district.officer) } == "access.forbidden")
  }

  @Test("two who record one new sponsor at once make one donor; 30 rounds")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    for round in 1...30 {
      let id = try ResidentID(syntheticID(round))
      let sponsor = SponsorDetails(kind: .individual, name: "试\(round)", residentID: id)
      let offer = Offers.NewOffer(
        sponsor: sponsor, firstSemester: TestDistrict.autumn, amount: Money(fen: 1))
      let result = await race(
        { try await Offers.record(offer, in: district.admin) },
        { try await Offers.record(offer, in: district.second) })
      #expect(result.won == 2, "\(result.codes)")
      #expect(try await donors(district) == round)
    }
  }

  /// A resident ID with a right check character.
  private func syntheticID(_ number: Int) -> String {
    let digits = Array("99000019800101\(100 + number)".utf8).map { Int($0) - 48 }
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let check = Array("10X98765432")[sum % 11]
    return digits.map { "\($0)" }.joined() + String(check)
  }
}
