import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Comparison lists of the county")
struct ComparisonTests {
  typealias Fixture = RecognitionFixture
  typealias Contradiction = ComparisonLists.Finding.Contradiction

  static let first = "990000201503010017"
  static let second = "990000201609150026"
  static let third = "99000020170520002X"

  private func importList(
    _ lines: String, name: String = "孤儿名单", category: String = "孤儿",
    asOf: String = "2026-09-01", skipRefused: Bool = false, _ fixture: Fixture,
    in context: Context? = nil
  ) async throws -> ImportReport {
    try await fixture.district.sheet(lines) { path in
      try await ComparisonLists.importList(
        fixture.district.request(path, skipRefused: skipRefused),
        .init(
          name: name, category: category, department: "民政部门",
          asOf: CalendarDate(asOf)!),
        in: context ?? fixture.district.admin)
    }
  }

  private func findings(_ fixture: Fixture) async throws -> [ComparisonLists.Finding] {
    try await ComparisonLists.findings(
      school: fixture.district.school.id, year: Fixture.year, in: fixture.officer)
  }

  @Test("a hit is a proof, with the list's name and day, and is enough for the tier")
  func hitIsProof() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    let id = try await fixture.apply(try await fixture.pupil(residentID: Self.first))
    try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
    try await fixture.assess(id)
    let result = try await Cases.propose(id, proofs: [], on: Fixture.day, in: fixture.officer)

