import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("A revocation and other work, at once")
struct RevocationRaceTests {
  typealias Fixture = RevocationFixture

  /// A batch of whoever is not in one yet.
  private static func batch(
    _ round: Int, _ district: TestDistrict
  ) async throws -> NewPaymentBatch {
    var batch = try await district.newBatch(title: "第\(round)批")
    batch.leavesOutPaid = true
    return batch
  }

  @Test(
    "of two people who decide at once, one does, and each payment is claimed back once; 50 rounds")
  func twoDeciders() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000_000)
    for round in 1...50 {
      try await district.pupils(1)
      let batch = try await PaymentBatches.make(
        Self.batch(round, district), rule: .fixed(Money(fen: 1_000)), in: district.admin)
      _ = try await PaymentBatches.submit(batch, in: district.admin)
      _ = try await PaymentBatches.approve(batch, today: TestDistrict.approval, in: district.second)
      _ = try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
      let student = try await PaymentBatches.lines(batch, in: district.admin)[0].student
      let id = try await fixture.heard(student)
      let bothRevoke = round.isMultiple(of: 2)
      let result = await race(
        { try await fixture.decide(id).clawbacks },
        {
          if bothRevoke { return try await fixture.decide(id, in: fixture.other).clawbacks }
          try await Revocations.dismiss(id, on: Fixture.day, in: fixture.other)
          return 0
        })
      #expect(result.won == 1)
      #expect(result.codes == ["revocation.state"])
    }
    let decided = try await district.count(
      "select count(*) from revocation where district_id = $1 and state = 'decided'")
    #expect(try await Clawbacks.list(limit: 200, in: district.admin).count == decided)
    try await district.healthy()
  }

  @Test("a payment comes before and is claimed back, or after and leaves the pupil out; 60 rounds")
  func whileBatchIsPaid() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000_000)
    var paidFirst = 0
    for round in 1...60 {
      try await district.pupils(2)
      let batch = try await PaymentBatches.make(
        Self.batch(round, district), rule: .fixed(Money(fen: 1_000)), in: district.admin)
      _ = try await PaymentBatches.submit(batch, in: district.admin)
      if round.isMultiple(of: 2) {
        _ = try await PaymentBatches.approve(
          batch, today: TestDistrict.approval, in: district.second)
      }
      let lines = try await PaymentBatches.lines(batch, in: district.admin)
      let student = lines[0].student
      let id = try await fixture.heard(student)
      async let decided = fixture.decide(id)
      async let other = refusal {
        round.isMultiple(of: 2)
          ? try await PaymentBatches.pay(batch, on: TestDistrict.today, in: district.admin)
          : try await PaymentBatches.approve(
            batch, today: TestDistrict.today, in: district.second) == .approved
      }
      let outcome = try await decided
      #expect(await other == nil)
      #expect(outcome.linesTakenOut + outcome.clawbacks == 1)
      if outcome.clawbacks == 1 { paidFirst += 1 }
      if !round.isMultiple(of: 2) {
        _ = try await PaymentBatches.pay(batch, on: TestDistrict.today, in: district.admin)
      }
      let paid = try await district.figures(batch)[1]
      #expect(paid == (outcome.clawbacks == 1 ? 2_000 : 1_000))
      let claims = try await Revocations.show(id, in: fixture.principal).claims
      #expect(claims.map(\.due.fen) == (outcome.clawbacks == 1 ? [1_000] : []))
    }
    #expect(try await fixture.held() == 0)
    #expect(paidFirst < 60)
    try await district.healthy()
  }

  @Test(
    "a batch made at the same moment never pays a pupil whose recognition is revoked; 50 rounds")
  func whileBatchIsMade() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await district.give(10_000_000)
    for round in 1...50 {
      let student = try await district.pupil()
      let id = try await fixture.heard(student)
      async let decided = fixture.decide(id)
      async let made = refusal {
        let batch = try await PaymentBatches.make(
          Self.batch(round, district), rule: .fixed(Money(fen: 1_000)),
          in: district.admin)
        _ = try await PaymentBatches.submit(batch, in: district.admin)
        _ = try await PaymentBatches.approve(
          batch, today: TestDistrict.approval, in: district.second)
        _ = try await PaymentBatches.pay(batch, on: TestDistrict.today, in: district.admin)
      }
      let outcome = try await decided
      let code = await made
      #expect(
        [
          nil, "payment.no_payee", "payment.not_recognised", "payment.empty", "payment.state",
        ].contains(code), "\(code ?? "")")
      if code == nil { #expect(outcome.clawbacks == 1) }
      let waiting = try await district.count(
        """
        select count(*) from payment_line l
        join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
        where l.district_id = $1 and l.state = 'planned' and b.state <> 'draft'
        """)
      #expect(waiting == 0)
    }
    #expect(try await fixture.held() == 0)
    try await district.healthy()
  }

  @Test("a pairing comes before and ends, or is refused; 50 rounds")
  func whilePaired() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    for _ in 1...50 {
      let student = try await district.pupil()
      _ = try await district.offer()
      let proposal = try await district.approved()
      let id = try await fixture.heard(student)
      async let decided = fixture.decide(id)
      async let accepted = refusal { try await district.accept(proposal) }
      let outcome = try await decided
      let code = await accepted
      #expect((outcome.pairing != nil) == (code == nil), "\(code ?? "")")
    }
    let running = try await district.count(
      "select count(*) from pairing where district_id = $1 and state = 'running'")
    #expect(running == 0)
    try await district.healthy()
  }

  @Test("an adjustment is filed before and revoked too, or not at all; 50 rounds")
  func whileAdjusted() async throws {
    let recognition = try await RecognitionFixture.make()
    try await recognition.openSpring()
    try await recognition.openAdjustment()
    let officer = recognition.officer
    var cases: [(student: UUID, id: UUID)] = []
    for number in 1...50 {
      let student = try await recognition.district.pupil(
        TestPupil(name: "样\(number)", consents: false, guardian: "样家长"))
      cases.append((student, try await recognition.adjust(student)))
    }
    let day = CalendarDate("2026-12-01")!
    let ids = cases.map(\.id)
    try await Cases.nominate(ids, nominated: true, on: day, in: officer)
    try await Cases.setPanel(ids, assessors: ["a1", "a2"], on: day, in: officer)
    for id in ids {
      for assessor in recognition.assessors {
        _ = try await Cases.assess(
          id, method: .interview, showsHardship: true, on: day, in: assessor)
      }
      _ = try await Cases.propose(
        id, proofs: [], decision: .init(tier: .special, justification: "重病"), on: day, in: officer)
    }
    for member in recognition.members.prefix(2) {
      _ = try await Cases.vote(ids, agrees: true, on: day, in: member)
    }
    _ = try await Notices.post(
      RecognitionFixture.year, adjusts: RecognitionFixture.autumn,
      school: recognition.district.school.id, on: CalendarDate("2026-12-02")!, in: officer)
    let filed = CalendarDate("2026-12-10")!
    for (student, id) in cases {
      let revocation = try await Revocations.propose(
        student, since: CalendarDate("2026-11-05")!, because: "不实", evidence: "柜", on: filed,
        in: officer
      ).id
      try await Revocations.hear(revocation, answer: "无", on: filed, in: officer)
      async let decided = Revocations.decide(revocation, on: filed, in: recognition.members[0])
      async let filing = refusal { try await Cases.file([id], on: filed, in: officer) }
      let outcome = try await decided
      let code = await filing
      #expect((outcome.cases == 0) == (code == nil), "\(code ?? "")")
      #expect(try await recognition.tier(student, on: "2027-03-01") == "revoked")
      #expect(try await recognition.tier(student, on: "2026-11-04") == "difficult")
    }
    try await recognition.district.healthy()
  }

  @Test("an instalment is booked before the pairing ends, or refused; 50 rounds")
  func whileInstalmentComes() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    for _ in 1...50 {
      let student = try await district.pupil()
      _ = try await district.offer()
      let pairing = try #require(
        try await district.accept(try await district.approved()).pairings.first)
      let id = try await fixture.heard(student)
      async let decided = fixture.decide(id)
      async let received = refusal {
        try await Instalments.receive(
          .number(1, ofPairing: pairing), amount: Money(fen: 100), on: TestDistrict.today,
          in: district.admin)
      }
      _ = try await decided
      let code = await received
      #expect([nil, "instalment.pairing_ended"].contains(code), "\(code ?? "")")
      let notice = try await SponsorNotices.notice(ofRevocation: id, in: district.admin)
      #expect(notice.moneyKept.fen == (code == nil ? 100 : 0))
    }
    try await district.healthy()
  }
}
