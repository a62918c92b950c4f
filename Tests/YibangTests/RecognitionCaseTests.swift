import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("A case of recognition, step by step")
struct RecognitionCaseTests {
  typealias Fixture = RecognitionFixture

  @Test("from application to filing, and the recognition is there with its rules and reasons")
  func wholeWay() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .filed)

    #expect(try await fixture.state(id) == .filed)
    let steps = try await Cases.steps(id, in: fixture.officer)
    #expect(
      steps.map(\.state) == [.applied, .nominated, .assessed, .decided, .onNotice, .filed])
    #expect(steps.map(\.by) == ["officer", "officer", "officer", "m2", "officer", "officer"])
    let row: [String] = try await fixture.officer.read { session in
      let row = try session.query(
        """
        select tier, category, rule_set, rule_version::text, filed_on::text, state
        from recognition
        """)[0]
      return try (0..<6).map { try row.get($0) }
    }
    #expect(row[0...4] == ["special", "orphan", "yunnan", "1", "2026-09-25"])
    #expect(row[5] == "filed")
    let vault = fixture.officer.platform.vault
    let grounds = try await fixture.officer.read { session in
      let row = try session.query("select grounds_sealed from recognition_case where id = $1", id)[
        0]
      return try vault.openJSON(
        CaseGrounds.Proposal.self, try row.get(0), at: CaseGrounds.proposal(of: id))
    }
    #expect(grounds?.reasons.contains { $0.ruleRef.contains("第十条（三）") } == true)
  }

  @Test("what each step needs", arguments: CaseState.allCases)
  func orderOfSteps(state: CaseState) async throws {
    let fixture = try await Fixture.make()
    let id: UUID
    switch state {
    case .withdrawn:
      id = try await fixture.recognise(to: .applied)
      try await Cases.withdraw(id, on: Fixture.day, in: fixture.officer)
    case .notNominated:
      id = try await fixture.recognise(to: .applied)
      try await Cases.nominate([id], nominated: false, on: Fixture.day, in: fixture.officer)
    case .rejected:
      id = try await fixture.recognise(to: .nominated, claims: ["低保"])
      try await fixture.assess(id)
      _ = try await Cases.propose(
        id, proofs: [], rejection: "没有证明", on: Fixture.day, in: fixture.officer)
      for member in fixture.members.prefix(2) {
        _ = try await Cases.vote([id], agrees: true, on: Fixture.day, in: member)
      }
    default: id = try await fixture.recognise(to: state)
    }
    #expect(try await fixture.state(id) == state)

    let day = Fixture.afterNotice
    let officer = fixture.officer
    let steps: [(from: CaseState, step: () async throws -> Void)] = [
      (.applied, { try await Cases.nominate([id], nominated: true, on: day, in: officer) }),
      (
        .nominated,
        { try await Cases.setPanel([id], assessors: ["a1", "a2"], on: day, in: officer) }
      ),
      (.nominated, { _ = try await Cases.propose(id, proofs: [], on: day, in: officer) }),
      (
        .assessed,
        { _ = try await Cases.vote([id], agrees: true, on: day, in: fixture.members[2]) }
      ),
      (.onNotice, { try await Cases.file([id], on: day, in: officer) }),
    ]
    for (from, step) in steps where from != state {
      #expect(code(await failure(step)) == "recognition.wrong_state")
    }
    #expect(try await fixture.state(id) == state)
  }

  @Test("no program writes a case, a vote or a notice but through the steps")
  func databaseRefuses() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.recognise(to: .decided)
    for statement in [
      "update recognition_case set state = 'filed'", "delete from recognition_case",
      "insert into case_vote select district_id, id, 1, proposed_by, true, current_date "
        + "from recognition_case",
      "update notice_line set masked_name = 'x'", "delete from objection",
      "update recognition_step set on_date = current_date",
      "select score from case_assessment", "select private_sealed from case_assessment",
    ] {
      let error = await failure {
        try await fixture.officer.write { try $0.script(SQL(trusted: statement)) }
      }
      guard case .privilege? = error as? PostgresError else {
        Issue.record("\(statement): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("an application needs an announcement, a signature, a guardian and the time for it")
  func application() async throws {
    let fixture = try await Fixture.make()
    let student = try await fixture.pupil()
    let early = CalendarDate("2026-09-01")!
    let late = CalendarDate("2026-12-01")!
    func refusal(
      claims: [String] = [], signed: Bool = true, on day: CalendarDate = Fixture.day
    ) async -> String? {
      code(
        await failure { try await fixture.apply(student, claims: claims, signed: signed, on: day) })
    }
    #expect(await refusal(signed: false) == "recognition.not_signed")
    #expect(await refusal(on: early) == "recognition.before_announcement")
    #expect(await refusal(on: late) == "recognition.after_deadline")
    #expect(await refusal(claims: ["富裕"]) == "recognition.unknown_category")
    let stranger = await failure {
      try await Cases.apply(
        student: student, year: Fixture.year, guardian: "别人", claims: [], signed: true,
        on: Fixture.day, in: fixture.officer)
    }
    #expect(code(stranger) == "recognition.not_guardian")
    let noRound = await failure {
      try await Cases.apply(
        student: student, year: SchoolYear(firstYear: 2025)!, guardian: "样家长", claims: [],
        signed: true, on: Fixture.day, in: fixture.officer)
    }
    #expect(code(noRound) == "recognition.unknown_round")
    let first = try await fixture.apply(student, key: "k")
    #expect(try await fixture.apply(student, key: "k") == first)
    #expect(await refusal() == "recognition.applied_before")
    let other = await failure {
      try await Cases.nominate(
        [first], nominated: true, on: Fixture.day, in: fixture.district.otherOfficer)
    }
    #expect(code(other) == "recognition.unknown_case")
  }

  @Test("assessors see nothing of each other until all have answered")
  func hiddenFindings() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .nominated)
    let officer = fixture.officer
    #expect(
      code(
        await failure {
          try await Cases.setPanel([id], assessors: ["a1"], on: Fixture.day, in: officer)
        }) == "recognition.panel_too_small")
    try await Cases.setPanel([id], assessors: ["a1", "a2"], on: Fixture.day, in: officer)
    let (first, second) = (fixture.assessors[0], fixture.assessors[1])
    #expect(
      code(
        await failure {
          try await Cases.assess(
            id, method: .score, showsHardship: true, on: Fixture.day, in: first)
        }) == "recognition.score_with_method")
    _ = try await Cases.assess(
      id, method: .score, showsHardship: true, score: 71, words: "甲见", on: Fixture.day, in: first)

    for reader in [second, officer] {
      let seen = try await Cases.findings(id, in: reader)
      #expect(seen.map(\.score) == [nil])
      #expect(seen.map(\.showsHardship) == [nil])
      #expect(seen.map(\.words) == [nil])
    }
    #expect(try await Cases.findings(id, in: first).map(\.score) == [71])
    let early = await failure {
      try await Cases.propose(id, proofs: [], on: Fixture.day, in: officer)
    }
    #expect(code(early) == "recognition.panel_incomplete")
    #expect(
      code(
        await failure {
          try await Cases.setPanel([id], assessors: ["a2", "m2"], on: Fixture.day, in: officer)
        }) == "recognition.panel_begun")
    #expect(
      code(
        await failure {
          try await Cases.assess(
            id, method: .letter, showsHardship: true, on: Fixture.day, in: fixture.members[1])
        }) == "recognition.not_on_panel")

    _ = try await Cases.assess(
      id, method: .score, showsHardship: false, score: 12, on: Fixture.day, in: second)
    let seen = try await Cases.findings(id, in: second)
    #expect(Set(seen.map(\.score)) == [71, 12])
    #expect(seen.first { $0.assessor == "a1" }?.words == "甲见")
    // Both found what they found under their own names, and see their own cases alone.
    let own = try await Cases.list(.init(year: Fixture.year), today: Fixture.day, in: second)
    #expect(own.map(\.id) == [id])
    #expect(
      try await Cases.list(
        .init(year: Fixture.year), today: Fixture.day, in: fixture.members[1]
      ).isEmpty)
  }

  @Test("a tier that the rules leave to the school, or a harder one, needs a reason")
  func schoolDecides() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .nominated, claims: ["其他"])
    try await fixture.assess(id)
    let silent = await failure {
      try await Cases.propose(
        id, proofs: [], decision: SchoolDecision(tier: .general, justification: " "),
        on: Fixture.day, in: fixture.officer)
    }
    #expect(code(silent) == "recognition.no_justification")
    let result = try await Cases.propose(
      id, proofs: [], decision: SchoolDecision(tier: .general, justification: "父亲病重"),
      on: Fixture.day, in: fixture.officer)
    #expect(result.tier == .general)
    let stored: [String] = try await TestPlatform.asOwner { session in
      let rows = try session.query("select to_jsonb(c)::text from recognition_case c")
      return try rows.map { try $0.get(0) }
    }
    #expect(!stored.contains { $0.contains("父亲病重") })
  }

  @Test("more than half of the group decides, the proposer has no vote, and against starts anew")
  func votes() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .assessed)
    let stranger = await failure {
      try await Cases.vote([id], agrees: true, on: Fixture.day, in: fixture.assessors[0])
    }
    #expect(code(stranger) == "recognition.not_member")
    _ = try await Rounds.addMember(
      "officer", school: fixture.district.school.id, since: Fixture.announced, in: fixture.officer)
    let proposer = await failure {
      try await Cases.vote([id], agrees: true, on: Fixture.day, in: fixture.officer)
    }
    #expect(code(proposer) == "recognition.proposer_votes")

    // Of four, two against are half: it can no longer be agreed.
    #expect(
      try await Cases.vote([id], agrees: false, on: Fixture.day, in: fixture.members[0])
        == [id: .assessed])
    let again = await failure {
      try await Cases.vote([id], agrees: true, on: Fixture.day, in: fixture.members[0])
    }
    #expect(code(again) == "recognition.voted_before")
    #expect(
      try await Cases.vote([id], agrees: false, on: Fixture.day, in: fixture.members[1])
        == [id: .nominated])
    try await fixture.assess(id)
    _ = try await Cases.propose(
      id, proofs: Fixture.orphanProof, on: Fixture.day, in: fixture.officer)
    for (member, state) in zip(fixture.members, [CaseState.assessed, .assessed, .decided]) {
      #expect(
        try await Cases.vote([id], agrees: true, on: Fixture.day, in: member) == [id: state])
    }
  }

  @Test("a group of fewer than three does not decide")
  func smallGroup() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .assessed)
    _ = try await Rounds.removeMember(
      "m3", school: fixture.district.school.id, on: CalendarDate("2026-09-09")!,
      in: fixture.officer)
    let error = await failure {
      try await Cases.vote([id], agrees: true, on: Fixture.day, in: fixture.members[0])
    }
    #expect(code(error) == "recognition.group_too_small")
  }

  @Test("members of the leading group see what they decide on, other assessors only their panel's")
  func whoSees() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise("样小例", to: .assessed)
    _ = try await Users.add(
      login: "a3", name: "a3", role: .assessor, school: fixture.district.school.id,
      in: fixture.district.admin)
    let filter = Cases.Filter(year: Fixture.year)
    for context in fixture.assessors + fixture.members {
      let seen = try await Cases.list(filter, today: Fixture.day, in: context)
      #expect(seen.map(\.id) == [id])
      #expect(seen.map(\.name) == ["样小例"])
    }
    let other = try await fixture.district.asUser("a3")
    #expect(try await Cases.list(filter, today: Fixture.day, in: other).isEmpty)
  }

  @Test("two members voting at once: each vote counts once, each case is decided once")
  func concurrentVotes() async throws {
    let fixture = try await Fixture.make()
    var cases: [UUID] = []
    for number in 0..<12 {
      cases.append(try await fixture.recognise("样例\(number)", to: .assessed))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for member in fixture.members.prefix(2) {
        let order = cases.shuffled()
        group.addTask { _ = try await Cases.vote(order, agrees: true, on: Fixture.day, in: member) }
      }
      try await group.waitForAll()
    }
    let list = try await Cases.list(
      .init(year: Fixture.year), today: Fixture.day, in: fixture.officer)
    #expect(list.count == 12 && list.allSatisfy { $0.state == .decided })
    for id in cases {
      let states = try await Cases.steps(id, in: fixture.officer).map(\.state)
      #expect(states.filter { $0 == .decided }.count == 1)
    }
  }

  @Test("what is stuck shows with its day")
  func late() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .applied)
    var filter = Cases.Filter(school: fixture.district.school.id, year: Fixture.year)
    filter.lateOnly = true
    let due = try Rounds.Deadlines(announcedOn: Fixture.announced).nominate
    #expect(try await Cases.list(filter, today: due, in: fixture.officer).isEmpty)
    let late = try await Cases.list(filter, today: due.adding(days: 3), in: fixture.officer)
    #expect(late.map(\.id) == [id])
    #expect(late.map(\.daysLate) == [3])
  }
}
