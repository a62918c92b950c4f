/// A problem checked and sorted: wishes and exceptions by taker, members by class.
struct Instance {
  let problem: AssignmentProblem
  let takerCount: Int
  let giverCount: Int
  /// Places not fixed.
  let places: [Int]
  let isFixed: [Bool]
  /// The giver of an earlier pair, or -1.
  let earlierGiver: [Int32]
  /// The members of each hub by class, each once.
  let membersOfHub: [[AssignmentProblem.Member]]
  let hubsOfTakerClass: [[Int32]]
  let hubsOfGiverClass: [[(hub: Int32, weight: Int64)]]
  let giversOfClass: [[Int32]]
  private(set) var wishStart: [Int32] = []
  private(set) var wishGiver: [Int32] = []
  private(set) var wishWeight: [Int64] = []
  /// Forbidden givers of each taker, sorted.
  private(set) var exceptStart: [Int32] = []
  private(set) var exceptGiver: [Int32] = []

  init(_ problem: AssignmentProblem) throws(AssignmentError) {
    self.problem = problem
    takerCount = problem.takerClasses.count
    giverCount = problem.giverClasses.count
    try Self.checkRanges(problem)
    var places = problem.capacities
    var isFixed = Array(repeating: false, count: takerCount)
    for pair in problem.fixed {
      if isFixed[Int(pair.taker)] { throw .takerTwice(taker: Int(pair.taker)) }
      isFixed[Int(pair.taker)] = true
      places[Int(pair.giver)] -= 1
      if places[Int(pair.giver)] < 0 { throw .overfull(giver: Int(pair.giver)) }
    }
    var earlierGiver = [Int32](repeating: -1, count: takerCount)
    for pair in problem.earlier {
      if earlierGiver[Int(pair.taker)] >= 0 { throw .takerTwice(taker: Int(pair.taker)) }
      earlierGiver[Int(pair.taker)] = pair.giver
    }
    self.places = places
    self.isFixed = isFixed
    self.earlierGiver = earlierGiver
    let takerClassCount = Int(problem.takerClasses.max() ?? -1) + 1
    let giverClassCount = Int(problem.giverClasses.max() ?? -1) + 1
    var hubsOfTakerClass = [[Int32]](repeating: [], count: takerClassCount)
    var hubsOfGiverClass = [[(hub: Int32, weight: Int64)]](repeating: [], count: giverClassCount)
    membersOfHub = problem.hubs.map { Self.members(of: $0, classes: giverClassCount) }
    for (number, hub) in problem.hubs.enumerated() {
      for kind in Set(hub.takerClasses) where kind < takerClassCount {
        hubsOfTakerClass[Int(kind)].append(Int32(number))
      }
      for member in membersOfHub[number] {
        hubsOfGiverClass[Int(member.giverClass)].append((Int32(number), member.weight))
      }
    }
    var giversOfClass = [[Int32]](repeating: [], count: giverClassCount)
    for (giver, kind) in problem.giverClasses.enumerated() {
      giversOfClass[Int(kind)].append(Int32(giver))
    }
    self.hubsOfTakerClass = hubsOfTakerClass
    self.hubsOfGiverClass = hubsOfGiverClass
    self.giversOfClass = giversOfClass
    sortExceptions()
    for pair in problem.fixed where isForbidden(pair.taker, pair.giver) {
      throw .fixedForbidden(taker: Int(pair.taker), giver: Int(pair.giver))
    }
    sortWishes()
  }

  private static func members(
    of hub: AssignmentProblem.Hub, classes: Int
  ) -> [AssignmentProblem.Member] {
    var members: [AssignmentProblem.Member] = []
    for member in hub.givers.sorted(by: { ($0.giverClass, $1.weight) < ($1.giverClass, $0.weight) })
    where member.giverClass < classes && member.giverClass != members.last?.giverClass {
      members.append(member)
    }
    return members
  }

  private static func checkRanges(_ problem: AssignmentProblem) throws(AssignmentError) {
    let takers = problem.takerClasses.count
    let givers = problem.giverClasses.count
    func isIn(_ number: Int32, _ count: Int) -> Bool { number >= 0 && Int(number) < count }
    guard problem.capacities.count == givers else { throw .outOfRange("capacities") }
    if let giver = problem.capacities.firstIndex(where: { $0 < 0 }) {
      throw .negativeCapacity(giver: giver)
    }
    guard problem.takerClasses.allSatisfy({ $0 >= 0 }) else { throw .outOfRange("takerClasses") }
    guard problem.giverClasses.allSatisfy({ $0 >= 0 }) else { throw .outOfRange("giverClasses") }
    for hub in problem.hubs {
      guard hub.takerClasses.allSatisfy({ $0 >= 0 }),
        hub.givers.allSatisfy({ $0.giverClass >= 0 })
      else { throw .outOfRange("hubs") }
    }
    for wish in problem.wishes where !isIn(wish.taker, takers) || !isIn(wish.giver, givers) {
      throw .outOfRange("wishes")
    }
    for (name, pairs) in [
      ("forbidden", problem.forbidden), ("fixed", problem.fixed), ("earlier", problem.earlier),
    ] {
      for pair in pairs where !isIn(pair.taker, takers) || !isIn(pair.giver, givers) {
        throw .outOfRange(name)
      }
    }
  }

