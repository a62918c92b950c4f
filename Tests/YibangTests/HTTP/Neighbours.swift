import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A district whose two schools have records of every kind, and another district with the same.
struct Neighbours {
  /// The first school is the callers' own, the second the other one.
  let home: TestDistrict
  let away: TestDistrict
  /// Of the second school at home: what its objector was given.
  let objection: String

  static func make() async throws -> Neighbours {
    let home = try await TestDistrict.make()
    let away = try await TestDistrict.make(schools: ("2199000002", "3199000002"))
    for district in [home, away] {
      _ = try await Schools.add(
        code: "\(district.school.code.dropLast())9", name: "第三小学", in: district.admin)
    }
    let next = home.seenFromOtherSchool
    // Whom a proposal finds waiting it pairs: all that are to be paired come first.
    var pairs: [(student: UUID, donor: UUID, pairing: UUID)] = []
    for (district, name) in [(home, "甲"), (next, "乙"), (away, "丙")] {
      pairs.append(try await pair(district, name))
    }
    _ = try await fill(home, "甲", pairs[0])
    let objection = try await fill(next, "乙", pairs[1])
    _ = try await fill(away, "丙", pairs[2])
    return Neighbours(home: home, away: away, objection: objection)
  }

  private static func pair(
    _ district: TestDistrict, _ name: String
  ) async throws -> (student: UUID, donor: UUID, pairing: UUID) {
    var pupil = TestPupil()
    pupil.name = "样小一"
    pupil.guardian = "样家长"
    let student = try await district.pupil(pupil)
    _ = try await district.offer(SponsorDetails(kind: .company, name: "\(name)助学有限公司"))
    let acceptance = try await district.accept(try await district.approved())
    let pairing = try #require(acceptance.pairings.first)
    let donor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let other = try await district.offer(
      SponsorDetails(kind: .company, name: "\(name)另一有限公司"))
    _ = try await MatchChoices.forbid(
      student: student, offer: other, reason: "家庭不愿意", in: district.admin)
    return (student, donor, pairing)
  }

  /// - Returns: the number of an objection.
  private static func fill(
    _ district: TestDistrict, _ name: String,
    _ pair: (student: UUID, donor: UUID, pairing: UUID)
  ) async throws -> String {
    try await keepPapers(district, pair)
    try await keepMoney(district, name, pair.pairing)
    try await keepGoods(district, name)
    let fixture = try await RecognitionFixture.make(district, prefix: "\(district.school.code)-")
    _ = try await fixture.recognise("样\(name)二", to: .onNotice)
    let notice: UUID = try await district.officer.read { session in
      try session.query("select id from notice")[0].get(0)
    }
    return try await Objections.file(
      notice: notice, line: nil, words: "漏了一名学生", contact: nil,
      on: RecognitionFixture.posted, in: district.officer
    ).number
  }

