import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  static let matchRoutes: [Endpoint] = proposalRoutes + pairRoutes + matchChoiceRoutes

  private static let proposalRoutes: [Endpoint] = [
    .create(
      "/proposals", "match.propose", Text("提出配对方案，最困难的优先", "Propose pairs, most needy first"),
      .needs([.match])
    ) { (input: NewProposal, call) in
      try await Proposals.propose(
        input.semester, replacing: input.replace ?? false, in: call.context)
    },
    .parts("/proposals", "match.list", Text("配对方案", "The proposals"), .needs([.read]), by: "id") {
      (input: ProposalList, call) in
      try await Proposals.list(semester: input.semester, in: call.context)
    },
    .get(
      "/proposals/{id}", "match.show", Text("配对方案的每一对及理由", "A proposal's pairs and reasons"),
      .needs([.read])
    ) { (input: ProposalView, call) in
      let filter = Proposals.Filter(
        school: try await call.school(input.school), tier: input.tier, state: input.state,
        reason: input.reason, leftOnly: input.left ?? false)
      return try await Proposals.show(input.id, filter, in: call.context)
    }.versioned(.proposal, alone: false),
    .get(
      "/proposals/{id}/compare", "match.compare", Text("比较两份方案", "Two proposals side by side"),
      .needs([.read])
    ) { (input: ProposalComparison, call) in
      try await Proposals.compare(input.id, input.with, in: call.context)
    },
    .create(
      "/proposals/{id}/next", "match.next",
      Text("为未接受、逾期的配对另作安排，须再批准", "The next best for what was declined or expired"),
      .needs([.match])
    ) { (input: NextProposal, call) in
      try await Proposals.next(
        after: input.id, replacing: input.replace ?? false, in: call.context)
    },
    .post(
      "/proposals/{id}/approve", "match.approve",
      Text("批准方案，提出者不能批准", "Approve; the proposer cannot"), .needs([.match])
    ) { (input: Identified, call) in
      try await Proposals.approve(input.id, on: call.today, in: call.context)
    }.versioned(.proposal),
    .post(
      "/proposals/{id}/withdraw", "match.withdraw",
      Text("撤回方案，已接受的不变", "Withdraw a proposal; accepted pairs stay"), .needs([.match])
    ) { (input: Identified, call) in
      try await Proposals.withdraw(input.id, in: call.context)
    }.versioned(.proposal),
    .post(
      "/proposals/{id}/send", "match.send",
      Text("告知资助人，学生为其保留", "Tell the sponsors; their pupils are kept for them"),
      .needs([.match])
    ) { (input: ProposalSending, call) in
      try await Proposals.send(
        input.id, on: call.day(input.date), until: input.until, in: call.context)
    }.versioned(.proposal),
    .post(
      "/proposals/{id}/accept", "match.accept",
      Text("接受方案，三年六期随即生效", "Accept a proposal: six instalments begin"), .needs([.match])
    ) { (input: ProposalAcceptance, call) in
      try await Proposals.accept(input.id, on: call.day(input.date), in: call.context)
    }.versioned(.proposal),
    .parts(
      "/proposals/{id}/letters", "match.letters",
      Text("给资助人的函，学生姓名隐去", "Letters to sponsors; pupils by their masked names"),
      .needs([.match]), by: "pair"
    ) { (input: Identified, call) in try await holdLetters(input.id, call) },
    .lookUp(
      "/what-if", "match.what_if",
      Text("试算：增减一个意向或学生，不作登记", "What one more or one fewer would change; nothing is stored"),
      .needs([.match])
    ) { (input: WhatIfQuestion, call) in
      try await WhatIf.run(input.semester, input.change(call), in: call.context)
    },
  ]

  private static let pairRoutes: [Endpoint] = [
    .post(
      "/proposal-pairs/{id}/accept", "match.accept_pair", Text("接受其中一对", "Accept one pair"),
      .needs([.match])
    ) { (input: ProposalAcceptance, call) in
      try await Proposals.accept(input.id, on: call.day(input.date), in: call.context)
    },
    .post(
      "/proposal-pairs/{id}/decline", "match.decline", Text("否决其中一对", "Decline one pair"),
      .needs([.match])
    ) { (input: PairDecline, call) in
      try await Proposals.decline(
        pair: input.id, by: input.by, reason: input.reason, in: call.context)
    },
    .list(
      "/proposal-pairs/{id}/letters", "match.letter",
      Text("给一位资助人的函", "The letter to one sponsor"), .needs([.match])
    ) { (input: Identified, call) in try await holdLetters(input.id, call) },
    .post(
      "/proposal-pairs/{id}/extend", "match.extend",
      Text("延长保留，至多两次", "Keep a pupil longer, twice at most"), .needs([.match])
    ) { (input: ProposalSending, call) in
      let until = try await Proposals.extend(
        pair: input.id, on: call.day(input.date), until: input.until, in: call.context)
      return HoldExtended(until: until)
    },
    .parts(
      "/holds", "match.hold_list",
      Text("保留中的配对，先到期的在前", "Held pairs, the next to end first"), .needs([.read]), by: "pair"
    ) { (_: NoInput, call) in try await Proposals.holds(on: call.today, in: call.context) },
    .post(
      "/holds/expire", "match.expire",
      Text("结束逾期未答复的保留", "End the holds that are over"), .needs([.match])
    ) { (input: HoldExpiry, call) in
      HoldsExpired(
        expired: try await Proposals.expireHolds(
          on: input.date ?? call.today, today: call.today, in: call.context))
    },
  ]

  private static let matchChoiceRoutes: [Endpoint] = [
    .create(
      "/match-choices/pin", "match.pin",
      Text("指定一对，以后的方案都照办", "Every proposal makes this pair"), .needs([.match])
    ) { (input: PinnedPair, call) in
      let (id, added) = try await MatchChoices.pin(
        student: input.student, offer: input.offer, in: call.context)
      return ChoiceMade(id: id, added: added)
    },
    .create(
      "/match-choices/forbid", "match.forbid",
      Text("排除一对，待接受的随即失效", "No proposal makes this pair; where it is open, it lapses"),
      .needs([.match])
    ) { (input: ForbiddenPair, call) in
      let (id, added) = try await MatchChoices.forbid(
        student: input.student, offer: input.offer, reason: input.reason, in: call.context)
      return ChoiceMade(id: id, added: added)
    },
    .parts(
      "/match-choices", "match.choices", Text("指定和排除的配对", "What was decided of pairs"),
      .needs([.read]), by: "id"
    ) { (input: ChoiceList, call) in
      try await MatchChoices.list(all: input.all ?? false, in: call.context)
    },
    .delete(
      "/match-choices/{id}", "match.unchoose", Text("取消一个指定或排除", "Take a decision back"),
      .needs([.match])
    ) { (input: Identified, call) in
      try await MatchChoices.unchoose(input.id, in: call.context)
    },
  ]

  private static func holdLetters(_ id: UUID, _ call: Call) async throws -> [HoldLetter] {
    try await HoldNotices.notices(of: id, on: call.today, in: call.context).map { notice in
      HoldLetter(
        pair: notice.pair, sponsor: notice.sponsor,
        facts: PublishedFact.all(notice.content.facts(inEnglish: call.language == .en)),
        amount: notice.amount,
        sentOn: notice.sentOn, until: notice.until,
        text: HoldNotices.letter(notice, call.language))
    }
  }

  /// What a sponsor is told of a pupil who is kept for it.
  struct HoldLetter: Codable, Sendable {
    let pair: UUID
    let sponsor: String
    let facts: [PublishedFact]
    let amount: Money
    let sentOn: CalendarDate
    let until: CalendarDate
    /// To print.
    let text: String
  }

  struct NewProposal: Codable, Sendable {
    let semester: Semester
    /// Withdraws the semester's proposal that waits for approval.
    let replace: Bool?
  }

  struct ProposalList: Codable, Sendable {
    let semester: Semester?
  }

  struct ProposalView: Codable, Sendable {
    let id: UUID
    let school: SchoolCode?
    let tier: Tier?
    let state: Proposals.PairState?
    /// A reason's code.
    let reason: String?
    /// Only what is left over.
    let left: Bool?
  }

  struct ProposalComparison: Codable, Sendable {
    let id: UUID
    let with: UUID
  }

  struct NextProposal: Codable, Sendable {
    let id: UUID
    let replace: Bool?
  }

  struct ProposalSending: Codable, Sendable {
    let id: UUID
    /// The last day; by the district's days where none is given.
    let until: CalendarDate?
    let date: CalendarDate?
  }

  struct ProposalAcceptance: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  struct PairDecline: Codable, Sendable {
    let id: UUID
    /// Of a held pair the sponsor, else a reviewer, where nobody is named.
    let by: Proposals.Decliner?
    /// Without personal data.
    let reason: String?
  }

  struct HoldExtended: Codable, Sendable {
    let until: CalendarDate
  }

  struct HoldExpiry: Codable, Sendable {
    let date: CalendarDate?
  }

  struct HoldsExpired: Codable, Sendable {
    let expired: Int
  }

  struct PinnedPair: Codable, Sendable {
    let student: UUID
    let offer: UUID
  }

  struct ForbiddenPair: Codable, Sendable {
    let student: UUID
    let offer: UUID
    /// Without personal data.
    let reason: String
  }

  struct ChoiceMade: Codable, Sendable {
    let id: UUID
    /// False where it was decided before.
    let added: Bool
  }

  struct ChoiceList: Codable, Sendable {
    /// Also what was taken back or is done with.
    let all: Bool?
  }
}
