import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

/// The sample district's sheets, made by another program, against the counts that it wrote down.
@Suite("The sample district")
struct SampleDistrictTests {
  struct Expected: Decodable {
    struct Refused: Decodable {
      let row: Int
      let column: String
    }
    let kind: String
    let school: String?
    let semester: String
    let accepted: Int
    let refused: [Refused]
    let repeated: Int
    let totalFen: Int64?
    let totalAgrees: Bool?

    enum CodingKeys: String, CodingKey {
      case kind, school, semester, accepted, refused, repeated
      case totalFen = "total_fen"
      case totalAgrees = "total_agrees"
    }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "samples")

  static func expected(_ kind: String) throws -> [(file: String, counts: Expected)] {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    return try JSONDecoder().decode([String: Expected].self, from: data)
      .filter { $0.value.kind == kind }
      .map { ($0.key, $0.value) }
      .sorted { $0.file < $1.file }
  }

  struct Sample {
    let district: TestDistrict
    let schools: [String: Schools.School]

    init() async throws {
      district = try await TestDistrict.make()
      let second = try await Schools.add(code: "2199000002", name: "第二小学", in: district.admin)
      schools = [
        "2199000001": district.school, "2199000002": second.school,
        "3199000001": district.otherSchool,
      ]
    }

    func request(_ file: String, _ counts: Expected) throws -> ImportRequest {
      ImportRequest(
        path: SampleDistrictTests.folder.appending(path: file).path(percentEncoded: false),
        school: counts.school.flatMap { schools[$0] },
        semester: try #require(Semester(counts.semester)), today: TestDistrict.today,
        skipRefused: true)
    }
  }

  @Test("rosters: 600 pupils, 120 recognised, each refusal where the sheet's dirt is")
  func rosters() async throws {
    let sample = try await Sample()
    // The register without IDs repeats pupils of the first school's roster: it comes last.
    let files = try Self.expected("student").sorted { $0.counts.accepted > $1.counts.accepted }
    for (file, counts) in files {
      let request = try sample.request(file, counts)
      let report = try await Students.importRoster(
        request, school: try #require(request.school), in: sample.district.admin)
      #expect(report.accepted + report.unchanged == counts.accepted, "\(file)")
      let found = report.refused.filter { !$0.problem.zh.contains("同一名学生") }
      #expect(found.map(\.row) == counts.refused.map(\.row), "\(file)")
      #expect(found.map(\.column) == counts.refused.map(\.column), "\(file)")
      #expect(report.refusedRows == counts.refused.count + counts.repeated, "\(file)")
      let again = try await Students.importRoster(
        request, school: try #require(request.school), in: sample.district.admin)
      #expect((again.accepted, again.unchanged) == (0, counts.accepted), "\(file)")
    }
    let pupils = try await Students.list(
      year: TestDistrict.autumn.schoolYear, in: sample.district.admin)
    #expect(pupils.count == 600)
    #expect(pupils.filter { $0.tier != nil }.count == 120)
    #expect(pupils.filter { $0.tier == "special" }.count == 36)
    #expect(pupils.filter(\.consent).count == 114)
  }

  @Test("donation sheets: every fen of every accepted line, and the wrong 合计 found")
  func donations() async throws {
    let sample = try await Sample()
    var total: Int64 = 0
    for (file, counts) in try Self.expected("donation") {
      let request = try sample.request(file, counts)
      let school = try #require(request.school)
      let report = try await Giving.importSheet(request, school: school, in: sample.district.admin)
      #expect(report.accepted == counts.accepted, "\(file)")
      #expect(report.total?.fen == counts.totalFen, "\(file)")
      let lines = report.refused.filter { !$0.problem.zh.hasPrefix("合计") }
      #expect(lines.map(\.row) == counts.refused.map(\.row), "\(file)")
      #expect(lines.map(\.column) == counts.refused.map(\.column), "\(file)")
      #expect((report.refused.count > lines.count) == (counts.totalAgrees == false), "\(file)")
      total += counts.totalFen ?? 0
    }
    let funds = try await Funds.statements(TestDistrict.autumn, in: sample.district.admin)
    #expect(funds.reduce(0) { $0 + $1.closing.fen } == total)
  }

  @Test("offers: 40 sponsors with 62 places; the sheet a second time changes nothing")
  func offers() async throws {
    let sample = try await Sample()
    for (file, counts) in try Self.expected("offer") {
      let request = try sample.request(file, counts)
      let report = try await Offers.importSheet(request, in: sample.district.admin)
      #expect(report.accepted == counts.accepted)
      #expect(report.refused.map(\.row) == counts.refused.map(\.row))
      #expect(report.refused.map(\.column) == counts.refused.map(\.column))
      let again = try await Offers.importSheet(request, in: sample.district.admin)
      #expect((again.accepted, again.unchanged) == (0, counts.accepted))
    }
    let listed = try await Offers.list(in: sample.district.admin)
    #expect(listed.count == 40)
    #expect(listed.map(\.places).reduce(0, +) == 62)
  }
}
