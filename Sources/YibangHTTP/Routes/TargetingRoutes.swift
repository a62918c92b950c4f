import SchoolCalendar
import Yibang

extension API {
  static let targetingRoutes: [Endpoint] = [
    .list(
      "/targeting/counts", "targeting.counts",
      Text("各学期认定人数，按等级和类别", "Counts by tier and category"), .needs([.read])
    ) { (input: TargetingCounts, call) in
      try await Targeting.counts(
        school: call.school(input.school), through: call.semester(input.until),
        semesters: input.semesters ?? 4, today: call.today, in: call.context)
    },
    .list(
      "/targeting/classes", "targeting.classes",
      Text("认定比例异常的班级", "Classes with unusual rates"), .needs([.recognise])
    ) { (input: SchoolOnDay, call) in
      try await Targeting.unusualClasses(
        school: call.school(input.school), on: call.day(input.date), in: call.context)
    },
    .lookUp(
      "/targeting/without-aid", "targeting.without_aid",
      Text("认定了却没有得到资助的学生；查看会被记录", "Recognised pupils without any aid; recorded"),
      .needs([.readIdentities])
    ) { (input: SchoolOnDay, call) in
      PupilsWithoutAid(
        items: try await Targeting.withoutAid(
          school: call.school(input.school), on: call.day(input.date), in: call.context))
    },
  ]

  struct TargetingCounts: Codable, Sendable {
    let school: SchoolCode?
    /// The last one that is counted.
    let until: Semester?
    /// How many, 4 where nothing is said.
    let semesters: Int?
  }

  struct PupilsWithoutAid: Codable, Sendable {
    let items: [Targeting.WithoutAid]
  }
}
