import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// Random work on the ledger beside a simple model: plain sums of what was answered.
@Suite("The ledger under random work")
struct LedgerPropertyTests {
  /// What the model knows of one fund.
  private struct FundModel {
    var given: Int64 = 0
    var back: Int64 = 0
    var moved: Int64 = 0
    var spent: Int64 = 0
    var held: Int64 = 0

    var balance: Int64 { given - back + moved - spent }
    var free: Int64 { balance - held }
  }

  private struct GiftModel {
    let id: UUID
    let fund: Int
    let amount: Int64
    var back: Int64 = 0
    /// Amounts that went on, by fund, with what was refunded from there.
    var left: Int64 { amount - back }
  }

  /// One client's share of the model. Clients share funds and touch only their own gifts, so that
  /// the sum of their shares is the whole.
  private struct Client {
    var random: SeededGenerator
    let district: TestDistrict
    let donor: UUID
    let funds: [(id: UUID, purpose: Purpose)]
    var models: [FundModel]
    var gifts: [GiftModel] = []
    var refused: [String: Int] = [:]

    private static let day = CalendarDate("2026-10-08")!

    init(seed: UInt64, district: TestDistrict, donor: UUID, funds: [(id: UUID, purpose: Purpose)]) {
      random = SeededGenerator(seed: seed)
      self.district = district
      self.donor = donor
      self.funds = funds
      models = Array(repeating: FundModel(), count: funds.count)
    }

    mutating func work(_ operations: Int) async throws {
      for _ in 0..<operations { try await step() }
    }

    private mutating func step() async throws {
      let amount = Int64.random(in: 1...5_000, using: &random)
      let fund = funds.indices.randomElement(using: &random)!
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<35: try await give(amount, to: fund)
      case 35..<50: try await takeBack(amount)
      case 50..<58: try await reinstate(amount)
      case 58..<78: try await pay(amount, from: fund)
      case 78..<88: try await hold(amount, in: fund)
      default: try await release(amount, in: fund)
      }
    }

    /// Runs an operation; a refusal that the rules foresee counts as nothing done.
    private mutating func attempt(_ codes: Set<String>, _ body: () async throws -> Void)
      async throws
      -> Bool
    {
      do {
        try await body()
        return true
      } catch let error as any YibangError where codes.contains(error.code) {
        refused[error.code, default: 0] += 1
        return false
      }
    }

    private mutating func give(_ amount: Int64, to fund: Int) async throws {
      let gift = try await Giving.record(
        Giving.NewDonation(
          donor: donor, fund: funds[fund].id, school: district.school.id,
          semester: TestDistrict.autumn, amount: Money(fen: amount), receivedOn: Self.day),
        in: district.admin)
      gifts.append(GiftModel(id: gift.id, fund: fund, amount: amount))
      models[fund].given += amount
    }

    private mutating func takeBack(_ amount: Int64) async throws {
      guard let index = gifts.indices.randomElement(using: &random) else { return }
      let (gift, district) = (gifts[index], district)
      let done = try await attempt(
        ["fund.insufficient", "fund.more_than_left", "fund.reversed_before"]
      ) {
        _ = try await Giving.reverse(
          gift.id, amount: Money(fen: amount), as: .refund, on: Self.day,
          semester: TestDistrict.autumn, reason: "测试", in: district.admin)
      }
      if done {
        #expect(amount <= gift.left)
        gifts[index].back += amount
        models[gift.fund].back += amount
      }
    }

    private mutating func reinstate(_ amount: Int64) async throws {
      guard let index = gifts.indices.randomElement(using: &random) else { return }
      let (gift, district) = (gifts[index], district)
      let done = try await attempt(["fund.more_than_left"]) {
        _ = try await Giving.reinstate(
          gift.id, amount: Money(fen: amount), on: Self.day, semester: TestDistrict.autumn,
          reason: "测试", in: district.admin)
      }
      #expect(done == (amount <= gift.back))
      if done {
        gifts[index].back -= amount
        models[gift.fund].back -= amount
      }
    }

