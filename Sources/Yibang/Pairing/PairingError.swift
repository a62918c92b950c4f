package import Foundation
package import SchoolCalendar

package enum PairingError: YibangError {
  case offerName
  case offerAmount
  case offerPlaces(Int)
  case unknownWishSchool
  case sponsorOtherName
  case unknownOffer(UUID)

  case semesterClosed(Semester)
  case proposalLive(UUID, Semester, approved: Bool)
  case unknownProposal(UUID)
  case unknownPair(UUID)
  case samePerson(login: String)
  case notApproved(UUID)
  case alreadyApproved(UUID, by: String)
  case alreadyAccepted(UUID)
  case alreadyWithdrawn(UUID)
  case pairDecided(UUID, Proposals.PairState)
  case acceptedAfterSemester(Semester, endsOn: CalendarDate)
  case acceptedBeforeApproval(UUID, CalendarDate)

  /// Pupils are named by their masked name.
  case pupilAlreadyPaired(pair: UUID?, pupil: String?)
  case placeTaken(pair: UUID?, pupil: String?)
  case notEligible(pair: UUID, pupil: String, reason: Text)
  case conflict(pair: UUID, pupil: String, kind: ConflictKind)
  case offerNotOpen(pair: UUID, pupil: String)
  case supportedBefore(pair: UUID, pupil: String, until: CalendarDate)

  package var code: String {
    switch self {
    case .offerName: "offer.empty_name"
    case .offerAmount: "offer.amount"
    case .offerPlaces: "offer.places"
    case .unknownWishSchool: "offer.unknown_school"
    case .sponsorOtherName: "offer.sponsor_other_name"
    case .unknownOffer: "offer.unknown"
    case .semesterClosed: "pairing.semester_closed"
    case .proposalLive: "pairing.proposal_live"
    case .unknownProposal: "pairing.unknown_proposal"
    case .unknownPair: "pairing.unknown_pair"
    case .samePerson: "pairing.same_person"
    case .notApproved: "pairing.not_approved"
    case .alreadyApproved: "pairing.already_approved"
    case .alreadyAccepted: "pairing.already_accepted"
    case .alreadyWithdrawn: "pairing.already_withdrawn"
    case .pairDecided: "pairing.pair_decided"
    case .acceptedAfterSemester: "pairing.accepted_after_semester"
    case .acceptedBeforeApproval: "pairing.accepted_before_approval"
    case .pupilAlreadyPaired: "pairing.pupil_already_paired"
    case .placeTaken: "pairing.place_taken"
    case .notEligible: "pairing.not_eligible"
    case .conflict: "pairing.conflict_of_interest"
    case .offerNotOpen: "pairing.offer_not_open"
    case .supportedBefore: "pairing.supported_before"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .offerName, .offerAmount, .offerPlaces, .unknownWishSchool, .sponsorOtherName,
      .acceptedAfterSemester, .acceptedBeforeApproval, .supportedBefore:
      .badData
    case .unknownOffer, .unknownProposal, .unknownPair: .notFound
    case .samePerson: .forbidden
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .offerName, .offerAmount, .offerPlaces, .unknownWishSchool, .sponsorOtherName,
      .unknownOffer:
      offerText
    case .pupilAlreadyPaired, .placeTaken, .notEligible, .conflict, .offerNotOpen,
      .supportedBefore:
      pairText
    default: proposalText
    }
  }
}

extension PairingError {
  private var offerText: Text {
    switch self {
    case .offerName:
      Text("资助人姓名或单位名称不能为空。", "The sponsor's name is empty.")
    case .offerAmount:
      Text(
        "每学期资助金额必须大于零，六个学期的总额不能过大。请核对金额。",
        "The amount a semester is more than zero, and six of them must be countable. Check it.")
    case .offerPlaces(let places):
      Text(
        "名额 \(places) 不对：应为 1 至 1000。请填写要资助的学生人数。",
        "\(places) places are not possible: give the number of pupils, 1 to 1000.")
    case .unknownWishSchool:
      Text(
        "意愿学校没有登记。可用 yibang school list 查看。",
        "The school wished for is not registered. See yibang school list.")
    case .sponsorOtherName:
      Text(
        "这个证件号码已登记在另一个姓名下。请核对姓名和号码。",
        "This identity number is registered under another name. Check the name and the number.")
    case .unknownOffer(let id):
      Text(
        "没有资助意向 \(id.lowercase)。可用 yibang offer list 查看。",
        "There is no offer \(id.lowercase). See yibang offer list.")
    default: Text(code, code)
    }
  }

  private var proposalText: Text {
    switch self {
    case .semesterClosed(let semester):
      Text(
        "学期 \(semester) 已结账，不能再提出结对方案。请为开放的学期提出。",
        "The semester \(semester) is closed: propose for an open one.")
    case .proposalLive(let id, let semester, let approved):
      if approved {
        Text(
          "学期 \(semester) 的结对方案 \(id.lowercase) 已批准、尚未接受。请先接受，"
            + "或撤回：yibang match withdraw \(id.lowercase)。",
          "The proposal \(id.lowercase) for \(semester) is approved and not yet accepted. Accept it "
            + "first, or withdraw it: yibang match withdraw \(id.lowercase).")
      } else {
        Text(
          "学期 \(semester) 已有待批准的结对方案 \(id.lowercase)。请先批准或撤回它，或用 --replace 以新方案代替。",
          "The proposal \(id.lowercase) for \(semester) waits for approval. Approve or withdraw it, or "
            + "put a new one in its place with --replace.")
      }
    case .unknownProposal(let id):
      Text(
        "没有结对方案 \(id.lowercase)。可用 yibang match list 查看。",
        "There is no proposal \(id.lowercase). See yibang match list.")
    case .unknownPair(let id):
      Text(
        "没有结对 \(id.lowercase)。可用 yibang match show 查看方案中的结对。",
        "There is no proposed pair \(id.lowercase). See yibang match show.")
    case .samePerson(let login):
      Text(
        "方案由 \(login) 提出，提出人不能批准自己的方案。请由另一人批准。",
        "\(login) made this proposal and cannot approve it. Another person approves it.")
    case .notApproved(let id):
      Text(
        "方案 \(id.lowercase) 尚未批准。请先由另一人批准：yibang match approve \(id.lowercase)。",
        "The proposal \(id.lowercase) is not approved. Another person approves it first: "
          + "yibang match approve \(id.lowercase).")
    default: decidedText
    }
  }

