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
}
