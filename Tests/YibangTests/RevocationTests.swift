import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Recognition revoked for false statements")
struct RevocationTests {
  typealias Fixture = RevocationFixture

  @Test("aid stops in every fund, what was received is listed and claimed back, the books agree")
  func wholeWay() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(100_000)
    try await district.pupils(3)
    let paid = try await district.paidBatch(.study, 1_000)
    let before = try await district.paidBatch(.education, 700, on: CalendarDate("2026-09-20")!)
    let relief = try await district.emergency(300)
    let approved = try await district.approvedBatch(.living, 500)
    let sponsorship = try await Funds.fund(
      for: FundKind.sponsorship.name.zh, school: district.school.id, in: district.admin)
    let draft = try await PaymentBatches.make(
      district.newBatch(.sponsorship, fund: sponsorship), rule: .fixed(Money(fen: 200)),
      in: district.admin)
    let student = try await PaymentBatches.lines(paid, in: district.admin)[1].student
    #expect(try await fixture.held() == 1_500)

    let id = try await fixture.heard(student)
    let preview = try await Revocations.show(id, in: fixture.principal)
    #expect(preview.received.map(\.unclaimed.fen).sorted() == [0, 1_000])
    let outcome = try await fixture.decide(id)
    #expect(outcome.linesTakenOut == 2)
    #expect(outcome.clawbacks == 1 && outcome.claimed == Money(fen: 1_000))
    #expect(outcome.pairing == nil)
    #expect(try await fixture.held() == 1_000)
    #expect(try await !fixture.isRecognised(student))
    try await district.healthy()

