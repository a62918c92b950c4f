import Testing

@testable import Assignment

@Suite("Certificates of assignments")
struct CertificateTests {
  private func isAccepted(_ result: AssignmentResult, _ problem: AssignmentProblem) -> Bool {
    (try? CertificateCheck.verify(result, of: problem)) != nil
  }

  private func small(_ seed: UInt64) -> AssignmentProblem {
    .random(seed: seed, takers: 2...7, givers: 1...6, weights: -4...4)
  }

  @Test("no other assignment passes with our certificate, unless it is as good", arguments: 0..<200)
  func spoiledAssignment(seed: UInt64) throws {
    let problem = small(seed)
    let result = try problem.solve()
    let best = problem.bruteForce()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      var other = result
      for _ in 0..<random.draw(1...3) {
        let taker = random.draw(0...(problem.takerClasses.count - 1))
        other.giverOfTaker[taker] = Int32(random.draw(-1...(problem.giverClasses.count - 1)))
      }
      if isAccepted(other, problem) {
        #expect(problem.objective(of: other.giverOfTaker) == best, "seed \(seed)")
      }
    }
  }

  @Test("nothing that is not best passes, whatever the certificate says", arguments: 0..<200)
  func forged(seed: UInt64) throws {
    let problem = small(seed)
    let result = try problem.solve()
    let best = problem.bruteForce()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      var other = result
      let taker = random.draw(0...(problem.takerClasses.count - 1))
      other.giverOfTaker[taker] = Int32(random.draw(-1...(problem.giverClasses.count - 1)))
      for index in other.certificate.takerPrices.indices where random.chance(2) {
        other.certificate.takerPrices[index] += Int64(random.draw(-2...2))
      }
      for index in other.certificate.giverPrices.indices where random.chance(2) {
        other.certificate.giverPrices[index] += Int64(random.draw(-2...2))
      }
      for index in other.certificate.closedAt.indices where random.chance(3) {
        other.certificate.closedAt[index] =
          random.chance(2) ? AssignmentCertificate.open : Int32(random.draw(0...7))
      }
      if isAccepted(other, problem) {
        #expect(problem.objective(of: other.giverOfTaker) == best, "seed \(seed)")
      }
    }
  }

  @Test("a price that is off by one is found", arguments: 0..<100)
  func spoiledPrice(seed: UInt64) throws {
    let problem = AssignmentProblem.random(
      seed: seed, takers: 10...40, givers: 10...40, weights: -4...4)
    let result = try problem.solve()
    let fixed = Set(problem.fixed.map { Int($0.taker) })
    var left = problem.capacities
    for giver in result.giverOfTaker where giver >= 0 { left[Int(giver)] -= 1 }
    for (taker, giver) in result.giverOfTaker.enumerated() where giver >= 0 {
      if fixed.contains(taker) { continue }
      for change: Int64 in [-1, 1] {
        var other = result
        other.certificate.takerPrices[taker] += change
        #expect(!isAccepted(other, problem), "seed \(seed), taker \(taker)")
        other = result
        other.certificate.giverPrices[Int(giver)] += change
        #expect(!isAccepted(other, problem), "seed \(seed), giver \(giver)")
      }
    }
    for giver in left.indices where left[giver] > 0 {
      var other = result
      other.certificate.giverPrices[giver] = 1
      #expect(!isAccepted(other, problem), "seed \(seed), giver \(giver)")
    }
  }

  @Test("a witness that says too little or too much is found", arguments: 0..<100)
  func spoiledWitness(seed: UInt64) throws {
    let problem = AssignmentProblem.random(
      seed: seed, takers: 20...40, givers: 5...20, weights: -4...4)
    let result = try problem.solve()
    var left = problem.capacities
    for giver in result.giverOfTaker where giver >= 0 { left[Int(giver)] -= 1 }
    for (taker, giver) in result.giverOfTaker.enumerated() where giver < 0 {
      for giver in problem.giverClasses.indices
      where problem.weight(taker: taker, giver: giver) != nil {
        var other = result
        other.certificate.closedAt[giver] = AssignmentCertificate.open
        #expect(!isAccepted(other, problem), "seed \(seed), giver \(giver)")
        other.certificate.closedAt[giver] = Int32(taker) + 1
        #expect(!isAccepted(other, problem), "seed \(seed), giver \(giver)")
      }
    }
    for giver in left.indices where left[giver] > 0 {
      var other = result
      other.certificate.closedAt[giver] = 3
      #expect(!isAccepted(other, problem), "seed \(seed), giver \(giver)")
    }
  }

  @Test("each kind of fault has its name")
  func faults() throws {
    var problem = AssignmentProblem(
      takerClasses: [0, 0, 0], giverClasses: [0, 0], capacities: [1, 1])
    problem.hubs = [.init(takerClasses: [0], givers: [.init(giverClass: 0, weight: 2)])]
    problem.forbidden = [.init(taker: 1, giver: 0)]
    problem.fixed = []
    let result = try problem.solve()
    #expect(result.giverOfTaker == [0, 1, -1])
    func fault(_ change: (inout AssignmentResult) -> Void) -> CertificateCheck.Fault? {
      var other = result
      change(&other)
      do throws(CertificateCheck.Fault) {
        try CertificateCheck.verify(other, of: problem)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0.giverOfTaker = [1, 0, -1] } == .inadmissible(taker: 1))
    #expect(fault { $0.giverOfTaker = [1, 1, -1] } == .overfull(giver: 1))
    #expect(fault { $0.giverOfTaker = [0, 1] } == .shape)
    #expect(fault { $0.giverOfTaker = [0, 1, 7] } == .shape)
    #expect(fault { $0.giverOfTaker = [0, -1, 1] } == .notBlocked(giver: 1))
    #expect(fault { $0.certificate.giverPrices[0] = -1 } == .price(giver: 0))
    #expect(fault { $0.certificate.takerPrices[0] += 1 } == .notTight(taker: 0))
    problem.fixed = [.init(taker: 2, giver: 0)]
    #expect(fault { _ in } == .notKept(taker: 2))
  }
}
