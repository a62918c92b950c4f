import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Cover from the general fund, and coverage")
struct CoverTests {
  private func cover(
    _ district: TestDistrict, on date: CalendarDate = TestDistrict.afterGrace
  ) async throws -> Covers.Run {
    try await Covers.run(on: date, in: district.admin)
  }

  private func pair(
    _ district: TestDistrict, _ name: String, _ tier: Tier = .difficult
  ) async throws -> UUID {
    var pupil = TestPupil()
    pupil.name = name
    pupil.tier = tier
    _ = try await district.pupil(pupil)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "资助\(name)"))
    return try #require(
      try await district.accept(try await district.approved()).pairings.first)
  }

  @Test(
    "past its grace an instalment is bridged, the child is paid in time, late money repays the fund"
  )
  func bridged() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    let before = try await cover(district, on: CalendarDate("2026-10-30")!)
    #expect(before.covered == 0 && before.short.isEmpty)
    _ = try await district.pay(pairing, 30_000)

    let run = try await cover(district)
    #expect(run.covered == 1 && run.amount.fen == 70_000 && run.short.isEmpty)
    #expect(try await cover(district).covered == 0)
    let funds = try await Funds.statements(
      TestDistrict.autumn, school: district.school.id, in: district.admin)
    #expect(
      funds.first { $0.kind == .sponsorship }?.income.map(\.name.zh).sorted()
        == ["一帮一兜底", "企业"])
    #expect(try await district.closing(.general) == 430_000)
    #expect(try await district.closing(.sponsorship) == 100_000)
    try await district.payOut()
    let line = try await district.coverage()
    #expect((line.children, line.byCover, line.bySponsor) == (1, 1, 0))
    #expect(line.gaps.isEmpty && line.onTimePerThousand == 1_000)
    // The claim stays.
    #expect(try await district.instalments(pairing)[0].outstanding.fen == 70_000)

    _ = try await district.pay(pairing, 50_000, on: "2026-11-12")
    #expect(try await district.closing(.general) == 480_000)
    let receipt = try await district.pay(pairing, 20_000, on: "2026-11-13").parts[0].receipt
    #expect(try await district.closing(.general) == 500_000)
    #expect(try await district.closing(.sponsorship) == 0)
    #expect(try await Covers.list(in: district.admin).map(\.repaid.fen) == [70_000])
    #expect(try await district.coverage().byCover == 1)

    // A payment that bounces takes the repayment back with it.
    _ = try await Instalments.reverse(
      receipt: receipt, on: CalendarDate("2026-11-14")!, semester: TestDistrict.autumn,
      reason: "退票", in: district.admin)
    #expect(try await district.closing(.general) == 480_000)
    #expect(try await Covers.list(in: district.admin).map(\.repaid.fen) == [50_000])
    try await district.healthy()
  }

  @Test("within the budget and the fund, the most needy first; whoever is left is named")
  func short() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    _ = try await pair(district, "样一般", .general)
    let special = try await pair(district, "样特困", .special)
    let difficult = try await pair(district, "样困难", .difficult)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    try await Budgets.plan(
      fund: fund, TestDistrict.autumn, amount: Money(fen: 200_000), in: district.admin)

    let run = try await cover(district)
    #expect(run.covered == 2 && run.amount.fen == 200_000)
    #expect(run.short.map(\.missing.fen) == [100_000])
    #expect(
      Set(try await Covers.list(in: district.admin).map(\.pairing)) == [special, difficult])
    let made = try await district.payOut()
    #expect(made.lines == 2 && made.unfunded == 1)
    let line = try await district.coverage()
    #expect((line.children, line.byCover, line.notPaid) == (3, 2, 1))
    #expect(line.gaps.map(\.pupil) == ["样*般"])
    #expect(line.gaps[0].why.zh.contains("未能兜底"))
    #expect(line.onTimePerThousand == 666)
    try await district.healthy()
  }

  @Test("the district's general fund bridges where the school's own cannot")
  func districtFund() async throws {
    let district = try await TestDistrict.make()
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "区企", anonymous: false), school: nil,
      in: district.admin)
    let fund = try await Funds.fund(for: nil, school: nil, in: district.admin)
    _ = try await Giving.record(
      .init(
        donor: donor, fund: fund, school: nil, semester: TestDistrict.autumn,
        amount: Money(fen: 100_000), receivedOn: CalendarDate("2026-09-10")!),
      in: district.admin)
    _ = try await district.give(99_999)
    _ = try await district.pairing()
    #expect(try await cover(district).covered == 1)
    #expect(try await district.closing(.general) == 99_999)
    #expect(try await Covers.list(in: district.admin).map(\.amount.fen) == [100_000])
    try await district.healthy()
  }

  @Test("at once and again, nothing is covered twice; 20 rounds")
  func races() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000_000)
    var covered: Int64 = 0
    for _ in 1...20 {
      let pairing = try await district.pairing()
      let (own, second) = (district.admin, district.second)
      async let one = Covers.run(on: TestDistrict.afterGrace, in: own)
      async let two = Covers.run(on: TestDistrict.afterGrace, in: second)
      async let money = refusal { try await district.pay(pairing, 60_000, on: "2026-11-02") }
      let runs = try await [one, two]
      #expect(await money == nil)
      #expect(runs.map(\.covered).reduce(0, +) == 1)
      let lines = try await Covers.list(in: district.admin).filter { $0.pairing == pairing }
      #expect(lines.count == 1)
      covered += lines.map { $0.amount.fen - $0.repaid.fen }.reduce(0, +)
      // Whatever came first, no more than the child's payout is there.
      #expect(lines.map { $0.amount.fen - $0.repaid.fen } == [40_000])
    }
    #expect(try await district.closing(.general) == 10_000_000 - covered)
    try await district.healthy()
  }

  @Test(
    "late money of pupils who changed schools repays the old one's fund, locked in one order; 5 rounds"
  )
  func crossing() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000_000)
    let gift = Giving.NewDonation(
      donor: try await Donors.donor(
        DonorDetails(kind: .teacher, name: "试教师", anonymous: false),
        school: district.otherSchool.id, in: district.admin),
      fund: try await Funds.fund(for: nil, school: district.otherSchool.id, in: district.admin),
      school: district.otherSchool.id, semester: TestDistrict.autumn,
      amount: Money(fen: 10_000_000),
      receivedOn: TestDistrict.approval)
    _ = try await Giving.record(gift, key: nil, in: district.admin)
    // Of its own, for its counters.
    let platform = try await TestPlatform.another()
    let context = Context(platform: platform, actor: district.admin.actor)
    for _ in 1...5 {
      var pairings: [UUID] = []
      for school in [district.school, district.otherSchool, district.school, district.otherSchool] {
        pairings.append(try await district.pairing(school: school.id))
      }
      _ = try await cover(district)
      for school in [district.school, district.otherSchool] {
        _ = try await district.payOut(school: school)
      }
      let destinations = ["3199000001", "2199000001", "3199000001", "2199000001"]
      for (pairing, school) in zip(pairings, destinations) {
        let student = try #require(
          try await Pairings.list(in: district.admin).first { $0.id == pairing }
        ).student
        _ = try await StudentMoves.move(
          student, to: try SchoolCode(school), on: TestDistrict.today, today: TestDistrict.today,
          in: district.admin)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for pairing in pairings {
          group.addTask {
            // For the old school's fund, its general fund and the new school's.
            _ = try await Instalments.pay(
              pairing: pairing, amount: Money(fen: 200_000), on: TestDistrict.today,
              method: .transfer, in: context)
          }
        }
        try await group.waitForAll()
      }
    }
    // In the wrong order there are about four a round, 19 in all. Beside every other test on a busy machine
    // two were seen once, each done again; what was on their other side is not known.
    #expect(platform.database.statistics.counters.deadlocks < 5)
    // What each had bridged came back to it.
    for school in [district.school, district.otherSchool] {
      #expect(try await district.closing(.general, school: school) == 10_000_000)
    }
    await platform.close()
    try await district.healthy()
  }

  @Test(
    "after so many covered instalments another sponsor is looked for, and the old claim ends as it begins"
  )
  func rematch() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    var settings = Pairings.Settings()
    settings.coverLimit = 1
    try await Pairings.set(settings, in: district.admin)
    let pairing = try await district.pairing()
    #expect(try await cover(district).rematched == 1)
    #expect(try await Pairings.list(state: .running, in: district.admin).map(\.id) == [pairing])

    _ = try await district.offer(SponsorDetails(kind: .individual, name: "接续人"))
    let proposal = try await district.approved()
    let next = try #require(try await district.accept(proposal, on: "2026-11-05").pairings.first)
    #expect(try await Pairings.list(state: .running, in: district.admin).map(\.id) == [next])
    #expect(
      try await district.instalments(pairing).allSatisfy { $0.state == .noLongerDue })
    #expect(
      try await district.count(
        "select count(distinct lineage) from pairing where district_id = $1") == 1)
    // What the new sponsor pays for this semester repays the fund.
    _ = try await district.pay(next, 100_000, on: "2026-11-06")
    #expect(try await district.closing(.general) == 500_000)
    try await district.healthy()
  }

  @Test("where the old sponsor pays after all, no other is looked for")
  func paidAfterAll() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    var settings = Pairings.Settings()
    settings.coverLimit = 1
    try await Pairings.set(settings, in: district.admin)
    let pairing = try await district.pairing()
    _ = try await cover(district)
    _ = try await district.pay(pairing, 100_000, on: "2026-11-05")
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "接续人"))
    #expect(try await district.propose().pairs == 0)
  }

  @Test("without a sponsor the child is bridged at once; cover of a child who stops goes back")
  func noSponsor() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "sponsor_death", on: "2026-09-25")
    #expect(try await cover(district, on: CalendarDate("2026-09-26")!).covered == 1)
    #expect(try await district.closing(.general) == 400_000)
    let payout = try await district.payouts(of: pairing)[0]
    try await Payouts.mark(
      payout.id, .cancelled, reason: "退学", on: CalendarDate("2026-10-01")!, in: district.admin)
    #expect(try await district.closing(.general) == 500_000)
    #expect(try await district.closing(.sponsorship) == 0)

    let other = try await district.pairing(on: "2026-09-26")
    _ = try await cover(district)
    #expect(try await district.closing(.general) == 400_000)
    _ = try await district.end(other, "death", on: "2026-11-03")
    #expect(try await district.closing(.general) == 500_000)
    try await district.healthy()
  }

  @Test("a payout is suspended and resumed, is paid once, and not touched once it is in a batch")
  func states() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 100_000)
    let day = TestDistrict.afterGrace
    let payout = try await district.payouts(of: pairing, TestDistrict.autumn)[0]
    #expect(payout.state == .planned && payout.isFunded)
    #expect(
      await refusal {
        try await Payouts.mark(payout.id, .suspended, on: day, in: district.admin)
      } == "pairing.reason_missing")
    try await Payouts.mark(payout.id, .suspended, reason: "核实", on: day, in: district.officer)
    #expect(try await district.coverage().suspended == 1)
    #expect(await refusal { try await district.payOut() } == "payout.not_funded")
    try await Payouts.mark(payout.id, .planned, on: day, in: district.officer)

    let made = try await district.payOut(on: "2026-11-16")
    #expect(made.total.fen == 100_000)
    #expect(try await district.payouts(of: pairing, TestDistrict.autumn)[0].state == .paid)
    #expect(await refusal { try await district.payOut() } == "payout.not_funded")
    #expect(
      await refusal {
        try await Payouts.mark(payout.id, .cancelled, reason: "x", on: day, in: district.admin)
      } == "payout.in_batch")
    let line = try await district.coverage()
    #expect(line.late == 1 && line.gaps.map(\.paidOn) == [CalendarDate("2026-11-16")])
    #expect(
      await refusal {
        try await Payouts.mark(payout.id, .planned, on: day, in: district.otherOfficer)
      } == "payout.unknown")
  }

  @Test("a semester is not closed over a child who is not paid")
  func closing() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    func items() async throws -> [OpenItem.Kind] {
      try await SemesterClosing.openItems(
        TestDistrict.autumn, today: TestDistrict.afterAutumn, in: district.second
      ).map(\.kind)
    }
    #expect(try await items().contains(.payout))
    let payout = try await district.payouts(of: pairing, TestDistrict.autumn)[0]
    try await Payouts.mark(
      payout.id, .cancelled, reason: "家庭放弃", on: TestDistrict.afterGrace, in: district.admin)
    #expect(try await !items().contains(.payout))
  }

  @Test("a child who is not recognised for the semester is not bridged, and told as the reason")
  func notRecognised() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let pairing = try await district.pairing()
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    try await district.setRecognition(of: student, "revoked")
    #expect(try await cover(district).covered == 0)
    let gap = try #require(try await district.coverage().gaps.first)
    #expect(gap.pairing == pairing && gap.why.zh == "本学年未认定")
  }

  private static let damages: [(sql: SQL, check: String)] = [
    (
      "update instalment set excused_fen = 0, excused_reason = null, excused_on = null where district_id = $1",
      "pairing.open_items"
    ),
    (
      "update commitment set total_fen = total_fen + 1 where district_id = $1",
      "pairing.instalments"
    ),
    ("delete from payout where district_id = $1 and state = 'planned'", "pairing.assured"),
    ("update cover set repaid_fen = 1 where district_id = $1", "cover.repaid"),
    ("update cover set amount_fen = amount_fen + 1 where district_id = $1", "cover.transfers"),
    ("delete from cover where district_id = $1", "cover.transfers"),
  ]

  @Test("the doctor names what somebody altered behind its back", arguments: damages.indices)
  func damaged(index: Int) async throws {
    let (damage, check) = Self.damages[index]
    let district = try await TestDistrict.make()
    _ = try await district.give(500_000)
    let first = try await district.pairing()
    _ = try await district.pairing()
    _ = try await district.end(first, "sponsor_request")
    _ = try await cover(district)
    try await district.healthy()
    let code = district.code
    try await TestPlatform.asOwner { session in
      try session.execute("set session_replication_role = replica")
      _ = try session.execute(damage, code)
    }
    let findings = try await Doctor.examine(in: district.admin)
    #expect(findings.map(\.check).contains(check), "\(findings.map(\.check))")
  }

  @Test("nothing else is spent as cover")
  func onlyCover() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100_000)
    try await district.pupils(1)
    #expect(await refusal { try await district.draft(.cover, 500) } == "fund.purpose_not_allowed")
  }
}
