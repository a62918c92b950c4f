import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  /// A gift of this donor to the school's general fund.
  @discardableResult
  func gift(
    of donor: UUID, _ fen: Int64, on date: String = "2026-10-08", school: Schools.School? = nil,
    note: String? = nil, designation: String? = nil, handler: String? = nil
  ) async throws -> UUID {
    let home = school ?? self.school
    let fund = try await Funds.fund(for: designation, school: home.id, in: admin)
    var donation = Giving.NewDonation(
      donor: donor, fund: fund, school: home.id, semester: Self.autumn, amount: Money(fen: fen),
      receivedOn: CalendarDate(date)!)
    donation.note = note
    donation.designation = designation
    donation.handler = handler
    return try await Giving.record(donation, in: admin).id
  }

  /// A donor known by a number of its own, or by name alone.
  func giver(_ name: String, resident: Int? = nil, anonymous: Bool = false) async throws -> UUID {
    try await Donors.add(
      IdentifiedDonor(
        DonorDetails(kind: .individual, name: name, anonymous: anonymous),
        DonorNumbers(
          residentID: try resident.map { try ResidentID(DonorIdentityTests.resident($0)) })),
      school: school.id, in: admin
    ).id
  }

  func merge(_ from: UUID, into: UUID) async throws -> UUID {
    try await Donors.merge(from, into: into, reason: "同一人", in: admin)
  }

  func unmerge(_ merge: UUID) async throws {
    try await Donors.unmerge(merge, reason: "并错了", in: admin)
  }

  func totals(of donor: UUID) async throws -> DonorStatement.Totals {
    let statement = try await Donors.statement(.init(donor, withTotals: true), in: admin)
    return try #require(statement.totals)
  }
}

