import Postgres

package enum ErasureError: YibangError {
  case unknown
  case unknownPupil
  case erasedBefore
  case noReason
  case pupilTooYoung
  /// A copy is for the guardian or the pupil who asks for it.
  case nobodyAsks
  case pairing
  case openPair
  case openCase
  case money
  case books
  case proposedBefore
  case secondPerson
  case decidedBefore
  case dates

  package var code: String {
    switch self {
    case .unknown: "erasure.unknown"
    case .unknownPupil: "erasure.unknown_pupil"
    case .erasedBefore: "erasure.erased_before"
    case .noReason: "erasure.no_reason"
    case .pupilTooYoung: "erasure.pupil_too_young"
    case .nobodyAsks: "erasure.nobody_asks"
    case .pairing: "erasure.pairing"
    case .openPair: "erasure.open_pair"
    case .openCase: "erasure.open_case"
    case .money: "erasure.money"
    case .books: "erasure.books"
    case .proposedBefore: "erasure.proposed_before"
    case .secondPerson: "erasure.second_person"
    case .decidedBefore: "erasure.decided_before"
    case .dates: "erasure.dates"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .unknownPupil: .notFound
    case .secondPerson: .forbidden
    case .noReason, .dates, .pupilTooYoung, .nobodyAsks: .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown:
      Text(
        "没有这一删除申请。可用 yibang student erasures 查看。",
        "There is no such request. See yibang student erasures.")
    case .unknownPupil:
      Text(
        "本校没有这名学生。可用 yibang student list 查看。",
        "The school has no such pupil. See yibang student list.")
    case .erasedBefore: Text("该学生的信息早已删除。", "The pupil's data were erased before.")
    case .noReason: Text("请写明理由（--reason）。", "Say why (--reason).")
    case .pupilTooYoung:
      Text(
        "未满十四周岁的，由监护人申请（--asked-by guardian）。",
        "For a pupil under fourteen the guardian asks (--asked-by guardian).")
    case .nobodyAsks:
      Text(
        "信息副本由监护人或学生本人要求（--asked-by guardian 或 pupil）。",
        "A copy is for the guardian or the pupil who asks (--asked-by guardian or pupil).")
    case .pairing:
      Text(
        "该学生的结对还在进行，请先结束（yibang pairing end）。",
        "The pupil's pairing runs. End it first (yibang pairing end).")
    case .openPair:
      Text(
        "该学生在待接受的配对方案中，请先撤回或谢绝（yibang match withdraw、yibang match decline）。",
        "The pupil stands in a pair that waits for acceptance. Withdraw or decline it first "
          + "(yibang match withdraw, yibang match decline)."
      )
    case .openCase:
      Text(
        "该学生的认定、撤销、异议或转学还没有办完，请先办结。",
        "A recognition, revocation, objection or transfer of the pupil is open. Bring it to its end first."
      )
    case .money:
      Text(
        "该学生还有未发放、未签收、待追回或未处理的款项，请先办结。",
        "Money of the pupil is still to be paid, confirmed, recovered or settled. Do that first.")
    case .books:
      Text(
        "该学生本学期领过款，学期还没有结账。请结账后再办（yibang semester close）。",
        "The pupil was paid in a semester whose books are open. Close it first (yibang semester close)."
      )
    case .proposedBefore:
      Text(
        "该学生的删除申请正待决定，可用 yibang student erasures 查看。",
        "A request for the pupil waits to be decided. See yibang student erasures.")
    case .secondPerson:
      Text(
        "提出申请的人不能决定，请由另一人办理（--as）。",
        "Who asked for it does not decide: another person has to (--as).")
    case .decidedBefore: Text("该申请早已办结。", "The request was decided before.")
    case .dates: Text("日期不能早于提出之日。", "The day is not before the request.")
    }
  }

  static func refusal(_ error: PostgresError) -> any Error {
    refusals[error.detail?.constraint ?? ""] ?? error
  }

  private static let refusals: [String: ErasureError] = [
    "erasure_known": .unknown,
    "erasure_pupil": .unknownPupil,
    "erasure_done": .erasedBefore,
    "erasure_pupil_age": .pupilTooYoung,
    "erasure_pairing": .pairing,
    "erasure_proposed": .openPair,
    "erasure_case": .openCase,
    "erasure_money": .money,
    "erasure_books": .books,
    "erasure_proposed_before": .proposedBefore,
    "erasure_one_open": .proposedBefore,
    "erasure_person": .secondPerson,
    "erasure_state": .decidedBefore,
    "erasure_dates": .dates,
  ]
}
