import ArgumentParser
import Foundation
import Postgres
import SchoolCalendar
import Yibang

/// Makes transfers and seals them: prints the milliseconds of sealing, of verifying and of one proof.
struct BenchSeal: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "seal")

  @Option var transfers = 1_000_000
  /// Only makes the transfers, so that something else can be measured first.
  @Flag var prepare = false
  @Flag var verify = false
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    if prepare { return try await post(work, context) }
    let (_, sealing) = try await milliseconds {
      try await Seals.seal(on: work.settings.today, in: context)
    }
    guard verify else { return try standardOutput("\(sealing)\n") }
    let (result, verifying) = try await milliseconds { try await Seals.verify(in: context) }
    try standardOutput("\(sealing) \(verifying) \(result.findings.count)\n")
  }

  private func milliseconds<T>(_ body: () async throws -> T) async throws -> (T, Int) {
    let start = ContinuousClock.now
    let result = try await body()
    return (result, Int((ContinuousClock.now - start) / .milliseconds(1)))
  }

  private func post(_ work: Work, _ context: Context) async throws {
    let today = work.settings.today
    let semester = Semester.of(today)
    _ = try await Semesters.open(semester, in: context)
    let fund = try await Funds.fund(for: nil, school: nil, in: context)
    for start in stride(from: 0, to: transfers, by: 1000) {
      let count = min(1000, transfers - start)
      try await context.write { session in
        let from = try Ledger.account(session, fund: fund, .source(.company))
        let to = try Ledger.account(session, fund: fund, .balance)
        let movements = (0..<count).map { number in
          Ledger.Movement(
            from: from, to: to, amount: Money(fen: Int64(start + number + 1)), date: today,
            source: UUID.v7())
        }
        try Ledger.post(
          session, movements, kind: .donation, semester: semester, actor: context.actor)
      }
    }
  }
}
