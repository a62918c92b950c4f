import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let schoolRoutes: [Endpoint] = [
    .list("/schools", "school.list", Text("学校", "Schools"), .signedIn) {
      (_: NoInput, call) in try await Schools.list(in: call.context)
    },
    .create("/schools", "school.add", Text("登记学校", "Add a school"), .needs([.administer])) {
      (input: NewSchool, call) in
      try await Schools.add(code: input.code.text, name: input.name, in: call.context).school
    },
    .get("/schools/{id}", "school.show", Text("一所学校", "One school"), .signedIn) {
      (input: Identified, call) in try await Schools.find(input.id, in: call.context)
    }.versioned(.school),
    .put(
      "/schools/{id}/minimum", "school.minimum",
      Text("设定每名学生每学期的最低金额", "Set what it asks of a sponsor, at the least"),
      .needs([.administer])
    ) { (input: SchoolMinimum, call) in
      let school = try await Schools.find(input.id, in: call.context)
      try await Schools.setMinimum(input.amount, of: school, in: call.context)
    }.versioned(.school),
    .delete(
      "/schools/{id}/minimum", "school.no_minimum",
      Text("不设最低金额", "Ask for no minimum"), .needs([.administer])
    ) { (input: Identified, call) in
      let school = try await Schools.find(input.id, in: call.context)
      try await Schools.setMinimum(nil, of: school, in: call.context)
    }.versioned(.school),
    .put(
      "/schools/{id}/region", "school.region",
      Text("设定学校所在地区", "Set the county or town of a school"), .needs([.administer])
    ) { (input: SchoolRegion, call) in
      let school = try await Schools.find(input.id, in: call.context)
      try await Schools.setRegion(input.region, of: school, in: call.context)
    }.versioned(.school),
  ]

  struct NewSchool: Codable, Sendable {
    let code: SchoolCode
    let name: String
  }

  struct SchoolMinimum: Codable, Sendable {
    let id: UUID
    let amount: Money
  }

  struct SchoolRegion: Codable, Sendable {
    let id: UUID
    let region: RegionCode
  }
}
