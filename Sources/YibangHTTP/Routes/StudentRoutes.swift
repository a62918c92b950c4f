import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let studentRoutes: [Endpoint] = [
    .pages("/students", "student.list", Text("学生", "Pupils"), .needs([.read])) {
      (input: StudentPage, page, call) in
      let semester = try await call.semester(input.semester)
      let day = try await Semesters.day(of: semester, today: call.today, in: call.context)
      return try await Students.page(
        page, school: call.school(input.school), year: semester.schoolYear, on: day,
        recognisedOnly: input.recognised ?? false, in: call.context)
    },
    .sheet(
      "/students/import", "student.import", Text("导入学生花名册", "Import a roster"),
      .needs([.importStudents])
    ) { (input: SchoolSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Students.importRoster(request, school: school, in: call.context)
    },
    .list(
      "/students/{id}/stays", "student.show",
      Text("学生就读过的学校及起止日期", "The schools of a pupil, by date"), .needs([.read])
    ) { (input: Identified, call) in
      try await StudentMoves.stays(of: input.id, in: call.context)
    },
    .lookUp(
      "/students/{id}/reveal", "student.reveal",
      Text("显示一名学生的身份信息，理由记入审计", "A pupil's identity; the reason is kept in the trail"),
      .needs([.readIdentities])
    ) { (input: Reveal, call) in
      try await Students.reveal(input.id, reason: input.reason, in: call.context)
    }.showing(.pupil),
    .post(
      "/students/{id}/transfer", "student.transfer",
      Text("学生转到本区另一所学校", "A pupil goes to another school"), .needs([.importStudents])
    ) { (input: StudentTransfer, call) in
      try await StudentMoves.move(
        input.id, to: input.to, on: input.on, today: call.today, in: call.context)
    }.versioned(.student),
    .parts(
      "/student-transfers", "student.transfers",
      Text("转入转出本校的学生", "Pupils who come and go"), .needs([.read]), by: "id"
    ) { (input: TransferList, call) in
      try await StudentMoves.list(openOnly: input.open ?? false, in: call.context)
    },
    .post(
      "/student-transfers/{id}/receive", "student.receive",
      Text("接收转来的学生", "Take a pupil whom another school proposed"), .needs([.importStudents])
    ) { (input: Identified, call) in
      try await StudentMoves.accept(input.id, today: call.today, in: call.context)
    },
    .post(
      "/student-transfers/{id}/keep", "student.keep",
      Text("取消尚未接收的转学", "Give up a transfer that was not accepted"), .needs([.importStudents])
    ) { (input: Identified, call) in
      try await StudentMoves.cancel(input.id, in: call.context)
    },
  ]

  struct StudentPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    /// Only pupils who are recognised.
    let recognised: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  /// What every sheet of a school is told beside what it says.
  struct SchoolSheet: Codable, Sendable {
    let school: SchoolCode
    let semester: Semester
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct StudentTransfer: Codable, Sendable {
    let id: UUID
    /// The new school.
    let to: SchoolCode
    /// The first day there.
    let on: CalendarDate
  }

  struct TransferList: Codable, Sendable {
    /// Only those that wait to be accepted.
    let open: Bool?
  }
}
