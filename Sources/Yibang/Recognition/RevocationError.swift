import Foundation
import Postgres

package enum RevocationError: YibangError {
  case unknown
  case unknownPupil
  case state(Revocations.State)
  case nothing
  case proposedBefore
  case dates
  case noWords
  case heardBefore
  case notHeard
  case secondPerson
  case notDue
  case reversalBefore
  case noReversal
  case reversalPerson
  case noPairing

  package var code: String {
    switch self {
    case .unknown: "revocation.unknown"
    case .unknownPupil: "revocation.unknown_pupil"
    case .state: "revocation.state"
    case .nothing: "revocation.nothing"
    case .proposedBefore: "revocation.proposed_before"
    case .dates: "revocation.dates"
    case .noWords: "revocation.no_words"
    case .heardBefore: "revocation.heard_before"
    case .notHeard: "revocation.not_heard"
    case .secondPerson: "revocation.second_person"
    case .notDue: "revocation.not_due"
    case .reversalBefore: "revocation.reversal_before"
    case .noReversal: "revocation.no_reversal"
    case .reversalPerson: "revocation.reversal_person"
    case .noPairing: "revocation.no_pairing"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .unknownPupil: .notFound
    case .secondPerson, .reversalPerson: .forbidden
    case .dates, .noWords: .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown:
      Text(
        "没有这一撤销事项。可用 yibang recognition revoke list 查看。",
        "There is no such revocation. See yibang recognition revoke list.")
    case .unknownPupil:
      Text(
        "本校没有这名学生。可用 yibang student list 查看。",
        "The school has no such pupil. See yibang student list.")
    case .state(let state):
      Text("该事项\(state.name.zh)，这一步不能办。", "It is \(state.name.en): this step is not possible.")
    case .nothing:
      Text(
        "该学生从那天起没有有效的认定，无可撤销。",
        "The pupil is not recognised on that day or later: there is nothing to revoke.")
    case .proposedBefore:
      Text(
        "该学生的撤销正待决定，可用 yibang recognition revoke list 查看。",
        "A revocation of the pupil waits to be decided. See yibang recognition revoke list.")
    case .dates:
      Text(
        "日期顺序应为：不当享受之日、提出、听取意见、决定、提出改正、改正。",
        "The dates go in order: undue since, proposed, heard, decided, reversal proposed, reversed."
      )
    case .noWords: Text("请写明内容。", "Say what it is about.")
    case .heardBefore: Text("家庭的意见早已登记。", "The family's answer was recorded before.")
    case .notHeard:
      Text(
        "决定之前须先听取家庭的意见（recognition revoke hear）。",
        "The family is heard before anything is decided (recognition revoke hear).")
    case .secondPerson:
      Text("提出撤销的人不能决定，请由另一人办理。", "Who proposed it does not decide: another person has to.")
    case .notDue: Text("这笔支出没有应追回的金额。", "Nothing of that payment is to be claimed back.")
    case .reversalBefore: Text("早已提出改正。", "To undo it was proposed before.")
    case .noReversal:
      Text(
        "须先由一人提出改正（recognition revoke reverse --because）。",
        "First somebody proposes to undo it (recognition revoke reverse --because).")
    case .reversalPerson:
      Text(
        "提出改正的人和决定撤销的人不能确认改正，请由另一人办理。",
        "Who proposed to undo it, or decided on it, does not confirm: another person has to.")
    case .noPairing:
      Text("该事项没有结束任何结对，没有要告知的资助人。", "It ended no pairing: there is no sponsor to tell.")
    }
  }

  static func refusal(_ error: PostgresError) -> any Error {
    let constraint = error.detail?.constraint ?? ""
    let prefix = "revocation_state_"
    if constraint.hasPrefix(prefix),
      let state = Revocations.State(rawValue: String(constraint.dropFirst(prefix.count)))
    {
      return RevocationError.state(state)
    }
    return refusals[constraint] ?? Payments.refusal(error)
  }

  private static let refusals: [String: RevocationError] = [
    "revocation_known": .unknown,
    "revocation_pupil": .unknownPupil,
    "revocation_nothing": .nothing,
    "revocation_one_open": .proposedBefore,
    "revocation_dates": .dates,
    "revocation_heard_before": .heardBefore,
    "revocation_not_heard": .notHeard,
    "revocation_second_person": .secondPerson,
    "revocation_not_due": .notDue,
    "revocation_reversal_before": .reversalBefore,
    "revocation_no_reversal": .noReversal,
    "revocation_reversal_person": .reversalPerson,
  ]
}
