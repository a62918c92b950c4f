import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let pairingRoutes: [Endpoint] = [
    .pages("/pairings", "pairing.list", Text("结对", "Pairings"), .needs([.read])) {
      (input: PairingPage, page, call) in
      try await Pairings.page(
        page, school: call.school(input.school), semester: input.semester, state: input.state,
        in: call.context)
    },
    .sheet(
      "/pairings/import", "pairing.import",
      Text("导入正在进行的一帮一结对台账", "Import pairings that are running already"),
      .needs([.match, .recordOffers])
    ) { (input: SchoolSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Pairings.importSheet(request, school: school, in: call.context)
    },
    .get(
      "/pairings/{id}", "pairing.show", Text("一对及其六期资助款", "A pairing and its six instalments"),
      .needs([.read])
    ) { (input: Identified, call) in
      try await Commitments.show(pairing: input.id, today: call.today, in: call.context)
    }.versioned(.pairing, alone: false),
    .get(
      "/pairings/{id}/commitment", "commitment.show",
      Text("一对的三年承诺：六期", "The six instalments of a pairing"), .needs([.read])
    ) { (input: Identified, call) in
      try await Commitments.show(pairing: input.id, today: call.today, in: call.context)
    },
    .post(
      "/pairings/{id}/amend", "pairing.amend", Text("调整每学期金额", "Change the amount a semester"),
      .needs([.match])
    ) { (input: PairingAmendment, call) in
      try await Commitments.amend(
        pairing: input.id, amount: input.amount, from: input.from,
        lowersChild: input.lowerChild ?? false, reason: input.reason,
        on: call.day(input.date), in: call.context)
    }.versioned(.pairing),
    .list(
      "/pairings/{id}/changes", "pairing.changes",
      Text("金额的历次调整", "How the amount was changed"), .needs([.read])
    ) { (input: Identified, call) in
      try await Commitments.changes(pairing: input.id, in: call.context)
    },
    .post("/pairings/{id}/end", "pairing.end", Text("结束结对", "End a pairing"), .needs([.match])) {
      (input: PairingEnd, call) in
      try await Pairings.end(
        input.id, reason: PairingEndReason.chosen(input.reason), on: call.day(input.date),
        balance: input.balance?.decision, in: call.context)
    }.versioned(.pairing),
    .list(
      "/pairing-end-reasons", "pairing.reasons",
      Text("结束原因及其后果", "Why a pairing ends, and what follows"), .signedIn
    ) { (_: NoInput, _) in PairingEndReason.all },
    .list(
      "/students/{id}/pairings", "pairing.history",
      Text("一名学生的历任资助人", "Who has supported a pupil"), .needs([.read])
    ) { (input: Identified, call) in try await Pairings.history(of: input.id, in: call.context) },
    .post(
      "/pairings/complete", "pairing.complete",
      Text("三年期满且款已结清的，办理期满", "Complete those whose three years are over"),
      .needs([.match])
    ) { (input: DayOfWork, call) in
      PairingsCompleted(
        completed: try await Pairings.complete(on: call.day(input.date), in: call.context))
    },
    .get(
      "/pairing-settings", "pairing.settings",
      Text("宽限、发放、兜底的天数与次数", "Days of grace, payout and cover"), .needs([.read])
    ) { (_: NoInput, call) in try await Pairings.settings(in: call.context) },
    .put(
      "/pairing-settings", "pairing.set_settings",
      Text("设定宽限、发放、兜底", "Set the days of grace, payout and cover"), .needs([.administer])
    ) { (input: Pairings.Settings, call) in try await Pairings.set(input, in: call.context) },
  ]

  static let coverRoutes: [Endpoint] = [
    .post(
      "/pairing-covers/run", "pairing.cover",
      Text("爱心基金兜底：宽限期已过未到账的", "Bridge what is past its grace from the general fund"),
      .needs([.manageFunds])
    ) { (input: SchoolOnDay, call) in
      try await Covers.run(
        on: call.day(input.date), school: call.school(input.school), in: call.context)
    },
    .pages(
      "/pairing-covers", "pairing.covers", Text("兜底及归还", "Cover given and repaid"), .needs([.read])
    ) { (input: CoverPage, page, call) in
      try await Covers.page(
        page, input.semester, school: call.school(input.school), in: call.context)
    },
    .list(
      "/pairing-coverage", "pairing.coverage",
      Text("每学期应领、按时、兜底、迟发、未发", "Who had the support in time, by semester"),
      .needs([.read])
    ) { (input: SchoolSemester, call) in
      try await Coverage.list(
        input.semester, school: call.school(input.school), today: call.today, in: call.context)
    },
  ]

  struct PairingPage: Paged, Sendable {
    let school: SchoolCode?
    /// One of the six that a pairing covers.
    let semester: Semester?
    let state: Pairings.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct PairingAmendment: Codable, Sendable {
    let id: UUID
    /// For each semester.
    let amount: Money
    let from: Semester
    let reason: String
    /// Whether the child gets less too.
    let lowerChild: Bool?
    let date: CalendarDate?
  }

  struct PairingEnd: Codable, Sendable {
    /// Where the sponsor's unspent money goes.
    struct Balance: Codable, Sendable {
      let use: Pairings.BalanceUse
      /// The document of the sponsor's consent, for another use than returning it.
      let consent: String?
      let consentOn: CalendarDate?
      /// The other pairing.
      let to: UUID?

      var decision: Pairings.BalanceDecision {
        Pairings.BalanceDecision(use, consentOn: consentOn, consent: consent, target: to)
      }
    }

    let id: UUID
    /// A code of `/pairing-end-reasons`.
    let reason: String
    let balance: Balance?
    let date: CalendarDate?
  }

  /// What is done on a day: today where none is given.
  struct DayOfWork: Codable, Sendable {
    let date: CalendarDate?
  }

  struct PairingsCompleted: Codable, Sendable {
    let completed: Int
  }

  /// What is done or asked on a day, of a school or all that the caller may see.
  struct SchoolOnDay: Codable, Sendable {
    let school: SchoolCode?
    let date: CalendarDate?
  }

  struct SchoolSemester: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester?
  }

  struct CoverPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let after: Cursor?
    let limit: PageLimit?
  }
}
