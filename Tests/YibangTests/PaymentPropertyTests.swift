import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// Random lives of batches by several clients beside a simple model.
@Suite("Payments under random work")
struct PaymentPropertyTests {
  private struct Line {
    let due: Int64
    /// Nil before it is paid.
    var received: Int64?
    var isConfirmed = false
    var isFollowed = false
    var transfer: UUID?
    /// Recoveries of the line's case that stand, by transfer.
    var recoveries: [(transfer: UUID, amount: Int64)] = []
    var clawback: UUID?
    var claimed: Int64 = 0

    var recovered: Int64 { recoveries.reduce(0) { $0 + $1.amount } }
    /// What left the fund for good.
    var net: Int64 { (received ?? 0) - recovered }
  }

  private struct Batch {
    let id: UUID
    let follows: Int?
    var state: PaymentState
    var lines: [Line]

    var total: Int64 { lines.reduce(0) { $0 + $1.due } }
  }

  /// A client works on batches of its own purpose, out of a fund that all share.
  private struct Client {
    var random: SeededGenerator
    let district: TestDistrict
    let fund: UUID
    let purposes: [Purpose]
    var batches: [Batch] = []
    var refused: [String: Int] = [:]

    var held: Int64 {
      batches.filter { $0.state == .approved }.reduce(0) { $0 + $1.total }
    }
    var spent: Int64 {
      batches.flatMap(\.lines).reduce(0) { $0 + $1.net }
    }

    mutating func work(_ steps: Int) async throws {
      for _ in 0..<steps { try await step() }
    }

    private mutating func attempt(
      _ foreseen: Set<String>, _ body: () async throws -> Void
    ) async throws -> Bool {
      do {
        try await body()
        return true
      } catch let error as any YibangError where foreseen.contains(error.code) {
        refused[error.code, default: 0] += 1
        return false
      }
    }

    private mutating func step() async throws {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<20: try await make()
      case 20..<40: try await approve()
      case 40..<48: try await cancel()
      case 48..<62: try await pay()
      case 62..<78: try await confirm()
      case 78..<84: try await followUp()
      case 84..<94: try await clawBack()
      default: try await undo()
      }
    }

    private mutating func pick(_ state: PaymentState) -> Int? {
      batches.indices.filter { batches[$0].state == state }.randomElement(using: &random)
    }

    private mutating func make() async throws {
      let fen = Int64.random(in: 1...900, using: &random)
      var batch = NewPaymentBatch(
        school: district.school, fund: fund, purpose: purposes.randomElement(using: &random)!,
        semester: TestDistrict.autumn, title: "随机")
      batch.leavesOutPaid = Bool.random(using: &random)
      var id: UUID?
      let (district, wanted) = (district, batch)
      let done = try await attempt(["payment.already_paid", "payment.no_payee"]) {
        id = try await PaymentBatches.make(
          wanted, rule: .fixed(Money(fen: fen)), in: district.admin)
      }
      guard done, let id else { return }
      let lines = try await PaymentBatches.lines(id, in: district.admin)
      batches.append(
        Batch(
          id: id, follows: nil, state: .draft, lines: lines.map { Line(due: $0.figures.due.fen) }))
    }

    private mutating func approve() async throws {
      guard let index = pick(.draft) else { return }
      let (id, district) = (batches[index].id, district)
      _ = try await PaymentBatches.submit(id, in: district.admin)
      let done = try await attempt(["fund.insufficient"]) {
        _ = try await PaymentBatches.approve(id, today: TestDistrict.approval, in: district.second)
      }
      if done {
        batches[index].state = .approved
      } else {
        try await PaymentBatches.withdraw(id, in: district.admin)
      }
    }

    private mutating func cancel() async throws {
      guard let index = pick(Bool.random(using: &random) ? .draft : .approved) else { return }
      try await PaymentBatches.cancel(batches[index].id, reason: "随机", in: district.admin)
      batches[index].state = .cancelled
      if let follows = batches[index].follows { unfollow(follows) }
    }