    private mutating func pay(_ amount: Int64, from fund: Int) async throws {
      let (target, district) = (funds[fund], district)
      let done = try await attempt(["fund.insufficient"]) {
        _ = try await Payments.pay(
          Payments.Payment(
            fund: target.id, purpose: target.purpose, amount: Money(fen: amount), date: Self.day,
            semester: TestDistrict.autumn, note: "测试"), in: district.admin)
      }
      if done { models[fund].spent += amount }
    }

    private mutating func hold(_ amount: Int64, in fund: Int) async throws {
      let (target, district) = (funds[fund], district)
      let done = try await attempt(["fund.insufficient"]) {
        try await district.admin.write { session in
          try Ledger.hold(
            session, fund: target.id, semester: TestDistrict.autumn, amount: Money(fen: amount))
        }
      }
      if done { models[fund].held += amount }
    }

    private mutating func release(_ amount: Int64, in fund: Int) async throws {
      let amount = min(amount, models[fund].held)
      guard amount > 0 else { return }
      let (target, district) = (funds[fund], district)
      try await district.admin.write { session in
        try Ledger.hold(
          session, fund: target.id, semester: TestDistrict.autumn, amount: Money(fen: -amount))
      }
      models[fund].held -= amount
    }
  }

  private static func clients(
    _ count: Int, seed: UInt64
  ) async throws -> (TestDistrict, [Client]) {
    let district = try await TestDistrict.make()
    let school = district.school.id
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false), school: school,
      in: district.admin)
    let funds: [(id: UUID, purpose: Purpose)] = [
      (try await Funds.fund(for: nil, school: school, in: district.admin), .study),
      (try await Funds.fund(for: "购买图书", school: school, in: district.admin), .designated),
      (try await Funds.fund(for: "一帮一", school: school, in: district.admin), .sponsorship),
    ]
    let clients = (0..<count).map {
      Client(seed: seed &+ UInt64($0), district: district, donor: donor, funds: funds)
    }
    return (district, clients)
  }

  private static func compare(_ district: TestDistrict, _ clients: [Client]) async throws {
    let budgets = try await Budgets.list(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    let statements = try await Funds.statements(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    for (index, fund) in clients[0].funds.enumerated() {
      let models = clients.map { $0.models[index] }
      let statement = statements.first { $0.fundID == fund.id }
      let budget = budgets.first { $0.fundID == fund.id }
      #expect(statement?.closing.fen == models.map(\.balance).reduce(0, +))
      #expect(budget?.committed.fen == models.map(\.held).reduce(0, +))
      #expect(budget?.spent.fen == models.map(\.spent).reduce(0, +))
      #expect(budget?.free.fen == models.map(\.free).reduce(0, +))
    }
    let gifts = try await Giving.list(school: district.school.id, in: district.admin)
    let net = Dictionary(uniqueKeysWithValues: gifts.map { ($0.id, $0.net.fen) })
    for gift in clients.flatMap(\.gifts) {
      #expect(net[gift.id] == gift.left, "gift \(gift.id)")
    }
    #expect(net.count == clients.map(\.gifts.count).reduce(0, +))
    // What is held here, no batch stands for.
    let findings = try await Doctor.examine(checks: LedgerChecks.all, in: district.admin)
    #expect(findings.map(\.check) == [])
  }

  @Test("10,000 random operations by 8 clients leave what the model says")
  func manyClients() async throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    let (district, clients) = try await Self.clients(8, seed: seed)
    let done = try await withThrowingTaskGroup(of: Client.self) { group in
      for client in clients {
        group.addTask {
          var client = client
          try await client.work(1_250)
          return client
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    try await Self.compare(district, done)
    // Refusals took part in it, else nothing was at its limit.
    let refused = done.reduce(into: [:]) { $0.merge($1.refused, uniquingKeysWith: +) }
    #expect(refused["fund.insufficient", default: 0] > 0, "seed \(seed)")
    #expect(refused["fund.more_than_left", default: 0] > 0, "seed \(seed)")
  }
}
