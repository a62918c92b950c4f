import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Pairing, at once")
struct PairingRaceTests {
  private let day: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-20"))
  }

  @Test("of two clients who accept a proposal at once, one wins; 100 rounds")
  func sameProposal() async throws {
    let district = try await TestDistrict.make()
    for round in 1...100 {
      _ = try await district.pupil()
      _ = try await district.offer()
      let id = try await district.approved()
      let result = await race(
        { [day] in try await Proposals.accept(id, on: day, in: district.admin) },
        { [day] in try await Proposals.accept(id, on: day, in: district.second) })
      #expect(result.won == 1)
      #expect(result.codes == ["pairing.already_accepted"])
      #expect(
        try await district.count("select count(*) from pairing where district_id = $1") == round)
    }
  }

  // $1 district, $2 pupil, $3 offer, $4 semester, $5 proposer, $6 approver, $7 proposal, $8 pair,
  // $9 place
  private static let approvedPair: SQL = """
    with made as (
      insert into proposal (
        district_id, id, semester, state, seed, proposed_by, approved_by, approved_at,
        approved_on
      )
      values ($1, $7, $4, 'approved', 'by hand', $5, $6, now(), '2026-09-10')
    )
    insert into proposal_pair (
      district_id, proposal_id, id, rank, school_id, student_id, offer_id, place, state, reason
    )
    select $1, $7, $8, 1, s.school_id, s.id, $3, $9, 'proposed', '{"code":"","zh":"","en":""}'
    from student s
    where s.district_id = $1 and s.id = $2
    """

  /// An approved proposal of one pair, as no operation would make it.
  private func byHand(
    _ district: TestDistrict, pupil: UUID, offer: UUID, place: Int = 1
  ) async throws -> UUID {
    let proposal = UUID.v7()
    try await district.change(
      Self.approvedPair, pupil, offer, TestDistrict.autumn.ordinal, district.admin.actor.userID,
      district.second.actor.userID, proposal, UUID.v7(), place)
    return proposal
  }

  @Test("of two pairs for one pupil accepted at once, one wins, the other is named; 100 rounds")
  func samePupil() async throws {
    let district = try await TestDistrict.make()
    for round in 1...100 {
      let pupil = try await district.pupil()
      let one = try await byHand(district, pupil: pupil, offer: try await district.offer())
      let two = try await byHand(district, pupil: pupil, offer: try await district.offer())
      let result = await race(
        { [day] in try await Proposals.accept(one, on: day, in: district.admin) },
        { [day] in try await Proposals.accept(two, on: day, in: district.second) })
      #expect(result.won == 1)
      #expect(result.codes == ["pairing.pupil_already_paired"])
      #expect(
        try await district.count("select count(*) from instalment where district_id = $1")
          == round * 6)
    }
  }

  @Test("of two pairs for one place accepted at once, one wins; 50 rounds")
  func samePlace() async throws {
    let district = try await TestDistrict.make()
    for round in 1...50 {
      let offer = try await district.offer()
      let one = try await byHand(district, pupil: try await district.pupil(), offer: offer)
      let two = try await byHand(district, pupil: try await district.pupil(), offer: offer)
      let result = await race(
        { [day] in try await Proposals.accept(one, on: day, in: district.admin) },
        { [day] in try await Proposals.accept(two, on: day, in: district.second) })
      #expect(result.won == 1)
      #expect(result.codes == ["pairing.place_taken"])
      #expect(
        try await district.count("select count(*) from pairing where district_id = $1") == round)
    }
  }

  private static let running: SQL = "select count(*) from pairing where district_id = $1"

  @Test("no pairing begins after the guardian's withdrawal was answered; 100 rounds")
  func consentWithdrawn() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<100 {
      let pupil = try await district.pupil()
      _ = try await district.offer()
      let id = try await district.approved()
      async let refused = refusal { try await Proposals.accept(id, on: day, in: district.admin) }
      let withdrawal = try await Consents.withdraw(
        student: pupil, .pairing, by: nil, how: "书面", on: TestDistrict.today, in: district.second)
      let paired = try await district.count(Self.running)
      let code = await refused
      #expect(code == nil || code == "pairing.already_withdrawn")
      #expect(withdrawal.lapsed.count == (code == nil ? 0 : 1))
      #expect(try await district.count(Self.running) == paired)
    }
  }

  @Test("a consent that is just being withdrawn is waited for, and then there is none")
  func consentBeingWithdrawn() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.approved()
    let (withdrawing, signal) = AsyncStream.makeStream(of: Void.self)
    async let withdrawn = district.second.write { session in
      let ended = try session.query(
        """
        select what from consent_withdraw(
          $1, 'pairing', null, 'guardian', null, '书面', '2026-11-20', $2
        )
        """, pupil, district.second.actor.userID)
      signal.yield()
      // Commits once the acceptance waits for this, or does not after a while.
      for _ in 0..<5_000 {
        let isAwaited: Bool = try session.query(
          """
          select exists (
            select from pg_stat_activity a where pg_backend_pid() = any (pg_blocking_pids(a.pid))
          )
          """)[0].get(0)
        if isAwaited { break }
      }
      return ended.count
    }
    for await _ in withdrawing { break }
    let code = await refusal { try await Proposals.accept(id, on: day, in: district.admin) }
    #expect(try await withdrawn == 3)
    #expect(code == "pairing.already_withdrawn")
    #expect(try await Pairings.list(in: district.admin).isEmpty)
  }

  @Test("accepting while the sponsor withdraws the offer: no open pair is left; 50 rounds")
  func offerWithdrawn() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<50 {
      _ = try await district.pupil()
      let offer = try await district.offer()
      let id = try await district.approved()
      async let lapsed = Offers.withdraw(offer, in: district.second)
      let code = await refusal { try await Proposals.accept(id, on: day, in: district.admin) }
      let count = try await lapsed
      #expect(code == nil ? count == 0 : count == 1)
      #expect(code == nil || code == "pairing.already_withdrawn")
    }
    let open = try await district.count(
      "select count(*) from proposal_pair where district_id = $1 and state = 'proposed'")
    #expect(open == 0)
  }

  @Test("eight clients accepting, declining and withdrawing leave nothing half done")
  func crowd() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<10 {
      for _ in 0..<6 { _ = try await district.pupil() }
      _ = try await district.offer(places: 6)
      let id = try await district.approved()
      let pairs = try await Proposals.show(id, in: district.admin).pairs.map(\.id)
      await withTaskGroup(of: Void.self) { group in
        for (index, pair) in pairs.enumerated() {
          group.addTask { [day] in
            let context = index.isMultiple(of: 2) ? district.admin : district.second
            _ = await failure { try await Proposals.accept(pair, on: day, in: context) }
            _ = await failure { try await Proposals.decline(pair: pair, in: context) }
          }
        }
        group.addTask { [day] in
          _ = await failure { try await Proposals.accept(id, on: day, in: district.second) }
        }
        group.addTask {
          _ = await failure { try await Proposals.withdraw(id, in: district.admin) }
        }
      }
      let summary = try await Proposals.list(in: district.admin).last
      #expect(summary?.open == 0)
      #expect(summary?.state == (summary?.accepted == 0 ? .withdrawn : .accepted))
    }
    let pairings = try await district.count("select count(*) from pairing where district_id = $1")
    let accepted = try await district.count(
      "select count(*) from proposal_pair where district_id = $1 and state = 'accepted'")
    let instalments = try await district.count(
      "select count(*) from instalment where district_id = $1")
    #expect(pairings == accepted && instalments == pairings * 6)
  }
}
