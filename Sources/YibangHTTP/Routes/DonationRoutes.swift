import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let donationRoutes: [Endpoint] = [
    .pages("/donations", "donation.list", Text("捐款", "Donations"), .needs([.read])) {
      (input: DonationPage, page, call) in
      try await Giving.page(
        page, school: call.school(input.school), semester: input.semester, in: call.context)
    },
    .sheet(
      "/donations/import", "donation.import", Text("导入捐款情况表", "Import a sheet of donations"),
      .needs([.recordDonations])
    ) { (input: DonationSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Giving.importSheet(
        request, school: school, dateOfAll: input.date, campaign: input.campaign, in: call.context)
    },
  ]

  struct DonationPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct DonationSheet: Codable, Sendable {
    let school: SchoolCode
    let semester: Semester
    let date: CalendarDate?
    let campaign: UUID?
    let dryRun: Bool?
    let skipRefused: Bool?
  }
}
