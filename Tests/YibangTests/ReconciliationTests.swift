import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  static let bankHeader = "交易日期,摘要,收入,支出,对方户名,流水号"

  /// A gift of a named donor to the school's general fund.
  func gift(
    _ name: String, _ fen: Int64, on date: String = "2026-09-10",
    method: Giving.Method = .transfer, receipt: String? = nil, anonymous: Bool = false,
    className: String? = nil, campaign: UUID? = nil, note: String? = nil
  ) async throws -> UUID {
    let donor = try await Donors.donor(
      DonorDetails(
        kind: .individual, name: name, anonymous: anonymous, className: className),
      school: school.id, in: admin)
    var donation = Giving.NewDonation(
      donor: donor, fund: try await Funds.fund(for: nil, school: school.id, in: admin),
      school: school.id, semester: Self.autumn, amount: Money(fen: fen),
      receivedOn: CalendarDate(date)!, method: method)
    donation.receiptNumber = receipt
    donation.className = className
    donation.campaign = campaign
    donation.note = note
    return try await Giving.record(donation, in: admin).id
  }

  func pay(_ fen: Int64, on date: String = "2026-09-20") async throws -> UUID {
    try await Payments.pay(
      .init(
        fund: try await Funds.fund(for: nil, school: school.id, in: admin), purpose: .study,
        amount: Money(fen: fen), date: CalendarDate(date)!, semester: Self.autumn, note: "书包"),
      in: admin)
  }

  /// Imports lines under `bankHeader` into a new account, and gives them in order of day.
  func statement(_ lines: String...) async throws -> [BankLines.Line] {
    let known = try await BankAccounts.list(school: school.id, in: admin).first?.id
    let account = if let known { known } else { try await bankAccount() }
    let report = try await importStatement(
      ([Self.bankHeader] + lines).joined(separator: "\n") + "\n", into: account)
    #expect(report.refused.isEmpty)
    return try await bankLines()
  }

  func matchAll(dryRun: Bool = false) async throws -> Reconciliation.Outcome {
    try await Reconciliation.match(school: school.id, Self.autumn, dryRun: dryRun, in: admin)
  }

  func reverse(_ donation: UUID) async throws {
    _ = try await Giving.reverse(
      donation, on: Self.today, semester: Self.autumn, reason: "登记有误", in: admin)
  }

  func reconciled() async throws -> [Giving.Reconciled] {
    try await Giving.list(school: school.id, in: admin).map(\.reconciled)
  }
}

