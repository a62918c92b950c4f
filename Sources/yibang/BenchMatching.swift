import ArgumentParser
import Assignment
import CoreFoundation
import Foundation

/// Solves a made-up problem of assignment, proves the result, and writes the problem for the peers.
///
/// The file holds, little-endian: Int64 needs, offers, wishes, clusters; Int32 the cluster of each
/// need and offer, and 1 for each need that is served; Int32 need and offer of each wish; Int64 its
/// weight. Prints: objective, ms of processor time to solve, the least of some rounds, ms to check the
/// certificate, peak memory in MB, needs served.
struct BenchMatching: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "matching")

  enum Kind: String, ExpressibleByArgument {
    /// Wishes at random, weights 1 to 100.
    case random
    /// Wishes at random, weights 1 to 10: many ways are equally good.
    case tied
    /// Wishes at random, weights 1 to 1,000,000.
    case wide
    /// Regions that offers are limited to, some with too few; wishes go to the popular in the region.
    case clustered
  }

  @Argument var kind: Kind
  @Argument var needs: Int
  @Option var seed: UInt64 = 1
  @Option var rounds = 1
  @Option var write: String?

  func run() throws {
    var instance = MatchingInstance(kind, needs: needs, seed: seed)
    var best = Double.infinity
    var result = try instance.problem.solve()
    for _ in 0..<rounds {
      let begin = processorMilliseconds()
      result = try instance.problem.solve()
      best = min(best, processorMilliseconds() - begin)
    }
    let begin = processorMilliseconds()
    try CertificateCheck.verify(result, of: instance.problem)
    let check = processorMilliseconds() - begin
    let memory = peakMegabytes()
    let served = result.giverOfTaker.count { $0 >= 0 }
    let objective = try instance.objective(result)
    if let write { try instance.file(served: result).write(to: URL(filePath: write)) }
    print(objective, rounded(best), rounded(check), memory, served)
  }

  private func rounded(_ milliseconds: Double) -> String { String(format: "%.2f", milliseconds) }

  /// So that other work on the machine is not measured.
  private func processorMilliseconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1_000_000
  }

  private func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }
}

private struct MatchingInstance {
  private static let wishesPerSide = 20
  var problem: AssignmentProblem
  private let clusters: Int

  init(_ kind: BenchMatching.Kind, needs: Int, seed: UInt64) {
    var random = SplitMix(state: seed)
    let clusters = kind == .clustered ? max(2, needs / 500) : 1
    self.clusters = clusters
    // In every fourth region a third of the needs finds no offer.
    let isShort = { (offer: Int) in offer % clusters % 4 == 1 && offer / clusters % 3 == 0 }
    problem = AssignmentProblem(
      takerClasses: (0..<needs).map { Int32($0 % clusters) },
      giverClasses: (0..<needs).map { Int32($0 % clusters) },
      capacities: (0..<needs).map { kind == .clustered && isShort($0) ? 0 : 1 })
    problem.hubs = (0..<Int32(clusters)).map {
      .init(takerClasses: [$0], givers: [.init(giverClass: $0, weight: 0)])
    }
    let most: UInt64 =
      switch kind {
      case .random, .clustered: 100
      case .tied: 10
      case .wide: 1_000_000
      }
    var weights: [UInt64: Int64] = [:]
    weights.reserveCapacity(2 * Self.wishesPerSide * needs)
    for side in 0..<2 {
      for own in 0..<needs {
        for _ in 0..<Self.wishesPerSide {
          let other = Self.draw(&random, kind, own, needs, clusters)
          let (need, offer) = side == 0 ? (own, other) : (other, own)
          let key = UInt64(need) << 32 | UInt64(offer)
          weights[key, default: 0] += Int64(random.next() % most) + 1
        }
      }
    }
    problem.wishes = weights.map {
      .init(
        taker: Int32($0.key >> 32), giver: Int32(truncatingIfNeeded: $0.key), weight: $0.value)
    }.sorted { ($0.taker, $0.giver) < ($1.taker, $1.giver) }
  }

  /// In a region the first are much more popular than the last.
  private static func draw(
    _ random: inout SplitMix, _ kind: BenchMatching.Kind, _ own: Int, _ count: Int, _ clusters: Int
  ) -> Int {
    guard kind == .clustered else { return Int(random.next() % UInt64(count)) }
    let size = (count - own % clusters + clusters - 1) / clusters
    let part = 1 << 20
    let place = Int(random.next() % UInt64(part))
    let skewed = place * place / part * place / part
    return own % clusters + clusters * (skewed * size / part)
  }

  func objective(_ result: AssignmentResult) throws -> Int64 {
    var objective: Int64 = 0
    for wish in problem.wishes where result.giverOfTaker[Int(wish.taker)] == wish.giver {
      objective += wish.weight
    }
    return objective
  }

  /// Offers without a place are left out of the peers' wishes.
  mutating func file(served result: AssignmentResult) -> Data {
    problem.wishes.removeAll {
      problem.capacities[Int($0.giver)] == 0 || !result.isServed(Int($0.taker))
    }
    var data = Data()
    func add<Value>(_ values: [Value]) {
      values.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    let counts = [problem.takerClasses.count, problem.giverClasses.count, problem.wishes.count]
    add((counts + [clusters]).map { Int64($0) })
    add(problem.takerClasses)
    add(zip(problem.giverClasses, problem.capacities).map { $1 > 0 ? $0 : -1 })
    add(result.giverOfTaker.map { Int32($0 >= 0 ? 1 : 0) })
    add(problem.wishes.map(\.taker))
    add(problem.wishes.map(\.giver))
    add(problem.wishes.map(\.weight))
    return data
  }
}

private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
