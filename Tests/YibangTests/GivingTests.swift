import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Giving and the fund")
struct GivingTests {
  @Test("a donation goes into its fund in its semester")
  func donationIsBooked() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(50_000)
    _ = try await district.give(30_050, on: "2026-03-02", semester: TestDistrict.spring)
    let statement = try await district.general()
    #expect(statement.opening == Money(fen: 30_050))
    #expect(statement.income.map(\.code) == ["teacher"])
    #expect(statement.income.map(\.amount.fen) == [50_000])
    #expect(statement.closing == Money(fen: 80_050))
  }

  @Test("the same key and donation are booked once and answered alike")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.give(10_000, key: "k1")
    let again = try await district.give(10_000, key: "k1")
    #expect(first == again)
    #expect(try await district.general().closing == Money(fen: 10_000))
    let error = await failure { try await district.give(10_001, key: "k1") }
    #expect((error as? any YibangError)?.code == "idempotency.other_request")
  }

  @Test("fifty clients with one key book one donation")
  func idempotentAtOnce() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<50 { group.addTask { try await district.give(7, key: "once") } }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try await district.general().closing == Money(fen: 107))
  }

  @Test("of many at once into one fund the refused alone fail, and the others are booked once each")
  func together() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1)
    let refused = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          // The database refuses a day that is not in the semester. Two come with each key: where the
          // first is right, a wrong second is another request.
          let day = number % 20 == 19 ? "2026-03-02" : "2026-09-10"
          let error = await failure {
            try await district.give(1_000, key: "k\(number / 2)", on: day)
          }
          return error == nil ? 0 : 1
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(refused == 10)
    #expect(try await district.general().closing == Money(fen: 1 + 100 * 1_000))
  }

  @Test("a reversal takes the money out again, once, and the list shows it")
  func reversal() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.give(20_000)
    func reverse() async throws -> Giving.Adjustment {
      try await Giving.reverse(
        id, on: TestDistrict.today, semester: TestDistrict.autumn, reason: "重复登记",
        in: district.admin)
    }
    _ = try await reverse()
    let statement = try await district.general()
    #expect(statement.closing == .zero)
    #expect(statement.income.isEmpty)
    let error = await failure { try await reverse() }
    #expect((error as? any YibangError)?.code == "fund.reversed_before")
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(listed.map(\.reversed) == [true])
  }

  @Test("a spent donation cannot be reversed: the fund never goes below zero")
  func reversalOfSpent() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.give(20_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    _ = try await Payments.pay(
      .init(
        fund: fund, purpose: .study, amount: Money(fen: 15_000), date: TestDistrict.today,
        semester: TestDistrict.autumn, note: "书包"), in: district.admin)
    let error = await failure {
      try await Giving.reverse(
        id, on: TestDistrict.today, semester: TestDistrict.autumn, reason: "x", in: district.admin)
    }
    #expect((error as? any YibangError)?.code == "fund.insufficient")
    let statement = try await district.general()
    #expect(statement.closing == Money(fen: 5_000))
    #expect(statement.spending.map(\.code) == ["study"])
  }

  @Test("a fund pays only for its own purposes, and not more than it has")
  func restrictedPurpose() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(20_000)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    func pay(_ purpose: Purpose, _ fen: Int64) async -> String? {
      let error = await failure {
        try await Payments.pay(
          .init(
            fund: fund, purpose: purpose, amount: Money(fen: fen), date: TestDistrict.today,
            semester: TestDistrict.autumn, note: "x"), in: district.admin)
      }
      return (error as? any YibangError)?.code
    }
    #expect(await pay(.nutrition, 1) == "fund.purpose_not_allowed")
    #expect(await pay(.boarding, 1) == "fund.purpose_not_allowed")
    #expect(await pay(.living, 20_001) == "fund.insufficient")
    #expect(await pay(.living, 20_000) == nil)
  }

  @Test("nothing is booked outside its semester or into a closed one")
  func semesters() async throws {
    let district = try await TestDistrict.make()
    let outside = await failure { try await district.give(100, on: "2026-03-01") }
    #expect((outside as? any YibangError)?.code == "fund.date_outside_semester")
    #expect(try await district.close(TestDistrict.spring) != nil)
    let closed = await failure {
      try await district.give(100, on: "2026-03-01", semester: TestDistrict.spring)
    }
    #expect((closed as? any YibangError)?.code == "fund.semester_closed")
    #expect(try await district.general().closing == .zero)
  }

  @Test("closing a semester waits for a booking under way, which is then in it")
  func closingRace() async throws {
    for _ in 0..<20 {
      let district = try await TestDistrict.make()
      async let booked = failure { try await district.give(100) }
      async let closed = district.close(TestDistrict.autumn)
      let (refusal, _) = try await (booked, closed)
      let booking = (refusal as? any YibangError)?.code
      #expect(booking == nil || booking == "fund.semester_closed")
      let closing = try await district.general().closing
      #expect(closing == Money(fen: booking == nil ? 100 : 0))
    }
  }

  @Test("thousand gifts by sixteen clients add up, in the fund and in its transfers")
  func concurrentGifts() async throws {
    let district = try await TestDistrict.make()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<16 {
        group.addTask {
          for gift in 0..<60 { _ = try await district.give(Int64(client * 100 + gift + 1)) }
        }
      }
      try await group.waitForAll()
    }
    var expected: Int64 = 0
    for client in 0..<16 {
      for gift in 0..<60 { expected += Int64(client * 100 + gift + 1) }
    }
    #expect(try await district.general().closing == Money(fen: expected))
    let sum: Int64 = try await district.admin.read { session in
      try session.query("select sum(amount_fen)::int8 from transfer")[0].get(0)
    }
    #expect(sum == expected)
  }

  @Test("a gift of nobody is refused, and its key stays free", arguments: [nil, "k"])
  func unknownDonor(key: String?) async throws {
    let district = try await TestDistrict.make()
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    var donation = Giving.NewDonation(
      donor: UUID(), fund: fund, school: district.school.id, semester: TestDistrict.autumn,
      amount: Money(fen: 100), receivedOn: TestDistrict.today)
    let refused = donation
    let error = await failure { try await Giving.record(refused, key: key, in: district.admin) }
    #expect((error as? any YibangError)?.code == "giving.unknown_donor")
    donation.donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "试公司", anonymous: false), school: district.school.id,
      in: district.admin)
    let (_, replayed) = try await Giving.record(donation, key: key, in: district.admin)
    #expect(!replayed)
    #expect(try await district.general().closing == Money(fen: 100))
  }

  @Test("first gifts of one donor at the same moment put one donor on record")
  func oneDonor() async throws {
    let district = try await TestDistrict.make()
    let donors = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await Donors.donor(
            DonorDetails(kind: .teacher, name: "试新", anonymous: false),
            school: district.school.id, in: district.admin)
        }
      }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(donors.count == 1)
  }
}
