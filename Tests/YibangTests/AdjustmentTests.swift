import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Recognition adjusted each semester, and its history by date")
struct AdjustmentTests {
  typealias Fixture = RecognitionFixture

  private static func year() async throws -> Fixture {
    let fixture = try await Fixture.make()
    try await fixture.openSpring()
    try await fixture.openAdjustment()
    return fixture
  }

  /// A pupil filed as difficult on 20 October and adjusted in autumn.
  private static func adjusted(
    to tier: Tier?, _ fixture: Fixture
  ) async throws -> (student: UUID, id: UUID) {
    let student = try await fixture.recognised()
    let id = try await fixture.adjust(student)
    try await fixture.settle(
      id, tier: tier, adjusts: Fixture.autumn, steps: "2026-12-01", posted: "2026-12-02",
      filed: "2026-12-10")
    return (student, id)
  }

  @Test(
    "the tier of each day: yearly from its filing, adjusted from the next semester, and no longer")
  func vectors() async throws {
    let fixture = try await Self.year()
    let (student, id) = try await Self.adjusted(to: .special, fixture)
    let days = [
      ("2026-10-19", nil), ("2026-10-20", "difficult"), ("2027-02-28", "difficult"),
      ("2027-03-01", "special"), ("2027-08-31", "special"), ("2027-09-01", nil),
    ]
    for (day, tier) in days {
      #expect(try await fixture.tier(student, on: day) == tier, "\(day)")
    }
    let history = try await Recognitions.history(of: student, in: fixture.officer)
    #expect(
      history.map { "\($0.from) \($0.until)" } == [
        "2026-10-20 2027-02-28", "2027-03-01 2027-08-31",
      ])
    #expect(history.map(\.tier) == [.difficult, .special])
    #expect(history.map(\.ruleVersion) == [1, 1])
    #expect(history[1].recognitionCase == id)
    #expect(history.map(\.category) == [nil, nil])
    try await fixture.district.healthy()
  }

  @Test(
    "downward and to none: the school has a recognised pupil assessed anew, and it is on the notice"
  )
  func noLonger() async throws {
    let fixture = try await Self.year()
    let student = try await fixture.recognised()
    let id = try await fixture.adjust(student, words: "父亲已就业")
    try await fixture.decide(
      id, tier: nil, adjusts: Fixture.autumn, steps: "2026-12-01", posted: "2026-12-02")
    let notice = try await Notices.running(
      on: CalendarDate("2026-12-03")!, in: fixture.assessors[0])
    #expect(notice.count == 1)
    let shown = String(decoding: try JSONEncoder().encode(notice), as: UTF8.self)
    #expect(shown.contains("不再认定") && !shown.contains("已就业"))
    try await Cases.file([id], on: CalendarDate("2026-12-10")!, in: fixture.officer)
    #expect(try await fixture.tier(student, on: "2027-02-28") == "difficult")
    #expect(try await fixture.tier(student, on: "2027-03-01") == nil)
    #expect(try await Cases.change(of: id, in: fixture.officer) == "父亲已就业")
    let general = try await Self.adjusted(to: .general, try await Self.year())
    #expect(general.student != student)
  }

  @Test("a spring adjustment holds from autumn until that year's own filing takes its place")
  func spring() async throws {
    let fixture = try await Self.year()
    let student = try await fixture.recognised()
    _ = try await Semesters.open(Fixture.nextAutumn, in: fixture.district.admin)
    try await fixture.openAdjustment(Fixture.spring, on: "2027-04-01")
    let id = try await fixture.adjust(student, semester: Fixture.spring, on: "2027-04-02")
    // The holidays of 2027 are not published: the notice is posted as the database takes it.
    let officer = fixture.officer
    try await fixture.district.healthy()
    _ = try await Self.post(id, tier: "special", on: "2027-05-01", fixture)
    try await Cases.file([id], on: CalendarDate("2027-05-10")!, in: officer)
    #expect(try await fixture.tier(student, on: "2027-08-31") == "difficult")
    #expect(try await fixture.tier(student, on: "2027-09-01") == "special")
    #expect(try await fixture.tier(student, on: "2028-08-31") == "special")
    #expect(try await fixture.tier(student, on: "2028-09-01") == nil)
    let code = fixture.district.code
    try await TestPlatform.asOwner { session in
      _ = try session.batch([
        Bound("select set_config('yibang.district', $1, false)", code),
        Bound(
          """
          select recognition_clear(array[$1::uuid], '2027-10-08', recognition_ends(2027))
          """, student),
      ])
    }
    #expect(try await fixture.tier(student, on: "2027-10-07") == "special")
    #expect(try await fixture.tier(student, on: "2027-10-08") == nil)
  }

  /// Takes a case to the notice by the database's own steps, in a year without published holidays.
  private static func post(
    _ id: UUID, tier: String, on day: String, _ fixture: Fixture
  ) async throws -> UUID {
    let day = CalendarDate(day)!
    let officer = fixture.officer
    try await Cases.nominate([id], nominated: true, on: day, in: officer)
    try await Cases.setPanel([id], assessors: ["a1", "a2"], on: day, in: officer)
    for assessor in fixture.assessors {
      _ = try await Cases.assess(
        id, method: .interview, showsHardship: true, on: day, in: assessor)
    }
    _ = try await Cases.propose(
      id, proofs: [],
      decision: SchoolDecision(tier: Tier(rawValue: tier)!, justification: "家庭情况"), on: day,
      in: officer)
    for member in fixture.members.prefix(2) {
      _ = try await Cases.vote([id], agrees: true, on: day, in: member)
    }
    let notice = UUID.v7()
    try await officer.write { session in
      _ = try session.query(
        """
        select notice_post(
          $1, (select round_id from recognition_case where id = $2), $3, $3 + 7, array[$2], $4, $5
        )
        """, notice, id, day, ["样*例"], officer.actor.userID)
    }
    return notice
  }

  @Test("a new pupil applies in the adjustment; a pupil has one case under way, and one a round")
  func newPupil() async throws {
    let fixture = try await Self.year()
    let student = try await fixture.pupil("样新来")
    let id = try await fixture.adjust(student, guardian: "样家长", words: "新转入", key: "k1")
    #expect(
      try await fixture.adjust(student, guardian: "样家长", words: "新转入", key: "k1") == id)
    #expect(
      await refusal { try await fixture.adjust(student, guardian: "样家长") }
        == "recognition.applied_before")
    try await fixture.settle(
      id, tier: .general, adjusts: Fixture.autumn, steps: "2026-12-01", posted: "2026-12-02",
      filed: "2026-12-10")
    #expect(try await fixture.tier(student, on: "2027-02-28") == nil)
    #expect(try await fixture.tier(student, on: "2027-03-01") == "general")

    let busy = try await fixture.pupil("样两份")
    let yearly = try await fixture.apply(busy, claims: [])
    #expect(
      await refusal { try await fixture.adjust(busy, guardian: "样家长") }
        == "adjustment.open_already")
    try await Cases.withdraw(yearly, on: Fixture.day, in: fixture.officer)
    _ = try await fixture.adjust(busy, guardian: "样家长")
  }

  @Test("what is refused, by the database too")
  func refusals() async throws {
    let fixture = try await Fixture.make()
    let student = try await fixture.recognised()
    #expect(await refusal { try await fixture.adjust(student) } == "adjustment.unknown_round")
    #expect(
      await refusal { try await fixture.openAdjustment(on: "2026-08-20") }
        == "adjustment.other_semester")
    try await fixture.openAdjustment()
    try await fixture.openAdjustment()
    #expect(
      await refusal { try await fixture.openAdjustment(on: "2026-11-03") }
        == "recognition.round_exists")
    #expect(
      await refusal { try await fixture.adjust(student, words: " ") } == "adjustment.says_change")
    #expect(
      await refusal { try await fixture.adjust(student, guardian: "旁人") }
        == "recognition.not_guardian")
    let stranger = try await fixture.pupil("样未认")
    #expect(
      await refusal { try await fixture.adjust(stranger) } == "adjustment.nothing_present")
    #expect(
      await refusal {
        try await Cases.apply(
          .init(
            student: student, semester: Fixture.autumn, guardian: "样家长", signed: false, claims: [],
            words: "变化"), on: CalendarDate("2026-11-04")!, in: fixture.officer)
      } == "recognition.not_signed")
    #expect(
      await refusal { try await fixture.adjust(student, on: "2026-11-30") }
        == "recognition.after_deadline")
    for (context, code) in [
      (fixture.assessors[0], "access.forbidden"),
      (fixture.district.otherOfficer, "student.unknown"),
    ] {
      #expect(
        await refusal {
          try await Cases.apply(
            .init(
              student: student, semester: Fixture.autumn, guardian: nil, signed: false, claims: [],
              words: "变化"), on: CalendarDate("2026-11-04")!, in: context)
        } == code)
    }
    // Nobody knows when the next semester begins.
    let id = try await fixture.adjust(student)
    try await fixture.decide(
      id, tier: .special, adjusts: Fixture.autumn, steps: "2026-12-01", posted: "2026-12-02")
    #expect(
      await refusal {
        try await Cases.file([id], on: CalendarDate("2026-12-10")!, in: fixture.officer)
      }
        == "adjustment.next_semester_unknown")
    try await fixture.openSpring()
    try await Cases.file([id], on: CalendarDate("2026-12-10")!, in: fixture.officer)
    #expect(
      await refusal {
        try await Cases.file([id], on: CalendarDate("2026-12-10")!, in: fixture.officer)
      }
        == "recognition.wrong_state")

    let round: UUID = try await fixture.officer.read {
      try $0.query("select id from recognition_round where adjusts is not null")[0].get(0)
    }
    let direct = await failure {
      try await fixture.officer.write { session in
        _ = try session.query(
          "select case_apply($1, $2, $3, null, true, '', '2026-11-04', $4)", UUID.v7(), round,
          stranger, fixture.officer.actor.userID)
      }
    }
    #expect((direct as? PostgresError)?.detail?.constraint == "case_says_change")
  }

  @Test(
    "only the database's functions write recognition",
    arguments: [
      "update recognition set tier = 'special'", "delete from recognition",
      "insert into recognition select * from recognition",
      "select recognition_clear('{}', '2026-09-01', '2027-08-31')",
      "update student_move set state = 'done'",
    ])
  func onlyFunctions(statement: String) async throws {
    let fixture = try await Fixture.make()
    let error = await failure {
      try await fixture.officer.write { try $0.script(SQL(trusted: statement)) }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "42501")
  }

  @Test("two recognitions of a pupil on one day are refused, whoever writes them")
  func overlap() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.recognised()
    let error = await failure {
      try await TestPlatform.asOwner { session in
        _ = try session.execute(
          """
          insert into recognition (
            district_id, id, school_id, student_id, school_year, tier, rule_set, rule_version, state,
            filed_on, source, reasons, actor_id, valid_from, valid_until
          )
          select district_id, gen_random_uuid(), school_id, student_id, school_year, tier, rule_set,
            rule_version, state, filed_on, source, reasons, actor_id, valid_until, valid_until + 1
          from recognition where district_id = $1
          """, fixture.district.code)
      }
    }
    #expect((error as? PostgresError)?.detail?.constraint == "recognition_one_a_day")
  }

  @Test(
    "a pupil with two tiers in a year is listed, paid, reported and proposed once, by the right one"
  )
  func readers() async throws {
    let fixture = try await Self.year()
    let district = fixture.district
    let (student, _) = try await Self.adjusted(to: .special, fixture)
    let year = Fixture.year
    let autumn = try await Students.list(
      year: year, on: CalendarDate("2026-12-31")!, recognisedOnly: true, in: fixture.officer)
    #expect(autumn.map(\.tier) == ["difficult"])
    let spring = try await Students.list(
      year: year, on: CalendarDate("2027-03-01")!, recognisedOnly: true, in: fixture.officer)
    #expect(spring.map(\.tier) == ["special"])
    #expect(try await Students.list(year: year, in: fixture.officer).count == 1)

    _ = try await district.give(100_000)
    let rule = PayeeRule.byTier([.difficult: Money(fen: 300), .special: Money(fen: 500)])
    let batch = try await PaymentBatches.make(district.newBatch(), rule: rule, in: district.admin)
    #expect(
      try await PaymentBatches.lines(batch, in: district.admin).map(\.figures.due.fen) == [300])
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let later = try await PaymentBatches.make(
      NewPaymentBatch(
        school: district.school, fund: fund, purpose: .study, semester: Fixture.spring, title: "春季"),
      rule: rule, in: district.admin)
    #expect(
      try await PaymentBatches.lines(later, in: district.admin).map(\.figures.due.fen) == [500])

    for (semester, tier) in [(Fixture.autumn, Tier.difficult), (Fixture.spring, .special)] {
      let lines = try await fixture.officer.read {
        try Reports.maskedPupils($0, fixture.officer.actor, school: nil, semester)
      }
      #expect(lines.map(\.tier) == [tier])
    }
    _ = try await Consents.give(
      .init(
        student: student, scope: .pairing, giver: .guardian("样家长"), on: Fixture.day,
        proof: .paper("柜")), in: fixture.officer)
    _ = try await district.offer()
    let proposal = try await Proposals.propose(Fixture.spring, in: district.admin)
    let pairs = try await Proposals.show(proposal.id, in: district.admin).pairs
    #expect(pairs.map(\.tier) == [.special])
    try await district.healthy()
  }

  @Test("whose tier has ended is neither paid nor proposed for the next semester")
  func ended() async throws {
    let fixture = try await Self.year()
    let district = fixture.district
    let (student, _) = try await Self.adjusted(to: nil, fixture)
    _ = try await Consents.give(
      .init(
        student: student, scope: .pairing, giver: .guardian("样家长"), on: Fixture.day,
        proof: .paper("柜")), in: fixture.officer)
    _ = try await district.offer()
    let proposal = try await Proposals.propose(Fixture.spring, in: district.admin)
    #expect(proposal.pairs == 0)
    let left = try await Proposals.show(proposal.id, in: district.admin).leftPupils
    #expect(left.map(\.reason.code) == ["recognition_missing"])
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let refused = await refusal {
      try await PaymentBatches.make(
        NewPaymentBatch(
          school: district.school, fund: fund, purpose: .study, semester: Fixture.spring,
          title: "春季"), rule: .fixed(Money(fen: 100)), in: district.admin)
    }
    #expect(refused == "payment.no_payee")
    _ = try await district.give(1_000)
    _ = try await district.approvedBatch(.study, 500)
  }

  @Test("a sheet corrects a sheet, from its semester on, and nothing that was decided")
  func sheets() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.importRoster("年级,班级,姓名,等级\n一年级,1班,样甲,困难\n")
    let student = try #require(
      try await Students.list(year: Fixture.year, in: district.admin).first { $0.tier != nil }
    ).id
    #expect(try await fixture.tier(student, on: "2026-09-01") == "difficult")
    let again = try await district.importRoster("年级,班级,姓名,等级\n一年级,1班,样甲,特别困难\n")
    #expect(again.updated == 1)
    #expect(try await fixture.tier(student, on: "2026-09-01") == "special")
    let kept = try await Recognitions.history(of: student, withReplaced: true, in: district.admin)
    #expect(Set(kept.map(\.state)) == [.replaced, .filed])

    let decided = try await fixture.recognised("样乙")
    let report = try await district.importRoster("年级,班级,姓名,等级\n三年级,1班,样乙,特别困难\n")
    #expect(report.updated == 0)
    #expect(report.warnings.map(\.kind) == [.disagreement])
    #expect(try await fixture.tier(decided, on: "2026-12-01") == "difficult")
  }

  @Test("the category is shown for a reason alone, to who may know it, and that is recorded")
  func categories() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .filed)
    let student: UUID = try await fixture.officer.read {
      try $0.query("select student_id from recognition_case where id = $1", id)[0].get(0)
    }
    let open = try await Recognitions.history(of: student, reveal: "家长查询", in: fixture.officer)
    #expect(open.map(\.category) == ["orphan"])
    let auditor = try await PaymentBatchTests.user("aud", .auditor, fixture.district)
    let masked = try await Recognitions.history(of: student, in: auditor)
    #expect(masked.map(\.name) == ["样*例"])
    #expect(
      await refusal { try await Recognitions.history(of: student, reveal: "想看看", in: auditor) }
        == "access.forbidden")
    #expect(
      await refusal {
        try await Recognitions.history(of: student, reveal: "?", in: fixture.officer)
      }
        == "report.reason_missing")
    #expect(
      await refusal {
        try await Recognitions.history(of: student, in: fixture.district.otherOfficer)
      } == "student.unknown")
    let recorded = try await fixture.district.count(
      "select count(*) from audit where district_id = $1 and action = 'recognition.reveal'")
    #expect(recorded == 1)
  }
}
