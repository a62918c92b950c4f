import Assignment

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func chance(_ one: Int) -> Bool { draw(1...one) == 1 }
}

extension AssignmentProblem {
  /// A problem with a bit of everything: hubs over some classes, wishes, forbidden, fixed and earlier
  /// pairs, givers with none, one or several places.
  static func random(
    seed: UInt64, takers: ClosedRange<Int>, givers: ClosedRange<Int>, weights: ClosedRange<Int>
  ) -> AssignmentProblem {
    var random = SeededGenerator(seed: seed)
    let takerCount = random.draw(takers)
    let giverCount = random.draw(givers)
    let classes = random.draw(1...4)
    var problem = AssignmentProblem(
      takerClasses: (0..<takerCount).map { _ in Int32(random.draw(0...(classes - 1))) },
      giverClasses: (0..<giverCount).map { _ in Int32(random.draw(0...(classes - 1))) },
      capacities: (0..<giverCount).map { _ in random.chance(3) ? random.draw(0...3) : 1 })
    for _ in 0..<random.draw(0...4) {
      let members = (0..<classes).filter { _ in !random.chance(3) }.map {
        Member(giverClass: Int32($0), weight: Int64(random.draw(weights)))
      }
      let kinds = (0..<Int32(classes)).filter { _ in !random.chance(3) }
      problem.hubs.append(Hub(takerClasses: kinds, givers: members))
    }
    guard takerCount > 0, giverCount > 0 else { return problem }
    func pair() -> Pair {
      Pair(
        taker: Int32(random.draw(0...(takerCount - 1))),
        giver: Int32(random.draw(0...(giverCount - 1))))
    }
    for _ in 0..<random.draw(0...(2 * takerCount)) {
      let pair = pair()
      problem.wishes.append(
        Wish(taker: pair.taker, giver: pair.giver, weight: Int64(random.draw(weights))))
    }
    if random.chance(2) { for _ in 0..<takerCount { problem.forbidden.append(pair()) } }
    if random.chance(3) {
      var left = problem.capacities
      let pair = pair()
      if left[Int(pair.giver)] > 0, !problem.forbidden.contains(pair) {
        left[Int(pair.giver)] -= 1
        problem.fixed.append(pair)
      }
    }
    if random.chance(2) {
      for taker in 0..<takerCount where !random.chance(4) {
        problem.earlier.append(
          Pair(taker: Int32(taker), giver: Int32(random.draw(0...(giverCount - 1)))))
      }
    }
    return problem
  }

  /// The weight of a pair, as the definition says it; nil if it is not admissible.
  func weight(taker: Int, giver: Int) -> Int64? {
    if forbidden.contains(Pair(taker: Int32(taker), giver: Int32(giver))) { return nil }
    var weights: [Int64] = []
    for hub in hubs where hub.takerClasses.contains(takerClasses[taker]) {
      for member in hub.givers where member.giverClass == giverClasses[giver] {
        weights.append(member.weight)
      }
    }
    for wish in wishes where Int(wish.taker) == taker && Int(wish.giver) == giver {
      weights.append(wish.weight)
    }
    return weights.max()
  }

  /// What is to be as high as possible, the first part before all others.
  struct Objective: Comparable {
    var served: [Bool] = []
    var weight: Int64 = 0
    var kept = 0

    static func < (left: Objective, right: Objective) -> Bool {
      for (one, other) in zip(left.served, right.served) where one != other { return other }
      return left.weight != right.weight ? left.weight < right.weight : left.kept < right.kept
    }
  }

  /// Nil if some pair is not admissible or a giver has too many.
  func objective(of giverOfTaker: [Int32]) -> Objective? {
    var objective = Objective()
    var left = capacities
    for (taker, giver) in giverOfTaker.enumerated() {
      objective.served.append(giver >= 0)
      guard giver >= 0 else { continue }
      left[Int(giver)] -= 1
      if left[Int(giver)] < 0 { return nil }
      if fixed.contains(where: { Int($0.taker) == taker }) { continue }
      guard let weight = weight(taker: taker, giver: Int(giver)) else { return nil }
      objective.weight += weight
      if earlier.contains(Pair(taker: Int32(taker), giver: giver)) { objective.kept += 1 }
    }
    return objective
  }

  /// The best objective, by trying everything.
  func bruteForce() -> Objective {
    var left = capacities
    var fixedGiver: [Int: Int] = [:]
    for pair in fixed {
      fixedGiver[Int(pair.taker)] = Int(pair.giver)
      left[Int(pair.giver)] -= 1
    }
    var known: [State: Objective] = [:]
    return best(0, left, fixedGiver, &known)
  }

  private struct State: Hashable {
    let taker: Int
    let left: [Int]
  }

  private func best(
    _ taker: Int, _ left: [Int], _ fixedGiver: [Int: Int], _ known: inout [State: Objective]
  ) -> Objective {
    if taker == takerClasses.count { return Objective() }
    let state = State(taker: taker, left: left)
    if let objective = known[state] { return objective }
    var found: Objective?
    func consider(_ isServed: Bool, _ weight: Int64, _ kept: Int, _ rest: Objective) {
      let objective = Objective(
        served: [isServed] + rest.served, weight: weight + rest.weight, kept: kept + rest.kept)
      if let best = found, objective <= best { return }
      found = objective
    }
    if fixedGiver[taker] != nil {
      consider(true, 0, 0, best(taker + 1, left, fixedGiver, &known))
    } else {
      consider(false, 0, 0, best(taker + 1, left, fixedGiver, &known))
      for giver in left.indices where left[giver] > 0 {
        guard let weight = weight(taker: taker, giver: giver) else { continue }
        var rest = left
        rest[giver] -= 1
        let kept = earlier.contains(Pair(taker: Int32(taker), giver: Int32(giver))) ? 1 : 0
        consider(true, weight, kept, best(taker + 1, rest, fixedGiver, &known))
      }
    }
    let objective = found ?? Objective()
    known[state] = objective
    return objective
  }

  /// The same problem, told in another order.
  func shuffled(seed: UInt64) -> AssignmentProblem {
    var random = SeededGenerator(seed: seed)
    var other = self
    for index in other.hubs.indices {
      other.hubs[index].takerClasses.shuffle(using: &random)
      other.hubs[index].givers.shuffle(using: &random)
    }
    other.wishes.shuffle(using: &random)
    other.forbidden.shuffle(using: &random)
    other.fixed.shuffle(using: &random)
    other.earlier.shuffle(using: &random)
    return other
  }
}
