import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

/// All that anybody may read, searched for all that the sample's sheets say of its pupils.
@Suite("What is public tells nothing of a child")
struct PublicSearchTests {
  /// What a sheet's columns of this meaning hold.
  private enum Secret: CaseIterable {
    case resident, code, phone, address, category

    var headers: [String] {
      switch self {
      case .resident: ["身份证号", "身份证号码"]
      case .code: ["学籍号"]
      case .phone: ["联系电话", "监护人电话"]
      case .address: ["家庭住址"]
      case .category: ["困难类型", "困难类别"]
      }
    }
  }

  /// Reads the private columns of the sample's rosters.
  private static func secrets() throws -> [Secret: Set<String>] {
    var found: [Secret: Set<String>] = [:]
    for (file, _) in try SampleDistrictTests.expected("student") {
      let path = SampleDistrictTests.folder.appending(path: file).path(percentEncoded: false)
      let rows = try TestDistrict.rows(path)
      let header = try #require(rows.firstIndex { $0.contains { $0.hasPrefix("家庭住址") } })
      for secret in Secret.allCases {
        for (column, title) in rows[header].enumerated() where secret.headers.contains(title) {
          let values = rows[(header + 1)...].compactMap { column < $0.count ? $0[column] : nil }
          found[secret, default: []].formUnion(values.filter { $0.count > 1 })
        }
      }
    }
    found[.category, default: []].formUnion(
      RuleSet.shipped.flatMap(\.categories).map(\.label.zh))
    return found
  }

  @Test("notices, objections, masked reports and the trail hold none of it")
  func search() async throws {
    let secrets = try Self.secrets()
    for secret in Secret.allCases { #expect((secrets[secret]?.count ?? 0) > 3, "\(secret)") }

    let sample = try await SampleDistrictTests.Sample()
    let district = sample.district
    for (file, counts) in try SampleDistrictTests.expected("student") {
      let request = try sample.request(file, counts)
      _ = try await Students.importRoster(
        request, school: try #require(request.school), in: district.admin)
    }
    let notices = try await Self.notice(district)
    var published = [String(decoding: try JSONEncoder().encode(notices), as: UTF8.self)]
    published += notices.flatMap(\.lines).flatMap {
      $0.values(inEnglish: false) + $0.values(inEnglish: true)
    }
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await Notices.write(notices, to: path)
    published.append(try TestDistrict.content(path))
    let objection = try await Objections.file(
      notice: notices[0].id, line: 1, words: "不属实", contact: nil, on: RecognitionFixture.posted,
      in: district.otherOfficer)
    published.append(
      String(
        decoding: try JSONEncoder().encode(
          try await Objections.status(objection.number, in: district.otherOfficer)),
        as: UTF8.self))
    for kind in Reports.Kind.allCases {
      for format in Reports.Format.allCases {
        published.append(
          try await district.report(district.request(kind), as: format, in: district.admin) {
            try TestDistrict.content($0)
          })
      }
    }
    let trail = try await Audit.list(limit: 10_000, in: district.admin)
    published.append(String(decoding: try JSONEncoder().encode(trail), as: UTF8.self))

    #expect(notices[0].lines.count == 8)
    #expect(published.contains { $0.contains("特别困难") })
    for (secret, words) in secrets {
      for word in words {
        #expect(!published.contains { $0.contains(word) }, "\(secret)")
      }
    }
  }

  /// Eight pupils of the first school through all steps up to their notice.
  private static func notice(_ district: TestDistrict) async throws -> [Notices.Notice] {
    typealias Fixture = RecognitionFixture
    let fixture = try await Fixture.make(district)
    let pupils: [(student: UUID, guardian: String, category: String)] =
      try await district.officer.read { session in
        try session.query(
          """
          select r.student_id, min(g.name), r.category from recognition r
          join guardian g on g.district_id = r.district_id and g.student_id = r.student_id
          where r.tier = 'special' and r.category in ('orphan', 'registered-poor')
          group by 1, 3 order by 1 limit 8
          """
        ).map { (try $0.get(0), try $0.get(1), try $0.get(2)) }
      }
    for pupil in pupils {
      let id = try await Cases.apply(
        student: pupil.student, year: Fixture.year, guardian: pupil.guardian,
        claims: [pupil.category], signed: true, on: Fixture.day, in: fixture.officer
      ).id
      try await Cases.nominate([id], nominated: true, on: Fixture.day, in: fixture.officer)
      try await fixture.assess(id)
      let department = try #require(
        RuleSet.yunnan.category(code: pupil.category)?.departments.first)
      _ = try await Cases.propose(
        id, proofs: [Proof(department: department, form: .certificate)], on: Fixture.day,
        in: fixture.officer)
      for member in fixture.members.prefix(2) {
        _ = try await Cases.vote([id], agrees: true, on: Fixture.day, in: member)
      }
    }
    _ = try await Notices.post(
      Fixture.year, school: district.school.id, on: Fixture.posted, in: fixture.officer)
    return try await Notices.running(on: Fixture.posted, in: fixture.officer)
  }
}
