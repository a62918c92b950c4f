import Foundation
import HardshipRecognition
import SchoolCalendar

@testable import Yibang

/// A school at its yearly recognition: an officer, two assessors, a leading group of three of whom one
/// is the principal, and an uninvolved reviewer.
struct RecognitionFixture {
  static let year = SchoolYear(firstYear: 2026)!
  static let announced = CalendarDate("2026-09-02")!
  /// The days on which the steps are taken.
  static let day = CalendarDate("2026-09-10")!
  static let posted = CalendarDate("2026-09-18")!
  static let noticeEnds = CalendarDate("2026-09-24")!
  static let afterNotice = CalendarDate("2026-09-25")!

  let district: TestDistrict
  let officer: Context
  let assessors: [Context]
  let members: [Context]
  let reviewer: Context

  /// - Parameter prefix: of the logins, for a second school of the district.
  static func make(
    _ district: TestDistrict? = nil, prefix: String = ""
  ) async throws -> RecognitionFixture {
    let district = if let district { district } else { try await TestDistrict.make() }
    func user(_ name: String, _ role: Role) async throws -> Context {
      let login = prefix + name
      _ = try await Users.add(
        login: login, name: login, role: role, school: district.school.id, in: district.admin)
      return try await district.asUser(login)
    }
    let assessors = [try await user("a1", .assessor), try await user("a2", .assessor)]
    let members = [
      try await user("principal", .principal), try await user("m2", .assessor),
      try await user("m3", .assessor),
    ]
    let reviewer = try await user("reviewer", .principal)
    for member in members {
      _ = try await Rounds.addMember(
        member.actor.login, school: district.school.id, since: announced, in: district.officer)
    }
    _ = try await Rounds.open(
      year, school: district.school, announcedOn: announced, reach: "家长会签到表，档案柜三",
      deadlines: Rounds.Deadlines(announcedOn: announced), in: district.officer)
    return RecognitionFixture(
      district: district, officer: district.officer, assessors: assessors, members: members,
      reviewer: reviewer)
  }

  func pupil(
    _ name: String = "样小例", guardian: String = "样家长", residentID: String? = nil,
    guardianResidentID: String? = nil
  ) async throws -> UUID {
    var pupil = TestPupil()
    pupil.residentID = residentID
    pupil.guardianResidentID = guardianResidentID
    pupil.name = name
    pupil.tier = nil
    pupil.consents = false
    pupil.guardian = guardian
    return try await district.pupil(pupil)
  }

  func apply(
    _ student: UUID, claims: [String] = ["孤儿"], signed: Bool = true, on day: CalendarDate = day,
    key: String? = nil
  ) async throws -> UUID {
    try await Cases.apply(
      student: student, year: Self.year, guardian: "样家长", claims: claims, signed: signed, on: day,
      key: key, in: officer
    ).id
  }

  static let orphanProof = [Proof(department: "civil-affairs", form: .screenshot)]

  /// A case in a state, through all steps before it.
  func recognise(
    _ name: String = "样小例", to state: CaseState, claims: [String] = ["孤儿"]
  ) async throws -> UUID {
    let id = try await apply(try await pupil(name), claims: claims)
    if state == .applied { return id }
    try await Cases.nominate([id], nominated: true, on: Self.day, in: officer)
    if state == .nominated { return id }
    try await assess(id)
    _ = try await Cases.propose(id, proofs: Self.orphanProof, on: Self.day, in: officer)
    if state == .assessed { return id }
    for member in members.prefix(2) {
      _ = try await Cases.vote([id], agrees: true, on: Self.day, in: member)
    }
    if state == .decided { return id }
    _ = try await Notices.post(Self.year, school: district.school.id, on: Self.posted, in: officer)
    if state == .onNotice { return id }
    try await Cases.file([id], on: Self.afterNotice, in: officer)
    return id
  }

  func assess(_ id: UUID) async throws {
    try await Cases.setPanel(
      [id], assessors: assessors.map(\.actor.login), on: Self.day, in: officer)
    for (assessor, method) in zip(assessors, [AssessmentMethod.homeVisit, .interview]) {
      _ = try await Cases.assess(
        id, method: method, showsHardship: true, words: "家中无固定收入", on: Self.day, in: assessor)
    }
  }

  func state(_ id: UUID) async throws -> CaseState? {
    let cases = try await Cases.list(
      .init(year: Self.year), today: Self.day, in: district.admin)
    return cases.first { $0.id == id }?.state
  }
}