    /// The lines of a batch whose follow-up is gone are open again. There is one follow-up at a time.
    private mutating func unfollow(_ index: Int) {
      for line in batches[index].lines.indices { batches[index].lines[line].isFollowed = false }
    }

    private mutating func pay() async throws {
      guard let index = pick(.approved) else { return }
      let id = batches[index].id
      #expect(
        try await PaymentBatches.pay(id, on: TestDistrict.october, in: district.admin))
      batches[index].state = .paid
      let lines = try await PaymentBatches.lines(id, in: district.admin)
      for (line, paid) in lines.enumerated() {
        batches[index].lines[line].received = batches[index].lines[line].due
        batches[index].lines[line].transfer = paid.transfers[0]
      }
    }

    private mutating func confirm() async throws {
      guard let index = pick(.paid),
        let number = batches[index].lines.indices.randomElement(using: &random)
      else { return }
      let line = batches[index].lines[number]
      let received = [line.due, 0, Int64.random(in: 0...line.due, using: &random)]
        .randomElement(using: &random)!
      let outcome: PaymentOutcome =
        received == line.due
        ? .received : .issue(received: Money(fen: received), note: "随机")
      let (id, district) = (batches[index].id, district)
      let done = try await attempt(
        ["payment.superseded", "fund.more_than_left", "fund.insufficient"]
      ) {
        _ = try await PaymentBatches.confirm(
          id, lines: [number + 1], as: outcome, on: TestDistrict.today, in: district.admin)
      }
      #expect(done || line.isFollowed || line.recovered > 0 || received > (line.received ?? 0))
      if done {
        #expect(!line.isFollowed)
        batches[index].lines[number].received = received
        batches[index].lines[number].isConfirmed = true
      }
    }

    private mutating func followUp() async throws {
      guard let index = pick(.paid) else { return }
      let open = batches[index].lines.indices.filter { number in
        let line = batches[index].lines[number]
        return line.isConfirmed && !line.isFollowed && (line.received ?? 0) < line.due
      }
      // One follow-up of a batch at a time keeps the model simple.
      if batches[index].lines.contains(where: \.isFollowed) { return }
      let (id, district) = (batches[index].id, district)
      var made: UUID?
      let done = try await attempt(["payment.nothing_failed"]) {
        made = try await PaymentBatches.followUp(id, in: district.admin)
      }
      #expect(done == !open.isEmpty)
      guard let made else { return }
      let lines = try await PaymentBatches.lines(made, in: district.admin)
      let due = open.map { batches[index].lines[$0].due - (batches[index].lines[$0].received ?? 0) }
      #expect(lines.map(\.figures.due.fen) == due)
      for number in open { batches[index].lines[number].isFollowed = true }
      batches.append(
        Batch(id: made, follows: index, state: .draft, lines: due.map { Line(due: $0) }))
    }

    private mutating func clawBack() async throws {
      guard let index = pick(.paid),
        let number = batches[index].lines.indices.randomElement(using: &random),
        let payment = batches[index].lines[number].transfer
      else { return }
      let line = batches[index].lines[number]
      let amount = Int64.random(in: 1...line.due, using: &random)
      let district = district
      guard let clawback = line.clawback else {
        var id: UUID?
        let done = try await attempt(["clawback.more_than_paid"]) {
          id = try await Clawbacks.open(
            payment: payment, amount: Money(fen: amount), reason: .wrongAmount, note: nil,
            on: TestDistrict.today, in: district.admin)
        }
        #expect(done == (amount <= (line.received ?? 0)))
        batches[index].lines[number].clawback = id
        batches[index].lines[number].claimed = done ? amount : 0
        return
      }
      var transfer: UUID?
      let done = try await attempt(["clawback.more_than_left", "fund.more_than_left"]) {
        transfer = try await Clawbacks.recover(
          clawback, amount: Money(fen: amount), on: TestDistrict.today,
          semester: TestDistrict.autumn, in: district.admin)
      }
      let fits =
        amount <= line.claimed - line.recovered && amount <= (line.received ?? 0) - line.recovered
      #expect(done == fits)
      if let transfer { batches[index].lines[number].recoveries.append((transfer, amount)) }
    }

    private mutating func undo() async throws {
      guard let index = pick(.paid),
        let number = batches[index].lines.indices.first(where: {
          !batches[index].lines[$0].recoveries.isEmpty
        })
      else { return }
      let recovery = batches[index].lines[number].recoveries[0].transfer
      let district = district
      let done = try await attempt(["fund.insufficient"]) {
        _ = try await Clawbacks.undo(
          recovery: recovery, on: TestDistrict.today, semester: TestDistrict.autumn,
          in: district.admin)
      }
      if done { batches[index].lines[number].recoveries.removeFirst() }
    }
  }

  @Test("a thousand random steps by 4 clients leave what the model says")
  func manyClients() async throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    let district = try await TestDistrict.make()
    let given: Int64 = 12_000
    _ = try await district.give(given)
    try await district.pupils(4)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    var clients: [Client] = []
    for number in 0..<4 {
      var purposes: [Purpose] = []
      for kind in 0..<5 {
        let purpose = Purpose(rawValue: "aid\(number)_\(kind)")
        try await Funds.addPurpose(
          code: purpose.rawValue, name: Text("用途", ""), in: district.admin)
        try await Funds.allow(purpose, fund: fund, in: district.admin)
        purposes.append(purpose)
      }
      clients.append(
        Client(
          random: SeededGenerator(seed: seed &+ UInt64(number)), district: district, fund: fund,
          purposes: purposes))
    }
    let idle = clients[0]
    let done = try await withThrowingTaskGroup(of: Client.self) { group in
      for client in clients {
        group.addTask {
          var client = client
          try await client.work(250)
          return client
        }
      }
      // Balance ≥ held ≥ 0 at every moment.
      group.addTask {
        for _ in 0..<40 { try await Self.bounds(fund, district) }
        return idle
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }.filter { !$0.batches.isEmpty }
    let held = done.reduce(0) { $0 + $1.held }
    let spent = done.reduce(0) { $0 + $1.spent }
    let budget = try await Budgets.list(
      TestDistrict.autumn, school: district.school.id, in: district.admin
    ).first { $0.fundID == fund }
    #expect(budget?.committed.fen == held, "seed \(seed)")
    #expect(budget?.spent.fen == spent, "seed \(seed)")
    #expect(try await district.general().closing.fen == given - spent, "seed \(seed)")
    for batch in done.flatMap(\.batches) where batch.state == .paid {
      let figures = try await district.figures(batch.id)
      let paid = batch.lines.reduce(0) { $0 + ($1.received ?? 0) }
      let confirmed = batch.lines.filter(\.isConfirmed).reduce(0) { $0 + ($1.received ?? 0) }
      let recovered = batch.lines.reduce(0) { $0 + $1.recovered }
      #expect(figures == [batch.total, paid, confirmed, recovered], "seed \(seed)")
    }
    try await district.healthy()
    let refused = done.reduce(into: [:]) { $0.merge($1.refused, uniquingKeysWith: +) }
    #expect(refused["fund.insufficient", default: 0] > 0, "seed \(seed)")
    #expect(done.flatMap(\.batches).count { $0.state == .paid } > 4, "seed \(seed)")
  }

  private static func bounds(_ fund: UUID, _ district: TestDistrict) async throws {
    let code = district.code
    let (balance, held): (Int64, Int64) = try await TestPlatform.asOwner { session in
      let row = try session.query(
        """
        select credits - debits, held from account
        where district_id = $1 and fund_id = $2 and kind = 'balance'
        """, code, fund)[0]
      return (try row.get(0), try row.get(1))
    }
    #expect(balance >= held && held >= 0)
  }
}
