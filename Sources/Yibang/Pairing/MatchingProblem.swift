import Assignment
import Foundation

/// Needs and offers as a problem of assignment.
///
/// Nearly every pupil can go to nearly every offer. Pupils with the same traits are a class, and
/// offers with the same wishes; between them stand hubs, one for each part of a wish: who meets it
/// can have, by way of the hub, every offer whose wish holds that part, and is worth at least as much
/// there. So the number of links grows with the wishes, not with the pairs.
struct MatchingProblem {
  private struct NeedClass: Hashable {
    let traits: Traits
    /// The rank of the amount that the school asks for; 0 for none.
    let minimum: Int
  }

  private struct OfferClass: Hashable {
    let wish: WishCode
    /// The highest rank that the amount reaches.
    let amount: Int
  }

  private struct HubKey: Hashable {
    let part: Traits
    let minimum: Int
  }

  let needs: [Matching.RankedNeed]
  let offers: [Matching.Offer]
  let conflicts: Conflicts
  private(set) var problem: AssignmentProblem
  private var needClasses: [NeedClass] = []
  private var offerClasses: [OfferClass] = []
  private var numberOfNeed: [UUID: Int32] = [:]
  private var numberOfOffer: [UUID: Int32] = [:]
  /// Pairs that were accepted before, and pinned ones.
  private(set) var accepted: Set<Int32> = []
  private(set) var pinned: Set<Int32> = []
  /// For a need the offers excluded by hand.
  private(set) var excluded: [Int32: Set<Int32>] = [:]

  /// - Parameters:
  ///   - needs: in the order of need.
  ///   - offers: in their turn.
  init(
    _ needs: [Matching.RankedNeed], _ offers: [Matching.Offer], _ choices: Matching.Choices
  ) throws(MatchingError) {
    self.needs = needs
    self.offers = offers
    conflicts = Conflicts(
      needs: needs.map(\.need.conflictKeys), offers: offers.map(\.conflictKeys))
    problem = AssignmentProblem(
      takerClasses: [], giverClasses: [], capacities: offers.map(\.places.count))
    sortIntoClasses()
    addHubs()
    for (index, need) in needs.enumerated() { numberOfNeed[need.need.student] = Int32(index) }
    for (index, offer) in offers.enumerated() { numberOfOffer[offer.id] = Int32(index) }
    for (need, list) in conflicts.ofNeed.enumerated() {
      for entry in list { problem.forbidden.append(.init(taker: Int32(need), giver: entry.offer)) }
    }
    for pair in choices.forbidden.compactMap({ pair($0) }) {
      problem.forbidden.append(pair)
      excluded[pair.taker, default: []].insert(pair.giver)
    }
    addWishes()
    problem.earlier = choices.earlier.compactMap { pair($0) }
    try addFixed(choices)
  }

  func pair(_ chosen: Matching.Chosen) -> AssignmentProblem.Pair? {
    guard let need = numberOfNeed[chosen.student], let offer = numberOfOffer[chosen.offer] else {
      return nil
    }
    return AssignmentProblem.Pair(taker: need, giver: offer)
  }

