import Foundation
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Matching")
struct MatchingTests {
  private let school = UUID()
  private let day: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-10"))
  }

  private func need(
    _ tier: Tier = .difficult, waiting days: Int = 0, grade: String? = nil,
    gender: ResidentID.Gender? = nil, school: UUID? = nil, keys: Set<ConflictKey> = []
  ) -> Matching.Need {
    Matching.Need(
      student: UUID(), school: school ?? self.school, grade: grade, gender: gender, tier: tier,
      waitingSince: day.adding(days: -days), conflictKeys: keys)
  }

  private func offer(
    _ turn: Int, places: [Int] = [1], wish: Wish = Wish(), keys: Set<ConflictKey> = []
  ) -> Matching.Offer {
    Matching.Offer(id: UUID(), places: places, wish: wish, turn: turn, conflictKeys: keys)
  }

  private func assign(_ needs: [Matching.Need], _ offers: [Matching.Offer]) -> Matching.Outcome {
    Matching.assign(needs: needs, offers: offers, seed: "test")
  }

  @Test("the hardest tier is served first, then the longest waiting")
  func priority() {
    let needs = [
      need(.general, waiting: 900), need(.difficult, waiting: 1), need(.difficult, waiting: 30),
      need(.special),
    ]
    let outcome = assign(needs, [offer(1), offer(2), offer(3)])
    #expect(outcome.pairs.map(\.need) == [needs[3], needs[2], needs[1]])
    #expect(outcome.leftNeeds.map(\.need) == [needs[0]])
    #expect(outcome.leftNeeds.map(\.reason.code) == ["no_place"])
  }

  @Test("a lot decides among equals, the same in every run and another with another seed")
  func lot() {
    let needs = (0..<40).map { _ in need() }
    let first = Matching.order(needs, seed: "990000 2026-2027-1")
    let again = Matching.order(needs.reversed(), seed: "990000 2026-2027-1")
    let other = Matching.order(needs, seed: "990000 2026-2027-2")
    #expect(first.map(\.need) == again.map(\.need))
    #expect(first.map(\.need) != other.map(\.need))
    #expect(first.allSatisfy { $0.peers == 39 })
  }

  @Test("a pupil in conflict with the only place is left over, and the reason names the conflict")
  func conflictLeavesOver() {
    let key = ConflictKey.phone([1, 2, 3])
    let outcome = assign([need(keys: [key])], [offer(1, keys: [key])])
    #expect(outcome.pairs.isEmpty)
    #expect(outcome.leftNeeds.map(\.reason.code) == ["conflict"])
    #expect(outcome.leftNeeds[0].reason.zh.contains("与监护人电话相同"))
    #expect(outcome.leftOffers.map(\.reason.code) == ["conflict"])
    #expect(outcome.leftOffers[0].reason.en.contains("same phone as a guardian"))
  }

  @Test("an earlier pupil moves to another place if that serves one in conflict with the last")
  func augmenting() {
    let key = ConflictKey.teacher("样老师", school: school)
    let first = need(.special)
    let second = need(.general, keys: [key])
    let plain = offer(1)
    let teacher = offer(2, keys: [key])
    let outcome = assign([first, second], [plain, teacher])
    let places = Dictionary(uniqueKeysWithValues: outcome.pairs.map { ($0.need, $0.offer) })
    #expect(places == [first: teacher.id, second: plain.id])
  }

  @Test(
    "every kind of conflict keeps sponsor and pupil apart",
    arguments: [
      ConflictKey.phone([7]), .identity([7]), .name("样一"), .teacher("样一", school: nil),
    ])
  func kinds(_ key: ConflictKey) {
    let outcome = assign([need(keys: [key])], [offer(1, keys: [key]), offer(2)])
    #expect(outcome.pairs.map(\.offer) == [outcome.pairs[0].offer])
    #expect(outcome.leftOffers.map(\.reason.code) == ["no_pupil"])
    #expect(outcome.pairs[0].offer != outcome.leftOffers[0].offer)
  }

  @Test("keys of different kinds never meet")
  func kindsApart() {
    let outcome = assign([need(keys: [.phone([7])])], [offer(1, keys: [.identity([7])])])
    #expect(outcome.pairs.count == 1)
  }

  @Test("a pupil gets the offer whose wishes it meets, though another was made earlier")
  func wishMet() {
    let girl = need(grade: "三年级", gender: .female)
    let wished = offer(9, wish: Wish(grade: "三年级", gender: .female))
    let outcome = assign([girl], [offer(1), offer(2, wish: Wish(gender: .male)), wished])
    #expect(outcome.pairs.map(\.offer) == [wished.id])
    #expect(outcome.pairs[0].reason.zh.contains("符合资助人意愿：年级、性别"))
  }

  @Test("an offer with wishes is kept from a pupil who does not meet them while another will do")
  func wishKept() {
    let plain = offer(2)
    let outcome = assign([need(gender: .male)], [offer(1, wish: Wish(gender: .female)), plain])
    #expect(outcome.pairs.map(\.offer) == [plain.id])
  }

  @Test("a wish not met is no bar where nothing else is left, and the reason says so")
  func wishUnmet() {
    let outcome = assign(
      [need(grade: "一年级", gender: .male)],
      [offer(1, wish: Wish(school: school, gender: .female))])
    #expect(outcome.pairs.count == 1)
    #expect(outcome.pairs[0].reason.zh.contains("符合资助人意愿：学校；不符合：性别"))
    #expect(outcome.pairs[0].reason.en.contains("does not meet: gender"))
  }

  @Test("two pupils change places where that meets more wishes")
  func exchange() {
    let other = UUID()
    let first = need(.special, gender: .female)
    let second = need(.general, gender: .female, school: other)
    let anyGirl = offer(1, wish: Wish(gender: .female))
    let here = offer(2, wish: Wish(school: school))
    let outcome = assign([first, second], [anyGirl, here])
    let places = Dictionary(uniqueKeysWithValues: outcome.pairs.map { ($0.need, $0.offer) })
    #expect(places == [first: here.id, second: anyGirl.id])
  }

  @Test("every place of an offer is used once, and the rest is reported")
  func places() {
    let needs = (0..<3).map { _ in need() }
    let outcome = assign(needs, [offer(1, places: [2, 4, 7, 9, 10])])
    #expect(Set(outcome.pairs.map(\.place)) == [2, 4, 7])
    #expect(outcome.leftOffers.map(\.places) == [2])
  }

  @Test("without offers each pupil is told that there is none")
  func noOffers() {
    let outcome = assign([need(), need()], [])
    #expect(outcome.leftNeeds.map(\.reason.code) == ["no_offer", "no_offer"])
    #expect(outcome.leftNeeds.map(\.rank) == [1, 2])
  }

  @Test("the reason tells rank, tier, since when the pupil waits, and that the lot decided")
  func reason() {
    let outcome = assign([need(.special), need(.special)], [offer(1), offer(2)])
    let reason = outcome.pairs[1].reason
    #expect(reason.zh.hasPrefix("排序第 2：特别困难，自 2026-09-10 起等待，与另外 1 人同等，按抽签（种子 test）"))
    #expect(reason.en.contains("waiting since 2026-09-10, equal with 1 more"))
    #expect(reason.zh.contains("资助人没有特别意愿。"))
  }
}
