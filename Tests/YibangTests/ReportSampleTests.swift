import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

/// The sample district's sheets on their way in, out again as reports, and back.
@Suite("Reports of the sample district")
struct ReportSampleTests {
  typealias Sample = SampleDistrictTests.Sample

  @Test("activity registers: every line of every school, and each refusal where the dirt is")
  func activities() async throws {
    let sample = try await Sample()
    let admin = sample.district.admin
    for (file, counts) in try SampleDistrictTests.expected("activity") {
      let request = try sample.request(file, counts)
      let school = try #require(request.school)
      let report = try await Activities.importSheet(request, school: school, in: admin)
      #expect(report.accepted == counts.accepted, "\(file)")
      #expect(report.refused.map(\.row) == counts.refused.map(\.row), "\(file)")
      let again = try await Activities.importSheet(request, school: school, in: admin)
      #expect((again.accepted, again.unchanged) == (0, counts.accepted), "\(file)")
      let summary = try await Activities.summary(request.semester, school: school.id, in: admin)
      #expect(summary.activities == counts.accepted, "\(file)")
    }
  }

  @Test(
    "what was imported, written as a report and imported again changes nothing",
    arguments: [Reports.Format.xlsx, .csv])
  func roundTrips(format: Reports.Format) async throws {
    let sample = try await Sample()
    let district = sample.district
    let rosters = try SampleDistrictTests.expected("student")
      .sorted { $0.counts.accepted > $1.counts.accepted }
    for (file, counts) in rosters {
      let request = try sample.request(file, counts)
      _ = try await Students.importRoster(
        request, school: try #require(request.school), in: district.admin)
    }
    for school in sample.schools.values {
      var request = Reports.Request(
        .hardship, semester: TestDistrict.autumn, school: school, date: TestDistrict.today)
      request.reveal = "核对名册"
      let back = try await district.report(request, as: format, in: district.admin) { path in
        try await Students.importRoster(
          district.request(path), school: school, in: district.admin)
      }
      #expect(back.refused.isEmpty, "\(school.name)")
      #expect((back.accepted, back.unchanged) == (0, 40), "\(school.name)")
    }
    for (file, counts) in try SampleDistrictTests.expected("donation") {
      let request = try sample.request(file, counts)
      let school = try #require(request.school)
      _ = try await Giving.importSheet(request, school: school, in: district.admin)
      // Gifts in kind are in the stock's lists, not in the report of money.
      let gifts = try await Giving.list(
        school: school.id, semester: request.semester, in: district.admin)
      let sheet = Reports.Request(
        .donations, semester: request.semester, school: school, date: TestDistrict.today)
      let back = try await district.report(sheet, as: format, in: district.admin) { path in
        try await Giving.importSheet(
          district.request(path, semester: request.semester), school: school, in: district.admin)
      }
      #expect(back.refused.isEmpty, "\(file)")
      #expect((back.accepted, back.unchanged) == (0, gifts.count), "\(file)")
    }
  }
}
