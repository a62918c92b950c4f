import ArgumentParser
import Foundation
import Postgres
import SchoolCalendar
import Yibang

/// Posts double entries by 16 clients, spread over funds that `scripts/bench` made with known
/// accounts, and writes the pgbench script that does the same in SQL.
struct BenchPosts: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "posts")

  @Option var seconds = 5
  @Option var clients = 16
  @Option var funds = 1
  /// Entries that go in one transaction.
  @Option var batch = 1
  /// Where the script for pgbench goes; nothing is measured then.
  @Option var script: String?
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let today = work.settings.today
    if let script {
      try Data(pgbenchScript(context, today).utf8).write(to: URL(filePath: script))
      return
    }
    let (seconds, funds, batch) = (seconds, funds, batch)
    let start = ContinuousClock.now
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<clients {
        group.addTask {
          var count = 0
          while ContinuousClock.now - start < .seconds(seconds) {
            let movements = (0..<batch).map { _ in
              let fund = Int.random(in: 1...funds)
              return Ledger.Movement(
                from: Self.account(1, fund), to: Self.account(2, fund), amount: Money(fen: 12_345),
                date: today, source: UUID.v7())
            }
            let statement = Ledger.statement(
              movements, kind: .allocation, semester: .of(today), actor: context.actor)
            try await context.platform.database.batch(settings: context.settings, [statement]) {
              _ in
            }
            count += batch
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    print(Int(Double(count) / ((ContinuousClock.now - start) / .seconds(1))))
  }

  /// The account that `scripts/bench` made: 1 the source, 2 the balance of a fund.
  private static func account(_ kind: Int, _ fund: Int) -> UUID {
    let number = String(fund, radix: 16)
    let padded = String(repeating: "0", count: 12 - number.count) + number
    return UUID(uuidString: "00000000-0000-7000-800\(kind)-\(padded)") ?? UUID()
  }

  private func pgbenchScript(_ context: Context, _ today: CalendarDate) -> String {
    func account(_ kind: Int) -> String {
      "('00000000-0000-7000-800\(kind)-' || lpad(to_hex(:fund::bigint), 12, '0'))::uuid"
    }
    let id = "(lpad(to_hex(:n::bigint * 64 + :client_id), 12, '0') || '70008000000000000001')::uuid"
    return """
      \\set n :n + 1
      \\set fund random(1, \(funds))
      \\startpipeline
      begin;
      set local yibang.district = '\(context.actor.districtID)';
      set local yibang.school = '';
      select ledger_post(
        array[\(id)], array[\(account(1))], array[\(account(2))], array[12345::bigint],
        \(Semester.of(today).ordinal), 'allocation', null, array['\(today)'::date],
        array[\(id)], null, null, '\(context.actor.userID)'::uuid);
      commit;
      \\endpipeline

      """
  }
}

/// Reads what people wait for, many times, and prints the median in microseconds.
struct BenchRead: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "read")

  enum What: String, ExpressibleByArgument, CaseIterable {
    case statement, transfers, donor
  }

  @Argument var what: What
  @Option var times = 200
  @Option var fund: String?
  @Option var donor: String?
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let semester = Semester.of(work.settings.today)
    let fund = try fund.map { try readID($0) }
    let donor = try donor.map { try readID($0) }
    var durations: [Duration] = []
    for _ in 0..<times {
      let start = ContinuousClock.now
      switch what {
      case .statement: _ = try await Funds.statements(semester, in: context)
      case .transfers:
        guard let fund else { throw ValidationError("--fund") }
        _ = try await Funds.transfers(fund: fund, semester, in: context)
      case .donor:
        guard let donor else { throw ValidationError("--donor") }
        _ = try await Donors.statement(.init(donor, limit: 20), in: context)
      }
      durations.append(ContinuousClock.now - start)
    }
    print(Int(durations.sorted()[times / 2] / .microseconds(1)))
  }
}
