import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Working with proposals")
struct ProposalWorkTests {
  private let day: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-20"))
  }

  @Test("a proposal put in another's place moves little, and says how many pairs changed")
  func replacing() async throws {
    let district = try await TestDistrict.make()
    for number in 10..<20 {
      _ = try await district.pupil(TestPupil(filedOn: "2026-09-\(number)"))
      _ = try await district.offer()
    }
    let first = try await district.propose()
    #expect(first.replaces == nil && first.kept == nil && first.changed == nil)
    let foremost = try await Proposals.show(first.id, in: district.admin).pairs[0]
    _ = try await Offers.withdraw(foremost.offer, in: district.admin)
    _ = try await district.offer()
    _ = try await district.pupil(TestPupil(tier: .special, filedOn: "2026-09-01"))
    let second = try await district.propose(replacing: true)
    #expect(second.replaces == first.id && second.pairs == 10)
    // The pupil whose offer went gets the new one, the last gives way to the one in greatest need, and
    // nobody else moves.
    #expect(second.kept == 8 && second.changed == 1)
    let same = try await district.propose(replacing: true)
    #expect(same.kept == 10 && same.changed == 0)
    let comparison = try await Proposals.compare(second.id, same.id, in: district.admin)
    #expect(comparison.same == 10 && comparison.differences.isEmpty)
  }

  @Test("shown by school, tier, state and reason, or only what is left over")
  func filters() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    _ = try await district.pupil(TestPupil(tier: .special))
    _ = try await district.pupil(TestPupil(tier: .difficult), school: district.otherSchool.id)
    _ = try await district.pupil(TestPupil(tier: .general))
    _ = try await district.pupil(TestPupil(consents: false))
    _ = try await district.offer(places: 2)
    _ = try await district.offer(first: TestDistrict.autumn.successor)
    let id = try await district.approved()
    func show(_ filter: Proposals.Filter) async throws -> [Int] {
      let detail = try await Proposals.show(id, filter, in: admin)
      return [detail.pairs.count, detail.leftPupils.count, detail.leftPlaces.count]
    }
    #expect(try await show(.init()) == [2, 2, 1])
    #expect(try await show(.init(school: district.otherSchool.id)) == [1, 0, 0])
    #expect(try await show(.init(tier: .special)) == [1, 0, 0])
    #expect(try await show(.init(tier: .general)) == [0, 1, 0])
    #expect(try await show(.init(reason: "no_consent")) == [0, 1, 0])
    #expect(try await show(.init(reason: "starts_later")) == [0, 0, 1])
    #expect(try await show(.init(leftOnly: true)) == [0, 2, 1])
    #expect(try await show(.init(state: .held)) == [0, 0, 0])
    _ = try await Proposals.send(id, on: day, in: admin)
    #expect(try await show(.init(state: .held)) == [2, 0, 0])
    #expect(try await show(.init(state: .proposed)) == [0, 0, 0])
  }

  @Test("two proposals side by side: whom only one serves, and who has another sponsor")
  func comparison() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let kept = try await district.pupil(TestPupil(tier: .special))
    let moved = try await district.pupil(TestPupil(tier: .difficult))
    let (one, two) = (
      try await district.offer(SponsorDetails(kind: .individual, name: "助一")),
      try await district.offer(SponsorDetails(kind: .individual, name: "助二"), amount: 50_000)
    )
    _ = try await MatchChoices.pin(student: kept, offer: one, in: admin)
    let first = try await district.propose()
    _ = try await Offers.withdraw(two, in: admin)
    let three = try await district.offer(SponsorDetails(kind: .individual, name: "助三"))
    let added = try await district.pupil(TestPupil(tier: .general))
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "助四"))
    _ = try await MatchChoices.pin(student: moved, offer: three, in: admin)
    let second = try await district.propose(replacing: true)
    let comparison = try await Proposals.compare(first.id, second.id, in: admin)
    #expect(comparison.same == 1)
    #expect(comparison.differences.map(\.kind) == [.changed, .onlySecond])
    #expect(comparison.differences.map(\.student) == [moved, added])
    #expect(comparison.differences[0].first == "助二" && comparison.differences[0].second == "助三")
    #expect(comparison.first.served == ["special": 1, "difficult": 1])
    #expect(comparison.second.served == ["special": 1, "difficult": 1, "general": 1])
    #expect(comparison.first.amount == Money(fen: 150_000))
    let back = try await Proposals.compare(second.id, first.id, in: admin)
    #expect(back.differences.map(\.kind) == [.changed, .onlyFirst])
    #expect(
      await refusal { try await Proposals.compare(first.id, UUID(), in: admin) }
        == "pairing.unknown_proposal")
  }

  @Test("the score of a proposal is what its wishes come to")
  func score() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(gender: .female))
    _ = try await district.offer(wish: Wish(grade: "三年级", gender: .male, weights: [.grade: 9]))
    #expect(try await district.propose().score == 9 - 4)
  }

  private func rows(_ district: TestDistrict) async throws -> [Int] {
    var counts: [Int] = []
    for table in ["proposal", "proposal_pair", "proposal_left", "offer", "student", "audit"] {
      counts.append(
        try await district.count(
          SQL(trusted: "select count(*) from \(table) where district_id = $1")))
    }
    return counts
  }

  @Test("what one offer or pupil more, or one fewer, would change is told, and nothing stored")
  func whatIf() async throws {
    let district = try await TestDistrict.make()
    let (admin, autumn) = (district.admin, TestDistrict.autumn)
    let special = try await district.pupil(TestPupil(name: "样特别", tier: .special))
    let general = try await district.pupil(TestPupil(name: "样一般", tier: .general))
    let offer = try await district.offer(SponsorDetails(kind: .individual, name: "助一"))
    let proposal = try await district.propose().id
    let before = try await rows(district)

    let more = try await WhatIf.run(
      autumn, .offer(amount: Money(fen: 1), places: 1, wish: Wish()), in: admin)
    #expect(more.pairsBefore == 1 && more.pairsAfter == 2)
    #expect(more.lines.map(\.student) == [general] && more.lines.map(\.pupil) == ["样*般"])
    #expect(more.lines[0].isServed && more.lines[0].after == "+")

    let unfit = try await WhatIf.run(
      autumn,
      .offer(amount: Money(fen: 1), places: 1, wish: Wish(gender: .male, hard: [.gender])),
      in: admin)
    #expect(unfit.pairsAfter == 1 && unfit.lines.isEmpty)

    let need = try await WhatIf.run(
      autumn,
      .pupil(
        school: district.school.id, grade: nil, gender: nil, tier: .special,
        waitingSince: try #require(CalendarDate("2026-09-01"))), in: admin)
    #expect(need.pairsAfter == 1 && need.lines.map(\.student) == [nil, special])
    #expect(need.lines.map(\.after) == ["助一", nil] && need.lines[1].before == "助一")
    #expect(need.lines[1].reason.code == "no_place")

    let fewer = try await WhatIf.run(autumn, .withoutOffer(offer), in: admin)
    #expect(fewer.pairsAfter == 0 && fewer.lines.map(\.student) == [special])
    let without = try await WhatIf.run(autumn, .withoutPupil(special), in: admin)
    #expect(without.pairsAfter == 1 && without.lines.map(\.student) == [general])

    #expect(try await rows(district) == before)
    #expect(try await Proposals.show(proposal, in: admin).summary.state == .proposed)
    let codes = await [
      refusal { try await WhatIf.run(autumn, .withoutOffer(UUID()), in: admin) },
      refusal { try await WhatIf.run(autumn, .withoutPupil(UUID()), in: admin) },
      refusal { try await WhatIf.run(autumn, .withoutOffer(offer), in: district.officer) },
    ]
    #expect(codes == ["offer.unknown", "student.unknown", "access.forbidden"])
  }

  @Test("the next best: whom declines and expiries set free, approved by a second person again")
  func next() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let names = ["一", "二", "三", "四"]
    for name in names {
      _ = try await district.pupil(TestPupil(name: "样\(name)"))
      _ = try await district.offer(SponsorDetails(kind: .individual, name: "助\(name)"))
    }
    let id = try await district.propose().id
    #expect(
      await refusal { try await Proposals.next(after: id, in: admin) } == "pairing.not_approved")
    _ = try await Proposals.approve(id, on: TestDistrict.approval, in: district.second)
    _ = try await Proposals.send(id, on: day, in: admin)
    let pairs = try await Proposals.show(id, in: admin).pairs
    _ = try await district.accept(pairs[0].id)
    _ = try await Proposals.decline(pair: pairs[1].id, in: admin)
    for index in [3, 3] {
      _ = try await Proposals.extend(pair: pairs[index].id, on: day, in: admin)
    }
    #expect(
      try await Proposals.expireHolds(
        on: day.adding(days: 20), today: day.adding(days: 20), in: admin) == 1)
    let waiting = try await district.pupil(TestPupil(name: "样五", tier: .general))

    let next = try await Proposals.next(after: id, key: "n", in: admin)
    #expect(try await Proposals.next(after: id, key: "n", in: admin).id == next.id)
    #expect(next.follows == id && next.state == .proposed)
    let detail = try await Proposals.show(next.id, in: admin)
    let offered = Dictionary(uniqueKeysWithValues: detail.pairs.map { ($0.student, $0.offer) })
    // The two whose pairs ended change sponsors: the one who declined is not asked again.
    #expect(
      offered == [
        pairs[1].student: pairs[2].offer, pairs[2].student: pairs[1].offer,
      ])
    #expect(detail.leftPupils.contains { $0.student == waiting })
    let before = try await Proposals.show(id, in: admin).pairs.map(\.state)
    #expect(before == [.accepted, .declined, .expired, .held])
    #expect(
      await refusal { try await Proposals.approve(next.id, on: TestDistrict.approval, in: admin) }
        == "pairing.same_person")
    #expect(
      await refusal { try await Proposals.next(after: id, in: admin) } == "pairing.proposal_live")
    let again = try await Proposals.next(after: id, replacing: true, in: admin)
    #expect(again.replaces == next.id && again.changed == 0)
    _ = try await Proposals.approve(again.id, on: TestDistrict.approval, in: district.second)
    #expect(try await district.accept(again.id).pairings.count == 2)
    #expect(
      await refusal { try await Proposals.next(after: UUID(), in: admin) }
        == "pairing.unknown_proposal")
    #expect(try await Doctor.examine(in: admin).map(\.check) == [])
  }
}
