import Foundation
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("A district's rule sets")
struct RuleSetsTests {
  typealias Fixture = RecognitionFixture

  /// The scored example under a name of its own, changed by hand.
  static func own(
    version: Int = 1, _ changes: (String, String)...
  ) throws -> RuleSet {
    var text = String(decoding: RuleSet.scoredExample.json, as: UTF8.self)
      .replacing(#""id":"scored-example""#, with: #""id":"own""#)
      .replacing(#""version":1"#, with: #""version":\#(version)"#)
    for (old, new) in changes {
      try #require(text.contains(old), "\(old)")
      text = text.replacing(old, with: new)
    }
    return try RuleSet(json: [UInt8](text.utf8))
  }

  private func code(_ error: (any Error)?) -> String? { (error as? any YibangError)?.code }

  @Test("without a choice Yunnan's rules hold, and a choice holds from its year on")
  func choice() async throws {
    let district = try await TestDistrict.make()
    let (last, this, next) = (
      SchoolYear(firstYear: 2025)!, SchoolYear(firstYear: 2026)!, SchoolYear(firstYear: 2027)!
    )
    #expect(try await RuleSets.book(in: district.admin).chosen(for: this) == .yunnan)
    let used = try await RuleSets.use(
      "national-2024", version: nil, from: this, in: district.admin)
    #expect(used.changed)
    let again = try await RuleSets.use(
      "national-2024", version: 1, from: this, in: district.admin)
    #expect(!again.changed)
    let book = try await RuleSets.book(in: district.officer)
    #expect(try book.chosen(for: last) == .yunnan)
    #expect(try book.chosen(for: this) == .national2024)
    #expect(try book.chosen(for: next) == .national2024)
    _ = try await RuleSets.use("yunnan", version: 1, from: this, in: district.admin)
    #expect(try await RuleSets.book(in: district.admin).chosen(for: this) == .yunnan)
  }

  @Test("an own rule set is stored once and never changed")
  func store() async throws {
    let district = try await TestDistrict.make()
    let rules = try Self.own()
    #expect(try await RuleSets.store(rules, in: district.admin))
    #expect(try await !RuleSets.store(rules, in: district.admin))
    let changed = try Self.own((#""workingDays":"#, #""workingDays":1"#))
    let error = await failure { try await RuleSets.store(changed, in: district.admin) }
    #expect(code(error) == "rules.version_exists")
    #expect(try await RuleSets.book(in: district.admin).rules("own", version: 1) == rules)
    let shipped = String(decoding: RuleSet.yunnan.json, as: UTF8.self)
      .replacing(#""workingDays":5"#, with: #""workingDays":6"#)
    let forged = await failure {
      try await RuleSets.store(try RuleSet(json: [UInt8](shipped.utf8)), in: district.admin)
    }
    #expect(code(forged) == "rules.version_exists")
    let stranger = try await TestDistrict.make()
    #expect(try await RuleSets.book(in: stranger.admin).sets.count == RuleSet.shipped.count)
  }

  @Test("schools do not choose the rules, and what is unknown is said")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let year = SchoolYear(firstYear: 2026)!
    let officer = await failure {
      try await RuleSets.use("yunnan", version: 1, from: year, in: district.officer)
    }
    #expect(code(officer) == "access.forbidden")
    let unknown = await failure {
      try await RuleSets.use("yunnan", version: 9, from: year, in: district.admin)
    }
    #expect(code(unknown) == "rules.unknown")
    let missing = await failure { try RuleSets.read("/nowhere/rules.json") }
    #expect(code(missing) == "rules.unreadable")
  }

  @Test("a recognition keeps the rules with which it began, and scores are taken by its score card")
  func scored() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await RuleSets.store(try Self.own(), in: district.admin)
    let year = Fixture.year
    _ = try await RuleSets.use("own", version: 1, from: year, in: district.admin)
    // The first school began by Yunnan's; another begins by the district's own.
    let before = try await fixture.recognise("样甲", to: .filed)
    #expect(try await fixture.state(before) == .filed)
    let other = district.otherSchool
    let (_, added) = try await Rounds.open(
      year, school: other, announcedOn: Fixture.announced, reach: "公告栏",
      deadlines: Rounds.Deadlines(announcedOn: Fixture.announced), in: district.otherOfficer)
    #expect(added)
    for login in ["o1", "o2", "o3"] {
      _ = try await Users.add(
        login: login, name: login, role: .assessor, school: other.id, in: district.admin)
    }
    var pupil = TestPupil()
    pupil.tier = nil
    pupil.guardian = "样家长"
    let student = try await district.pupil(pupil, school: other.id)
    let id = try await Cases.apply(
      student: student, year: year, guardian: "样家长", claims: [], signed: true,
      on: Fixture.day, in: district.otherOfficer
    ).id
    try await Cases.nominate([id], nominated: true, on: Fixture.day, in: district.otherOfficer)
    try await Cases.setPanel(
      [id], assessors: ["o1", "o2", "o3"], on: Fixture.day, in: district.otherOfficer)
    for (login, score) in [("o1", 95), ("o2", 86), ("o3", 91)] {
      _ = try await Cases.assess(
        id, method: .score, showsHardship: true, score: score, on: Fixture.day,
        in: try await district.asUser(login))
    }
    let result = try await Cases.propose(
      id, proofs: [], on: Fixture.day, in: district.otherOfficer)
    // (95 + 86 + 91) / 3 = 90.67, rounded down; from 90 on it is the hardest tier.
    #expect(result.tier == .special)
    #expect(result.ruleSetID == "own")
  }

  @Test("a score card is answered whole, and by what it knows")
  func answers() throws {
    let rules = RuleSet.scoredExample
    let items = try #require(rules.scoreCard?.items)
    let all = Dictionary(uniqueKeysWithValues: items.map { ($0.code, $0.options[0].code) })
    #expect(try rules.points(of: all) == items.reduce(0) { $0 + $1.options[0].points })
    var one = all
    one[items[0].code] = nil
    #expect(throws: RecognitionError.self) { try rules.points(of: one) }
    one = all
    one["luck"] = "good"
    #expect(throws: RecognitionError.self) { try rules.points(of: one) }
    one = all
    one[items[0].code] = "nothing"
    #expect(throws: RecognitionError.self) { try rules.points(of: one) }
  }
}