    // The others are paid, without a new approval.
    _ = try await PaymentBatches.pay(approved, on: TestDistrict.today, in: district.admin)
    #expect(try await district.figures(approved) == [1_000, 1_000, 0, 0])
    #expect(try await PaymentBatches.lines(draft, in: district.admin).count == 2)
    let detail = try await Revocations.show(id, in: district.officer)
    #expect(detail.received.map(\.batch).contains(relief))
    #expect(!detail.received.map(\.batch).contains(before))
    #expect(detail.received.allSatisfy { $0.unclaimed == .zero })
    #expect(detail.claims.map(\.left.fen) == [1_000])
    #expect(
      detail.stopped.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.approved, .draft])
    let clawbacks = try await Clawbacks.list(in: district.admin)
    #expect(clawbacks.map(\.reason) == [.falseInformation])
    #expect(clawbacks.map(\.note) == [nil])
    _ = try await Clawbacks.recover(
      clawbacks[0].id, amount: Money(fen: 400), on: TestDistrict.today,
      semester: TestDistrict.autumn, in: district.admin)
    #expect(try await Revocations.show(id, in: fixture.principal).claims.map(\.left.fen) == [600])
    #expect(await refusal { try await district.draft(.study, 100) } == "payment.already_paid")
    try await district.healthy()
  }

  @Test("a batch with no other pupil is cancelled; a failed line is not paid again")
  func lastLine() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let paid = try await district.paidBatch(.study, 1_000)
    let student = try await PaymentBatches.lines(paid, in: district.admin)[0].student
    _ = try await PaymentBatches.confirm(
      paid, lines: [1], as: .notReceived(note: "卡已注销"), on: TestDistrict.today,
      in: district.officer)
    let again = try await PaymentBatches.followUp(paid, in: district.admin)
    _ = try await PaymentBatches.submit(again, in: district.admin)
    _ = try await PaymentBatches.approve(again, today: TestDistrict.approval, in: district.second)
    let outcome = try await fixture.decide(try await fixture.heard(student))
    #expect(outcome.linesTakenOut == 1 && outcome.clawbacks == 0)
    #expect(try await PaymentBatches.show(again, in: district.admin).batch.state == .cancelled)
    #expect(try await fixture.held() == 0)
    #expect(
      await refusal { try await PaymentBatches.followUp(paid, in: district.admin) }
        == "payment.nothing_failed")
    try await PaymentBatches.close(paid, in: district.admin)
    try await district.healthy()
  }

  @Test("what is claimed back already is not claimed twice")
  func claimedBefore() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let paid = try await district.paidBatch(.study, 1_000)
    let line = try await PaymentBatches.lines(paid, in: district.admin)[0]
    _ = try await Clawbacks.open(
      payment: line.transfers[0], amount: Money(fen: 300), reason: .wrongAmount, note: nil,
      on: TestDistrict.today, in: district.admin)
    let id = try await fixture.heard(line.student)
    #expect(try await fixture.decide(id).claimed == Money(fen: 700))
    let again = await failure {
      try await district.admin.write { session in
        _ = try session.query(
          "select revocation_claw_back($1, $2, $3, $4)", id, UUID.v7(), line.transfers[0],
          district.admin.actor.userID)
      }
    }
    #expect((again as? PostgresError)?.detail?.constraint == "revocation_not_due")
    try await district.healthy()
  }

  @Test("money of the district's own fund is released and claimed back, whichever school decides")
  func districtFund() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "捐甲公司", anonymous: false), school: nil,
      in: district.admin)
    let fund = try await Funds.open(
      name: "区助学专项", purposes: [.study, .living], school: nil, in: district.admin)
    _ = try await Giving.record(
      .init(
        donor: donor, fund: fund, school: nil, semester: TestDistrict.autumn,
        amount: Money(fen: 10_000), receivedOn: CalendarDate("2026-09-10")!), in: district.admin)
    try await district.pupils(2)
    func batch(_ purpose: Purpose) async throws -> UUID {
      let id = try await PaymentBatches.make(
        district.newBatch(purpose, fund: fund), rule: .fixed(Money(fen: 500)), in: district.admin)
      _ = try await PaymentBatches.submit(id, in: district.admin)
      _ = try await PaymentBatches.approve(id, today: TestDistrict.approval, in: district.second)
      return id
    }
    let paid = try await batch(.study)
    _ = try await PaymentBatches.pay(paid, on: TestDistrict.october, in: district.admin)
    _ = try await batch(.living)
    let student = try await PaymentBatches.lines(paid, in: district.admin)[0].student
    let outcome = try await fixture.decide(try await fixture.heard(student))
    #expect(outcome.linesTakenOut == 1 && outcome.claimed == Money(fen: 500))
    #expect(try await fixture.held() == 500)
    try await district.healthy()
  }

  @Test("who proposes does not decide, the family is heard first, and every step has its day")
  func refusals() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let student = try await district.pupil()
    let bare = try await district.pupil(TestPupil(tier: nil))
    #expect(await refusal { try await fixture.propose(bare) } == "revocation.nothing")
    #expect(
      await refusal { try await fixture.propose(student, in: district.otherOfficer) }
        == "revocation.unknown_pupil")
    #expect(
      await refusal { try await fixture.propose(student, in: fixture.principal) }
        == "access.forbidden")
    #expect(
      await refusal { try await fixture.propose(student, since: CalendarDate("2026-11-21")!) }
        == "revocation.dates")
    #expect(
      await refusal { try await fixture.propose(student, since: CalendarDate("2027-09-01")!) }
        == "revocation.nothing")
    #expect(
      await refusal {
        try await Revocations.propose(
          student, since: Fixture.since, because: " ", evidence: "x", on: Fixture.day,
          in: district.officer)
      } == "revocation.no_words")
    let id = try await fixture.propose(student, key: "r1")
    #expect(try await fixture.propose(student, key: "r1") == id)
    #expect(await refusal { try await fixture.propose(student) } == "revocation.proposed_before")
    #expect(await refusal { try await fixture.decide(id) } == "revocation.not_heard")
    func hear(_ day: String) async -> String? {
      await refusal {
        try await Revocations.hear(
          id, answer: "不认可", on: CalendarDate(day)!, in: district.officer)
      }
    }
    #expect(await hear("2026-11-19") == "revocation.dates")
    #expect(await hear("2026-11-20") == nil)
    #expect(await hear("2026-11-20") == "revocation.heard_before")
    #expect(
      await refusal { try await fixture.decide(id, in: district.officer) } == "access.forbidden")
    let stranger = try await district.principalOfOther()
    #expect(await refusal { try await fixture.decide(id, in: stranger) } == "revocation.unknown")
    #expect(
      await refusal {
        try await Revocations.decide(id, on: CalendarDate("2026-11-19")!, in: fixture.principal)
      } == "revocation.dates")
    #expect(await refusal { try await Revocations.show(id, in: stranger) } == "revocation.unknown")
    #expect(await refusal { try await Revocations.read(id, in: stranger) } == "revocation.unknown")
    #expect(try await Revocations.list(in: stranger).isEmpty)

    _ = try await fixture.decide(id)
    #expect(await refusal { try await fixture.decide(id) } == "revocation.state")
    #expect(
      await refusal { try await Revocations.dismiss(id, on: Fixture.day, in: fixture.other) }
        == "revocation.state")
    #expect(await refusal { try await fixture.propose(student) } == "revocation.nothing")
    let words = try await Revocations.read(id, in: fixture.principal)
    #expect(words.because == Fixture.because && words.answer == "不认可")

    // The district proposes, and then does not decide either.
    let second = try await district.pupil()
    let own = try await fixture.propose(second, in: district.admin)
    #expect(
      await refusal { try await Revocations.dismiss(own, on: Fixture.day, in: district.admin) }
        == "revocation.second_person")
    try await Revocations.hear(own, answer: "无", on: Fixture.day, in: district.admin)
    #expect(
      await refusal { try await fixture.decide(own, in: district.admin) }
        == "revocation.second_person")
    try await Revocations.dismiss(own, on: Fixture.day, in: fixture.principal)
    #expect(try await fixture.isRecognised(second))
  }

  @Test(
    "the application writes nothing of it but by its functions",
    arguments: [
      "update revocation set state = 'decided'", "delete from revocation",
      "insert into revocation_clawback select * from revocation_clawback",
      "select revocation_turn(v, 'filed', 'revoked', v.proposed_by) from revocation v",
      "select revocation_stop_payments(v) from revocation v",
      "select * from revocation v cross join lateral revocation_payments(v)",
      "select revocation_open_clawback(null, null, 1, '2026-11-20', null)",
    ])
  func onlyFunctions(statement: String) async throws {
    let district = try await TestDistrict.make()
    let error = await failure {
      try await district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "42501")
  }

  @Test(
    "history tells until when it held; a part of the year before stays, and so does a case's end")
  func history() async throws {
    let recognition = try await RecognitionFixture.make()
    try await recognition.openSpring()
    try await recognition.openAdjustment()
    let student = try await recognition.recognised()
    let adjustment = try await recognition.adjust(student)
    try await recognition.settle(
      adjustment, tier: .special, adjusts: RecognitionFixture.autumn, steps: "2026-12-01",
      posted: "2026-12-02", filed: "2026-12-10")
    let officer = recognition.officer
    let id = try await Revocations.propose(
      student, since: CalendarDate("2026-11-05")!, because: "不实", evidence: "柜",
      on: CalendarDate("2026-12-15")!, in: officer
    ).id
    try await Revocations.hear(
      id, answer: "无", on: CalendarDate("2026-12-16")!, in: officer)
    _ = try await Revocations.decide(
      id, on: CalendarDate("2026-12-17")!, in: recognition.members[0])
    for (day, tier) in [
      ("2026-11-04", "difficult"), ("2026-11-05", "revoked"), ("2027-03-01", "revoked"),
      ("2027-09-01", nil),
    ] {
      #expect(try await recognition.tier(student, on: day) == tier, "\(day)")
    }
    try await Revocations.proposeReversal(
      id, because: "查错人", on: CalendarDate("2026-12-18")!, in: recognition.members[0])
    _ = try await Revocations.reverse(
      id, on: CalendarDate("2026-12-19")!, in: recognition.district.admin)
    #expect(try await recognition.tier(student, on: "2026-11-05") == "difficult")
    #expect(try await recognition.tier(student, on: "2027-03-01") == "special")
    try await recognition.district.healthy()
  }

  @Test("a case under way rests on what was false: it ends, and nothing of it is filed")
  func openCase() async throws {
    let recognition = try await RecognitionFixture.make()
    try await recognition.openSpring()
    try await recognition.openAdjustment()
    let student = try await recognition.recognised()
    let adjustment = try await recognition.adjust(student)
    try await recognition.decide(
      adjustment, tier: .special, adjusts: RecognitionFixture.autumn, steps: "2026-12-01",
      posted: "2026-12-02")
    let id = try await Revocations.propose(
      student, since: CalendarDate("2026-11-05")!, because: "不实", evidence: "柜",
      on: CalendarDate("2026-12-03")!, in: recognition.officer
    ).id
    try await Revocations.hear(
      id, answer: "无", on: CalendarDate("2026-12-03")!, in: recognition.officer)
    let outcome = try await Revocations.decide(
      id, on: CalendarDate("2026-12-04")!, in: recognition.members[0])
    #expect(outcome.cases == 1)
    #expect(try await recognition.state(adjustment) == .withdrawn)
    #expect(
      await refusal {
        try await Cases.file([adjustment], on: CalendarDate("2026-12-10")!, in: recognition.officer)
      } == "recognition.wrong_state")
    #expect(
      try await Notices.running(on: CalendarDate("2026-12-05")!, in: recognition.officer).isEmpty)
  }

  @Test("undone by two: the recognition holds again, what is not recovered is given up")
  func reversal() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000)
    try await district.pupils(1)
    let paid = try await district.paidBatch(.study, 1_000)
    let student = try await PaymentBatches.lines(paid, in: district.admin)[0].student
    let id = try await fixture.heard(student)
    _ = try await fixture.decide(id)
    let clawback = try await Clawbacks.list(in: district.admin)[0].id
    _ = try await Clawbacks.recover(
      clawback, amount: Money(fen: 400), on: TestDistrict.today, semester: TestDistrict.autumn,
      in: district.admin)
    func confirm(_ context: Context) async -> String? {
      await refusal { try await Revocations.reverse(id, on: Fixture.day, in: context) }
    }
    #expect(await confirm(fixture.other) == "revocation.no_reversal")
    #expect(
      await refusal {
        try await Revocations.proposeReversal(
          id, because: "查错人", on: Fixture.day, in: district.officer)
      } == "access.forbidden")
    try await Revocations.proposeReversal(
      id, because: "查错人", on: Fixture.day, in: fixture.other)
    #expect(
      await refusal {
        try await Revocations.proposeReversal(
          id, because: "再提", on: Fixture.day, in: fixture.other)
      } == "revocation.reversal_before")
    #expect(await confirm(fixture.other) == "revocation.reversal_person")
    #expect(await confirm(fixture.principal) == "revocation.reversal_person")
    let given = try await Revocations.reverse(id, on: Fixture.day, in: district.admin)
    #expect(given == Money(fen: 600))
    #expect(await confirm(district.admin) == "revocation.state")
    #expect(try await fixture.isRecognised(student))
    let claims = try await Revocations.show(id, in: fixture.principal).claims
    #expect(claims.map(\.recovered.fen) == [400] && claims.map(\.left.fen) == [0])
    try await district.healthy()
    // It can be revoked once more.
    _ = try await fixture.decide(try await fixture.heard(student))
    try await district.healthy()
  }
}

extension TestDistrict {
  func principalOfOther() async throws -> Context {
    _ = try await Users.add(
      login: "pri-other", name: "校长", role: .principal, school: otherSchool.id, in: admin)
    return try await asUser("pri-other")
  }

  /// Relief in an emergency, paid: it rests on no recognition.
  func emergency(_ fen: Int64) async throws -> UUID {
    try await paidBatch(.emergency, fen)
  }
}
