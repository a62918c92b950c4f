import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Match proposals")
struct ProposalTests {
  @Test("the most needy pupil gets the place; pupils are masked, and every reason is stored")
  func proposes() async throws {
    let district = try await TestDistrict.make()
    let general = try await district.pupil(TestPupil(name: "样一般", tier: .general))
    let special = try await district.pupil(TestPupil(name: "样特别", tier: .special))
    let sponsor = SponsorDetails(kind: .individual, name: "试好人", anonymous: true)
    let offer = try await district.offer(sponsor, amount: 120_000)
    let summary = try await district.propose()
    #expect(summary.state == .proposed)
    #expect(summary.pairs == 1)
    #expect(summary.unserved.map(\.reason.code) == ["no_place"])

    let detail = try await Proposals.show(summary.id, in: district.second)
    let pair = try #require(detail.pairs.first)
    #expect(pair.student == special && pair.offer == offer && pair.rank == 1)
    #expect(pair.pupil == "样*别" && pair.sponsor == "匿名" && pair.tier == .special)
    #expect(pair.amount == Money(fen: 120_000))
    #expect(pair.school == "第一小学" && pair.grade == "三年级" && pair.className == "1班")
    #expect(pair.reason.zh.hasPrefix("排序第 1：特别困难，自 2026-09-10 起等待"))
    #expect(detail.leftPupils.map(\.student) == [general])
    #expect(detail.leftPupils.map(\.pupil) == ["样*般"])
    #expect(detail.leftPupils.map(\.reason.code) == ["no_place"])
  }

  @Test(
    "a pupil who is not eligible is not proposed, and counted with the reason",
    arguments: [
      (TestPupil(consents: false), "no_consent"),
      (TestPupil(tier: nil), "recognition_missing"),
      (TestPupil(schoolYear: 2025), "recognition_missing"),
      (TestPupil(state: "revoked"), "recognition_revoked"),
    ])
  func ineligible(pupil: TestPupil, reason: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(pupil)
    _ = try await district.offer()
    let summary = try await district.propose()
    #expect(summary.pairs == 0)
    #expect(summary.ineligible.map(\.reason.code) == [reason])
    #expect(summary.ineligible.map(\.count) == [1])
    #expect(summary.freePlaces.map(\.reason.code) == ["no_pupil"])
    #expect(summary.state == .withdrawn, "a proposal without pairs does not stand in the way")
  }

