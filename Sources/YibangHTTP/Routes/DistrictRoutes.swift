import SchoolCalendar
import Yibang

extension API {
  static let districtRoutes: [Endpoint] = [
    .get(
      "/district/hold-days", "district.hold_days",
      Text("为资助人保留学生的天数", "How long a pupil is kept for a sponsor"), .needs([.read])
    ) { (_: NoInput, call) in HoldDays(days: try await Districts.holdDays(in: call.context)) },
    .put(
      "/district/hold-days", "district.set_hold_days",
      Text("设定保留学生的天数", "Set how long a pupil is kept for a sponsor"), .needs([.administer])
    ) { (input: HoldDays, call) in
      try await Districts.setHoldDays(input.days, in: call.context)
    },
  ]

  struct HoldDays: Codable, Sendable {
    let days: Int
  }
}
