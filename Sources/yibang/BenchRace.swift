import ArgumentParser
import Foundation
import Postgres
import SchoolCalendar
import Yibang

/// An operator who proposes, approves, accepts, declines, pays, covers and ends at random, beside
/// others of its kind in other processes. Refusals are counted; anything else that goes wrong fails.
struct BenchRace: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "race")

  @Option var seconds = 60
  @Option var seed: UInt64 = 1
  /// Pupils and offers made beforehand; nothing is raced then.
  @Option var prepare: Int?
  @OptionGroup var global: GlobalOptions

  private enum Act: CaseIterable {
    case propose, approve, accept, acceptPair, decline, withdraw, end, pay, offer, cover
  }

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let semester = Semester.of(work.settings.today)
    if let prepare { return try await prepared(prepare, semester, work, context) }
    var operators = [context]
    for login in ["second", "third"] {
      let actor = try await Users.actor(
        login: login, district: context.actor.districtID, on: work.platform)
      operators.append(Context(platform: work.platform, actor: actor))
    }
    var generator = Generator(state: seed)
    var done = 0
    var refused: [String: Int] = [:]
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < .seconds(seconds) {
      let act = Act.allCases.randomElement(using: &generator) ?? .propose
      let who = operators.randomElement(using: &generator) ?? context
      do {
        try await perform(act, semester, work.settings.today, who, &generator)
        done += 1
      } catch let error as any YibangError {
        refused[error.code, default: 0] += 1
      }
    }
    print("done \(done) refused \(refused.values.reduce(0, +))")
  }

  private func prepared(
    _ count: Int, _ semester: Semester, _ work: Work, _ context: Context
  ) async throws {
    _ = try await Semesters.open(semester, in: context)
    let school = try await Schools.add(code: "2199000009", name: "测量小学", in: context).school
    for login in ["second", "third"] {
      _ = try await Users.add(
        login: login, name: login, role: .districtAdmin, school: nil, in: context)
    }
    var sheet = "姓名,班级,性别,等级,监护人同意\n"
    for number in 0..<count { sheet += "试\(number),\(number % 6 + 1)年级1班,男,困难,是\n" }
    let path = FileManager.default.temporaryDirectory.appending(
      path: "yibang-bench-\(getpid()).csv")
    try Data(sheet.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    _ = try await Students.importRoster(
      ImportRequest(
        path: path.path(percentEncoded: false), school: school, semester: semester,
        today: work.settings.today), school: school, in: context)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false), school: nil, in: context)
    let general = try await Funds.fund(for: nil, school: nil, in: context)
    _ = try await Giving.record(
      Giving.NewDonation(
        donor: donor, fund: general, school: nil, semester: semester,
        amount: Money(fen: 100_000_000), receivedOn: semester.defaultDates.lowerBound),
      in: context)
    for _ in 0..<count / 2 { try await offer(semester, context) }
  }

  private func offer(_ semester: Semester, _ context: Context) async throws {
    _ = try await Offers.record(
      Offers.NewOffer(
        sponsor: SponsorDetails(kind: .individual, name: "助\(UUID())"), firstSemester: semester,
        amount: Money(fen: 100_000), places: 2, wish: Wish()),
      in: context)
  }

  private func perform(
    _ act: Act, _ semester: Semester, _ today: CalendarDate, _ context: Context,
    _ generator: inout Generator
  ) async throws {
    switch act {
    case .offer: try await offer(semester, context)
    case .propose: _ = try await Proposals.propose(semester, replacing: true, in: context)
    case .cover: _ = try await Covers.run(on: today, in: context)
    case .approve, .accept, .withdraw, .acceptPair, .decline:
      let live = try await Proposals.list(in: context).filter {
        $0.state == .proposed || $0.state == .approved
      }
      guard let proposal = live.randomElement(using: &generator) else { return }
      try await decide(act, proposal.id, today, context, &generator)
    case .end, .pay:
      let running = try await Pairings.list(state: .running, in: context)
      guard let pairing = running.randomElement(using: &generator) else { return }
      if act == .pay {
        _ = try await Instalments.pay(
          pairing: pairing.id, amount: Money(fen: Int64.random(in: 1...250_000, using: &generator)),
          on: today, in: context)
      } else if let reason = PairingEndReason.all.filter(\.isChosen).randomElement(
        using: &generator)
      {
        _ = try await Pairings.end(
          pairing.id, reason: reason, on: today, balance: .init(.returned), in: context)
      }
    }
  }

  private func decide(
    _ act: Act, _ proposal: UUID, _ today: CalendarDate, _ context: Context,
    _ generator: inout Generator
  ) async throws {
    switch act {
    case .approve: _ = try await Proposals.approve(proposal, on: today, in: context)
    case .accept: _ = try await Proposals.accept(proposal, on: today, in: context)
    case .withdraw: _ = try await Proposals.withdraw(proposal, in: context)
    default:
      let pairs = try await Proposals.show(proposal, in: context).pairs
      guard let pair = pairs.randomElement(using: &generator) else { return }
      if act == .decline {
        _ = try await Proposals.decline(pair: pair.id, in: context)
      } else {
        _ = try await Proposals.accept(pair.id, on: today, in: context)
      }
    }
  }
}

private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
