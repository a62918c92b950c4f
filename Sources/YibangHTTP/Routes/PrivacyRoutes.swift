import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let privacyRoutes: [Endpoint] = [
    .lookUp(
      "/students/{id}/data", "student.export",
      Text("应要求提供一名学生的全部信息，登记在案", "Everything about a pupil, for who asks; on record"),
      .needs([.readIdentities])
    ) { (input: DataRequest, call) in
      try await PersonalData.export(
        of: input.id, reason: input.reason, askedBy: input.askedBy, on: call.day(input.date),
        in: call.context)
    },
    .create(
      "/students/{id}/erasures", "erasure.propose",
      Text("申请删除一名学生的信息", "Ask for a pupil's data to be erased"), .needs([.importStudents])
    ) { (input: DataRequest, call) in
      Identified(
        id: try await Erasures.propose(
          input.id, reason: input.reason, askedBy: input.askedBy, on: call.day(input.date),
          in: call.context))
    },
    .pages(
      "/erasures", "erasure.list", Text("删除学生信息的申请，新的在前", "Requests to erase, newest first"),
      .needs([.importStudents, .decideErasures])
    ) { (input: ErasurePage, page, call) in
      try await Erasures.page(page, openOnly: input.open ?? false, in: call.context)
    },
    .post(
      "/erasures/{id}/approve", "erasure.approve",
      Text("批准并删除，不可恢复", "Erase; it cannot be undone"), .needs([.decideErasures])
    ) { (input: ErasureStep, call) in
      ErasureDecided(
        changed: try await Erasures.decide(input.id, on: call.day(input.date), in: call.context))
    },
    .post(
      "/erasures/{id}/decline", "erasure.decline",
      Text("不予删除", "Decline a request to erase"), .needs([.decideErasures])
    ) { (input: ErasureStep, call) in
      ErasureDecided(
        changed: try await Erasures.decline(input.id, on: call.day(input.date), in: call.context))
    },
    .get(
      "/retention", "retention.show", Text("本区的保存期限", "The district's periods of keeping"),
      .needs([.read])
    ) { (_: NoInput, call) in try await Retention.settings(in: call.context) },
    .put(
      "/retention", "retention.set", Text("设定本区的保存期限", "Set the district's periods of keeping"),
      .needs([.administer])
    ) { (input: RetentionInput, call) in
      _ = try await Retention.set(
        yearsAfterAid: input.yearsAfterAid, requestDays: input.requestDays,
        sessionDays: input.sessionDays, deliveryDays: input.deliveryDays, in: call.context)
    },
  ]

  struct DataRequest: Codable, Sendable {
    let id: UUID
    let reason: String
    /// The guardian, the pupil of fourteen or more, or nobody: the time for keeping is over.
    let askedBy: Erasures.Asker
    let date: CalendarDate?
  }

  struct ErasurePage: Paged, Sendable {
    /// Only those that wait to be decided.
    let open: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct ErasureStep: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  struct ErasureDecided: Codable, Sendable {
    /// False: it was decided so before.
    let changed: Bool
  }

  /// What is left out stays as it is.
  struct RetentionInput: Codable, Sendable {
    let yearsAfterAid: Int?
    let requestDays: Int?
    let sessionDays: Int?
    let deliveryDays: Int?
  }
}
