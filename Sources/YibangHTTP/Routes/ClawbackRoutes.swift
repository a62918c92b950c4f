import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let clawbackRoutes: [Endpoint] = [
    .pages(
      "/clawbacks", "clawback.list", Text("追回事项，新的在前", "Cases, newest first"), .needs([.read])
    ) { (input: ClawbackPage, page, call) in
      let school = try await call.school(input.school)
      return try await page.page(by: \.id) { after, limit in
        try await Clawbacks.list(
          school: school, openOnly: input.open ?? false, after: after, limit: limit,
          in: call.context)
      }
    },
    .create(
      "/clawbacks", "clawback.open", Text("立案追回一笔支出", "Open a case on a payment"),
      .needs([.payOut])
    ) { (input: NewClawback, call) in
      let id = try await Clawbacks.open(
        payment: input.payment, amount: input.amount, reason: input.reason, note: input.note,
        on: try call.day(input.date), in: call.context)
      return try await Clawbacks.show(id, in: call.context).clawback
    },
    .get(
      "/clawbacks/{id}", "clawback.show", Text("一项追回及其每笔收支", "A case with its transfers"),
      .needs([.read])
    ) { (input: Identified, call) in try await Clawbacks.show(input.id, in: call.context) },
    .create(
      "/clawbacks/{id}/recoveries", "clawback.recover",
      Text("登记追回的款项，可分次", "Book money that came back, also in parts"), .needs([.payOut])
    ) { (input: Recovery, call) in
      let day = try call.day(input.date)
      let transfer = try await Clawbacks.recover(
        input.id, amount: input.amount, on: day,
        semester: try await call.semester(input.semester, on: day), note: input.note,
        in: call.context)
      return Recovered(
        transfer: transfer, left: try await Clawbacks.show(input.id, in: call.context).clawback.left
      )
    },
    .create(
      "/recoveries/{id}/undo", "clawback.undo", Text("撤销有误的追回", "Undo a recovery"),
      .needs([.payOut])
    ) { (input: UndoneRecovery, call) in
      let day = try call.day(input.date)
      return Identified(
        id: try await Clawbacks.undo(
          recovery: input.id, amount: input.amount, on: day,
          semester: try await call.semester(input.semester, on: day), note: input.note,
          in: call.context))
    },
    .post(
      "/clawbacks/{id}/waive", "clawback.waive",
      Text("免除余额，须第二人", "Give up the rest; by a second person"), .needs([.approvePayments])
    ) { (input: Reasoned, call) in
      Waived(amount: try await Clawbacks.waive(input.id, reason: input.reason, in: call.context))
    },
  ]

  struct ClawbackPage: Paged, Sendable {
    let school: SchoolCode?
    let open: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct NewClawback: Codable, Sendable {
    let payment: UUID
    let amount: Money
    let reason: ClawbackReason
    let note: String?
    let date: CalendarDate?
  }

  struct Recovery: Codable, Sendable {
    let id: UUID
    let amount: Money
    let note: String?
    let date: CalendarDate?
    let semester: Semester?
  }

  struct Recovered: Codable, Sendable {
    let transfer: UUID
    let left: Money
  }

  struct UndoneRecovery: Codable, Sendable {
    let id: UUID
    let amount: Money?
    let note: String?
    let date: CalendarDate?
    let semester: Semester?
  }

  struct Waived: Codable, Sendable {
    let amount: Money
  }
}
