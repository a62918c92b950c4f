import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let budgetRoutes: [Endpoint] = [
    .list(
      "/budgets", "budget.show",
      Text("预算、已批准、已支出、可用", "Planned, committed, spent and free"), .needs([.read])
    ) { (input: AtSchoolInSemester, call) in
      try await Budgets.list(
        try await call.semester(input.semester), school: try await call.school(input.school),
        in: call.context)
    },
    .put(
      "/funds/{id}/budgets/{semester}", "budget.plan",
      Text("安排一学期的预算", "Plan what a fund may spend in a semester"), .needs([.manageFunds])
    ) { (input: PlannedBudget, call) in
      try await Budgets.plan(
        fund: input.id, input.semester, amount: input.amount, in: call.context)
    },
    .delete(
      "/funds/{id}/budgets/{semester}", "budget.lift", Text("不设预算", "Lift the plan"),
      .needs([.manageFunds])
    ) { (input: LiftedBudget, call) in
      try await Budgets.plan(fund: input.id, input.semester, amount: nil, in: call.context)
    },
  ]

  struct PlannedBudget: Codable, Sendable {
    let id: UUID
    let semester: Semester
    let amount: Money
  }

  struct LiftedBudget: Codable, Sendable {
    let id: UUID
    let semester: Semester
  }
}
