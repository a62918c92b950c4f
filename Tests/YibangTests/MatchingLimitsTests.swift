import Foundation
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Matching within limits and decisions")
struct MatchingLimitsTests {
  private let school = UUID()
  private let day: CalendarDate

  init() throws {
    day = try #require(CalendarDate("2026-09-10"))
  }

  private func need(
    waiting days: Int = 0, grade: String? = nil, gender: ResidentID.Gender? = nil,
    school: UUID? = nil, region: String? = nil, minimum: Money? = nil,
    offers: [UUID: Int] = [:], keys: Set<ConflictKey> = []
  ) -> Matching.Need {
    Matching.Need(
      student: UUID(), school: school ?? self.school, region: region, grade: grade, gender: gender,
      tier: .difficult, waitingSince: day.adding(days: -days), conflictKeys: keys,
      minimum: minimum, offers: offers)
  }

  private func offer(
    _ turn: Int, places: [Int] = [1], wish: Wish = Wish(), amount: Money? = nil,
    keys: Set<ConflictKey> = []
  ) -> Matching.Offer {
    Matching.Offer(
      id: UUID(), places: places, wish: wish, turn: turn, conflictKeys: keys, amount: amount)
  }

  private func assign(
    _ needs: [Matching.Need], _ offers: [Matching.Offer],
    _ choices: Matching.Choices = Matching.Choices()
  ) throws -> Matching.Outcome {
    try Matching.assign(needs: needs, offers: offers, seed: "test", choices: choices)
  }

  private func offers(_ outcome: Matching.Outcome) -> [UUID: UUID] {
    Dictionary(uniqueKeysWithValues: outcome.pairs.map { ($0.need.student, $0.offer) })
  }

  @Test(
    "what a sponsor insists on keeps every other pupil away",
    arguments: [
      (Wish(region: "甲乡", hard: [.region]), "地区"), (Wish(school: UUID(), hard: [.school]), "学校"),
      (Wish(grade: "一年级", hard: [.grade]), "年级"), (Wish(gender: .male, hard: [.gender]), "性别"),
    ])
  func hard(_ wish: Wish, _ name: String) throws {
    let girl = need(grade: "三年级", gender: .female, region: "乙乡")
    let outcome = try assign([girl], [offer(1, wish: wish)])
    #expect(outcome.pairs.isEmpty)
    #expect(outcome.leftNeeds.map(\.reason.code) == ["limits"])
    #expect(outcome.leftNeeds[0].reason.zh.contains("限定条件不能给该生（\(name)）"))
    #expect(outcome.leftOffers.map(\.reason.code) == ["limits"])
    #expect(outcome.leftOffers[0].reason.zh.contains("（\(name)）。放宽这些条件"))
    var soft = wish
    soft.hard = []
    #expect(try assign([girl], [offer(1, wish: soft)]).pairs.count == 1)
  }

