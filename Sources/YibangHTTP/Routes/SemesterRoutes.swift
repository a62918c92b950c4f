import SchoolCalendar
import Yibang

extension API {
  static let semesterRoutes: [Endpoint] = [
    .list("/semesters", "semester.list", Text("学期", "Semesters"), .signedIn) {
      (_: NoInput, call) in try await Semesters.list(in: call.context)
    },
    .create("/semesters", "semester.open", Text("开设学期", "Open a semester"), .needs([.administer])) {
      (input: NewSemester, call) in
      let opened = try await Semesters.open(
        input.semester, from: input.from, to: input.to, in: call.context)
      return SemesterOpened(semester: input.semester, opened: opened)
    },
  ]

  struct NewSemester: Codable, Sendable {
    let semester: Semester
    let from: CalendarDate?
    let to: CalendarDate?
  }

  struct SemesterOpened: Codable, Sendable {
    let semester: Semester
    /// False where it was there already.
    let opened: Bool
  }
}
