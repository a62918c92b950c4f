import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Conflict of interest in proposals")
struct ProposalConflictTests {
  /// A sponsor and a pupil that must not meet.
  struct Case: Sendable {
    let title: String
    let pupil: TestPupil
    let sponsor: @Sendable () throws -> SponsorDetails
    let words: String
  }

  static let cases: [Case] = [
    Case(
      title: "guardian's phone", pupil: TestPupil(guardianPhone: "13800000001"),
      sponsor: {
        SponsorDetails(kind: .individual, name: "试甲", mobile: try Mobile("138 0000 0001"))
      }, words: "与监护人电话相同"),
    Case(
      title: "guardian's phone, given for a company",
      pupil: TestPupil(guardianPhone: "13800000002"),
      sponsor: {
        SponsorDetails(kind: .company, name: "试公司", mobile: try Mobile("13800000002"))
      }, words: "与监护人电话相同"),
    Case(
      title: "guardian's resident ID",
      pupil: TestPupil(guardianResidentID: "990000201503010017"),
      sponsor: {
        SponsorDetails(
          kind: .partyMember, name: "试乙", residentID: try ResidentID("990000201503010017"))
      }, words: "证件号相同"),
    Case(
      title: "the pupil itself", pupil: TestPupil(residentID: "990000201609150026"),
      sponsor: {
        SponsorDetails(
          kind: .student, name: "试丙", residentID: try ResidentID("990000201609150026"))
      }, words: "证件号相同"),
    Case(
      title: "guardian's name", pupil: TestPupil(guardian: "样父亲"),
      sponsor: { SponsorDetails(kind: .individual, name: "样　父亲") }, words: "与监护人姓名相同"),
    Case(
      title: "class teacher at the same school", pupil: TestPupil(headTeacher: "样老师"),
      sponsor: { SponsorDetails(kind: .teacher, name: "样老师", employer: "第一小学") },
      words: "班主任"),
    Case(
      title: "class teacher whose school has the district's name before it",
      pupil: TestPupil(headTeacher: "样老师"),
      sponsor: { SponsorDetails(kind: .teacher, name: "样老师", employer: "测试区第一小学") },
      words: "班主任"),
    Case(
      title: "teacher of that name whose school is not known",
      pupil: TestPupil(headTeacher: "样老师"),
      sponsor: { SponsorDetails(kind: .teacher, name: "样老师") }, words: "班主任"),
    Case(
      title: "party member of that name who works at the school",
      pupil: TestPupil(headTeacher: "样老师"),
      sponsor: { SponsorDetails(kind: .partyMember, name: "样老师", employer: "第一小学") },
      words: "班主任"),
  ]