  private mutating func sortExceptions() {
    let pairs = problem.forbidden.sorted {
      $0.taker != $1.taker ? $0.taker < $1.taker : $0.giver < $1.giver
    }
    exceptStart = [Int32](repeating: 0, count: takerCount + 1)
    for (index, pair) in pairs.enumerated() {
      if index > 0, pairs[index - 1] == pair { continue }
      exceptGiver.append(pair.giver)
      exceptStart[Int(pair.taker) + 1] += 1
    }
    for taker in 0..<takerCount { exceptStart[taker + 1] += exceptStart[taker] }
  }

  /// By taker, then giver: two stable passes of counting where they do not come so. Of a pair named
  /// twice the higher weight stays; a forbidden pair goes.
  private mutating func sortWishes() {
    var wishes = problem.wishes
    if !Self.isInOrder(wishes) {
      wishes = Self.sorted(wishes, keys: giverCount) { $0.giver }
      wishes = Self.sorted(wishes, keys: takerCount) { $0.taker }
    }
    wishStart = [Int32](repeating: 0, count: takerCount + 1)
    let hasExceptions = !exceptGiver.isEmpty
    var givers: [Int32] = []
    wishWeight = Array(unsafeUninitializedCapacity: wishes.count) { weights, kept in
      givers = Array(unsafeUninitializedCapacity: wishes.count) { givers, count in
        var last: (taker: Int32, giver: Int32) = (-1, -1)
        for wish in wishes {
          if wish.taker == last.taker, wish.giver == last.giver {
            weights[kept - 1] = max(weights[kept - 1], wish.weight)
            continue
          }
          if hasExceptions, isForbidden(wish.taker, wish.giver) { continue }
          last = (wish.taker, wish.giver)
          givers[kept] = wish.giver
          weights[kept] = wish.weight
          kept += 1
          wishStart[Int(wish.taker) + 1] = Int32(kept)
        }
        count = kept
      }
    }
    wishGiver = givers
    for taker in 0..<takerCount where wishStart[taker + 1] == 0 {
      wishStart[taker + 1] = wishStart[taker]
    }
  }

  private static func isInOrder(_ wishes: [AssignmentProblem.Wish]) -> Bool {
    var last: Int64 = -1
    for wish in wishes {
      let place = Int64(wish.taker) << 32 | Int64(wish.giver)
      if place < last { return false }
      last = place
    }
    return true
  }

  private static func sorted(
    _ wishes: [AssignmentProblem.Wish], keys: Int, by key: (AssignmentProblem.Wish) -> Int32
  ) -> [AssignmentProblem.Wish] {
    var next = [Int](repeating: 0, count: keys + 1)
    for wish in wishes { next[Int(key(wish)) + 1] += 1 }
    for index in 0..<keys { next[index + 1] += next[index] }
    return Array(unsafeUninitializedCapacity: wishes.count) { buffer, count in
      for wish in wishes {
        let slot = Int(key(wish))
        buffer[next[slot]] = wish
        next[slot] += 1
      }
      count = wishes.count
    }
  }

  func isForbidden(_ taker: Int32, _ giver: Int32) -> Bool {
    var low = Int(exceptStart[Int(taker)])
    var high = Int(exceptStart[Int(taker) + 1])
    while low < high {
      let middle = (low + high) / 2
      if exceptGiver[middle] == giver { return true }
      if exceptGiver[middle] < giver { low = middle + 1 } else { high = middle }
    }
    return false
  }

  func hasExceptions(_ taker: Int) -> Bool { exceptStart[taker] != exceptStart[taker + 1] }

  func wishes(of taker: Int) -> Range<Int> { Int(wishStart[taker])..<Int(wishStart[taker + 1]) }

  func exceptions(of taker: Int) -> ArraySlice<Int32> {
    exceptGiver[Int(exceptStart[taker])..<Int(exceptStart[taker + 1])]
  }

  /// The weight of a pair, nil if it is not admissible.
  func weight(_ taker: Int32, _ giver: Int32) -> Int64? {
    if isForbidden(taker, giver) { return nil }
    var best: Int64?
    let hubs = hubsOfTakerClass[Int(problem.takerClasses[Int(taker)])]
    for entry in hubsOfGiverClass[Int(problem.giverClasses[Int(giver)])]
    where hubs.contains(entry.hub) {
      best = max(best ?? .min, entry.weight)
    }
    for slot in wishes(of: Int(taker)) where wishGiver[slot] == giver {
      best = max(best ?? .min, wishWeight[slot])
    }
    return best
  }
}
