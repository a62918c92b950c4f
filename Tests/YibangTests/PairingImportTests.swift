import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Importing pairings that are running already")
struct PairingImportTests {
  private static let header =
    "序号,班级,学生姓名,学籍号,资助人,类别,联系电话,每学期金额,起始学期,已到账期数,已发放期数,第3期,备注"

  private func load(
    _ lines: String, _ district: TestDistrict, dryRun: Bool = false, skipRefused: Bool = false
  ) async throws -> ImportReport {
    try await district.sheet(lines) { path in
      var request = district.request(path, skipRefused: skipRefused)
      request.dryRun = dryRun
      return try await Pairings.importSheet(
        request, school: district.school, in: district.admin)
    }
  }

  private func pupils(_ names: [String], _ district: TestDistrict) async throws {
    for name in names {
      var pupil = TestPupil()
      pupil.name = name
      _ = try await district.pupil(pupil)
    }
  }

  @Test("a school moves in mid-way: what went to the child is told, what is still there is booked")
  func midway() async throws {
    let district = try await TestDistrict.make()
    try await pupils(["样甲", "样乙", "样丙"], district)
    let sheet = """
      第一小学一帮一结对台账,,,,,,,,,,,,
      \(Self.header)
      1,1班,样甲,,张样,教师,13900000001,1000,2025-2026-1,3,,,
      2,1班,样乙,,样企有限公司,企业,,"1,200.00",2025年秋,2,,600,分两次付
      3,1班,样丙,,李样,个人,,800,2026-2027-1,1,1,,
      合计,,3人,,,,,,,,,,
      """
    let report = try await load(sheet, district)
    #expect(report.refused.isEmpty && report.accepted == 3 && report.written)
    #expect(report.total?.fen == 160_000)
    let all = try await Pairings.list(state: .running, in: district.admin)
    #expect(all.map(\.pupil) == ["样*", "样*", "样*"])
    let lines = try await all.asyncMap { try await district.instalments($0.id) }
    #expect(lines.map { $0.map(\.received.fen) }.contains([100_000, 100_000, 100_000, 0, 0, 0]))
    #expect(lines.map { $0.map(\.received.fen) }.contains([120_000, 120_000, 60_000, 0, 0, 0]))
    #expect(lines.map { $0.map(\.received.fen) }.contains([80_000, 0, 0, 0, 0, 0]))
    for (pairing, instalments) in zip(all, lines) {
      #expect(try pairing.received == instalments.map(\.received).total())
    }
    // Only what is still there: the third instalments of the first two.
    #expect(try await district.closing(.sponsorship) == 160_000)
    let payouts = try await Payouts.list(TestDistrict.autumn, in: district.admin)
    #expect(payouts.map(\.state).count { $0 == .planned } == 2)
    #expect(payouts.map(\.state).count { $0 == .carried } == 1)
    try await district.healthy()

    let again = try await load(sheet, district)
    #expect(again.unchanged == 3 && again.accepted == 0)
    #expect(try await district.closing(.sponsorship) == 160_000)
    #expect(try await district.payOut().total.fen == 100_000)
    #expect(
      try await Covers.run(on: TestDistrict.afterGrace, in: district.admin).covered == 0)
  }

  @Test("a dry run and a refused row leave nothing")
  func nothing() async throws {
    let district = try await TestDistrict.make()
    try await pupils(["样甲", "样乙"], district)
    let good = "1,1班,样甲,,张样,教师,,1000,2025-2026-1,3,,,"
    let dry = try await load("\(Self.header)\n\(good)\n", district, dryRun: true)
    #expect(dry.accepted == 1 && !dry.written)
    let mixed = """
      \(Self.header)
      \(good)
      2,1班,没有,,张样,教师,,1000,2025-2026-1,3,,,
      3,1班,样乙,,张样,教师,,0,2025-2026-1,3,,,
      4,1班,样乙,,张样,教师,,1000,去年,3,,,
      5,1班,样乙,,张样,教师,,1000,2027-2028-1,,,,
      6,1班,样乙,,张样,教师,,1000,2023-2024-1,,,,
      7,1班,样乙,,张样,教师,,1000,2025-2026-1,7,,,
      8,1班,样乙,,张样,教师,,1000,2025-2026-1,3,5,,
      9,1班,样乙,,,教师,,1000,2025-2026-1,3,,,
      10,1班,样乙,,张样,教师,,1000,2025-2026-1,3,,1001,
      """
    let refused = try await load(mixed, district)
    #expect(!refused.written)
    #expect(
      refused.refused.map { $0.cell ?? "" }
        == ["C3", "H4", "I5", "I6", "I7", "J8", "K9", "E10", "L11"])
    #expect(try await Pairings.list(in: district.admin).isEmpty)
    #expect(try await Offers.list(in: district.admin).isEmpty)
    let rest = try await load(mixed, district, skipRefused: true)
    #expect(rest.written && rest.accepted == 1)
  }

  @Test("a pupil with another sponsor is refused; what a running pairing lacks is a warning")
  func otherSponsor() async throws {
    let district = try await TestDistrict.make()
    var pupil = TestPupil()
    pupil.name = "样甲"
    pupil.consents = false
    _ = try await district.pupil(pupil)
    let first = try await load(
      "\(Self.header)\n1,1班,样甲,,张样,教师,,1000,2025-2026-1,3,,,\n", district)
    #expect(first.written && first.warnings.count == 1)
    let second = try await load(
      "\(Self.header)\n1,1班,样甲,,王样,教师,,1000,2025-2026-1,3,,,\n", district)
    #expect(!second.written && second.refused.map(\.cell) == ["C2"])
    #expect(second.refused[0].problem.zh.contains("另一资助人"))
  }

  @Test("a pupil who was paired here before is not imported past the second person")
  func pairedBefore() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "graduated")
    let report = try await load(
      "\(Self.header)\n1,1班,样小例,,王样,教师,,1000,2026-2027-1,,,,\n", district)
    #expect(!report.written && report.refused.map(\.cell) == ["C2"])
  }

  @Test("two rows of one pupil are refused, whoever the sponsor is")
  func twice() async throws {
    let district = try await TestDistrict.make()
    try await pupils(["样甲"], district)
    let report = try await load(
      """
      \(Self.header)
      1,1班,样甲,,张样,教师,,1000,2025-2026-1,3,,,
      2,1班,样甲,,王样,教师,,1000,2025-2026-1,3,,,
      """, district)
    #expect(!report.written && report.refused.map(\.cell) == ["C3"])
  }
}

extension Array {
  fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
    var mapped: [T] = []
    for element in self { mapped.append(try await body(element)) }
    return mapped
  }
}