    #expect(result.tier == .special)
    #expect(result.missingProofs.isEmpty)
    let proofs = try await Cases.proofs(id, in: fixture.officer)
    #expect(proofs.map(\.form) == [.dataMatch])
    #expect(proofs.map(\.list) == ["孤儿名单"])
    #expect(proofs.map(\.asOf) == [CalendarDate("2026-09-01")])
  }

  @Test("another name under the pupil's number is shown, and is no proof")
  func otherName() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n别的人,\(Self.first)\n", fixture)
    let id = try await fixture.apply(try await fixture.pupil(residentID: Self.first))
    #expect(try await findings(fixture).map(\.contradictions) == [[.nameDiffers]])

    try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
    try await fixture.assess(id)
    let undecided = await failure {
      _ = try await Cases.propose(id, proofs: [], on: Fixture.day, in: fixture.officer)
    }
    #expect(code(undecided) == "recognition.undecided")
    #expect(try await fixture.state(id) == .nominated)
    let result = try await Cases.propose(
      id, proofs: [], rejection: "名单上是别人", on: Fixture.day, in: fixture.officer)
    #expect(result.tier == nil)
    #expect(result.missingProofs.map(\.category) == ["orphan"])
    #expect(try await Cases.proofs(id, in: fixture.officer).isEmpty)
  }

  @Test("what a family claims and what the lists say are compared in both directions")
  func contradictions() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样甲,\(Self.first)\n样乙,\(Self.second)\n", fixture)
    let invited = try await fixture.pupil("样甲", residentID: Self.first)
    let unclaimed = try await fixture.pupil("样乙", residentID: Self.second)
    let unlisted = try await fixture.pupil("样丙", residentID: Self.third)
    let numberless = try await fixture.pupil("样丁")
    _ = try await fixture.apply(unclaimed, claims: ["因病"])
    _ = try await fixture.apply(unlisted, claims: ["孤儿"])
    _ = try await fixture.apply(numberless, claims: ["孤儿"])

    let found = Dictionary(
      uniqueKeysWithValues: try await findings(fixture).map { ($0.student, $0) })
    #expect(found.count == 4)
    #expect(found[invited]?.state == nil)
    #expect(found[invited]?.contradictions == [])
    #expect(found[unclaimed]?.contradictions == [.notClaimed])
    #expect(found[unlisted]?.contradictions == [.notListed])
    #expect(found[unlisted]?.list == nil)
    #expect(found[numberless]?.contradictions == [.noNumber])
  }

  @Test("a pupil recognised in an easier tier than the list's category is shown")
  func tierBelow() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    var pupil = TestPupil()
    pupil.residentID = Self.first
    pupil.tier = .general
    _ = try await fixture.district.pupil(pupil)
    #expect(try await findings(fixture).map(\.contradictions) == [[.tierBelow]])
  }

  @Test("a household's list finds the pupil by a guardian")
  func byGuardian() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList(
      "户主姓名,户主身份证号,保障人口\n样家长,\(Self.third),3\n", name: "低保名单", category: "低保", fixture)
    _ = try await fixture.pupil(guardianResidentID: Self.third)
    let found = try await findings(fixture)
    #expect(found.map(\.throughGuardian) == [true])
    #expect(found.map(\.category) == ["minimum-living"])
    #expect(found.map(\.contradictions) == [[]])
  }

  private func consent(_ student: UUID, _ fixture: Fixture) async throws {
    _ = try await Consents.give(
      .init(
        student: student, scope: .dataMatch, giver: .guardian("样家长"), on: Fixture.day,
        proof: .paper("档案柜三")),
      in: fixture.officer)
  }

  private func withdraw(_ student: UUID, _ fixture: Fixture) async throws {
    _ = try await Consents.withdraw(
      student: student, .dataMatch, by: .guardian("样家长"), how: "书面", on: Fixture.day,
      in: fixture.officer)
  }

  @Test(
    "from the moment a guardian withdraws, the pupil is on no list, until consent is given again")
  func consentWithdrawn() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList(
      "姓名,身份证号\n样小例,\(Self.first)\n样家长,\(Self.third)\n样乙,\(Self.second)\n", fixture)
    let student = try await fixture.pupil(
      residentID: Self.first, guardianResidentID: Self.third)
    _ = try await fixture.pupil("样乙", residentID: Self.second)
    try await consent(student, fixture)
    #expect(try await findings(fixture).count == 2)

    try await withdraw(student, fixture)
    #expect(try await findings(fixture).map(\.name) == ["样乙"])
    let id = try await fixture.apply(student)
    let told = try await findings(fixture).filter { $0.student == student }
    #expect(told.map(\.contradictions) == [[.consentWithdrawn]] && told.map(\.list) == [nil])
    try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
    try await fixture.assess(id)
    let preview = try await Cases.preview(id, proofs: [], in: fixture.officer)
    #expect(preview.tier == nil && preview.missingProofs.map(\.category) == ["orphan"])
    let undecided = await failure {
      _ = try await Cases.propose(id, proofs: [], on: Fixture.day, in: fixture.officer)
    }
    #expect(code(undecided) == "recognition.undecided")

    try await consent(student, fixture)
    #expect(try await findings(fixture).filter { $0.student == student }.map(\.list) == ["孤儿名单"])
    #expect(
      try await Cases.propose(id, proofs: [], on: Fixture.day, in: fixture.officer).tier == .special
    )
  }

  @Test("a family that never consented can object, at once and once; and consent after all")
  func objection() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    let student = try await fixture.pupil(
      residentID: Self.first)
    #expect(try await findings(fixture).count == 1)
    try await withdraw(student, fixture)
    #expect(try await findings(fixture).isEmpty)
    let kept = try await Consents.list(
      .init(student: student), on: Fixture.day, in: fixture.officer
    )
    .filter { $0.scope == .dataMatch }
    #expect(kept.count == 1 && kept[0].withdrawnOn == Fixture.day)
    #expect(code(await failure { try await withdraw(student, fixture) }) == "consent.not_running")
    let photo = await failure {
      _ = try await Consents.withdraw(
        student: student, .photo, by: nil, how: "书面", on: Fixture.day, in: fixture.officer)
    }
    #expect(code(photo) == "consent.not_running")
    try await consent(student, fixture)
    #expect(try await findings(fixture).count == 1)
  }

  @Test("a case proposed on a data match, withdrawn since, asks for another proof until it has one")
  func otherProof() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n样乙,\(Self.second)\n", fixture)
    let student = try await fixture.pupil(residentID: Self.first)
    let proven = try await fixture.pupil(
      "样乙", residentID: Self.second)
    for (pupil, proofs) in [
      (student, []), (proven, [Proof(department: "civil-affairs", form: .certificate)]),
    ] {
      let id = try await fixture.apply(pupil)
      try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
      try await fixture.assess(id)
      _ = try await Cases.propose(id, proofs: proofs, on: Fixture.day, in: fixture.officer)
    }
    func tasks() async throws -> [UUID] {
      try await Consents.tasks(on: Fixture.day, in: fixture.officer)
        .filter { $0.kind == .otherProof }.map(\.student)
    }
    #expect(try await tasks().isEmpty)
    for pupil in [student, proven] { try await withdraw(pupil, fixture) }
    #expect(try await tasks() == [student])
    let found = try await findings(fixture)
    #expect(found.map(\.student) == [student])
    #expect(found.map(\.contradictions) == [[.consentWithdrawn]])
  }

  @Test("a withdrawal at the moment of a proposal comes before it or after it")
  func withdrawalRace() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    let student = try await fixture.pupil(residentID: Self.first)
    let id = try await fixture.apply(student)
    try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
    try await fixture.assess(id)
    for _ in 1...30 {
      try await consent(student, fixture)
      async let withdrawn: Void = withdraw(student, fixture)
      async let outcome = failure {
        _ = try await Cases.propose(id, proofs: [], on: Fixture.day, in: fixture.officer)
      }
      let (_, refusal) = (try await withdrawn, await outcome)
      let proofs = try await Cases.proofs(id, in: fixture.officer)
      if refusal == nil {
        #expect(proofs.map(\.form) == [.dataMatch])
        return
      }
      #expect(code(refusal) == "recognition.undecided")
      #expect(proofs.isEmpty)
    }
  }

  @Test("the latest list of a name counts; one name and day has one category")
  func latestList() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.pupil(residentID: Self.first)
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    #expect(try await findings(fixture).count == 1)
    _ = try await importList("姓名,身份证号\n别的人,\(Self.second)\n", asOf: "2026-09-08", fixture)
    #expect(try await findings(fixture).isEmpty)
    #expect(try await ComparisonLists.list(in: fixture.officer).map(\.isCurrent) == [true, false])
    let again = await failure {
      _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", category: "低保", fixture)
    }
    #expect(code(again) == "recognition.list_exists")
  }

  @Test("a corrected file of the same list and day adds the people who are missing")
  func corrected() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.pupil("样甲", residentID: Self.first)
    _ = try await fixture.pupil("样乙", residentID: Self.second)
    let wrong = "姓名,身份证号\n样甲,\(Self.first)\n样乙,990000201503010018\n"
    let first = try await importList(wrong, skipRefused: true, fixture)
    #expect((first.accepted, first.refusedRows) == (1, 1))
    let right = "姓名,身份证号,户主身份证号\n样甲,\(Self.first),\(Self.third)\n样乙,\(Self.second),\(Self.third)\n"
    let second = try await importList(right, fixture)
    #expect((second.accepted, second.unchanged, second.written) == (2, 0, true))
    #expect(try await findings(fixture).map(\.name) == ["样甲", "样乙"])
    #expect(try await ComparisonLists.list(in: fixture.officer).count == 1)
    let again = try await importList(right, fixture)
    #expect((again.accepted, again.unchanged) == (0, 2))
    let refusal = await failure {
      _ = try await fixture.district.admin.write {
        try $0.query("delete from comparison_entry").count
      }
    }
    #expect((refusal as? PostgresError)?.detail?.sqlstate == "42501")
  }

  @Test("a dirty sheet: header below titles, totals, repeated people, bad and missing numbers")
  func dirtySheet() async throws {
    let fixture = try await Fixture.make()
    let sheet = """
      某县孤儿和事实无人抚养儿童名单,,
      单位：样例县民政局,,
      序号,姓名,身份证号码
      1,样小例,\(Self.first)
      2,样小例,'\(Self.first)
      3,样错号,990000201503010018
      4,样无号,
      5,样科学,9.90E+17
      合计,2人,
      """
    let refused = try await importList(sheet, fixture)
    #expect(!refused.written)
    #expect(refused.refused.map(\.cell) == ["C6", "C7", "C8"])
    #expect(try await ComparisonLists.list(in: fixture.officer).isEmpty)

    let report = try await importList(sheet, skipRefused: true, fixture)
    #expect(report.written)
    #expect((report.accepted, report.unchanged, report.refusedRows) == (1, 1, 3))
  }

  @Test("of the people on a list nothing is kept but keyed hashes, which no user can read")
  func onlyHashes() async throws {
    let fixture = try await Fixture.make()
    _ = try await importList("姓名,身份证号\n样外人,\(Self.first)\n", fixture)
    let kept: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        "select e::text from comparison_entry e where e.district_id = $1",
        fixture.district.admin.actor.districtID
      ).map { try $0.get(0) }
    }
    #expect(kept.count == 1)
    #expect(!kept[0].contains(Self.first) && !kept[0].contains("样外人"))
    let refusal = await failure {
      _ = try await fixture.district.admin.read { session in
        try session.query("select count(*) from comparison_entry").count
      }
    }
    #expect((refusal as? PostgresError)?.detail?.sqlstate == "42501")
  }

  @Test("only the district imports lists; a school sees its own pupils on them")
  func whose() async throws {
    let fixture = try await Fixture.make()
    let refusal = await failure {
      _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture, in: fixture.officer)
    }
    #expect(code(refusal) == "recognition.district_only")
    _ = try await importList("姓名,身份证号\n样小例,\(Self.first)\n", fixture)
    _ = try await fixture.pupil(residentID: Self.first)
    let other = await failure {
      _ = try await ComparisonLists.findings(
        school: fixture.district.otherSchool.id, year: Fixture.year, in: fixture.officer)
    }
    #expect(code(other) == "access.other_school")
    let elsewhere = try await ComparisonLists.findings(
      school: fixture.district.otherSchool.id, year: Fixture.year, in: fixture.district.admin)
    #expect(elsewhere.isEmpty)
    #expect(try await findings(fixture).count == 1)
  }
}