  private mutating func sortIntoClasses() {
    var coder = WishCoder()
    let minima = Set(needs.compactMap { $0.need.minimum?.fen }).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: minima.enumerated().map { ($1, $0 + 1) })
    var offerNumbers: [OfferClass: Int32] = [:]
    for offer in offers {
      let reached = offer.amount.map { amount in minima.count { $0 <= amount.fen } }
      let kind = OfferClass(wish: coder.code(offer.wish), amount: reached ?? minima.count)
      let number = offerNumbers[kind] ?? Int32(offerClasses.count)
      if number == offerClasses.count {
        offerNumbers[kind] = number
        offerClasses.append(kind)
      }
      problem.giverClasses.append(number)
    }
    var needNumbers: [NeedClass: Int32] = [:]
    for ranked in needs {
      let kind = NeedClass(
        traits: coder.traits(of: ranked.need),
        minimum: ranked.need.minimum.flatMap { ranks[$0.fen] } ?? 0)
      let number = needNumbers[kind] ?? Int32(needClasses.count)
      if number == needClasses.count {
        needNumbers[kind] = number
        needClasses.append(kind)
      }
      problem.takerClasses.append(number)
    }
  }

  private mutating func addHubs() {
    var numbers: [HubKey: Int] = [:]
    let minima = Set(needClasses.map(\.minimum)).sorted()
    for (kind, offer) in offerClasses.enumerated() {
      for part in Self.parts(of: offer.wish.items) where offer.wish.hard & ~part == 0 {
        let weight = offer.wish.score(met: part)
        for traits in offer.wish.traits(meeting: part) {
          for minimum in minima where minimum <= offer.amount {
            let key = HubKey(part: Self.cut(traits, part), minimum: minimum)
            let number = numbers[key] ?? problem.hubs.count
            if number == problem.hubs.count {
              numbers[key] = number
              problem.hubs.append(.init(takerClasses: [], givers: []))
            }
            problem.hubs[number].givers.append(.init(giverClass: Int32(kind), weight: weight))
          }
        }
      }
    }
    for (kind, need) in needClasses.enumerated() {
      for part in Self.parts(of: WishCode(traits: need.traits).items) {
        for traits in WishCode.regions(of: need.traits, part) {
          let key = HubKey(part: Self.cut(traits, part), minimum: need.minimum)
          if let number = numbers[key] { problem.hubs[number].takerClasses.append(Int32(kind)) }
        }
      }
    }
  }

  /// Every subset of a set of bits.
  private static func parts(of items: Int) -> [Int] { (0...items).filter { $0 & ~items == 0 } }

  private static func cut(_ traits: Traits, _ part: Int) -> Traits {
    var cut = Traits()
    for item in 0..<4 where part >> item & 1 == 1 { cut[item] = traits[item] }
    return cut
  }

  /// What a pair is worth without named pupils and sponsors; nil if limits forbid it.
  func score(_ need: Int, _ offer: Int) -> Int64? {
    let kind = needClasses[Int(problem.takerClasses[need])]
    let other = offerClasses[Int(problem.giverClasses[offer])]
    let met = other.wish.met(by: kind.traits)
    guard kind.minimum <= other.amount, other.wish.hard & ~met == 0 else { return nil }
    return other.wish.score(met: met)
  }

  /// What all pairs are worth together; one that stands against a limit counts for nothing.
  func score(_ result: AssignmentResult) -> Int64 {
    var named: [AssignmentProblem.Pair: Int64] = [:]
    for wish in problem.wishes { named[.init(taker: wish.taker, giver: wish.giver)] = wish.weight }
    return result.giverOfTaker.enumerated().reduce(0) { sum, pair in
      guard pair.element >= 0 else { return sum }
      let key = AssignmentProblem.Pair(taker: Int32(pair.offset), giver: pair.element)
      return sum + (named[key] ?? score(pair.offset, Int(pair.element)) ?? 0)
    }
  }

  /// What stands between a class of pupils and a class of offers.
  func limits(needClass: Int, offerClass: Int) -> Set<MatchLimit> {
    let (need, offer) = (needClasses[needClass], offerClasses[offerClass])
    var limits = Set(offer.wish.broken(by: need.traits).map { MatchLimit.wish($0) })
    if need.minimum > offer.amount { limits.insert(.amount) }
    return limits
  }

  private mutating func addWishes() {
    var named: [AssignmentProblem.Pair: Int64] = [:]
    for (index, offer) in offers.enumerated() {
      for (student, weight) in offer.wish.pupils where weight > 0 {
        guard let need = numberOfNeed[student] else { continue }
        named[.init(taker: need, giver: Int32(index)), default: 0] += Self.capped(weight)
      }
    }
    for (index, ranked) in needs.enumerated() {
      for (id, weight) in ranked.need.offers where weight > 0 {
        guard let offer = numberOfOffer[id] else { continue }
        named[.init(taker: Int32(index), giver: offer), default: 0] += Self.capped(weight)
      }
    }
    for (pair, weight) in named {
      guard let score = score(Int(pair.taker), Int(pair.giver)) else { continue }
      problem.wishes.append(
        .init(taker: pair.taker, giver: pair.giver, weight: score + weight))
    }
  }

  /// What passes it is refused by the solver.
  private static func capped(_ weight: Int) -> Int64 { Int64(min(weight, Int.max / 4)) }

  private mutating func addFixed(_ choices: Matching.Choices) throws(MatchingError) {
    var seats = problem.capacities
    let forbidden = Set(problem.forbidden)
    for (chosen, isPin) in choices.accepted.map({ ($0, false) })
      + choices.pinned.map({ ($0, true) })
    {
      let (student, offer) = (chosen.student, chosen.offer)
      guard let pair = pair(chosen) else { throw .unknownPair(student: student, offer: offer) }
      seats[Int(pair.giver)] -= 1
      let isNew = !accepted.contains(pair.taker) && !pinned.contains(pair.taker)
      guard isNew, seats[Int(pair.giver)] >= 0 else {
        throw .tooMany(student: student, offer: offer)
      }
      let isBarred = forbidden.contains(pair) || score(Int(pair.taker), Int(pair.giver)) == nil
      if isPin, isBarred { throw .inadmissible(student: student, offer: offer) }
      problem.fixed.append(pair)
      if isPin { pinned.insert(pair.taker) } else { accepted.insert(pair.taker) }
    }
    // An accepted pair stays even if a conflict has come to light since: people decide about it.
    problem.forbidden.removeAll { accepted.contains($0.taker) }
  }
}

/// What keeps a pupil from an offer, beside a conflict of interest.
enum MatchLimit: Hashable {
  case wish(Wish.Item)
  /// The offer pays less than the school asks for.
  case amount
  /// Somebody decided that the pair is not to be made.
  case excluded

  var name: Text {
    switch self {
    case .wish(let item): item.name
    case .amount: Text("金额低于学校标准", "amount below the school's minimum")
    case .excluded: Text("人工排除", "excluded by hand")
    }
  }

  /// In the order in which they are named.
  static let all: [MatchLimit] =
    Wish.Item.allCases.map { .wish($0) } + [.amount, .excluded]
}
