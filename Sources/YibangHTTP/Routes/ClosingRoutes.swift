import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let closingRoutes: [Endpoint] = [
    .list(
      "/semesters/{semester}/open-items", "semester.check",
      Text("结账前还有哪些未了事项", "What stands in the way of closing"), .needs([.read])
    ) { (input: OneSemester, call) in
      try await SemesterClosing.openItems(input.semester, today: call.today, in: call.context)
    },
    .post(
      "/semesters/{semester}/close", "semester.close", Text("学期结账", "Close a semester's books"),
      .needs([.closeSemesters])
    ) { (input: OneSemester, call) in
      let closing = try await SemesterClosing.close(
        input.semester, today: call.today, in: call.context)
      return Closed(semester: input.semester, closing: closing)
    },
    .create(
      "/semesters/{semester}/reopening", "semester.request_reopening",
      Text("申请重开已结账的学期", "Ask for a closed semester to be reopened"), .needs([.closeSemesters])
    ) { (input: Reopening, call) in
      Identified(
        id: try await SemesterClosing.requestReopening(
          input.semester, reason: input.reason, in: call.context))
    },
    .post(
      "/semesters/{semester}/reopening/approve", "semester.reopen",
      Text("批准他人的重开申请", "Approve the reopening that another asked for"),
      .needs([.closeSemesters])
    ) { (input: OneSemester, call) in
      try await SemesterClosing.approveReopening(input.semester, in: call.context)
    },
  ]

  struct OneSemester: Codable, Sendable {
    let semester: Semester
  }

  struct Closed: Codable, Sendable {
    let semester: Semester
    /// Nil: it was closed before.
    let closing: UUID?
  }

  struct Reopening: Codable, Sendable {
    let semester: Semester
    let reason: String
  }
}
