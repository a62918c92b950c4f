import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Pairs pinned and excluded")
struct MatchChoiceTests {
  private func pairs(_ district: TestDistrict, replacing: Bool = false) async throws -> [UUID: UUID]
  {
    let id = try await district.propose(replacing: replacing).id
    let pairs = try await Proposals.show(id, in: district.admin).pairs
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0.student, $0.offer) })
  }

  @Test("proposals make a pinned pair and not an excluded one, until that is taken back")
  func obeyed() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let needy = try await district.pupil(TestPupil(tier: .special))
    let other = try await district.pupil(TestPupil(tier: .general))
    let (first, second) = (try await district.offer(), try await district.offer())
    let pin = try await MatchChoices.pin(student: other, offer: first, in: admin)
    #expect(pin.added)
    #expect(try await MatchChoices.pin(student: other, offer: first, in: admin) == (pin.id, false))
    #expect(try await pairs(district) == [needy: second, other: first])
    let forbidden = try await MatchChoices.forbid(
      student: needy, offer: second, reason: "亲友关系", in: admin)
    #expect(try await pairs(district, replacing: true) == [other: first])
    try await MatchChoices.unchoose(pin.id, in: admin)
    #expect(try await pairs(district, replacing: true) == [needy: first, other: second])
    try await MatchChoices.unchoose(forbidden.id, in: admin)
    #expect(
      await refusal { try await MatchChoices.unchoose(pin.id, in: admin) } == "choice.unknown")
    #expect(try await MatchChoices.list(in: admin).isEmpty)
    let all = try await MatchChoices.list(all: true, in: admin)
    #expect(all.map(\.kind) == [.pinned, .forbidden] && all.allSatisfy { !$0.isInForce })
    #expect(all.map(\.pupil) == ["样*例", "样*例"] && all[1].reason == "亲友关系")
    let trail = try await Audit.list(.init(subject: pin.id), in: admin).map(\.action)
    #expect(trail == ["match.unchoose", "match.pin"])
  }

  @Test("an open pair that is excluded lapses, and the proposal with it")
  func excludedWhileOpen() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    let offer = try await district.offer()
    let id = try await district.approved()
    _ = try await MatchChoices.forbid(
      student: pupil, offer: offer, reason: "换人", in: district.admin)
    let detail = try await Proposals.show(id, in: district.admin)
    #expect(detail.pairs.map(\.state) == [.lapsed] && detail.summary.state == .withdrawn)
  }

  @Test("a pair that cannot be is not pinned, and the error says why")
  func impossible() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pupil = try await district.pupil(TestPupil(gender: .female, guardian: "样父亲"))
    let (kin, boys) = (
      try await district.offer(SponsorDetails(kind: .individual, name: "样父亲")),
      try await district.offer(wish: Wish(gender: .male, hard: [.gender]))
    )
    let gone = try await district.offer()
    _ = try await Offers.withdraw(gone, in: admin)
    for (offer, words) in [(kin, "有利益冲突"), (boys, "限定条件（性别）"), (gone, "已撤回")] {
      let error = await failure {
        try await MatchChoices.pin(student: pupil, offer: offer, in: admin)
      }
      #expect((error as? ChoiceError)?.code == "choice.impossible")
      #expect((error as? ChoiceError)?.text.zh.contains(words) == true)
    }
    #expect(try await MatchChoices.list(all: true, in: admin).isEmpty)
    let offer = try await district.offer()
    let codes = await [
      refusal { try await MatchChoices.pin(student: UUID(), offer: offer, in: admin) },
      refusal { try await MatchChoices.pin(student: pupil, offer: UUID(), in: admin) },
      refusal {
        try await MatchChoices.forbid(student: pupil, offer: offer, reason: " ", in: admin)
      },
      refusal { try await MatchChoices.pin(student: pupil, offer: offer, in: district.officer) },
    ]
    #expect(
      codes == [
        "student.unknown", "offer.unknown", "choice.reason_missing", "access.forbidden",
      ])
  }

  @Test("a pupil is pinned once, and no pair both pinned and excluded")
  func contradictions() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pupil = try await district.pupil()
    let (one, two) = (try await district.offer(), try await district.offer())
    _ = try await MatchChoices.pin(student: pupil, offer: one, in: admin)
    let codes = await [
      refusal { try await MatchChoices.pin(student: pupil, offer: two, in: admin) },
      refusal { try await MatchChoices.forbid(student: pupil, offer: one, reason: "甲", in: admin) },
    ]
    #expect(codes == ["choice.pinned_elsewhere", "choice.other_choice"])
    let copies: [(SQL, String)] = [
      ("'pinned', 'person', $2, $3, null", "match_choice_one_pin"),
      ("'forbidden', 'person', $2, $4, 'x'", "match_choice_one_a_pair"),
      ("'forbidden', 'person', $2, $3, null", "match_choice_origin"),
      ("'forbidden', 'declined', $2, $3, 'x'", "match_choice_origin"),
      ("'forbidden', 'renewal', $2, $3, 'x'", "match_choice_origin"),
      ("'pinned', 'conflict', $2, $3, null", "match_choice_origin"),
    ]
    for (values, constraint) in copies {
      let error = await failure {
        try await district.change(
          SQL(
            trusted: """
              insert into match_choice (
                district_id, id, kind, origin, student_id, offer_id, reason, made_by
              )
              select $1, gen_random_uuid(), v.*, $5
              from (select \(values.text)) as v
              where $3::uuid <> $4::uuid
              """), pupil, two, one, admin.actor.userID)
      }
      #expect((error as? PostgresError)?.detail?.constraint == constraint, "\(values.text)")
    }
  }

  @Test("a pin that has become impossible stops the proposal, and says which and why")
  func impossibleLater() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pupil = try await district.pupil()
    let offer = try await district.offer()
    let pin = try await MatchChoices.pin(student: pupil, offer: offer, in: admin)
    try await district.setRecognition(of: pupil, "revoked")
    let error = await failure { try await district.propose() }
    #expect((error as? ChoiceError)?.code == "choice.impossible")
    #expect((error as? ChoiceError)?.text.zh.contains("已撤销") == true)
    #expect(try await Proposals.list(in: admin).isEmpty)
    try await MatchChoices.unchoose(pin.id, in: admin)
    #expect(try await district.propose().pairs == 0)
  }

  @Test("more pins than an offer has places are told")
  func tooManyPins() async throws {
    let district = try await TestDistrict.make()
    let offer = try await district.offer()
    for _ in 0..<2 {
      let pupil = try await district.pupil()
      _ = try await MatchChoices.pin(student: pupil, offer: offer, in: district.admin)
    }
    let error = await failure { try await district.propose() }
    #expect((error as? ChoiceError)?.text.zh.contains("没有空余名额") == true)
  }

  @Test("a pin ends with its pairing, and with its offer")
  func pinDone() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pupil = try await district.pupil()
    let offer = try await district.offer()
    _ = try await MatchChoices.pin(student: pupil, offer: offer, in: admin)
    _ = try await district.accept(try await district.approved())
    #expect(try await MatchChoices.list(in: admin).isEmpty)
    #expect(try await district.propose().pairs == 0, "it does not stand in the way")
    let (other, gone) = (try await district.pupil(), try await district.offer())
    _ = try await MatchChoices.pin(student: other, offer: gone, in: admin)
    _ = try await Offers.withdraw(gone, in: admin)
    #expect(try await district.propose().pairs == 0)
  }

  @Test("a sponsor who declined a pupil is not offered it again, with none of its offers")
  func declined() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let sponsor = SponsorDetails(kind: .individual, name: "试好人", mobile: try Mobile("13800000001"))
    let pupil = try await district.pupil()
    _ = try await district.offer(sponsor)
    let id = try await district.approved()
    let pair = try #require(try await Proposals.show(id, in: admin).pairs.first)
    _ = try await Proposals.decline(pair: pair.id, by: .sponsor, reason: "想帮男孩", in: admin)
    _ = try await district.offer(sponsor)
    let again = try await district.propose()
    #expect(again.pairs == 0 && again.unserved.map(\.reason.code) == ["limits"])
    let choice = try #require(try await MatchChoices.list(in: admin).first)
    #expect(choice.origin == .declined && choice.student == pupil && choice.reason == "想帮男孩")
    let offer = try #require(try await Offers.list(in: admin).last?.id)
    #expect(
      await refusal { try await MatchChoices.pin(student: pupil, offer: offer, in: admin) }
        == "choice.impossible")
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试他人"))
    #expect(try await district.propose().pairs == 1)
  }

  @Test("in review a pair is declined without such a consequence")
  func declinedInReview() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    let offer = try await district.offer()
    _ = try await MatchChoices.pin(student: pupil, offer: offer, in: district.admin)
    let id = try await district.propose().id
    let pair = try #require(try await Proposals.show(id, in: district.admin).pairs.first)
    _ = try await Proposals.decline(pair: pair.id, in: district.second)
    #expect(try await pairs(district) == [pupil: offer])
  }

  @Test("after an end for conflict of interest sponsor and pupil are never paired again")
  func conflictOfInterest() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let sponsor = SponsorDetails(
      kind: .individual, name: "助甲", mobile: try Mobile("13800000001"))
    let pupil = try await district.pupil()
    let first = try await district.offer(sponsor)
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    let renewal = try await Offers.renew(pairing, in: admin)
    _ = try await district.end(pairing, "conflict_of_interest", key: "e")
    _ = try await district.end(pairing, "conflict_of_interest", key: "e")
    let choices = try await MatchChoices.list(in: admin)
    #expect(choices.map(\.kind) == [.forbidden] && choices.map(\.origin) == [.conflict])
    #expect(choices.map(\.student) == [pupil] && choices.map(\.offer) == [first])
    let trail = try await Audit.list(.init(subject: choices[0].id), in: admin).map(\.action)
    #expect(trail == ["match.forbid"])
    _ = try await Offers.withdraw(renewal, in: admin)
    let error = await failure { try await Offers.renew(pairing, in: admin) } as? OfferError
    #expect(error?.code == "offer.ended_for_conflict" && error?.text.zh.contains("利害关系") == true)
    let forced = await failure {
      try await district.change(
        """
        insert into offer (
          district_id, id, donor_id, first_semester, amount_fen, places, named_student, renews
        )
        select district_id, gen_random_uuid(), donor_id, first_semester, amount_fen, 1, $2, $3
        from offer where district_id = $1 and id = $4
        """, pupil, pairing, first)
    }
    #expect((forced as? PostgresError)?.detail?.message.contains("without_conflict") == true)
    let later = try await district.offer(sponsor)
    #expect(
      await refusal { try await MatchChoices.pin(student: pupil, offer: later, in: admin) }
        == "choice.impossible")
    let other = try await district.offer(SponsorDetails(kind: .individual, name: "助乙"))
    #expect(try await pairs(district) == [pupil: other])
  }

  @Test("every error says in both languages what to do")
  func words() {
    let (id, day) = (UUID(), TestDistrict.today)
    let errors: [any YibangError] = [
      ChoiceError.impossible(student: id, offer: id, why: Text("甲", "a")),
      ChoiceError.pinnedElsewhere(student: id, choice: id), ChoiceError.otherChoice(id),
      ChoiceError.reasonMissing, ChoiceError.unknown(id), HoldError.notHeld(id),
      HoldError.over(id, until: day), HoldError.over(id, until: nil), HoldError.extendedTwice(id),
      HoldError.notLonger(id), HoldError.untilTooFar(day), HoldError.noConsent(id),
      OfferError.limitWithoutWish(.region), OfferError.weight(0),
      OfferError.named(why: Text("甲", "a")), OfferError.unknownPairing(id),
      OfferError.renewalTooEarly(id, from: TestDistrict.autumn), OfferError.renewedBefore(id),
      OfferError.endedForConflict(id), OfferError.weightWithoutWish(.grade),
      HoldError.dayToCome(day),
      HoldError.notSent(id),
      HoldError.beforeApproval(id),
      SchoolError.minimum, SchoolError.region("1"), SchoolError.holdDays(0),
    ]
    for error in errors {
      #expect(error.text.zh.hasSuffix("。") || error.text.zh.hasSuffix("）。"), "\(error.code)")
      #expect(error.text.en.hasSuffix("."), "\(error.code)")
    }
    #expect(Set(errors.map(\.code)).count == errors.count - 1)
  }
}
