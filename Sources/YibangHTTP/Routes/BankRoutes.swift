import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let bankRoutes: [Endpoint] = bankAccounts + bankLines + bankMatching

  private static let bankAccounts: [Endpoint] = [
    .list("/bank-accounts", "bank.accounts", Text("银行账户", "Bank accounts"), .needs([.read])) {
      (input: AtSchool, call) in
      try await BankAccounts.list(school: try await call.school(input.school), in: call.context)
    },
    .create(
      "/bank-accounts", "bank.add_account",
      Text("登记银行账户，只保存末四位和摘要", "Register an account; of its number a hash is kept"),
      .needs([.reconcile])
    ) { (input: NewAccount, call) in
      Identified(
        id: try await BankAccounts.add(
          name: input.name, number: input.number, school: try await call.school(input.school),
          in: call.context))
    },
    .sheet(
      "/bank-accounts/{id}/import", "bank.import", Text("导入银行流水", "Import a bank statement"),
      .needs([.reconcile])
    ) { (input: BankSheet, upload, call) in
      try await BankAccounts.importStatement(
        ImportRequest(
          path: upload.path, school: nil, semester: input.semester, today: call.today,
          dryRun: input.dryRun ?? false, skipRefused: input.skipRefused ?? false),
        account: input.id, in: call.context)
    },
  ]

  private static let bankLines: [Endpoint] = [
    .pages(
      "/bank-lines", "bank.list",
      Text("银行流水及对账情况", "Bank lines and what became of them"), .needs([.read])
    ) { (input: BankLinePage, page, call) in
      let school = try await call.school(input.school)
      let semester = try await call.semester(input.semester)
      return try await page.page(by: \.id) { after, limit in
        try await BankLines.list(
          semester, account: input.account, school: school, state: input.state, after: after,
          limit: limit, in: call.context)
      }
    },
    .get(
      "/bank-status", "bank.status", Text("一学期的对账情况", "How far a semester is reconciled"),
      .needs([.read])
    ) { (input: AtSchoolInSemester, call) in
      try await Reconciliation.status(
        try await call.semester(input.semester), school: try await call.school(input.school),
        in: call.context)
    },
    .parts(
      "/bank-status/open", "bank.open",
      Text("结账前还要处理的流水和账目", "What is to be settled before closing"), .needs([.read]), by: "kind",
      "id"
    ) { (input: AtSchoolInSemester, call) in
      try await Reconciliation.open(
        try await call.semester(input.semester), school: try await call.school(input.school),
        in: call.context)
    },
  ]

  private static let bankMatching: [Endpoint] = [
    .post(
      "/bank-lines/match", "bank.match", Text("自动对账", "Match by program"), .needs([.reconcile])
    ) { (input: Matching, call) in
      try await Reconciliation.match(
        school: try await call.school(input.school), try await call.semester(input.semester),
        days: try input.daysApart, dryRun: input.dryRun ?? false, in: call.context)
    },
    .create(
      "/bank-lines/{id}/match", "bank.match_by_hand", Text("人工对账", "Match by hand"),
      .needs([.reconcile])
    ) { (input: HandMatch, call) in
      Identified(
        id: try await Reconciliation.match(
          line: input.id, with: input.entries, note: input.reason, in: call.context))
    },
    .create(
      "/bank-lines/{id}/explain", "bank.explain_line",
      Text("说明没有对应账目的流水", "Explain a line that is not in the books"), .needs([.reconcile])
    ) { (input: Explanation, call) in
      Identified(
        id: try await Reconciliation.explain(
          .line(input.id), input.reason, note: input.note, in: call.context))
    },
    .create(
      "/transfers/{id}/explain", "bank.explain_entry",
      Text("说明没有流水的账目", "Explain what is in the books and not at the bank"),
      .needs([.reconcile])
    ) { (input: Explanation, call) in
      Identified(
        id: try await Reconciliation.explain(
          .transfer(input.id), input.reason, note: input.note, in: call.context))
    },
    .post(
      "/reconciliations/{id}/undo", "bank.unmatch",
      Text("撤销对账或说明，留下记录", "Undo a match or explanation, on record"), .needs([.reconcile])
    ) { (input: Reasoned, call) in
      Identified(
        id: try await Reconciliation.undo(input.id, reason: input.reason, in: call.context))
    },
  ]

  struct NewAccount: Codable, Sendable {
    let name: String
    let number: String
    let school: SchoolCode?
  }

  struct BankSheet: Codable, Sendable {
    let id: UUID
    let semester: Semester
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct BankLinePage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let account: UUID?
    let state: BankLines.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct Matching: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let days: Int?
    let dryRun: Bool?

    private static let allowed = 0...60

    var daysApart: Int {
      get throws {
        let days = days ?? 5
        guard Self.allowed.contains(days) else {
          throw InputError.value(field: "days", Text("应是 0 到 60。", "0 to 60."))
        }
        return days
      }
    }
  }

  struct HandMatch: Codable, Sendable {
    let id: UUID
    let entries: [UUID]
    let reason: String
  }

  struct Explanation: Codable, Sendable {
    let id: UUID
    let reason: ReconciliationReason
    let note: String
  }
}
