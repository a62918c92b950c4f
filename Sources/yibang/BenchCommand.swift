import ArgumentParser
import Foundation
import Logging
import Postgres
import SchoolCalendar
import Yibang

/// Figures for `scripts/bench`, which sets them beside their references.
struct BenchFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "性能测量 · Measurements for scripts/bench",
    shouldDisplay: false,
    subcommands: [
      BenchDonations.self, BenchPosts.self, BenchRead.self, BenchMatch.self, BenchMatching.self,
      BenchSeal.self, BenchRecognition.self, BenchLifecycle.self, BenchRace.self,
    ])
}

/// Records donations by 16 clients, and writes the pgbench script that does the same in SQL.
struct BenchDonations: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "donations")

  @Option var seconds = 10
  @Option var clients = 16
  /// Where the script for pgbench goes; nothing is measured then.
  @Option var script: String?
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let semester = Semester.of(work.settings.today)
    _ = try await Semesters.open(semester, in: context)
    let fund = try await Funds.fund(for: nil, school: nil, in: context)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false), school: nil, in: context)
    let donation = Giving.NewDonation(
      donor: donor, fund: fund, school: nil, semester: semester, amount: Money(fen: 12_345),
      receivedOn: work.settings.today, method: .transfer)
    if let script {
      let text = pgbenchScript(donation, context)
      try Data(text.utf8).write(to: URL(filePath: script))
      return
    }
    _ = try await Giving.record(donation, key: "warm \(UUID.v7())", in: context)
    let seconds = seconds
    let start = ContinuousClock.now
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<clients {
        group.addTask {
          var count = 0
          while ContinuousClock.now - start < .seconds(seconds) {
            _ = try await Giving.record(donation, key: UUID.v7().uuidString, in: context)
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    print(Int(Double(count) / elapsed))
  }

  /// The statement of `Giving.record` with its parameters as pgbench expressions, between the same
  /// BEGIN, SET LOCAL and COMMIT, in one pipeline. Ids grow with time, as ours do.
  private func pgbenchScript(_ donation: Giving.NewDonation, _ context: Context) -> String {
    func id(_ kind: Int) -> String {
      "(lpad(to_hex(:n::bigint * 64 + :client_id), 12, '0') || '7000800000000000000\(kind)')::uuid"
    }
    let parameters: [String] = [
      "'\(context.actor.districtID)'", "'b' || :n || '-' || :client_id", "sha256('bench')",
      id(1), id(2), "'\(donation.fund)'::uuid", "'\(donation.donor)'::uuid",
      "\(donation.amount.fen)::bigint", "\(donation.semester.ordinal)",
      "'\(donation.receivedOn)'::date", "'\(context.actor.userID)'::uuid", "null",
      "'transfer'", "null::text", "null::text", "null::text", "null::text", "null::text", id(3),
      "null::uuid",
    ]
    var statement = Giving.recordStatement.text
    for (index, value) in parameters.enumerated().reversed() {
      statement = statement.replacingOccurrences(of: "$\(index + 1)", with: value)
    }
    return """
      \\set n :n + 1
      \\startpipeline
      begin;
      set local yibang.district = '\(context.actor.districtID)';
      set local yibang.school = '';
      \(statement);
      commit;
      \\endpipeline

      """
  }
}

/// Proposes pairings for many pupils and offers: the whole operation, and the matching alone.
struct BenchMatch: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "match")

  @Option var needs = 10_000
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let semester = Semester.of(work.settings.today)
    _ = try await Semesters.open(semester, in: context)
    let school = try await Schools.add(code: "2199000009", name: "测量小学", in: context).school
    try await load(school, semester, work, context)
    let start = ContinuousClock.now
    let proposal = try await Proposals.propose(semester, in: context)
    let whole = (ContinuousClock.now - start) / .milliseconds(1)
    print("\(Int(whole)) \(proposal.pairs)")
  }

  private func load(
    _ school: Schools.School, _ semester: Semester, _ work: Work, _ context: Context
  ) async throws {
    let tiers = ["特别困难", "困难", "一般困难"]
    var pupils = "姓名,班级,性别,等级,监护人同意\n"
    var offers = "帮扶人,类别,联系电话,每学期金额,意愿年级,意愿性别\n"
    for number in 0..<needs {
      let gender = number % 2 == 0 ? "男" : "女"
      pupils += "试\(number),\(number % 6 + 1)年级1班,\(gender),\(tiers[number % 3]),是\n"
      let grade = number % 4 == 0 ? "\(number % 6 + 1)年级" : ""
      let wish = number % 5 == 0 ? gender : ""
      offers += "助\(number),个人,199\(10_000_000 + number),1000,\(grade),\(wish)\n"
    }
    let folder = FileManager.default.temporaryDirectory
    for (name, text) in [("pupils", pupils), ("offers", offers)] {
      let path = folder.appending(path: "yibang-bench-\(getpid())-\(name).csv")
      try Data(text.utf8).write(to: path)
      defer { try? FileManager.default.removeItem(at: path) }
      let request = ImportRequest(
        path: path.path(percentEncoded: false), school: name == "pupils" ? school : nil,
        semester: semester, today: work.settings.today)
      let report =
        name == "pupils"
        ? try await Students.importRoster(request, school: school, in: context)
        : try await Offers.importSheet(request, in: context)
      guard report.accepted == needs else {
        throw ValidationError("\(name): \(report.refused.first?.problem.en ?? "?")")
      }
    }
  }
}