@Suite("Reconciliation with the bank")
struct ReconciliationTests {
  @Test("lines are matched with gifts and payments, with reasons, and the gift list says so")
  func automatic() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.gift("试甲某", 10_000, on: "2026-09-10")
    _ = try await district.gift("试乙某", 10_000, on: "2026-09-11", receipt: "滇A00123")
    _ = try await district.gift("试丙某", 5_000, on: "2026-09-12", method: .cash)
    _ = try await district.pay(7_000)
    let lines = try await district.statement(
      "2026-09-12,转账,100.00,,试甲某,S1", "2026-09-13,捐款 滇A00123,100.00,,财付通,S2",
      "2026-09-21,书包款,,70.00,试文具店,S3", "2026-09-22,手续费,,2.00,,S4")
    let dry = try await district.matchAll(dryRun: true)
    #expect(dry.matched.count == 3)
    #expect(try await district.reconciled() == [.no, .no, .cash])
    let outcome = try await district.matchAll()
    #expect(outcome.matched.map(\.reason) == [.nameNearDay, .number, .amountAndDate])
    #expect(outcome.matched.map(\.line) == lines.prefix(3).map(\.id))
    #expect(outcome.ambiguous.isEmpty)
    #expect(outcome.linesWithoutEntry == 1)
    #expect(outcome.openTransfers == 1)
    #expect(try await district.reconciled() == [.yes, .yes, .cash])
    let states = try await district.bankLines().map(\.state)
    #expect(states == [.matched, .matched, .matched, .unmatched])
    // Again there is nothing left to match.
    #expect(try await district.matchAll().matched.isEmpty)
  }

  @Test("what may be several gifts is listed with them and matched by nobody but a person")
  func ambiguous() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.gift("试甲某", 10_000, on: "2026-09-10")
    _ = try await district.gift("试乙某", 10_000, on: "2026-09-11")
    let line = try await district.statement("2026-09-11,转账,100.00,,财付通,S1")[0]
    let outcome = try await district.matchAll()
    #expect(outcome.matched.isEmpty)
    #expect(outcome.ambiguous.map(\.candidateCount) == [2])
    #expect(outcome.ambiguous[0].candidates.flatMap { $0 }.compactMap(\.payer) == ["试乙某", "试甲某"])
    let id = try await Reconciliation.match(
      line: line.id, with: [first], note: "看过微信记录", key: "k", in: district.admin)
    let again = try await Reconciliation.match(
      line: line.id, with: [first], note: "看过微信记录", key: "k", in: district.admin)
    #expect(id == again)
    #expect(try await district.reconciled() == [.yes, .no])
    let shown = try await district.bankLines()[0]
    #expect(shown.reason == "人工核对")
    #expect(shown.note == "看过微信记录")
  }

  @Test("the transfers make up the line to the fen, or nothing is matched")
  func amounts() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.gift("试甲某", 61_123)
    let second = try await district.gift("试乙某", 26_195)
    let lines = try await district.statement(
      "2026-09-11,现金存入,873.18,,,S1", "2026-09-12,转账,873.17,,,S2")
    func match(_ line: UUID, _ gifts: [UUID]) async -> String? {
      code(
        await failure {
          try await Reconciliation.match(line: line, with: gifts, note: "x", in: district.admin)
        })
    }
    #expect(await match(lines[1].id, [first, second]) == "bank.amounts_differ")
    #expect(await match(lines[0].id, [first]) == "bank.amounts_differ")
    #expect(await match(lines[0].id, [UUID()]) == "bank.unknown_transfer")
    #expect(await match(UUID(), [first]) == "bank.unknown_line")
    // NPSP #6710: 611.23 + 261.95 is 873.18.
    #expect(await match(lines[0].id, [first, second]) == nil)
    #expect(await match(lines[1].id, [first]) == "bank.amounts_differ")
    #expect(try await district.reconciled() == [.yes, .yes])
  }

  @Test("a line is used once and a gift is reconciled once; undone, both are free again, on record")
  func undo() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.gift("试甲某", 10_000)
    let other = try await district.gift("试乙某", 10_000)
    let lines = try await district.statement(
      "2026-09-11,转账,100.00,,,S1", "2026-09-12,转账,100.00,,,S2")
    func match(_ line: Int, _ gift: UUID) async -> String? {
      code(
        await failure {
          try await Reconciliation.match(
            line: lines[line].id, with: [gift], note: "x", in: district.admin)
        })
    }
    #expect(await match(0, gift) == nil)
    #expect(await match(0, other) == "bank.taken")
    #expect(await match(1, gift) == "bank.taken")
    let without = await failure {
      try await Reconciliation.undo(gift, reason: " ", in: district.admin)
    }
    #expect(code(without) == "bank.reason_missing")
    let undone = try await Reconciliation.undo(gift, reason: "配错了", in: district.second)
    #expect(try await district.reconciled() == [.no, .no])
    let twice = await failure {
      try await Reconciliation.undo(gift, reason: "配错了", in: district.admin)
    }
    #expect(code(twice) == "bank.not_cleared")
    #expect(await match(1, gift) == nil)
    #expect(await match(0, other) == nil)
    let (districtCode, second) = (district.code, district.second.actor.userID)
    try await TestPlatform.asOwner { session in
      let row = try #require(
        try session.query(
          """
          select r.state, u.reason, u.actor_id from reconciliation r
          join reconciliation_undone u
            on u.district_id = r.district_id and u.reconciliation_id = r.id
          where r.district_id = $1 and r.id = $2
          """, districtCode, undone
        ).first)
      #expect(try row.get(0) == "undone")
      #expect(try row.get(1) == "配错了")
      #expect(try row.get(2) == second)
    }
  }

  @Test("two clerks who match at the same moment never use a line or a gift twice, in fifty rounds")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    let day = CalendarDate("2026-09-01")!
    var rows: [String] = []
    var gifts: [UUID] = []
    for round in 0..<50 {
      let date = "\(day.adding(days: round))"
      gifts.append(try await district.gift("试\(round)某", Int64(1_000 + round), on: date))
      rows.append("\(date),转账,\(Money(fen: Int64(1_000 + round)).plain),,,A\(round)")
      rows.append("\(date),转账,\(Money(fen: Int64(1_000 + round)).plain),,,B\(round)")
    }
    let account = try await district.bankAccount()
    _ = try await district.importStatement(
      ([TestDistrict.bankHeader] + rows).joined(separator: "\n") + "\n", into: account)
    let lines = try await district.bankLines()
    for round in 0..<50 {
      let gift = gifts[round]
      let two = lines.filter { $0.amount.fen == Int64(1_000 + round) }
      try #require(two.count == 2)
      func match(_ line: UUID, _ context: Context) async -> String? {
        code(
          await failure {
            try await Reconciliation.match(line: line, with: [gift], note: "x", in: context)
          })
      }
      async let first = match(two[0].id, district.admin)
      async let second = match(two[1].id, district.second)
      async let third = match(two[0].id, district.second)
      async let program = district.matchAll()
      let answers = await [first, second, third]
      _ = try await program
      #expect(answers.filter { $0 == nil }.count == 1)
      #expect(answers.filter { $0 == "bank.taken" }.count == 2)
    }
    #expect(try await district.reconciled().allSatisfy { $0 == .yes })
    #expect(try await district.bankLines(state: .matched).count == 50)
  }

  @Test("two runs of the program at once match each line once")
  func runsAtOnce() async throws {
    let district = try await TestDistrict.make()
    for number in 0..<20 { _ = try await district.gift("试\(number)某", Int64(1_000 + number)) }
    let account = try await district.bankAccount()
    let rows = (0..<20).map {
      "2026-09-11,转账,\(Money(fen: Int64(1_000 + $0)).plain),,试\($0)某,S\($0)"
    }
    _ = try await district.importStatement(
      ([TestDistrict.bankHeader] + rows).joined(separator: "\n") + "\n", into: account)
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<6 { group.addTask { try await district.matchAll().matched.count } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts.sorted() == [0, 0, 0, 0, 0, 20])
  }

  @Test("the database refuses a second use and a wrong sum, whatever the program does")
  func theDatabaseRefuses() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.gift("试甲某", 10_000)
    let lines = try await district.statement(
      "2026-09-11,转账,100.00,,,S1", "2026-09-12,转账,100.00,,,S2", "2026-09-12,转账,99.99,,,S3")
    let transfer: UUID = try await district.admin.read { session in
      try session.query("select transfer_id from donation where id = $1", gift)[0].get(0)
    }
    func record(_ line: UUID) async -> String? {
      code(
        await failure {
          try await district.admin.write { session in
            let id = UUID.v7()
            try Reconciliation.record(
              kind: "match", manual: true, ids: [id], lines: [line], reasons: [.byHand],
              owners: [id], transfers: [transfer], note: nil, session, district.admin.actor)
          }
        })
    }
    #expect(await record(lines[2].id) == "bank.amounts_differ")
    #expect(await record(lines[0].id) == nil)
    #expect(await record(lines[1].id) == "bank.taken")
    for statement in [
      "update reconciliation set state = 'undone'", "delete from reconciliation",
      "insert into reconciliation_transfer select * from reconciliation_transfer",
      "update bank_line set amount_fen = 1", "delete from bank_line",
      "delete from reconciliation_undone",
    ] {
      let error = await failure {
        try await district.admin.write { try $0.script(SQL(trusted: statement)) }
      }
      guard case .privilege? = error as? PostgresError else {
        Issue.record("\(statement): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("another school's line is out of reach, and a match never crosses schools")
  func otherSchool() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.gift("试甲某", 10_000)
    let account = try await district.bankAccount(school: district.otherSchool)
    _ = try await district.importStatement(
      "\(TestDistrict.bankHeader)\n2026-09-10,转账,100.00,,试甲某,S1\n", into: account)
    let line = try await district.bankLines()[0]
    #expect(try await district.matchAll().matched.isEmpty)
    let crossing = await failure {
      try await Reconciliation.match(line: line.id, with: [gift], note: "x", in: district.admin)
    }
    #expect(code(crossing) == "bank.other_school")
    let forbidden = await failure {
      try await Reconciliation.match(line: line.id, with: [gift], note: "x", in: district.officer)
    }
    #expect(code(forbidden) == "access.forbidden")
  }

  @Test("a fee is explained, cash kept is explained; both count as cleared and show so")
  func explanations() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.gift("试甲某", 5_000, method: .cash)
    let line = try await district.statement("2026-09-30,手续费,,2.00,,S1")[0]
    let wrong = await failure {
      try await Reconciliation.explain(.line(line.id), .cashKept, note: "x", in: district.admin)
    }
    #expect(code(wrong) == "bank.no_explanation")
    let id = try await Reconciliation.explain(
      .line(line.id), .fee, note: "季度手续费", key: "fee", in: district.admin)
    #expect(
      try await Reconciliation.explain(
        .line(line.id), .fee, note: "季度手续费", key: "fee", in: district.admin) == id)
    _ = try await Reconciliation.explain(
      .transfer(gift), .cashKept, note: "保险柜", in: district.admin)
    #expect(try await district.reconciled() == [.explained])
    let shown = try await district.bankLines()[0]
    #expect(shown.state == .explained)
    #expect(shown.reason == "银行手续费")
    let status = try await Reconciliation.status(TestDistrict.autumn, in: district.admin)
    #expect(status.accounts.map(\.explained.count) == [1])
    #expect(status.accounts.map(\.explained.moneyOut.fen) == [200])
    #expect(status.books.map(\.explained.moneyIn.fen) == [5_000])
    #expect(try await Reconciliation.open(TestDistrict.autumn, in: district.admin).isEmpty)
    // An explained gift is taken: to match it, the explanation is undone first.
    let cash = try await district.statement("2026-10-08,存现,50.00,,,S2")[1]
    let taken = await failure {
      try await Reconciliation.match(line: cash.id, with: [gift], note: "x", in: district.admin)
    }
    #expect(code(taken) == "bank.taken")
    _ = try await Reconciliation.undo(gift, reason: "已存银行", in: district.admin)
    _ = try await Reconciliation.match(
      line: cash.id, with: [gift], note: "存现", in: district.admin)
    #expect(try await district.reconciled() == [.yes])
  }

  @Test("a closing is told of open lines and open transfers within the statements, not of cash")
  func openItems() async throws {
    let district = try await TestDistrict.make()
    let inside = try await district.gift("试甲某", 10_000, on: "2026-09-12", method: .wechat)
    _ = try await district.gift("试乙某", 2_000, on: "2026-09-12", method: .cash)
    _ = try await district.gift("试丙某", 3_000, on: "2026-12-12", method: .transfer)
    let lines = try await district.statement(
      "2026-09-10,转账,1.00,,,S1", "2026-09-30,利息,0.07,,,S2")
    let open = try await Reconciliation.open(TestDistrict.autumn, in: district.admin)
    #expect(open.map(\.kind) == [.line, .transfer, .line])
    #expect(open.map(\.amount.fen) == [100, 10_000, 7])
    #expect(open.map(\.id).first == lines[0].id)
    let status = try await Reconciliation.status(TestDistrict.autumn, in: district.admin)
    #expect(status.accounts.map(\.unmatched.count) == [2])
    #expect(status.accounts.map(\.coveredFrom) == [CalendarDate("2026-09-10")])
    #expect(status.accounts.map(\.coveredTo) == [CalendarDate("2026-09-30")])
    #expect(status.books.map(\.cash.moneyIn.fen) == [2_000])
    #expect(status.books.map(\.unmatched.moneyIn.fen) == [13_000])
    #expect(status.books.map(\.all.count) == [3])
    _ = try await Reconciliation.explain(
      .transfer(inside), .inTransit, note: "微信提现未到", in: district.admin)
    for (line, reason) in [(lines[0], ReconciliationReason.other), (lines[1], .interest)] {
      _ = try await Reconciliation.explain(.line(line.id), reason, note: "x", in: district.admin)
    }
    #expect(try await Reconciliation.open(TestDistrict.autumn, in: district.admin).isEmpty)
  }

  @Test("a reversed gift needs no line, and one reversed after its match is reported")
  func reversals() async throws {
    let district = try await TestDistrict.make()
    let wrong = try await district.gift("试甲某", 10_000)
    try await district.reverse(wrong)
    let line = try await district.statement("2026-09-11,转账,100.00,,试甲某,S1")[0]
    #expect(try await district.matchAll().matched.isEmpty)
    let gone = await failure {
      try await Reconciliation.match(line: line.id, with: [wrong], note: "x", in: district.admin)
    }
    #expect(code(gone) == "bank.unknown_transfer")
    let right = try await district.gift("试甲某", 10_000)
    #expect(try await district.matchAll().matched.count == 1)
    #expect(try await Reconciliation.open(TestDistrict.autumn, in: district.admin).isEmpty)
    try await district.reverse(right)
    let open = try await Reconciliation.open(TestDistrict.autumn, in: district.admin)
    #expect(open.map(\.kind) == [.changed])
    #expect(open.map(\.amount.fen) == [-10_000])
  }

  @Test(
    "Open Collective #1722: a matched line does not reveal an anonymous donor, nor do its notes")
  func anonymous() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.gift("试隐名", 10_000, anonymous: true)
    _ = try await district.gift("试隐名", 20_000, anonymous: true)
    let lines = try await district.statement(
      "2026-09-11,试隐名捐款,100.00,,试隐名,S1", "2026-10-11,试隐名捐款,200.00,,财付通,S2")
    _ = try await Reconciliation.match(
      line: lines[0].id, with: [gift], note: "试隐名来电确认", in: district.admin)
    let later = try await district.matchAll()
    #expect(later.ambiguous.isEmpty && later.matched.isEmpty)
    let shown = try await district.bankLines()[0]
    #expect(shown.counterparty == "匿名")
    #expect(shown.text == nil)
    #expect(shown.note == "匿名来电确认")
    let near = try await Reconciliation.match(
      school: district.school.id, TestDistrict.autumn, days: 40, dryRun: true, in: district.admin)
    #expect(near.matched.flatMap(\.candidates).flatMap { $0 }.map(\.payer) == ["匿名"])
  }

  @Test("lines come page by page, each once")
  func pages() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let rows = (0..<25).map { "2026-09-\(11 + $0 % 3),转账,\($0 + 1).00,,,S\($0)" }
    _ = try await district.importStatement(
      ([TestDistrict.bankHeader] + rows).joined(separator: "\n") + "\n", into: account)
    var seen: [UUID] = []
    while true {
      let page = try await BankLines.list(
        TestDistrict.autumn, after: seen.last, limit: 10, in: district.admin)
      if page.isEmpty { break }
      seen += page.map(\.id)
    }
    #expect(seen.count == 25)
    #expect(seen == (try await district.bankLines()).map(\.id))
  }
}