  private var decidedText: Text {
    switch self {
    case .alreadyApproved(let id, let by):
      Text(
        "方案 \(id.lowercase) 已由 \(by) 批准。",
        "The proposal \(id.lowercase) was approved by \(by) already.")
    case .alreadyAccepted(let id):
      Text(
        "方案 \(id.lowercase) 已接受。可用 yibang pairing list 查看结对。",
        "The proposal \(id.lowercase) was accepted already. See yibang pairing list.")
    case .alreadyWithdrawn(let id):
      Text(
        "方案 \(id.lowercase) 已撤回。请重新提出：yibang match propose。",
        "The proposal \(id.lowercase) was withdrawn. Make a new one: yibang match propose.")
    case .pairDecided(let id, let state):
      Text(
        "结对 \(id.lowercase) 已经处理：\(state.name.zh)。",
        "The proposed pair \(id.lowercase) was decided before: \(state.name.en).")
    case .acceptedAfterSemester(let semester, let endsOn):
      Text(
        "接受日期晚于学期 \(semester) 的结束日期 \(endsOn)。请为当前学期重新提出方案。",
        "The day of acceptance is after the end of \(semester), \(endsOn). "
          + "Propose again for the current semester.")
    case .acceptedBeforeApproval(let id, let day):
      Text(
        "方案 \(id.lowercase) 于 \(day) 批准，不能在此之前接受。请用 --date 更正日期。",
        "The proposal \(id.lowercase) was approved on \(day): nobody accepts it before. "
          + "Correct --date.")
    default: Text(code, code)
    }
  }

  private var pairText: Text {
    switch self {
    case .pupilAlreadyPaired(let pair, let pupil):
      Text(
        "学生 \(pupil ?? "") 已有资助人，没有建立任何结对。\(PairingError.remedy(pair).zh)",
        "The pupil \(pupil ?? "") has a sponsor already; nothing was paired. "
          + PairingError.remedy(pair).en)
    case .placeTaken(let pair, let pupil):
      Text(
        "为学生 \(pupil ?? "") 安排的资助名额已被占用，没有建立任何结对。\(PairingError.remedy(pair).zh)",
        "The place meant for the pupil \(pupil ?? "") is taken; nothing was paired. "
          + PairingError.remedy(pair).en)
    case .notEligible(let pair, let pupil, let reason):
      Text(
        "学生 \(pupil) 不再符合条件：\(reason.zh)没有建立任何结对。\(PairingError.remedy(pair).zh)",
        "The pupil \(pupil) is no longer eligible: \(reason.en) Nothing was paired. "
          + PairingError.remedy(pair).en)
    case .conflict(let pair, let pupil, let kind):
      Text(
        "学生 \(pupil) 与资助人有利益冲突：\(kind.name.zh)。没有建立任何结对。"
          + PairingError.remedy(pair).zh,
        "The pupil \(pupil) and the sponsor are in conflict of interest: \(kind.name.en). "
          + "Nothing was paired. " + PairingError.remedy(pair).en)
    case .offerNotOpen(let pair, let pupil):
      Text(
        "为学生 \(pupil) 安排的资助意向已撤回，没有建立任何结对。\(PairingError.remedy(pair).zh)",
        "The offer meant for the pupil \(pupil) was withdrawn; nothing was paired. "
          + PairingError.remedy(pair).en)
    case .supportedBefore(_, let pupil, let until):
      Text(
        "学生 \(pupil) 此前的结对至 \(until) 为止，新的结对不能早于这一天开始。没有建立任何结对。请用 --date 更正日期。",
        "The pupil \(pupil) had another sponsor until \(until): the new pairing does not start "
          + "before. Nothing was paired. Correct --date.")
    default: Text(code, code)
    }
  }

  private static func remedy(_ pair: UUID?) -> Text {
    guard let pair else {
      return Text(
        "请用 yibang match show 查看后重试。", "Look with yibang match show and try again.")
    }
    return Text(
      "请先否决这一对：yibang match decline \(pair.lowercase)，再接受其余。",
      "Decline this pair first: yibang match decline \(pair.lowercase); then accept the rest.")
  }
}

extension UUID {
  /// As people read it and commands take it: lower case.
  var lowercase: String { uuidString.lowercased() }
}

extension DefaultStringInterpolation {
  /// Foundation writes an id in capitals, which nothing else here does.
  @available(
    *, deprecated, message: "Say which: .lowercase for people, .uuidString for a stored hash"
  )
  mutating func appendInterpolation(_ id: UUID) { appendLiteral(id.lowercase) }
}
