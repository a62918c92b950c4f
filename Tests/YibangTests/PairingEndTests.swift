import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("The end of a pairing")
struct PairingEndTests {
  private let consentOn = CalendarDate("2026-10-18")!

  @Test("the database knows the same reasons, and what follows for the child")
  func reasons() async throws {
    let district = try await TestDistrict.make()
    for reason in PairingEndReason.all {
      let code = reason.code
      let known: Bool? = try await district.admin.read { session in
        try session.query("select pairing_supports_on($1)", code)[0].optional(0)
      }
      #expect(known == reason.supportGoesOn, "\(code)")
    }
    #expect(PairingEndReason.all.count(where: \.isChosen) == 15)
    let pairing = try await district.pairing()
    let unknown = await failure {
      try await TestPlatform.asOwner { session in
        try session.execute(
          "update pairing set state = 'ended', ended_on = '2026-10-01', end_reason = 'x' where id = $1",
          pairing)
      }
    }
    #expect((unknown as? PostgresError)?.detail?.constraint == "pairing_end_reason")
  }

  @Test(
    "every reason closes what is open; the child's support goes on or stops",
    arguments: PairingEndReason.all.filter { $0.isChosen && $0.code != "completed" }.map(\.code))
  func everyReason(code: String) async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let reason = try #require(PairingEndReason(word: code))
    let ending = try await district.end(pairing, code)
    #expect(ending.excused == Money(fen: 600_000) && ending.unspent == .zero)
    let lines = try await district.instalments(pairing)
    #expect(lines.map(\.state) == Array(repeating: .noLongerDue, count: 6))
    #expect(lines.allSatisfy { $0.outstanding == .zero && $0.excused.fen == 100_000 })
    let states = try await district.payouts(of: pairing).map(\.state)
    if reason.supportGoesOn {
      #expect(states == Array(repeating: .planned, count: 6))
    } else {
      let stays = ["no_longer_in_hardship", "relinquished"].contains(code) ? 1 : 0
      #expect(states.count { $0 == .planned } == stays)
      #expect(states.count { $0 == .cancelled } == 6 - stays)
      #expect(ending.payoutsCancelled == 6 - stays)
    }
    let again = await refusal { try await district.end(pairing, code) }
    #expect(again == "pairing.ended")
    try await district.healthy()
  }

  @Test(
    "unspent money: nothing happens without a decision; money of this semester stays with the child"
  )
  func undecided() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 300_000)
    let error = await failure { try await district.end(pairing, "sponsor_finances") }
    #expect((error as? LifecycleError)?.code == "pairing.balance_to_decide")
    #expect((error as? LifecycleError)?.text.zh.contains("¥2,000.00") == true)
    #expect(try await Pairings.list(state: .running, in: district.admin).map(\.id) == [pairing])
    #expect(try await district.closing(.sponsorship) == 300_000)

    let ending = try await district.end(
      pairing, "sponsor_finances", balance: .init(.returned), key: "e")
    #expect(ending.unspent.fen == 200_000 && ending.balance == .returned)
    #expect(try await district.closing(.sponsorship) == 100_000)
    let lines = try await district.instalments(pairing)
    #expect(lines.map(\.received.fen) == [100_000, 0, 0, 0, 0, 0])
    #expect(lines.map(\.excused.fen) == [0, 100_000, 100_000, 100_000, 100_000, 100_000])
    let replayed = try await district.end(
      pairing, "sponsor_finances", balance: .init(.returned), key: "e")
    #expect(replayed.unspent == ending.unspent && replayed.excused == ending.excused)
    // The child has the first semester's money, and the pupil waits for another sponsor.
    #expect(try await district.payOut().total.fen == 100_000)
    try await district.healthy()
  }

  @Test(
    "with the sponsor's consent it is a gift to the general fund; without its document, refused")
  func toGeneralFund() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 250_000)
    #expect(
      await refusal {
        try await district.end(pairing, "death", balance: .init(.general, consentOn: consentOn))
      } == "pairing.consent_missing")
    _ = try await district.end(
      pairing, "death", balance: .init(.general, consentOn: consentOn, consent: "同意书 3 号"))
    #expect(try await district.closing(.sponsorship) == 0)
    #expect(try await district.closing(.general) == 250_000)
    #expect(try await district.payouts(of: pairing).allSatisfy { $0.state == .cancelled })
    let kept = try await district.count(
      """
      select count(*) from pairing_balance
      where district_id = $1 and use = 'general' and consent_document = '同意书 3 号'
        and consent_on = '2026-10-18'
      """)
    #expect(kept == 3)
    try await district.healthy()
  }

  @Test("or it goes on to another pupil of the same sponsor, and to nobody else's")
  func toAnotherPupil() async throws {
    let district = try await TestDistrict.make()
    for name in ["样甲", "样乙"] {
      var pupil = TestPupil()
      pupil.name = name
      _ = try await district.pupil(pupil)
    }
    _ = try await district.offer(places: 2)
    let pairs = try await district.accept(try await district.approved()).pairings
    var other = TestPupil()
    other.name = "样丙"
    _ = try await district.pupil(other)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "另一人"))
    let foreign = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    _ = try await district.pay(pairs[0], 250_000)
    func decision(_ target: UUID?) -> Pairings.BalanceDecision {
      .init(.pupil, consentOn: consentOn, consent: "短信", target: target)
    }
    for target in [nil, foreign, pairs[0]] {
      #expect(
        await refusal {
          try await district.end(pairs[0], "moved_away", balance: decision(target))
        } == "pairing.no_target")
    }
    let ending = try await district.end(pairs[0], "moved_away", balance: decision(pairs[1]))
    #expect(ending.unspent.fen == 250_000)
    #expect(
      try await district.instalments(pairs[1]).map(\.received.fen)
        == [100_000, 100_000, 50_000, 0, 0, 0])
    #expect(try await district.closing(.sponsorship) == 250_000)
    try await district.healthy()
  }

  @Test("what was paid out to the child is spent: only the rest is decided")
  func spent() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 160_000)
    try await district.payOut()
    let ending = try await district.end(
      pairing, "left_school", on: "2026-11-10", balance: .init(.returned))
    #expect(ending.unspent.fen == 60_000)
    #expect(try await district.closing(.sponsorship) == 0)
    #expect(
      try await district.payouts(of: pairing).map(\.state)
        == [.paid] + Array(repeating: .cancelled, count: 5))
    try await district.healthy()
  }

  @Test("a new sponsor begins after what the child has had: no instalment is stranded")
  func beginsAfter() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.pairing()
    _ = try await district.pay(first, 100_000)
    try await district.payOut(on: "2026-10-08")
    _ = try await district.end(first, "sponsor_request")
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "新资助人"), amount: 200_000)
    let second = try #require(
      try await district.accept(try await district.approved(), on: "2026-10-25").pairings.first)
    #expect(
      try await district.instalments(second).map(\.semester)
        == (1...6).map { TestDistrict.autumn.advanced(by: $0) })
    #expect(try await district.payouts(of: first).map(\.state) == [.paid])
    #expect(try await district.payouts(of: second).count == 6)
    try await district.healthy()
  }

  @Test("money that the child has had is not returned; what is left of it is")
  func notReturned() async throws {
    let district = try await TestDistrict.make()
    let other = try await district.pairing()
    _ = try await district.pay(other, 100_000)
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 50_000)
    let receipt = try await district.pay(pairing, 80_000).parts[0].receipt
    try await district.payOut()
    func giveBack(_ fen: Int64) async -> String? {
      await refusal {
        try await Instalments.reverse(
          receipt: receipt, amount: Money(fen: fen), as: .refund, on: TestDistrict.today,
          semester: TestDistrict.autumn, reason: "退还", in: district.admin)
      }
    }
    #expect(await giveBack(1) == "instalment.spent")
    let ahead = try await Instalments.receipts(
      of: try await district.instalments(pairing)[1].id, in: district.admin)
    _ = try await Instalments.reverse(
      receipt: ahead[0].id, as: .refund, on: TestDistrict.today, semester: TestDistrict.autumn,
      reason: "退还", in: district.admin)
    #expect(try await district.closing(.sponsorship) == 0)
    try await district.healthy()
  }

  @Test(
    "of two sponsors in one semester the first's money is spent first, the rest is the second's")
  func twoSponsors() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.pairing()
    _ = try await district.pay(first, 60_000)
    _ = try await district.end(first, "sponsor_request")
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "新资助人"))
    let second = try #require(
      try await district.accept(try await district.approved(), on: "2026-10-25").pairings.first)
    _ = try await district.pay(second, 100_000, on: "2026-10-26")
    try await district.payOut()
    let ending = try await district.end(
      second, "left_school", on: "2026-11-10", balance: .init(.returned))
    #expect(ending.unspent.fen == 60_000)
    #expect(try await district.closing(.sponsorship) == 0)
    try await district.healthy()
  }

  @Test("money of an ended pairing that is given back later is not awaited again")
  func givenBackLater() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let receipt = try await district.pay(pairing, 100_000).parts[0].receipt
    _ = try await district.end(pairing, "sponsor_request")
    let payout = try await district.payouts(of: pairing, TestDistrict.autumn)[0]
    try await Payouts.mark(
      payout.id, .cancelled, reason: "退学", on: TestDistrict.afterGrace, in: district.admin)
    _ = try await Instalments.reverse(
      receipt: receipt, as: .refund, on: TestDistrict.afterGrace, semester: TestDistrict.autumn,
      reason: "退还", in: district.admin)
    let line = try await district.instalments(pairing)[0]
    #expect(line.state == .noLongerDue && line.excused.fen == 100_000)
    try await district.healthy()
  }

  @Test("three years are completed in the sixth semester, not before")
  func completed() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    for semester in (1...5).map({ TestDistrict.autumn.advanced(by: $0) }) {
      _ = try await Semesters.open(semester, in: district.admin)
    }
    #expect(
      await refusal { try await district.end(pairing, "completed") } == "pairing.not_completed")
    _ = try await district.end(pairing, "completed", on: "2029-06-30")
    #expect(try await Pairings.list(state: .running, in: district.admin).isEmpty)
  }

  @Test("when all six are paid and paid out it is completed by itself, once")
  func completedByItself() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let after = CalendarDate("2029-09-02")!
    for semester in (1...5).map({ TestDistrict.autumn.advanced(by: $0) }) {
      _ = try await Semesters.open(semester, in: district.admin)
    }
    _ = try await district.pay(pairing, 600_000)
    #expect(try await Pairings.complete(on: after, in: district.admin) == 0)
    for payout in try await district.payouts(of: pairing)
    where payout.semester != TestDistrict.autumn {
      try await Payouts.mark(
        payout.id, .cancelled, reason: "试", on: TestDistrict.afterGrace, in: district.admin)
    }
    try await district.payOut()
    #expect(
      try await Pairings.complete(on: CalendarDate("2029-08-01")!, in: district.admin) == 0)
    #expect(try await Pairings.complete(on: after, in: district.admin) == 1)
    #expect(try await Pairings.complete(on: after, in: district.admin) == 0)
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    let history = try await Pairings.history(of: student, in: district.officer)
    #expect(history.map(\.reason?.code) == ["completed"] && history[0].received.fen == 600_000)
  }

  @Test("a pupil whose sponsor ends waits as long as before, and its lineage goes on")
  func lineage() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "sponsor_death")
    var later = TestPupil()
    later.name = "样后来"
    later.filedOn = "2026-09-15"
    _ = try await district.pupil(later)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "新资助人"))
    let next = try await district.accept(try await district.approved(), on: "2026-10-25").pairings
    #expect(next.count == 1)
    #expect(
      try await district.count(
        "select count(distinct lineage) from pairing where district_id = $1") == 1)
    // One payout a semester, taken on by the new pairing.
    #expect(try await district.payouts(of: next[0]).count == 6)
    #expect(try await district.payouts(of: pairing).isEmpty)
    try await district.healthy()
  }

  @Test(
    "a pupil who stops for a reason of its own is not proposed again, until it is recognised anew",
    arguments: ["death", "left_school", "moved_away", "graduated", "relinquished"])
  func stops(reason: String) async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, reason)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "新资助人"))
    let proposal = try await district.propose()
    #expect(proposal.pairs == 0)
    let left = try await Proposals.show(proposal.id, in: district.admin).leftPupils
    #expect(left.map(\.reason.code) == ["support_ended"])
    let code = district.code
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update recognition set filed_on = '2026-11-01' where district_id = $1", code)
    }
    #expect(try await district.propose().pairs == 1)
  }

  @Test("of two who end it at once one is refused; money that comes meanwhile is never left open")
  func races() async throws {
    let district = try await TestDistrict.make()
    for _ in 1...30 {
      let pairing = try await district.pairing(on: "2026-10-20")
      let second = district.second
      async let paid = refusal { try await district.pay(pairing, 150_000) }
      async let one = refusal {
        try await district.end(pairing, "sponsor_request", balance: .init(.returned))
      }
      async let two = refusal {
        try await district.end(
          pairing, "sponsor_finances", balance: .init(.returned), in: second)
      }
      let (payment, ends) = await (paid, [one, two].compactMap { $0 })
      #expect(ends == ["pairing.ended"])
      #expect(payment == nil || payment == "instalment.pairing_ended")
      let open = try await district.instalments(pairing).filter { $0.outstanding > .zero }
      #expect(open.isEmpty)
    }
    try await district.healthy()
  }

  @Test("only those who may match end a pairing, and only with a known reason")
  func rights() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    #expect(
      await refusal { try await district.end(pairing, "death", in: district.officer) }
        == "access.forbidden")
    #expect(
      await refusal { try await district.end(pairing, "recognition_ended") }
        == "pairing.unknown_reason")
    #expect(
      await refusal { try await district.end(pairing, "death", on: "2026-09-19") }
        == "pairing.end_before_start")
    #expect(await refusal { try await district.end(UUID(), "death") } == "pairing.unknown")
  }
}
