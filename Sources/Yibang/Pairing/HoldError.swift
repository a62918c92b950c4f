package import Foundation
import Postgres
package import SchoolCalendar

/// Why a pair cannot be held for its sponsor, or not longer.
package enum HoldError: YibangError {
  case notHeld(UUID)
  case over(UUID, until: CalendarDate?)
  case extendedTwice(UUID)
  case notLonger(UUID)
  case untilTooFar(CalendarDate)
  case noConsent(UUID)
  case beforeApproval(UUID)
  case notSent(UUID)
  case dayToCome(CalendarDate)

  package var code: String {
    switch self {
    case .notHeld: "hold.not_held"
    case .over: "hold.over"
    case .extendedTwice: "hold.extended_twice"
    case .notLonger: "hold.not_longer"
    case .untilTooFar: "hold.until_too_far"
    case .noConsent: "hold.no_consent"
    case .beforeApproval: "hold.before_approval"
    case .notSent: "hold.not_sent"
    case .dayToCome: "hold.day_to_come"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .notLonger, .untilTooFar, .beforeApproval, .dayToCome: .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .notHeld(let pair):
      Text(
        "配对 \(pair.lowercase) 不在保留期。可用 yibang match hold-list 查看。",
        "The pair \(pair.lowercase) is not held. See yibang match hold-list.")
    case .over(let pair, let until):
      Text(
        "配对 \(pair.lowercase) 的保留期\(until.map { "（至 \($0)）" } ?? "")已过，不能再接受或延长。"
          + "请先 yibang match expire，再 yibang match next。",
        "The pair \(pair.lowercase) was held\(until.map { " until \($0)" } ?? "") and that is over. "
          + "Run yibang match expire, then yibang match next.")
    case .extendedTwice(let pair):
      Text(
        "配对 \(pair.lowercase) 已延长两次，不能再延长。",
        "The pair \(pair.lowercase) was extended twice and cannot be again.")
    case .notLonger(let pair):
      Text(
        "新的期限不晚于配对 \(pair.lowercase) 现在的期限。请用 --until 更正。",
        "The day is not after that until which the pair \(pair.lowercase) is held. Correct --until."
      )
    case .untilTooFar(let until):
      Text(
        "保留至 \(until) 不行：不能早于告知之日，也不能超过一年。请用 --until 更正。",
        "A pair is held from the day on which its sponsor is told, for a year at most, not until "
          + "\(until). Correct --until.")
    case .noConsent(let pair):
      Text(
        "配对 \(pair.lowercase) 的学生没有对结对的有效同意，不能向资助人提供任何信息。",
        "The pupil of the pair \(pair.lowercase) has no consent to pairing: its sponsor is told nothing."
      )
    case .notSent(let proposal):
      Text(
        "方案 \(proposal.lowercase) 还没有告知资助人，没有要寄的函。请先 yibang match send \(proposal.lowercase)。",
        "No sponsor was told of the proposal \(proposal.lowercase) yet, so there is no letter. First "
          + "yibang match send \(proposal.lowercase).")
    case .beforeApproval(let proposal):
      Text(
        "方案 \(proposal.lowercase) 在这一天尚未批准，不能告知资助人。请用 --date 更正日期。",
        "On that day the proposal \(proposal.lowercase) was not approved: no sponsor is told of it. "
          + "Correct --date.")
    case .dayToCome(let day):
      Text(
        "\(day) 还没有到，尚在保留期内的学生不能提前失效。请用 --on 更正日期，或不写。",
        "\(day) is still to come, and no hold ends early. Correct --on, or leave it out.")
    }
  }

  /// What the database's refusal means.
  static func refusal(_ error: PostgresError, _ id: UUID, until: CalendarDate) -> any Error {
    switch error.detail?.constraint {
    case "hold_known": PairingError.unknownProposal(id)
    case "hold_approved": PairingError.notApproved(id)
    case "hold_before_approval": HoldError.beforeApproval(id)
    case "hold_open": HoldError.notHeld(id)
    case "hold_over": HoldError.over(id, until: nil)
    case "hold_longer": HoldError.notLonger(id)
    case "proposal_pair_extensions": HoldError.extendedTwice(id)
    case "proposal_pair_hold": HoldError.untilTooFar(until)
    default: error
    }
  }
}
