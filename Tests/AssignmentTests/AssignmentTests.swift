import Testing

@testable import Assignment

@Suite("Assignment")
struct AssignmentTests {
  @Test(
    "a thousand small problems: served set, weight and kept pairs are those of brute force",
    arguments: 0..<20)
  func bruteForce(batch: UInt64) throws {
    for seed in (batch * 50)..<(batch * 50 + 50) {
      let problem = AssignmentProblem.random(
        seed: seed, takers: 0...8, givers: 0...8, weights: -5...5)
      let result = try problem.solve()
      let objective = try #require(problem.objective(of: result.giverOfTaker), "seed \(seed)")
      #expect(objective == problem.bruteForce(), "seed \(seed)")
      #expect(throws: Never.self, "seed \(seed)") {
        try CertificateCheck.verify(result, of: problem)
      }
    }
  }

  @Test("the order in which a problem is told changes nothing", arguments: 0..<100)
  func shuffled(seed: UInt64) throws {
    let problem = AssignmentProblem.random(
      seed: seed, takers: 5...40, givers: 5...40, weights: -2...3)
    let other = try problem.shuffled(seed: seed &+ 7).solve()
    #expect(try problem.solve().giverOfTaker == other.giverOfTaker, "seed \(seed)")
  }

  @Test("problems of some hundred takers are proved best", arguments: 0..<60)
  func middling(seed: UInt64) throws {
    let range = seed % 2 == 0 ? -3...3 : -1_000_000...1_000_000
    let problem = AssignmentProblem.random(
      seed: seed, takers: 100...300, givers: 80...300, weights: range)
    let result = try problem.solve()
    #expect(throws: Never.self, "seed \(seed)") {
      try CertificateCheck.verify(result, of: problem)
    }
  }

  private func uniform(_ takers: Int, _ capacities: [Int]) -> AssignmentProblem {
    var problem = AssignmentProblem(
      takerClasses: Array(repeating: 0, count: takers),
      giverClasses: Array(repeating: 0, count: capacities.count), capacities: capacities)
    problem.hubs = [.init(takerClasses: [0], givers: [.init(giverClass: 0, weight: 0)])]
    return problem
  }

  private func proved(_ problem: AssignmentProblem) throws -> [Int32] {
    let result = try problem.solve()
    try CertificateCheck.verify(result, of: problem)
    return result.giverOfTaker
  }

  @Test("nobody, nothing, one place for all, and more places than anybody needs")
  func extremes() throws {
    #expect(try proved(uniform(0, [])) == [])
    #expect(try proved(uniform(0, [1, 2])) == [])
    #expect(try proved(uniform(3, [])) == [-1, -1, -1])
    #expect(try proved(uniform(3, [0, 0])) == [-1, -1, -1])
    #expect(try proved(uniform(4, [1])) == [0, -1, -1, -1])
    #expect(try proved(uniform(4, [1_000_000_000, 5])) == [0, 0, 0, 0])
    #expect(try proved(uniform(4, [2, 1, 1])) == [0, 0, 1, 2])
    var unconnected = uniform(2, [1, 1])
    unconnected.hubs = []
    #expect(try proved(unconnected) == [-1, -1])
    var hostile = uniform(2, [1, 3])
    hostile.forbidden = (0..<2).flatMap { taker in
      (0..<2).map { AssignmentProblem.Pair(taker: taker, giver: $0) }
    }
    hostile.wishes = [.init(taker: 0, giver: 1, weight: 9)]
    #expect(try proved(hostile) == [-1, -1])
  }

  @Test("a chain of a thousand moves serves the last taker")
  func longChain() throws {
    let count = 1_000
    var problem = AssignmentProblem(
      takerClasses: Array(repeating: 0, count: count),
      giverClasses: Array(repeating: 0, count: count), capacities: Array(repeating: 1, count: count)
    )
    // Each taker can go to its own giver and the next; the last only to the first.
    for taker in 0..<Int32(count - 1) {
      problem.wishes.append(.init(taker: taker, giver: taker, weight: 1))
      problem.wishes.append(.init(taker: taker, giver: taker + 1, weight: 0))
    }
    problem.wishes.append(.init(taker: Int32(count - 1), giver: 0, weight: 0))
    let expected = (1..<Int32(count)).map { $0 } + [0]
    #expect(try proved(problem) == expected)
  }

  @Test("a taker who comes later is served only where that takes nothing from an earlier one")
  func priority() throws {
    var problem = uniform(3, [1, 1])
    problem.hubs = []
    // The first can go to either; the second and the third only to the second giver.
    problem.wishes = [
      .init(taker: 0, giver: 0, weight: 0), .init(taker: 0, giver: 1, weight: 50),
      .init(taker: 1, giver: 1, weight: 0), .init(taker: 2, giver: 1, weight: 1_000),
    ]
    #expect(try proved(problem) == [0, 1, -1])
  }

  @Test("fixed pairs stay, and what contradicts itself is refused")
  func fixed() throws {
    var problem = uniform(3, [1, 1])
    problem.fixed = [.init(taker: 2, giver: 0)]
    #expect(try proved(problem) == [1, -1, 0])
    problem.fixed.append(.init(taker: 1, giver: 0))
    #expect(throws: AssignmentError.overfull(giver: 0)) { try problem.solve() }
    problem.fixed[1] = .init(taker: 2, giver: 1)
    #expect(throws: AssignmentError.takerTwice(taker: 2)) { try problem.solve() }
    problem.fixed = [.init(taker: 2, giver: 0)]
    problem.forbidden = problem.fixed
    #expect(throws: AssignmentError.fixedForbidden(taker: 2, giver: 0)) { try problem.solve() }
    problem.fixed = [.init(taker: 3, giver: 0)]
    #expect(throws: AssignmentError.outOfRange("fixed")) { try problem.solve() }
    problem.fixed = []
    problem.capacities = [1, -1]
    #expect(throws: AssignmentError.negativeCapacity(giver: 1)) { try problem.solve() }
  }

  @Test("weights near the end of 64 bits are refused, those below the limit are exact")
  func hugeWeights() throws {
    var problem = uniform(2, [1, 1])
    problem.wishes = [.init(taker: 0, giver: 0, weight: .max)]
    let limit = Int64.max / 16 / 4 - 1
    #expect(throws: AssignmentError.weightsTooLarge(limit: limit)) { try problem.solve() }
    problem.wishes = [.init(taker: 0, giver: 0, weight: .min)]
    #expect(throws: AssignmentError.weightsTooLarge(limit: limit)) { try problem.solve() }
    problem.wishes = [
      .init(taker: 0, giver: 0, weight: limit), .init(taker: 1, giver: 0, weight: limit - 1),
      .init(taker: 0, giver: 1, weight: 2), .init(taker: 1, giver: 1, weight: -limit),
    ]
    #expect(try proved(problem) == [1, 0])
  }

  @Test("an assignment made before is not touched if nothing changed", arguments: 0..<50)
  func again(seed: UInt64) throws {
    var problem = AssignmentProblem.random(
      seed: seed, takers: 20...60, givers: 20...60, weights: -1...1)
    problem.earlier = []
    let first = try problem.solve().giverOfTaker
    problem.earlier = pairs(first)
    #expect(try problem.solve().giverOfTaker == first, "seed \(seed)")
  }

  @Test("a giver that goes moves no more pairs than brute force must", arguments: 0..<100)
  func oneGone(seed: UInt64) throws {
    var problem = AssignmentProblem.random(seed: seed, takers: 3...7, givers: 3...7, weights: 0...2)
    problem.earlier = []
    problem.fixed = []
    let first = try problem.solve().giverOfTaker
    problem.earlier = pairs(first)
    problem.capacities[Int(seed) % problem.capacities.count] = 0
    let second = try #require(problem.objective(of: try problem.solve().giverOfTaker))
    #expect(second == problem.bruteForce(), "seed \(seed)")
  }

  @Test("among equals, only who lost the place moves")
  func onlyTheOne() throws {
    var problem = uniform(50, Array(repeating: 1, count: 51))
    let first = try problem.solve().giverOfTaker
    problem.earlier = pairs(first)
    problem.capacities[20] = 0
    let second = try proved(problem)
    #expect(zip(first, second).filter { $0 != $1 }.count == 1)
  }

  private func pairs(_ giverOfTaker: [Int32]) -> [AssignmentProblem.Pair] {
    giverOfTaker.enumerated().filter { $0.element >= 0 }.map {
      AssignmentProblem.Pair(taker: Int32($0.offset), giver: $0.element)
    }
  }
}
