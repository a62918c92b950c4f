import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let revocationRoutes: [Endpoint] = [
    .create(
      "/revocations", "revocation.propose",
      Text("提出撤销一名学生的认定", "Propose to revoke a pupil's recognition"), .needs([.recognise])
    ) { (input: NewRevocation, call) in
      let (id, _) = try await Revocations.propose(
        input.student, since: input.since, because: input.because, evidence: input.evidence,
        on: call.day(input.date), in: call.context)
      return Identified(id: id)
    },
    .pages(
      "/revocations", "revocation.list", Text("撤销事项，新的在前", "Revocations, newest first"),
      .needs([.recognise, .decideRevocations])
    ) { (input: RevocationPage, page, call) in
      try await Revocations.page(
        page, school: call.school(input.school), state: input.state, in: call.context)
    },
    .get(
      "/revocations/{id}", "revocation.show",
      Text("自不当享受之日起从各基金得到的一切", "Everything received from every fund since"),
      .needs([.recognise, .decideRevocations])
    ) { (input: Identified, call) in try await Revocations.show(input.id, in: call.context) },
    .post(
      "/revocations/{id}/hear", "revocation.hear",
      Text("登记家庭的意见", "Record what the family answers"), .needs([.recognise])
    ) { (input: RevocationHearing, call) in
      try await Revocations.hear(
        input.id, answer: input.answer, on: call.day(input.date), in: call.context)
    },
    .post(
      "/revocations/{id}/decide", "revocation.decide",
      Text("决定撤销：停发并追回", "Revoke: stop aid and claim back"), .needs([.decideRevocations])
    ) { (input: RevocationStep, call) in
      try await Revocations.decide(input.id, on: call.day(input.date), in: call.context)
    },
    .post(
      "/revocations/{id}/dismiss", "revocation.dismiss",
      Text("决定不予撤销", "Decide not to revoke"), .needs([.decideRevocations])
    ) { (input: RevocationStep, call) in
      try await Revocations.dismiss(input.id, on: call.day(input.date), in: call.context)
    },
    .post(
      "/revocations/{id}/propose-reversal", "revocation.propose_reversal",
      Text("提出改正有误的撤销", "Propose to undo a revocation"), .needs([.decideRevocations])
    ) { (input: RevocationReversal, call) in
      try await Revocations.proposeReversal(
        input.id, because: input.because, on: call.day(input.date), in: call.context)
    },
    .post(
      "/revocations/{id}/reverse", "revocation.reverse",
      Text("确认他人提出的改正", "Confirm what another person proposed"), .needs([.decideRevocations])
    ) { (input: RevocationStep, call) in
      RevocationReversed(
        waived: try await Revocations.reverse(
          input.id, on: call.day(input.date), in: call.context))
    },
    .lookUp(
      "/revocations/{id}/words", "revocation.words",
      Text("所写的理由和意见；查看会被记录", "What was written; reading it is recorded"),
      .needs([.readIdentities])
    ) { (input: Identified, call) in try await Revocations.read(input.id, in: call.context) },
    .get(
      "/revocations/{id}/letter", "revocation.letter",
      Text("给资助人的信，不含原因", "The letter to the sponsor, without the reason"),
      .needs([.recognise, .decideRevocations])
    ) { (input: Identified, call) in
      let notice = try await SponsorNotices.notice(ofRevocation: input.id, in: call.context)
      return RevocationLetter(
        sponsor: notice.sponsor, endedOn: notice.endedOn,
        facts: PublishedFact.all(notice.content.facts(inEnglish: call.language == .en)),
        moneyKept: notice.moneyKept,
        text: SponsorNotices.letter(notice, call.language))
    },
  ]

  struct NewRevocation: Codable, Sendable {
    let student: UUID
    /// The first day on which it was undue.
    let since: CalendarDate
    /// What was false; kept sealed.
    let because: String
    /// Where the proof lies; kept sealed.
    let evidence: String
    let date: CalendarDate?
  }

  struct RevocationPage: Paged, Sendable {
    let school: SchoolCode?
    let state: Revocations.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct RevocationHearing: Codable, Sendable {
    let id: UUID
    /// Kept sealed.
    let answer: String
    let date: CalendarDate?
  }

  struct RevocationStep: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  struct RevocationReversal: Codable, Sendable {
    let id: UUID
    /// Why; kept sealed.
    let because: String
    let date: CalendarDate?
  }

  struct RevocationReversed: Codable, Sendable {
    /// What is no longer claimed back.
    let waived: Money
  }

  struct RevocationLetter: Codable, Sendable {
    let sponsor: String
    let endedOn: CalendarDate
    let facts: [PublishedFact]
    let moneyKept: Money
    /// To print.
    let text: String
  }
}
