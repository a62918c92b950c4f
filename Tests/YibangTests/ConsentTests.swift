import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("Consents")
struct ConsentTests {
  static let day = CalendarDate("2026-09-05")!
  static let later = CalendarDate("2026-11-20")!

  private static let setBirth: SQL = """
    update student set birth_month = $3 where district_id = $1 and id = $2
    """

  /// A pupil with a guardian on record and no consent.
  private func pupil(_ district: TestDistrict, born: String? = nil) async throws -> UUID {
    var pupil = TestPupil()
    pupil.consents = false
    pupil.guardian = "样家长"
    let id = try await district.pupil(pupil)
    if let born { try await district.change(Self.setBirth, id, try #require(CalendarDate(born))) }
    return id
  }

  private func give(
    _ student: UUID, _ scope: ConsentScope, by giver: ConsentGiver = .guardian("样家长"),
    donor: UUID? = nil, on day: CalendarDate = day, until: CalendarDate? = nil,
    _ district: TestDistrict
  ) async throws -> (id: UUID, added: Bool) {
    try await Consents.give(
      .init(
        student: student, scope: scope, giver: giver, donor: donor, on: day, until: until,
        proof: .paper("档案柜三")),
      in: district.officer)
  }

  private func covers(
    _ student: UUID, _ scope: ConsentScope, donor: UUID? = nil, on day: CalendarDate = later,
    _ district: TestDistrict
  ) async throws -> Bool {
    try await Consents.covers(student: student, scope, donor: donor, on: day, in: district.officer)
  }

  @discardableResult
  private func withdraw(
    _ student: UUID, _ scope: ConsentScope, donor: UUID? = nil,
    by giver: ConsentGiver? = .guardian("样家长"), _ district: TestDistrict
  ) async throws -> Consents.Withdrawal {
    try await Consents.withdraw(
      student: student, scope, donor: donor, by: giver, how: "书面", on: Self.later,
      in: district.officer)
  }

  @Test("each scope stands alone, from its day until it is withdrawn, and nothing is overwritten")
  func eachAlone() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    let given = try await give(student, .letter, district)
    #expect(given.added)
    #expect(try await !give(student, .letter, on: Self.later, district).added)
    for scope in ConsentScope.allCases {
      #expect(try await covers(student, scope, district) == (scope == .letter))
    }
    #expect(try await !covers(student, .letter, on: CalendarDate("2026-09-04")!, district))
    try await withdraw(student, .letter, district)
    // Withdrawn is withdrawn, also for days on which it ran.
    #expect(try await !covers(student, .letter, on: Self.day, district))
    #expect(try await give(student, .letter, on: Self.later, district).added)
    let kept = try await Consents.list(
      .init(student: student), on: Self.later, in: district.officer)
    #expect(kept.map(\.state) == [.withdrawn, .running])
    #expect(kept[0].id == given.id && kept[0].from == Self.day)
    #expect(kept[0].withdrawnBy == "样家长" && kept[0].withdrawnHow == "书面")
    #expect(kept[0].textVersion == ConsentScope.textVersion && kept[0].proof == "档案柜三")
    let trail = try await Audit.list(.init(subject: student), in: district.admin)
    #expect(trail.map(\.action) == ["consent.give", "consent.withdraw", "consent.give"])
  }

  @Test("a consent with a last day covers that day and no later one, and another may follow")
  func lastDay() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    let end = CalendarDate("2026-10-31")!
    _ = try await give(student, .photo, until: end, district)
    #expect(try await covers(student, .photo, on: end, district))
    #expect(try await !covers(student, .photo, on: CalendarDate("2026-11-01")!, district))
    #expect(try await give(student, .photo, on: Self.later, district).added)
    #expect(
      await refusal { try await give(student, .story, on: end, until: Self.day, district) }
        == "consent.until_before_begin")
  }

  @Test("a consent for one sponsor covers no other, but does cover it under a merged record")
  func oneSponsor() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    let (one, other, third) = (
      try await district.giver("试甲"), try await district.giver("试乙"),
      try await district.giver("试丙")
    )
    _ = try await give(student, .progressReport, donor: one, district)
    #expect(try await covers(student, .progressReport, donor: one, district))
    #expect(try await !covers(student, .progressReport, donor: other, district))
    #expect(try await !covers(student, .progressReport, district))
    _ = try await district.merge(one, into: third)
    #expect(try await covers(student, .progressReport, donor: third, district))
    #expect(
      await refusal { try await give(student, .pairing, donor: one, district) }
        == "consent.no_sponsor")
    #expect(
      await refusal { try await give(student, .letter, donor: UUID.v7(), district) }
        == "consent.unknown_sponsor")
    #expect(
      await refusal { try await withdraw(student, .progressReport, donor: other, district) }
        == "consent.not_running")
  }

  @Test("from the month of the fourteenth birthday on, the pupil's own consent is needed too")
  func fourteen() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district, born: "2012-10-01")
    _ = try await give(student, .pairing, district)
    #expect(try await covers(student, .pairing, on: CalendarDate("2026-09-30")!, district))
    #expect(try await !covers(student, .pairing, on: CalendarDate("2026-10-01")!, district))
    #expect(
      await refusal { try await give(student, .pairing, by: .pupil, district) }
        == "consent.pupil_too_young")
    let tasks = try await Consents.tasks(on: Self.later, in: district.officer)
    #expect(tasks.map(\.kind) == [.ownConsent])
    _ = try await give(student, .pairing, by: .pupil, on: Self.later, district)
    #expect(try await covers(student, .pairing, district))
    #expect(try await Consents.tasks(on: Self.later, in: district.officer).isEmpty)
    // Either ends it.
    let ended = try await withdraw(student, .pairing, by: .pupil, district)
    #expect(ended.consents.count == 2)
    #expect(try await !covers(student, .pairing, district))
    let young = try await pupil(district, born: "2015-03-01")
    _ = try await give(young, .pairing, district)
    #expect(
      await refusal { try await withdraw(young, .pairing, by: .pupil, district) }
        == "consent.pupil_too_young")
    let code = await refusal { try await give(young, .pairing, by: .guardian("生人"), district) }
    #expect(code == "consent.not_guardian")
  }

  @Test("a withdrawal lets open pairs lapse and frees the place; the proposal settles")
  func lapses() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    _ = try await give(student, .pairing, district)
    _ = try await district.offer()
    let proposal = try await district.approved()
    // An officer sees no proposal, and ends the pair all the same.
    let ended = try await withdraw(student, .pairing, district)
    #expect(ended.lapsed.count == 1)
    let summary = try await Proposals.show(proposal, in: district.admin).summary
    #expect(summary.state == .withdrawn && summary.open == 0)
    let trail = try await Audit.list(.init(subject: ended.lapsed[0]), in: district.admin)
    #expect(trail.map(\.action) == ["match.lapse"])
    #expect(await refusal { try await district.accept(proposal) } == "pairing.already_withdrawn")
    let next = try await pupil(district)
    _ = try await give(next, .pairing, district)
    #expect(try await district.propose().pairs == 1)
  }

  @Test("the doctor finds an open pair whose consent went another way")
  func doctor() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    _ = try await give(student, .pairing, district)
    _ = try await district.offer()
    _ = try await district.propose()
    #expect(try await Doctor.examine(checks: Consents.checks, in: district.admin).isEmpty)
    let spoil = Bound(
      "update consent set withdrawn_on = given_on where district_id = $1", district.code)
    _ = try await TestPlatform.asOwner { try $0.batch([spoil]).count }
    let findings = try await Doctor.examine(checks: Consents.checks, in: district.admin)
    #expect(findings.map(\.check) == ["consent.open_pairs"] && findings[0].broken == 1)
  }

  @Test("other pairs of the proposal stay open")
  func othersStay() async throws {
    let district = try await TestDistrict.make()
    let (one, other) = (try await pupil(district), try await pupil(district))
    for student in [one, other] { _ = try await give(student, .pairing, district) }
    _ = try await district.offer(places: 2)
    let proposal = try await district.approved()
    try await withdraw(one, .pairing, district)
    let acceptance = try await district.accept(proposal)
    #expect(acceptance.pairings.count == 1 && acceptance.state == .accepted)
  }

  @Test("a pairing goes on after a withdrawal, the sponsor is told nothing more, a task remains")
  func runningPairing() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    _ = try await give(student, .pairing, district)
    _ = try await district.offer()
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    let donor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let masked = try await copy(of: donor, district)
    #expect(masked.contains("样*例"), "\(masked)")
    _ = try await give(student, .sponsorIdentity, district)
    #expect(try await copy(of: donor, district).contains("样小例"))
    try await withdraw(student, .sponsorIdentity, district)
    #expect(try await !copy(of: donor, district).contains("样小例"))

    try await withdraw(student, .pairing, district)
    let told = try await copy(of: donor, district)
    #expect(!told.contains("样") && !told.contains("1班") && told.contains("不再提供"))
    let running = try await Pairings.list(state: .running, in: district.admin)
    #expect(running.map(\.id) == [pairing])
    let tasks = try await Consents.tasks(on: Self.later, in: district.officer)
    #expect(tasks.map(\.kind) == [.pairing] && tasks.map(\.subject) == [pairing])
    #expect(try await Consents.tasks(on: Self.later, in: district.otherOfficer).isEmpty)
  }

  @Test("a statement names a pupil masked, whoever prints it, and not at all after a withdrawal")
  func statement() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    _ = try await give(student, .pairing, district)
    _ = try await district.offer()
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    _ = try await Instalments.receive(
      .number(1, ofPairing: pairing), amount: Money(fen: 100_000), on: CalendarDate("2026-09-25")!,
      in: district.admin)
    let donor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let before = try await Donors.statement(.init(donor), in: district.officer)
    #expect(before.lines.map(\.pupil) == ["样*例"])
    try await withdraw(student, .pairing, district)
    let after = try await Donors.statement(.init(donor), in: district.officer)
    #expect(after.lines.map(\.pupil) == [nil])
    #expect(after.lines[0].amount == before.lines[0].amount)
  }

  /// All text of the copy that a donor gets of the pupils.
  private func copy(of donor: UUID, _ district: TestDistrict) async throws -> String {
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try await Donors.copy(
      donor, reason: "捐赠人书面申请", askedOn: Self.later, today: Self.later, language: .zh, to: path,
      in: district.admin)
    return try TestDistrict.allText(path)
  }

  @Test("what is published needs a consent, and is listed to be taken down after its withdrawal")
  func published() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    func share() async throws -> UUID {
      try await Consents.share(
        student: student, .story, what: "校刊第三期", on: Self.later, in: district.officer)
    }
    #expect(await refusal { try await share() } == "consent.needed")
    _ = try await give(student, .story, district)
    let use = try await share()
    #expect(try await Consents.tasks(on: Self.later, in: district.officer).isEmpty)
    try await withdraw(student, .story, district)
    #expect(await refusal { try await share() } == "consent.needed")
    let tasks = try await Consents.tasks(on: Self.later, in: district.officer)
    #expect(tasks.map(\.kind) == [.takeDown] && tasks.map(\.what) == ["校刊第三期"])
    try await Consents.takeDown(use, on: Self.later, in: district.officer)
    #expect(try await Consents.tasks(on: Self.later, in: district.officer).isEmpty)
    #expect(
      await refusal { try await Consents.takeDown(use, on: Self.later, in: district.officer) }
        == "consent.unknown_use")
  }

  @Test("nothing is shared after the withdrawal was answered; 100 rounds")
  func shareRace() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    let uses: SQL = "select count(*) from consent_use where district_id = $1"
    for round in 1...100 {
      _ = try await give(student, .photo, district)
      async let shared = refusal {
        try await Consents.share(
          student: student, .photo, what: "第 \(round) 张", on: Self.later, in: district.admin)
      }
      try await withdraw(student, .photo, district)
      let count = try await district.count(uses)
      let code = await shared
      #expect(code == nil || code == "consent.needed")
      #expect(try await district.count(uses) == count)
    }
  }

  @Test("other schools and readers can neither give nor withdraw, and the table itself refuses")
  func refused() async throws {
    let district = try await TestDistrict.make()
    let student = try await pupil(district)
    let grant = Consents.Grant(
      student: student, scope: .letter, giver: .guardian("样家长"), on: Self.day,
      proof: .inPerson(witness: "试见证"))
    #expect(
      await refusal { try await Consents.give(grant, in: district.otherOfficer) }
        == "student.unknown")
    _ = try await Users.add(
      login: "look", name: "look", role: .auditor, school: nil, in: district.admin)
    let auditor = try await district.asUser("look")
    #expect(await refusal { try await Consents.give(grant, in: auditor) } == "access.forbidden")
    _ = try await Consents.give(grant, in: district.officer)
    let seen = try await Consents.list(.init(), on: Self.later, in: auditor)
    #expect(seen.map(\.pupil) == ["样*例"] && seen.map(\.givenBy) == ["样*长"])
    let foreign = await refusal {
      try await Consents.withdraw(
        student: student, .letter, by: nil, how: "书面", on: Self.later, in: district.otherOfficer)
    }
    #expect(foreign == "student.unknown")
    for statement in [
      "update consent set withdrawn_on = null", "delete from consent",
      "insert into consent_use select * from consent_use",
    ] {
      let error = await failure {
        try await district.admin.write { try $0.script(SQL(trusted: statement)) }
      }
      #expect("\(error as Any)".contains("42501"), "\(statement)")
    }
  }

  @Test("a roster's 同意 becomes a consent of the guardian, with the sheet as its proof")
  func roster() async throws {
    let district = try await TestDistrict.make()
    let lines = """
      序号,班级,姓名,身份证号,监护人,监护人关系,监护人同意,学生本人同意,同意日期
      1,1班,样甲,990000201503010017,家甲,父亲,同意,,2026-09-03
      2,1班,样乙,990000201609150026,,,同意,,
      """
    let first = try await district.importRoster(lines, in: district.officer)
    #expect(first.accepted == 2 && !first.hasRefusals)
    let again = try await district.importRoster(lines, in: district.officer)
    #expect(again.unchanged == 2)
    let kept = try await Consents.list(.init(), on: Self.later, in: district.officer)
    #expect(kept.map(\.givenBy).sorted() == ["家甲", "监护人"])
    let named = try #require(kept.first { $0.givenBy == "家甲" })
    #expect(named.relation == "父亲" && named.from == CalendarDate("2026-09-03"))
    #expect(named.proofKind.zh == "花名册" && named.scope == .pairing)
  }

  @Test("the sheet to be signed has a page for each pupil and a line for each scope")
  func form() async throws {
    let district = try await TestDistrict.make()
    _ = try await pupil(district, born: "2012-01-01")
    _ = try await pupil(district)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let count = try await Consents.writeForms(
      .init(school: district.school.id, on: Self.later), to: path, in: district.officer)
    #expect(count == 2)
    let file = try TableFile.open(path: path)
    #expect(file.sheets.count == 2)
    let text = try TestDistrict.allText(path)
    for scope in ConsentScope.allCases { #expect(text.contains(scope.name.zh)) }
    #expect(text.contains("学生本人签名") && text.contains("□同意"))
    #expect(
      await refusal {
        try await Consents.writeForms(
          .init(className: "9班", on: Self.later), to: path, in: district.officer)
      } == "student.none_found")
  }
}
