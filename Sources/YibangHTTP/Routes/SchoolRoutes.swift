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
  ]

  struct NewSchool: Codable, Sendable {
    let code: SchoolCode
    let name: String
  }
}