  @Test("of several schools any will do, whether insisted on or wished for")
  func severalSchools() throws {
    let (one, two, three) = (UUID(), UUID(), UUID())
    let pupils = [one, two, three].enumerated().map {
      need(waiting: 3 - $0.offset, school: $0.element)
    }
    let wish = Wish(school: one, otherSchools: [two], hard: [.school])
    let outcome = try assign(pupils, [offer(1, places: [1, 2, 3], wish: wish)])
    #expect(outcome.pairs.map(\.need.school) == [one, two])
    #expect(outcome.leftNeeds.map(\.reason.code) == ["limits"])
    var soft = wish
    soft.hard = []
    let (wishing, plain) = (offer(1, places: [1, 2], wish: soft), offer(2))
    let free = try assign(pupils.reversed(), [wishing, plain])
    #expect(
      offers(free) == [
        pupils[0].student: wishing.id, pupils[1].student: wishing.id,
        pupils[2].student: plain.id,
      ])
    #expect(free.score == 2)
  }

  @Test("a county holds its towns, whether insisted on or wished for, and a town no county")
  func regions() throws {
    let pupils = ["990011200", "990011100", "990011", "990012200"].enumerated().map {
      need(waiting: 4 - $0.offset, region: $0.element)
    }
    let county = Wish(region: "990011", hard: [.region])
    let outcome = try assign(pupils, [offer(1, places: [1, 2, 3, 4], wish: county)])
    #expect(outcome.pairs.map(\.need) == Array(pupils.prefix(3)))
    #expect(outcome.leftNeeds.map(\.reason.code) == ["limits"])
    let town = Wish(region: "990011200", hard: [.region])
    let narrow = try assign(pupils, [offer(1, places: [1, 2, 3, 4], wish: town)])
    #expect(narrow.pairs.map(\.need) == [pupils[0]])
    let (wishing, plain) = (offer(1, wish: Wish(region: "990011")), offer(2))
    let free = try assign([pupils[3], pupils[0]], [wishing, plain])
    #expect(offers(free) == [pupils[0].student: wishing.id, pupils[3].student: plain.id])
    #expect(free.score == 1)
  }

  @Test("an offer below the school's minimum is none, and one that reaches it is")
  func minimum() throws {
    let pupil = need(minimum: Money(fen: 100_000))
    let low = offer(1, amount: Money(fen: 99_999))
    let enough = offer(2, amount: Money(fen: 100_000))
    let outcome = try assign([pupil], [low, enough])
    #expect(outcome.pairs.map(\.offer) == [enough.id])
    let alone = try assign([pupil], [low])
    #expect(alone.leftNeeds.map(\.reason.code) == ["limits"])
    #expect(alone.leftNeeds[0].reason.en.contains("below the school's minimum"))
  }

  @Test("who comes first is served even if that costs every wish")
  func needBeforeWishes() throws {
    let boy = need(waiting: 9, gender: .male)
    let girl = need(gender: .female)
    let forGirls = offer(1, wish: Wish(gender: .female, weights: [.gender: 1_000]))
    let forBoys = offer(2, wish: Wish(gender: .male, hard: [.gender]))
    let outcome = try assign([boy, girl], [forGirls, forBoys])
    #expect(offers(outcome) == [boy.student: forBoys.id, girl.student: forGirls.id])
    let short = try assign([boy, girl], [forGirls])
    #expect(offers(short) == [boy.student: forGirls.id])
    #expect(short.leftNeeds.map(\.reason.code) == ["no_place"])
    #expect(short.leftNeeds[0].reason.en.contains("One more place, open to everybody"))
  }

  @Test("a pupil whom a sponsor names, and a sponsor whom a pupil's side names, come together")
  func named() throws {
    let first = need(waiting: 3)
    let second = need()
    let plain = offer(1)
    let naming = offer(2, wish: Wish(pupils: [second.student: 5]))
    let outcome = try assign([first, second], [naming, plain])
    #expect(offers(outcome) == [first.student: plain.id, second.student: naming.id])
    #expect(outcome.pairs[1].reason.zh.contains("资助人点名"))
    let asking = need(offers: [plain.id: 7])
    let other = try assign([asking, first], [naming, plain])
    #expect(offers(other)[asking.student] == plain.id)
  }

  @Test("pinned pairs are made, excluded ones are not, accepted ones stand with their place")
  func choices() throws {
    let needs = [need(waiting: 3), need(waiting: 2), need(waiting: 1)]
    let first = offer(1, places: [3, 5])
    let second = offer(2)
    let outcome = try assign(
      needs, [first, second],
      Matching.Choices(
        accepted: [.init(student: needs[2].student, offer: first.id, place: 5)],
        pinned: [.init(student: needs[1].student, offer: second.id)],
        forbidden: [.init(student: needs[0].student, offer: second.id)]))
    #expect(outcome.pairs.map(\.offer) == [first.id, second.id, first.id])
    #expect(outcome.pairs.map(\.place) == [3, 1, 5])
    #expect(outcome.pairs.map(\.reason.code) == ["paired", "pinned", "accepted"])
  }

  @Test("who is left over because of a pair excluded by hand is told so")
  func excluded() throws {
    let (pupil, offer) = (need(), offer(1))
    let outcome = try assign(
      [pupil], [offer],
      Matching.Choices(forbidden: [.init(student: pupil.student, offer: offer.id)]))
    #expect(outcome.leftNeeds.map(\.reason.code) == ["limits"])
    #expect(outcome.leftNeeds[0].reason.zh.contains("人工排除"))
    #expect(outcome.leftOffers[0].reason.en.contains("excluded by hand"))
  }

  @Test("so many more places as the reason says reach a pupil left over", arguments: 0..<60)
  func morePlaces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let grades = ["一年级", "二年级", "三年级"]
    let needs = (0..<12).map { need(waiting: $0, grade: grades.randomElement(using: &random)) }
    var offers = (0..<7).map {
      offer($0, wish: Wish(grade: grades.randomElement(using: &random), hard: [.grade]))
    }
    let outcome = try assign(needs, offers)
    let next = Int.random(in: 0..<outcome.leftNeeds.count, using: &random)
    let left = outcome.leftNeeds[next]
    #expect(left.reason.zh.contains("再有 \(next + 1) 个不限条件的名额"), "seed \(seed)")
    offers += (0...next).map { offer(100 + $0) }
    let served = Set(try assign(needs, offers).pairs.map(\.need.student))
    #expect(served.contains(left.need.student), "seed \(seed)")
    let one = Set(try assign(needs, offers.dropLast()).pairs.map(\.need.student))
    #expect(!one.contains(left.need.student), "seed \(seed)")
  }

  @Test("a pin that breaks a rule, names a stranger or finds no place is refused")
  func badPins() throws {
    let key = ConflictKey.phone([1])
    let needs = [need(keys: [key]), need(grade: "一年级")]
    let offers = [offer(1, wish: Wish(grade: "二年级", hard: [.grade]), keys: [key]), offer(2)]
    func refusal(_ pinned: [(Int, Int)]) -> MatchingError? {
      let chosen = pinned.map {
        Matching.Chosen(student: needs[$0.0].student, offer: offers[$0.1].id)
      }
      do throws(MatchingError) {
        _ = try Matching.assign(
          needs: needs, offers: offers, seed: "test", choices: Matching.Choices(pinned: chosen))
        return nil
      } catch {
        return error
      }
    }
    func code(_ pinned: [(Int, Int)]) -> String? { refusal(pinned)?.code }
    #expect(code([(0, 0)]) == "matching.inadmissible")
    #expect(code([(1, 0)]) == "matching.inadmissible")
    #expect(code([(0, 1), (1, 1)]) == "matching.too_many")
    #expect(code([(0, 1)]) == nil)
    #expect(throws: MatchingError.self) {
      try assign(
        needs, offers, .init(pinned: [.init(student: UUID(), offer: offers[1].id)]))
    }
    #expect(throws: MatchingError.self) {
      var heavy = needs[1]
      heavy.offers = [offers[1].id: .max]
      return try assign([heavy], offers)
    }
  }

  @Test("an earlier assignment is kept, place by place, when one sponsor goes")
  func earlier() throws {
    let needs = (0..<20).map { need(waiting: 20 - $0) }
    let offers = (0..<11).map { offer($0, places: [4, 7]) }
    let first = try assign(needs, offers)
    let stood = first.pairs.map {
      Matching.Chosen(student: $0.need.student, offer: $0.offer, place: $0.place)
    }
    let again = try assign(needs, offers, Matching.Choices(earlier: stood))
    #expect(again == first)
    let gone = try assign(needs, Array(offers.dropFirst()), Matching.Choices(earlier: stood))
    let moved = zip(first.pairs, gone.pairs).filter {
      $0.offer != $1.offer || $0.place != $1.place
    }
    #expect(gone.pairs.count == 20)
    #expect(moved.count == 2)
  }

  @Test("limits, minima and named pupils weigh as brute force says", arguments: 0..<150)
  func bruteForce(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let schools = [UUID(), UUID()]
    let grades = ["一年级", "二年级"]
    func maybe<Value>(_ values: [Value]) -> Value? {
      Bool.random(using: &random) ? values.randomElement(using: &random) : nil
    }
    let needs = (0..<5).map { number in
      need(
        waiting: number, grade: maybe(grades), gender: maybe([.male, .female]),
        school: schools.randomElement(using: &random), region: maybe(["甲", "乙"]),
        minimum: maybe([Money(fen: 1), Money(fen: 3)]))
    }
    let offers = (0..<5).map { number in
      var wish = Wish(
        region: maybe(["甲", "乙"]), school: maybe(schools), grade: maybe(grades),
        gender: maybe([.male, .female]))
      wish.hard = Set(Wish.Item.allCases.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
      wish.weights = [.grade: Int.random(in: 1...3, using: &random)]
      if let pupil = maybe(needs) { wish.pupils = [pupil.student: 2] }
      return offer(
        number, wish: wish, amount: maybe([Money(fen: 0), Money(fen: 2), Money(fen: 9)]))
    }
    let outcome = try assign(needs, offers)
    let ranked = Matching.order(needs, seed: "test").map(\.need)
    var value = Value()
    for need in ranked {
      let pair = outcome.pairs.first { $0.need.student == need.student }
      let offer = offers.first { $0.id == pair?.offer }
      value.served.append(pair == nil ? 0 : 1)
      if let offer { value.weight += try #require(weight(need, offer), "seed \(seed)") }
    }
    #expect(value == best(ranked[...], offers), "seed \(seed)")
  }

  private struct Value: Equatable {
    var served: [Int] = []
    var weight = 0

    func isBetter(than other: Value) -> Bool {
      served == other.served
        ? weight > other.weight : other.served.lexicographicallyPrecedes(served)
    }
  }

  private func weight(_ need: Matching.Need, _ offer: Matching.Offer) -> Int? {
    let (met, unmet) = offer.wish.compared(with: need)
    if unmet.contains(where: { offer.wish.hard.contains($0) }) { return nil }
    if let amount = offer.amount, let minimum = need.minimum, amount.fen < minimum.fen {
      return nil
    }
    func sum(_ items: [Wish.Item]) -> Int {
      items.reduce(0) { $0 + (offer.wish.weights[$1] ?? 1) }
    }
    return sum(met) - 4 * sum(unmet) + (offer.wish.pupils[need.student] ?? 0)
  }

  private func best(_ needs: ArraySlice<Matching.Need>, _ free: [Matching.Offer]) -> Value {
    guard let need = needs.first else { return Value() }
    var best = self.best(needs.dropFirst(), free)
    best.served.insert(0, at: 0)
    for (index, offer) in free.enumerated() {
      guard let weight = weight(need, offer) else { continue }
      var rest = free
      rest.remove(at: index)
      var value = self.best(needs.dropFirst(), rest)
      value.served.insert(1, at: 0)
      value.weight += weight
      if value.isBetter(than: best) { best = value }
    }
    return best
  }
}