@Suite("Merging donors")
struct DonorMergeTests {
  @Test("merging two people loses no money (NPSP #2449, CiviCRM PR 4460)")
  func losesNothing() async throws {
    let district = try await TestDistrict.make()
    let (one, two) = (try await district.giver("试甲"), try await district.giver("试乙", resident: 1))
    let gift = try await district.gift(of: one, 10_001)
    try await district.gift(of: one, 99, school: district.otherSchool)
    try await district.gift(of: two, 500)
    _ = try await Giving.reverse(
      gift, amount: Money(fen: 1_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    let listed = try await Giving.list(in: district.admin).map(\.net).total()
    let funds = try await Funds.statements(TestDistrict.autumn, in: district.admin)
    let merge = try await district.merge(one, into: two)
    for record in [one, two] {
      let totals = try await district.totals(of: record)
      #expect(totals.gifts == 3)
      #expect(totals.given == Money(fen: 10_600))
      #expect(totals.takenBack == Money(fen: 1_000))
      #expect(totals.net == Money(fen: 9_600))
    }
    #expect(try await Giving.list(in: district.admin).map(\.net).total() == listed)
    let after = try await Funds.statements(TestDistrict.autumn, in: district.admin)
    #expect(after.map(\.closing) == funds.map(\.closing))
    // A school that sees one record only still sees its gifts.
    #expect(try await Giving.list(in: district.otherOfficer).map(\.amount.fen) == [99])
    let log = try await Donors.merges(of: one, in: district.admin)
    #expect(log.map(\.id) == [merge])
    #expect(log.map(\.given.fen) == [10_600])
    #expect(try await Doctor.examine(in: district.admin).map(\.check) == [])
  }

  @Test("gifts recorded for the merged record stand under the survivor, and go back with it")
  func laterGifts() async throws {
    let district = try await TestDistrict.make()
    let (one, two) = (try await district.giver("试甲"), try await district.giver("试乙"))
    try await district.gift(of: one, 100)
    let merge = try await district.merge(one, into: two)
    try await district.gift(of: one, 10)
    try await district.gift(of: two, 1)
    #expect(try await district.totals(of: two).given == Money(fen: 111))
    let again = try await district.giver("试甲")
    #expect(again == one)
    #expect(try await Giving.list(in: district.admin).map(\.donor) == ["试乙", "试乙", "试乙"])
    try await district.unmerge(merge)
    #expect(try await district.totals(of: one).given == Money(fen: 110))
    #expect(try await district.totals(of: two).given == Money(fen: 1))
  }

  @Test("merges are undone in any order: A into B, B into C")
  func chain() async throws {
    for firstUndone in [0, 1] {
      let district = try await TestDistrict.make()
      var donors: [UUID] = []
      for (index, name) in ["试甲", "试乙", "试丙"].enumerated() {
        donors.append(try await district.giver(name))
        try await district.gift(of: donors[index], [100, 10, 1][index])
      }
      func given() async throws -> [Int64] {
        var sums: [Int64] = []
        for donor in donors { sums.append(try await district.totals(of: donor).given.fen) }
        return sums
      }
      let merges = [
        try await district.merge(donors[0], into: donors[1]),
        try await district.merge(donors[1], into: donors[2]),
      ]
      #expect(try await given() == [111, 111, 111])
      try await district.unmerge(merges[firstUndone])
      #expect(try await given() == (firstUndone == 0 ? [100, 11, 11] : [110, 110, 1]))
      #expect(try await Doctor.examine(in: district.admin).map(\.check) == [])
      try await district.unmerge(merges[1 - firstUndone])
      #expect(try await given() == [100, 10, 1])
      #expect(
        await refusal { try await district.unmerge(merges[0]) } == "donor.undone_before")
      #expect(try await Doctor.examine(in: district.admin).map(\.check) == [])
    }
  }

  @Test("what is refused: itself, a merged record, another identity, the many called 匿名, a school")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let (one, two) = (
      try await district.giver("试甲", resident: 1), try await district.giver("试甲", resident: 2)
    )
    let (three, nobody) = (try await district.giver("试丙"), try await district.giver("匿名"))
    func merge(_ from: UUID, _ into: UUID, _ reason: String = "同一人") async -> String? {
      await refusal {
        try await Donors.merge(from, into: into, reason: reason, in: district.admin)
      }
    }
    #expect(await merge(one, one) == "donor.same")
    #expect(await merge(one, two) == "donor.other_identity")
    #expect(await merge(one, UUID()) == "donor.unknown")
    #expect(await merge(nobody, one) == "donor.no_one_donor")
    #expect(await merge(three, one, " ") == "donor.reason_missing")
    #expect(await merge(three, one, "就是试丙") == "donor.reason_names")
    #expect(await merge(three, one, "电话 13800138000") == "donor.reason_identifies")
    #expect(await merge(three, one) == nil)
    #expect(await merge(three, two) == "donor.merged_before")
    #expect(await merge(two, three) == "donor.merged_before")
    // An identity that came with a merged record counts as well.
    let four = try await district.giver("试丁")
    #expect(await merge(one, four) == nil)
    #expect(await merge(four, two) == "donor.other_identity")
    #expect(
      await refusal {
        try await Donors.merge(four, into: two, reason: "同一人", in: district.officer)
      } == "access.forbidden")
  }

  @Test("a repeated merge with one key has one effect")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    let (one, two) = (try await district.giver("试甲"), try await district.giver("试乙"))
    func merge() async throws -> UUID {
      try await Donors.merge(one, into: two, reason: "同一人", key: "m1", in: district.admin)
    }
    #expect(try await merge() == merge())
    #expect(try await Donors.merges(in: district.admin).count == 1)
  }

  @Test("merging in a circle at once: never a circle, and one level only")
  func circles() async throws {
    for _ in 0..<8 {
      let district = try await TestDistrict.make()
      var donors: [UUID] = []
      for name in ["试甲", "试乙", "试丙"] { donors.append(try await district.giver(name)) }
      let all = donors
      let codes = await withTaskGroup(of: String?.self) { group in
        for index in all.indices {
          group.addTask {
            await refusal {
              try await district.merge(all[index], into: all[(index + 1) % all.count])
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.allSatisfy { $0 == nil || $0 == "donor.merged_before" }, "\(codes)")
      #expect(codes.contains(nil))
      let merged = try await Donors.list(in: district.admin)
      let survivors = Set(merged.filter { $0.mergedInto == nil }.map(\.id))
      #expect(!survivors.isEmpty)
      #expect(merged.compactMap(\.mergedInto).allSatisfy(survivors.contains))
    }
  }

  @Test("gifts, refunds and merges at once leave all sums right")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    let (one, two) = (try await district.giver("试甲"), try await district.giver("试乙"))
    let first = try await district.gift(of: one, 100_000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<10 { try await district.unmerge(try await district.merge(one, into: two)) }
      }
      for donor in [one, two] {
        group.addTask { for _ in 0..<40 { try await district.gift(of: donor, 7) } }
      }
      group.addTask {
        for _ in 0..<40 {
          _ = try await Giving.reverse(
            first, amount: Money(fen: 3), as: .refund, on: TestDistrict.today,
            semester: TestDistrict.autumn, reason: "退还", in: district.admin)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await district.totals(of: one).net == Money(fen: 100_000 + 280 - 120))
    #expect(try await district.totals(of: two).net == Money(fen: 280))
    #expect(try await Doctor.examine(in: district.admin).map(\.check) == [])
  }

  @Test("an offer keeps its places, and a relative merged into the sponsor is a conflict")
  func offers() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(guardianResidentID: DonorIdentityTests.resident(1)))
    let offer = try await district.offer(SponsorDetails(kind: .individual, name: "试好人"))
    let sponsor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from offer where id = $1", offer)[0].get(0)
    }
    let parent = try await district.giver("试家长", resident: 1)
    let merge = try await district.merge(parent, into: sponsor)
    #expect(try await district.propose().pairs == 0)
    try await district.unmerge(merge)
    #expect(try await district.propose(replacing: true).pairs == 1)
    #expect(try await Offers.list(in: district.admin).map(\.places) == [1])
  }

  /// What somebody with all rights on the database might do, and the check that finds it.
  static let damages: [(damage: SQL, check: String)] = [
    ("update donor set merged_into = null where district_id = $1", "donor.merges"),
    (
      """
      update donor_merge set undone_at = now(), undone_by = actor_id, undo_reason = 'x'
      where district_id = $1
      """, "donor.merges"
    ),
    (
      "update donor set anonymous = not anonymous where district_id = $1 and merged_into is null",
      "donor.anonymity"
    ),
    ("delete from donor where district_id = $1 and merged_into is not null", "donor.sums"),
  ]

  @Test("the doctor names records that somebody altered", arguments: damages.indices)
  func damaged(index: Int) async throws {
    let (damage, check) = Self.damages[index]
    let district = try await TestDistrict.make()
    let (one, two) = (try await district.giver("试甲"), try await district.giver("试乙"))
    try await district.gift(of: one, 100)
    _ = try await district.merge(one, into: two)
    let code = district.code
    try await TestPlatform.asOwner { session in
      try session.execute("set session_replication_role = replica")
      _ = try session.execute(damage, code)
    }
    let findings = try await Doctor.examine(in: district.admin)
    #expect(findings.map(\.check).contains(check), "\(findings.map(\.check))")
  }

  @Test(
    "the application's role merges and names donors by no other way",
    arguments: [
      "update donor set merged_into = null", "update donor set anonymous = false",
      "update donor_merge set undone_at = null", "delete from donor_merge",
      "insert into donor_anonymity select * from donor_anonymity",
      "select donor_settle(array[gen_random_uuid()])",
    ])
  func onlyByFunctions(statement: String) async throws {
    let district = try await TestDistrict.make()
    let error = await failure {
      try await district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    guard case .privilege = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