  /// Consents, a letter, an activity, a move under way, a revocation proposed.
  private static func keepPapers(
    _ district: TestDistrict, _ pair: (student: UUID, donor: UUID, pairing: UUID)
  ) async throws {
    let officer = district.officer
    let today = TestDistrict.today
    for scope in ["letter", "story", "sponsor_identity"] {
      try await district.change(
        """
        insert into consent (
          district_id, id, school_id, student_id, scope, given_by, given_on, proof, actor_id
        )
        values ($1, $2, $3, $4, $5, '样家长', '2026-09-01', 'test', $6)
        """, UUID.v7(), district.school.id, pair.student, scope, officer.actor.userID)
    }
    _ = try await Consents.share(
      student: pair.student, .story, what: "校刊第三期", on: today, in: officer)
    _ = try await Letters.add(student: pair.student, .text("谢谢您。"), on: today, in: officer)
    _ = try await Activities.log(district.activity(), in: officer)
    var pupil = TestPupil()
    pupil.consents = false
    let (moving, revoked) = (try await district.pupil(pupil), try await district.pupil(pupil))
    let third = try await Schools.list(in: district.admin).first { $0.name == "第三小学" }
    _ = try await StudentMoves.move(
      moving, to: SchoolCode(try #require(third).code), on: CalendarDate("2026-11-09")!,
      today: today, in: officer)
    _ = try await Revocations.propose(
      revoked, since: RevocationFixture.since, because: "隐瞒房产", evidence: "查询单",
      on: today, in: officer)
    let leaver = try await district.pupil(pupil)
    _ = try await Erasures.propose(
      leaver, reason: "家长申请", askedBy: .guardian, on: today, in: officer)
    _ = try await Webhooks.add("https://example.org/hook", actions: nil, in: district.admin)
    _ = try await Jobs.schedule(today, in: district.admin)
    _ = try await AccessTokens.add(
      name: "程序", scope: [.read], expires: Date(timeIntervalSinceNow: 86_400), now: Date(),
      in: officer)
    let (code, user) = (district.code, officer.actor.userID)
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        """
        insert into login_session (
          district_id, id, user_id, token_sha256, second_factor, created_at, last_seen_at,
          expires_at
        )
        values ($1, $2, $3, sha256($2::text::bytea), false, now(), now(), now() + '1 day')
        """, code, UUID.v7(), user)
    }
  }

  /// Gifts, a campaign, receipts, an instalment, a batch paid and claimed back, the bank.
  private static func keepMoney(
    _ district: TestDistrict, _ name: String, _ pairing: UUID
  ) async throws {
    let (admin, today) = (district.admin, TestDistrict.today)
    let donor: UUID = try await admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    try await DonorReach.set(.letter(address: "测试路1号"), language: .zh, of: donor, in: admin)
    _ = try await Instalments.receive(
      .number(1, ofPairing: pairing), amount: Money(fen: 40_000), on: today, in: admin)
    let gift = try await district.gift("捐\(name)", 500_000)
    let twin = try await district.giver("捐\(name)重")
    let whole = try await district.giver("捐\(name)整")
    _ = try await Donors.merge(twin, into: whole, reason: "同一人", in: admin)
    _ = try await district.campaign("\(name)校募捐")
    _ = try await Receipts.issue(.init(.donation(gift), on: today), in: admin)

    var pupil = TestPupil()
    pupil.consents = false
    pupil.guardian = "家\(name)"
    _ = try await district.pupil(pupil)
    let batch = try await district.paidBatch(.study, 1_000)
    let line = try await PaymentBatches.lines(batch, in: admin)[0]
    let clawback = try await Clawbacks.open(
      payment: line.transfers[0], amount: Money(fen: 800), reason: .falseInformation,
      note: "核查不符", on: today, in: admin)
    _ = try await Clawbacks.recover(
      clawback, amount: Money(fen: 300), on: today, semester: TestDistrict.autumn, in: admin)

    let account = try await district.bankAccount(number: "6222\(district.school.code)03")
    let report = try await district.importStatement(
      """
      \(TestDistrict.bankHeader)
      2026-09-10,捐款,5000.00,,捐\(name),S1
      2026-09-11,手续费,,1.00,,S2

      """, into: account)
    try #require(report.refused.isEmpty)
    let lines = try await district.bankLines(in: district.officer)
    _ = try await Reconciliation.match(
      line: try #require(lines.first).id, with: [gift], note: "核对", in: admin)
  }

  private static func keepGoods(_ district: TestDistrict, _ name: String) async throws {
    let (context, school) = (district.officer, district.school.id)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "捐物\(name)公司", anonymous: false), school: school,
      in: context)
    let store = try await Goods.place(name: "库房", school: school, in: context)
    _ = try await Goods.place(name: "一年级柜", school: school, in: context)
    let bag = try await Goods.item(name: "书包", unit: "个", school: school, in: context)
    let kit = try await Goods.item(
      name: "礼包", unit: "套", kind: .kit, school: school, in: context)
    _ = try await Goods.define(kit: kit.id, of: [.init(item: bag.id, quantity: 1)], in: context)
    _ = try await Goods.receive(
      [.init(item: bag.id, donor: donor, place: store.id, quantity: 10, worth: nil)],
      GoodsFixture.on("2026-09-10"), in: context)
    let student: UUID = try await context.read { session in
      try session.query("select id from student order by id limit 1")[0].get(0)
    }
    _ = try await Goods.handOut(
      [.init(student: student, item: bag.id, quantity: 1, signature: nil)], from: store.id,
      lot: nil, GoodsFixture.on("2026-10-08"), in: context)
  }
}
