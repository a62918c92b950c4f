import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Holds, at once")
struct HoldRaceTests {
  private let day: CalendarDate
  private let late: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-20"))
    late = try #require(CalendarDate("2026-10-05"))
  }

  private func held(_ district: TestDistrict, _ count: Int = 1) async throws -> UUID {
    for _ in 0..<count { _ = try await district.pupil() }
    _ = try await district.offer(places: count)
    let id = try await district.approved()
    _ = try await Proposals.send(id, on: day, in: district.admin)
    return id
  }

  /// Runs both at once, and every other time the second is started first.
  private func meet(
    _ round: Int, _ first: @escaping @Sendable () async -> String?,
    _ second: @escaping @Sendable () async throws -> Int
  ) async throws -> (code: String?, count: Int) {
    if round.isMultiple(of: 2) {
      async let count = second()
      let code = await first()
      return (code, try await count)
    }
    async let code = first()
    let count = try await second()
    return (await code, count)
  }

  @Test("of a hold accepted and expired at once, one thing happens; 30 rounds")
  func acceptOrExpire() async throws {
    for round in 0..<30 {
      let district = try await TestDistrict.make()
      let id = try await held(district)
      let (code, count) = try await meet(round) { [day] in
        await refusal { try await Proposals.accept(id, on: day, in: district.admin) }
      } _: { [late] in
        try await Proposals.expireHolds(on: late, today: late, in: district.second)
      }
      #expect(code == nil ? count == 0 : count == 1)
      #expect(code == nil || code == "pairing.already_withdrawn")
      let state = try await Proposals.show(id, in: district.admin).pairs[0].state
      #expect(state == (code == nil ? .accepted : .expired))
    }
  }

  @Test("of a hold extended and expired at once, one wins; 30 rounds")
  func extendOrExpire() async throws {
    for round in 0..<30 {
      let district = try await TestDistrict.make()
      let id = try await held(district)
      let pair = try await Proposals.show(id, in: district.admin).pairs[0].id
      let (code, count) = try await meet(round) { [day] in
        await refusal { try await Proposals.extend(pair: pair, on: day, in: district.admin) }
      } _: { [late] in
        try await Proposals.expireHolds(on: late, today: late, in: district.second)
      }
      #expect(code == nil ? count == 0 : count == 1)
      #expect(code == nil || code == "pairing.not_approved")
    }
  }

  @Test("eight clients who extend one hold at once extend it twice; 20 rounds")
  func extendAtOnce() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<20 {
      let id = try await held(district)
      let pair = try await Proposals.show(id, in: district.admin).pairs[0].id
      let codes = await withTaskGroup(of: String?.self) { group in
        for _ in 0..<8 {
          group.addTask { [day] in
            await refusal { try await Proposals.extend(pair: pair, on: day, in: district.admin) }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.count { $0 == nil } == 2)
      #expect(codes.count { $0 == "hold.extended_twice" } == 6)
      let shown = try await Proposals.show(id, in: district.admin).pairs[0]
      #expect(shown.extensions == 2 && shown.heldUntil == day.adding(days: 42))
      _ = try await Proposals.withdraw(id, in: district.admin)
    }
  }

  @Test("two daily jobs at once end each hold once; 20 rounds")
  func expireAtOnce() async throws {
    let district = try await TestDistrict.make()
    for round in 1...20 {
      // Those set free before are held again.
      _ = try await held(district, 3)
      async let one = Proposals.expireHolds(on: late, today: late, in: district.admin)
      async let two = Proposals.expireHolds(on: late, today: late, in: district.second)
      let ended = try await one + two
      #expect(ended == 3 * round)
    }
    let trail = try await district.count(
      "select count(*) from audit where district_id = $1 and action = 'match.expire'")
    #expect(trail == 3 * (1...20).reduce(0, +))
  }

  @Test("of a pair pinned and excluded at once, one is decided; 30 rounds")
  func choices() async throws {
    let district = try await TestDistrict.make()
    for round in 1...30 {
      let pupil = try await district.pupil()
      let offer = try await district.offer()
      let result = await race(
        { _ = try await MatchChoices.pin(student: pupil, offer: offer, in: district.admin) },
        {
          _ = try await MatchChoices.forbid(
            student: pupil, offer: offer, reason: "甲", in: district.second)
        })
      #expect(result.won == 1 && result.codes == ["choice.other_choice"])
      #expect(try await MatchChoices.list(in: district.admin).count == round)
    }
  }

  @Test("many operators at everything at once leave nothing half done")
  func crowd() async throws {
    let district = try await TestDistrict.make()
    let (admin, second) = (district.admin, district.second)
    for _ in 0..<8 {
      for _ in 0..<6 { _ = try await district.pupil() }
      _ = try await district.offer(places: 3)
      let offer = try await district.offer(places: 3)
      let id = try await district.propose(replacing: true).id
      let pairs = try await Proposals.show(id, in: admin).pairs
      await withTaskGroup(of: Void.self) { group in
        func add(_ body: @escaping @Sendable () async throws -> Void) {
          group.addTask { _ = await failure(body) }
        }
        for (index, pair) in pairs.enumerated() {
          let context = index.isMultiple(of: 2) ? admin : second
          add { [day] in
            _ = try await Proposals.approve(id, on: TestDistrict.approval, in: second)
            _ = try await Proposals.send(id, on: day, in: context)
          }
          add { [day] in _ = try await Proposals.send(id, on: day, in: context) }
          add { [day] in _ = try await Proposals.extend(pair: pair.id, on: day, in: context) }
          add { [day] in _ = try await Proposals.accept(pair.id, on: day, in: context) }
          add { _ = try await Proposals.decline(pair: pair.id, in: context) }
        }
        add { [late] in _ = try await Proposals.expireHolds(on: late, today: late, in: admin) }
        add { [late] in _ = try await Proposals.expireHolds(on: late, today: late, in: second) }
        add { _ = try await Offers.withdraw(offer, in: admin) }
        add { _ = try await Proposals.next(after: id, in: second) }
        add { _ = try await Proposals.withdraw(id, in: second) }
      }
      for summary in try await Proposals.list(in: admin) where summary.state == .proposed {
        _ = try await Proposals.withdraw(summary.id, in: admin)
      }
      #expect(try await Proposals.list(in: admin).allSatisfy { $0.open == 0 })
      #expect(try await Doctor.examine(in: admin).map(\.check) == [])
    }
    let pairings = try await district.count("select count(*) from pairing where district_id = $1")
    let accepted = try await district.count(
      "select count(*) from proposal_pair where district_id = $1 and state = 'accepted'")
    let instalments = try await district.count(
      "select count(*) from instalment where district_id = $1")
    #expect(pairings == accepted && instalments == pairings * 6)
  }
}
