import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Which bank lines and transfers belong together")
struct ReconciliationMatchingTests {
  typealias Line = ReconciliationMatching.Line
  typealias Entry = ReconciliationMatching.Entry

  static func id(_ number: Int) -> UUID {
    let digits = String(number)
    return UUID(
      uuidString: "01990000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count)
        + digits)!
  }

  static func line(
    _ number: Int, _ day: Int, _ fen: Int64, from name: String? = nil, _ text: String = "",
    numbers: [String] = []
  ) -> Line {
    Line(
      id: id(number), day: CalendarDate("2026-09-01")!.adding(days: day), amount: Money(fen: fen),
      counterparty: name, text: text, numbers: numbers)
  }

  static func entry(
    _ number: Int, _ day: Int, _ fen: Int64, _ name: String? = nil, kind: DonorKind = .individual,
    numbers: [String] = [], batches: [String] = []
  ) -> Entry {
    Entry(
      id: id(number), day: CalendarDate("2026-09-01")!.adding(days: day), amount: Money(fen: fen),
      payer: name.map { ($0, kind) }, numbers: numbers, batches: batches)
  }

  private func reasons(_ result: ReconciliationMatching.Result) -> [ReconciliationReason] {
    result.matches.map(\.reason)
  }

  @Test("a receipt number in the text ties a line to its gift, however far the days are apart")
  func byNumber() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 0, 10_000, from: "财付通", "捐款 滇A00123")],
      [
        Self.entry(11, 40, 10_000, "甲某某", numbers: ["滇A00123"]),
        Self.entry(12, 0, 10_000, "乙某某", numbers: ["滇A00124"]),
      ])
    #expect(result.matches == [.init(line: Self.id(1), entries: [Self.id(11)], reason: .number)])
  }

  @Test("a receipt number with another amount, or one that is only the amount, ties nothing")
  func numberIsNotEnough() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 0, 100_000, "票据 P00123 1000元")],
      [
        Self.entry(11, 30, 90_000, numbers: ["P00123"]),
        Self.entry(12, 30, 100_000, numbers: ["1000"]),
      ])
    #expect(result.matches.isEmpty)
  }

  @Test(
    "the donor's whole name is found in the counterparty or the text",
    arguments: [
      ("王伟", "王伟", ""), ("王伟", "财付通", "王伟捐款"), ("王伟", "网银", "爱心捐款：王伟"),
      ("阿依古丽·买买提", "阿依古丽.买买提", ""), ("欧阳小明", "支付宝", "欧阳小明老师 助学金"),
    ])
  func wholeName(donor: String, counterparty: String, text: String) {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 2, 10_000, from: counterparty, text)],
      [Self.entry(11, 0, 10_000, donor), Self.entry(12, 2, 10_000, "李四方")])
    #expect(
      result.matches
        == [.init(line: Self.id(1), entries: [Self.id(11)], reason: .nameNearDay)])
  }

  @Test(
    "NPSP #7161: a shared surname or given name, or a part of a name, matches nobody",
    arguments: [
      ("王伟", "王伟明"), ("王伟明", "王伟"), ("王伟", "李伟"), ("王伟", "王强"), ("小明", "欧阳小明"),
    ])
  func partOfName(donor: String, counterparty: String) {
    let lines = [Self.line(1, 0, 10_000, from: counterparty, "\(counterparty)捐款")]
    let result = ReconciliationMatching.propose(
      lines, [Self.entry(11, 0, 10_000, donor), Self.entry(12, 0, 10_000, "赵六六")])
    #expect(result.matches.isEmpty)
    #expect(result.questions.map(\.candidateCount) == [2])
    // Nor is the only gift of that amount: the bank names another person, so a person has to say so.
    let only = ReconciliationMatching.propose(lines, [Self.entry(11, 0, 10_000, donor)])
    #expect(only.matches.isEmpty)
    #expect(only.questions.map(\.candidates) == [[[Self.id(11)]]])
  }

  @Test("a company is found under its longer registered name, a person is not")
  func companyInside() {
    let company = ReconciliationMatching.propose(
      [Self.line(1, 0, 10_000, from: "昆明测试商贸有限公司盘龙分公司")],
      [
        Self.entry(11, 0, 10_000, "测试商贸有限公司", kind: .company),
        Self.entry(12, 0, 10_000, "另一商贸有限公司", kind: .company),
      ])
    #expect(company.matches.map(\.entries) == [[Self.id(11)]])
    let person = ReconciliationMatching.propose(
      [Self.line(1, 0, 10_000, from: "昆明王小二商贸有限公司")],
      [Self.entry(11, 0, 10_000, "王小二"), Self.entry(12, 0, 10_000, "另一人")])
    #expect(person.matches.isEmpty)
  }

  @Test("an amount and near days are enough only where they are the only pair on both sides")
  func amountAndDate() {
    let only = ReconciliationMatching.propose(
      [Self.line(1, 3, 12_345, from: "财付通")], [Self.entry(11, 0, 12_345, "甲某某")])
    #expect(reasons(only) == [.amountAndDate])
    let twoGifts = ReconciliationMatching.propose(
      [Self.line(1, 3, 12_345)], [Self.entry(11, 0, 12_345), Self.entry(12, 5, 12_345)])
    #expect(twoGifts.matches.isEmpty)
    #expect(twoGifts.questions.map(\.candidates) == [[[Self.id(12)], [Self.id(11)]]])
    let twoLines = ReconciliationMatching.propose(
      [Self.line(1, 3, 12_345), Self.line(2, 4, 12_345)], [Self.entry(11, 0, 12_345)])
    #expect(twoLines.matches.isEmpty)
    #expect(twoLines.questions.count == 2)
    let tooFar = ReconciliationMatching.propose(
      [Self.line(1, 6, 12_345)], [Self.entry(11, 0, 12_345)])
    #expect(tooFar.matches.isEmpty && tooFar.questions.isEmpty)
  }

  @Test("money that went out never matches money that came in")
  func directions() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 0, -10_000, from: "甲某某")], [Self.entry(11, 0, 10_000, "甲某某")])
    #expect(result.matches.isEmpty && result.questions.isEmpty)
  }

  @Test("one outgoing line is a whole batch of payments, and one deposit a whole list")
  func batches() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 1, -60_000, "代发"), Self.line(2, 2, 25_000, "现金存入")],
      [
        Self.entry(11, 0, -10_000, batches: ["pay"]), Self.entry(12, 0, -20_000, batches: ["pay"]),
        Self.entry(13, 0, -30_000, batches: ["pay"]),
        Self.entry(21, 0, 10_000, "甲某某", batches: ["list", "list cash"]),
        Self.entry(22, 1, 15_000, "乙某某", batches: ["list", "list cash"]),
        Self.entry(23, 1, 5_000, "丙某某", batches: ["list", "list wechat"]),
      ])
    #expect(
      result.matches.map(\.entries)
        == [[11, 12, 13].map(Self.id), [21, 22].map(Self.id)])
    #expect(reasons(result) == [.batch, .batch])
  }

  @Test("a batch is not matched where one transfer alone has its amount")
  func batchOrSingle() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 1, -30_000)],
      [
        Self.entry(11, 0, -10_000, batches: ["pay"]), Self.entry(12, 0, -20_000, batches: ["pay"]),
        Self.entry(13, 0, -30_000),
      ])
    #expect(result.matches.isEmpty)
    #expect(result.questions.map(\.candidateCount) == [2])
  }

  @Test("an anonymous donor's placeholder is nobody's name")
  func anonymous() {
    let result = ReconciliationMatching.propose(
      [Self.line(1, 0, 10_000, from: "匿名", "匿名捐款")],
      [Self.entry(11, 0, 10_000, "匿名"), Self.entry(12, 0, 10_000, "匿名")])
    #expect(result.matches.isEmpty)
  }

  @Test("the answer does not depend on the order, and nothing is used twice", arguments: 0..<8)
  func orderDoesNotMatter(round: Int) {
    var generator = SeededGenerator(seed: UInt64(round))
    let names = ["王伟", "王伟明", "李伟", "赵小小", "测试商贸有限公司"]
    var lines: [Line] = []
    var entries: [Entry] = []
    for number in 0..<120 {
      let name = names.randomElement(using: &generator)!
      let fen = Int64.random(in: 1...12, using: &generator) * 1_000
      lines.append(
        Self.line(
          number, .random(in: 0...30, using: &generator), fen,
          from: Bool.random(using: &generator) ? name : "财付通",
          Bool.random(using: &generator) ? "票号 R\(1_000 + number)" : ""))
      entries.append(
        Self.entry(
          1_000 + number, .random(in: 0...30, using: &generator),
          Int64.random(in: 1...12, using: &generator) * 1_000,
          names.randomElement(using: &generator)!,
          numbers: ["R\(1_000 + Int.random(in: 0..<120, using: &generator))"],
          batches: ["b\(number / 6)"]))
    }
    let first = ReconciliationMatching.propose(lines, entries)
    let amounts = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.amount.fen) })
    let lineAmounts = Dictionary(uniqueKeysWithValues: lines.map { ($0.id, $0.amount.fen) })
    for match in first.matches {
      #expect(match.entries.compactMap { amounts[$0] }.reduce(0, +) == lineAmounts[match.line])
    }
    let used = first.matches.flatMap(\.entries)
    #expect(Set(used).count == used.count)
    #expect(Set(first.matches.map(\.line)).count == first.matches.count)
    #expect(!first.matches.isEmpty)
    for _ in 0..<4 {
      lines.shuffle(using: &generator)
      entries.shuffle(using: &generator)
      let again = ReconciliationMatching.propose(lines, entries)
      #expect(again.matches == first.matches)
      #expect(again.questions == first.questions)
    }
  }

  @Test(
    "ten thousand lines and ten thousand transfers are matched in seconds, also of one amount",
    arguments: [true, false])
  func large(oneAmount: Bool) {
    var lines: [Line] = []
    var entries: [Entry] = []
    for number in 0..<10_000 {
      let fen: Int64 = oneAmount ? 10_000 : Int64(number + 1)
      lines.append(Self.line(number, number % 150, fen, from: "人\(number)某", "捐款"))
      entries.append(Self.entry(20_000 + number, number % 150, fen, "人\(number)某"))
    }
    let clock = ContinuousClock()
    var count = 0
    let time = clock.measure {
      count = ReconciliationMatching.propose(lines, entries).matches.count
    }
    #expect(count == 10_000)
    #expect(time < .seconds(20))
    // All alike: nothing can be told apart, and the cost is the same.
    let alike = clock.measure {
      let result = ReconciliationMatching.propose(
        lines.map { Line(id: $0.id, day: $0.day, amount: Money(fen: 1), counterparty: "甲某某") },
        entries.map {
          Entry(id: $0.id, day: $0.day, amount: Money(fen: 1), payer: ("甲某某", .teacher))
        })
      #expect(result.matches.isEmpty)
      #expect(result.questions.count == 10_000)
    }
    #expect(alike < .seconds(20))
    print("matching 10,000 × 10,000: \(time), alike \(alike)")
  }
}
