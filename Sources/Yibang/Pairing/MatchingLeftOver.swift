import Assignment

/// Why pupils and places are left over, and what would serve them: read off the proof.
///
/// An offer is closed at a pupil's turn if it is full of pupils who come before and can go only to
/// offers that are closed too. A pupil left over could go only to closed offers; every other offer is
/// barred to it by a conflict or by something insisted on.
struct LeftOver {
  private let problem: MatchingProblem
  private let result: AssignmentResult
  /// Offers in the order in which they were closed.
  private let closings: [Int32]
  private var closed = 0
  private var openOfClass: [Int]
  private var openOffers: Int
  private let isLeft: [Bool]
  private let placesInAll: Int
  private var servedBefore = 0
  private var leftBefore = 0
  private var turn = 0
  private let leftClasses: Set<Int32>
  private let leftCount: Int
  private var limitsKnown: [LimitsKey: Set<MatchLimit>] = [:]
  private var limitsOfOffers: [Int32: Set<MatchLimit>] = [:]
  /// For each offer, in what conflict it is with pupils left over, and with how many.
  private var conflictsOfOffer: [Int32: (kinds: Set<ConflictKind>, needs: Set<Int32>)] = [:]

  private struct LimitsKey: Hashable {
    let needClass: Int32
    let closed: Int
  }

  init(_ problem: MatchingProblem, _ result: AssignmentResult) {
    self.problem = problem
    self.result = result
    let closedAt = result.certificate.closedAt
    closings = closedAt.indices.filter { closedAt[$0] != AssignmentCertificate.open }
      .sorted { (closedAt[$0], $0) < (closedAt[$1], $1) }.map { Int32($0) }
    let classes = problem.problem.giverClasses
    openOfClass = Array(repeating: 0, count: Int(classes.max() ?? -1) + 1)
    for kind in classes { openOfClass[Int(kind)] += 1 }
    openOffers = classes.count
    placesInAll = problem.problem.capacities.reduce(0, +)
    isLeft = result.giverOfTaker.map { $0 < 0 }
    leftCount = isLeft.count { $0 }
    leftClasses = Set(
      isLeft.indices.filter { result.giverOfTaker[$0] < 0 }.map {
        problem.problem.takerClasses[$0]
      })
    // Fixed pairs are made before anybody's turn.
    servedBefore = problem.problem.fixed.count
    for (need, list) in problem.conflicts.ofNeed.enumerated() where isLeft[need] {
      for entry in list {
        conflictsOfOffer[entry.offer, default: ([], [])].kinds.insert(entry.kind)
        conflictsOfOffer[entry.offer, default: ([], [])].needs.insert(Int32(need))
      }
    }
  }

  /// - Parameter need: in rising order from call to call.
  mutating func reason(need: Int) -> MatchReason {
    advance(to: need)
    leftBefore += 1
    if problem.offers.isEmpty { return .noOffer }
    if servedBefore == placesInAll { return .noPlace(more: leftBefore) }
    var kinds: Set<ConflictKind> = []
    var barred: Set<Int32> = []
    for entry in problem.conflicts.ofNeed[need] where isOpen(entry.offer, at: need) {
      kinds.insert(entry.kind)
      barred.insert(entry.offer)
    }
    var limits = barred.count < openOffers ? limits(need) : []
    let excluded = problem.excluded[Int32(need)] ?? []
    if excluded.contains(where: { isOpen($0, at: need) && !barred.contains($0) }) {
      limits.insert(.excluded)
    }
    if kinds.isEmpty, limits.isEmpty { return .noPlace(more: leftBefore) }
    return .barred(conflicts: kinds, limits: limits, more: leftBefore)
  }

  private func isOpen(_ offer: Int32, at need: Int) -> Bool {
    result.certificate.closedAt[Int(offer)] > Int32(need)
  }

  private mutating func advance(to need: Int) {
    while turn < need {
      let isFixed = problem.accepted.contains(Int32(turn)) || problem.pinned.contains(Int32(turn))
      if !isLeft[turn], !isFixed { servedBefore += 1 }
      turn += 1
    }
    while closed < closings.count, !isOpen(closings[closed], at: need) {
      openOfClass[Int(problem.problem.giverClasses[Int(closings[closed])])] -= 1
      openOffers -= 1
      closed += 1
    }
  }

  /// What keeps a pupil from the offers that are open at its turn.
  private mutating func limits(_ need: Int) -> Set<MatchLimit> {
    let kind = problem.problem.takerClasses[need]
    let key = LimitsKey(needClass: kind, closed: closed)
    if let known = limitsKnown[key] { return known }
    var limits: Set<MatchLimit> = []
    for (other, count) in openOfClass.enumerated() where count > 0 {
      limits.formUnion(problem.limits(needClass: Int(kind), offerClass: other))
    }
    limitsKnown[key] = limits
    return limits
  }

  /// Why places of an offer are left over.
  mutating func reason(offer: Int) -> MatchReason {
    if leftCount == 0 { return .noPupil }
    let conflicts = conflictsOfOffer[Int32(offer)]
    let kind = problem.problem.giverClasses[offer]
    let limits: Set<MatchLimit>
    if let known = limitsOfOffers[kind] {
      limits = known
    } else {
      limits = leftClasses.reduce(into: []) {
        $0.formUnion(problem.limits(needClass: Int($1), offerClass: Int(kind)))
      }
      limitsOfOffers[kind] = limits
    }
    if conflicts?.needs.count == leftCount {
      return .barredOffer(conflicts: conflicts?.kinds ?? [], limits: [], waiting: leftCount)
    }
    let isExcluded = problem.excluded.contains {
      isLeft[Int($0.key)] && $0.value.contains(Int32(offer))
    }
    return .barredOffer(
      conflicts: conflicts?.kinds ?? [], limits: isExcluded ? limits.union([.excluded]) : limits,
      waiting: leftCount)
  }
}

/// Gives out the numbers of an offer's places: those asked for, then those held before, then the
/// smallest.
struct PlaceNumbers {
  private var free: [[Int]]
  private var numberOfNeed: [Int: Int] = [:]

  init(_ problem: MatchingProblem, _ result: AssignmentResult, _ choices: Matching.Choices) {
    free = problem.offers.map { Array($0.places.sorted().reversed()) }
    for chosen in choices.accepted + choices.pinned + choices.earlier {
      guard let place = chosen.place, let pair = problem.pair(chosen),
        result.giverOfTaker[Int(pair.taker)] == pair.giver,
        numberOfNeed[Int(pair.taker)] == nil,
        let index = free[Int(pair.giver)].firstIndex(of: place)
      else { continue }
      free[Int(pair.giver)].remove(at: index)
      numberOfNeed[Int(pair.taker)] = place
    }
    for (need, offer) in result.giverOfTaker.enumerated()
    where offer >= 0 && numberOfNeed[need] == nil {
      numberOfNeed[need] = free[Int(offer)].removeLast()
    }
  }

  func number(of need: Int) -> Int? { numberOfNeed[need] }

  func left(_ offer: Int) -> Int { free[offer].count }
}
