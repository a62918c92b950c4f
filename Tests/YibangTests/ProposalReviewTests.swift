import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Review of proposals")
struct ProposalReviewTests {
  @Test("whoever made a proposal cannot approve it, and the database refuses it too")
  func secondPerson() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.propose().id
    #expect(
      await refusal {
        try await Proposals.approve(id, on: TestDistrict.approval, in: district.admin)
      }
        == "pairing.same_person")
    let error = await failure {
      try await district.change(
        """
        update proposal
        set state = 'approved', approved_by = proposed_by, approved_on = '2026-09-10'
        where district_id = $1
        """)
    }
    guard case .check(let detail)? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.constraint == "proposal_second_person")
    #expect(
      try await Proposals.approve(id, on: TestDistrict.approval, in: district.second).approvedBy
        == "second")
  }

  @Test("of two people who approve at once, one wins and the other is told who; 100 rounds")
  func approvingAtOnce() async throws {
    let district = try await TestDistrict.make()
    _ = try await Users.add(
      login: "third", name: "third", role: .matcher, school: nil, in: district.admin)
    let third = try await district.asUser("third")
    _ = try await district.pupil()
    _ = try await district.offer()
    for _ in 0..<100 {
      let id = try await district.propose().id
      let result = await race(
        { try await Proposals.approve(id, on: TestDistrict.approval, in: district.second) },
        { try await Proposals.approve(id, on: TestDistrict.approval, in: third) })
      #expect(result.won == 1)
      #expect(result.codes == ["pairing.already_approved"])
      _ = try await Proposals.withdraw(id, in: district.admin)
    }
    let audited = try await district.count(
      "select count(*) from audit where district_id = $1 and action = 'match.approve'")
    #expect(audited == 100)
  }

  @Test("a declined pair frees pupil and place; without open pairs the proposal is over")
  func decline() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.propose().id
    let pair = try #require(try await Proposals.show(id, in: district.admin).pairs.first)
    let summary = try await Proposals.decline(
      pair: pair.id, reason: "资助人改变主意", in: district.second)
    #expect(summary.state == .withdrawn && summary.open == 0)
    #expect(
      await refusal { try await Proposals.decline(pair: pair.id, in: district.second) }
        == "pairing.pair_decided")
    #expect(try await district.propose().pairs == 1)
  }

  @Test("a withdrawn offer takes its open pairs with it, the others stay")
  func offerWithdrawn() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<2 { _ = try await district.pupil() }
    let offer = try await district.offer()
    _ = try await district.offer()
    let id = try await district.approved()
    #expect(try await Offers.withdraw(offer, in: district.admin) == 1)
    #expect(try await Offers.withdraw(offer, in: district.admin) == nil)
    let detail = try await Proposals.show(id, in: district.admin)
    #expect(Set(detail.pairs.map(\.state)) == [.lapsed, .proposed])
    let acceptance = try await district.accept(id)
    #expect(acceptance.pairings.count == 1 && acceptance.state == .accepted)
    #expect(try await Offers.list(openOnly: true, in: district.admin).map(\.id) != [offer])
  }

  @Test("unknown ids are named as such")
  func unknown() async throws {
    let district = try await TestDistrict.make()
    let (id, admin) = (UUID(), district.admin)
    let codes = await [
      refusal { try await Proposals.show(id, in: admin) },
      refusal { try await Proposals.approve(id, on: TestDistrict.approval, in: admin) },
      refusal { try await Proposals.withdraw(id, in: admin) },
      refusal { try await district.accept(id) },
      refusal { try await Proposals.decline(pair: id, in: admin) },
      refusal { try await Offers.withdraw(id, in: admin) },
    ]
    let proposal = "pairing.unknown_proposal"
    #expect(
      codes == [
        proposal, proposal, proposal, proposal, "pairing.unknown_pair", "offer.unknown",
      ])
  }

  @Test("repeating with the same key gives the same answer instead of an error")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.propose().id
    let day = try #require(CalendarDate("2026-09-20"))
    for _ in 0..<2 {
      let approved = try await Proposals.approve(
        id, on: TestDistrict.approval, key: "a", in: district.second)
      #expect(approved.approvedBy == "second")
    }
    let first = try await Proposals.accept(id, on: day, key: "b", in: district.admin)
    let again = try await Proposals.accept(id, on: day, key: "b", in: district.admin)
    #expect(first.pairings == again.pairings && first.pairings.count == 1)
    #expect(try await Pairings.list(in: district.admin).count == 1)
  }

  @Test("every error says in both languages what to do")
  func words() {
    let (id, semester) = (UUID(), TestDistrict.autumn)
    let errors: [PairingError] = [
      .offerName, .offerAmount, .offerPlaces(0), .unknownWishSchool, .sponsorOtherName,
      .unknownOffer(id), .semesterClosed(semester), .proposalLive(id, semester, approved: true),
      .proposalLive(id, semester, approved: false), .unknownProposal(id), .unknownPair(id),
      .samePerson(login: "a"), .notApproved(id), .alreadyApproved(id, by: "b"),
      .alreadyAccepted(id), .alreadyWithdrawn(id), .pairDecided(id, .declined),
      .acceptedAfterSemester(semester, endsOn: TestDistrict.today),
      .acceptedBeforeApproval(id, TestDistrict.today),
      .supportedBefore(pair: id, pupil: "样*", until: TestDistrict.today),
      .pupilAlreadyPaired(pair: id, pupil: "样*例"), .pupilAlreadyPaired(pair: nil, pupil: nil),
      .placeTaken(pair: id, pupil: "样*例"), .conflict(pair: id, pupil: "样*", kind: .sameName),
      .notEligible(pair: id, pupil: "样*", reason: Text("甲", "a")),
      .offerNotOpen(pair: id, pupil: "样*"),
    ]
    for error in errors {
      #expect(error.text.zh != error.code && error.text.zh.hasSuffix("。"), "\(error.code)")
      #expect(error.text.en != error.code && error.text.en.hasSuffix("."), "\(error.code)")
    }
  }
}
