import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let reminderRoutes: [Endpoint] = [
    .post(
      "/reminders/run", "reminder.run",
      Text("生成当天的提醒，重复运行无妨", "Make the day's reminders, once"), .needs([.remind])
    ) { (_: NoInput, call) in try await Reminders.run(on: call.today, in: call.context) },
    .post(
      "/reminders/reports", "reminder.reports",
      Text("生成给资助人的学期报告", "Make the semester's reports to sponsors"), .needs([.remind])
    ) { (input: ReportQueue, call) in
      let semester = try await call.semester(input.semester)
      let made = try await Reminders.queueReports(
        semester, school: try await call.school(input.school), pairing: input.pairing,
        on: call.today, in: call.context)
      return QueuedReports(semester: semester, made: made)
    },
    .parts(
      "/reminders/tasks", "reminder.tasks",
      Text("提醒之后仍要人办的事", "What a person has to see to"), .needs([.read]), by: "kind", "subject"
    ) { (_: NoInput, call) in try await Reminders.tasks(on: call.today, in: call.context) },
  ]

  struct ReportQueue: Codable, Sendable {
    let semester: Semester?
    let school: SchoolCode?
    let pairing: UUID?
  }

  struct QueuedReports: Codable, Sendable {
    let semester: Semester
    let made: Int
  }
}
