import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let activityRoutes: [Endpoint] = [
    .pages("/activities", "activity.list", Text("德育与感恩活动", "Activities"), .needs([.read])) {
      (input: ActivityPage, page, call) in
      try await Activities.page(
        page, school: call.school(input.school), semester: input.semester, kind: input.kind,
        in: call.context)
    },
    .create(
      "/activities", "activity.log", Text("登记一次活动，不写学生姓名", "Log an activity; it names no pupil"),
      .needs([.logActivities])
    ) { (input: NewActivity, call) in
      let day = try call.day(input.date)
      var activity = Activities.NewActivity(
        school: try await call.schoolRecord(input.school).id,
        semester: try await call.semester(input.semester, on: day), heldOn: day,
        kind: input.kind, theme: input.theme)
      activity.host = input.host
      activity.participants = input.participants
      activity.place = input.place
      activity.outcome = input.outcome
      activity.note = input.note
      activity.pairings = input.pairings ?? []
      activity.donors = input.donors ?? []
      return Identified(id: try await Activities.log(activity, in: call.context).id)
    },
    .sheet(
      "/activities/import", "activity.import",
      Text("导入德育活动登记表", "Import an activity register"), .needs([.logActivities])
    ) { (input: SchoolSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Activities.importSheet(request, school: school, in: call.context)
    },
    .get(
      "/activities/summary", "activity.summary",
      Text("一学期的活动小结", "What was done in a semester"), .needs([.read])
    ) { (input: SchoolSemester, call) in
      try await Activities.summary(
        call.semester(input.semester), school: call.school(input.school), in: call.context)
    },
    .post(
      "/activities/{id}/link", "activity.link",
      Text("把活动与结对或捐赠人相联", "Link an activity to pairings or donors"),
      .needs([.logActivities])
    ) { (input: ActivityLinks, call) in
      ActivityLinked(
        added: try await Activities.link(
          input.id, pairings: input.pairings ?? [], donors: input.donors ?? [],
          in: call.context))
    },
  ]

  struct ActivityPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let kind: ActivityKind?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct NewActivity: Codable, Sendable {
    let school: SchoolCode
    let theme: String
    let kind: ActivityKind
    let date: CalendarDate?
    let semester: Semester?
    let host: String?
    let participants: Int?
    let place: String?
    let outcome: String?
    let note: String?
    /// The pairings and donors that it concerns.
    let pairings: [UUID]?
    let donors: [UUID]?
  }

  struct ActivityLinks: Codable, Sendable {
    let id: UUID
    let pairings: [UUID]?
    let donors: [UUID]?
  }

  struct ActivityLinked: Codable, Sendable {
    /// Links that are new.
    let added: Int
  }
}
