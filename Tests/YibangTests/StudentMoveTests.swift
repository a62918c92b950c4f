import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Pupils who go to another school")
struct StudentMoveTests {
  private static let today = TestDistrict.today
  private static let day = CalendarDate("2026-11-09")!

  private static func propose(
    _ student: UUID, to school: Schools.School, on day: CalendarDate = day, key: String? = nil,
    in context: Context
  ) async throws -> StudentMoves.Outcome {
    try await StudentMoves.move(
      student, to: SchoolCode(school.code), on: day, today: today, key: key, in: context)
  }

  @Test("the old school proposes and the new one accepts; all that is the child's follows")
  func bothSides() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let student = try #require(try await Pairings.list(in: district.admin).first).student
    let old = district.officer
    let new = district.otherOfficer
    let proposed = try await Self.propose(
      student, to: district.otherSchool, key: "m1", in: old)
    #expect(proposed.state == .proposed)
    #expect(
      try await Self.propose(student, to: district.otherSchool, key: "m1", in: old).move
        == proposed.move)
    #expect(
      await refusal { try await Self.propose(student, to: district.otherSchool, in: old) }
        == "move.proposed_before")
    #expect(
      await refusal { try await StudentMoves.accept(proposed.move, today: Self.today, in: old) }
        == "move.other_side")
    let incoming = try await StudentMoves.list(openOnly: true, in: new)
    #expect(incoming.map(\.isIncoming) == [true])
    #expect(incoming.map(\.name.description) == ["样*例"])
    #expect(try await Students.list(year: RecognitionFixture.year, in: new).isEmpty)

    let done = try await StudentMoves.accept(proposed.move, today: Self.today, in: new)
    #expect(done.state == .done && !done.caseEnded)
    #expect(
      await refusal { try await StudentMoves.accept(proposed.move, today: Self.today, in: new) }
        == "move.state")
    #expect(try await Students.list(year: RecognitionFixture.year, in: old).isEmpty)
    let seen = try await Students.list(year: RecognitionFixture.year, in: new)
    #expect(seen.map(\.tier) == ["difficult"])
    #expect(seen.map(\.consent) == [true])
    #expect(seen.map(\.className) == [nil])
    #expect(try await Pairings.list(in: new).map(\.id) == [pairing])
    #expect(try await Pairings.list(in: old).isEmpty)
    let commitment = try await Commitments.show(pairing: pairing, today: Self.today, in: new)
    #expect(commitment.instalments.count == 6)

    let stays = try await StudentMoves.stays(of: student, in: new)
    #expect(stays.map(\.school) == ["第一小学", "第一中学"])
    #expect(stays.map(\.until) == [CalendarDate("2026-11-08"), nil])
    for (day, school) in [("2026-11-08", "第一小学"), ("2026-11-09", "第一中学")] {
      let entries = try await Recognitions.on(CalendarDate(day)!, student: student, in: new)
      #expect(entries.map(\.school) == [school])
    }
    #expect(
      await refusal { try await StudentMoves.stays(of: student, in: old) } == "student.unknown")
    #expect(
      await refusal { try await Recognitions.history(of: student, in: old) } == "student.unknown")
    try await district.healthy()
  }

  @Test("a case under way ends at the old school and goes on at the new one, if that has a round")
  func cases() async throws {
    let fixture = try await RecognitionFixture.make()
    let district = fixture.district
    let id = try await fixture.recognise(to: .onNotice)
    let student: UUID = try await fixture.officer.read {
      try $0.query("select student_id from recognition_case where id = $1", id)[0].get(0)
    }
    func open(_ school: Schools.School, in context: Context) async throws {
      _ = try await Rounds.open(
        RecognitionFixture.year, school: school, announcedOn: RecognitionFixture.announced,
        reach: "家长会", deadlines: .init(announcedOn: RecognitionFixture.announced), in: context)
    }
    try await open(district.otherSchool, in: district.otherOfficer)
    let moved = try await Self.propose(
      student, to: district.otherSchool, on: CalendarDate("2026-09-21")!, in: district.admin)
    #expect(moved.state == .done && moved.caseEnded && moved.caseGoesOn)
    #expect(try await fixture.state(id) == .withdrawn)
    #expect(
      try await Notices.running(on: CalendarDate("2026-09-22")!, in: district.admin).isEmpty)
    let there = try await Cases.list(
      .init(year: RecognitionFixture.year), today: Self.today, in: district.otherOfficer)
    #expect(there.map(\.state) == [.applied])
    // The old school keeps what it did, and no longer knows whose it was.
    let here = try await Cases.list(
      .init(year: RecognitionFixture.year), today: Self.today, in: district.officer)
    #expect(here.map(\.name) == [""])
    #expect(try await Cases.steps(id, in: district.officer).last?.state == .withdrawn)

    let other = try await Self.propose(student, to: district.school, in: district.admin)
    #expect(other.caseEnded && !other.caseGoesOn)
  }

  @Test("payment lines stay with the school that owes them, and nobody is paid twice")
  func payments() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(10_000)
    try await district.pupils(2)
    let batch = try await district.approvedBatch(.study, 1_000)
    let student = try await PaymentBatches.lines(batch, in: district.admin)[0].student
    _ = try await Self.propose(student, to: district.otherSchool, in: district.admin)
    let fund = try await Funds.fund(for: nil, school: district.otherSchool.id, in: district.admin)
    let again = await refusal {
      try await PaymentBatches.make(
        NewPaymentBatch(
          school: district.otherSchool, fund: fund, purpose: .study, semester: TestDistrict.autumn,
          title: "转入"), rule: .fixed(Money(fen: 1_000)), in: district.otherOfficer)
    }
    #expect(again == "payment.already_paid")
    _ = try await PaymentBatches.pay(batch, on: TestDistrict.october, in: district.admin)
    #expect(try await PaymentBatches.lines(batch, in: district.officer).count == 2)
    #expect(try await PaymentBatches.list(in: district.otherOfficer).isEmpty)
    #expect(try await district.figures(batch)[1] == 2_000)
    try await district.healthy()
  }

  @Test("bad days, schools and roles are refused; a transfer can be given up")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let student = try await district.pupil()
    func code(
      _ to: Schools.School? = nil, on day: CalendarDate = Self.day, in context: Context
    ) async -> String? {
      await refusal {
        try await Self.propose(student, to: to ?? district.otherSchool, on: day, in: context)
      }
    }
    #expect(await code(in: district.otherOfficer) == "move.unknown_pupil")
    #expect(await code(district.school, in: district.officer) == "move.same_school")
    let nowhere = Schools.School(id: UUID(), code: "2199000099", name: "")
    #expect(await code(nowhere, in: district.officer) == "move.unknown_school")
    #expect(
      await code(on: CalendarDate("2026-11-21")!, in: district.officer) == "move.not_yet")
    let principal = try await PaymentBatchTests.user("pri", .principal, district)
    #expect(await code(in: principal) == "access.forbidden")

    let move = try await Self.propose(student, to: district.otherSchool, in: district.officer).move
    try await StudentMoves.cancel(move, in: district.otherOfficer)
    #expect(
      await refusal { try await StudentMoves.cancel(move, in: district.officer) } == "move.state")
    #expect(
      await refusal { try await StudentMoves.cancel(UUID.v7(), in: district.officer) }
        == "move.unknown")
    #expect(await code(in: district.admin) == nil)
    #expect(
      await code(district.school, on: CalendarDate("2026-11-01")!, in: district.admin)
        == "move.before_last")
    #expect(await code(district.school, in: district.admin) == nil)
    #expect(
      try await StudentMoves.stays(of: student, in: district.admin).map(\.school)
        == ["第一小学", "第一中学", "第一小学"])
  }

  @Test("a roster of the new school says to transfer the pupil first, and then takes it")
  func roster() async throws {
    let district = try await TestDistrict.make()
    let sheet = "年级,班级,姓名,身份证号\n三年级,2班,样小例,990000201503010017\n"
    _ = try await district.importRoster(sheet)
    let student = try #require(
      try await Students.list(year: RecognitionFixture.year, in: district.admin).first
    ).id
    func there() async throws -> ImportReport {
      try await district.sheet(sheet) { path in
        try await Students.importRoster(
          ImportRequest(
            path: path, school: district.otherSchool, semester: TestDistrict.autumn,
            today: Self.today, skipRefused: true), school: district.otherSchool, in: district.admin)
      }
    }
    let before = try await there()
    #expect(before.refused.map(\.advice.zh).allSatisfy { $0.contains("student transfer") })
    #expect(before.refusedRows == 1)
    _ = try await Self.propose(student, to: district.otherSchool, in: district.admin)
    let after = try await there()
    #expect(after.refusedRows == 0 && after.updated == 1)
  }

  @Test("of two who accept at once, one wins; accepting or giving up, one does; 50 rounds")
  func races() async throws {
    let district = try await TestDistrict.make()
    for round in 1...50 {
      let student = try await district.pupil()
      let move = try await Self.propose(
        student, to: district.otherSchool, in: district.officer
      ).move
      let result =
        round.isMultiple(of: 2)
        ? await race(
          { try await StudentMoves.accept(move, today: Self.today, in: district.admin).state },
          {
            try await StudentMoves.accept(move, today: Self.today, in: district.otherOfficer).state
          })
        : await race(
          {
            try await StudentMoves.accept(move, today: Self.today, in: district.otherOfficer).state
          },
          {
            try await StudentMoves.cancel(move, in: district.officer)
            return .cancelled
          })
      #expect(result.won == 1)
      #expect(result.codes == ["move.state"])
    }
  }
}
