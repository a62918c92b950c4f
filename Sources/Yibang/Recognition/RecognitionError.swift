import Foundation
import Postgres
package import SchoolCalendar

package enum RecognitionError: YibangError {
  case unknownRound
  case roundExists(SchoolYear)
  case roundDates
  case noReach
  case rulesNotInForce(SchoolYear)
  case unknownCase
  case wrongState(CaseState, next: [CaseState])
  case beforeStep
  case notSigned
  case beforeAnnouncement
  case afterDeadline
  case otherSchool
  case notGuardian
  case appliedBefore
  case unknownCategory(String)
  case unknownDepartment(String, known: [String])
  case unknownFactor(String, known: [String])
  case unknownDisqualifier(String, known: [String])
  case scoreCard(String, known: [String])
  case panelTooSmall
  case panelBegun
  case notOfSchool
  case notOnPanel
  case assessedBefore
  case scoreWithMethod
  case panelIncomplete
  case noJustification
  case undecided
  case rulesRecognise
  case groupTooSmall
  case memberBefore
  case notMember
  case proposerVotes
  case votedBefore
  case noticeRunning
  case objectionOpen
  case listExists(String, CalendarDate)
  case districtOnly

  package var code: String {
    switch self {
    case .unknownRound: "recognition.unknown_round"
    case .roundExists: "recognition.round_exists"
    case .roundDates: "recognition.round_dates"
    case .noReach: "recognition.no_reach"
    case .rulesNotInForce: "recognition.rules_not_in_force"
    case .unknownCase: "recognition.unknown_case"
    case .wrongState: "recognition.wrong_state"
    case .beforeStep: "recognition.before_step"
    case .notSigned: "recognition.not_signed"
    case .beforeAnnouncement: "recognition.before_announcement"
    case .afterDeadline: "recognition.after_deadline"
    case .otherSchool: "recognition.other_school"
    case .notGuardian: "recognition.not_guardian"
    case .appliedBefore: "recognition.applied_before"
    case .unknownCategory: "recognition.unknown_category"
    case .unknownDepartment: "recognition.unknown_department"
    case .unknownFactor: "recognition.unknown_factor"
    case .unknownDisqualifier: "recognition.unknown_disqualifier"
    case .scoreCard: "recognition.score_card"
    case .panelTooSmall: "recognition.panel_too_small"
    case .panelBegun: "recognition.panel_begun"
    case .notOfSchool: "recognition.not_of_school"
    case .notOnPanel: "recognition.not_on_panel"
    case .assessedBefore: "recognition.assessed_before"
    case .scoreWithMethod: "recognition.score_with_method"
    case .panelIncomplete: "recognition.panel_incomplete"
    case .noJustification: "recognition.no_justification"
    case .undecided: "recognition.undecided"
    case .rulesRecognise: "recognition.rules_recognise"
    case .groupTooSmall: "recognition.group_too_small"
    case .memberBefore: "recognition.member_before"
    case .notMember: "recognition.not_member"
    case .proposerVotes: "recognition.proposer_votes"
    case .votedBefore: "recognition.voted_before"
    case .noticeRunning: "recognition.notice_running"
    case .objectionOpen: "recognition.objection_open"
    case .listExists: "recognition.list_exists"
    case .districtOnly: "recognition.district_only"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownRound, .unknownCase: .notFound
    case .notOnPanel, .notMember, .proposerVotes, .districtOnly: .forbidden
    case .roundDates, .noReach, .notSigned, .unknownCategory, .unknownDepartment, .unknownFactor,
      .unknownDisqualifier, .scoreCard, .scoreWithMethod, .noJustification,
      .undecided,
      .beforeStep, .beforeAnnouncement, .notGuardian:
      .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownRound:
      Text(
        "本校本学年还没有开始认定。请先 yibang recognition open。",
        "The school has no recognition for this year yet. First yibang recognition open.")
    case .roundExists(let year):
      Text("\(year.zh)的认定已经开始，日期不同。", "The recognition of \(year) has begun, with other dates.")
    case .roundDates:
      Text(
        "日期顺序应为：宣传告知、申请截止、班级提名、学校认定、领导小组决定。",
        "The dates go in order: announcement, applications, nomination, assessment, decision.")
    case .noReach:
      Text(
        "请写明怎样告知家长、证明材料存放在哪里（--reach）。",
        "Say how families were told and where the proof of it lies (--reach).")
    case .rulesNotInForce(let year):
      Text("认定办法在\(year.zh)不适用。", "The rules are not in force in \(year).")
    case .unknownCase:
      Text(
        "没有这一认定申请。可用 yibang recognition list 查看。",
        "There is no such case. See yibang recognition list.")
    case .wrongState(let state, let next):
      Text(
        "该申请现在是“\(state.name.zh)”，这一步不能办。"
          + (next.isEmpty ? "" : "应先到：\(next.map(\.name.zh).joined(separator: "、"))。"),
        "The case is “\(state.name.en)”, where this step is not possible."
          + (next.isEmpty ? "" : " It takes: \(next.map(\.name.en).joined(separator: ", "))."))
    case .beforeStep:
      Text("日期早于上一步的日期，请核对。", "The date is before that of the step before. Check it.")
    case .notSigned:
      Text(
        "申请须由监护人签字并承诺内容属实（--signed）。",
        "The guardian signs the application and promises that it is true (--signed).")
    case .beforeAnnouncement:
      Text("申请日期早于宣传告知，请核对。", "The application is dated before the announcement.")
    case .afterDeadline:
      Text(
        "申请已经截止。家庭情况有变化的，下学期调整时申请。",
        "Applications have ended. A change of circumstances is for next semester's adjustment.")
    case .otherSchool:
      Text("该学生不在这所学校。", "The pupil is not at this school.")
    case .notGuardian:
      Text(
        "没有登记该监护人。请先在花名册中补上监护人再导入。",
        "The guardian is not on record. Add the guardian to the roster and import it first.")
    case .appliedBefore:
      Text("该学生本学年已经申请过。", "The pupil has applied this year.")
    case .unknownCategory(let word):
      Text(
        "“\(word)”不是认定办法的类别。类别见 yibang recognition rules。",
        "“\(word)” is no category of the rules. See yibang recognition rules.")
    case .unknownDepartment(let word, let known):
      Text(
        "“\(word)”不是认定办法所说的部门，可用：\(known.joined(separator: "、"))。",
        "“\(word)” is no department of the rules. They know: \(known.joined(separator: ", ")).")
    case .unknownFactor(let word, let known):
      Text(
        "“\(word)”不是认定办法的因素，可用：\(known.joined(separator: "、"))。",
        "“\(word)” is no factor of the rules. They know: \(known.joined(separator: ", ")).")
    case .unknownDisqualifier(let word, let known):
      Text(
        "“\(word)”不是认定办法的排除情形，可用：\(known.joined(separator: "、"))。",
        "“\(word)” is no disqualifier of the rules. They know: \(known.joined(separator: ", ")).")
    case .scoreCard(let word, let known):
      Text(
        "评分表的“\(word)”没有填对，可用：\(known.joined(separator: "、"))。",
        "“\(word)” on the score card is not answered. It takes: \(known.joined(separator: ", ")).")
    case .panelTooSmall: Text("评议人至少两名。", "A panel has two assessors at least.")
    case .panelBegun:
      Text("已有评议意见，不能再换评议人。", "Findings are in: the panel can no longer change.")
    case .notOfSchool:
      Text(
        "有人不是本校用户。可用 yibang user list 查看。",
        "Somebody is no user of this school. See yibang user list.")
    case .notOnPanel:
      Text("您不是该申请的评议人。", "You are not on the panel of this case.")
    case .assessedBefore:
      Text("您已用这一方式提交过意见。", "You have given a finding by this method.")
    case .scoreWithMethod:
      Text("量化评估须填分数，其他方式不填。", "A scored assessment has a score, the others have none.")
    case .panelIncomplete:
      Text(
        "还有评议人没有提交意见，或还没有评议人。",
        "Findings of the panel are missing, or there is no panel yet.")
    case .noJustification:
      Text(
        "等级与认定办法不同，须说明理由（--because）。",
        "The tier is not the one that the rules give: say why (--because).")
    case .undecided:
      Text(
        "按认定办法还得不出等级，缺什么见 yibang recognition preview：补上部门证明（--proof），或由学校认定等级（--tier、--because），"
          + "或说明不予认定的理由（--reject）。",
        "The rules give no tier yet; yibang recognition preview says why: name a department's proof (--proof), decide on a tier (--tier, "
          + "--because), or say why not to recognise (--reject).")
    case .rulesRecognise:
      Text(
        "按认定办法应予认定，不能提出不予认定。",
        "The rules give a tier: the case cannot be proposed for rejection.")
    case .groupTooSmall:
      Text(
        "领导小组不足三人，不能表决。请先 yibang recognition group add。",
        "The leading group has fewer than three members. First yibang recognition group add.")
    case .memberBefore: Text("此人已在领导小组中。", "This person is in the leading group.")
    case .notMember: Text("您不是领导小组成员。", "You are not in the leading group.")
    case .proposerVotes: Text("提出认定意见的人不能表决。", "Who proposed the tier does not vote on it.")
    case .votedBefore: Text("您已经表决过。", "You have voted on this case.")
    case .noticeRunning:
      Text("公示期还没有结束。", "The notice has not ended.")
    case .objectionOpen:
      Text(
        "有异议没有答复，不能备案。可用 yibang objection list 查看。",
        "An objection is open: the case cannot be filed. See yibang objection list.")
    case .listExists(let name, let day):
      Text(
        "截至 \(day) 的“\(name)”已按另一类别或部门导入。请核对 --category 和 --department，或用另一个名称。",
        "The list “\(name)” as of \(day) is imported under another category or department. Check "
          + "--category and --department, or give another name.")
    case .districtOnly:
      Text("比对名单由区里导入。", "Comparison lists are imported by the district.")
    }
  }
}

