/// Checks an assignment against its certificate, in time linear in what the problem says but for
/// sorting. It solves nothing and shares nothing with what did.
package struct CertificateCheck {
  /// What is wrong with an assignment or its certificate.
  package enum Fault: Error, Hashable {
    case shape
    /// A pair that no hub or wish admits, or that is forbidden.
    case inadmissible(taker: Int)
    case overfull(giver: Int)
    /// A fixed pair that was not kept.
    case notKept(taker: Int)
    /// A taker is left over, but a giver it could go to is not proved closed at its turn.
    case notClosed(giver: Int, taker: Int)
    /// A giver said to be closed has a place left, or serves a taker who comes later or could move.
    case notBlocked(giver: Int)
    /// A price below nothing, or above it at a giver with a place left.
    case price(giver: Int)
    /// A pair that was made is not worth its prices.
    case notTight(taker: Int)
    /// A pair that was not made is worth more than its prices.
    case worthMore(taker: Int, giver: Int)
  }

  private struct Key: Hashable {
    let left: Int32
    let right: Int32
  }

  private let problem: AssignmentProblem
  private let result: AssignmentResult
  private let unit: Int64
  private var isFixed: [Bool]
  private var placesLeft: [Int]
  private var forbidden: Set<Key> = []
  private var hubsOfTakers: [[Int32]] = []
  private var earlier: [Int32]

  /// - Throws: `Fault`, the first one found.
  package static func verify(
    _ result: AssignmentResult, of problem: AssignmentProblem
  ) throws(Fault) {
    let takers = problem.takerClasses.count
    let givers = problem.giverClasses.count
    guard result.giverOfTaker.count == takers, result.certificate.takerPrices.count == takers,
      result.certificate.giverPrices.count == givers, result.certificate.closedAt.count == givers
    else { throw .shape }
    var check = CertificateCheck(problem, result)
    try check.feasible()
    try check.servedSetIsBest()
    try check.pricesHold()
  }

  private init(_ problem: AssignmentProblem, _ result: AssignmentResult) {
    self.problem = problem
    self.result = result
    unit = problem.earlier.isEmpty ? 1 : Int64(problem.earlier.count) + 1
    isFixed = Array(repeating: false, count: problem.takerClasses.count)
    placesLeft = problem.capacities
    earlier = Array(repeating: -1, count: problem.takerClasses.count)
    for pair in problem.forbidden { forbidden.insert(Key(left: pair.taker, right: pair.giver)) }
    for pair in problem.earlier { earlier[Int(pair.taker)] = pair.giver }
    let classes = Int(problem.takerClasses.max() ?? -1) + 1
    hubsOfTakers = Array(repeating: [], count: classes)
    for (number, hub) in problem.hubs.enumerated() {
      for kind in hub.takerClasses where kind < classes {
        hubsOfTakers[Int(kind)].append(Int32(number))
      }
    }
  }

  private func isForbidden(_ taker: Int, _ giver: Int32) -> Bool {
    forbidden.contains(Key(left: Int32(taker), right: giver))
  }

  /// Each taker's pair, and its weight if it was not fixed.
  private var weights: [Int64?] = []

  private mutating func feasible() throws(Fault) {
    for pair in problem.fixed {
      let taker = Int(pair.taker)
      isFixed[taker] = true
      if result.giverOfTaker[taker] != pair.giver { throw .notKept(taker: taker) }
    }
    for (taker, giver) in result.giverOfTaker.enumerated() where giver >= 0 {
      guard Int(giver) < placesLeft.count else { throw .shape }
      if isForbidden(taker, giver) { throw .inadmissible(taker: taker) }
      placesLeft[Int(giver)] -= 1
      if placesLeft[Int(giver)] < 0 { throw .overfull(giver: Int(giver)) }
    }
    weights = weightsOfPairs(result.giverOfTaker)
    for taker in isFixed.indices
    where !isFixed[taker] && result.giverOfTaker[taker] >= 0 && weights[taker] == nil {
      throw .inadmissible(taker: taker)
    }
  }

  /// The weight of one pair of each taker, in units, without what is due to earlier pairs.
  private func weightsOfPairs(_ giverOfTaker: [Int32]) -> [Int64?] {
    var found = [Int64?](repeating: nil, count: giverOfTaker.count)
    for wish in problem.wishes where giverOfTaker[Int(wish.taker)] == wish.giver {
      found[Int(wish.taker)] = max(found[Int(wish.taker)] ?? .min, wish.weight)
    }
    var weightInHub: [Key: Int64] = [:]
    for (number, hub) in problem.hubs.enumerated() {
      for member in hub.givers {
        let key = Key(left: Int32(number), right: member.giverClass)
        weightInHub[key] = max(weightInHub[key] ?? .min, member.weight)
      }
    }
    for (taker, giver) in giverOfTaker.enumerated() where giver >= 0 {
      for hub in hubsOfTakers[Int(problem.takerClasses[taker])] {
        let key = Key(left: hub, right: problem.giverClasses[Int(giver)])
        if let weight = weightInHub[key] { found[taker] = max(found[taker] ?? .min, weight) }
      }
    }
    return found.map { $0.map { $0 * unit } }
  }

  /// The givers of each hub, those with the highest rating first. `rating` is worked out once a giver.
  private func ranked(_ rating: (Int32, Int64) -> Int64) -> [[(giver: Int32, rating: Int64)]] {
    var giversOfClass = [[Int32]](
      repeating: [], count: Int(problem.giverClasses.max() ?? -1) + 1)
    for (giver, kind) in problem.giverClasses.enumerated() {
      giversOfClass[Int(kind)].append(Int32(giver))
    }
    return problem.hubs.map { hub in
      var list: [(giver: Int32, rating: Int64)] = []
      for member in hub.givers where Int(member.giverClass) < giversOfClass.count {
        for giver in giversOfClass[Int(member.giverClass)] {
          list.append((giver, rating(giver, member.weight)))
        }
      }
      list.sort { $0.rating > $1.rating }
      return list
    }
  }

  /// A set of givers that is closed at a taker's turn is full of takers who come before it and who
  /// have nowhere else to go; so no assignment that serves them all serves it as well.
  private func servedSetIsBest() throws(Fault) {
    let closedAt = result.certificate.closedAt
    let byClosing = ranked { giver, _ in Int64(closedAt[Int(giver)]) }
    // By when all that a taker could go to is closed must not be after its own giver is.
    var limits = [Int64](repeating: 0, count: isFixed.count)
    for taker in isFixed.indices where !isFixed[taker] {
      let giver = result.giverOfTaker[taker]
      guard giver >= 0 else {
        limits[taker] = Int64(taker)
        continue
      }
      limits[taker] = Int64(closedAt[Int(giver)])
      if limits[taker] <= Int64(taker) { throw .notBlocked(giver: Int(giver)) }
    }
    for (giver, turn) in closedAt.enumerated() where turn != AssignmentCertificate.open {
      if placesLeft[giver] > 0 { throw .notBlocked(giver: giver) }
    }
    for wish in problem.wishes
    where !isFixed[Int(wish.taker)] && Int64(closedAt[Int(wish.giver)]) > limits[Int(wish.taker)] {
      if isForbidden(Int(wish.taker), wish.giver) { continue }
      throw .notClosed(giver: Int(wish.giver), taker: Int(wish.taker))
    }
    for taker in isFixed.indices where !isFixed[taker] {
      for hub in hubsOfTakers[Int(problem.takerClasses[taker])] {
        for (giver, closing) in byClosing[Int(hub)] {
          if closing <= limits[taker] { break }
          if isForbidden(taker, giver) { continue }
          throw .notClosed(giver: Int(giver), taker: taker)
        }
      }
    }
  }

  /// Complementary slackness: no way to serve the same takers is worth more.
  private func pricesHold() throws(Fault) {
    let certificate = result.certificate
    for (giver, price) in certificate.giverPrices.enumerated()
    where price < 0 || (price > 0 && placesLeft[giver] > 0) {
      throw .price(giver: giver)
    }
    func excess(_ taker: Int, _ giver: Int32, _ weight: Int64) -> Bool {
      weight - certificate.takerPrices[taker] > certificate.giverPrices[Int(giver)]
    }
    func isOurs(_ taker: Int) -> Bool { !isFixed[taker] && result.giverOfTaker[taker] >= 0 }
    for taker in isFixed.indices where isOurs(taker) {
      let giver = result.giverOfTaker[taker]
      let worth = (weights[taker] ?? 0) + (earlier[taker] == giver ? 1 : 0)
      if worth - certificate.takerPrices[taker] != certificate.giverPrices[Int(giver)] {
        throw .notTight(taker: taker)
      }
    }
    for wish in problem.wishes where isOurs(Int(wish.taker)) {
      let taker = Int(wish.taker)
      if excess(taker, wish.giver, wish.weight * unit), !isForbidden(taker, wish.giver) {
        throw .worthMore(taker: taker, giver: Int(wish.giver))
      }
    }
    for (taker, weight) in weightsOfPairs(earlier).enumerated() where isOurs(taker) {
      guard let weight, excess(taker, earlier[taker], weight + 1) else { continue }
      if isForbidden(taker, earlier[taker]) { continue }
      throw .worthMore(taker: taker, giver: Int(earlier[taker]))
    }
    let byBargain = ranked { giver, weight in
      weight * unit - certificate.giverPrices[Int(giver)]
    }
    for taker in isFixed.indices where isOurs(taker) {
      for hub in hubsOfTakers[Int(problem.takerClasses[taker])] {
        for (giver, bargain) in byBargain[Int(hub)] {
          if bargain <= certificate.takerPrices[taker] { break }
          if isForbidden(taker, giver) { continue }
          throw .worthMore(taker: taker, giver: Int(giver))
        }
      }
    }
  }
}
