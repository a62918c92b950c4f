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
    .keyed(
      "/donations", "donation.record", Text("登记一笔捐款", "Record a donation"),
      .needs([.recordDonations])
    ) { (input: NewDonation, key, call) in
      try await record(input, school: call.school(input.school), key: key, call)
    },
    .lines(
      "/donations/stream", "donation.stream",
      Text("逐行登记捐款，逐行答复", "Record donations line by line, each answered at once"),
      .needs([.recordDonations])
    ) { (input: StreamOfSchool, call) in
      let school = try await call.school(input.school)
      return { (line: NewDonation, key, call) in
        let own = line.school == nil ? school : try await call.school(line.school)
        return try await record(line, school: own, key: key, call)
      }
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
    .post(
      "/donations/{id}/reverse", "donation.reverse",
      Text("冲正或退还一笔捐款，可部分", "Take a donation back, in part or whole"),
      .needs([.recordDonations])
    ) { (input: Reversal, call) in
      let day = try call.day(input.date)
      return try await Giving.reverse(
        input.id, amount: input.amount, as: input.kind ?? .reversal, on: day,
        semester: try await call.semester(input.semester, on: day), reason: input.reason,
        in: call.context)
    },
    .post(
      "/donations/{id}/reinstate", "donation.reinstate",
      Text("恢复冲正或退还的捐款", "Undo a reversal or refund"), .needs([.recordDonations])
    ) { (input: Reinstatement, call) in
      let day = try call.day(input.date)
      return try await Giving.reinstate(
        input.id, amount: input.amount, on: day,
        semester: try await call.semester(input.semester, on: day), reason: input.reason,
        in: call.context)
    },
    .create(
      "/donations/{id}/redirect", "donation.redirect",
      Text("经捐赠人同意改变用途", "Another use, with the donor's consent"), .needs([.manageFunds])
    ) { (input: Redirection, call) in
      let day = try call.day(input.date)
      let change = try await ChangesOfUse.change(
        input.id, to: input.fund, amount: input.amount,
        consent: .init(givenOn: input.consentOn, document: input.document), on: day,
        semester: try await call.semester(input.semester, on: day), reason: input.reason,
        in: call.context)
      return Identified(id: change)
    },
    .get(
      "/donations/{id}/trace", "donation.trace",
      Text("一笔捐款用到了哪里", "Where a donation went"), .needs([.read])
    ) { (input: Identified, call) in try await Giving.trace(input.id, in: call.context) },
  ]

  private static func record(
    _ input: NewDonation, school: UUID?, key: String?, _ call: Call
  ) async throws -> RecordedDonation {
    var donation = Giving.NamedDonation(
      input.donor.details, input.amount, on: try call.day(input.date), semester: input.semester,
      school: school, method: input.method ?? .unknown)
    donation.designation = input.designation
    donation.receiptNumber = input.receiptNumber
    donation.handler = input.handler
    donation.note = input.note
    donation.campaign = input.campaign
    let recorded = try await Giving.record(donation, key: key, in: call.context)
    return RecordedDonation(
      id: recorded.id, amount: recorded.amount, semester: recorded.semester)
  }

  /// The same for a repetition as for the first time.
  struct RecordedDonation: Codable, Sendable {
    let id: UUID
    let amount: Money
    let semester: Semester
  }

  struct DonationPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct StreamOfSchool: Codable, Sendable {
    /// Of lines that name none.
    let school: SchoolCode?
  }

  struct DonationSheet: Codable, Sendable {
    let school: SchoolCode
    let semester: Semester
    let date: CalendarDate?
    let campaign: UUID?
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  /// Who gives.
  struct NamedDonor: Codable, Sendable {
    let name: String
    let kind: DonorKind?
    let anonymous: Bool?
    let className: String?

    var details: DonorDetails {
      DonorDetails(
        named: name, kind: kind ?? .individual, anonymous: anonymous ?? false,
        className: className)
    }
  }

  struct NewDonation: Codable, Sendable {
    let donor: NamedDonor
    let amount: Money
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let method: Giving.Method?
    let designation: String?
    let receiptNumber: String?
    let handler: String?
    let note: String?
    let campaign: UUID?
  }

  struct Reversal: Codable, Sendable {
    let id: UUID
    let amount: Money?
    let kind: Giving.TakingBack?
    let date: CalendarDate?
    let semester: Semester?
    let reason: String
  }

  struct Reinstatement: Codable, Sendable {
    let id: UUID
    let amount: Money?
    let date: CalendarDate?
    let semester: Semester?
    let reason: String
  }

  struct Redirection: Codable, Sendable {
    let id: UUID
    let fund: UUID
    let amount: Money?
    let consentOn: CalendarDate
    let document: String
    let date: CalendarDate?
    let semester: Semester?
    let reason: String
  }
}
