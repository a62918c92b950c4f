import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let campaignRoutes: [Endpoint] = [
    .parts("/campaigns", "campaign.list", Text("募捐活动", "Campaigns"), .needs([.read]), by: "id") {
      (input: AtSchool, call) in
      try await Campaigns.list(school: try await call.school(input.school), in: call.context)
    },
    .create(
      "/campaigns", "campaign.add", Text("登记一次募捐活动", "Register a campaign"),
      .needs([.recordDonations])
    ) { (input: NewCampaign, call) in
      let first = input.from ?? call.today
      let id = try await Campaigns.add(
        Campaigns.NewCampaign(
          name: input.name, school: try await call.school(input.school), from: first,
          to: input.to ?? first, voucherNumber: input.voucherNumber,
          designation: input.designation, handler: input.handler),
        in: call.context)
      return try await Campaigns.find(id, in: call.context)
    },
    .get("/campaigns/{id}", "campaign.find", Text("一次募捐活动", "One campaign"), .needs([.read])) {
      (input: Identified, call) in try await Campaigns.find(input.id, in: call.context)
    }.versioned(.campaign),
    .get(
      "/campaigns/{id}/summary", "campaign.show",
      Text("募捐汇总：按班级、按类别、全校", "A campaign's totals"), .needs([.read])
    ) { (input: Identified, call) in try await Campaigns.summary(input.id, in: call.context) },
    .parts(
      "/campaigns/{id}/lines", "campaign.lines", Text("募捐明细", "A campaign's gifts"),
      .needs([.read]), by: "donation"
    ) { (input: Identified, call) in try await Campaigns.lines(input.id, in: call.context) },
    .sheet(
      "/campaigns/{id}/import", "campaign.import",
      Text("导入募捐的捐款情况表", "Import the list of a campaign"), .needs([.recordDonations])
    ) { (input: CampaignSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Giving.importSheet(
        request, school: school, dateOfAll: input.date, campaign: input.id, in: call.context)
    },
    .post(
      "/campaigns/{id}/close", "campaign.close", Text("结束募捐活动", "End a campaign"),
      .needs([.recordDonations])
    ) { (input: Identified, call) in
      _ = try await Campaigns.close(input.id, in: call.context)
      return try await Campaigns.find(input.id, in: call.context)
    }.versioned(.campaign),
  ]

  struct AtSchool: Codable, Sendable {
    let school: SchoolCode?
  }

  struct NewCampaign: Codable, Sendable {
    let name: String
    let school: SchoolCode?
    let from: CalendarDate?
    let to: CalendarDate?
    let voucherNumber: String?
    let designation: String?
    let handler: String?
  }

  struct CampaignSheet: Codable, Sendable {
    let id: UUID
    let school: SchoolCode
    let semester: Semester
    let date: CalendarDate?
    let dryRun: Bool?
    let skipRefused: Bool?
  }
}
