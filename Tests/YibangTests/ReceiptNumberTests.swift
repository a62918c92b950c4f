import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("The numbers of receipts")
struct ReceiptNumberTests {
  private struct OnPurpose: Error {}

  @Test(
    "16 at once, with failures and repetitions between: the numbers are 1…n, each once",
    .timeLimit(.minutes(30)))
  func underConcurrency() async throws {
    let district = try await TestDistrict.make()
    let perTask = 8
    let gifts = try await withThrowingTaskGroup(of: (Int, [UUID]).self) { group in
      for task in 0..<16 {
        group.addTask {
          var own: [UUID] = []
          for _ in 0..<perTask { own.append(try await district.give(100)) }
          return (task, own)
        }
      }
      return try await group.reduce(into: [Int: [UUID]]()) { $0[$1.0] = $1.1 }
    }
    let contested = try await district.give(100)
    let (issued, lost) = try await withThrowingTaskGroup(of: ([Receipts.Receipt], Int).self) {
      group in
      for task in 0..<16 {
        let own = gifts[task]!
        group.addTask { try await Self.work(task, own, contested, district) }
      }
      return try await group.reduce(into: ([Receipts.Receipt](), 0)) {
        $0.0 += $1.0
        $0.1 += $1.1
      }
    }
    let n = 16 * perTask + 1
    #expect(issued.count == n)
    #expect(lost == 15)
    #expect(Set(issued.map(\.id)).count == n)
    #expect(issued.map(\.number.number).sorted() == Array(1...n))
    let listed = try await Receipts.list(in: district.admin)
    #expect(listed.map(\.number.number) == Array(1...n))
    #expect(Set(listed.map(\.number.book)) == ["2199000001"])
    let findings = try await Doctor.examine(checks: Receipts.checks, in: district.admin)
    #expect(findings.map(\.check) == [])
  }

  /// Issues each gift twice under one key, and between them tries what cannot succeed.
  private static func work(
    _ task: Int, _ own: [UUID], _ contested: UUID, _ district: TestDistrict
  ) async throws -> (issued: [Receipts.Receipt], lost: Int) {
    var issued: [Receipts.Receipt] = []
    var lost = 0
    for (place, gift) in own.enumerated() {
      let new = Receipts.NewReceipt(.donation(gift), on: TestDistrict.today)
      // It had its number when its transaction failed.
      let rolledBack = await failure {
        try await district.admin.write { session in
          _ = try Receipts.issue(new, session, district.admin.actor)
          throw OnPurpose()
        }
      }
      #expect(rolledBack is OnPurpose)
      async let first = Receipts.issue(new, key: "\(task)-\(place)", in: district.admin)
      async let second = Receipts.issue(new, key: "\(task)-\(place)", in: district.admin)
      let both = try await [first, second]
      #expect(both[0].receipt.id == both[1].receipt.id)
      #expect(both.map(\.replayed).contains(false) && both.map(\.replayed).contains(true))
      issued.append(both[0].receipt)
      let unknown = Receipts.NewReceipt(.donation(UUID()), on: TestDistrict.today)
      #expect(await failure { try await Receipts.issue(unknown, in: district.admin) } != nil)
    }
    let race = Receipts.NewReceipt(.donation(contested), on: TestDistrict.today)
    do {
      issued.append(try await Receipts.issue(race, in: district.admin).receipt)
    } catch let error as any YibangError {
      #expect(error.code == "receipt.running")
      lost += 1
    }
    return (issued, lost)
  }

  @Test("each school and each calendar year has its own book; a school year spans two")
  func books() async throws {
    let district = try await TestDistrict.make()
    let december = CalendarDate("2026-12-30")!
    let january = CalendarDate("2027-01-04")!
    func issue(_ gift: UUID, _ day: CalendarDate) async throws -> String {
      let new = Receipts.NewReceipt(.donation(gift), on: day)
      return "\(try await Receipts.issue(new, in: district.admin).receipt.number)"
    }
    #expect(try await issue(district.give(100), december) == "2199000001-2026-000001")
    #expect(try await issue(district.give(100), december) == "2199000001-2026-000002")
    #expect(try await issue(district.give(100), january) == "2199000001-2027-000001")
    #expect(
      try await issue(district.giveToDistrict(100), december) == "\(district.code)-2026-000001")
    let numbers = try await Receipts.list(.init(year: 2027), in: district.admin).map(\.number)
    #expect(numbers.map(\.description) == ["2199000001-2027-000001"])
    let own = try await Receipts.list(in: district.officer)
    #expect(own.count == 3)
  }

  @Test("the register is read by pages, each after the last number of the one before")
  func pages() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<5 {
      let gift = try await district.give(100)
      _ = try await Receipts.issue(
        .init(.donation(gift), on: TestDistrict.today), in: district.officer)
    }
    var read: [Int] = []
    var after: ReceiptNumber?
    while true {
      let page = try await Receipts.list(
        .init(school: district.school.id, after: after, limit: 2), in: district.officer)
      read += page.map(\.number.number)
      guard let last = page.last else { break }
      after = last.number
    }
    #expect(read == [1, 2, 3, 4, 5])
  }

  @Test("a book that is full says so")
  func full() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    let (code, school) = (district.code, district.school.id)
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        """
        insert into receipt_counter (district_id, book, fiscal_year, school_id, last_number)
        values ($1, '2199000001', 2026, $2, 999999)
        """, code, school)
    }
    let error = await failure {
      try await Receipts.issue(.init(.donation(gift), on: TestDistrict.today), in: district.admin)
    }
    #expect((error as? any YibangError)?.code == "receipt.book_full")
  }

  @Test(
    "numbers are written and read in one form",
    arguments: ["2199000001-2026-000123", "990000-2027-999999"])
  func text(number: String) {
    #expect(ReceiptNumber(number)?.description == number)
  }

  @Test(
    "other texts are no numbers",
    arguments: ["", "2199000001-2026-123", "2199000001-2026-000000", "x199000001-2026-000001"])
  func noNumber(text: String) {
    #expect(ReceiptNumber(text) == nil)
  }
}

extension TestDistrict {
  /// A gift to the district itself.
  func giveToDistrict(_ amount: Int64) async throws -> UUID {
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "试公司", anonymous: false), school: nil, in: admin)
    let fund = try await Funds.fund(for: nil, school: nil, in: admin)
    return try await Giving.record(
      .init(
        donor: donor, fund: fund, school: nil, semester: Self.autumn, amount: Money(fen: amount),
        receivedOn: CalendarDate("2026-09-10")!), in: admin
    ).id
  }
}