  @Test("a withdrawn consent counts as none")
  func consentWithdrawn() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    _ = try await district.offer()
    let today = TestDistrict.today
    _ = try await Consents.withdraw(
      student: pupil, .pairing, by: nil, how: "书面", on: today, in: district.admin)
    #expect(try await district.propose().ineligible.map(\.reason.code) == ["no_consent"])
  }

  @Test("a pupil with a sponsor is not proposed again, and its place is not offered again")
  func alreadyPaired() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pairing()
    let summary = try await district.propose()
    #expect(summary.pairs == 0)
    #expect(summary.ineligible.map(\.reason.code) == ["already_paired"])
    #expect(summary.freePlaces.isEmpty)
  }

  @Test("a pupil and a place in another live proposal are not proposed")
  func inAnotherProposal() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer(first: TestDistrict.spring)
    _ = try await district.pupil(TestPupil(schoolYear: 2025))
    let spring = try await Proposals.propose(TestDistrict.spring, in: district.admin)
    #expect(spring.pairs == 1)
    _ = try await district.pupil()
    let autumn = try await district.propose()
    #expect(autumn.pairs == 0)
    #expect(autumn.freePlaces.map(\.reason.code) == ["in_another_proposal"])
  }

  @Test("an offer that starts later is left over with that reason")
  func startsLater() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer(places: 3, first: TestDistrict.autumn.successor)
    let summary = try await district.propose()
    #expect(summary.pairs == 0)
    #expect(summary.freePlaces.map(\.reason.code) == ["starts_later"])
    #expect(summary.freePlaces.map(\.count) == [3])
    #expect(summary.unserved.map(\.reason.code) == ["no_offer"])
  }

  @Test("who waits since an earlier year of unbroken recognition comes first")
  func waiting() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(filedOn: "2026-09-01"))
    let longer = try await district.pupil(TestPupil(filedOn: "2026-09-10"))
    try await district.change(
      """
      select recognition_import(
        school_id, 4050, 'test', 1, '2025-10-08', 'test', actor_id, array[gen_random_uuid()],
        array[student_id], array['general'], array[null::text], array['[]'::jsonb]
      )
      from recognition where district_id = $1 and student_id = $2
      """, longer)
    _ = try await district.offer()
    let detail = try await Proposals.show(try await district.propose().id, in: district.admin)
    #expect(detail.pairs.map(\.student) == [longer])
    #expect(detail.pairs.first?.reason.zh.contains("自 2025-10-08 起等待") == true)
  }

  @Test("a second proposal is refused while one is live, unless it takes the place of it")
  func replacing() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let first = try await district.propose()
    #expect(await refusal { try await district.propose() } == "pairing.proposal_live")
    let second = try await district.propose(replacing: true)
    #expect(second.pairs == 1)
    let states = try await Proposals.list(in: district.admin).map(\.state)
    #expect(states == [.withdrawn, .proposed])
    #expect(
      await refusal {
        try await Proposals.approve(first.id, on: TestDistrict.approval, in: district.second)
      }
        == "pairing.already_withdrawn")
    _ = try await Proposals.approve(second.id, on: TestDistrict.approval, in: district.second)
    #expect(
      await refusal { try await district.propose(replacing: true) } == "pairing.proposal_live")
  }

  @Test("of two people who propose at once, one is refused; in 20 rounds")
  func proposingAtOnce() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    for _ in 0..<20 {
      let result = await race(
        { try await Proposals.propose(TestDistrict.autumn, in: district.admin) },
        { try await Proposals.propose(TestDistrict.autumn, in: district.second) })
      #expect(result.won == 1)
      #expect(result.codes == ["pairing.proposal_live"])
      let live = try await Proposals.list(in: district.admin).filter { $0.state == .proposed }
      _ = try await Proposals.withdraw(try #require(live.first).id, in: district.admin)
    }
  }

  @Test("the same key gives the same proposal")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let first = try await Proposals.propose(TestDistrict.autumn, key: "p1", in: district.admin)
    let again = try await Proposals.propose(TestDistrict.autumn, key: "p1", in: district.admin)
    #expect(first.id == again.id)
    #expect(try await Proposals.list(in: district.admin).count == 1)
  }

  @Test("the lot of a semester cannot be drawn again by proposing again")
  func lotStays() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<12 { _ = try await district.pupil() }
    _ = try await district.offer(places: 6)
    let first = try await Proposals.show(try await district.propose().id, in: district.admin)
    let again = try await district.propose(replacing: true)
    let second = try await Proposals.show(again.id, in: district.admin)
    #expect(first.pairs.map(\.student) == second.pairs.map(\.student))
    #expect(again.seed == "\(district.code) 2026-2027-1")
  }

  @Test("a closed semester takes no proposal")
  func closedSemester() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.close(TestDistrict.autumn)
    #expect(await refusal { try await district.propose() } == "pairing.semester_closed")
  }

  @Test("only those with the right to match propose, approve, accept")
  func permissions() async throws {
    let district = try await TestDistrict.make()
    let officer = district.officer
    let id = UUID()
    let today = TestDistrict.today
    let codes = await [
      refusal { try await Proposals.propose(TestDistrict.autumn, in: officer) },
      refusal { try await Proposals.approve(id, on: TestDistrict.approval, in: officer) },
      refusal { try await Proposals.withdraw(id, in: officer) },
      refusal { try await Proposals.decline(pair: id, in: officer) },
      refusal { try await Proposals.accept(id, on: today, in: officer) },
      refusal { try await Offers.withdraw(id, in: officer) },
    ]
    #expect(codes == Array(repeating: "access.forbidden", count: 6))
  }
}
