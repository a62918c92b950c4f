import Foundation
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Matching, on seeded random instances")
struct MatchingPropertyTests {
  @Test(
    "whom it serves is best in the order of need, as brute force finds it", arguments: 0..<400)
  func bruteForce(seed: UInt64) throws {
    let instance = try MatchingInstance(seed: seed, needs: 0...6, places: 0...6, keys: 3)
    let outcome = instance.assign()
    let served = Set(outcome.pairs.map(\.rank))
    let ranked = Matching.order(instance.needs, seed: instance.lot)
    let marks = ranked.map { served.contains($0.rank) }
    #expect(marks == instance.bestServed(ranked.map(\.need)), "seed \(seed)")
    #expect(outcome.pairs.count + outcome.leftNeeds.count == instance.needs.count, "seed \(seed)")
  }

  @Test(
    "within limits too, of one school or several, it serves whom brute force finds",
    arguments: 0..<400)
  func bruteForceWithinLimits(seed: UInt64) throws {
    let instance = try MatchingInstance(
      seed: seed, needs: 0...6, places: 0...6, keys: 5, limited: true)
    let outcome = instance.assign()
    let served = Set(outcome.pairs.map(\.rank))
    let ranked = Matching.order(instance.needs, seed: instance.lot)
    #expect(
      ranked.map { served.contains($0.rank) } == instance.bestServed(ranked.map(\.need)),
      "seed \(seed)")
    let offers = Dictionary(uniqueKeysWithValues: instance.offers.map { ($0.id, $0) })
    for pair in outcome.pairs {
      let offer = try #require(offers[pair.offer])
      #expect(Matching.Obstacles(pair.need, offer).text == nil, "seed \(seed)")
    }
  }

  @Test("no pair is in conflict, no place and no pupil is used twice", arguments: 0..<100)
  func sound(seed: UInt64) throws {
    let instance = try MatchingInstance(seed: seed, needs: 20...40, places: 10...40, keys: 8)
    let outcome = instance.assign()
    let offers = Dictionary(uniqueKeysWithValues: instance.offers.map { ($0.id, $0) })
    for pair in outcome.pairs {
      let offer = try #require(offers[pair.offer])
      #expect(offer.conflictKeys.isDisjoint(with: pair.need.conflictKeys), "seed \(seed)")
      #expect(offer.places.contains(pair.place), "seed \(seed)")
    }
    #expect(
      Set(outcome.pairs.map { "\($0.offer.lowercase) \($0.place)" }).count == outcome.pairs.count)
    #expect(Set(outcome.pairs.map(\.need.student)).count == outcome.pairs.count)
    let left = outcome.leftOffers.reduce(0) { $0 + $1.places }
    let all = instance.offers.reduce(0) { $0 + $1.places.count }
    #expect(outcome.pairs.count + left == all, "seed \(seed)")
  }

  @Test("the order of the input changes nothing", arguments: 0..<50)
  func shuffled(seed: UInt64) throws {
    let instance = try MatchingInstance(seed: seed, needs: 10...40, places: 10...40, keys: 6)
    var random = SeededGenerator(seed: seed &+ 1)
    var other = instance
    other.needs.shuffle(using: &random)
    other.offers.shuffle(using: &random)
    #expect(instance.assign() == other.assign(), "seed \(seed)")
  }

  @Test("no exchange of two pupils would meet more wishes", arguments: 0..<100)
  func exchanges(seed: UInt64) throws {
    let instance = try MatchingInstance(seed: seed, needs: 5...20, places: 5...20, keys: 8)
    let outcome = instance.assign()
    let offers = Dictionary(uniqueKeysWithValues: instance.offers.map { ($0.id, $0) })
    for (index, left) in outcome.pairs.enumerated() {
      let offer = try #require(offers[left.offer])
      for right in outcome.pairs[(index + 1)...] {
        let other = try #require(offers[right.offer])
        guard offer.conflictKeys.isDisjoint(with: right.need.conflictKeys),
          other.conflictKeys.isDisjoint(with: left.need.conflictKeys)
        else { continue }
        let now = offer.wish.weight(left.need) + other.wish.weight(right.need)
        let then = offer.wish.weight(right.need) + other.wish.weight(left.need)
        #expect(then <= now, "seed \(seed)")
      }
    }
  }

  @Test("ten thousand pupils and ten thousand offers, with wishes and conflicts")
  func large() throws {
    let instance = try MatchingInstance(
      seed: 1, needs: 10_000...10_000, places: 10_000...10_000, keys: 20_000)
    let outcome = instance.assign()
    #expect(outcome.pairs.count == 10_000)
  }
}

