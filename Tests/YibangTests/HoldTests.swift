import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Pupils kept for their sponsors")
struct HoldTests {
  private let day: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-20"))
  }

  private func held(
    _ district: TestDistrict, _ count: Int = 1
  ) async throws -> (id: UUID, pairs: [Proposals.Pair]) {
    for number in 0..<count {
      _ = try await district.pupil(TestPupil(name: "样第\(number)"))
      _ = try await district.offer(SponsorDetails(kind: .individual, name: "助第\(number)"))
    }
    let id = try await district.approved()
    _ = try await Proposals.send(id, on: day, in: district.admin)
    return (id, try await Proposals.show(id, in: district.admin).pairs)
  }

  @Test("sending holds every open pair for as long as the district says, or until a day; once")
  func sends() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    for _ in 0..<2 {
      _ = try await district.pupil()
      _ = try await district.offer()
    }
    let unapproved = try await district.propose().id
    #expect(
      await refusal { try await HoldNotices.notices(of: unapproved, on: day, in: admin) }
        == "hold.not_sent")
    #expect(
      await refusal { try await Proposals.send(unapproved, on: day, in: admin) }
        == "pairing.not_approved")
    _ = try await Proposals.approve(unapproved, on: TestDistrict.approval, in: district.second)
    try await Districts.setHoldDays(10, in: admin)
    let sending = try await Proposals.send(unapproved, on: day, key: "s", in: admin)
    #expect(sending.held == 2 && sending.withheld == 0)
    #expect(sending.until == day.adding(days: 10))
    for key in ["s", nil] {
      #expect(try await Proposals.send(unapproved, on: day, key: key, in: admin).held == 2)
    }
    let sent = try await district.count(
      "select count(*) from audit where district_id = $1 and action = 'match.send'")
    #expect(sent == 2)
    let later = try await Proposals.send(unapproved, on: day.adding(days: 1), in: admin)
    #expect(later.held == 0 && later.earlier == 2 && later.earlierUntil == sending.until)
    let other = try await Proposals.send(
      unapproved, on: day, until: day.adding(days: 30), in: admin)
    #expect(other.held == 0 && other.earlier == 2 && other.earlierUntil == sending.until)
    let detail = try await Proposals.show(unapproved, in: admin)
    #expect(detail.summary.open == 2 && detail.summary.held == 2)
    #expect(detail.pairs.allSatisfy { $0.state == .held && $0.heldUntil == sending.until })
    let holds = try await Proposals.holds(on: day.adding(days: 9), in: admin)
    #expect(holds.map(\.daysLeft) == [2, 2] && holds.map(\.pupil) == ["样*例", "样*例"])
    #expect(
      await refusal { try await Proposals.send(UUID(), on: day, in: admin) }
        == "pairing.unknown_proposal")
    #expect(
      await refusal { try await Proposals.send(unapproved, on: day, in: district.officer) }
        == "access.forbidden")
  }

  @Test("until a day before the sending, or a year after, is refused", arguments: [-1, 366])
  func until(days: Int) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.approved()
    #expect(
      await refusal {
        try await Proposals.send(
          id, on: day, until: day.adding(days: days), in: district.admin)
      } == "hold.until_too_far")
    #expect(try await Proposals.holds(on: day, in: district.admin).isEmpty)
  }

  @Test("the sponsor is told the masked name, school, grade and semester, and nothing else")
  func notice() async throws {
    let district = try await TestDistrict.make()
    let (id, pairs) = try await held(district)
    let notices = try await HoldNotices.notices(of: id, on: day, in: district.admin)
    let notice = try #require(notices.first)
    #expect(notices.count == 1 && notice.pair == pairs[0].id && notice.sponsor == "助第0")
    #expect(
      notice.content.values(inEnglish: false) == ["样*0", "第一小学", "三年级", "2026-2027学年第一学期"])
    for letter in [HoldNotices.letter(notice, .zh), HoldNotices.letter(notice, .en)] {
      #expect(letter.contains("样*0") && !letter.contains("样第0") && letter.contains("¥1,000.00"))
      #expect(!letter.contains("困难") && !letter.lowercased().contains("hardship"))
    }
    #expect(HoldNotices.letter(notice, .zh).contains("2026年10月4日"))
    #expect(
      await refusal { try await HoldNotices.notices(of: UUID(), on: day, in: district.admin) }
        == "hold.not_held")
  }

  @Test("a sponsor who stays unnamed is addressed as a friend")
  func unnamed() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "助甲", anonymous: true))
    let id = try await district.approved()
    _ = try await Proposals.send(id, on: day, in: district.admin)
    let notice = try #require(
      try await HoldNotices.notices(of: id, on: day, in: district.admin).first)
    #expect(HoldNotices.letter(notice, .zh).hasPrefix("尊敬的爱心人士："))
    #expect(HoldNotices.letter(notice, .en).hasPrefix("Dear friend,"))
  }

  @Test("of a pupil whose consent has ended by the day no sponsor is told")
  func withheld() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.approved()
    try await TestPlatform.asOwner { [code = district.code] session in
      _ = try session.execute(
        "update consent set valid_until = '2026-09-19' where district_id = $1", code)
    }
    let early = try await Proposals.send(id, on: day.adding(days: 1), in: district.admin)
    #expect(early.held == 0 && early.withheld == 1)
    let sending = try await Proposals.send(
      id, on: day.adding(days: -1), until: day, in: district.admin)
    #expect(sending.held == 1 && sending.withheld == 0)
    #expect(
      await refusal { try await HoldNotices.notices(of: id, on: day, in: district.admin) }
        == "hold.no_consent")
    let before = try await HoldNotices.notices(
      of: id, on: day.adding(days: -1), in: district.admin)
    #expect(before.count == 1)
  }

  @Test("a hold is extended twice, and the database refuses a third time and a shorter one")
  func extends() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let (_, pairs) = try await held(district)
    let pair = pairs[0].id
    let first = try await Proposals.extend(pair: pair, on: day, key: "e", in: admin)
    #expect(first == day.adding(days: 28))
    #expect(try await Proposals.extend(pair: pair, on: day, key: "e", in: admin) == first)
    #expect(
      await refusal { try await Proposals.extend(pair: pair, on: day, until: first, in: admin) }
        == "hold.not_longer")
    let until = first.adding(days: 3)
    #expect(try await Proposals.extend(pair: pair, on: day, until: until, in: admin) == until)
    #expect(
      await refusal { try await Proposals.extend(pair: pair, on: day, in: admin) }
        == "hold.extended_twice")
    let shown = try await Proposals.holds(on: day, in: admin)
    #expect(shown.map(\.extensions) == [2] && shown.map(\.until) == [until])
    let statements: [SQL] = [
      "update proposal_pair set held_until = held_until + 1 where district_id = $1",
      "update proposal_pair set extensions = 0 where district_id = $1",
      """
      insert into proposal_pair (
        district_id, proposal_id, id, rank, school_id, student_id, offer_id, place, state, reason,
        sent_on, held_until
      )
      select district_id, proposal_id, gen_random_uuid(), rank, school_id, student_id, offer_id,
        place, state, reason, sent_on, held_until
      from proposal_pair where district_id = $1
      """,
    ]
    for statement in statements {
      let error = await failure { try await district.change(statement) }
      #expect((error as? PostgresError)?.detail?.sqlstate == "42501")
    }
  }

  @Test("what is not held, or was decided, or is over, is not extended")
  func noExtension() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let (_, pairs) = try await held(district, 3)
    _ = try await district.accept(pairs[0].id)
    let late = day.adding(days: 15)
    let codes = await [
      refusal { try await Proposals.extend(pair: pairs[0].id, on: day, in: admin) },
      refusal { try await Proposals.extend(pair: pairs[1].id, on: late, in: admin) },
      refusal { try await Proposals.extend(pair: UUID(), on: day, in: admin) },
    ]
    #expect(codes == ["hold.not_held", "hold.over", "pairing.unknown_pair"])
  }

  @Test("a hold can be accepted on its last day and not after; the database refuses it too")
  func acceptance() async throws {
    let district = try await TestDistrict.make()
    let (id, pairs) = try await held(district, 2)
    let late = day.adding(days: 15)
    let error = await failure { try await district.accept(id, on: "\(late)") }
    #expect((error as? HoldError)?.code == "hold.over")
    #expect((error as? HoldError)?.text.zh.contains("2026-10-04") == true)
    #expect(try await Pairings.list(in: district.admin).isEmpty)
    let last = try await district.accept(pairs[0].id, on: "\(day.adding(days: 14))")
    #expect(last.pairings.count == 1)
    let forced = await failure {
      try await district.change(
        """
        insert into pairing (
          district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id,
          lineage, first_semester, state, started_on, actor_id
        )
        select r.district_id, gen_random_uuid(), r.school_id, r.student_id, o.donor_id, r.offer_id,
          r.place, r.id, gen_random_uuid(), 4052, 'running', r.held_until + 1, $3
        from proposal_pair r
        join offer o on o.district_id = r.district_id and o.id = r.offer_id
        where r.district_id = $1 and r.id = $2
        """, pairs[1].id, district.admin.actor.userID)
    }
    #expect((forced as? PostgresError)?.detail?.sqlstate == "42501")
    #expect((forced as? PostgresError)?.detail?.message.contains("within_hold") == true)
  }

  @Test("holds that are over end once, however often it is asked; the rest goes on")
  func expiry() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let (id, pairs) = try await held(district, 3)
    _ = try await Proposals.extend(pair: pairs[2].id, on: day, in: admin)
    _ = try await district.accept(pairs[0].id)
    let last = day.adding(days: 14)
    #expect(
      await refusal {
        try await Proposals.expireHolds(on: last.adding(days: 1), today: last, in: admin)
      } == "hold.day_to_come")
    #expect(try await Proposals.expireHolds(on: last, today: last, in: admin) == 0)
    #expect(
      try await Proposals.expireHolds(
        on: last.adding(days: 1), today: last.adding(days: 1), in: admin) == 1)
    #expect(
      try await Proposals.expireHolds(
        on: last.adding(days: 1), today: last.adding(days: 1), in: admin) == 0)
    let detail = try await Proposals.show(id, in: admin)
    #expect(detail.pairs.map(\.state) == [.accepted, .expired, .held])
    #expect(detail.summary.state == .approved)
    #expect(
      await refusal { try await district.accept(pairs[1].id) } == "pairing.pair_decided")
    #expect(
      try await Proposals.expireHolds(
        on: last.adding(days: 15), today: last.adding(days: 15), in: admin) == 1)
    #expect(try await Proposals.show(id, in: admin).summary.state == .accepted)
    let trail = try await Audit.list(.init(subject: pairs[1].id), in: admin).map(\.action)
    #expect(trail == ["match.expire", "match.send"])
    #expect(
      await refusal { try await Proposals.expireHolds(on: last, today: last, in: district.officer) }
        == "access.forbidden")
  }

  @Test("a pair that was decided is not opened again, whatever is written")
  func decidedStays() async throws {
    let district = try await TestDistrict.make()
    let (_, pairs) = try await held(district, 2)
    _ = try await Proposals.decline(pair: pairs[0].id, in: district.admin)
    try await district.change(
      "update proposal_pair set state = 'proposed' where district_id = $1 and id = $2",
      pairs[0].id)
    let states = try await Proposals.show(
      try #require(try await Proposals.list(in: district.admin).last?.id), in: district.admin
    ).pairs.map(\.state)
    #expect(states == [.declined, .held])
  }

  @Test("a withdrawn consent ends the hold at once, and nothing more is told")
  func consentWithdrawn() async throws {
    let district = try await TestDistrict.make()
    let (id, pairs) = try await held(district)
    _ = try await Consents.withdraw(
      student: pairs[0].student, .pairing, by: nil, how: "书面", on: day, in: district.admin)
    #expect(try await Proposals.show(id, in: district.admin).pairs.map(\.state) == [.lapsed])
    #expect(
      await refusal { try await HoldNotices.notices(of: id, on: day, in: district.admin) }
        == "hold.not_held")
  }
}