  @Test("sponsor and pupil in conflict are never paired, and both are told why", arguments: cases)
  func conflict(_ example: Case) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(example.pupil)
    _ = try await district.offer(try example.sponsor())
    let summary = try await district.propose()
    #expect(summary.pairs == 0, "\(example.title)")
    #expect(summary.unserved.map(\.reason.code) == ["conflict"], "\(example.title)")
    #expect(summary.unserved.first?.reason.zh.contains(example.words) == true)
    #expect(summary.freePlaces.map(\.reason.code) == ["conflict"], "\(example.title)")
  }

  @Test(
    "a namesake elsewhere is no conflict",
    arguments: [
      SponsorDetails(kind: .teacher, name: "样老师", employer: "第一中学"),
      SponsorDetails(kind: .individual, name: "样老师"),
      SponsorDetails(kind: .company, name: "样家长"),
    ])
  func noConflict(sponsor: SponsorDetails) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil(TestPupil(headTeacher: "样老师", guardian: "样家长"))
    _ = try await district.offer(sponsor)
    #expect(try await district.propose().pairs == 1)
  }

  @Test("a guardian who is recorded after the proposal still stops the pair")
  func recordedLater() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    _ = try await district.offer(
      SponsorDetails(kind: .individual, name: "试家长", mobile: try Mobile("13800000003")))
    let proposal = try await district.approved()
    try await district.change(
      """
      insert into guardian (district_id, id, school_id, student_id, name)
      select district_id, gen_random_uuid(), school_id, id, '试家长' from student
      where district_id = $1 and id = $2
      """, pupil)
    #expect(
      await refusal { try await district.accept(proposal) } == "pairing.conflict_of_interest")
    #expect(try await district.count("select count(*) from pairing where district_id = $1") == 0)
  }

  /// Makes a guardian of the pupil out of a name, as a later roster does.
  private static func record(guardian: String, of pupil: UUID, _ district: TestDistrict)
    async throws
  {
    try await district.change(
      """
      insert into guardian (district_id, id, school_id, student_id, name)
      select district_id, gen_random_uuid(), school_id, id, $3 from student
      where district_id = $1 and id = $2
      """, pupil, guardian)
  }

  /// Two pupils, each proposed to a sponsor, the first one's being its guardian from now on.
  private static func found(
    approved: Bool
  ) async throws -> (district: TestDistrict, proposal: UUID, pupil: UUID) {
    let district = try await TestDistrict.make()
    var pupils: [String: UUID] = [:]
    for name in ["甲", "乙"] {
      pupils[name] = try await district.pupil(TestPupil(name: "样小\(name)"))
      _ = try await district.offer(SponsorDetails(kind: .individual, name: "试\(name)"))
    }
    let proposal = try await approved ? district.approved() : district.propose().id
    let pairs = try await Proposals.show(proposal, in: district.admin).pairs
    let first = try #require(pairs.first)
    let sponsor = first.sponsor
    try await record(guardian: sponsor, of: first.student, district)
    return (district, proposal, first.student)
  }

  private static func states(_ proposal: UUID, _ district: TestDistrict) async throws -> [String] {
    try await Proposals.show(proposal, in: district.admin).pairs.map(\.state.rawValue).sorted()
  }

  private static func reasons(_ district: TestDistrict) async throws -> Int {
    try await district.count(
      """
      select count(*) from audit
      where district_id = $1 and action = 'match.lapse' and after ->> 'reason' = 'conflict'
        and after ->> 'conflict' in ('same_name', 'ended_before')
      """)
  }

  @Test("what came to light after the proposal is not approved: the pair lapses, the others go on")
  func lapsesOnApproval() async throws {
    let (district, proposal, _) = try await Self.found(approved: false)
    let summary = try await Proposals.approve(
      proposal, on: TestDistrict.approval, in: district.second)
    #expect(summary.state == .approved && summary.open == 1)
    #expect(try await Self.states(proposal, district) == ["lapsed", "proposed"])
    #expect(try await Self.reasons(district) == 1)
  }

  @Test("nor is its sponsor told of it: the pair lapses, with the reason")
  func lapsesOnSending() async throws {
    let (district, proposal, _) = try await Self.found(approved: true)
    let day = try #require(CalendarDate("2026-09-20"))
    let sending = try await Proposals.send(proposal, on: day, in: district.admin)
    #expect(sending.held == 1 && sending.withheld == 0)
    #expect(sending.lapsed.map(\.why.zh) == ["与监护人姓名相同"])
    #expect(try await Self.states(proposal, district) == ["held", "lapsed"])
    #expect(try await Self.reasons(district) == 1)
    #expect(try await Proposals.send(proposal, on: day, in: district.admin).lapsed.isEmpty)
  }

  @Test("a proposal all of whose pairs lapse is over, and nobody is told")
  func lapsesWhole() async throws {
    let district = try await TestDistrict.make()
    let pupil = try await district.pupil()
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试家长"))
    let proposal = try await district.approved()
    try await Self.record(guardian: "试家长", of: pupil, district)
    let day = try #require(CalendarDate("2026-09-20"))
    let sending = try await Proposals.send(proposal, on: day, in: district.admin)
    #expect(sending.held == 0 && sending.lapsed.count == 1)
    #expect(try await Proposals.show(proposal, in: district.admin).summary.state == .withdrawn)
  }

  @Test(
    "a pupil that is kept is kept no longer, is told of in no letter, and lapses within the day")
  func lapsesWhileHeld() async throws {
    let district = try await TestDistrict.make()
    let admin = district.admin
    let pupil = try await district.pupil()
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试家长"))
    let proposal = try await district.approved()
    let day = try #require(CalendarDate("2026-09-20"))
    _ = try await Proposals.send(proposal, on: day, in: admin)
    #expect(try await Proposals.lapseConflicts(on: day, in: admin) == 0)
    try await Self.record(guardian: "试家长", of: pupil, district)
    let pair = try #require(try await Proposals.show(proposal, in: admin).pairs.first).id
    let conflict = "pairing.conflict_of_interest"
    #expect(
      await refusal { try await Proposals.extend(pair: pair, on: day, in: admin) } == conflict)
    #expect(
      await refusal { try await HoldNotices.notices(of: proposal, on: day, in: admin) } == conflict)
    #expect(await refusal { try await district.accept(proposal) } == conflict)
    #expect(try await Proposals.lapseConflicts(on: day, in: admin) == 1)
    #expect(try await Proposals.lapseConflicts(on: day, in: admin) == 0)
    #expect(try await Self.states(proposal, district) == ["lapsed"])
    #expect(try await Self.reasons(district) == 1)
  }

  @Test("a pairing ended for conflict of interest takes the sponsor's other open pair with it")
  func lapsesWithPairing() async throws {
    let district = try await TestDistrict.make()
    let sponsor = SponsorDetails(kind: .individual, name: "试资助人")
    _ = try await district.pupil()
    _ = try await district.offer(sponsor)
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    try await district.change(
      "update pairing set rematch_since = '2026-10-01' where district_id = $1 and id = $2", pairing)
    _ = try await district.offer(sponsor, amount: 200_000)
    let proposal = try await district.approved()
    #expect(try await Self.states(proposal, district) == ["proposed"])
    _ = try await district.end(pairing, "conflict_of_interest")
    #expect(try await Self.states(proposal, district) == ["lapsed"])
    #expect(try await Proposals.show(proposal, in: district.admin).summary.state == .withdrawn)
    #expect(try await Self.reasons(district) == 1)
  }

  @Test("who turns out to be the sponsor of an ended conflict is not told of the pupil again")
  func lapsesAfterMerge() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "conflict_of_interest")
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试另名"))
    let proposal = try await district.approved()
    let (old, new): (UUID, UUID) = try await district.admin.read { session in
      let rows = try session.query(
        "select donor_id from offer where district_id = $1 order by recorded_at", district.code)
      return (try rows[0].get(0), try rows[1].get(0))
    }
    _ = try await district.merge(new, into: old)
    let conflict = await failure { try await district.accept(proposal, on: "2026-10-25") }
    #expect((conflict as? any YibangError)?.text.zh.contains("利害关系") == true)
    let sending = try await Proposals.send(
      proposal, on: try #require(CalendarDate("2026-10-25")), in: district.admin)
    #expect(sending.held == 0 && sending.lapsed.map(\.why.en) == [ConflictKind.endedBefore.name.en])
  }
}
