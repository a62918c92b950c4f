import Foundation
import HardshipRecognition
import SchoolCalendar
import Synchronization
import Testing

@testable import Yibang

@Suite("Who gains and loses under other rules")
struct ReassessmentTests {
  typealias Fixture = RecognitionFixture

  /// Yunnan's rules with orphans in the middle tier and the minimum allowance in the hardest.
  private static func turned() throws -> RuleSet {
    let json = String(decoding: RuleSet.yunnan.json, as: UTF8.self)
    let tree = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    var rules = try #require(tree)
    rules["version"] = 2
    var categories = try #require(rules["categories"] as? [[String: Any]])
    for index in categories.indices {
      switch categories[index]["code"] as? String {
      case "orphan": categories[index]["defaultTier"] = "difficult"
      case "minimum-living": categories[index]["defaultTier"] = "special"
      default: break
      }
    }
    rules["categories"] = categories
    return try RuleSet(json: [UInt8](JSONSerialization.data(withJSONObject: rules)))
  }

  private func compare(
    _ rules: RuleSet, in context: Context
  ) async throws -> (Reassessment.Totals, [String: Reassessment.Change]) {
    let changes = Mutex<[String: Reassessment.Change]>([:])
    let totals = try await Reassessment.compare(
      school: nil, year: Fixture.year, with: rules, in: context
    ) { change in
      changes.withLock { $0[change.name] = change }
    }
    return (totals, changes.withLock { $0 })
  }

  @Test("cases, rejections and rosters are assessed again on their own facts, and nothing changes")
  func turnedTiers() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    _ = try await fixture.recognise("样孤儿", to: .filed)
    // Rejected for want of proof: it stays so.
    let rejected = try await fixture.recognise("样低保", to: .nominated, claims: ["低保"])
    try await fixture.assess(rejected)
    _ = try await Cases.propose(
      rejected, proofs: [], rejection: "没有证明", on: Fixture.day, in: fixture.officer)
    for member in fixture.members.prefix(2) {
      _ = try await Cases.vote([rejected], agrees: true, on: Fixture.day, in: member)
    }
    // The school's own decision, which other tiers of categories do not touch.
    let decided = try await fixture.recognise("样因病", to: .nominated, claims: ["因病"])
    try await fixture.assess(decided)
    _ = try await Cases.propose(
      decided, proofs: [], decision: SchoolDecision(tier: .general, justification: "医疗支出大"),
      on: Fixture.day, in: fixture.officer)
    for member in fixture.members.prefix(2) {
      _ = try await Cases.vote([decided], agrees: true, on: Fixture.day, in: member)
    }
    _ = try await district.importRoster(
      "序号,班级,姓名,性别,困难类别,等级\n1,三年级(1)班,册低保,男,低保,困难\n2,三年级(1)班,册其他,男,其他,困难\n")

    let same = try await compare(.yunnan, in: fixture.officer)
    #expect(same.1.isEmpty)
    let (totals, changes) = try await compare(try Self.turned(), in: fixture.officer)
    #expect(totals == Reassessment.Totals(pupils: 4, gain: 1, lose: 1))
    #expect(Set(changes.keys) == ["样孤儿", "册低保"])
    #expect(changes["样孤儿"]?.direction == .loses)
    #expect(changes["样孤儿"]?.before == .special)
    #expect(changes["样孤儿"]?.after == .difficult)
    #expect(changes["册低保"]?.direction == .gains)
    #expect(changes["册低保"]?.after == .special)
    let tiers = try await Students.list(year: Fixture.year, in: district.admin).map(\.tier)
    #expect(tiers.compactMap { $0 }.sorted() == ["difficult", "difficult", "special"])

    let elsewhere = try await compare(try Self.turned(), in: district.otherOfficer)
    #expect(elsewhere.0.pupils == 0)
    let forbidden = await failure { try await compare(.yunnan, in: fixture.members[1]) }
    #expect((forbidden as? any YibangError)?.code == "access.forbidden")
  }

  @Test("categories of another rule set are found by their names")
  func otherSet() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.recognise("样孤儿", to: .filed)
    let (totals, changes) = try await compare(.national2024, in: fixture.officer)
    #expect(totals.pupils == 1)
    #expect(changes.isEmpty)
  }
}
