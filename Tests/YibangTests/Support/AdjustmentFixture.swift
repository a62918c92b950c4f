import Foundation
import HardshipRecognition
import SchoolCalendar

@testable import Yibang

extension RecognitionFixture {
  static let autumn = TestDistrict.autumn
  static let spring = Semester("2026-2027-2")!
  static let nextAutumn = Semester("2027-2028-1")!

  /// The spring of a district whose autumn ends in January, with a month between.
  func openSpring() async throws {
    _ = try await Semesters.open(
      Self.spring, from: CalendarDate("2027-03-01")!, to: CalendarDate("2027-08-31")!,
      in: district.admin)
  }

  func openAdjustment(
    _ semester: Semester = autumn, on day: String = "2026-11-02"
  ) async throws {
    let day = CalendarDate(day)!
    _ = try await Rounds.open(
      semester.schoolYear, adjusts: semester, school: district.school, announcedOn: day,
      reach: "家长群通知截图",
      deadlines: Rounds.Deadlines(
        apply: day.adding(days: 14), nominate: day.adding(days: 21), assess: day.adding(days: 28),
        decide: day.adding(days: 35)),
      in: officer)
  }

  func adjust(
    _ student: UUID, guardian: String? = nil, claims: [String] = [], words: String = "父亲重病",
    semester: Semester = autumn, on day: String = "2026-11-04", key: String? = nil
  ) async throws -> UUID {
    try await Cases.apply(
      .init(
        student: student, semester: semester, guardian: guardian, signed: guardian != nil,
        claims: claims, words: words),
      on: CalendarDate(day)!, key: key, in: officer
    ).id
  }

  /// Takes a case from its application to the filing.
  /// - Parameter tier: what the school decides; nil: not, or no longer, recognised.
  func settle(
    _ id: UUID, tier: Tier?, adjusts: Semester? = nil, steps: String, posted: String, filed: String
  ) async throws {
    try await decide(id, tier: tier, adjusts: adjusts, steps: steps, posted: posted)
    try await Cases.file([id], on: CalendarDate(filed)!, in: officer)
  }

  /// As far as the notice.
  func decide(
    _ id: UUID, tier: Tier?, adjusts: Semester? = nil, steps: String, posted: String
  ) async throws {
    let day = CalendarDate(steps)!
    try await Cases.nominate([id], nominated: true, on: day, in: officer)
    try await Cases.setPanel([id], assessors: ["a1", "a2"], on: day, in: officer)
    for (assessor, method) in zip(assessors, [AssessmentMethod.homeVisit, .interview]) {
      _ = try await Cases.assess(
        id, method: method, showsHardship: tier != nil, words: "已走访", on: day, in: assessor)
    }
    _ = try await Cases.propose(
      id, proofs: [],
      decision: tier.map { SchoolDecision(tier: $0, justification: "家庭情况") },
      rejection: tier == nil ? "收入已恢复" : nil, on: day, in: officer)
    for member in members.prefix(2) {
      _ = try await Cases.vote([id], agrees: true, on: day, in: member)
    }
    _ = try await Notices.post(
      (adjusts ?? Self.autumn).schoolYear, adjusts: adjusts, school: district.school.id,
      on: CalendarDate(posted)!, in: officer)
  }

  /// A pupil whose yearly recognition is filed on 2026-10-20.
  func recognised(_ name: String = "样小例", tier: Tier = .difficult) async throws -> UUID {
    let student = try await pupil(name)
    let id = try await apply(student, claims: [])
    try await settle(
      id, tier: tier, steps: "2026-10-09", posted: "2026-10-12", filed: "2026-10-20")
    return student
  }

  /// The tier on a day, as anybody may ask.
  func tier(_ student: UUID, on day: String, in context: Context? = nil) async throws -> String? {
    let entries = try await Recognitions.on(
      CalendarDate(day)!, student: student, in: context ?? officer)
    precondition(entries.count <= 1)
    return entries.first.map { $0.state == .filed ? $0.tier.rawValue : $0.state.rawValue }
  }
}