extension RecognitionError {
  /// What the database's refusal of a step means.
  /// - Parameter from: the states in which the step is possible.
  static func refusal(_ error: PostgresError, from states: [CaseState] = []) -> any Error {
    let constraint = error.detail?.constraint ?? ""
    let prefix = "case_state_"
    if constraint.hasPrefix(prefix),
      let state = CaseState(rawValue: String(constraint.dropFirst(prefix.count)))
    {
      return RecognitionError.wrongState(state, next: states)
    }
    if let refusal = refusals[constraint] { return refusal }
    if let refusal = NoticeError.refusals[constraint] { return refusal }
    if let refusal = AdjustmentError.refusals[constraint] { return refusal }
    return error
  }

  private static let refusals: [String: RecognitionError] = [
    "case_round_known": .unknownRound,
    "recognition_round_dates": .roundDates,
    "case_known": .unknownCase,
    "case_date": .beforeStep,
    "case_signed": .notSigned,
    "case_announced": .beforeAnnouncement,
    "case_apply_by": .afterDeadline,
    "case_pupil_of_school": .otherSchool,
    "case_guardian": .notGuardian,
    "recognition_case_once": .appliedBefore,
    "case_panel_small": .panelTooSmall,
    "case_panel_begun": .panelBegun,
    "case_panel_known": .notOfSchool,
    "case_not_on_panel": .notOnPanel,
    "case_assessment_once": .assessedBefore,
    "case_assessment_score": .scoreWithMethod,
    "case_panel_in": .panelIncomplete,
    "case_group_small": .groupTooSmall,
    "leading_group_once": .memberBefore,
    "case_not_member": .notMember,
    "case_proposer_votes": .proposerVotes,
    "case_vote_pkey": .votedBefore,
    "case_notice_ended": .noticeRunning,
    "case_objection_open": .objectionOpen,
  ]
}
