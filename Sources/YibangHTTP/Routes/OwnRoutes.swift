import Foundation
import SchoolCalendar
import Yibang

extension API {
  /// Of a sponsor, about itself.
  static let ownRoutes: [Endpoint] = [
    .get(
      "/own/statement", "own.statement", Text("本人的捐赠与资助款", "The own gifts and instalments"),
      .needs([.readOwn])
    ) { (input: OwnPeriod, call) in
      try await OwnRecords.statement(
        from: input.from, to: input.to, after: input.after, limit: input.limit?.count ?? 100,
        withTotals: input.totals ?? false, in: call.context)
    },
    .parts(
      "/own/pairings", "own.pairings", Text("本人的结对及各期资助款", "The own pairings, with instalments"),
      .needs([.readOwn]), by: "id"
    ) { (_: NoInput, call) in
      try await OwnRecords.pairings(today: call.today, in: call.context)
    },
    .parts(
      "/own/receipts", "own.receipts", Text("本人的捐赠收据", "Receipts of the own gifts"),
      .needs([.readOwn]), by: "id"
    ) { (_: NoInput, call) in
      try await OwnRecords.receipts(in: call.context)
    },
    .parts(
      "/own/letters", "own.letters", Text("转给本人的信", "Letters released to oneself"),
      .needs([.readOwn]), by: "id"
    ) { (_: NoInput, call) in
      try await OwnRecords.letters(today: call.today, in: call.context)
    },
    .lookUp(
      "/own/letters/{id}/open", "own.letter",
      Text("打开转给本人的信，记入审计", "Open one, which stands in the trail"),
      .needs([.readOwn])
    ) { (input: OwnLetter, call) in
      OpenedLetter(
        try await OwnRecords.letter(input.id, today: call.today, in: call.context))
    },
  ]

  struct OwnPeriod: Codable, Sendable {
    let from: CalendarDate?
    let to: CalendarDate?
    /// The last line of the page before.
    let after: UUID?
    let limit: PageLimit?
    let totals: Bool?
  }

  struct OwnLetter: Codable, Sendable {
    let id: UUID
  }
}
