import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Funds and their purposes")
struct FundTests {
  private static let day = CalendarDate("2026-10-08")!

  private static func pay(
    _ fund: UUID, _ purpose: Purpose, _ fen: Int64, _ district: TestDistrict
  ) async throws -> UUID {
    try await Payments.pay(
      Payments.Payment(
        fund: fund, purpose: purpose, amount: Money(fen: fen), date: day,
        semester: TestDistrict.autumn, note: "测试"), in: district.admin)
  }

  private static func change(
    _ gift: UUID, to fund: UUID, _ fen: Int64?, _ district: TestDistrict,
    document: String = "同意书-1"
  ) async throws -> UUID {
    try await ChangesOfUse.change(
      gift, to: fund, amount: fen.map { Money(fen: $0) },
      consent: .init(givenOn: CalendarDate("2026-10-01")!, document: document), on: day,
      semester: TestDistrict.autumn, reason: "原用途已完成", in: district.admin)
  }

  private static func statement(_ fund: UUID, _ district: TestDistrict) async throws
    -> FundStatement
  {
    try await Funds.statements(TestDistrict.autumn, in: district.admin)
      .first { $0.fundID == fund }!
  }

  /// A designated gift of 10,000 fen.
  private static func designated(_ district: TestDistrict) async throws -> (gift: UUID, fund: UUID)
  {
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false),
      school: district.school.id, in: district.admin)
    let fund = try await Funds.fund(for: "购买图书", school: district.school.id, in: district.admin)
    let gift = try await Giving.record(
      Giving.NewDonation(
        donor: donor, fund: fund, school: district.school.id, semester: TestDistrict.autumn,
        amount: Money(fen: 10_000), receivedOn: CalendarDate("2026-09-10")!),
      in: district.admin)
    return (gift.id, fund)
  }

  @Test("a district adds a purpose and a fund that pays for it, and for nothing else")
  func ownPurposes() async throws {
    let district = try await TestDistrict.make()
    let eyes = Purpose(rawValue: "eyesight")
    try await Funds.addPurpose(code: "eyesight", name: Text("近视防控", "eye care"), in: district.admin)
    let fund = try await Funds.open(
      name: "明眸基金", purposes: [eyes], school: district.school.id, in: district.admin)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false),
      school: district.school.id, in: district.admin)
    _ = try await Giving.record(
      Giving.NewDonation(
        donor: donor, fund: fund, school: district.school.id, semester: TestDistrict.autumn,
        amount: Money(fen: 10_000), receivedOn: CalendarDate("2026-09-10")!), in: district.admin)
    _ = try await Self.pay(fund, eyes, 4_000, district)
    let error = await failure { try await Self.pay(fund, .study, 1, district) }
    #expect((error as? any YibangError)?.code == "fund.purpose_not_allowed")
    let statement = try await Self.statement(fund, district)
    #expect(statement.closing.fen == 6_000)
    #expect(statement.spending.map(\.name.zh) == ["近视防控"])
    try await Funds.allow(.study, fund: fund, in: district.admin)
    _ = try await Self.pay(fund, .study, 1, district)
    let again = await failure {
      try await Funds.addPurpose(code: "eyesight", name: Text("护眼", ""), in: district.admin)
    }
    #expect((again as? any YibangError)?.code == "fund.purpose_exists")
    let unknown = await failure {
      try await Funds.allow(Purpose(rawValue: "travel"), fund: fund, in: district.admin)
    }
    #expect((unknown as? any YibangError)?.code == "fund.unknown_purpose")
  }

  @Test("no fund can be given the purposes of boarding or nutrition money")
  func restrictedPurposes() async throws {
    let district = try await TestDistrict.make()
    for purpose in [Purpose.boarding, .nutrition] {
      let error = await failure {
        try await Funds.open(
          name: "混合基金", purposes: [.study, purpose], school: nil, in: district.admin)
      }
      #expect((error as? any YibangError)?.code == "fund.restricted")
    }
    let boarding = try await Funds.fund(for: "寄宿生生活补助", school: nil, in: district.admin)
    for purpose in [Purpose.nutrition, .study] {
      let error = await failure {
        try await Funds.allow(purpose, fund: boarding, in: district.admin)
      }
      #expect((error as? any YibangError)?.code == "fund.restricted")
    }
    let funds = try await Funds.statements(TestDistrict.autumn, in: district.admin)
    #expect(!funds.contains { $0.name == "混合基金" })
  }

  @Test("another use needs the donor's consent; the gift keeps its sum and can still be refunded")
  func changeOfUse() async throws {
    let district = try await TestDistrict.make()
    let (gift, from) = try await Self.designated(district)
    let general = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let none = await failure {
      try await Self.change(gift, to: general, 4_000, district, document: "")
    }
    #expect((none as? any YibangError)?.code == "fund.no_consent")
    _ = try await Self.change(gift, to: general, 4_000, district)
    #expect(try await Self.statement(from, district).closing.fen == 6_000)
    #expect(try await Self.statement(general, district).closing.fen == 4_000)
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(listed.map(\.net.fen) == [10_000])
    let more = await failure { try await Self.change(gift, to: general, 6_001, district) }
    #expect((more as? any YibangError)?.code == "fund.more_than_left")
    let done = try await Giving.reverse(
      gift, amount: Money(fen: 7_000), as: .refund, on: Self.day, semester: TestDistrict.autumn,
      reason: "退还", in: district.admin)
    #expect(done.transfers.count == 2)
    #expect(done.net.fen == 3_000)
    #expect(try await Self.statement(from, district).closing.fen == 3_000)
    #expect(try await Self.statement(general, district).closing == .zero)
    #expect(
      try await Giving.list(school: district.school.id, in: district.admin).map(\.net.fen) == [
        3_000
      ])
  }

  @Test("no route, direct or through others, connects nutrition and boarding money")
  func noRoute() async throws {
    let district = try await TestDistrict.make()
    let school = district.school.id
    var funds: [(id: UUID, kind: FundKind)] = []
    for kind in FundKind.standard {
      funds.append(
        (try await Funds.fund(for: kind.name.zh, school: school, in: district.admin), kind))
    }
    funds.append(
      (try await Funds.fund(for: "购买图书", school: school, in: district.admin), .designated))
    funds.append(
      (
        try await Funds.open(
          name: "明眸基金", purposes: [.study], school: school, in: district.admin), .other
      ))
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false), school: school,
      in: district.admin)
    // Every gift is tried from every fund into every other one, three rounds long, so that money
    // that went on once may go on again.
    for start in funds {
      let gift = try await Giving.record(
        Giving.NewDonation(
          donor: donor, fund: start.id, school: school, semester: TestDistrict.autumn,
          amount: Money(fen: 1_000_000), receivedOn: CalendarDate("2026-09-10")!),
        in: district.admin
      ).id
      for _ in 0..<3 {
        for goal in funds {
          _ = await failure { try await Self.change(gift, to: goal.id, 1_000, district) }
        }
      }
    }
    _ = try await district.pairing()
    #expect(try await Covers.run(on: TestDistrict.afterGrace, in: district.admin).covered == 1)
    let code = district.code
    let edges = try await TestPlatform.asOwner { session in
      // An edge wherever one record of any table names two funds, or a transfer's accounts do.
      try session.query(
        """
        select a.fund_id, b.fund_id from transfer t
        join account a on a.district_id = t.district_id and a.id = t.debit_account
        join account b on b.district_id = t.district_id and b.id = t.credit_account
        where t.district_id = $1 and a.fund_id <> b.fund_id
        union select from_fund, to_fund from change_of_use where district_id = $1
        union select from_fund, to_fund from cover where district_id = $1
        """, code
      ).map { (try $0.get(0) as UUID, try $0.get(1) as UUID) }
    }
    #expect(!edges.isEmpty)
    for (start, kind) in funds where kind == .boarding || kind == .nutrition {
      var reached: Set<UUID> = [start]
      var grew = true
      while grew {
        let next = edges.filter { reached.contains($0.0) || reached.contains($0.1) }
        let count = reached.count
        reached.formUnion(next.flatMap { [$0.0, $0.1] })
        grew = reached.count > count
      }
      #expect(reached == [start], "\(kind) is connected")
    }
    // The search above knows every table that names two funds.
    let naming = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select r.conrelid::regclass::text from pg_constraint r
        where r.contype = 'f' and r.confrelid = 'fund'::regclass
        group by 1
        having count(distinct (select array_agg(k) from unnest(r.conkey) as k)) > 1
        order by 1
        """
      ).map { try $0.get(0) as String }
    }
    #expect(naming == ["change_of_use", "cover", "fund_purpose"])
  }

  @Test("public money comes into boarding and nutrition funds, and its sum can be opened")
  func allocation() async throws {
    let district = try await TestDistrict.make()
    let fund = try await Funds.fund(
      for: "寄宿生生活补助", school: district.school.id, in: district.admin)
    let first = try await Funds.allocate(
      fund: fund, amount: Money(fen: 62_500), on: Self.day, semester: TestDistrict.autumn,
      document: "测财教〔2026〕1号", key: "a1", in: district.admin)
    let again = try await Funds.allocate(
      fund: fund, amount: Money(fen: 62_500), on: Self.day, semester: TestDistrict.autumn,
      document: "测财教〔2026〕1号", key: "a1", in: district.admin)
    #expect(first == again)
    let paid = try await Self.pay(fund, .boarding, 31_250, district)
    let statement = try await Self.statement(fund, district)
    #expect(statement.income.map(\.name.zh) == ["财政拨款"])
    let transfers = try await Funds.transfers(
      fund: fund, TestDistrict.autumn, in: district.officer)
    #expect(transfers.map(\.id) == [paid, first])
    #expect(transfers.map(\.amount.fen) == [-31_250, 62_500])
    #expect(try transfers.map(\.amount).total() == statement.closing)
  }

  @Test("pages of transfers meet without gap or overlap")
  func pages() async throws {
    let district = try await TestDistrict.make()
    for fen in 1...25 as ClosedRange<Int64> { _ = try await district.give(fen) }
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    for fen in 1...5 as ClosedRange<Int64> { _ = try await Self.pay(fund, .study, fen, district) }
    var seen: [Transfer] = []
    while true {
      let page = try await Funds.transfers(
        fund: fund, TestDistrict.autumn, after: seen.last?.id, limit: 7, in: district.admin)
      if page.isEmpty { break }
      seen += page
    }
    #expect(seen.count == 30)
    #expect(Set(seen.map(\.id)).count == 30)
    #expect(try seen.map(\.amount).total().fen == 325 - 15)
  }
}
