import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let payoutRoutes: [Endpoint] = [
    .pages(
      "/payouts", "payout.list", Text("一学期的发放计划", "The payouts of a semester"), .needs([.read])
    ) {
      (input: PayoutPage, page, call) in
      try await Payouts.page(
        page, call.semester(input.semester), school: call.school(input.school),
        state: input.state, in: call.context)
    },
    .create(
      "/payouts/batch", "payout.batch",
      Text("把款已到位的编成发放批次", "Make a payment batch of those whose money is there"),
      .needs([.preparePayments])
    ) { (input: NewPayoutBatch, call) in
      try await Payouts.makeBatch(
        call.semester(input.semester), school: call.schoolRecord(input.school),
        title: input.title, in: call.context)
    },
    .post(
      "/payouts/{id}/suspend", "payout.suspend", Text("暂停发放", "Suspend a payout"),
      .needs([.preparePayments])
    ) { (input: PayoutMark, call) in
      try await Payouts.mark(
        input.id, .suspended, reason: input.reason, on: call.day(input.date), in: call.context)
    },
    .post(
      "/payouts/{id}/resume", "payout.resume", Text("恢复发放", "Resume a suspended payout"),
      .needs([.preparePayments])
    ) { (input: PayoutResume, call) in
      try await Payouts.mark(input.id, .planned, on: call.day(input.date), in: call.context)
    },
    .post(
      "/payouts/{id}/cancel", "payout.cancel", Text("取消发放", "Cancel a payout"),
      .needs([.preparePayments])
    ) { (input: PayoutMark, call) in
      try await Payouts.mark(
        input.id, .cancelled, reason: input.reason, on: call.day(input.date), in: call.context)
    },
  ]

  struct PayoutPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let state: Payouts.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct NewPayoutBatch: Codable, Sendable {
    let school: SchoolCode
    let title: String
    let semester: Semester?
  }

  struct PayoutMark: Codable, Sendable {
    let id: UUID
    let reason: String
    let date: CalendarDate?
  }

  struct PayoutResume: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }
}
