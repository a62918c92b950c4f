import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What offers are limited to")
struct OfferLimitTests {
  private static let resident = "990000201503010017"
  private static let code = "G990000201503010017"

  private func importOffers(
    _ district: TestDistrict, _ lines: String, skipRefused: Bool = false
  ) async throws -> ImportReport {
    try await district.sheet(lines) { path in
      try await Offers.importSheet(
        district.request(path, skipRefused: skipRefused), in: district.admin)
    }
  }

  @Test("a sheet's limits, weights and named pupil are recorded once, and listed")
  func sheet() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(name: "样点名", residentID: Self.resident))
    let lines = """
      帮扶人,每学期金额,只限学校,意愿年级,年级权重,只限性别,意愿地区,指定学生
      助甲,1000,第一小学,三年级,5,女,990000100,\(Self.code)
      助乙,1000,不限,,,,,
      助丙,1000,第一小学、3199000001,,,,,
      """
    #expect(try await importOffers(district, lines).accepted == 3)
    let offers = try await Offers.list(in: district.admin)
    let offer = try #require(offers.first)
    #expect(offer.wishSchool == "第一小学" && offer.wishGrade == "三年级")
    #expect(offer.wishGender == .female && offer.wishRegion == "990000100")
    #expect(offer.limits == [.school, .gender] && offer.weights == [1, 1, 5, 1])
    #expect(offer.named == "样*名" && offer.renews == nil)
    #expect(offers[1].limits.isEmpty && offers[1].weights == nil && offers[1].named == nil)
    #expect(offers[2].wishSchool == "第一小学" && offers[2].otherSchools == ["第一中学"])
    #expect(try await importOffers(district, lines).unchanged == 3)
    #expect(try await Offers.show(offer.id, in: district.admin).named == "样*名")
    let other = lines.replacingOccurrences(of: ",5,女", with: ",6,女")
    #expect(try await importOffers(district, other).accepted == 1, "another weight, another offer")
  }

  @Test(
    "a line that contradicts itself, or says what cannot be read, is refused at its cell",
    arguments: [
      ("只限学校,意愿学校", "第一小学,第一中学", "与“意愿学校”不同"), ("只限学校,备注", "第一小学、第九小学,", "“第九小学”"),
      ("只限年级,意愿年级", "一年级,二年级", "与“意愿年级”不同"),
      ("只限性别,备注", "未知,", "不是“男”或“女”"), ("只限地区,备注", "甲乡,", "不是地区代码"),
      ("学校权重,备注", "0,", "权重不是"), ("性别权重,备注", "很想,", "权重不是"),
      ("指定学生,备注", "990000201503010017,", "开头不对"),
      ("指定学生,备注", "G990000201503010017,", "没有符合条件的学生"),
    ])
  func refusals(headings: String, cells: String, words: String) async throws {
    let district = try await TestDistrict.make()
    let report = try await importOffers(
      district, "帮扶人,每学期金额,\(headings)\n助甲,1000,\(cells)\n")
    #expect(report.accepted == 0 && report.refused.count == 1)
    #expect(report.refused.first?.problem.zh.contains(words) == true, "\(report.refused)")
    #expect(try await Offers.list(in: district.admin).isEmpty)
  }

  @Test("a relative or the class teacher names no pupil, and nothing of the line is left")
  func namedByRelative() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(
      TestPupil(headTeacher: "样老师", residentID: Self.resident, guardian: "样父亲"))
    let report = try await importOffers(
      district,
      """
      帮扶人,类别,工作单位,每学期金额,指定学生
      样父亲,个人,,1000,\(Self.code)
      样老师,教师,第一小学,1000,\(Self.code)
      助甲,个人,,1000,\(Self.code)
      """, skipRefused: true)
    #expect(report.refused.map(\.row) == [2, 3])
    #expect(report.refused.first?.problem.zh.contains("与监护人姓名相同") == true)
    #expect(report.refused.last?.problem.en.contains("class teacher") == true)
    #expect(try await Offers.list(in: district.admin).map(\.sponsor) == ["助甲"])
    #expect(try await district.count("select count(*) from donor where district_id = $1") == 1)
  }

  @Test("a named pupil outside the offer's own limits is refused")
  func namedOutside() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(gender: .female, residentID: Self.resident))
    let error = await failure {
      try await Offers.record(
        Offers.NewOffer(
          sponsor: SponsorDetails(kind: .individual, name: "助甲"),
          firstSemester: TestDistrict.autumn, amount: Money(fen: 1),
          wish: Wish(gender: .male, hard: [.gender]), named: try StudentCode(Self.code)),
        in: district.admin)
    }
    #expect((error as? OfferError)?.code == "offer.named_pupil")
    #expect((error as? OfferError)?.text.zh.contains("不符合限定条件（性别）") == true)
  }

  @Test("the named pupil gets the sponsor who named it, if it is served")
  func named() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.offer()
    _ = try await district.pupil(TestPupil(tier: .special))
    let pupil = try await district.pupil(TestPupil(tier: .general, residentID: Self.resident))
    let naming = try await Offers.record(
      Offers.NewOffer(
        sponsor: SponsorDetails(kind: .individual, name: "助甲"),
        firstSemester: TestDistrict.autumn, amount: Money(fen: 1),
        named: try StudentCode(Self.code)), in: district.admin)
    let pairs = try await Proposals.show(try await district.propose().id, in: district.admin).pairs
    #expect(pairs.first { $0.student == pupil }?.offer == naming)
    #expect(pairs.first { $0.student == pupil }?.reason.zh.contains("点名") == true)
  }

  @Test("limits, the school's minimum and its region keep pairs apart in proposals")
  func limits() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    _ = try await district.pupil(TestPupil(gender: .female))
    _ = try await district.offer(amount: 80_000, wish: Wish(gender: .male, hard: [.gender]))
    let first = try await district.propose()
    #expect(first.pairs == 0 && first.unserved.map(\.reason.code) == ["limits"])
    #expect(first.unserved.first?.reason.zh.contains("性别") == true)
    _ = try await district.offer(amount: 80_000)
    try await Schools.setMinimum(Money(fen: 100_000), of: district.school, in: admin)
    let second = try await district.propose()
    #expect(second.pairs == 0)
    #expect(second.unserved.first?.reason.zh.contains("金额低于学校标准") == true)
    try await Schools.setMinimum(nil, of: district.school, in: admin)
    #expect(try await district.propose(replacing: true).pairs == 1)
    try await Schools.setRegion(RegionCode("990000100"), of: district.school, in: admin)
    let near = try await district.offer(wish: Wish(region: "990000100", hard: [.region]))
    let far = try await district.offer(wish: Wish(region: "990000200", hard: [.region]))
    _ = try await district.pupil()
    let schools = Wish(
      school: district.otherSchool.id, otherSchools: [district.school.id], hard: [.school])
    _ = try await district.offer(wish: schools)
    let third = try await Proposals.show(
      try await district.propose(replacing: true).id, in: admin)
    #expect(third.pairs.count == 2 && !third.pairs.map(\.offer).contains(far))
    #expect(!third.leftPlaces.contains { $0.offer != far && $0.reason.code != "no_pupil" })
    _ = try await district.pupil()
    _ = try await district.pupil()
    let fourth = try await Proposals.show(
      try await district.propose(replacing: true).id, in: admin)
    #expect(fourth.pairs.count == 3 && fourth.pairs.map(\.offer).contains(near))
    #expect(third.leftPlaces.map(\.offer).contains(far))
  }

  @Test("the database refuses limits without a wish and weights out of bounds")
  func schema() async throws {
    let district = try await TestDistrict.make()
    let wishes: [(Wish, String)] = [
      (Wish(hard: [.region]), "offer.limit_without_wish"),
      (Wish(grade: "一年级", weights: [.grade: 101]), "offer.weight"),
      (Wish(region: "99"), "school.region"),
      (Wish(school: district.school.id, otherSchools: [UUID()]), "offer.unknown_school"),
    ]
    for (wish, code) in wishes {
      #expect(await refusal { try await district.offer(wish: wish) } == code)
    }
    let copies: [(SQL, String)] = [
      ("'{school}', null", "offer_limits"), ("'{}', '{1,1,1}'", "offer_weights"),
      ("'{}', '{1,1,1,0}'", "offer_weights"), ("'{height}', null", "offer_limits"),
    ]
    _ = try await district.offer()
    for (values, constraint) in copies {
      let error = await failure {
        try await district.change(
          SQL(
            trusted: """
              insert into offer (
                district_id, id, donor_id, first_semester, amount_fen, places, limits, weights
              )
              select district_id, gen_random_uuid(), donor_id, first_semester, 1, 1, \(values.text)
              from offer where district_id = $1 limit 1
              """))
      }
      #expect((error as? PostgresError)?.detail?.constraint == constraint)
    }
  }

  @Test("a weight without its wish is refused, of one offer and in a sheet")
  func weightWithoutWish() async throws {
    let district = try await TestDistrict.make()
    #expect(
      await refusal { try await district.offer(wish: Wish(grade: "三年级", weights: [.school: 50])) }
        == "offer.weight_without_wish")
    let report = try await importOffers(
      district, "帮扶人,每学期金额,意愿年级,年级权重,学校权重\n助甲,1000,三年级,5,\n助乙,1000,三年级,,5")
    #expect(report.refusedRows == 1 && report.refused.map(\.column) == ["学校权重"])
  }

  @Test("a sponsor written twice in a sheet is told of; namesakes without a number are not")
  func writtenTwice() async throws {
    let district = try await TestDistrict.make()
    let report = try await importOffers(
      district,
      """
      帮扶人,身份证号,每学期金额,意愿年级
      助甲,\(Self.resident),1000,
      助甲,\(Self.resident),1000,三年级
      助甲,\(Self.resident),1000,
      助乙,,1000,
      助乙,,1000,
      """)
    #expect(report.accepted == 5)
    #expect(report.warnings.map(\.kind) == [.likelyDuplicate] && report.warnings[0].row == 4)
    #expect(report.warnings[0].text.zh.contains("第 2 行"))
  }

  @Test("a total that does not fit the amounts times places, or the places, is told")
  func totals() async throws {
    let district = try await TestDistrict.make()
    let lines = "帮扶人,每学期金额,名额\n助甲,1000,2\n助乙,500.5,1\n"
    let wrong = try await importOffers(district, lines + "合计,1500.5,2\n")
    #expect(wrong.refused.map(\.column) == ["每学期金额", "名额"] && !wrong.written)
    #expect(wrong.refused[0].problem.zh.contains("2,500.50"))
    let right = try await importOffers(district, lines + "合计,2500.50,3\n")
    #expect(right.accepted == 2 && right.written)
  }

  @Test("a school's terms are the district's to set, and audited")
  func terms() async throws {
    let district = try await TestDistrict.make()
    let (school, admin) = (district.school, district.admin)
    try await Schools.setMinimum(Money(fen: 90_000), of: school, in: admin)
    try await Schools.setRegion(RegionCode("990000"), of: school, in: admin)
    let stored = try await Schools.find(code: school.code, in: admin)
    #expect(stored.minimum == Money(fen: 90_000) && stored.region == "990000")
    #expect(
      await refusal { try await Schools.setMinimum(.zero, of: school, in: admin) }
        == "school.minimum")
    #expect(
      await refusal { try await Schools.setMinimum(nil, of: school, in: district.officer) }
        == "access.forbidden")
    for text in ["99", "9900001", "99000010x"] {
      #expect(await refusal { try RegionCode(text) } == "school.region")
    }
    let trail = try await Audit.list(.init(subject: school.id), in: admin).map(\.action)
    #expect(trail.prefix(2) == ["school.set_region", "school.set_minimum_fen"])
    try await Districts.setHoldDays(21, in: admin)
    #expect(try await Districts.holdDays(in: admin) == 21)
    #expect(
      await refusal { try await Districts.setHoldDays(0, in: admin) } == "district.hold_days")
  }

  @Test("a renewal brings the previous sponsor first, even before a pupil in greater need")
  func renewal() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pairing = try await district.pairing(amount: 90_000)
    #expect(
      await refusal { try await Offers.renew(pairing, first: TestDistrict.autumn, in: admin) }
        == "offer.renewal_too_early")
    _ = try await district.end(pairing, "sponsor_request", on: "2026-12-01")
    _ = try await district.pupil(TestPupil(tier: .special))
    let id = try await Offers.renew(pairing, first: TestDistrict.autumn, key: "r", in: admin)
    #expect(
      try await Offers.renew(pairing, first: TestDistrict.autumn, key: "r", in: admin) == id)
    #expect(
      await refusal { try await Offers.renew(pairing, first: TestDistrict.autumn, in: admin) }
        == "offer.renewed_before")
    let offer = try await Offers.show(id, in: admin)
    #expect(offer.amount == Money(fen: 90_000) && offer.renews == pairing && offer.places == 1)
    let detail = try await Proposals.show(try await district.propose().id, in: admin)
    #expect(detail.pairs.map(\.offer) == [id] && detail.pairs.map(\.reason.code) == ["pinned"])
    #expect(detail.leftPupils.map(\.tier) == [.special])
    #expect(try await MatchChoices.list(in: admin).map(\.origin) == [.renewal])
    #expect(
      await refusal { try await Offers.renew(UUID(), in: admin) } == "offer.unknown_pairing")
  }

  @Test("a renewal waits, and its place with it, until its pupil can be paired")
  func renewalWaits() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "sponsor_request", on: "2026-12-01")
    _ = try await Offers.renew(pairing, first: TestDistrict.autumn, in: district.admin)
    let pupil: UUID = try await district.admin.read { [code = district.code] in
      try $0.query("select student_id from pairing where district_id = $1", code)[0].get(0)
    }
    try await district.setRecognition(of: pupil, "revoked")
    _ = try await district.pupil()
    let summary = try await district.propose()
    #expect(summary.pairs == 0 && summary.freePlaces.map(\.reason.code) == ["renewal_waits"])
    #expect(summary.unserved.map(\.reason.code) == ["no_offer"])
    try await district.setRecognition(of: pupil, "filed")
    #expect(try await district.propose().pairs == 1)
  }
}