extension Wish {
  /// A wish not met outweighs all that can be met.
  fileprivate func weight(_ need: Matching.Need) -> Int {
    let (met, unmet) = compared(with: need)
    return met.count - 4 * unmet.count
  }
}

extension SeededGenerator {
  fileprivate mutating func uuid() -> UUID {
    let halves = (next(), next())
    return withUnsafeBytes(of: halves) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }
}

/// Needs and offers made by a seed.
private struct MatchingInstance {
  var needs: [Matching.Need] = []
  var offers: [Matching.Offer] = []
  let lot: String

  init(
    seed: UInt64, needs: ClosedRange<Int>, places: ClosedRange<Int>, keys: Int,
    limited: Bool = false
  ) throws {
    var random = SeededGenerator(seed: seed)
    lot = "seed \(seed)"
    let schools = (0..<3).map { _ in random.uuid() }
    let grades = ["一年级", "二年级", "三年级"]
    let genders: [ResidentID.Gender] = [.male, .female]
    let regions = ["990011", "990011100", "990011200", "990012", "990012100"]
    let start = try #require(CalendarDate("2026-09-01"))
    for _ in 0..<Int.random(in: needs, using: &random) {
      self.needs.append(
        Matching.Need(
          student: random.uuid(), school: schools.randomElement(using: &random) ?? schools[0],
          region: regions.randomElement(using: &random),
          grade: grades.randomElement(using: &random),
          gender: genders.randomElement(using: &random),
          tier: Tier.allCases.randomElement(using: &random) ?? .general,
          waitingSince: start.adding(days: Int.random(in: 0...3, using: &random)),
          conflictKeys: Self.keys(of: keys, using: &random)))
    }
    var left = Int.random(in: places, using: &random)
    while left > 0 {
      let count = min(left, Bool.random(using: &random) ? 1 : Int.random(in: 1...3, using: &random))
      left -= count
      var wish = Wish()
      if Bool.random(using: &random) { wish.school = schools.randomElement(using: &random) }
      if Bool.random(using: &random) { wish.region = regions.randomElement(using: &random) }
      if Bool.random(using: &random) { wish.grade = grades.randomElement(using: &random) }
      if Bool.random(using: &random) { wish.gender = genders.randomElement(using: &random) }
      if limited { Self.limit(&wish, schools, using: &random) }
      offers.append(
        Matching.Offer(
          id: random.uuid(), places: Array(1...count), wish: wish, turn: offers.count,
          conflictKeys: Self.keys(of: keys, using: &random)))
    }
  }

  private static func limit(
    _ wish: inout Wish, _ schools: [UUID], using random: inout SeededGenerator
  ) {
    if wish.school != nil, let other = schools.randomElement(using: &random) {
      wish.otherSchools = [other]
    }
    let known: [(Wish.Item, Bool)] = [
      (.region, wish.region != nil), (.school, wish.school != nil), (.grade, wish.grade != nil),
      (.gender, wish.gender != nil),
    ]
    wish.hard = Set(known.filter { $0.1 && Bool.random(using: &random) }.map(\.0))
  }

  private static func keys(of count: Int, using random: inout SeededGenerator) -> Set<ConflictKey> {
    let number = Int.random(in: 0...2, using: &random)
    return Set((0..<number).map { _ in .name("\(Int.random(in: 0..<count, using: &random))") })
  }

  func assign() -> Matching.Outcome {
    Matching.assign(needs: needs, offers: offers, seed: lot)
  }

  /// Takes needs in their order and keeps each with which all kept ones can be served, by trying
  /// every way to do so.
  func bestServed(_ ranked: [Matching.Need]) -> [Bool] {
    var kept: [Matching.Need] = []
    return ranked.map { need in
      let all = kept + [need]
      guard canServe(all[...], offers.map(\.places.count)) else { return false }
      kept = all
      return true
    }
  }

  private func canServe(_ needs: ArraySlice<Matching.Need>, _ free: [Int]) -> Bool {
    guard let need = needs.first else { return true }
    for (index, offer) in offers.enumerated() where free[index] > 0 {
      guard Matching.Obstacles(need, offer).text == nil else { continue }
      var rest = free
      rest[index] -= 1
      if canServe(needs.dropFirst(), rest) { return true }
    }
    return false
  }
}
